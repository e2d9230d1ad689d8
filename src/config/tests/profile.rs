//! Directories that are spelled out, and those that need TLS.

use super::*;
use crate::vendor::{GENERIC_DEFAULTS, IdCodec, Lock, PasswordForm, Profile};

/// The smallest example with a directory of no known kind and these lines about it.
fn generic(lines: &str) -> String {
    let text = example("minimal.toml").replace("vendor = \"openldap\"", "vendor = \"generic\"");
    text.replace("[directory.corp.bind]", &format!("[directory.corp.profile]\n{lines}\n[directory.corp.bind]"))
        .replace("mappings/openldap.toml", "mappings/plain.toml")
}

/// A site with a mapping that needs nothing of the directory.
fn site() -> Site {
    let site = Site::new();
    let mapping = "[user]\nobject_classes = [\"account\"]\nrdn = \"uid\"\n[user.attributes]\nuserName = \"uid\"\n\
        [group]\nobject_classes = [\"group\"]\nrdn = \"cn\"\n[group.attributes]\ndisplayName = \"cn\"\n\
        [group.members]\nldap = \"member\"\n";
    site.write("mappings/plain.toml", mapping);
    site
}

fn profile(site: &Site, lines: &str) -> &'static Profile {
    site.load(&generic(lines)).unwrap_or_else(|faults| panic!("{lines}: {faults}")).directories[0].vendor
}

/// Everything that can be said.
const WHOLE: &str = r#"
id = "guid"
id_form = "text"
created = "made"
modified = "changed"
dn = "name"
operational = ["status"]
uniqueness_texts = ["Already There"]
read_only_texts = "frozen"
no_equality = ["photo"]
lock = { attr = "flags", bit = 2, usual = 512 }
permissive_modify = true
member_required = []
max_name_bytes = 100
max_name_characters = 64
page_size = 50
password = "extended-operation"
password_attribute = "secret"
password_unlocks = true
needs_tls = true
"#;

#[test]
fn what_is_said_counts_and_the_rest_is_usual() {
    let site = site();
    let said = profile(&site, WHOLE);
    assert_eq!((said.id_attr, said.id_codec, said.created, said.modified), ("guid", IdCodec::Text, "made", "changed"));
    assert_eq!((said.dn_attr, said.operational), ("name", &["status", "guid", "made", "changed", "name"][..]));
    assert!(said.is_uniqueness("value ALREADY THERE") && said.read_only_texts == ["frozen"]);
    assert_eq!(said.lock, Some(Lock::Bit { attr: "flags", bit: 2, usual: 512 }));
    assert_eq!(said.password, PasswordForm::ExtendedOperation("secret"));
    assert_eq!((said.max_rdn, said.max_rdn_chars, said.page_size), (100, Some(64), Some(50)));
    assert!(said.permissive_modify && said.password_unlocks && said.needs_tls && said.member_required.is_empty());
    assert_eq!(said.no_equality, ["photo"]);

    let usual = profile(&site, "");
    assert_eq!((usual.id_attr, usual.dn_attr, usual.max_rdn), ("entryUUID", "entryDN", GENERIC_DEFAULTS.max_rdn));
    assert_eq!((usual.lock, usual.password), (None, PasswordForm::Attribute("userPassword")));
    let lock = profile(&site, "lock = { attr = \"status\", value = \"off\" }").lock;
    assert_eq!(lock, Some(Lock::Value { attr: "status", value: "off" }));
}

#[test]
fn a_profile_is_printed_as_it_reads() {
    let site = site();
    for lines in [WHOLE, "", "lock = { attr = \"status\", value = \"off\" }", "password = \"unicode-pwd\""] {
        let printed = site.load(&generic(lines)).unwrap().print();
        assert!(printed.contains("[directory.corp.profile]\n"), "{printed}");
        assert_eq!(site.load(&printed).unwrap().print(), printed);
    }
    let known = site.load(&example("minimal.toml")).unwrap().print();
    assert!(!known.contains("profile"), "{known}");
}

#[test]
fn the_annotated_example_has_every_key_of_a_profile() {
    let text = example("bridge.toml");
    let (_, rest) = text.split_once("#[directory.corp.profile]\n").unwrap();
    let lines: Vec<&str> = rest.lines().map_while(|line| line.strip_prefix('#')).collect();
    let site = site();
    let printed = site.load(&generic(&lines.join("\n"))).unwrap().print();
    let is_of_profile = |key: &&String| key.starts_with("directory.corp.profile.");
    let printed = flat(&printed);
    let written = flat(&format!("[directory.corp.profile]\n{}", lines.join("\n")));
    assert_eq!(printed.keys().filter(is_of_profile).collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
}

#[test]
fn faults_of_a_profile_are_named() {
    let site = site();
    for (lines, fault) in [
        ("id = \"no attribute\"", "profile.id`: found `no attribute`, expected an LDAP attribute"),
        ("id_form = \"guid\"", "profile.id_form`: found `guid`, expected one of `uuid`, `ns-unique-id`"),
        ("operational = [\"a b\"]", "profile.operational[0]`: found `a b`, expected an LDAP attribute"),
        (
            "uniqueness_texts = [\" \"]",
            "profile.uniqueness_texts[0]`: found ` `, expected a part of what the server says",
        ),
        ("lock = { attr = \"a\" }", "lock.value` is missing, expected `value`, or both `bit` and `usual`"),
        ("lock = { attr = \"a\", bit = 3, usual = 1 }", "lock.bit`: found `3`, expected one bit"),
        ("lock = { value = \"x\" }", "lock.attr` is missing, expected an LDAP attribute"),
        ("lock = { attr = \"a\", value = \"x\", bit = 1 }", "lock.value` is missing, expected `value`, or both"),
        (
            "password = \"unicode-pwd\"\npassword_attribute = \"x\"",
            "password_attribute`: found an attribute, expected nothing",
        ),
        ("max_name_bytes = 0", "profile.max_name_bytes`: found `0`, expected a whole number from 1"),
        ("lokc = 1", "profile.lokc`: found an unknown key"),
    ] {
        let faults = site.faults(&generic(lines));
        assert!(faults.contains(fault) && faults.matches("`: found").count() < 2, "{lines}: {faults}");
    }
    let known =
        example("minimal.toml").replace("[directory.corp.bind]", "profile = { id = \"x\" }\n[directory.corp.bind]");
    let faults = site.faults(&known);
    let expected = "`directory.corp.profile`: found a table, expected nothing, since `vendor = \"openldap\"` says";
    assert!(faults.contains(expected), "{faults}");
}

#[test]
fn some_directories_are_spoken_to_over_tls_only() {
    let site = Site::new();
    let text = minimal_with("active-directory.toml");
    assert!(site.load(&text).unwrap().dangers().is_empty());
    let plain = text.replace("ldaps://ldap.example.com", "ldap://127.0.0.1");
    let refused =
        "found `ldap://127.0.0.1`, expected TLS, since a directory of the kind `active-directory` refuses passwords";
    assert!(site.faults(&plain).contains(refused));
    let bind = "[directory.corp.bind]";
    let danger = site.faults(&plain.replace(bind, &format!("danger_plain_ldap = true\n{bind}")));
    assert!(
        danger.contains(refused) && danger.contains("danger_plain_ldap`: found `true`, expected `false`"),
        "{danger}"
    );
    site.load(&plain.replace(bind, &format!("start_tls = true\n{bind}"))).unwrap();
}
