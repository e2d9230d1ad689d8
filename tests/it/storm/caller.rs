//! Sends requests until they are answered, as Entra does from cycle to cycle.

use crate::support::http::{Answer, Http, send};
use reqwest::Method;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// No answer takes longer: the request timeout, and room for a busy machine.
const LONGEST: Duration = Duration::from_secs(25);

/// A client that takes 503 for "again".
pub(super) struct Caller {
    http: Http,
    answered: Arc<AtomicUsize>,
    repeats: AtomicUsize,
}

impl Caller {
    /// One that counts its answers in `answered`.
    pub(super) fn new(http: Http, answered: &Arc<AtomicUsize>) -> Caller {
        Caller { http, answered: answered.clone(), repeats: AtomicUsize::new(0) }
    }

    /// How many requests were sent again.
    pub(super) fn repeats(&self) -> usize {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Sends a request again until it is answered with something else than 503; whether it was sent again.
    pub(super) async fn certainly(&self, method: Method, path: &str, body: Option<Value>) -> (Answer, bool) {
        let mut repeated = false;
        loop {
            let start = Instant::now();
            let request = self.http.request(method.clone(), path).header("content-type", "application/scim+json");
            let answer = send(request.body(body.as_ref().map(Value::to_string).unwrap_or_default())).await;
            assert!(start.elapsed() < LONGEST, "answered {} after {:?}", answer.status, start.elapsed());
            if answer.status != 503 {
                self.answered.fetch_add(1, Ordering::Relaxed);
                return (answer, repeated);
            }
            assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
            repeated = true;
            self.repeats.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Waits until so many more requests were answered as they should be.
pub(super) async fn progress(answered: &AtomicUsize, more: usize) {
    let goal = answered.load(Ordering::Relaxed) + more;
    let give_up = Instant::now() + Duration::from_secs(60);
    while answered.load(Ordering::Relaxed) < goal {
        assert!(Instant::now() < give_up, "no progress");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
