//! What 389 Directory Server is told, with the mapping that is shipped for it.

use crate::directory::entry;
use crate::record::{Id, check_for};
use crate::vendors::{Ids, Requests, department, of_department, replace};
use scim_ldap_bridge::ldap::Entry;
use serde_json::json;

const MAPPING: &str = include_str!("../../config/mappings/389ds.toml");
const IDS: Ids = Ids {
    jo: "66446001-1dd211b2-66225011-2ee211db",
    kim: "66446002-1dd211b2-66225011-2ee211db",
    lee: "66446003-1dd211b2-66225011-2ee211db",
    team: "664460a1-1dd211b2-66225011-2ee211db",
    outer: "664460a2-1dd211b2-66225011-2ee211db",
};

const JO: &str = "uid=jo@example.com,ou=people,dc=example,dc=com";

/// One unit for each department.
const PLACEMENT: &str = "[user.placement]\nbase = \"ou={{ enterprise.department }},ou=people,dc=example,dc=com\"\n\
                         create = [\"organizationalUnit\"]\n\n[user.active]";

/// The users, the group with its members, and the group that it is in. `jo` is where Jo is.
fn directory(jo: &str) -> Vec<Entry> {
    let user = |dn: &str, id, name: &str, further: &[(&'static str, &[&str])]| {
        let mail = [&*format!("{name}@example.com")];
        let attrs: [(&'static str, &[&str]); 7] = [
            ("nsUniqueId", &[id]),
            ("objectClass", &["inetOrgPerson", "scimResource"]),
            ("uid", &mail),
            ("cn", &[name]),
            ("sn", &[name]),
            ("mail", &mail),
            ("title", &["Engineer"]),
        ];
        entry(dn, &[&attrs, further].concat())
    };
    let group = |dn, id, name, members: &[&str]| {
        let class = ["groupOfNames", "scimResource"];
        entry(dn, &[("nsUniqueId", &[id]), ("objectClass", &class), ("cn", &[name]), ("member", members)])
    };
    let unit = |dn| entry(dn, &[("objectClass", &["organizationalUnit"])]);
    const KIM: &str = "uid=kim@example.com,ou=people,dc=example,dc=com";
    const TEAM: &str = "cn=Team,ou=groups,dc=example,dc=com";
    vec![
        unit("ou=Sales,ou=people,dc=example,dc=com"),
        unit("ou=Legal,ou=people,dc=example,dc=com"),
        user(jo, IDS.jo, "jo", &[("departmentNumber", &["Sales"]), ("displayName", &["Jo Doe"])]),
        user(KIM, IDS.kim, "kim", &[("manager", &[jo])]),
        user("uid=lee@example.com,ou=people,dc=example,dc=com", IDS.lee, "lee", &[("nsAccountLock", &["true"])]),
        group(TEAM, IDS.team, "Team", &[jo, KIM]),
        group("cn=Outer,ou=groups,dc=example,dc=com", IDS.outer, "Outer", &[TEAM, jo]),
    ]
}

/// The shipped mapping with these lines beside.
fn with(lines: &str) -> String {
    MAPPING.replace("[user.delete]", &format!("{lines}\n[user.delete]"))
}

#[test]
fn the_shipped_mapping() {
    let requests = Requests::new(IDS, directory(JO));
    check_for("389ds", "389ds", MAPPING, requests.users());
    check_for("389ds", "389ds", MAPPING, requests.groups());
}

#[test]
fn passwords() {
    let requests = Requests::new(IDS, directory(JO));
    let user = json!({"userName": "new@example.com"});
    let cases = vec![requests.create("password-random", user)];
    check_for("389ds", "389ds", &with("[user.password]\nsource = \"random\""), cases);
    let password = || replace("password", "Geheim-1");
    let cases = vec![
        requests.create("password-create", json!({"userName": "new@example.com", "password": "Geheim-1"})),
        requests.patch("password", &[password()]),
        requests.patch("password-and-change", &[password(), replace("title", "Lead")]),
        requests.patch_of(Id::User(IDS.lee), "password-and-enable", &[password(), replace("active", "True")]),
    ];
    check_for("389ds", "389ds", &with("[user.password]\nsource = \"scim\""), cases);
}

#[test]
fn places() {
    let requests = Requests::new(IDS, directory("uid=jo@example.com,ou=Sales,ou=people,dc=example,dc=com"));
    let cases = vec![
        requests.create("place-create", of_department("Sales")),
        requests.create("place-create-unit", of_department("R&D, x")),
        requests.patch("place-move", &[department("Legal")]),
        requests.patch("place-move-and-rename", &[department("Legal"), replace("userName", "joan@example.com")]),
    ];
    check_for("389ds", "389ds", &MAPPING.replace("[user.active]", PLACEMENT), cases);
}
