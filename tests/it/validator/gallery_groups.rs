//! The gallery's tests that call the server directly, for groups: 15, 16, 19, 20 and 22.

use crate::support::bed::Bed;
use serde_json::{Value, json};

/// The attributes of groups that a client writes, as `/Schemas` has them.
async fn attributes(bed: &Bed) -> Vec<Value> {
    let schema = bed.http.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").await.body;
    let attributes = schema["attributes"].as_array().expect("a list").clone();
    let writable: Vec<Value> = attributes.into_iter().filter(|attr| attr["mutability"] == "readWrite").collect();
    let names: Vec<&str> = writable.iter().map(|attr| attr["name"].as_str().unwrap()).collect();
    // the default mapping of Entra for groups
    for target in ["displayName", "externalId", "members"] {
        assert!(names.contains(&target), "{target} is not in {names:?}");
    }
    writable
}

#[tokio::test(flavor = "multi_thread")]
async fn null_update() {
    let bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team"})).await;
    for attr in attributes(&bed).await.into_iter().filter(|attr| attr["required"] != true) {
        let name = attr["name"].as_str().unwrap();
        for empty in [json!(""), Value::Null] {
            let value = if name == "members" { json!([{"value": jo}]) } else { json!("value 1") };
            bed.patch_group(&id, json!([{"op": "Add", "path": name, "value": value}])).await;
            assert_eq!(bed.http.get(&format!("/Groups/{id}")).await.body[name], value);
            bed.patch_group(&id, json!([{"op": "replace", "path": name, "value": empty}])).await;
            let group = bed.http.get(&format!("/Groups/{id}")).await.body;
            assert_eq!((group.get(name), &group["displayName"]), (None, &json!("Team")), "{name} {empty}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_and_update() {
    let bed = Bed::with_groups().await;
    let answer = bed.http.post("/Groups", &json!({"displayName": "Team"})).await;
    assert_eq!((answer.status, &answer.body["displayName"]), (201, &json!("Team")));
    let id = answer.body["id"].as_str().expect("an id");
    for attr in attributes(&bed).await.into_iter().filter(|attr| attr["type"] == "string") {
        let name = attr["name"].as_str().unwrap();
        for value in ["new value", "New Value", "newer value"] {
            bed.patch_group(id, json!([{"op": "Replace", "path": name, "value": value}])).await;
            assert_eq!(bed.http.get(&format!("/Groups/{id}")).await.body[name], value);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pagination() {
    let bed = Bed::with_groups().await;
    for n in 0..11 {
        bed.create_group(json!({"displayName": format!("Page {n}")})).await;
    }
    let (mut start, mut pages, mut seen) = (1, 0, Vec::new());
    loop {
        let page = bed.http.get(&format!("/Groups?startIndex={start}&count=5")).await;
        assert_eq!((page.status, &page.body["startIndex"]), (200, &json!(start)), "echoed");
        let groups = page.body["Resources"].as_array().expect("a list").clone();
        assert_eq!((&page.body["totalResults"], &page.body["itemsPerPage"]), (&json!(11), &json!(groups.len())));
        if groups.is_empty() {
            break;
        }
        (start, pages) = (start + groups.len(), pages + 1);
        seen.extend(groups.iter().map(|group| group["id"].as_str().unwrap().to_owned()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!((pages, seen.len()), (3, 11));
}
