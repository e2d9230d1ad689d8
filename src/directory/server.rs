//! One server of a directory: its shared connections and what is believed about it.
//!
//! Connections are opened one at a time, by tasks of their own: whoever waits for one may give up, and everybody else
//! still gets it. A worn connection goes on serving until another one has taken its place.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use super::conn::{self, Conn};
use super::failure::{Failure, Reason};
use super::health::Health;
use super::{Error, ServerUrl, Settings};
use crate::ops::Metrics;

/// A server.
pub(super) struct Server {
    pub(super) url: ServerUrl,
    pub(super) settings: Arc<Settings>,
    pub(super) metrics: Metrics,
    pub(super) wake: Arc<Notify>,
    tasks: TaskTracker,
    slots: Vec<ArcSwapOption<Conn>>,
    turn: AtomicUsize,
    gate: Arc<tokio::sync::Mutex<()>>,
    health: Mutex<Health>,
    /// Whether a task watches the server, so that requests need not find out themselves that it is back.
    patrolled: AtomicBool,
}

impl Server {
    /// A server of which nothing is known yet.
    pub(super) fn new(url: ServerUrl, settings: Arc<Settings>, metrics: Metrics, tasks: TaskTracker) -> Arc<Self> {
        let slots = (0..settings.connections.max(1)).map(|_| ArcSwapOption::empty()).collect();
        Arc::new(Self {
            url,
            settings,
            metrics,
            wake: Arc::default(),
            tasks,
            slots,
            turn: AtomicUsize::new(0),
            gate: Arc::default(),
            health: Mutex::new(Health::new(Instant::now())),
            patrolled: AtomicBool::new(false),
        })
    }

    /// A connection to use now. Opens one only when there is none.
    pub(super) async fn connection(self: &Arc<Self>, deadline: Instant) -> Result<Arc<Conn>, Failure> {
        if let Some(conn) = self.open_one() {
            return Ok(conn);
        }
        self.admit()?;
        let late = |_| Failure::new(Reason::Timeout, "no connection in time");
        let gate = timeout_at(deadline, self.gate.clone().lock_owned()).await.map_err(late)?;
        if let Some(conn) = self.open_one() {
            return Ok(conn);
        }
        self.admit()?;
        let task = self.tasks.spawn(self.clone().fill(0, gate));
        match timeout_at(deadline, task).await.map_err(late)? {
            Ok(outcome) => outcome,
            Err(error) => Err(Failure::new(Reason::Protocol, error.to_string())),
        }
    }

