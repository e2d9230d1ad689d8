//! Members that are nobody, and values that are no members.

use crate::support::bed::{Bed, is_error};
use crate::support::ldap::values;
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

fn add(value: &Value) -> Value {
    json!([{"op": "add", "path": "members", "value": value}])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_is_named_and_left_out() {
    let mut bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team"})).await;
    let path = format!("/Groups/{id}");
    let mut nobody: Vec<String> = [
        "../x",
        "jo",
        "*",
        "uid=jo,ou=people,dc=example,dc=com",
        "cn=nobody,dc=example,dc=com",
        "\0",
        "a\0b",
        "0",
        "00000000-0000-0000-0000-000000000000",
        "(entryUUID=*)",
        "\u{1}cn=admin,dc=example,dc=com",
    ]
    .map(str::to_owned)
    .into();
    nobody.push(format!("{jo}x"));
    nobody.push(format!(" {jo}"));
    nobody.push("x".repeat(100_000));
    // entries that are there and are nobody here: outside of the bases, of another class, the bases themselves
    for entry in bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await {
        nobody.extend(
            values(&entry, "entryUUID")
                .into_iter()
                .filter(|e| ![&jo, &id].contains(&&(*e).to_owned()))
                .map(str::to_owned),
        );
    }
    assert!(nobody.len() > 20);
    for nobody in nobody {
        let answer = bed.http.patch(&path, add(&json!([{"value": nobody}]))).await;
        is_error(&answer, 400, Some("invalidValue"));
        let detail = answer.body["detail"].as_str().unwrap();
        let told: String = nobody.chars().take(30).map(|c| if c.is_control() { ' ' } else { c }).collect();
        assert!(detail.contains(told.trim()) && detail.contains("hint: provision them first"), "{detail}");
        assert!(detail.len() < 800, "{}", detail.len());
        assert_eq!(values(&bed.entry(&id).await, "member"), ["cn=nobody,dc=example,dc=com"], "{nobody:.50}");
        // whoever is not there cannot be in, so it is out already
        bed.patch_group(&id, json!([{"op": "remove", "path": "members", "value": [{"value": nobody}]}])).await;
    }
    // the others are written all the same
    let answer = bed.http.patch(&path, add(&json!([{"value": "../x"}, {"value": jo}, {"value": "nobody"}]))).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&jo));
    let many: Vec<Value> = (0..50).map(|n| json!({"value": format!("nobody-{n}")})).collect();
    let answer = bed.http.patch(&path, add(&json!(many))).await;
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("`nobody-19` and 30 more") && !detail.contains("nobody-20"), "{detail}");
    assert_eq!(bed.members(&id).await, [jo]);
}

/// A POST or PUT that leaves somebody out is answered with the group as it is, and the audit trail tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_group_is_written_without_those_who_are_nobody() {
    let bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let group = json!({"displayName": "Team", "members": [{"value": "nobody-at-all"}, {"value": jo}]});
    let created = bed.http.post("/Groups", &group).await;
    assert_eq!((created.status, &created.body["members"]), (201, &json!([{"value": jo}])), "{}", created.body);
    let path = format!("/Groups/{}", created.body["id"].as_str().unwrap());
    let put = bed.http.put(&path, &group).await;
    assert_eq!((put.status, &put.body["members"]), (200, &json!([{"value": jo}])), "{}", put.body);
    for method in ["create", "replace"] {
        let told = |line: &Value| line["unresolved"] == json!(["nobody-at-all"]) && line["verb"] == method;
        assert!(bed.bridge.audit().iter().any(told), "{method}: {:?}", bed.bridge.audit());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_member_is_refused_or_nothing() {
    let mut bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    let path = format!("/Groups/{id}");
    let before = values(&bed.entry(&id).await, "entryCSN")[0].to_owned();
    for odd in [
        json!([]),
        Value::Null,
        json!([null]),
        json!([{}]),
        json!([{"value": null}]),
        json!([{"value": ""}]),
        json!([{"display": "Jo"}]),
        json!([{"value": 7}]),
        json!(7),
        json!(true),
        json!([[]]),
        json!([["x"]]),
        json!({"value": {"value": jo}}),
        json!([{"value": [jo]}]),
        json!({}),
        json!([{"value": {"$ref": "x"}}]),
    ] {
        let answer = bed.http.patch(&path, add(&odd)).await;
        if answer.status != 204 {
            assert_eq!(answer.status, 400, "{odd}: {}", answer.body);
            assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", answer.body);
        }
        let answer = bed.http.post("/Groups", &json!({"displayName": "New", "members": odd})).await;
        match answer.status {
            201 => assert_eq!(
                bed.http.delete(&format!("/Groups/{}", answer.body["id"].as_str().unwrap())).await.status,
                204
            ),
            _ => assert_eq!(answer.status, 400, "{odd}: {}", answer.body),
        }
        assert_eq!(bed.members(&id).await, std::slice::from_ref(&jo), "{odd}");
    }
    assert_eq!(values(&bed.entry(&id).await, "entryCSN"), [&before], "nothing was written");
}

/// One id in many spellings is one member.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_other_letters_is_the_same_member() {
    let mut bed = Bed::with_groups().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let spelled = json!([{"value": jo}, {"value": jo.to_uppercase()}, {"value": jo}]);
    let id = bed.create_group(json!({"displayName": "Team", "members": spelled})).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&jo));
    bed.patch_group(&id, add(&json!([{"value": kim}, {"value": kim.to_uppercase()}]))).await;
    let upper = format!("members[value eq \"{}\"]", jo.to_uppercase());
    bed.patch_group(&id, json!([{"op": "remove", "path": upper}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&kim));
    bed.patch_group(&id, json!([{"op": "replace", "path": "members", "value": [{"value": kim.to_uppercase()}]}])).await;
    assert_eq!(bed.members(&id).await, std::slice::from_ref(&kim));
    assert_eq!(values(&bed.entry(&id).await, "member").len(), 2, "with the placeholder");
}

