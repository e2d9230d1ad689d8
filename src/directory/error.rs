//! Why the directory gave no answer, or none that can be used.

use std::time::Duration;

use crate::ldap::ResultCode;

/// Why an operation has no usable answer. The texts name servers, so they are for our log and never for a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No server can be reached; nothing was sent.
    #[error("directory `{directory}` is unavailable: {cause}")]
    Unavailable {
        /// The directory's name.
        directory: String,
        /// What is wrong with which server.
        cause: String,
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// A read was not answered in time.
    #[error("{op} on `{server}` was not answered within {}", seconds(*.after))]
    Timeout {
        /// The server.
        server: String,
        /// The operation's label.
        op: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection broke before a read was answered.
    #[error("connection to `{server}` was lost during {op}")]
    Lost {
        /// The server.
        server: String,
        /// The operation's label.
        op: &'static str,
    },
    /// A write was sent and not answered: whether it was done must be found out by reading.
    #[error("outcome of {op} on `{server}` is unknown: {cause}")]
    OutcomeUnknown {
        /// The server.
        server: String,
        /// The operation's label.
        op: &'static str,
        /// Why there was no answer.
        cause: String,
    },
    /// A search was answered with an error code.
    #[error("search on `{server}` was answered with {code}: {text}")]
    Refused {
        /// The server.
        server: String,
        /// The code.
        code: ResultCode,
        /// The server's text.
        text: String,
    },
    /// The server did not accept our own credentials.
    #[error("bind to `{server}` was answered with {code}: {text}")]
    BindRefused {
        /// The server.
        server: String,
        /// The code.
        code: ResultCode,
        /// The server's text.
        text: String,
    },
    /// The server is not of the kind that the settings say.
    #[error("`{server}` is not used: {cause}")]
    WrongKind {
        /// The server.
        server: String,
        /// What it is instead.
        cause: String,
    },
    /// A search brought more than is allowed.
    #[error("search on `{server}` brought more than {limit}")]
    TooMany {
        /// The server.
        server: String,
        /// The limit that was met.
        limit: String,
    },
    /// The server does not offer the password modify extended operation (RFC 3062); nothing was sent.
    #[error("`{server}` does not offer the password modify extended operation (RFC 3062)")]
    NoPasswordModify {
        /// The server.
        server: String,
    },
    /// A counter cannot be used.
    #[error("counter {counter} cannot be used: {what}")]
    Counter {
        /// The counter.
        counter: String,
        /// What is wrong with it.
        what: String,
    },
    /// The server's answer is not what the protocol says.
    #[error("answer of `{server}` cannot be read: {what}")]
    Decode {
        /// The server.
        server: String,
        /// What is wrong with it.
        what: String,
    },
    /// TLS cannot be set up: a file cannot be read, or the server's certificate is not trusted.
    #[error("TLS for `{place}` cannot be set up: {cause}")]
    Tls {
        /// The server or the file.
        place: String,
        /// What is wrong.
        cause: String,
    },
}

impl Error {
    /// Two servers' errors as one: an outage, with both causes.
    pub(super) fn joined(self, other: Self) -> Self {
        let known = |error: &Self| match error {
            Self::Unavailable { directory, retry_after, .. } => Some((directory.clone(), *retry_after)),
            _ => None,
        };
        let (directory, retry_after) = known(&self).or_else(|| known(&other)).unwrap_or_default();
        let cause = |error: Self| match error {
            Self::Unavailable { cause, .. } => cause,
            error => error.to_string(),
        };
        Self::Unavailable { directory, cause: format!("{}; {}", cause(self), cause(other)), retry_after }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
