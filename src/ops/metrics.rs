//! Every metric the bridge exports, and the verbs that count.
//!
//! A call site says what happened (`metrics.failover("corp")`); which families move, and whether it is worth a log
//! line, is decided here. Names are `scim_ldap_bridge_<layer>_<thing>[_<unit>][_total]`, and the usual `process_*` for
//! what the kernel knows. A test holds `docs/metrics.md` to the declarations below.

mod declare;
mod guard;
mod process;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use prometheus::{GaugeVec, HistogramVec, IntCounterVec, IntGaugeVec, TextEncoder};

use self::declare::Declare;
pub use self::declare::Declared;
pub use self::guard::Held;
use self::process::Process;

/// A directory on the same network answers a request in 1 to 10 ms, so the steps are finest there; the last bucket is
/// the default request deadline, so that what lies beyond it was cut off.
const REQUEST_BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0];

/// A search by an indexed attribute takes a few hundred microseconds; the last bucket is the default deadline of one
/// LDAP operation.
const OPERATION_BUCKETS: &[f64] =
    &[0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// The metrics of one running bridge; cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Families>);

struct Families {
    declared: Declare,
    http_requests: IntCounterVec,
    http_request_seconds: HistogramVec,
    http_in_flight: IntGaugeVec,
    http_auth_failures: IntCounterVec,
    http_connections: IntGaugeVec,
    http_connections_accepted: IntCounterVec,
    http_connections_refused: IntCounterVec,
    http_tls_failures: IntCounterVec,
    directory_operations: IntCounterVec,
    directory_operation_seconds: HistogramVec,
    directory_connections: IntGaugeVec,
    directory_connections_opened: IntCounterVec,
    directory_server_up: IntGaugeVec,
    directory_server_active: IntGaugeVec,
    directory_failovers: IntCounterVec,
    service_plans: IntCounterVec,
    service_steps: IntCounterVec,
    service_ignored: IntCounterVec,
    service_user_changes: IntCounterVec,
    service_replans: IntCounterVec,
    ops_audit_records: IntCounterVec,
    ops_audit_failures: IntCounterVec,
    app_build_info: IntGaugeVec,
    app_certificate_expiry: GaugeVec,
    app_token_expiry: GaugeVec,
    app_danger_option: IntGaugeVec,
    app_config_reloads: IntCounterVec,
    process: Process,
    /// The series that must vanish when another takes their place, by family and group.
    shown: Mutex<HashMap<(&'static str, String), Vec<String>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Declares every metric in a registry of its own.
    #[rustfmt::skip] // one declaration a line reads as the table it is
    pub fn new() -> Self {
        let mut d = Declare::default();
        let server: &[&str] = &["directory", "server"];
        Self(Arc::new(Families {
            http_requests: d.counter("http_requests_total", &["endpoint", "route", "method", "status"], "requests answered"),
            http_request_seconds: d.histogram("http_request_duration_seconds", &["endpoint", "route", "method"], REQUEST_BUCKETS, "time from a request's head to its answer"),
            http_in_flight: d.gauge("http_requests_in_flight", &["endpoint"], "requests being worked on"),
            http_auth_failures: d.counter("http_auth_failures_total", &["endpoint", "reason"], "requests refused for their credentials"),
            http_connections: d.gauge("http_connections", &[], "client connections open"),
            http_connections_accepted: d.counter("http_connections_accepted_total", &[], "client connections accepted"),
            http_connections_refused: d.counter("http_connections_refused_total", &["reason"], "client connections closed before a request was read"),
            http_tls_failures: d.counter("http_tls_handshake_failures_total", &[], "TLS handshakes that failed"),
            directory_operations: d.counter("directory_operations_total", &["directory", "server", "operation", "code"], "LDAP operations by result code, or `timeout` or `lost` without one"),
            directory_operation_seconds: d.histogram("directory_operation_duration_seconds", &["directory", "server", "operation"], OPERATION_BUCKETS, "time from an LDAP operation's start to its result"),
            directory_connections: d.gauge("directory_connections", server, "LDAP connections open"),
            directory_connections_opened: d.counter("directory_connections_opened_total", server, "LDAP connections opened and bound"),
            directory_server_up: d.gauge("directory_server_up", server, "1 when the last probe of the server succeeded"),
            directory_server_active: d.gauge("directory_server_active", server, "1 for the server that requests go to"),
            directory_failovers: d.counter("directory_failovers_total", &["directory"], "changes of the active server"),
            service_plans: d.counter("service_plans_total", &["endpoint", "verb", "outcome"], "plans that wrote or tried to"),
            service_steps: d.counter("service_steps_total", &["endpoint", "change", "outcome"], "LDAP changes of plans"),
            service_ignored: d.counter("service_ignored_attributes_total", &["endpoint"], "attributes that clients sent and the mapping does not name"),
            service_user_changes: d.counter("service_user_changes_total", &["endpoint", "change"], "users created, updated, renamed, disabled, enabled and deleted"),
            service_replans: d.counter("service_replans_total", &["endpoint"], "plans made again because the directory changed meanwhile"),
            ops_audit_records: d.counter("ops_audit_records_total", &[], "audit records written"),
            ops_audit_failures: d.counter("ops_audit_failures_total", &[], "audit records that could not be written or synced"),
            app_build_info: d.gauge("app_build_info", &["version"], "1, with the version that runs"),
            app_certificate_expiry: d.time("app_certificate_expiry_timestamp_seconds", &[], "when the server certificate expires"),
            app_token_expiry: d.time("app_token_expiry_timestamp_seconds", &["endpoint", "token"], "when a bearer token expires, for tokens that do"),
            app_danger_option: d.gauge("app_danger_option", &["option"], "1 for every dangerous option that is switched on"),
            app_config_reloads: d.counter("app_config_reloads_total", &["what", "outcome"], "reloads of files while running"),
            process: Process::declare(&mut d),
            declared: d,
            shown: Mutex::default(),
        }))
    }

    /// The metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.process.refresh();
        TextEncoder::new().encode_to_string(&self.0.declared.registry.gather()).unwrap_or_else(|error| {
            tracing::error!(%error, "metrics cannot be rendered");
            String::new()
        })
    }

    /// Every metric that is declared, whether it has a value yet or not.
    pub fn catalog(&self) -> &[Declared] {
        &self.0.declared.catalog
    }
}

/// Of the `http` layer.
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

/// Of the `directory` layer.
impl Metrics {
    /// An LDAP operation ended with a result code's label, or `timeout` or `lost` when none came.
    pub fn operation(
        &self,
        directory: &str,
        server: &str,
        operation: &'static str,
        code: &'static str,
        took: Duration,
    ) {
        self.0.directory_operations.with_label_values(&[directory, server, operation, code]).inc();
        let seconds = self.0.directory_operation_seconds.with_label_values(&[directory, server, operation]);
        seconds.observe(took.as_secs_f64());
    }

    /// A connection was opened and bound.
    pub fn connected(&self, directory: &str, server: &str) {
        self.0.directory_connections_opened.with_label_values(&[directory, server]).inc();
        self.0.directory_connections.with_label_values(&[directory, server]).inc();
    }

    /// A connection that was [`connected`](Self::connected) is gone.
    pub fn disconnected(&self, directory: &str, server: &str) {
        self.0.directory_connections.with_label_values(&[directory, server]).dec();
    }

    /// Whether the last probe of a server succeeded.
    pub fn server_up(&self, directory: &str, server: &str, up: bool) {
        self.0.directory_server_up.with_label_values(&[directory, server]).set(up.into());
    }

    /// Requests go to this server from now on, or to none.
    pub fn active_server<'s>(&self, directory: &str, server: impl Into<Option<&'s str>>) {
        let server: Option<&str> = server.into();
        let now = server.map(str::to_owned).into_iter().collect();
        for old in self.replace_shown("active", directory, now) {
            self.0.directory_server_active.with_label_values(&[directory, &old]).set(0);
        }
        if let Some(server) = server {
            self.0.directory_server_active.with_label_values(&[directory, server]).set(1);
        }
    }

    /// The active server changed because the one before failed, or because a preferred one came back.
    pub fn failover(&self, directory: &str) {
        tracing::warn!(directory, "the active server changed");
        self.0.directory_failovers.with_label_values(&[directory]).inc();
    }
}

