//! A directory that is spelled out: an OpenLDAP of which the bridge is not told that it is one.

use super::{members, replace, whole};
use crate::support::bed::{Bed, is_error};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// What the bridge must be told.
const PROFILE: &str = "profile = { operational = ['pwdAccountLockedTime'], uniqueness_texts = ['non-unique attributes found'], \
    lock = { attr = 'pwdAccountLockedTime', value = '000001010000Z' }, page_size = 100, password_unlocks = true }";

#[tokio::test]
async fn users_and_groups_live_as_elsewhere() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.vendor("generic").directory(PROFILE).groups("")).await;
    let id = bed.create(whole("jo")).await;
    let created = bed.read(&id).await;
    for (key, value) in whole("jo").as_object().unwrap() {
        assert_eq!(&created[key], value, "{key}");
    }
    let dn = bed.entry(&id).await.dn;
    assert_eq!(bed.ldap.replace(&dn, "userPassword", &["Correct horse 1"]).await, 0);
    assert_eq!(bed.patch(&id, replace("active", "False")).await["active"], json!(false));
    assert_eq!(values(&bed.entry(&id).await, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert_eq!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.err(), Some(49));
    assert_eq!(bed.patch(&id, replace("active", "True")).await["active"], json!(true));
    assert!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.is_ok());
    bed.patch(&id, replace("phoneNumbers[type eq \"fax\"].value", "+31 3")).await;

    let team = bed.create_group(json!({"displayName": "Team"})).await;
    let others = bed.create_users(["al", "kim"]).await;
    let all = [&id, &others[0], &others[1]];
    for op in ["Add", "Add", "Remove", "Remove"] {
        bed.patch_group(&team, members(op, &all)).await;
        let count = if op == "Add" { 3 } else { 0 };
        assert_eq!(bed.members(&team).await.len(), count, "{op}");
    }
    bed.patch_group(&team, members("Add", &all)).await;
    bed.patch(&id, replace("userName", "joan")).await;
    assert_eq!(bed.members(&team).await.len(), 3);
    assert_eq!(bed.read(&id).await["groups"], json!([{"value": team}]));
    is_error(&bed.http.post("/Users", &json!({"userName": "JOAN"})).await, 409, Some("uniqueness"));
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(bed.members(&team).await.len(), 2);
}
