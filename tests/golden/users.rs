//! Requests about users.

use crate::directory::entry;
use crate::realm::{SEED, realm};
use crate::record::{Case, Id, check, compiled, request};
use crate::{PATCH, SHIPPED};
use scim_ldap_bridge::ldap::{AttrType, Entry, Facts, Scope, Value};
use scim_ldap_bridge::plan::{Error, Next, next};
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const BOSS: &str = "6f1c1f6e-0000-4000-8000-000000000002";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A request about a user, in a directory of this one and the boss.
fn case(name: &'static str, method: &'static str, body: Json, entry: Entry) -> Case {
    Case { name, method, id: Id::User(JO), body, entries: vec![entry, boss()] }
}

fn patch_of(entry: Entry, name: &'static str, operations: Json) -> Case {
    case(name, "PATCH", json!({"schemas": [PATCH], "Operations": operations}), entry)
}

fn cases() -> Vec<Case> {
    let patch = |name, operations| patch_of(jo(), name, operations);
    let with = |attr: &'static str, values: &[&str]| {
        jo().with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    };
    vec![
        case("create-full", "POST", full(), jo()),
        case("create-minimal", "POST", json!({"userName": "jo@example.com"}), jo()),
        case("create-disabled", "POST", json!({"userName": "jo", "active": "False"}), jo()),
        case("create-hostile-name", "POST", json!({"userName": " a,b+c\"d\\e<f>g;h=i#\u{1F600} "}), jo()),
        patch(
            "patch-dialect-a",
            json!([
                {"op": "Replace", "path": "displayName", "value": "Jo D."},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+31 6"},
                {"op": "Add", "path": "phoneNumbers[type eq \"fax\"].value", "value": "+31 9"},
                {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "IT"},
            ]),
        ),
        patch(
            "patch-dialect-b",
            json!([{"op": "replace", "value": {
                "displayName": "Jo D.",
                "name.givenName": "Jo",
                (format!("{ENTERPRISE}:employeeNumber")): "7",
            }}]),
        ),
        patch("patch-clear", json!([{"op": "Replace", "path": "title", "value": ""}])),
        patch("patch-nothing", json!([{"op": "Replace", "path": "displayName", "value": "Jo"}])),
        patch("rename", json!([{"op": "Replace", "path": "userName", "value": "joan"}])),
        patch(
            "rename-and-change",
            json!([
                {"op": "Replace", "path": "userName", "value": "joan"},
                {"op": "Replace", "path": "title", "value": "Lead"},
            ]),
        ),
        patch("rename-case-only", json!([{"op": "Replace", "path": "userName", "value": "Jo"}])),
        patch("disable", json!([{"op": "Replace", "path": "active", "value": "False"}])),
        patch_of(
            with("pwdAccountLockedTime", &["000001010000Z"]),
            "enable",
            json!([{"op": "replace", "path": "active", "value": true}]),
        ),
        // a lock is only ever lifted by `true`
        patch_of(
            with("pwdAccountLockedTime", &["000001010000Z"]),
            "active-removed",
            json!([{"op": "remove", "path": "active"}]),
        ),
        patch("manager-set", json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": BOSS}])),
        patch_of(
            with("manager", &["uid=boss,ou=people,dc=example,dc=com"]),
            "manager-cleared",
            json!([{"op": "Replace", "path": "manager", "value": {"value": ""}}]),
        ),
        case("replace", "PUT", json!({"userName": "jo", "displayName": "Jo"}), jo()),
        case("delete", "DELETE", Json::Null, jo()),
    ]
}

#[test]
fn openldap_plans_are_as_recorded() {
    check("openldap", SHIPPED, cases());
}

