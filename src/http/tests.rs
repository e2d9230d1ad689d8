//! What surrounds every request, around routes that misbehave. The real routes are tested where the layers are wired,
//! in `app`.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::response::Parts;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::Limits;
use super::body::ScimJson;
use super::reply::Problem;
use super::router::surrounded;
use crate::ops::Metrics;
use crate::scim;

/// Calls the router; the body is null where there is none.
async fn call(router: &Router, request: Request) -> (Parts, Value) {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let value = match bytes.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&bytes).expect("an answer in JSON"),
    };
    (parts, value)
}

/// Asserts that the answer is the SCIM error of this status, and returns its text.
fn error((parts, body): &(Parts, Value), status: u16) -> String {
    assert_eq!(parts.status, status, "{body}");
    assert_eq!(parts.headers[CONTENT_TYPE], "application/scim+json; charset=utf-8");
    assert_eq!(body["schemas"], json!([scim::name::ERROR]));
    assert_eq!(body["status"], status.to_string());
    body["detail"].as_str().unwrap().to_owned()
}

/// Routes that misbehave, within the surroundings of every request.
fn misbehaving(metrics: &Metrics) -> Router {
    async fn sleep() {
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    async fn panic() {
        panic!("secret text");
    }
    async fn fail() -> Problem {
        scim::Error::internal("sorry").with_context("secret text").into()
    }
    let routes = Router::new()
        .route("/panic", get(panic))
        .route("/sleep", get(sleep))
        .route("/fail", get(fail))
        .route("/echo", post(|ScimJson(body): ScimJson| async move { body.to_string() }));
    let limits = Limits { request_timeout: Duration::from_millis(100), body: 100, ..Limits::default() };
    surrounded("hr", metrics, &limits, routes)
}

#[tokio::test]
async fn panics_failures_and_timeouts_are_scim_errors_that_tell_nothing() {
    let metrics = Metrics::new();
    let router = misbehaving(&metrics);
    for (uri, status) in [("/panic", 500), ("/fail", 500), ("/sleep", 503)] {
        let request = Request::get(uri).header("x-request-id", "theirs");
        let answer = call(&router, request.body(Body::empty()).unwrap()).await;
        assert!(!error(&answer, status).contains("secret"));
        assert!(!answer.0.headers.contains_key(RETRY_AFTER) || status == 503);
        let id = answer.0.headers["x-request-id"].to_str().unwrap();
        assert_eq!(id.len(), 36, "{id}");
    }
    let counted = metrics.render();
    for status in [500, 503] {
        assert!(counted.contains(&format!("status=\"{status}\"")), "{counted}");
    }
    assert!(counted.contains("http_requests_in_flight{endpoint=\"hr\"} 0"), "{counted}");
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted() {
    let metrics = Metrics::new();
    let router = misbehaving(&metrics);
    let request = Request::get("/sleep").body(Body::empty()).unwrap();
    let gone = tokio::time::timeout(Duration::from_millis(20), router.oneshot(request)).await;
    assert!(gone.is_err());
    assert!(metrics.render().contains("status=\"499\""), "{}", metrics.render());
}

#[tokio::test]
async fn bodies_are_checked_before_they_are_understood() {
    let router = misbehaving(&Metrics::new());
    let send = async |media: Option<&str>, body: &str| {
        let mut request = Request::post("/echo");
        if let Some(media) = media {
            request = request.header(CONTENT_TYPE, media);
        }
        call(&router, request.body(Body::from(body.to_owned())).unwrap()).await
    };
    for media in [None, Some("application/json"), Some("application/scim+json; charset=utf-8")] {
        let (parts, body) = send(media, " {\"a\": 1}").await;
        assert_eq!((parts.status, body), (StatusCode::OK, json!({"a": 1})));
    }
    error(&send(Some("text/plain"), "{}").await, 415);
    error(&send(None, &format!("{{\"a\":\"{}\"}}", "b".repeat(100))).await, 413);
    for bad in ["", "  ", "{", "{\"a\":1,\"a\":2}", &"[".repeat(90)] {
        let answer = send(None, bad).await;
        error(&answer, 400);
        assert_eq!(answer.1["scimType"], "invalidSyntax", "{bad}");
    }
}