    /// An open connection, each in turn; those that are missing or worn are replaced meanwhile.
    pub(super) fn open_one(self: &Arc<Self>) -> Option<Arc<Conn>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let (mut fresh, mut worn, mut lacking) = (None, None, None);
        for offset in 0..self.slots.len() {
            let at = turn.wrapping_add(offset) % self.slots.len();
            match self.slots[at].load_full().filter(|conn| conn.is_open()) {
                Some(conn) if !conn.is_worn(&self.settings) => {
                    fresh = Some(conn);
                    break;
                }
                found => {
                    lacking = lacking.or(Some(at));
                    worn = worn.or(found);
                }
            }
        }
        let found = fresh.or(worn);
        if let (Some(_), Some(at)) = (&found, lacking) {
            self.fill_soon(at);
        }
        found
    }

    /// Looks after the server once: probes it, or opens its connections.
    pub(super) async fn check(self: &Arc<Self>) {
        let Some(conn) = self.open_one() else {
            if Instant::now() >= self.health().hold() {
                let gate = self.gate.clone().lock_owned().await;
                if self.open_one().is_none() {
                    let _ = self.clone().fill(0, gate).await;
                }
            }
            return;
        };
        match conn.probe(&self.settings, self.settings.probe_timeout).await {
            Ok(()) => self.succeeded(),
            Err(failure) if failure.reason() == Reason::Timeout => {
                if self.health().was_slow() {
                    self.failed(failure);
                    self.disconnect();
                } else {
                    self.wake.notify_one();
                }
            }
            // the connection's end has been noticed, and wakes whoever calls this
            Err(failure) if failure.reason() == Reason::Lost => {}
            Err(failure) if failure.reason() == Reason::Busy => self.pass_over(Reason::Busy),
            Err(failure) => {
                self.failed(failure);
                self.disconnect();
            }
        }
    }

    /// Lets go of all connections; operations under way keep theirs.
    pub(super) fn disconnect(&self) {
        self.slots.iter().for_each(|slot| slot.store(None));
    }

    /// From now on, or no longer, a task calls [`check`](Self::check).
    pub(super) fn patrol(&self, on: bool) {
        self.patrolled.store(on, Ordering::Relaxed);
    }

    /// The server answers, but not to our use: pass it over for a while.
    pub(super) fn pass_over(&self, reason: Reason) {
        if self.health().pass_over(reason, Instant::now()) {
            let (directory, server) = (&self.settings.name, &self.url);
            tracing::warn!(%directory, %server, reason = reason.label(), "directory server is passed over for a while");
        }
    }

    /// What is believed about the server.
    pub(super) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error for a failure of this server.
    pub(super) fn error(&self, failure: Failure) -> Error {
        let retry_after = self.health().hold().saturating_duration_since(Instant::now()) + Duration::from_secs(1);
        failure.into_error(&self.settings.name, self.url.as_str(), retry_after)
    }

    /// Whether a connection may be tried now by a request.
    fn admit(&self) -> Result<(), Failure> {
        let health = self.health();
        match health.down() {
            Some(failure) if self.patrolled.load(Ordering::Relaxed) || Instant::now() < health.hold() => {
                Err(failure.clone())
            }
            _ => Ok(()),
        }
    }

    /// Opens a connection in the background, unless one is being opened.
    fn fill_soon(self: &Arc<Self>, slot: usize) {
        if Instant::now() < self.health().hold() || self.tasks.is_closed() {
            return;
        }
        if let Ok(gate) = self.gate.clone().try_lock_owned() {
            let server = self.clone();
            self.tasks.spawn(async move { server.fill(slot, gate).await.is_ok() });
        }
    }

    /// Opens a connection into a slot. Holding the gate makes sure that nobody else does.
    async fn fill(self: Arc<Self>, slot: usize, _gate: OwnedMutexGuard<()>) -> Result<Arc<Conn>, Failure> {
        match conn::open(&self.settings, &self.url, &self.metrics, &self.wake).await {
            Ok(conn) => {
                let conn = Arc::new(conn);
                self.slots[slot].store(Some(conn.clone()));
                self.succeeded();
                Ok(conn)
            }
            Err(failure) => {
                let others = self.slots.iter().any(|slot| slot.load().as_ref().is_some_and(|conn| conn.is_open()));
                if others {
                    tracing::debug!(directory = %self.settings.name, server = %self.url, %failure, "no further connection");
                    self.health().not_widened(Instant::now());
                } else {
                    self.failed(failure.clone());
                }
                Err(failure)
            }
        }
    }

    fn succeeded(&self) {
        let news = self.health().succeeded(Instant::now());
        if news {
            tracing::info!(directory = %self.settings.name, server = %self.url, "directory server is up");
        }
        self.metrics.server_up(&self.settings.name, self.url.as_str(), true);
    }

    fn failed(&self, failure: Failure) {
        let (reason, cause) = (failure.reason().label(), failure.to_string());
        let news = self.health().failed(failure, Instant::now(), chance());
        if news {
            tracing::warn!(directory = %self.settings.name, server = %self.url, reason, cause, "directory server is down");
        }
        self.metrics.server_up(&self.settings.name, self.url.as_str(), false);
    }
}

/// A number from 0 to 1, different for every process and call.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