/// Of the `service` layer.
impl Metrics {
    /// A plan ended.
    pub fn plan_finished(&self, endpoint: &str, verb: &'static str, outcome: &'static str) {
        self.0.service_plans.with_label_values(&[endpoint, verb, outcome]).inc();
    }

    /// One LDAP change of a plan ended.
    pub fn step(&self, endpoint: &str, change: &'static str, outcome: &'static str) {
        self.0.service_steps.with_label_values(&[endpoint, change, outcome]).inc();
    }

    /// A client sent attributes that the mapping does not name.
    pub fn ignored_attribute(&self, endpoint: &str, count: u64) {
        self.0.service_ignored.with_label_values(&[endpoint]).inc_by(count);
    }

    /// A user was `created`, `updated`, `renamed`, `disabled`, `enabled` or `deleted`.
    pub fn user_change(&self, endpoint: &str, change: &'static str) {
        self.0.service_user_changes.with_label_values(&[endpoint, change]).inc();
    }

    /// A plan was made again because the directory changed meanwhile.
    pub fn replan(&self, endpoint: &str) {
        self.0.service_replans.with_label_values(&[endpoint]).inc();
    }
}

/// Of the `ops` and `app` layers.
impl Metrics {
    /// An audit record was written.
    pub fn audit_written(&self) {
        self.0.ops_audit_records.with_label_values::<&str>(&[]).inc();
    }

