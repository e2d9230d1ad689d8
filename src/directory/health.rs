//! What is believed about one server, and when it may be tried again. Time and chance are arguments.

use std::time::Duration;

use tokio::time::Instant;

use super::failure::{Failure, Reason};

/// The first pause after a failed attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause while a server is down: a server that comes back is found within about this time.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The first pause after a fault that only a person can mend.
const FIRST_FAULT_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause after such a fault: a refused bind must not look like an attack, nor lock the account.
const LONGEST_FAULT_PAUSE: Duration = Duration::from_secs(30);

/// How long a server that says that it is busy is passed over while there are others.
const BUSY_PAUSE: Duration = Duration::from_secs(10);

/// How long a server that is read-only is passed over while there are others.
const READ_ONLY_PAUSE: Duration = Duration::from_secs(60);

/// So many probes in a row must time out before a server with open connections is taken for dead.
const SLOW_PROBES: u32 = 2;

/// What is believed about a server.
#[derive(Debug)]
pub(super) struct Health {
    state: State,
    since: Instant,
    failures: u32,
    slow: u32,
    hold: Instant,
    passed_over: Option<(Reason, Instant)>,
}

#[derive(Debug)]
enum State {
    Unknown,
    Up,
    Down(Failure),
}

impl Health {
    /// Nothing is known yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { state: State::Unknown, since: now, failures: 0, slow: 0, hold: now, passed_over: None }
    }

    /// The server answered. True when that is news.
    pub(super) fn succeeded(&mut self, now: Instant) -> bool {
        let news = !self.is_up();
        if news {
            self.since = now;
        }
        (self.state, self.failures, self.slow, self.hold) = (State::Up, 0, 0, now);
        news
    }

    /// The server cannot be used. True when that, or the reason, is news. `chance` is from 0 to 1.
    pub(super) fn failed(&mut self, failure: Failure, now: Instant, chance: f64) -> bool {
        let news = self.down().is_none_or(|old| old.reason() != failure.reason());
        if self.down().is_none() {
            self.since = now;
        }
        self.failures = self.failures.saturating_add(1);
        self.hold = now + pause(failure.reason(), self.failures, chance);
        (self.state, self.slow) = (State::Down(failure), 0);
        news
    }

    /// Another connection could not be opened while there are open ones.
    pub(super) fn not_widened(&mut self, now: Instant) {
        self.hold = now + LONGEST_PAUSE;
    }

    /// A probe timed out. True when that means that the server is dead.
    pub(super) fn was_slow(&mut self) -> bool {
        self.slow += 1;
        self.slow >= SLOW_PROBES
    }

    /// The server should be passed over for a while if there are others. True when that is news.
    pub(super) fn pass_over(&mut self, reason: Reason, now: Instant) -> bool {
        let news = self.passed_over(now) != Some(reason);
        let pause = if reason == Reason::ReadOnly { READ_ONLY_PAUSE } else { BUSY_PAUSE };
        self.passed_over = Some((reason, now + pause));
        news
    }

    /// Why the server is passed over just now.
    pub(super) fn passed_over(&self, now: Instant) -> Option<Reason> {
        self.passed_over.filter(|(_, until)| now < *until).map(|(reason, _)| reason)
    }

    /// Whether the server answered last time.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up)
    }

    /// Why the server is down, if it is.
    pub(super) fn down(&self) -> Option<&Failure> {
        match &self.state {
            State::Down(failure) => Some(failure),
            State::Unknown | State::Up => None,
        }
    }

    /// Since when the state is what it is.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// When a connection may be tried again.
    pub(super) fn hold(&self) -> Instant {
        self.hold
    }

    /// For how long the server has been well: up, and not passed over.
    pub(super) fn well_for(&self, now: Instant) -> Option<Duration> {
        let well = self.is_up() && self.passed_over(now).is_none();
        let since = self.passed_over.map_or(self.since, |(_, until)| until.max(self.since));
        well.then(|| now.saturating_duration_since(since))
    }
}

/// The pause after so many failures in a row, a quarter more or less by chance, so that bridges do not come together.
fn pause(reason: Reason, failures: u32, chance: f64) -> Duration {
    let (first, longest) =
        if reason.is_fault() { (FIRST_FAULT_PAUSE, LONGEST_FAULT_PAUSE) } else { (FIRST_PAUSE, LONGEST_PAUSE) };
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(longest);
    doubled.mul_f64(0.75 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down(reason: Reason) -> Failure {
        Failure::new(reason, "x")
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        let pauses: Vec<u128> = (1..7).map(|n| pause(Reason::Connect, n, 0.5).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(pause(Reason::Bind, 1000, 0.5), LONGEST_FAULT_PAUSE);
        assert_eq!(pause(Reason::Connect, 1, 0.0).as_millis(), 75);
        assert_eq!(pause(Reason::Connect, 1, 1.0).as_millis(), 125);
    }

    #[test]
    fn only_changes_are_news() {
        let now = Instant::now();
        let mut health = Health::new(now);
        assert!(health.failed(down(Reason::Connect), now, 0.5));
        assert!(!health.failed(down(Reason::Connect), now, 0.5));
        assert!(health.failed(down(Reason::Timeout), now, 0.5));
        assert!(health.succeeded(now));
        assert!(!health.succeeded(now));
        assert_eq!(health.hold(), now);
    }

    #[test]
    fn one_slow_probe_is_forgiven() {
        let now = Instant::now();
        let mut health = Health::new(now);
        assert!(!health.was_slow());
        health.succeeded(now);
        assert!(!health.was_slow());
        assert!(health.was_slow());
    }

    #[test]
    fn a_server_is_well_only_when_it_is_not_passed_over() {
        let now = Instant::now();
        let mut health = Health::new(now);
        assert_eq!(health.well_for(now), None);
        health.succeeded(now);
        assert_eq!(health.well_for(now + BUSY_PAUSE), Some(BUSY_PAUSE));
        assert!(health.pass_over(Reason::Busy, now));
        assert!(!health.pass_over(Reason::Busy, now));
        assert_eq!(health.well_for(now), None);
        assert_eq!(health.well_for(now + BUSY_PAUSE + FIRST_PAUSE), Some(FIRST_PAUSE));
    }
}
