//! Users who belong below different entries.

use crate::directory::entry;
use crate::record::{Case, Id, check};
use crate::{PATCH, SHIPPED};
use scim_ldap_bridge::ldap::{AttrType, Entry, Value};
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const TEAM: &str = "6f1c1f6e-0000-4000-8000-0000000000a1";
const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
const SALES: &str = "uid=jo,ou=Sales,ou=people,dc=example,dc=com";
const LEGAL: &str = "ou=Legal,ou=people,dc=example,dc=com";

/// One unit for each department, and contractors apart.
const PLACEMENT: &str = r#"[user.placement]
rules = [{ when = 'userType eq "Contractor"', base = "ou=contractors,ou=external,ou=people,dc=example,dc=com" }]
base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com"
create = ["organizationalUnit"]

[user.active]"#;

fn mapping() -> String {
    SHIPPED.replace("[user.active]", PLACEMENT)
}

/// Jo of the sales department, at `dn`, who is in a group.
fn directory(dn: &'static str) -> Vec<Entry> {
    let unit = |dn| entry(dn, &[("objectClass", &["organizationalUnit"])]);
    let jo = entry(
        dn,
        &[
            ("entryUUID", &[JO]),
            ("objectClass", &["inetOrgPerson", "scimResource"]),
            ("uid", &["jo"]),
            ("cn", &["jo"]),
            ("sn", &["jo"]),
            ("departmentNumber", &["Sales"]),
        ],
    );
    let group = entry(
        "cn=Team,ou=groups,dc=example,dc=com",
        &[("entryUUID", &[TEAM]), ("objectClass", &["groupOfNames"]), ("cn", &["Team"]), ("member", &[dn])],
    );
    vec![unit("ou=Sales,ou=people,dc=example,dc=com"), unit(LEGAL), jo, group]
}

fn create(name: &'static str, user: Json) -> Case {
    Case { name, method: "POST", id: Id::User(JO), body: user, entries: directory(SALES) }
}

fn patch(name: &'static str, operations: Json) -> Case {
    let body = json!({"schemas": [PATCH], "Operations": operations});
    Case { name, method: "PATCH", id: Id::User(JO), body, entries: directory(SALES) }
}

fn department(name: &str) -> Json {
    json!({"op": "Replace", "path": DEPARTMENT, "value": name})
}

fn of_department(name: &str, department: &str) -> Json {
    json!({"userName": name, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": department}})
}

#[test]
fn users_are_where_they_belong() {
    let by_hand = |case: Case| Case { entries: directory("uid=jo,ou=Legal,ou=people,dc=example,dc=com"), ..case };
    let rename = || json!({"op": "Replace", "path": "userName", "value": "joan"});
    let disable = json!({"op": "Replace", "path": "active", "value": "False"});
    let cases = vec![
        create("create", of_department("kim", "Sales")),
        create("create-unit", of_department("kim", "R&D, \"x\"")),
        create("create-without-department", json!({"userName": "kim"})),
        create("create-contractor", json!({"userName": "kim", "userType": "contractor"})),
        patch("move", json!([department("Legal")])),
        patch("move-to-new-unit", json!([department("a,dc=evil")])),
        patch("move-up", json!([{"op": "remove", "path": DEPARTMENT}])),
        patch("move-and-rename", json!([department("Legal"), rename()])),
        patch("move-and-disable", json!([department("Legal"), disable])),
        patch("same-unit", json!([department("SALES")])),
        by_hand(Case { name: "moved-by-hand", ..patch("", json!([rename()])) }),
        by_hand(Case { name: "there-already", ..patch("", json!([department("Legal")])) }),
    ];
    check("openldap-placement", &mapping(), cases);
}

#[test]
fn the_disabled_are_put_away_and_come_back() {
    let active = "strategy = \"lock\"\nalso.place = { strategy = \"move\", \
                  to = \"ou=disabled,ou=people,dc=example,dc=com\", saved_in = \"scimSavedValue\" }";
    let text = mapping().replace("strategy = \"lock\"", active);
    assert_ne!(text, mapping());
    const AWAY: &str = "uid=jo,ou=disabled,ou=people,dc=example,dc=com";
    let away = |case: Case, saved: &[&str], lock: &[&str]| {
        let mut entries = directory(AWAY);
        entries.push(entry("ou=disabled,ou=people,dc=example,dc=com", &[("objectClass", &["organizationalUnit"])]));
        let values = |list: &[&str]| list.iter().map(|value| Value::from(*value)).collect::<Vec<_>>();
        let jo = entries.iter_mut().find(|entry| entry.dn.to_string() == AWAY).expect("Jo");
        jo.insert(AttrType::known("scimSavedValue"), values(saved));
        jo.insert(AttrType::known("pwdAccountLockedTime"), values(lock));
        Case { entries, ..case }
    };
    // locked, and not moved yet
    let stopped = |case: Case, values: &[(&'static str, &str)]| {
        let mut entries = directory(SALES);
        let jo = entries.iter_mut().find(|entry| entry.dn.to_string() == SALES).expect("Jo");
        jo.insert(AttrType::known("pwdAccountLockedTime"), vec![Value::from("000001010000Z")]);
        for (attr, value) in values {
            jo.take(&AttrType::known(attr));
            jo.insert(AttrType::known(attr), [Value::from(*value)]);
        }
        Case { entries, ..case }
    };
    let leave = || json!([department("Legal"), {"op": "replace", "path": "active", "value": false}]);
    let state = |name, active: &str| patch(name, json!([{"op": "Replace", "path": "active", "value": active}]));
    let saved = &["parent: ou=Legal,ou=people,dc=example,dc=com"][..];
    let lock = &["000001010000Z"][..];
    let cases = vec![
        state("disable", "False"),
        patch("disable-and-change", leave()),
        create("create-disabled", json!({"userName": "kim", "active": false})),
        away(state("enable", "True"), saved, lock),
        away(state("enable-unknown", "True"), &[], lock),
        away(state("enable-lost", "True"), &["parent: ou=Gone,ou=people,dc=example,dc=com"], lock),
        away(state("enable-outside", "True"), &["parent: dc=example,dc=com"], lock),
        away(state("disable-again", "False"), saved, lock),
        away(state("disable-in-part", "False"), saved, &[]),
        away(patch("change-while-disabled", json!([department("Research")])), saved, lock),
        stopped(
            patch("disable-and-change-again", leave()),
            &[("departmentNumber", "Legal"), ("scimSavedValue", saved[0])],
        ),
    ];
    check("openldap-put-away", &text, cases);
    let marked = text.replacen("policy = \"remove\"", "policy = \"mark\"\nmark = \"scimDeletedAt\"", 1);
    assert_ne!(marked, text);
    let deleted =
        [("scimSavedValue", "parent: ou=Sales,ou=people,dc=example,dc=com"), ("scimDeletedAt", "20260101000000Z")];
    let mut back = of_department("jo", "Sales");
    back["active"] = json!(false);
    check("openldap-put-away-mark", &marked, vec![stopped(create("come-back-disabled", back), &deleted)]);
}

#[test]
fn nothing_is_made_above_without_being_told_to() {
    let mapping = mapping().replace("create = [\"organizationalUnit\"]\n", "");
    let cases = vec![
        create("create", of_department("kim", "Sales")),
        create("create-refused", of_department("kim", "Unknown")),
        patch("move-refused", json!([department("Unknown")])),
    ];
    check("openldap-placement-strict", &mapping, cases);
}
