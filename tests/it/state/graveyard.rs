//! Deletes that move the entry away, or only disable it, and the end of what was deleted long ago.

use crate::support::bed::Bed;
use crate::support::bridge::{MAPPING, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// The shipped mapping with these lines about deletion.
fn deleting(lines: &str) -> String {
    MAPPING.replace("\npolicy = \"remove\"", &format!("\n{lines}"))
}

/// The place of deleted entries: the bridge's account may write there, and the directory's uniqueness check does not
/// reach it.
fn place(slapd: &Slapd) -> String {
    format!("ou=deleted,{}", slapd.counters())
}

async fn bed(further: &str) -> Bed {
    let slapd = Slapd::builder().start().unwrap();
    let to = place(&slapd);
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add(&to, &[("objectClass", &["organizationalUnit"]), ("ou", &["deleted"])]).await, 0);
    let mapping = deleting(&format!("policy = \"graveyard\"\nmark = \"scimDeletedAt\"\nto = \"{to}\"\n{further}"));
    Bed::with(slapd, |setup| setup.groups("").mapping(&mapping)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_moved_away_and_comes_back() {
    let mut bed = bed("").await;
    let id = bed.create(json!({"userName": "jo", "title": "Lead", "active": true})).await;
    let kim = bed.create(json!({"userName": "kim"})).await;
    let team = bed.create_group(json!({"displayName": "Team", "members": [{"value": id}, {"value": kim}]})).await;
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(bed.members(&team).await, [kim.as_str()]);
    let entry = bed.entry(&id).await;
    assert_eq!(entry.dn, format!("uid={id},{}", place(&bed.directory)));
    assert_eq!(values(&entry, "pwdAccountLockedTime"), ["000001010000Z"]);
    for path in [format!("/Users/{id}"), format!("/Users?filter=id%20eq%20%22{id}%22")] {
        let hidden = bed.http.get(&path).await;
        assert!(hidden.status == 404 || hidden.body["totalResults"] == 0, "{hidden:?}");
    }
    assert!(bed.named("jo").await.is_empty());
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 404);
    // another one may take the name meanwhile, by a rename, and be deleted too
    bed.patch(&kim, json!([{"op": "Replace", "path": "userName", "value": "jo"}])).await;
    let taken = bed.http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    bed.patch(&kim, json!([{"op": "Replace", "path": "userName", "value": "kim"}])).await;
    let back = bed.http.post("/Users", &json!({"userName": "jo", "displayName": "Jo"})).await;
    assert_eq!((back.status, &back.body["id"]), (201, &json!(id)), "{back:?}");
    assert_eq!((&back.body["active"], &back.body["title"]), (&json!(true), &Value::Null), "{back:?}");
    let entry = bed.entry(&id).await;
    assert_eq!(entry.dn, format!("uid=jo,{}", bed.directory.people()));
    assert_eq!(values(&entry, "uid"), ["jo"]);
    assert!(values(&entry, "scimDeletedAt").is_empty() && values(&entry, "pwdAccountLockedTime").is_empty());
    assert_eq!(bed.members(&team).await, [kim.as_str()], "memberships do not come back");
    // and again
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    let disabled = bed.http.post("/Users", &json!({"userName": "JO", "active": false})).await;
    assert_eq!((disabled.status, &disabled.body["id"]), (201, &json!(id)), "{disabled:?}");
    assert_eq!((&disabled.body["active"], &disabled.body["userName"]), (&json!(false), &json!("JO")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_rest_beside_each_other_and_the_later_one_comes_back() {
    let bed = bed("").await;
    let first = bed.create(json!({"userName": "jo"})).await;
    assert_eq!(bed.http.delete(&format!("/Users/{first}")).await.status, 204);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let second = bed.create(json!({"userName": "kim"})).await;
    bed.patch(&second, json!([{"op": "Replace", "path": "userName", "value": "jo"}])).await;
    assert_eq!(bed.http.delete(&format!("/Users/{second}")).await.status, 204);
    let back = bed.http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!((back.status, &back.body["id"]), (201, &json!(second)), "{back:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_to_move_to_nothing_is_deleted() {
    let mut bed = bed("").await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let to = place(&bed.directory);
    assert_eq!(bed.ldap.delete(&to).await, 0);
    let refused = bed.http.delete(&format!("/Users/{id}")).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("`to`"), "{refused:?}");
    assert_eq!(bed.read(&id).await["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_may_only_disable() {
    let slapd = Slapd::builder().start().unwrap();
    let bed = Bed::with(slapd, |setup| setup.groups("").mapping(&deleting("policy = \"disable\""))).await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let team = bed.create_group(json!({"displayName": "Team", "members": [{"value": id}]})).await;
    for _ in 0..2 {
        assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
        assert_eq!(bed.read(&id).await["active"], false);
        assert!(bed.members(&team).await.is_empty());
    }
    assert_eq!(bed.named("jo").await.len(), 1, "found again by whoever creates it again");
    let back = bed.patch(&id, json!([{"op": "Replace", "path": "active", "value": true}])).await;
    assert_eq!(back["active"], true);
    assert!(bed.members(&team).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn purge_deletes_what_is_due_and_names_what_it_leaves() {
    let mut bed = bed("purge_after_days = 30").await;
    let mut ids = Vec::new();
    for name in ["old", "young", "parent", "back", "alive"] {
        ids.push(bed.create(json!({"userName": name})).await);
    }
    for id in &ids[..4] {
        assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    }
    for index in [0, 2, 3] {
        let dn = bed.entry(&ids[index]).await.dn;
        assert_eq!(bed.ldap.replace(&dn, "scimDeletedAt", &["20200101000000Z"]).await, 0);
    }
    let parent = bed.entry(&ids[2]).await.dn;
    let child = format!("cn=key,{parent}");
    assert_eq!(bed.ldap.add(&child, &[("objectClass", &["device"]), ("cn", &["key"])]).await, 0);
    bed.create(json!({"userName": "back"})).await;
    let before = bed.everything().await;
    let (dry, stderr, code) = bed.bridge.run(&["purge", "--dry-run"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(dry.starts_with("endpoint `lab`, User: 1 would be deleted, 1 left, 0 failed, 1 not due yet\n"), "{dry}");
    assert_eq!(bed.everything().await, before);
    let (done, stderr, code) = bed.bridge.run(&["purge", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!((&done[0]["deleted"][0]["id"], &done[0]["left"][0]["dn"]), (&json!(ids[0]), &json!(parent)), "{done}");
    assert_eq!(done[0]["left"][0]["reason"], "it has entries below it");
    let gone: Vec<String> = before.into_iter().filter(|dn| !dn.contains(&ids[0])).collect();
    assert_eq!(bed.everything().await, gone);
    let line = bed.bridge.audit().pop().expect("an audit line");
    assert_eq!(
        (&line["caller"], &line["verb"], &line["resource_id"]),
        (&json!("purge"), &json!("purge"), &json!(ids[2]))
    );
    let (again, _, code) = bed.bridge.run(&["purge", "--older-than", "1d", "--endpoint", "lab"]);
    assert!(code == 0 && again.contains("0 deleted, 1 left, 0 failed, 1 not due yet"), "{again}");
    let (_, stderr, code) = bed.bridge.run(&["purge", "--endpoint", "other"]);
    assert!(code == 2 && stderr.contains("no such endpoint"), "{stderr}");
    assert_eq!(bed.ldap.delete(&child).await, 0);
    let (all, _, code) = bed.bridge.run(&["purge", "--older-than", "0s"]);
    assert!(code == 0 && all.contains("2 deleted, 0 left, 0 failed, 0 not due yet"), "{all}");
    assert_eq!(bed.read(&ids[4]).await["userName"], "alive");
}

#[tokio::test(flavor = "multi_thread")]
async fn purge_takes_a_mark_without_a_move_and_fails_where_the_directory_refuses() {
    let slapd = Slapd::builder().start().unwrap();
    let mapping = deleting("policy = \"mark\"\nmark = \"description\"");
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping)).await;
    let id = bed.create(json!({"userName": "jo"})).await;
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    let (text, _, code) = bed.bridge.run(&["purge"]);
    assert!(code == 0 && text.contains("says after how long"), "{text}");
    let dn = bed.entry(&id).await.dn;
    assert_eq!(bed.ldap.replace(&dn, "description", &["some time ago"]).await, 0);
    let (text, _, code) = bed.bridge.run(&["purge", "--older-than", "0s"]);
    assert!(code == 0 && text.contains("its mark is no time"), "{text}");
    assert_eq!(bed.ldap.replace(&dn, "description", &["20200101000000Z"]).await, 0);
    bed.directory.stop();
    let (text, stderr, code) = bed.bridge.run(&["purge", "--older-than", "1d"]);
    assert!(code == 2 && stderr.contains("endpoint `lab`"), "{text} {stderr}");
    bed.directory.start().unwrap();
    let (text, stderr, code) = bed.bridge.run(&["purge", "--older-than", "1d"]);
    assert!(code == 0 && text.contains("1 deleted"), "{text} {stderr}");
    assert!(!Ldap::admin(&bed.directory).await.search(&bed.directory.people(), "(uid=jo)").await.iter().any(|_| true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_deletes_at_once_has_nothing_to_purge() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let (text, stderr, code) = bridge.run(&["purge", "--older-than", "1d"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text} {stderr}");
}
