//! The admin listener: for probes and Prometheus, in plain HTTP, on loopback by default.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Body};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::ops::Metrics;
use crate::service::Service;

/// What the admin listener shows.
#[derive(Clone)]
struct Shown {
    service: Arc<Service>,
    metrics: Metrics,
}

/// The routes of the admin listener.
pub(super) fn router(service: Arc<Service>, metrics: Metrics) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .with_state(Shown { service, metrics })
}

/// The process runs; says nothing about directories, since a restart would not mend them.
async fn livez() -> Response {
    answer(StatusCode::OK, "text/plain; charset=utf-8", "ok\n".into())
}

/// 200 when every directory has a server that serves, else 503; each server's state either way.
async fn readyz(State(shown): State<Shown>) -> Response {
    let directories = shown.service.readiness();
    let ready = directories.iter().all(|directory| directory.ready);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "directories": directories });
    answer(status, "application/json", format!("{body}\n"))
}

/// All metrics in Prometheus' text format.
async fn metrics_text(State(shown): State<Shown>) -> Response {
    answer(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", shown.metrics.render())
}

/// A response that no cache keeps.
fn answer(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let headers = [(CONTENT_TYPE, media_type), (http::header::CACHE_CONTROL, "no-store")];
    (status, headers, Body::from(body)).into_response()
}
