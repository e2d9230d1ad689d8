//! The verbs of the `directory` layer.

use std::time::Duration;

use super::Metrics;

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
