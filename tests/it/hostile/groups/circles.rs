//! Groups in groups, in circles, and in themselves.

use crate::support::bed::{Bed, is_error};
use crate::support::ldap::values;
use serde_json::{Value, json};

fn add(ids: &[&String]) -> Value {
    let value: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": "add", "path": "members", "value": value}])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_is_two_groups_that_are_members_of_each_other() {
    let mut bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let one = bed.create_group(json!({"displayName": "One"})).await;
    let two = bed.create_group(json!({"displayName": "Two", "members": [{"value": one}, {"value": jo}]})).await;
    let three = bed.create_group(json!({"displayName": "Three", "members": [{"value": two}]})).await;
    bed.patch_group(&one, add(&[&two, &three])).await;
    let mut expected = [two.clone(), three.clone()];
    expected.sort();
    assert_eq!(bed.members(&one).await, expected, "as they are said, and nobody from inside of them");
    let filter = format!("/Groups?excludedAttributes=members&filter=members+eq+%22{two}%22");
    assert_eq!(bed.http.get(&filter).await.body["totalResults"], 2);
    for (id, name) in [(&one, "Uno"), (&two, "Due")] {
        bed.patch_group(id, json!([{"op": "replace", "path": "displayName", "value": name}])).await;
    }
    assert_eq!(bed.members(&one).await, expected);
    assert_eq!(values(&bed.entry(&one).await, "member").len(), 3, "no old name stays");
    assert_eq!(bed.http.get("/Groups").await.body["totalResults"], 3);
    assert_eq!(bed.http.delete(&format!("/Groups/{two}")).await.status, 204);
    assert_eq!(bed.members(&one).await, std::slice::from_ref(&three));
    assert_eq!(bed.members(&three).await, Vec::<String>::new());
    for id in [&one, &three] {
        assert_eq!(bed.http.delete(&format!("/Groups/{id}")).await.status, 204);
    }
    assert!(values(&bed.entry(&jo).await, "memberOf").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_in_itself_can_be_renamed_emptied_and_deleted() {
    let mut bed = Bed::with_groups().await;
    let id = bed.create_group(json!({"displayName": "Self"})).await;
    let path = format!("/Groups/{id}");
    bed.patch_group(&id, add(&[&id])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&id));
    bed.patch_group(&id, json!([{"op": "replace", "path": "displayName", "value": "Ego"}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&id));
    let own = bed.entry(&id).await;
    assert_eq!(values(&own, "member"), [own.dn.as_str(), "cn=nobody,dc=example,dc=com"]);
    let both = json!([{"op": "replace", "path": "displayName", "value": "Me"}, add(&[&id])[0]]);
    bed.patch_group(&id, both).await;
    let own = bed.entry(&id).await;
    assert_eq!(values(&own, "member"), [own.dn.as_str(), "cn=nobody,dc=example,dc=com"], "and no old name");
    let out = json!([{"op": "replace", "path": "displayName", "value": "Us"}, {"op": "remove", "path": "members"}]);
    bed.patch_group(&id, out).await;
    assert_eq!(values(&bed.entry(&id).await, "member"), ["cn=nobody,dc=example,dc=com"]);
    bed.patch_group(&id, add(&[&id])).await;
    assert_eq!(bed.http.delete(&path).await.status, 204);
    is_error(&bed.http.get(&path).await, 404, None);
}
