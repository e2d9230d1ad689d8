//! The verbs of the `ops` and `app` layers.

use jiff::Timestamp;

use super::Metrics;

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
}