    /// An audit record could not be written, or not be synced to the disk.
    pub fn audit_failed(&self, error: &std::io::Error) {
        tracing::error!(%error, "the audit trail cannot be written");
        self.0.ops_audit_failures.with_label_values::<&str>(&[]).inc();
    }

    /// The version that runs.
    pub fn build_info(&self, version: &str) {
        self.0.app_build_info.with_label_values(&[version]).set(1);
    }

    /// When the process started.
    pub fn started(&self, at: Timestamp) {
        self.0.process.start.set(at.as_millisecond() as f64 / 1000.0);
    }

    /// When the server certificate expires, in seconds since 1970.
    pub fn certificate_expiry(&self, timestamp: i64) {
        self.0.app_certificate_expiry.with_label_values::<&str>(&[]).set(timestamp as f64);
    }

    /// When an endpoint's tokens expire, in seconds since 1970; tokens not named any more vanish.
    pub fn token_expiries(&self, endpoint: &str, tokens: &[(&str, i64)]) {
        let now = tokens.iter().map(|(name, _)| (*name).to_owned()).collect();
        for old in self.replace_shown("token", endpoint, now) {
            // An error says that the series is not there, which is what is wanted.
            let _ = self.0.app_token_expiry.remove_label_values(&[endpoint, &old]);
        }
        for (token, timestamp) in tokens {
            self.0.app_token_expiry.with_label_values(&[endpoint, token]).set(*timestamp as f64);
        }
    }

    /// A dangerous option is switched on.
    pub fn danger_option(&self, option: &str) {
        tracing::warn!(option, "a dangerous option is switched on");
        self.0.app_danger_option.with_label_values(&[option]).set(1);
    }

    /// A file was loaded again while running.
    pub fn config_reload(&self, what: &'static str, ok: bool) {
        self.0.app_config_reloads.with_label_values(&[what, if ok { "success" } else { "failure" }]).inc();
    }

    /// Remembers which series of a group are shown, and returns those that were and are not any more.
    fn replace_shown(&self, family: &'static str, group: &str, now: Vec<String>) -> Vec<String> {
        let mut shown = self.0.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shown.insert((family, group.to_owned()), now.clone()).unwrap_or_default();
        before.into_iter().filter(|series| !now.contains(series)).collect()
    }
}

/// Clients choose the method's text, so only known ones become labels.
fn known_method(method: &str) -> &'static str {
    const KNOWN: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.iter().find(|known| **known == method).copied().unwrap_or("other")
}
