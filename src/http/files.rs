//! The files that may change while running, and what is logged and counted when they do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Error;
use super::tls::Certificate;
use super::token::TokenStore;
use crate::ops::Metrics;

/// The certificate and the tokens in use.
#[derive(Clone)]
pub struct Files {
    tokens: Arc<TokenStore>,
    certificate: Option<Arc<Certificate>>,
    endpoints: Arc<[String]>,
    metrics: Metrics,
}

impl Files {
    /// Takes note of what was read at the start.
    pub(super) fn new(
        tokens: Arc<TokenStore>,
        certificate: Option<Arc<Certificate>>,
        endpoints: Vec<String>,
        metrics: Metrics,
    ) -> Files {
        let files = Files { tokens, certificate, endpoints: endpoints.into(), metrics };
        files.show_certificate();
        files.show_tokens();
        files
    }

    /// Reads again what has changed; to be called about once a second.
    pub fn refresh(&self) {
        self.tokens_read(self.tokens.refresh());
        if let Some(certificate) = &self.certificate {
            self.certificate_read(certificate.refresh());
        }
    }

    /// Reads everything again, as SIGHUP asks.
    pub fn reload(&self) {
        self.tokens_read(self.tokens.reload().map(|()| true));
        if let Some(certificate) = &self.certificate {
            self.certificate_read(certificate.reload().map(|()| true));
        }
    }

    fn tokens_read(&self, outcome: Result<bool, Error>) {
        if self.report("tokens", outcome) {
            self.show_tokens();
        }
    }

    fn certificate_read(&self, outcome: Result<bool, Error>) {
        if self.report("certificate", outcome) {
            self.show_certificate();
        }
    }

    /// Logs and counts one reading; true when something new is in use.
    fn report(&self, what: &'static str, outcome: Result<bool, Error>) -> bool {
        match outcome {
            Ok(false) => false,
            Ok(true) => {
                tracing::info!(what, "reloaded");
                self.metrics.config_reload(what, true);
                true
            }
            Err(error) => {
                tracing::error!(what, error = chain(&error), "not reloaded: what was in use stays in use");
                self.metrics.config_reload(what, false);
                false
            }
        }
    }

    /// Shows when the certificate expires.
    fn show_certificate(&self) {
        if let Some(certificate) = &self.certificate {
            self.metrics.certificate_expiry(certificate.expires());
        }
    }

    /// Shows when tokens expire, for the endpoints there are.
    fn show_tokens(&self) {
        let tokens = self.tokens.current();
        let mut expiries: BTreeMap<&str, Vec<(&str, i64)>> =
            self.endpoints.iter().map(|endpoint| (endpoint.as_str(), Vec::new())).collect();
        for token in tokens.list() {
            match (expiries.get_mut(token.endpoint.as_str()), token.expires) {
                (Some(list), Some(at)) => list.push((token.name.as_str(), at.as_second())),
                (Some(_), None) => {}
                (None, _) => {
                    let (token, endpoint) = (token.name.as_str(), token.endpoint.as_str());
                    tracing::warn!(token, endpoint, "the token is for an endpoint that is not there");
                }
            }
        }
        for (endpoint, list) in expiries {
            self.metrics.token_expiries(endpoint, &list);
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
