//! Deletion: by mark, hidden and locked until a POST brings it back; for good; and where it is refused.

use crate::support::bridge::{Bridge, MAPPING, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// The password of whoever logs in.
const PASSWORD: &str = "correct horse battery";

/// The shipped mapping with deletion by mark.
fn marking() -> String {
    MAPPING.replace("\npolicy = \"remove\"", "\npolicy = \"mark\"\nmark = \"scimDeletedAt\"")
}

/// What a filter finds.
async fn found(bridge: &Bridge, filter: &str) -> Value {
    let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let answer = bridge.http().get(&format!("/Users?filter={encoded}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["totalResults"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_user_is_hidden_and_locked_until_it_is_created_again() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(&marking()).start();
    let http = bridge.http();
    let mut admin = Ldap::admin(&slapd).await;
    let further: [(&str, &[&str]); 2] = [("userPassword", &[PASSWORD]), ("description", &["made by hand"])];
    assert_eq!(admin.add_person(&slapd, "jo", &further).await, 0);
    let dn = format!("uid=jo,{}", slapd.people());
    let listed = http.get("/Users").await;
    let path = format!("/Users/{}", listed.body["Resources"][0]["id"].as_str().unwrap());
    assert_eq!(http.delete(&path).await.status, 204);
    let marked = admin.person(&slapd, "(uid=jo)").await;
    assert_eq!(values(&marked, "scimDeletedAt").len(), 1, "{marked:?}");
    assert_eq!(values(&marked, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert!(Ldap::bind(&slapd, &dn, PASSWORD).await.is_err());
    // nobody sees it
    assert_eq!(http.get(&path).await.status, 404);
    assert_eq!(http.get("/Users").await.body["totalResults"], 0);
    for filter in ["userName eq \"jo\"", "userName pr", "userName pr and active eq false"] {
        assert_eq!(found(&bridge, filter).await, 0, "{filter}");
    }
    let title = json!([{"op": "Replace", "path": "title", "value": "Ghost"}]);
    assert_eq!(http.patch(&path, title).await.status, 404);
    assert_eq!(http.put(&path, &json!({"userName": "jo"})).await.status, 404);
    assert_eq!(http.delete(&path).await.status, 404);
    let refers = json!({"userName": "kim", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"manager": {"value": path.trim_start_matches("/Users/")}}});
    let kim = http.post("/Users", &refers).await;
    assert_eq!(kim.status, 201, "{kim:?}");
    assert!(!kim.body.to_string().contains("manager"), "{kim:?}");
    // and it comes back
    let back = http.post("/Users", &json!({"userName": "jo", "title": "Back", "active": true})).await;
    assert_eq!(back.status, 201, "{back:?}");
    assert_eq!(format!("/Users/{}", back.body["id"].as_str().unwrap()), path, "the same id");
    assert_eq!((&back.body["active"], &back.body["title"]), (&json!(true), &json!("Back")));
    let revived = admin.person(&slapd, "(uid=jo)").await;
    assert!(values(&revived, "scimDeletedAt").is_empty() && values(&revived, "pwdAccountLockedTime").is_empty());
    assert_eq!(values(&revived, "description"), ["made by hand"]);
    assert!(Ldap::bind(&slapd, &dn, PASSWORD).await.is_ok());
    let twice = http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!((twice.status, &twice.body["scimType"]), (409, &json!("uniqueness")), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_user_may_come_back_disabled() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(&marking()).start();
    let http = bridge.http();
    let created = http.post("/Users", &json!({"userName": "jo", "title": "Lead"})).await;
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    assert_eq!(http.delete(&path).await.status, 204);
    let back = http.post("/Users", &json!({"userName": "jo", "active": false})).await;
    assert_eq!((back.status, &back.body["active"]), (201, &json!(false)), "{back:?}");
    assert_eq!(back.body["title"], Value::Null, "the values of the request, not of before");
    let jo = Ldap::admin(&slapd).await.person(&slapd, "(uid=jo)").await;
    assert_eq!(values(&jo, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert!(values(&jo, "scimDeletedAt").is_empty());
    // who does not say is enabled, as with any other POST
    assert_eq!(http.delete(&path).await.status, 204);
    let back = http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!((back.status, &back.body["active"]), (201, &json!(true)), "{back:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_on_an_adopted_entry_brings_its_class_along() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(&marking()).start();
    let mut admin = Ldap::admin(&slapd).await;
    let attrs: [(&str, &[&str]); 4] =
        [("objectClass", &["inetOrgPerson"]), ("uid", &["jo"]), ("cn", &["Jo"]), ("sn", &["Doe"])];
    assert_eq!(admin.add(&format!("uid=jo,{}", slapd.people()), &attrs).await, 0);
    let listed = bridge.http().get("/Users").await;
    let path = format!("/Users/{}", listed.body["Resources"][0]["id"].as_str().unwrap());
    assert_eq!(bridge.http().delete(&path).await.status, 204);
    assert!(values(&admin.person(&slapd, "(uid=jo)").await, "objectClass").contains(&"scimResource"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_with_children_stays_and_the_answer_says_why() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &[]).await, 0);
    let child = format!("cn=key,uid=jo,{}", slapd.people());
    assert_eq!(admin.add(&child, &[("objectClass", &["device"]), ("cn", &["key"])]).await, 0);
    let listed = bridge.http().get("/Users").await;
    let path = format!("/Users/{}", listed.body["Resources"][0]["id"].as_str().unwrap());
    let refused = bridge.http().delete(&path).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("entries below it"), "{refused:?}");
    assert_eq!(bridge.http().get(&path).await.status, 200);
    assert_eq!(admin.delete(&child).await, 0);
    assert_eq!(bridge.http().delete(&path).await.status, 204);
    assert_eq!(bridge.http().delete(&path).await.status, 404);
}
