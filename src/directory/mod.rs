//! The only layer that speaks LDAP: answers queries and applies changes.
//!
//! A [`Directory`] is an ordered list of servers that hold the same data. One of them is active and takes every
//! operation; when it fails the next one takes over, and the preferred one returns when it has been well for a while
//! and has caught up. A request opens a [`Session`], which stays on one server.
//!
//! What a query or a change means, and what SCIM is, may not be known here. The LDAP library is known only in
//! `conn`. Server addresses appear in this layer's errors and logs, and must not reach a client.

mod capability;
mod conn;
mod draw;
mod error;
mod failover;
mod failure;
mod health;
mod kind;
mod permissive;
mod range;
mod replica;
mod search;
mod server;
mod session;
mod settings;
mod status;
#[cfg(test)]
mod tests;
mod url;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::draw::Counters;
use self::failure::Failure;
use self::server::Server;
use crate::ops::Metrics;

pub use self::capability::Capabilities;
pub use self::conn::Applied;
pub use self::error::Error;
pub use self::failure::Reason;
pub use self::session::Session;
pub use self::settings::{Bind, Kind, Settings, TlsTrust};
pub use self::status::{ServerState, ServerStatus};
pub use self::url::{ServerUrl, UrlError};

/// No server was chosen yet.
const NONE: usize = usize::MAX;

/// A directory: its servers, of which one is active.
pub struct Directory {
    settings: Arc<Settings>,
    metrics: Metrics,
    servers: Vec<Arc<Server>>,
    active: AtomicUsize,
    counters: Arc<Counters>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Directory {
    /// Makes a directory without connecting to it: one that is down is no error. Files for TLS are read, so that a
    /// bad one is found now.
    pub fn new(settings: Settings, metrics: Metrics) -> Result<Arc<Self>, Error> {
        if settings.uses_tls() {
            let checked = conn::tls_config(&settings.tls, "check.invalid");
            checked.map_err(|failure| failure.into_error(&settings.name, &settings.name, Duration::ZERO))?;
        }
        let settings = Arc::new(settings);
        let tasks = TaskTracker::new();
        let server = |url| Server::new(url, settings.clone(), metrics.clone(), tasks.clone());
        let servers = settings.servers.iter().cloned().map(server).collect();
        let (active, stop) = (AtomicUsize::new(NONE), CancellationToken::new());
        Ok(Arc::new(Self { settings, metrics, servers, active, counters: Arc::default(), stop, tasks }))
    }

    /// The directory's name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Starts to watch the servers: connects, probes, fails over and back. Without it requests find out themselves.
    pub fn start(self: &Arc<Self>) {
        for index in 0..self.servers.len() {
            self.servers[index].patrol(true);
            self.tasks.spawn(self.clone().watch(index));
        }
    }

    /// A session on the active server, or on the next one that works. Fails at once while all are known to be down.
    pub async fn session(&self, deadline: Instant) -> Result<Session, Error> {
        let mut failures = Vec::new();
        if !self.stop.is_cancelled() {
            for index in self.candidates() {
                let server = &self.servers[index];
                match server.connection(deadline).await {
                    Ok(conn) => {
                        self.chosen(index);
                        let (counters, alone) = (self.counters.clone(), self.servers.len() == 1);
                        return Ok(Session::new(server.clone(), &conn, counters, deadline, alone));
                    }
                    Err(failure) => failures.push((index, failure)),
                }
            }
        }
        Err(self.telling(failures))
    }

    /// The servers as they are seen now, in order of preference.
    pub fn status(&self) -> Vec<ServerStatus> {
        let active = self.active.load(Ordering::Relaxed);
        let status = |(index, server): (usize, &Arc<Server>)| {
            let health = server.health();
            let unfit = health.down().map(Failure::reason);
            let cause = health.down().map(ToString::to_string);
            let state = match unfit.or_else(|| health.passed_over(Instant::now()).filter(|_| index != active)) {
                Some(reason) => ServerState::Down(reason),
                None if !health.is_up() => ServerState::Unknown,
                None if index == active => ServerState::Active,
                None => ServerState::Standby,
            };
            ServerStatus { url: server.url.to_string(), state, cause, since: health.since().elapsed() }
        };
        self.servers.iter().enumerate().map(status).collect()
    }

    /// Stops watching and lets go of the connections; operations under way finish.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.servers.iter().for_each(|server| server.disconnect());
    }

    /// The error to answer with when no server works: an outage if any server has one, since it may pass.
    fn telling(&self, failures: Vec<(usize, Failure)>) -> Error {
        let fault = failures.iter().all(|(_, failure)| failure.reason().is_fault());
        let errors = failures.into_iter().map(|(index, failure)| self.servers[index].error(failure));
        let mut telling: Option<Error> = None;
        for error in errors {
            telling = match (telling, error) {
                (None, error) => Some(error),
                (Some(first), _) if fault => Some(first),
                (Some(first), error) => Some(first.joined(error)),
            };
        }
        telling.unwrap_or_else(|| Error::Unavailable {
            directory: self.settings.name.clone(),
            cause: "it is being shut down, or has no server".to_owned(),
            retry_after: Duration::from_secs(1),
        })
    }
}
