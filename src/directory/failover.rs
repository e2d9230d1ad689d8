//! Which server is active: watching, failing over, failing back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Directory, NONE, replica};

/// The shortest pause between two looks at a server.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

impl Directory {
    /// Looks after one server until the directory is shut down.
    pub(super) async fn watch(self: Arc<Self>, index: usize) {
        let server = &self.servers[index];
        let rounds = async {
            loop {
                if self.matters(index) {
                    server.check().await;
                    self.elect(index).await;
                } else {
                    server.disconnect();
                }
                tokio::select! {
                    () = sleep(self.pause(index)) => {}
                    () = server.wake.notified() => {}
                }
            }
        };
        self.stop.run_until_cancelled(rounds).await;
    }

    /// The servers in the order in which a request should try them: the active one, then by preference; those that
    /// are passed over last.
    pub(super) fn candidates(&self) -> Vec<usize> {
        let (active, now) = (self.active.load(Ordering::Relaxed), Instant::now());
        let mut order: Vec<usize> = (0..self.servers.len()).collect();
        order.sort_by_key(|index| {
            let passed_over = self.servers[*index].health().passed_over(now).is_some();
            (passed_over, *index != active, *index)
        });
        order
    }

    /// A request found that this server works, after those before it in the order did not.
    pub(super) fn chosen(&self, index: usize) {
        let active = self.active.load(Ordering::Relaxed);
        if active != index {
            self.activate(active, index, "the servers before it do not work");
        }
    }

    /// A server matters when it is active, preferred to the active one, or known to be down; and all do while there
    /// is no active one that works.
    fn matters(&self, index: usize) -> bool {
        let active = self.active.load(Ordering::Relaxed);
        let lost = self.servers.get(active).is_none_or(|server| server.health().down().is_some());
        index <= active || lost || self.servers[index].health().down().is_some()
    }

    fn pause(&self, index: usize) -> Duration {
        let health = self.servers[index].health();
        match health.down() {
            Some(_) => health.hold().saturating_duration_since(Instant::now()).max(SHORTEST_PAUSE),
            None => self.settings.probe_interval,
        }
    }

    /// Makes a server active that was just looked at, if it is the one that should be.
    async fn elect(&self, index: usize) {
        let now = Instant::now();
        let active = self.active.load(Ordering::Relaxed);
        let well = |index: usize| self.servers[index].health().well_for(now);
        let Some(well_for) = well(index).filter(|_| index != active) else {
            return;
        };
        if active == NONE || well(active).is_none() {
            if (0..index).all(|preferred| self.is_out(preferred, now)) {
                self.activate(active, index, "the one before does not work");
            }
        } else if index < active && well_for >= self.settings.fail_back_after {
            let (ahead, behind) = (&self.servers[active], &self.servers[index]);
            if replica::has_caught_up(behind, ahead).await {
                self.activate(active, index, "it is preferred, and well again");
            } else {
                tracing::debug!(directory = %self.settings.name, server = %behind.url, "preferred server has not caught up");
            }
        }
    }

    /// Whether a server is known not to be fit; one that was not asked yet may be.
    fn is_out(&self, index: usize, now: Instant) -> bool {
        let health = self.servers[index].health();
        health.down().is_some() || health.passed_over(now).is_some()
    }

    /// Moves from one active server to another, unless somebody else has moved meanwhile.
    fn activate(&self, from: usize, to: usize, why: &str) {
        if self.active.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return;
        }
        let (directory, server) = (self.settings.name.as_str(), &self.servers[to].url);
        self.metrics.active_server(directory, server.as_str());
        if from == NONE && to == 0 {
            tracing::info!(directory, %server, "directory server is active");
        } else {
            tracing::warn!(directory, %server, why, "another directory server is active");
            self.metrics.failover(directory);
        }
        self.servers.iter().for_each(|server| server.wake.notify_one());
    }
}
