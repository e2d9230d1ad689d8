//! Every metric the bridge exports, and the verbs that count.
//!
//! A call site says what happened (`metrics.failover("corp")`); which families move, and whether it is worth a log
//! line, is decided by the verbs, in one file for each layer. Names are
//! `scim_ldap_bridge_<layer>_<thing>[_<unit>][_total]`, and the usual `process_*` for what the kernel knows. A test
//! holds `docs/metrics.md` to the declarations below.

mod app;
mod declare;
mod directory;
mod guard;
mod http;
mod process;
mod service;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
    service_group_changes: IntCounterVec,
    service_membership_changes: IntCounterVec,
    service_unresolved_members: IntCounterVec,
    service_protected: IntCounterVec,
    service_large_answers: IntGaugeVec,
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
            service_user_changes: d.counter("service_user_changes_total", &["endpoint", "change"], "users created, updated, renamed, moved, disabled, enabled, revived and deleted"),
            service_group_changes: d.counter("service_group_changes_total", &["endpoint", "change"], "groups created, updated, renamed, moved and deleted"),
            service_membership_changes: d.counter("service_membership_changes_total", &["endpoint", "change"], "members added to groups and removed from them"),
            service_unresolved_members: d.counter("service_unresolved_members_total", &["endpoint"], "members left out because no resource of the endpoint is meant"),
            service_protected: d.counter("service_protected_total", &["endpoint"], "requests refused since they would change a protected entry"),
            service_large_answers: d.gauge("service_large_answers_in_progress", &["endpoint"], "large groups being read for an answer, those that wait for their turn included"),
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

    /// Remembers which series of a group are shown, and returns those that were and are not any more.
    fn replace_shown(&self, family: &'static str, group: &str, now: Vec<String>) -> Vec<String> {
        let mut shown = self.0.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shown.insert((family, group.to_owned()), now.clone()).unwrap_or_default();
        before.into_iter().filter(|series| !now.contains(series)).collect()
    }
}
