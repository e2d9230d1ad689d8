//! What Active Directory is told, with the mapping that is shipped for it.

use crate::directory::entry;
use crate::record::{Case, Id, check_for};
use crate::vendors::{Ids, Requests, department, of_department, replace};
use scim_ldap_bridge::ldap::{AttrType, Dn, Entry, Value};
use serde_json::json;

const MAPPING: &str = include_str!("../../config/mappings/active-directory.toml");
const IDS: Ids = Ids {
    jo: "6f1c1f6e-0000-4000-8000-000000000001",
    kim: "6f1c1f6e-0000-4000-8000-000000000002",
    lee: "6f1c1f6e-0000-4000-8000-000000000003",
    team: "6f1c1f6e-0000-4000-8000-0000000000a1",
    outer: "6f1c1f6e-0000-4000-8000-0000000000a2",
};

const JO: &str = "cn=Jo Doe,ou=people,dc=example,dc=com";

/// One unit for each department.
const PLACEMENT: &str = "[user.placement]\nbase = \"ou={{ enterprise.department }},ou=people,dc=example,dc=com\"\n\
                         create = [\"organizationalUnit\"]\n\n[user.active]";

/// An entry whose `objectGUID` is an id: its first three fields are little-endian (MS-DTYP section 2.3.4.2).
fn object(dn: &str, id: &str, attrs: &[(&'static str, &[&str])]) -> Entry {
    let digits = id.replace('-', "");
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..][..2], 16).expect("hexadecimal digits");
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let entry = entry(dn, attrs).with(AttrType::known("objectGUID"), [Value::from(order.map(byte).to_vec())]);
    entry.with(AttrType::known("distinguishedName"), [Value::from(dn)])
}