#[test]
fn deletion_by_mark_keeps_and_revives_the_entry() {
    let text = SHIPPED.replace("policy = \"remove\"", "policy = \"mark\"\nmark = \"scimDeletedAt\"");
    let marked = jo().with(AttrType::known("scimDeletedAt"), [Value::from("20261122010203Z")]);
    let marked = marked.with(AttrType::known("pwdAccountLockedTime"), [Value::from("000001010000Z")]);
    let revived = json!({"userName": "jo", "displayName": "Jo again"});
    check(
        "openldap-mark",
        &text,
        vec![case("delete", "DELETE", Json::Null, jo()), case("revive", "POST", revived, marked)],
    );
}

#[test]
fn these_have_no_plan() {
    let mapping = compiled(SHIPPED);
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    // a search below the base finds the base too, which is not the endpoint's even if it looks like a user
    let low = realm(&mapping, &jo().dn.to_string(), Scope::Sub);
    let site = low.users(now, SEED);
    for case in cases().iter().filter(|case| case.method != "POST") {
        let request = request(&mapping, case);
        let mut facts = Facts::default();
        // the entry is asked for, and then whether the directory shows by what it is asked for
        for _ in 0..2 {
            let Ok(Next::Ask(queries)) = next(&site, &request, &facts) else { panic!("{} asks twice", case.name) };
            queries.into_iter().for_each(|query| facts.insert(query, vec![jo()]));
        }
        assert!(matches!(next(&site, &request, &facts), Err(Error::NotFound)), "{}", case.name);
    }
    // the length is told, not the template that fails for it
    let long = "x".repeat(5000);
    let rename = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "userName", "value": long}]});
    let usual = realm(&mapping, "ou=people,dc=example,dc=com", Scope::One);
    let site = usual.users(now, SEED);
    for (method, body) in [("POST", json!({"userName": long})), ("PUT", json!({"userName": long})), ("PATCH", rename)] {
        let request = request(&mapping, &case("long", method, body, jo()));
        let mut facts = Facts::default();
        if let Ok(Next::Ask(queries)) = next(&site, &request, &facts) {
            queries.into_iter().for_each(|query| facts.insert(query, vec![jo()]));
        }
        let Err(Error::NameTooLong { attr, .. }) = next(&site, &request, &facts) else { panic!("{method} has a plan") };
        assert_eq!(attr, "userName");
    }
}

fn jo() -> Entry {
    entry(
        "uid=jo,ou=people,dc=example,dc=com",
        &[
            ("entryUUID", &[JO]),
            ("objectClass", &["inetOrgPerson", "scimResource"]),
            ("uid", &["jo"]),
            ("cn", &["jo"]),
            ("sn", &["jo"]),
            ("displayName", &["Jo"]),
            ("title", &["Engineer"]),
            ("mail", &["jo@example.com"]),
            ("facsimileTelephoneNumber", &["+31 8"]),
            ("departmentNumber", &["Sales"]),
        ],
    )
}

fn boss() -> Entry {
    let attrs: &[(&'static str, &[&str])] =
        &[("entryUUID", &[BOSS]), ("objectClass", &["inetOrgPerson"]), ("uid", &["boss"])];
    entry("uid=boss,ou=people,dc=example,dc=com", attrs)
}

fn full() -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "jdoe", "userName": "jdoe@example.com", "active": true, "displayName": "Jo Doe",
        "title": "Engineer", "preferredLanguage": "en", "meta": {"resourceType": "User"},
        "emails": [{"primary": true, "type": "work", "value": "jdoe@example.com"}],
        "name": {"formatted": "Jo Doe", "givenName": "Jo", "familyName": "Doe"},
        "addresses": [{"type": "work", "formatted": "B2", "streetAddress": "1 Main St", "locality": "Delft",
            "region": "ZH", "postalCode": "2600", "country": "The Netherlands"}],
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "mobile", "value": "+31 6"},
            {"type": "fax", "value": "+31 9"}],
        (ENTERPRISE): {"employeeNumber": "7", "department": "IT", "manager": {"value": BOSS}},
        "roles": [],
    })
}
