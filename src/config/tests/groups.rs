//! `[endpoint.<name>.groups]`.

use super::*;
use crate::ldap::Scope;
use crate::service::{PatchResponse, UnresolvedMembers};

/// A mapping of users only.
const USERS_ONLY: &str = "[user]\nobject_classes = [\"account\"]\nrdn = \"uid\"\n[user.attributes]\n\
                          userName = { ldap = \"uid\", required = true }\n";

fn minimal(mapping: &str, groups: &str) -> String {
    let text = example("minimal.toml").replace("openldap.toml", mapping);
    let text = text.split("\n[endpoint.hr.groups]").next().unwrap().to_owned();
    format!("{text}\n[endpoint.hr.groups]\n{groups}\n")
}

/// The faults of these groups in an endpoint whose mapping has users only, without the one for that.
fn faults(groups: &str) -> Vec<String> {
    let site = Site::new();
    site.write("mappings/users.toml", USERS_ONLY);
    let faults = site.load(&minimal("users.toml", groups)).unwrap_err();
    faults.iter().filter(|fault| fault.key != "endpoint.hr.mapping").map(ToString::to_string).collect()
}

/// What these groups are read as.
fn read(groups: &str) -> Groups {
    let site = Site::new();
    let file = site.write("test.toml", &minimal("openldap.toml", groups));
    let config = Config::load(&file, &Environment::default(), Purpose::Tokens).unwrap();
    config.endpoints[0].groups.clone().unwrap()
}

#[test]
fn a_base_is_enough() {
    let groups = read("base = \"ou=groups,dc=a\"");
    assert_eq!((groups.place.base.to_string().as_str(), groups.place.scope), ("ou=groups,dc=a", Scope::Sub));
    assert_eq!(groups.unresolved_members, UnresolvedMembers::Retry);
    assert_eq!(groups.patch_response, PatchResponse::None);
    assert!(groups.default.is_empty());
}

#[test]
fn every_choice_is_read_and_printed() {
    let site = Site::new();
    for unresolved in ["retry", "ignore", "reject"] {
        for response in ["none", "full"] {
            let groups = format!(
                "base = \"ou=groups,dc=a\"\nscope = \"one\"\nunresolved_members = \"{unresolved}\"\n\
                 patch_response = \"{response}\"\ndefault = [\"cn=a\\\\, b,ou=groups,dc=a\", \"cn=c,ou=groups,dc=a\"]\n"
            );
            let load = |text: &str| {
                Config::load(&site.write("test.toml", text), &Environment::default(), Purpose::Tokens).unwrap()
            };
            let printed = load(&minimal("openldap.toml", &groups)).print();
            assert_eq!(load(&printed).print(), printed);
            let (printed, written) = (flat(&printed), flat(&format!("[endpoint.hr.groups]\n{groups}")));
            for (key, value) in &written {
                assert_eq!(printed.get(key), Some(value), "{key}");
            }
        }
    }
}

