//! What surrounds every request: its id, its span, its deadline, the net under panics, and how it is counted.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use super::reply::Problem;
use super::router::ROUTES;
use crate::ops::Metrics;
use crate::ops::metrics::Held;
use crate::scim;

/// Our own id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The ids that clients may have given the request; Microsoft's own clients use the second.
const CLIENT_IDS: [&str; 3] = ["x-request-id", "client-request-id", "x-correlation-id"];

/// What is logged and counted for a client that went away before its answer, as nginx has it.
const CLIENT_GONE: u16 = 499;

/// After how long a request that took too long may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// What the surroundings must know.
#[derive(Clone)]
pub(super) struct Surroundings {
    /// The endpoint's name, for labels.
    pub(super) endpoint: String,
    /// Counts requests.
    pub(super) metrics: Metrics,
    /// How long a request may take.
    pub(super) timeout: Duration,
    /// The largest request body.
    pub(super) body_limit: usize,
}

/// A request that is under way: what the later stages need of the surroundings.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    id: String,
    deadline: Instant,
    body_limit: usize,
    span: Span,
}

impl Stage {
    /// The stage of a request; it is there unless the router is put together wrongly.
    pub(super) fn of(extensions: &Extensions) -> Result<&Stage, scim::Error> {
        extensions.get::<Stage>().ok_or_else(|| {
            scim::Error::internal("the request cannot be handled").with_context("the router lacks its surroundings")
        })
    }

    /// The request's id.
    pub(super) fn request_id(&self) -> &str {
        &self.id
    }

    /// When the answer must be there.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The largest request body.
    pub(super) fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Notes who is calling, for the log.
    pub(super) fn caller(&self, name: &str) {
        self.span.record("caller", name);
    }
}

/// Runs one request within its surroundings.
pub(super) async fn surround(State(around): State<Surroundings>, mut request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let route = request.extensions().get().map_or("unknown", route);
    let span = tracing::info_span!(
        "request",
        id,
        client_id = client_id(request.headers()),
        endpoint = around.endpoint,
        method = %request.method(),
        route,
        caller = field::Empty,
    );
    let deadline = Instant::now() + around.timeout;
    let mut watch = Watch::new(&around, request.method().to_string(), route, span.clone());
    let body_limit = around.body_limit;
    let stage = Stage { id: id.clone(), deadline, body_limit, span: span.clone() };
    request.extensions_mut().insert(stage);
    let answer = tokio::time::timeout_at(deadline, next.run(request)).instrument(span).await;
    let mut response = answer.unwrap_or_else(|_| too_late().into_response());
    watch.answered(response.status().as_u16());
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A handler that panicked is our fault; the client is told no more than that.
pub(super) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or(cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(panic = text, "the handler panicked");
    Problem::from(scim::Error::internal("the bridge failed: its log says why")).into_response()
}

/// The handler is given up; a plan that it began goes on by itself.
fn too_late() -> Problem {
    let detail = "the request was not done in time: the directory or the network is slow";
    scim::Error::unavailable(detail, RETRY_AFTER).with_context("the request timed out").into()
}

/// The route's pattern as one of a closed set.
fn route(matched: &MatchedPath) -> &'static str {
    let known = ROUTES.iter().find(|route| **route == matched.as_str());
    known.copied().unwrap_or("unknown")
}

/// The id that the client gave the request, when it is harmless in a log.
fn client_id(headers: &HeaderMap) -> Option<&str> {
    let given = CLIENT_IDS.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (given.len() <= 64 && given.chars().all(harmless)).then_some(given)
}

/// Counts and logs the request, whether it is answered or the client goes away.
struct Watch {
    around: Surroundings,
    method: String,
    route: &'static str,
    span: Span,
    began: Instant,
    status: u16,
    _in_flight: Held,
}

impl Watch {
    fn new(around: &Surroundings, method: String, route: &'static str, span: Span) -> Watch {
        let _in_flight = around.metrics.request_started(&around.endpoint);
        let around = around.clone();
        let began = Instant::now();
        Watch { around, method, route, span, began, status: CLIENT_GONE, _in_flight }
    }

    /// Notes the answer's status.
    fn answered(&mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Surroundings { endpoint, metrics, .. } = &self.around;
        let took = self.began.elapsed();
        metrics.request_finished(endpoint, self.route, &self.method, self.status, took);
        // never the path or the query: filters and ids are personal data
        let ms = took.as_secs_f64() * 1000.0;
        self.span.in_scope(|| tracing::info!(status = self.status, ms, "request answered"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_ids_are_harmless_or_left_out() {
        let id = |value: &'static [u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            let headers = HeaderMap::from_iter([(HeaderName::from_static("client-request-id"), value)]);
            client_id(&headers).map(str::to_owned)
        };
        assert_eq!(id(b"0af7651916cd43dd-8448eb211c80319c").unwrap(), "0af7651916cd43dd-8448eb211c80319c");
        assert_eq!(id(b"a b"), None);
        assert_eq!(id(b"\xff"), None);
        assert_eq!(id(&[b'a'; 65]), None);
    }
}
