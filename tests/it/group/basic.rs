//! A group's life: created empty, filled, emptied, renamed, deleted.

use crate::support::bed::{Bed, is_error};
use serde_json::json;

#[tokio::test]
async fn members_come_and_go_one_by_one() {
    let mut bed = Bed::with_groups().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "externalId": "e1", "members": []})).await;
    assert_eq!(bed.members(&id).await, Vec::<String>::new());
    bed.patch_group(&id, json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": jo}]}])).await;
    bed.patch_group(&id, json!([{"op": "Add", "path": "members", "value": [{"value": jo}, {"value": kim}]}])).await;
    let mut both = vec![jo.clone(), kim.clone()];
    both.sort();
    assert_eq!(bed.members(&id).await, both);
    bed.patch_group(&id, json!([{"op": "Remove", "path": "members", "value": [{"value": jo}]}])).await;
    bed.patch_group(&id, json!([{"op": "remove", "path": format!("members[value eq \"{jo}\"]")}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&kim));
    bed.patch_group(&id, json!([{"op": "remove", "path": "members"}])).await;
    assert_eq!(bed.members(&id).await, Vec::<String>::new());
    let entry = bed.entry(&id).await;
    assert_eq!(entry.attrs["member"], ["cn=nobody,dc=example,dc=com"], "the placeholder stays");
    assert_eq!(bed.http.delete(&format!("/Groups/{id}")).await.status, 204);
    is_error(&bed.http.get(&format!("/Groups/{id}")).await, 404, None);
}
