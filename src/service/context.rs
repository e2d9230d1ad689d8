//! What goes in and out of the use cases.

use serde::Serialize;
use tokio::time::Instant;

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
    pub body: Option<serde_json::Value>,
    /// The URL of the resource.
    pub location: Option<String>,
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
    /// What it is doing.
    pub state: String,
}
