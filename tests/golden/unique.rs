//! Values that no entry elsewhere may have.

use crate::PATCH;
use crate::directory::entry;
use crate::record::{Case, Id, check};
use scim_ldap_bridge::ldap::Entry;
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";

/// Unix accounts; whatever names them is looked for in the whole directory.
const MAPPING: &str = r#"
[user]
object_classes = ["inetOrgPerson", "posixAccount"]
match_classes = ["inetOrgPerson"]
rdn = "uid"
[user.attributes]
userName = { ldap = "mail", required = true, within = "dc=example,dc=com" }
"name.formatted" = { ldap = "cn", default = "{{ userName }}" }
"name.familyName" = { ldap = "sn", default = "{{ userName }}" }
[user.derived]
uid = { template = '{{ userName | split("@") | first }}{{ number }}', unique = true, within = "dc=example,dc=com" }
gidNumber = "100"
homeDirectory = "/home/x"
[user.numbers]
uidNumber = { counter = "cn=uid,dc=example,dc=com", last = 20000, within = "dc=example,dc=com" }
"#;

fn jo() -> Entry {
    let attrs: [(&'static str, &[&str]); 6] = [
        ("entryUUID", &[JO]),
        ("objectClass", &["inetOrgPerson", "posixAccount"]),
        ("uid", &["jo"]),
        ("mail", &["jo@example.com"]),
        ("cn", &["jo@example.com"]),
        ("sn", &["jo@example.com"]),
    ];
    entry("uid=jo,ou=people,dc=example,dc=com", &attrs)
}

/// Somebody in another part of the directory.
fn elsewhere() -> Entry {
    let attrs: [(&'static str, &[&str]); 5] = [
        ("entryUUID", &["6f1c1f6e-0000-4000-8000-0000000000ff"]),
        ("objectClass", &["account", "posixAccount"]),
        ("uid", &["al"]),
        ("mail", &["al@example.com"]),
        ("uidNumber", &["10000"]),
    ];
    entry("uid=al,ou=services,dc=example,dc=com", &attrs)
}

#[test]
fn nobody_gets_what_somebody_elsewhere_has() {
    let case =
        |name, method, body: Json| Case { name, method, id: Id::User(JO), body, entries: vec![jo(), elsewhere()] };
    let rename = |name, to: &str| {
        let operation = json!({"op": "Replace", "path": "userName", "value": to});
        case(name, "PATCH", json!({"schemas": [PATCH], "Operations": [operation]}))
    };
    let cases = vec![
        case("create-taken", "POST", json!({"userName": "al@example.com"})),
        case("create", "POST", json!({"userName": "al@example.org"})),
        rename("rename-taken", "al@example.com"),
        rename("rename", "al@example.org"),
        rename("rename-case-only", "JO@example.com"),
    ];
    check("openldap-unique", MAPPING, cases);
}
