//! The verbs of the `http` layer.

use std::time::Duration;

use super::{Held, Metrics};

impl Metrics {
    /// A request's work began; it counts as in flight until the guard is dropped.
    pub fn request_started(&self, endpoint: &str) -> Held {
        Held::new(self.0.http_in_flight.with_label_values(&[endpoint]))
    }

    /// A request was answered. `route` is the route's pattern, never the path.
    pub fn request_finished(&self, endpoint: &str, route: &'static str, method: &str, status: u16, took: Duration) {
        let method = known_method(method);
        self.0.http_requests.with_label_values(&[endpoint, route, method, &status.to_string()]).inc();
        self.0.http_request_seconds.with_label_values(&[endpoint, route, method]).observe(took.as_secs_f64());
    }

    /// A request was refused for its credentials.
    pub fn auth_failed(&self, endpoint: &str, reason: &'static str) {
        tracing::warn!(endpoint, reason, "authentication failed");
        self.0.http_auth_failures.with_label_values(&[endpoint, reason]).inc();
    }

    /// A client's connection was accepted; it counts as open until the guard is dropped.
    pub fn connection_opened(&self) -> Held {
        self.0.http_connections_accepted.with_label_values::<&str>(&[]).inc();
        Held::new(self.0.http_connections.with_label_values::<&str>(&[]))
    }

    /// A client's connection was closed before a request was read from it.
    pub fn connection_refused(&self, reason: &'static str) {
        tracing::debug!(reason, "connection refused");
        self.0.http_connections_refused.with_label_values(&[reason]).inc();
    }

    /// A TLS handshake failed.
    pub fn tls_handshake_failed(&self) {
        self.0.http_tls_failures.with_label_values::<&str>(&[]).inc();
    }
}

/// Clients choose the method's text, so only known ones become labels.
fn known_method(method: &str) -> &'static str {
    const KNOWN: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.iter().find(|known| **known == method).copied().unwrap_or("other")
}