/// The whole request is refused, and nothing of it is done, where the endpoint is so set.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_stops_everything_where_that_is_wanted() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.groups("unresolved_members = 'reject'")).await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team"})).await;
    let before = bed.everything().await;
    let both = json!([{"value": jo}, {"value": "nobody"}]);
    let new = json!({"displayName": "New", "members": both});
    let change = json!([{"op": "replace", "path": "displayName", "value": "Crew"}, add(&both)[0]]);
    for answer in [
        bed.http.post("/Groups", &new).await,
        bed.http.put(&format!("/Groups/{id}"), &new).await,
        bed.http.patch(&format!("/Groups/{id}"), change).await,
    ] {
        is_error(&answer, 400, Some("invalidValue"));
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("nothing was changed") && detail.contains("`nobody`"), "{detail}");
    }
    assert_eq!(bed.everything().await, before);
    assert_eq!(bed.members(&id).await, Vec::<String>::new());
}

/// Texts that end up in Entra's provisioning log say what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_says_what_to_do() {
    let bed = Bed::with_groups().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    let path = format!("/Groups/{id}");
    for (operation, keyword, says) in [
        (json!({"op": "remove", "path": "members[value sw \"x\"]"}), "invalidFilter", "`value eq \"id\"`"),
        (json!({"op": "remove", "path": "members[display eq \"Jo\"]"}), "invalidFilter", "display"),
        (json!({"op": "remove", "path": "members[value eq"}), "invalidPath", "members"),
        (json!({"op": "replace", "path": "members.value", "value": kim}), "mutability", "add the other"),
        (
            json!({"op": "replace", "path": format!("members[value eq \"{jo}\"].value"), "value": kim}),
            "mutability",
            "remove the member",
        ),
        (json!({"op": "remove", "path": "displayName"}), "mutability", "`displayName` is required"),
        (json!({"op": "replace", "path": "displayName", "value": ""}), "mutability", "`displayName` is required"),
        (json!({"op": "move", "path": "members", "value": []}), "invalidSyntax", "move"),
    ] {
        let answer = bed.http.patch(&path, json!([operation])).await;
        let told = (answer.status, answer.body["scimType"].as_str());
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(told == (400, Some(keyword)) && detail.contains(says), "{operation}: {}", answer.body);
    }
    assert_eq!(bed.members(&id).await, [jo]);
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_mean_nothing_are_405() {
    let mut bed = Bed::with_groups().await;
    let id = bed.create_group(json!({"displayName": "Team"})).await;
    let before = bed.everything().await;
    for (method, path) in [
        (Method::PUT, "/Groups"),
        (Method::PATCH, "/Groups"),
        (Method::DELETE, "/Groups"),
        (Method::POST, &format!("/Groups/{id}")),
    ] {
        let answer = bed.send(method.clone(), path, "{}").await;
        is_error(&answer, 405, None);
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
    }
    is_error(&bed.http.get(&format!("/Groups/{id}/members")).await, 404, None);
    assert_eq!(bed.everything().await, before);
}

/// An endpoint without groups says so, and has an empty list of them, which Entra asks for all the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_groups_has_none() {
    let slapd = Slapd::builder().start().unwrap();
    let with = Bed::with(slapd, |setup| setup.groups("")).await;
    let id = with.create_group(json!({"displayName": "Team"})).await;
    let Bed { directory: slapd, bridge, .. } = with;
    drop(bridge);
    let mut bed = Bed::with(slapd, |setup| setup).await;
    let before = bed.everything().await;
    is_error(&bed.http.post("/Groups", &json!({"displayName": "New"})).await, 501, None);
    for query in ["", "?filter=displayName+eq+%22Team%22", "?excludedAttributes=members&count=1"] {
        let list = bed.http.get(&format!("/Groups{query}")).await;
        assert_eq!((list.status, &list.body["totalResults"]), (200, &json!(0)), "{query}");
    }
    let path = format!("/Groups/{id}");
    is_error(&bed.http.get(&path).await, 404, None);
    is_error(&bed.http.patch(&path, add(&json!([]))).await, 404, None);
    is_error(&bed.http.put(&path, &json!({"displayName": "x"})).await, 404, None);
    is_error(&bed.http.delete(&path).await, 404, None);
    is_error(&bed.http.get("/ResourceTypes/Group").await, 404, None);
    is_error(&bed.http.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").await, 404, None);
    assert_eq!(bed.everything().await, before);
}