/// The users, the group with its members, and the group that it is in. `jo` is where Jo is.
fn directory(jo: &str) -> Vec<Entry> {
    // 65536: the password never expires
    let user = |dn: &str, id, cn: &str, name: &str, state, further: &[(&'static str, &[&str])]| {
        let address = [&*format!("{name}@example.com")];
        let attrs: [(&'static str, &[&str]); 8] = [
            ("objectClass", &["top", "person", "organizationalPerson", "user"]),
            ("cn", &[cn]),
            ("displayName", &[cn]),
            ("userPrincipalName", &address),
            ("sAMAccountName", &[name]),
            ("mail", &address),
            ("title", &["Engineer"]),
            ("userAccountControl", &[state]),
        ];
        object(dn, id, &[&attrs, further].concat())
    };
    let group = |dn, id, name, members: &[&str]| {
        let class = ["top", "group"];
        object(dn, id, &[("objectClass", &class), ("cn", &[name]), ("sAMAccountName", &[name]), ("member", members)])
    };
    let unit = |dn| entry(dn, &[("objectClass", &["top", "organizationalUnit"])]);
    const KIM: &str = "cn=Kim Roe,ou=people,dc=example,dc=com";
    const TEAM: &str = "cn=Team,ou=groups,dc=example,dc=com";
    vec![
        unit("ou=Sales,ou=people,dc=example,dc=com"),
        unit("ou=Legal,ou=people,dc=example,dc=com"),
        user(jo, IDS.jo, "Jo Doe", "jo", "66048", &[("department", &["Sales"])]),
        user(KIM, IDS.kim, "Kim Roe", "kim", "512", &[("manager", &[jo])]),
        user("cn=Lee Poe,ou=people,dc=example,dc=com", IDS.lee, "Lee Poe", "lee", "66050", &[]),
        group(TEAM, IDS.team, "Team", &[jo, KIM]),
        group("cn=Outer,ou=groups,dc=example,dc=com", IDS.outer, "Outer", &[TEAM, jo]),
    ]
}

#[test]
fn the_shipped_mapping() {
    let requests = Requests::new(IDS, directory(JO));
    let mut users = requests.users();
    let both = [replace("displayName", "Joan Doe"), replace("userName", "joan@example.com")];
    users.push(requests.patch("change-both-names", &both));
    users.push(requests.patch("rename-suffix", &[replace("userName", "jo@example.org")]));
    users.push(requests.patch("change-display-name-to-taken", &[replace("displayName", "Kim Roe")]));
    users.push(requests.create("create-names-taken", json!({"userName": "jo@example.org", "displayName": "Jo Doe"})));
    check_for("active-directory", "active-directory", MAPPING, users);
    check_for("active-directory", "active-directory", MAPPING, requests.groups());
}

/// Jo, with these values instead of the usual ones.
fn jo(case: Case, values: &[(&'static str, &str)]) -> Case {
    let mut entries = case.entries;
    let jo = entries.iter_mut().find(|entry| entry.dn.to_string() == JO).expect("Jo");
    let usual = std::mem::replace(jo, entry(JO, &[]));
    let is_other = |attr: &AttrType| values.iter().all(|(other, _)| *attr != AttrType::known(other));
    usual.iter().filter(|(attr, _)| is_other(attr)).for_each(|(attr, values)| jo.insert(attr.clone(), values.to_vec()));
    values.iter().for_each(|(attr, value)| jo.insert(AttrType::known(attr), vec![Value::from(*value)]));
    Case { entries, ..case }
}

/// The directory after a plan that was stopped when Jo's entry had its new name, and no new values.
fn renamed(mut case: Case) -> Case {
    let jo = case.entries.iter_mut().find(|entry| entry.dn.to_string() == JO).expect("Jo");
    jo.dn = Dn::parse("cn=Joan Doe,ou=people,dc=example,dc=com").expect("a DN");
    case
}

#[test]
fn entries_as_others_leave_them() {
    let requests = Requests::new(IDS, directory(JO));
    let title = || [replace("title", "Lead")];
    let name = || [replace("displayName", "Joan Doe")];
    let address = [replace("emails[type eq \"other\"].value", "joan@example.com")];
    let add = |value| json!({"op": "Add", "path": "emails[type eq \"other\"].value", "value": value});
    let cases = vec![
        // the name of the entry waits for the next change of what it is made from
        jo(
            requests.patch("change-named-by-hand", &title()),
            &[("displayName", "Joan Doe"), ("sAMAccountName", "j042")],
        ),
        renamed(jo(requests.patch("change-display-name-begun", &name()), &[("cn", "Joan Doe")])),
        jo(requests.patch("address", &address), &[("proxyAddresses", "SMTP:jo@example.com")]),
        jo(requests.patch("address-again", &[add("jo@example.org")]), &[("proxyAddresses", "smtp:jo@example.org")]),
        jo(requests.patch("enable-with-bits", &[replace("active", "True")]), &[("userAccountControl", "8454658")]),
        jo(requests.patch("disable-without-password", &[replace("active", "False")]), &[("userAccountControl", "544")]),
    ];
    check_for("active-directory", "active-directory", MAPPING, cases);
}

#[test]
fn passwords() {
    let requests = Requests::new(IDS, directory(JO));
    let password = || replace("password", "Geheim-1");
    let user = json!({"userName": "new@example.com", "password": "Geheim-1"});
    let cases = vec![
        requests.create("password-create", user),
        requests.create("password-create-without", json!({"userName": "new@example.com"})),
        requests.patch("password", &[password()]),
        requests.patch("password-and-change", &[password(), replace("title", "Lead")]),
        requests.patch_of(Id::User(IDS.lee), "password-and-enable", &[password(), replace("active", "True")]),
    ];
    let mapping = MAPPING.replace("source = \"random\"", "source = \"scim\"");
    check_for("active-directory", "active-directory", &mapping, cases);
}

#[test]
fn places() {
    let requests = Requests::new(IDS, directory("cn=Jo Doe,ou=Sales,ou=people,dc=example,dc=com"));
    let cases = vec![
        requests.create("place-create", of_department("Sales")),
        requests.create("place-create-unit", of_department("R&D, x")),
        requests.patch("place-move", &[department("Legal")]),
        requests.patch("place-move-and-rename", &[department("Legal"), replace("displayName", "Joan Doe")]),
    ];
    let mapping = MAPPING.replace("[user.active]", PLACEMENT);
    check_for("active-directory", "active-directory", &mapping, cases);
}
