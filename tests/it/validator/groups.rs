//! The tests of groups.

use super::random;
use crate::support::bed::{Bed, is_error};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The body of a create as the validator sends it: no members.
fn default_group(name: &str) -> Value {
    json!({"displayName": name, "externalId": format!("id of {name}"), "schemas": [GROUP]})
}

/// The list that a query finds, which must be one.
async fn list(bed: &Bed, query: &str) -> Vec<Value> {
    let answer = bed.http.get(&format!("/Groups?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let found = answer.body["Resources"].as_array().expect("a list").clone();
    assert_eq!(answer.body["totalResults"], found.len());
    found
}

/// Tests 13 to 17, joined by `displayName` and by `externalId`.
#[tokio::test(flavor = "multi_thread")]
async fn reads_and_searches() {
    let bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let mut group = default_group("Team 13");
    group["members"] = json!([{"value": jo}]);
    let id = bed.create_group(group).await;
    bed.create_group(default_group("Other")).await;
    let one = bed.http.get(&format!("/Groups/{id}?excludedAttributes=members")).await;
    assert_eq!((one.status, &one.body["displayName"], one.body.get("members")), (200, &json!("Team 13"), None));
    for (filter, hit) in [
        ("displayName+eq+\"Team+13\"", true),
        ("displayName+eq+\"team+13\"", true),
        ("displayName+eq+\"TEAM+13\"", true),
        ("displayName+eq+\"nonexistent4711\"", false),
        ("externalId+eq+\"id+of+Team+13\"", true),
        ("externalId+eq+\"nonexistent4711\"", false),
        // case counts in it, as `/Schemas` says
        ("externalId+eq+\"ID+OF+TEAM+13\"", false),
    ] {
        let with = list(&bed, &format!("filter={filter}")).await;
        let without = list(&bed, &format!("excludedAttributes=members&filter={filter}")).await;
        assert_eq!((with.len(), without.len()), (usize::from(hit), usize::from(hit)), "{filter}");
        if hit {
            assert_eq!((&with[0]["id"], &with[0]["members"]), (&json!(id), &json!([{"value": jo}])), "{filter}");
            assert_eq!((&without[0]["id"], without[0].get("members")), (&json!(id), None), "{filter}");
        }
    }
}

/// Tests 18, 19 and 24, P6 and P7.
#[tokio::test(flavor = "multi_thread")]
async fn creates_and_deletes() {
    let mut bed = Bed::with_groups().await;
    let group = default_group("Team 18");
    let answer = bed.http.post("/Groups", &group).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    for (name, value) in group.as_object().unwrap() {
        assert_eq!(&answer.body[name], value);
    }
    let mut duplicate = group.clone();
    duplicate["externalId"] = json!("another");
    is_error(&bed.http.post("/Groups", &duplicate).await, 409, Some("uniqueness"));
    let path = format!("/Groups/{}", answer.body["id"].as_str().unwrap());
    assert_eq!(bed.http.delete(&path).await.status, 204);
    is_error(&bed.http.get(&path).await, 404, None);
    is_error(&bed.http.delete(&path).await, 404, None);
    is_error(&bed.http.delete("/Groups/6f1c1f6e-2b1d-4c8a-9a53-0d7c5f0e8a11").await, 404, None);
    assert!(bed.ldap.search(&bed.directory.groups(), "(cn=*)").await.is_empty());
    bed.create_group(group).await;
}

/// Tests 20 and 21. A PATCH is answered 204, or 200 with the group where the endpoint is so set.
#[tokio::test(flavor = "multi_thread")]
async fn updates() {
    for (setting, status) in [("", 204), ("patch_response = 'full'", 200)] {
        let bed = Bed::with(scim_ldap_bridge::lab::Slapd::builder().start().unwrap(), |s| s.groups(setting)).await;
        let [jo] = bed.create_users(["jo"]).await;
        let mut group = default_group("Team 20");
        group["members"] = json!([{"value": jo}]);
        let path = format!("/Groups/{}", bed.create_group(group).await);
        for (name, value) in [("externalId", "new-id"), ("displayName", "Team 21")] {
            let change = json!([{"op": "replace", "value": {name: value}}]);
            let answer = bed.http.patch(&path, change).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            let now = bed.http.get(&path).await.body;
            assert_eq!((&now[name], &now["members"]), (&json!(value), &json!([{"value": jo}])));
            assert!(status == 204 && answer.body.is_null() || answer.body == now, "{}", answer.body);
        }
        assert_eq!(list(&bed, "filter=displayName+eq+\"team+21\"").await.len(), 1);
        assert!(list(&bed, "filter=displayName+eq+\"team+20\"").await.is_empty());
    }
}

/// Tests 22 and 23, and P5.
#[tokio::test(flavor = "multi_thread")]
async fn members() {
    let bed = Bed::with_groups().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let id = bed.create_group(default_group("Team 22")).await;
    // it is called Add Member, and replaces
    bed.patch_group(&id, json!([{"op": "replace", "path": "members", "value": [{"value": jo}]}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&jo));
    let two = json!([{"op": "replace", "path": "members", "value": [{"value": jo}, {"value": kim}]}]);
    bed.patch_group(&id, two).await;
    assert_eq!(bed.members(&id).await.len(), 2);
    bed.patch_group(&id, json!([{"op": "remove", "path": format!("members[value eq \"{jo}\"]")}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&kim));
    let there_and_gone = json!([{"op": "add", "path": "members", "value": [{"value": jo}]},
        {"op": "remove", "path": format!("members[value eq \"{jo}\"]")}]);
    bed.patch_group(&id, there_and_gone).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&kim));
    bed.patch_group(&id, json!([])).await;
    assert_eq!(bed.members(&id).await, [kim]);
}

/// What discovery says of groups is what comes back, and `members` have nothing beside `value`, which would stop it.
#[tokio::test(flavor = "multi_thread")]
async fn all_that_discovery_offers_comes_back() {
    let bed = Bed::with_groups().await;
    let types = bed.http.get("/ResourceTypes").await.body;
    let names: Vec<&str> =
        types["Resources"].as_array().unwrap().iter().map(|kind| kind["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["User", "Group"]);
    let schema = bed.http.get(&format!("/Schemas/{GROUP}")).await.body;
    let mut group = json!({"schemas": [GROUP]});
    let attributes = schema["attributes"].as_array().expect("a list");
    for attr in attributes {
        let name = attr["name"].as_str().unwrap();
        assert_eq!((&attr["mutability"], name == "displayName"), (&json!("readWrite"), attr["required"] == true));
        if name == "members" {
            let parts: Vec<&Value> = attr["subAttributes"].as_array().unwrap().iter().map(|sub| &sub["name"]).collect();
            assert_eq!((parts, &attr["multiValued"]), (vec![&json!("value")], &json!(true)));
        } else {
            group[name] = random(attr);
        }
        assert_eq!(attr["caseExact"] == true, name == "externalId", "{attr}");
    }
    assert_eq!((attributes.len(), group.as_object().unwrap().len()), (3, 3), "{schema}");
    let answer = bed.http.post("/Groups", &group).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    for (name, value) in group.as_object().unwrap() {
        assert_eq!(&answer.body[name], value);
    }
    let users = bed.http.get("/Schemas").await.body;
    let users =
        users["Resources"].as_array().unwrap().iter().find(|schema| schema["id"].as_str().unwrap().ends_with("User"));
    let groups = users.unwrap()["attributes"].as_array().unwrap().iter().find(|attr| attr["name"] == "groups").cloned();
    assert_eq!(groups.expect("the groups of a user")["mutability"], "readOnly");
}
