//! Waiting for what will be, instead of for a time.

use super::bridge::Bridge;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(30);

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < give_up, "in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

impl Bridge {
    /// Waits until readiness answers with this status, and returns what it says.
    pub(crate) async fn readiness(&self, status: u16) -> Value {
        until("readiness", async || self.admin("/readyz").await.0 == status).await;
        serde_json::from_str(&self.admin("/readyz").await.1).expect("JSON")
    }

    /// The values of a metric's series whose labels hold all these texts, added up.
    pub(crate) async fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        let text = self.admin("/metrics").await.1;
        let series = text.lines().filter_map(|line| line.strip_prefix(name)?.rsplit_once(' '));
        let wanted = series.filter(|(set, _)| set.is_empty() || set.starts_with('{'));
        let wanted = wanted.filter(|(set, _)| labels.iter().all(|label| set.contains(label)));
        wanted.map(|(_, value)| value.parse::<f64>().expect("a number")).sum()
    }

    /// Waits until the log has this text.
    pub(crate) async fn logged(&self, text: &str) {
        until(text, async || self.log().contains(text)).await;
    }
}
