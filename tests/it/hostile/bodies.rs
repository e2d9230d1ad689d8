//! Bodies: keys twice, wrong types, deep nesting, and too much of everything.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::ldap::values;
use reqwest::Method;
use serde_json::{Value, json};

/// Readers differ on which of two equal keys counts, so neither does.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_stands_twice() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo", "title": "T"})).await;
    let (before, entries) = (bed.read(&id).await, bed.everything().await);
    for body in [
        r#"{"userName":"a","userName":"b"}"#,
        r#"{"userName":"a","userN\u0061me":"b"}"#,
        r#"{"userName":"a","USERNAME":"b"}"#,
        r#"{"userName":"a","name":{"familyName":"a","familyName":"b"}}"#,
        r#"{"userName":"a","name":{"familyName":"a","familyname":"b"}}"#,
        r#"{"userName":"a","emails":[{"type":"work","value":"a@x","value":"b@x"}]}"#,
        r#"{"userName":"a","active":true,"Active":false}"#,
    ] {
        let answer = bed.send(Method::POST, "/Users", body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        let answer = bed.send(Method::PUT, &format!("/Users/{id}"), body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    for body in [
        r#"{"Operations":[{"op":"replace","path":"title","path":"displayName","value":"x"}]}"#,
        r#"{"Operations":[{"op":"replace","op":"remove","path":"title"}]}"#,
        r#"{"Operations":[],"Operations":[{"op":"remove","path":"title"}]}"#,
        r#"{"Operations":[],"operations":[{"op":"remove","path":"title"}]}"#,
        r#"{"Operations":[{"op":"replace","path":"title","value":"x","Value":"y"}]}"#,
        r#"{"Operations":[{"op":"replace","value":{"title":"x","title":"y"}}]}"#,
        r#"{"Operations":[{"op":"replace","value":{"title":"x","TITLE":"y"}}]}"#,
    ] {
        let answer = bed.send(Method::PATCH, &format!("/Users/{id}"), body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    assert_eq!((bed.read(&id).await, bed.everything().await), (before, entries));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_type_is_told() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let (before, entries) = (bed.read(&id).await, bed.everything().await);
    let wrongs = [
        json!({"a": 1}),
        json!([["x"], "y"]),
        json!(["x", "y"]),
        json!([{"a": {"b": ["x"]}}]),
        json!(true),
        json!([1, 2]),
    ];
    for wrong in &wrongs {
        for body in [
            json!({"userName": wrong}),
            json!({"userName": "x", "title": wrong}),
            json!({"userName": "x", "name": {"familyName": wrong}}),
            json!({"userName": "x", "emails": [{"type": "work", "value": wrong}]}),
            json!({"userName": "x", "emails": [{"type": wrong, "value": "a@x"}]}),
            json!({"userName": "x", ENTERPRISE: {"department": wrong}}),
            json!({"userName": "x", ENTERPRISE: {"manager": {"value": wrong}}}),
        ] {
            let answer = bed.http.post("/Users", &body).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.body);
            is_error(&answer, 400, Some("invalidValue"));
            is_error(&bed.http.put(&format!("/Users/{id}"), &body).await, 400, Some("invalidValue"));
        }
        let paths = ["userName", "title", "name.familyName", "emails[type eq \"work\"].value", "manager"];
        for path in paths {
            for op in ["add", "replace"] {
                // an object for a manager may have parts that are ignored
                if path == "manager" && wrong.to_string().contains("\"a\"") {
                    continue;
                }
                let answer = bed.try_patch(&id, json!([{"op": op, "path": path, "value": wrong}])).await;
                is_error(&answer, 400, Some("invalidValue"));
            }
        }
    }
    for body in [
        json!({"userName": "x", "name": "Jo Doe"}),
        json!({"userName": "x", "name": ["Jo"]}),
        json!({"userName": "x", "active": "perhaps"}),
        json!({"userName": "x", ENTERPRISE: "IT"}),
        json!({"userName": "x", ENTERPRISE: ["IT"]}),
        json!({"userName": ""}),
        json!({"userName": null}),
        json!({"userName": []}),
    ] {
        is_error(&bed.http.post("/Users", &body).await, 400, Some("invalidValue"));
    }
    for schemas in [
        json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]),
        json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]),
    ] {
        is_error(
            &bed.http.post("/Users", &json!({"userName": "x", "schemas": schemas})).await,
            400,
            Some("invalidSyntax"),
        );
    }
    assert_eq!((bed.read(&id).await, bed.everything().await), (before, entries));
}

#[tokio::test(flavor = "multi_thread")]
async fn nesting_has_an_end() {
    let mut bed = Bed::new().await;
    let entries = bed.everything().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"value\":", "}]")] {
        for depth in [33, 1000, 50_000] {
            let body = format!("{{\"userName\":\"x\",\"title\":{}1{}}}", open.repeat(depth), close.repeat(depth));
            is_error(&bed.send(Method::POST, "/Users", body.clone()).await, 400, Some("invalidSyntax"));
            // never closed
            is_error(&bed.send(Method::POST, "/Users", open.repeat(depth)).await, 400, Some("invalidSyntax"));
        }
    }
    let numbers = "1".repeat(100_000);
    for body in [format!("{{\"userName\":{numbers}}}"), format!("{{\"userName\":1e{numbers}}}"), numbers] {
        assert_eq!(bed.send(Method::POST, "/Users", body).await.status, 400);
    }
    let bytes: [&[u8]; 4] =
        [b"\xff\xfe{\0}", b"{\"userName\":\"\xc3\x28\"}", b"{\"userName\":\"\xed\xa0\x80\"}", b"\0"];
    for body in bytes {
        is_error(&bed.send(Method::POST, "/Users", body.to_vec()).await, 400, Some("invalidSyntax"));
    }
    // half of a pair is no character
    is_error(&bed.send(Method::POST, "/Users", "{\"userName\":\"\\ud800\"}").await, 400, Some("invalidSyntax"));
    assert_eq!(bed.everything().await, entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_huge_is_kept_or_refused() {
    let mut bed = Bed::new().await;
    let long = "lang ".repeat(100_000);
    let id = bed.create(json!({"userName": "jo", "displayName": long, "name": {"givenName": long}})).await;
    let user = bed.read(&id).await;
    assert_eq!(
        (user["displayName"].as_str(), user["name"]["givenName"].as_str()),
        (Some(long.as_str()), Some(long.as_str()))
    );
    assert_eq!(values(&bed.entry(&id).await, "displayName"), [long.as_str()]);
    let emails: Vec<Value> = (0..2000).map(|n| json!({"type": "work", "value": format!("m{n}@x.example")})).collect();
    let answer = bed.patch(&id, json!([{"op": "add", "path": "emails", "value": emails}])).await;
    assert_eq!(answer["emails"].as_array().map(Vec::len), Some(2000));
    assert_eq!(values(&bed.entry(&id).await, "mail").len(), 2000);
    let one = json!([{"op": "remove", "path": "emails[value eq \"m7@x.example\"]"}]);
    assert_eq!(bed.patch(&id, one).await["emails"].as_array().map(Vec::len), Some(1999));
    let operation = json!({"op": "replace", "path": "title", "value": "x"});
    is_error(&bed.try_patch(&id, json!(vec![operation; 1001])).await, 413, None);
    let unknown: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("unknown{n}"), json!(n))).collect();
    let answer = bed.http.patch(&format!("/Users/{id}"), json!([{"op": "replace", "value": unknown}])).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let most = bed.bridge.audit().iter().map(|line| line.to_string().len()).max();
    assert!(most.unwrap() < 2_000_000, "an audit line of {most:?} bytes");
}
