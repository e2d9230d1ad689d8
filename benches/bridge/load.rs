//! Runs many operations, some at a time, and keeps how long each took.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

/// What was measured.
pub(crate) struct Measured {
    /// How many operations.
    pub(crate) count: usize,
    wall: Duration,
    sorted: Vec<Duration>,
}

impl Measured {
    /// Operations per second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.wall.as_secs_f64()
    }

    /// The latency in milliseconds that this part of the operations did not exceed.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let at = ((self.sorted.len() - 1) as f64 * part).round() as usize;
        self.sorted[at].as_secs_f64() * 1000.0
    }

    /// Median and 99th percentile.
    pub(crate) fn quantiles(&self) -> String {
        format!("{:.2} / {:.2}", self.quantile(0.5), self.quantile(0.99))
    }
}

/// Performs `count` operations, `concurrency` at a time; the first failure ends it.
pub(crate) async fn measure<F, A>(count: usize, concurrency: usize, operation: F) -> Result<Measured, String>
where
    F: Fn(usize) -> A,
    A: Future<Output = Result<(), String>>,
{
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let worker = || async {
        let mut taken = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return Ok::<_, String>(taken);
            }
            let begun = Instant::now();
            operation(index).await?;
            taken.push(begun.elapsed());
        }
    };
    let mut sorted: Vec<Duration> = try_join_all((0..concurrency).map(|_| worker())).await?.concat();
    let wall = start.elapsed();
    sorted.sort_unstable();
    Ok(Measured { count, wall, sorted })
}
