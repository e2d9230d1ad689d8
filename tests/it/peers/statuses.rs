//! Statuses and errors.

use crate::support::bed::{Bed, is_error};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_is_the_clients_fault() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let before = bed.everything().await;
    let path = format!("/Users/{id}");
    // elsewhere: 500
    for body in
        ["{", "{\"userName\":\"x\"", "{'userName':'x'}", "", "  ", "userName=x", "\"x\"", "7", "null", "[]", "{}x"]
    {
        for (method, path) in [(Method::POST, "/Users"), (Method::PUT, &path), (Method::PATCH, &path)] {
            let answer = bed.send(method.clone(), path, body).await;
            is_error(&answer, 400, Some("invalidSyntax"));
        }
    }
    is_error(&bed.http.post("/Users", &json!({})).await, 400, Some("invalidValue"));
    is_error(&bed.http.put(&path, &json!({"title": "x"})).await, 400, Some("invalidValue"));
    assert_eq!(bed.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_404_for_every_method() {
    let bed = Bed::new().await;
    let gone = bed.create(json!({"userName": "gone"})).await;
    assert_eq!(bed.http.delete(&format!("/Users/{gone}")).await.status, 204);
    for id in [gone.as_str(), "00000000-0000-0000-0000-000000000000", "nonsense"] {
        let path = format!("/Users/{id}");
        // elsewhere: 404 for GET alone, 500 for the others
        is_error(&bed.http.get(&path).await, 404, None);
        is_error(&bed.http.put(&path, &json!({"userName": "jo"})).await, 404, None);
        is_error(&bed.try_patch(id, json!([{"op": "replace", "path": "title", "value": "x"}])).await, 404, None);
        is_error(&bed.try_patch(id, json!([])).await, 404, None);
        is_error(&bed.http.delete(&path).await, 404, None);
    }
    // elsewhere: an empty body
    for path in ["/Nonsense", "/Users/a/b", "/Me", "/v1/Users", "/Bulk"] {
        is_error(&bed.http.get(path).await, 404, None);
    }
    let elsewhere = bed.bridge.http_at("/nowhere", Some(&bed.bridge.token));
    is_error(&elsewhere.get("/Users").await, 404, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_user_of_the_name_is_a_conflict() {
    let mut bed = Bed::new().await;
    let first = json!({"userName": "jo@example.org", "title": "first", "externalId": "x-1",
        "emails": [{"type": "work", "value": "jo@example.org"}]});
    let id = bed.create(first).await;
    let before = bed.read(&id).await;
    for second in [
        json!({"userName": "jo@example.org", "title": "second"}),
        json!({"userName": "JO@Example.ORG", "title": "second"}),
        json!({"userName": "other", "title": "second", "externalId": "x-1"}),
        json!({"userName": "other", "title": "second", "emails": [{"type": "work", "value": "Jo@example.org"}]}),
    ] {
        let answer = bed.http.post("/Users", &second).await;
        is_error(&answer, 409, Some("uniqueness"));
        let detail = answer.body["detail"].as_str().unwrap();
        // elsewhere: raw text of the directory
        assert!(!detail.contains("dc=") && !detail.contains("attributes not unique"), "{detail}");
    }
    assert_eq!(bed.read(&id).await, before);
    assert!(bed.ldap.search(bed.directory.suffix(), "(title=second)").await.is_empty());
    let other = bed.create(json!({"userName": "other"})).await;
    let rename = json!([{"op": "replace", "path": "userName", "value": "Jo@example.org"}]);
    is_error(&bed.try_patch(&other, rename).await, 409, Some("uniqueness"));
    let put = bed.http.put(&format!("/Users/{other}"), &json!({"userName": "Jo@example.org"})).await;
    is_error(&put, 409, Some("uniqueness"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_protocol_are_scim_errors_too() {
    let mut bed = Bed::new().await;
    let before = bed.everything().await;
    // elsewhere: taken for a create
    is_error(&bed.http.post("/Users/.search", &json!({"userName": "jo"})).await, 501, None);
    for (method, path) in [(Method::PATCH, "/Users"), (Method::DELETE, "/Users"), (Method::POST, "/Schemas")] {
        is_error(&bed.send(method.clone(), path, "{}").await, 405, None);
    }
    let text = bed.http.request(Method::POST, "/Users").header(CONTENT_TYPE, "text/plain").body("{\"userName\":\"x\"}");
    is_error(&crate::support::http::send(text).await, 415, None);
    // elsewhere: 201
    let huge = json!({"userName": "x", "title": "x".repeat(5 << 20)});
    is_error(&bed.http.post("/Users", &huge).await, 413, None);
    is_error(&bed.http.post("/Groups", &json!({"displayName": "g"})).await, 501, None);
    for accept in ["application/json", "*/*", "text/html, application/scim+json"] {
        let answer = crate::support::http::send(bed.http.request(Method::GET, "/Users").header(ACCEPT, accept)).await;
        assert_eq!(answer.status, 200, "{accept}");
    }
    assert_eq!(bed.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_its_media_type() {
    let bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let path = format!("/Users/{id}");
    let change = json!([{"op": "replace", "path": "title", "value": "x"}]);
    for answer in [
        bed.http.get(&path).await,
        bed.http.get("/Users").await,
        bed.http.get("/Groups").await,
        bed.http.get("/Schemas").await,
        bed.http.get("/ServiceProviderConfig").await,
        bed.http.get("/ResourceTypes").await,
        bed.http.patch(&path, change).await,
        bed.http.put(&path, &json!({"userName": "jo"})).await,
        bed.http.post("/Users", &json!({"userName": "kim"})).await,
    ] {
        let media = answer.headers["content-type"].to_str().unwrap();
        assert!(answer.status < 300 && media.starts_with("application/scim+json"), "{media}: {}", answer.body);
    }
    let answer = bed.http.delete(&path).await;
    assert_eq!((answer.status, answer.body.is_null()), (204, true));
}

/// Elsewhere: the 404 of a directory that is down, which a client reads as "the user is gone".
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_never_an_answer_about_users() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    bed.directory.stop();
    let path = format!("/Users/{id}");
    for answer in [
        bed.http.get(&path).await,
        bed.named_raw("jo").await,
        bed.http.get("/Users").await,
        bed.http.post("/Users", &json!({"userName": "kim"})).await,
        bed.http.put(&path, &json!({"userName": "jo"})).await,
        bed.try_patch(&id, json!([{"op": "replace", "path": "active", "value": false}])).await,
        bed.http.delete(&path).await,
    ] {
        is_error(&answer, 503, None);
        assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u32>().is_ok());
        let port = bed.directory.tls_url().rsplit(':').next().unwrap().to_owned();
        assert!(!answer.body.to_string().contains(&port), "{}", answer.body);
    }
}
