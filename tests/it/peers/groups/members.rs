//! Members that come and go.

use super::{CLASSES, Class, has};
use crate::support::bed::{Bed, is_error};
use serde_json::{Value, json};

/// A group of the first two of four users.
async fn team(class: Class) -> (Bed, [String; 4], String) {
    let bed = class.bed().await;
    let users = bed.create_users(["a", "b", "c", "d"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": elements(&[&users[0], &users[1]])})).await;
    (bed, users, id)
}

/// Elements of `members`.
fn elements(ids: &[&String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

fn one(op: &str, value: Value) -> Value {
    json!([{"op": op, "path": "members", "value": value}])
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_leave_the_others_alone() {
    for class in CLASSES {
        let (mut bed, [a, b, c, d], id) = team(class).await;
        // elsewhere: 204, and all other members were gone
        bed.patch_group(&id, one("Add", elements(&[&c, &d]))).await;
        has(&mut bed, &id, &[&a, &b, &c, &d]).await;
        // elsewhere: 500, and the group was empty
        bed.patch_group(&id, one("Remove", elements(&[&a, &c]))).await;
        has(&mut bed, &id, &[&b, &d]).await;
        let several = format!("members[value eq \"{b}\" or value eq \"{c}\"]");
        bed.patch_group(&id, json!([{"op": "remove", "path": several}])).await;
        has(&mut bed, &id, &[&d]).await;
        // add and remove in one request, in both orders
        let both = json!([{"op": "add", "path": "members", "value": elements(&[&a, &b])},
            {"op": "remove", "path": "members", "value": elements(&[&d])}]);
        bed.patch_group(&id, both).await;
        has(&mut bed, &id, &[&a, &b]).await;
        let both = json!([{"op": "remove", "path": "members", "value": elements(&[&a, &b])},
            {"op": "add", "path": "members", "value": elements(&[&c, &a])}]);
        bed.patch_group(&id, both).await;
        has(&mut bed, &id, &[&a, &c]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_there_or_gone_already_stops_nobody_else() {
    for class in CLASSES {
        let (mut bed, [a, b, c, d], id) = team(class).await;
        // elsewhere: 204, and the new one was not added
        bed.patch_group(&id, one("Add", elements(&[&a, &c]))).await;
        has(&mut bed, &id, &[&a, &b, &c]).await;
        bed.patch_group(&id, one("Add", elements(&[&c]))).await;
        has(&mut bed, &id, &[&a, &b, &c]).await;
        bed.patch_group(&id, one("Remove", elements(&[&d, &a]))).await;
        has(&mut bed, &id, &[&b, &c]).await;
        bed.patch_group(&id, one("Remove", elements(&[&d]))).await;
        bed.patch_group(&id, json!([{"op": "remove", "path": format!("members[value eq \"{d}\"]")}])).await;
        has(&mut bed, &id, &[&b, &c]).await;
        // who is removed and is nobody any more is no reason to refuse either
        assert_eq!(bed.http.delete(&format!("/Users/{d}")).await.status, 204);
        bed.patch_group(&id, one("Remove", elements(&[&d, &b]))).await;
        has(&mut bed, &id, &[&c]).await;
        let twice = one("Add", elements(&[&a, &a, &a.to_uppercase(), &c]));
        bed.patch_group(&id, twice).await;
        has(&mut bed, &id, &[&a, &c]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_set_is_the_whole_set() {
    for class in CLASSES {
        let (mut bed, [a, b, c, d], id) = team(class).await;
        // elsewhere: 204, and the old members stayed
        bed.patch_group(&id, one("Replace", elements(&[&b, &c]))).await;
        has(&mut bed, &id, &[&b, &c]).await;
        bed.patch_group(&id, json!([{"op": "replace", "value": {"members": elements(&[&d])}}])).await;
        has(&mut bed, &id, &[&d]).await;
        // elsewhere: 500 with a page of HTML that named folders of the server
        bed.patch_group(&id, one("Replace", json!([]))).await;
        has(&mut bed, &id, &[]).await;
        bed.patch_group(&id, one("Replace", elements(&[&a, &b]))).await;
        // elsewhere: 204, and everybody stayed
        bed.patch_group(&id, json!([{"op": "Remove", "path": "members"}])).await;
        has(&mut bed, &id, &[]).await;
        let path = format!("/Groups/{id}");
        let put = bed.http.put(&path, &json!({"displayName": "Team", "members": elements(&[&c, &d])})).await;
        assert_eq!((put.status, put.body["members"].as_array().map(Vec::len)), (200, Some(2)), "{}", put.body);
        has(&mut bed, &id, &[&c, &d]).await;
        assert_eq!(bed.http.put(&path, &json!({"displayName": "Team"})).await.status, 200);
        has(&mut bed, &id, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_can_go() {
    for class in CLASSES {
        let (mut bed, [a, b, ..], id) = team(class).await;
        bed.patch_group(&id, one("Remove", elements(&[&a]))).await;
        // elsewhere: 204, and the member was still there
        bed.patch_group(&id, one("Remove", elements(&[&b]))).await;
        has(&mut bed, &id, &[]).await;
        // a group that was made by hand has no placeholder, and gets one when it must
        let dn = format!("cn=old,{}", bed.directory.groups());
        let user = bed.entry(&a).await.dn;
        let attrs: [(&str, &[&str]); 3] = [("objectClass", &[class.name()]), ("cn", &["old"]), ("member", &[&user])];
        assert_eq!(bed.ldap.add(&dn, &attrs).await, 0);
        let found = bed.http.get("/Groups?filter=displayName+eq+%22old%22").await.body;
        let old = found["Resources"][0]["id"].as_str().expect("an id").to_owned();
        bed.patch_group(&old, one("Remove", elements(&[&a]))).await;
        has(&mut bed, &old, &[]).await;
        // and so does one whose last member is deleted
        bed.patch_group(&old, one("Add", elements(&[&b]))).await;
        assert_eq!(bed.http.delete(&format!("/Users/{b}")).await.status, 204);
        has(&mut bed, &old, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_goes_is_a_member_nowhere() {
    for class in CLASSES {
        let (mut bed, [a, b, ..], id) = team(class).await;
        let other = bed.create_group(json!({"displayName": "Other", "members": elements(&[&a])})).await;
        assert_eq!(bed.http.delete(&format!("/Users/{a}")).await.status, 204);
        has(&mut bed, &id, &[&b]).await;
        has(&mut bed, &other, &[]).await;
        let dangling = bed.ldap.search(&bed.directory.groups(), "(member=uid=a,ou=people,dc=example,dc=com)").await;
        assert!(dangling.is_empty(), "{dangling:?}");
        is_error(&bed.http.get(&format!("/Users/{a}")).await, 404, None);
    }
}
