//! What a connection is doing, seen from its bytes and its requests: the ground for closing it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::http::Limits;

/// Shared by the byte stream, the request handler and the watch over one connection.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

/// What is known of the connection now.
#[derive(Debug)]
struct State {
    /// Requests being handled.
    in_flight: usize,
    /// Since when the next request head is awaited, once any of it has come (or none ever has).
    head_since: Option<Instant>,
    /// Since when nothing was answered and nothing written.
    quiet_since: Instant,
    /// Whether the next byte read begins a request line.
    at_line: bool,
}

impl Activity {
    /// A connection that was just opened: its first request head is already due.
    pub(super) fn new() -> Activity {
        let now = Instant::now();
        Activity(Arc::new(Mutex::new(State { in_flight: 0, head_since: Some(now), quiet_since: now, at_line: true })))
    }

    /// Bytes came in: between requests of HTTP/1 they begin a head.
    pub(super) fn head_begun(&self) {
        let mut state = self.state();
        if state.in_flight == 0 && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
    }

    /// The client took some of an answer.
    pub(super) fn written(&self) {
        self.state().quiet_since = Instant::now();
    }

    /// A whole head was read; the request is in flight as long as the guard lives.
    pub(super) fn begin(&self) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.head_since = None;
        drop(state);
        InFlight(self.clone())
    }

    /// The body was read to its end, so what follows is the next request line.
    pub(super) fn body_read(&self) {
        self.state().at_line = true;
    }

    /// True once at the start of each request line.
    pub(super) fn take_at_line(&self) -> bool {
        std::mem::take(&mut self.state().at_line)
    }

    /// When the connection is to be closed unless something happens; none while requests are in flight.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let state = self.state();
        match (state.in_flight, state.head_since) {
            (0, Some(since)) => Some(since + limits.header_timeout),
            (0, None) => Some(state.quiet_since + limits.idle_timeout),
            _ => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight.
#[derive(Debug)]
pub(super) struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        state.quiet_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn deadlines_follow_what_happens() {
        let limits = Limits::default();
        let activity = Activity::new();
        let pause = || tokio::time::sleep(Duration::from_millis(5));
        let since = |limit: Duration| activity.deadline(&limits).map(|at| at - limit);
        let start = since(limits.header_timeout).unwrap();
        assert!(start <= Instant::now());
        let request = activity.begin();
        assert_eq!(activity.deadline(&limits), None);
        pause().await;
        drop(request);
        let answered = since(limits.idle_timeout).unwrap();
        assert!(answered > start && answered <= Instant::now());
        pause().await;
        activity.written();
        let written = since(limits.idle_timeout).unwrap();
        assert!(written > answered && written <= Instant::now());
        activity.head_begun();
        let begun = since(limits.header_timeout).unwrap();
        assert!(begun >= written && begun <= Instant::now());
        pause().await;
        activity.head_begun();
        assert_eq!(since(limits.header_timeout), Some(begun), "more of the same head does not prolong it");
    }
}
