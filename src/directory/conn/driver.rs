//! The task that drives one connection: who waits for it, when it ended and why.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use ldap3::LdapConnAsync;
use tokio::sync::Notify;

use super::guard::Guard;
use crate::ops::Metrics;

/// What is known about the task.
pub(super) struct Driver {
    directory: String,
    server: String,
    metrics: Metrics,
    wake: Arc<Notify>,
    phase: Mutex<Phase>,
    ended: AtomicBool,
    closing: AtomicBool,
    in_flight: AtomicUsize,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Opening,
    Bound,
    Ended,
}

/// An operation that is under way until this is dropped.
pub(super) struct Held<'a>(&'a Driver);

impl Driver {
    /// Starts to drive a connection; `wake` is notified when a bound connection ends by itself.
    pub(super) fn start(
        conn: LdapConnAsync,
        directory: &str,
        server: &str,
        metrics: Metrics,
        wake: Arc<Notify>,
    ) -> Arc<Self> {
        let driver = Arc::new(Self {
            directory: directory.to_owned(),
            server: server.to_owned(),
            metrics,
            wake,
            phase: Mutex::new(Phase::Opening),
            ended: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
        });
        let watched = driver.clone();
        tokio::spawn(async move {
            let cause = match Guard::new(conn.drive()).await {
                Ok(Ok(())) => "closed by the server".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(panic) => format!("malformed answer ({panic})"),
            };
            watched.end(&cause);
        });
        driver
    }

    /// The connection is bound: it counts from now on. False when it ended already.
    pub(super) fn bound(&self) -> bool {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if *phase == Phase::Ended {
            return false;
        }
        *phase = Phase::Bound;
        self.metrics.connected(&self.directory, &self.server);
        true
    }

    /// We close the connection ourselves, so that its end is no news.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether the connection is over.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// An operation begins.
    pub(super) fn begin(&self) -> Held<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Held(self)
    }

    fn end(&self, cause: &str) {
        self.ended.store(true, Ordering::Release);
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let was = std::mem::replace(&mut *phase, Phase::Ended);
        drop(phase);
        if was != Phase::Bound {
            return;
        }
        self.metrics.disconnected(&self.directory, &self.server);
        if self.closing.load(Ordering::Relaxed) {
            return;
        }
        let (directory, server) = (&self.directory, &self.server);
        match self.in_flight.load(Ordering::Relaxed) {
            0 => tracing::info!(%directory, %server, cause, "idle connection to directory server ended"),
            waiting => tracing::warn!(%directory, %server, cause, waiting, "connection to directory server lost"),
        }
        self.wake.notify_one();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
