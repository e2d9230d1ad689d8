//! `[directory.<name>.protect]`.

use super::*;

#[test]
fn what_is_protected_is_read_and_printed() {
    let site = Site::new();
    let table = "[directory.corp.protect]\nsubtrees = [\"ou=admins,ou=people,dc=a\", \"cn=x\\\\, y,dc=a\"]\n\
                 groups = [\"cn=root,dc=a\"]\nattributes = { adminCount = \"1\", employeeType = [\"vip\", \"board\"] }\n";
    let load =
        |text: &str| Config::load(&site.write("test.toml", text), &Environment::default(), Purpose::Tokens).unwrap();
    let config = load(&format!("{}\n{table}", example("minimal.toml")));
    let protection = &config.directories[0].protection;
    let dns = |dns: &[crate::ldap::Dn]| dns.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(dns(&protection.subtrees), ["ou=admins,ou=people,dc=a", "cn=x\\, y,dc=a"]);
    assert_eq!(dns(&protection.groups), ["cn=root,dc=a"]);
    assert_eq!(protection.attributes.len(), 3);
    let again = load(&config.print());
    assert_eq!(&again.directories[0].protection, protection);
    assert_eq!(again.print(), config.print());
}
