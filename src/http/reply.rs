//! Answers: what the service replied, and SCIM errors.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::scim;
use crate::service::{Body, Reply};

/// Entra reads nothing else reliably, RFC 7644 section 8.1.
const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json; charset=utf-8");

/// A success.
#[derive(Debug)]
pub(super) struct Answer(pub(super) Reply);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Reply { status, body, location, .. } = self.0;
        let mut response = match body {
            Some(Body::Tree(body)) => json(status, &body),
            Some(Body::Text(body)) => text(status, body),
            None => empty(status),
        };
        if let Some(location) = location.and_then(|l| HeaderValue::try_from(l).ok()) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// A failure.
#[derive(Debug)]
pub(super) struct Problem {
    error: scim::Error,
    challenge: Option<HeaderValue>,
}

impl Problem {
    /// A 401 with its challenge, RFC 9110 section 11.6.1.
    pub(super) fn challenged(error: scim::Error, challenge: HeaderValue) -> Problem {
        Problem { error, challenge: Some(challenge) }
    }
}

impl From<scim::Error> for Problem {
    fn from(error: scim::Error) -> Problem {
        Problem { error, challenge: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { error, challenge } = self;
        if let Some(context) = error.context() {
            // the client is told `detail` only; the span says which request this is
            tracing::warn!(status = error.status(), context, "request failed");
        }
        let mut response = json(error.status(), &error.to_json());
        let headers = response.headers_mut();
        if let Some(after) = error.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
        }
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A response with a SCIM body.
fn json(status: u16, body: &Value) -> Response {
    text(status, body.to_string().into_bytes())
}

/// A response with a SCIM body that is written already.
fn text(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = code(status);
    response.headers_mut().insert(CONTENT_TYPE, SCIM_JSON);
    response
}

/// A response without a body.
fn empty(status: u16) -> Response {
    code(status).into_response()
}

/// The status as the `http` crate has it; one that is no status is our own fault.
fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// `Retry-After` counts whole seconds; too late is better than too early.
fn whole_seconds(after: Duration) -> u64 {
    after.as_secs() + u64::from(after.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up() {
        let error = scim::Error::unavailable("later", Duration::from_millis(1200));
        let response = Problem::from(error).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(response.headers()[CONTENT_TYPE], SCIM_JSON);
    }
}
