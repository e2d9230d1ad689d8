//! What goes in and out of the use cases.

use serde::Serialize;
use tokio::time::Instant;

use crate::directory::{self, Directory};

/// Who asks, and under which circumstances.
#[derive(Clone, Debug)]
pub struct Context {
    /// The name of the caller's token.
    pub caller: Caller,
    /// The request's id in the log and in the audit trail.
    pub request_id: String,
    /// When the answer must be there.
    pub deadline: Instant,
    /// The endpoint's URL as the client sees it, without a trailing slash.
    pub base_url: String,
}

/// The name of an authenticated caller: that of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub String);

/// The type of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// `/Groups`.
    Group,
    /// `/Users`.
    User,
}

impl ResourceKind {
    /// The name of the resource type (RFC 7643 section 6).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::User => "User",
        }
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// GET.
    Read,
    /// Everything.
    Write,
}

/// An answer to the client.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// The URL of the resource.
    pub location: Option<String>,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// JSON that is small enough to be held as a tree.
    Tree(serde_json::Value),
    /// JSON that was written piece by piece.
    Text(Vec<u8>),
}

/// The state of one directory, for `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct DirectoryState {
    /// The directory's name in the configuration.
    pub name: String,
    /// Whether some server serves.
    pub ready: bool,
    /// Its servers.
    pub servers: Vec<ServerState>,
}

/// The state of one directory server, for `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct ServerState {
    /// Its URL.
    pub url: String,
    /// What it is doing: `active`, `standby`, `down` or `unknown`.
    pub state: &'static str,
    /// Why it is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What is wrong with it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// For how many seconds it has been so.
    pub since: u64,
}

impl DirectoryState {
    /// The state of `directory` now.
    pub(super) fn of(directory: &Directory) -> Self {
        let servers: Vec<ServerState> = directory.status().into_iter().map(ServerState::of).collect();
        let ready = servers.iter().any(|server| server.state == directory::ServerState::Active.label());
        Self { name: directory.name().to_owned(), ready, servers }
    }
}

impl ServerState {
    fn of(status: directory::ServerStatus) -> Self {
        let reason = status.state.reason().map(directory::Reason::label);
        let since = status.since.as_secs();
        Self { url: status.url, state: status.state.label(), reason, cause: status.cause, since }
    }
}
