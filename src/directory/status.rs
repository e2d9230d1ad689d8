//! What is known of a directory's servers, for whoever watches the bridge.

use std::time::Duration;

use super::failure::Reason;

/// One server as it is seen now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerStatus {
    /// Its address, which has no credentials in it.
    pub url: String,
    /// Its state.
    pub state: ServerState,
    /// What is wrong with it, in words, when it is down.
    pub cause: Option<String>,
    /// For how long it has been up, down or unknown.
    pub since: Duration,
}

/// The state of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// Requests go to it.
    Active,
    /// It answered when it was last asked, and requests go to another one.
    Standby,
    /// It cannot be used, and why.
    Down(Reason),
    /// It was not asked yet.
    Unknown,
}

impl ServerState {
    /// The state's name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Standby => "standby",
            Self::Down(_) => "down",
            Self::Unknown => "unknown",
        }
    }

    /// Why the server is down, if it is.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Down(reason) => Some(reason),
            Self::Active | Self::Standby | Self::Unknown => None,
        }
    }
}
