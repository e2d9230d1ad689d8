//! What the bridge does not own stays as it is, whatever is changed beside it.

use crate::support::bridge::{Bridge, MAPPING, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Attributes of which the shipped mapping knows nothing, text and not.
const UNKNOWN: [(&str, &[&str]); 6] = [
    ("description", &["made by hand", "and twice"]),
    ("roomNumber", &["7"]),
    ("homePhone", &["+31 30 1"]),
    ("userPassword", &["correct horse battery"]),
    ("jpegPhoto", &["\u{1}\u{2}\u{3}"]),
    ("seeAlso", &["cn=elsewhere,dc=example,dc=com"]),
];

/// The one user and its path.
async fn only(bridge: &Bridge) -> (String, Value) {
    let listed = bridge.http().get("/Users").await;
    assert_eq!(listed.body["totalResults"], 1, "{listed:?}");
    let user = listed.body["Resources"][0].clone();
    (format!("/Users/{}", user["id"].as_str().unwrap()), user)
}

/// Everything in an entry that is no business of the bridge.
async fn unknown(admin: &mut Ldap, slapd: &Slapd) -> BTreeMap<String, Vec<String>> {
    let entry = admin.person(slapd, "(objectClass=inetOrgPerson)").await;
    let owned = |name: &str| UNKNOWN.iter().any(|(attr, _)| attr.eq_ignore_ascii_case(name));
    let binary = entry.bin_attrs.keys().filter(|name| owned(name)).map(|name| (name.clone(), Vec::new()));
    let text = entry.attrs.keys().filter(|name| owned(name));
    let text = text.map(|name| (name.clone(), values(&entry, name).into_iter().map(str::to_owned).collect()));
    text.chain(binary).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_outside_the_mapping_survive_patch_put_disable_and_rename() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &UNKNOWN).await, 0);
    let before = unknown(&mut admin, &slapd).await;
    assert_eq!(before.len(), UNKNOWN.len(), "{before:?}");
    let (path, _) = only(&bridge).await;
    let http = bridge.http();
    let steps = [
        json!([{"op": "Replace", "path": "title", "value": "Lead"}]),
        json!([{"op": "Replace", "path": "active", "value": "False"}]),
        json!([{"op": "Replace", "path": "userName", "value": "joan"}]),
        json!([{"op": "Remove", "path": "title"}]),
    ];
    for operations in steps {
        let answer = http.patch(&path, operations).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(unknown(&mut admin, &slapd).await, before);
    }
    let put = http.put(&path, &json!({"userName": "joanna", "displayName": "Joanna"})).await;
    assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Joanna")), "{put:?}");
    assert_eq!(unknown(&mut admin, &slapd).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_entry_gets_the_class_with_its_first_change_and_not_before() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    let attrs: [(&str, &[&str]); 4] =
        [("objectClass", &["inetOrgPerson"]), ("uid", &["jo"]), ("cn", &["Jo"]), ("sn", &["Doe"])];
    assert_eq!(admin.add(&format!("uid=jo,{}", slapd.people()), &attrs).await, 0);
    let (path, user) = only(&bridge).await;
    assert_eq!(user["userName"], "jo");
    let stamp = values(&admin.person(&slapd, "(uid=jo)").await, "entryCSN").join("");
    let same = bridge.http().put(&path, &user).await;
    assert_eq!(same.status, 200, "{same:?}");
    let entry = admin.person(&slapd, "(uid=jo)").await;
    assert_eq!(values(&entry, "entryCSN"), [stamp.as_str()], "what is right already is not written");
    let link = json!([{"op": "Add", "path": "externalId", "value": "4711"}]);
    let linked = bridge.http().patch(&path, link).await;
    assert_eq!((linked.status, &linked.body["externalId"]), (200, &json!("4711")), "{linked:?}");
    let entry = admin.person(&slapd, "(uid=jo)").await;
    assert!(values(&entry, "objectClass").contains(&"scimResource"), "{entry:?}");
    assert_eq!(values(&entry, "cn"), ["Jo"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn further_mail_values_stay_when_the_mapped_one_is_not_touched() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    let mails: [(&str, &[&str]); 1] = [("mail", &["jo@example.org", "jo@example.com"])];
    assert_eq!(admin.add_person(&slapd, "jo", &mails).await, 0);
    let (path, user) = only(&bridge).await;
    assert_eq!(user["emails"].as_array().map(Vec::len), Some(2), "both are shown: {user}");
    for operations in [
        json!([{"op": "Replace", "path": "title", "value": "Lead"}]),
        json!([{"op": "Replace", "path": "active", "value": "False"}]),
        json!([{"op": "Replace", "path": "userName", "value": "joan"}]),
    ] {
        assert_eq!(bridge.http().patch(&path, operations).await.status, 200);
        let entry = admin.person(&slapd, "(objectClass=inetOrgPerson)").await;
        assert_eq!(values(&entry, "mail"), ["jo@example.com", "jo@example.org"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_with_a_pattern_owns_what_fits_it_and_nothing_else() {
    let slapd = Slapd::builder().start().unwrap();
    let rule = r#"userType = { ldap = "employeeType", match = "scim:*" }"#;
    let bridge = Setup::new(&slapd).mapping(&MAPPING.replace(r#"userType = "employeeType""#, rule)).start();
    let mut admin = Ldap::admin(&slapd).await;
    let types: [(&str, &[&str]); 1] = [("employeeType", &["Staff", "scim:Member", "union:1"])];
    assert_eq!(admin.add_person(&slapd, "jo", &types).await, 0);
    let (path, user) = only(&bridge).await;
    assert_eq!(user["userType"], "Member", "{user}");
    let cases = [
        (json!([{"op": "Replace", "path": "userType", "value": "Guest"}]), vec!["Staff", "scim:Guest", "union:1"]),
        (json!([{"op": "Remove", "path": "userType"}]), vec!["Staff", "union:1"]),
        (json!([{"op": "Add", "path": "userType", "value": "Member"}]), vec!["Staff", "scim:Member", "union:1"]),
    ];
    for (operations, expected) in cases {
        assert_eq!(bridge.http().patch(&path, operations).await.status, 200);
        assert_eq!(values(&admin.person(&slapd, "(uid=jo)").await, "employeeType"), expected);
    }
    assert_eq!(bridge.http().put(&path, &json!({"userName": "jo"})).await.status, 200);
    assert_eq!(values(&admin.person(&slapd, "(uid=jo)").await, "employeeType"), ["Staff", "union:1"]);
}
