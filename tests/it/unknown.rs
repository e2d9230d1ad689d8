//! A write is done and its answer is lost: the bridge looks, and answers as if nothing had happened.

use crate::support::bridge::{Bridge, MAPPING, Setup};
use crate::support::ldap::{Ldap, values};
use crate::support::proxy::{Lost, Proxy};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// The short name is made from the `userName`, which is kept whole in `mail`.
const SHORT_NAMES: &str = include_str!("../short-names.toml");

/// A bridge that reaches the directory through the proxy.
fn bridge(slapd: &Slapd, proxy: &Proxy, mapping: &str) -> Bridge {
    Setup::new(slapd).servers(&[proxy.url()]).mapping(mapping).start()
}

/// The last line of the audit trail ends well, and has a step of which nobody knew whether it was done.
fn was_unknown(bridge: &Bridge, what: Lost) {
    let last = bridge.audit().pop().expect("a line");
    assert_eq!(last["phase"], "outcome", "{what:?}: {last}");
    let outcomes: Vec<&Value> = last["steps"].as_array().unwrap().iter().map(|step| &step["outcome"]).collect();
    assert!(outcomes.contains(&&json!("unknown")), "{what:?}: {last}");
    assert!(last["status"].as_u64().is_some_and(|status| status < 300), "{what:?}: {last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_made_up_for() {
    let slapd = Slapd::builder().start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let bridge = bridge(&slapd, &proxy, MAPPING);
    let (http, mut admin) = (bridge.http(), Ldap::admin(&slapd).await);
    let body = json!({"userName": "jo", "title": "Engineer", "externalId": "4711"});
    proxy.lose(Lost::Add);
    let created = http.post("/Users", &body).await;
    assert_eq!((created.status, &created.body["title"]), (201, &json!("Engineer")), "{created:?}");
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Add);
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    proxy.lose(Lost::Modify);
    let operations = json!([{"op": "Replace", "path": "title", "value": "Lead"},
        {"op": "Replace", "path": "active", "value": "False"}, {"op": "Remove", "path": "externalId"}]);
    let patched = http.patch(&path, operations).await;
    assert_eq!((patched.status, &patched.body["title"]), (200, &json!("Lead")), "{patched:?}");
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Modify);
    proxy.lose(Lost::Rename);
    let both = json!([{"op": "Replace", "value": {"userName": "joan", "title": "Chief"}}]);
    let renamed = http.patch(&path, both).await;
    assert_eq!((renamed.status, &renamed.body["userName"]), (200, &json!("joan")), "{renamed:?}");
    assert_eq!(renamed.body["id"], created.body["id"]);
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Rename);
    let joan = admin.person(&slapd, "(uid=*)").await;
    assert_eq!((values(&joan, "uid"), values(&joan, "title")), (vec!["joan"], vec!["Chief"]));
    assert_eq!(values(&joan, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert!(values(&joan, "scimExternalId").is_empty());
    proxy.lose(Lost::Delete);
    let deleted = http.delete(&path).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Delete);
    assert!(admin.search(&slapd.people(), "(uid=*)").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_mark_and_a_lost_revival_are_made_up_for() {
    let slapd = Slapd::builder().start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let marking = MAPPING.replace("\npolicy = \"remove\"", "\npolicy = \"mark\"\nmark = \"scimDeletedAt\"");
    let bridge = bridge(&slapd, &proxy, &marking);
    let http = bridge.http();
    let body = json!({"userName": "jo", "title": "Engineer"});
    let created = http.post("/Users", &body).await;
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    proxy.lose(Lost::Modify);
    assert_eq!(http.delete(&path).await.status, 204);
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Modify);
    let body = json!({"userName": "jo", "title": "Back"});
    proxy.lose(Lost::Modify);
    let back = http.post("/Users", &body).await;
    assert_eq!((back.status, &back.body["title"]), (201, &json!("Back")), "{back:?}");
    assert_eq!(back.body["id"], created.body["id"]);
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Modify);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_create_with_a_short_name_takes_no_second_one() {
    let slapd = Slapd::builder().start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let bridge = bridge(&slapd, &proxy, SHORT_NAMES);
    proxy.lose(Lost::Add);
    let created = bridge.http().post("/Users", &json!({"userName": "jo@example.org"})).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert!(proxy.has_lost());
    was_unknown(&bridge, Lost::Add);
    let jo = Ldap::admin(&slapd).await.person(&slapd, "(mail=jo@example.org)").await;
    assert_eq!(values(&jo, "uid"), ["jo"]);
}
