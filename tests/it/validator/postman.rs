//! The Postman collection of Microsoft's reference code.

use crate::support::bed::{Bed, encoded, is_error};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn creates_reads_and_replaces() {
    let bed = Bed::new().await;
    for path in ["/Users", "/Groups"] {
        let empty = bed.http.get(path).await;
        assert_eq!((empty.status, &empty.body["totalResults"], &empty.body["Resources"]), (200, &json!(0), &json!([])));
    }
    let user = json!({"UserName": "UserName123", "Active": "True", "DisplayName": "BobIsAmazing",
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "externalId": "22fbc523-6032-4c5f-939d-5d4850cf3e52",
        "name": {"formatted": "Ryan Leenay", "familyName": "Leenay", "givenName": "Ryan"},
        "emails": [{"Primary": true, "type": "work", "value": "testing@bob.com"},
            {"Primary": false, "type": "home", "value": "testinghome@bob.com"}]});
    let answer = bed.http.post("/Users", &user).await;
    assert_eq!((answer.status, &answer.body["active"]), (201, &json!(true)), "{}", answer.body);
    assert_eq!(answer.body["emails"], json!([{"value": "testing@bob.com", "type": "work", "primary": true}]));
    let path = format!("/Users/{}", answer.body["id"].as_str().unwrap());
    is_error(&bed.http.post("/Users", &json!({"displayName": "no name"})).await, 400, Some("invalidValue"));
    is_error(&bed.send(Method::POST, "/Users", "{\"userName\": \"x\",,}").await, 400, Some("invalidSyntax"));
    is_error(&bed.http.post("/Users", &user).await, 409, Some("uniqueness"));
    let put = json!({"userName": "UserName123", "unknownAttribute": {"a": [1, 2]}, "title": "T"});
    let put = bed.http.put(&path, &put).await;
    assert_eq!((put.status, &put.body["title"]), (200, &json!("T")), "{}", put.body);
    assert!(put.body.get("unknownAttribute").is_none() && put.body.get("emails").is_none());
    is_error(&bed.http.put(&path, &json!({"title": "T"})).await, 400, Some("invalidValue"));
}

#[tokio::test(flavor = "multi_thread")]
async fn projections_and_filters() {
    let bed = Bed::new().await;
    for n in 1..=3 {
        let mail = format!("u{n}@bob.com");
        bed.create(json!({"userName": format!("user{n}"), "displayName": format!("Bob {n}"), "title": "T",
            "emails": [{"type": "work", "value": mail}], "phoneNumbers": [{"type": "work", "value": "1"}]}))
            .await;
    }
    let keys = |user: &Value| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let page = bed.http.get("/Users?startIndex=1&count=2").await.body;
    assert_eq!((&page["totalResults"], page["Resources"].as_array().unwrap().len()), (&json!(3), 2));
    let some = bed.http.get("/Users?attributes=userName,emails").await.body;
    for user in some["Resources"].as_array().unwrap() {
        let mut keys = keys(user);
        keys.sort();
        assert_eq!(keys, ["emails", "id", "schemas", "userName"], "{user}");
    }
    let one = bed.http.get(&format!("/Users?attributes={}", encoded("emails[type eq \"work\"]"))).await;
    assert_eq!(one.status, 200, "{}", one.body);
    assert!(one.body["Resources"][0]["emails"].is_array() && one.body["Resources"][0].get("title").is_none());
    for (filter, expected) in [
        ("DisplayName eq \"Bob 1\"", 1),
        ("userName pr and DisplayName sw \"bob\"", 3),
        ("userName pr and displayName co \"2\"", 1),
        ("userName eq user1 and (displayName eq \"Bob 1\" or title eq nothing)", 1),
        ("userName eq user1 and (displayName eq x or title eq T)", 1),
        ("userName pr and meta.Created gt \"2020-01-01T00:00:00Z\"", 3),
        ("userName pr and meta.created lt 2020-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(bed.find(filter).await.len(), expected, "{filter}");
    }
    // what the directory cannot narrow is refused with a text, never answered wrongly
    let answer = bed.http.get("/Users?filter=DisplayName+sw+%22bob%22").await;
    is_error(&answer, 400, Some("invalidFilter"));
}

/// Members as plain texts, with names beside their ids, and of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn groups_and_odd_members() {
    let ignoring = "unresolved_members = 'ignore'";
    for (setting, status) in [("", 400), (ignoring, 204)] {
        let bed = Bed::with(scim_ldap_bridge::lab::Slapd::builder().start().unwrap(), |s| s.groups(setting)).await;
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let empty = bed.http.get("/Groups").await;
        assert_eq!((empty.status, &empty.body["totalResults"]), (200, &json!(0)));
        let id = bed.create_group(json!({"displayName": "Group1DisplayName", "externalId": "x"})).await;
        let plain = |value: &str| json!([{"op": "add", "path": "members", "value": value}]);
        bed.patch_group(&id, plain(&jo)).await;
        let named = json!([{"name": "addMember", "op": "add", "path": "members",
            "value": [{"displayName": "Kim", "value": kim}]}]);
        bed.patch_group(&id, named).await;
        assert_eq!(bed.members(&id).await.len(), 2);
        // the collection wants 204 for nobody; Entra would then never send the member again
        let nobody = "9a4e1c9e-45c3-4b8e-8e6c-000000000000";
        let answer = bed.http.patch(&format!("/Groups/{id}"), plain(nobody)).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(status == 204 || answer.body["detail"].as_str().unwrap().contains(nobody), "{}", answer.body);
        assert_eq!(bed.members(&id).await.len(), 2);
        bed.patch_group(&id, json!([{"op": "remove", "path": "members"}])).await;
        assert_eq!(bed.members(&id).await, Vec::<String>::new());
        let put = json!({"displayName": "Group2", "members": [{"value": jo, "displayName": "Jo"}], "unknown": 1});
        let put = bed.http.put(&format!("/Groups/{id}"), &put).await;
        assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Group2")), "{}", put.body);
        assert_eq!((&put.body["members"], put.body.get("unknown")), (&json!([{"value": jo}]), None));
    }
}