#[test]
fn default_groups_are_groups_of_the_endpoint() {
    let place = "base = \"ou=groups,dc=a\"\nscope = \"one\"\n";
    for (default, fault) in [
        ("cn=x,ou=people,dc=a", "expected a group directly below `ou=groups,dc=a`"),
        ("cn=x,ou=y,ou=groups,dc=a", "expected a group directly below `ou=groups,dc=a`"),
        ("ou=groups,dc=a", "expected a group directly below `ou=groups,dc=a`"),
        ("admins", "expected the distinguished name of a group (`admins` is not a distinguished name"),
        ("CN=ok,OU=groups,DC=a", "expected a group that is not in the list already"),
    ] {
        let found = faults(&format!("{place}default = [\"cn=ok,ou=groups,dc=a\", \"{default}\"]"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains(&format!("`endpoint.hr.groups.default[1]`: found `{default}`, {fault}")),
            "{found:?}"
        );
    }
    assert_eq!(faults(&place.replace("one", "sub")), [""; 0]);
    assert_eq!(faults("base = \"ou=groups,dc=a\"\ndefault = \"cn=x,ou=y,ou=groups,dc=a\""), [""; 0]);
}

#[test]
fn a_variable_has_one_default_group_a_line() {
    let site = Site::new();
    let file = site.write("test.toml", &minimal("openldap.toml", "base = \"ou=groups,dc=a\""));
    let variables = Environment::from([(
        "SCIM_LDAP_BRIDGE_ENDPOINT__HR__GROUPS__DEFAULT",
        "cn=a,ou=groups,dc=a\n  cn=b,ou=groups,dc=a\n",
    )]);
    let config = Config::load(&file, &variables, Purpose::Tokens).unwrap();
    let groups = config.endpoints[0].groups.as_ref().unwrap();
    let default: Vec<_> = groups.default.iter().map(ToString::to_string).collect();
    assert_eq!(default, ["cn=a,ou=groups,dc=a", "cn=b,ou=groups,dc=a"]);
}

#[test]
fn groups_need_a_mapping_of_groups() {
    let site = Site::new();
    site.write("mappings/users.toml", USERS_ONLY);
    let faults = site.faults(&minimal("users.toml", "base = \"ou=groups,dc=a\""));
    assert!(
        faults.contains("`endpoint.hr.mapping`: found `mappings/users.toml`, expected a mapping with a table"),
        "{faults}"
    );
    assert!(faults.contains("  hint: add `[group]` to the mapping, or leave `[endpoint.hr.groups]` out"), "{faults}");
}

/// Users and groups of these classes.
fn both(user: &str, group: &str) -> String {
    format!(
        "{}[group]\nobject_classes = [\"groupOfNames\"]\nmatch_classes = [{group}]\nrdn = \"cn\"\n\
         [group.attributes]\ndisplayName = \"cn\"\n\
         [group.members]\nldap = \"member\"\nplaceholder = \"cn=nobody,dc=a\"\n",
        USERS_ONLY.replace("rdn", &format!("match_classes = [{user}]\nrdn"))
    )
}

#[test]
fn a_place_with_users_and_groups_needs_classes_that_tell_them_apart() {
    let site = Site::new();
    let load = |user: &str, group: &str, base: &str| {
        site.write("mappings/both.toml", &both(user, group));
        let text = minimal("both.toml", &format!("base = \"{base}\"")).replace("ou=people,dc=example,", "ou=people,");
        site.load(&text.replace("dc=com", "dc=a"))
    };
    let (account, group) = ("\"account\"", "\"groupOfNames\"");
    for (user, group, base, fits) in [
        (account, group, "dc=a", true),
        ("\"top\", \"account\"", "\"top\", \"groupOfNames\"", "dc=a", true),
        ("\"top\"", "\"TOP\"", "ou=groups,dc=a", true),
        ("\"top\"", "\"TOP\"", "ou=people,dc=a", false),
        ("\"top\"", "\"top\", \"groupOfNames\"", "dc=a", false),
        ("\"account\", \"posixAccount\"", "\"posixAccount\"", "ou=x,ou=people,dc=a", false),
    ] {
        match load(user, group, base) {
            Ok(_) => assert!(fits, "{user} {group} {base}"),
            Err(faults) => {
                let faults = faults.to_string();
                let said =
                    faults.contains(&format!("`endpoint.hr.groups.base`: found `{base}`, expected a place where"));
                assert!(!fits && said && faults.contains("theirs is `ou=people,dc=a`"), "{user} {group} {faults}");
            }
        }
    }
}

#[test]
fn what_is_allowed_and_worth_saying_is_said() {
    let site = Site::new();
    let mapping = both("\"account\"", "\"groupOfNames\"");
    let warnings = |mapping: &str, text: &str| {
        site.write("mappings/both.toml", mapping);
        let mut warnings = site.load(text).unwrap().warnings;
        warnings.retain(|warning| !warning.contains("no token"));
        warnings
    };
    let with = minimal("both.toml", "base = \"ou=groups,dc=a\"");
    let without = with.split("\n[endpoint.hr.groups]").next().unwrap();
    assert_eq!(warnings(&mapping, &with), [""; 0]);
    assert_eq!(warnings(&mapping, without), [""; 0]);

    let near = warnings(&mapping.replace("cn=nobody,dc=a", "cn=nobody,ou=groups,dc=a"), &with);
    assert!(near.len() == 1 && near[0].starts_with("the placeholder `cn=nobody,ou=groups,dc=a` lies"), "{near:?}");

    let saving = format!("{mapping}[user.active]\nstrategy = \"lock\"\nsaved_memberships = \"scimSavedMember\"\n");
    assert_eq!(warnings(&saving, &with), [""; 0]);
    let kept = warnings(&saving, without);
    assert!(kept.len() == 1 && kept[0].starts_with("endpoint `hr` has no groups, so disabling"), "{kept:?}");
}
