//! Why a server cannot be used, as a closed set of reasons with a text for the log.

use std::fmt;
use std::time::Duration;

use super::Error;
use crate::ldap::ResultCode;

/// Why a server is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Its name cannot be resolved.
    Resolve,
    /// It does not accept connections.
    Connect,
    /// It does not answer in time.
    Timeout,
    /// TLS cannot be set up with it.
    Tls,
    /// It refuses our credentials.
    Bind,
    /// It closed the connection.
    Lost,
    /// It says that it is busy or unavailable (51, 52).
    Busy,
    /// It answers writes with a referral (10).
    ReadOnly,
    /// It answers against the protocol.
    Protocol,
    /// It is not of the kind that the settings say.
    WrongKind,
}

impl Reason {
    /// The label for status and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Bind => "bind",
            Self::Lost => "lost",
            Self::Busy => "busy",
            Self::ReadOnly => "read-only",
            Self::Protocol => "protocol",
            Self::WrongKind => "wrong-kind",
        }
    }

    /// Whether only a person can help: the settings or the server's must change.
    pub(super) fn is_fault(self) -> bool {
        matches!(self, Self::Tls | Self::Bind | Self::WrongKind)
    }
}

/// A reason with its text.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    reason: Reason,
    cause: String,
    code: Option<ResultCode>,
}

impl Failure {
    /// A failure without a result code.
    pub(super) fn new(reason: Reason, cause: impl Into<String>) -> Self {
        Self { reason, cause: cause.into(), code: None }
    }

    /// A bind that was answered with a result code.
    pub(super) fn bind(code: ResultCode, text: impl Into<String>) -> Self {
        let reason = if code.is_outage() { Reason::Busy } else { Reason::Bind };
        Self { reason, cause: text.into(), code: Some(code) }
    }

    /// The reason.
    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// The label for metrics: that of the result code, or `timeout` or `lost` without one.
    pub(super) fn label(&self) -> &'static str {
        match (self.code, self.reason) {
            (Some(code), _) => code.label(),
            (None, Reason::Timeout) => "timeout",
            (None, _) => "lost",
        }
    }

    /// The error to answer with.
    pub(super) fn into_error(self, directory: &str, server: &str, retry_after: Duration) -> Error {
        let server = server.to_owned();
        match (self.reason, self.code) {
            (Reason::Bind, Some(code)) => Error::BindRefused { server, code, text: self.cause },
            (Reason::WrongKind, _) => Error::WrongKind { server, cause: self.cause },
            (Reason::Tls, _) => Error::Tls { place: server, cause: self.cause },
            _ => {
                Error::Unavailable { directory: directory.to_owned(), cause: format!("{server}: {self}"), retry_after }
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "bind was answered with {code}: {}", self.cause),
            None => f.write_str(&self.cause),
        }
    }
}
