//! A gauge that is one higher for as long as something lasts.

use prometheus::IntGauge;

/// Counts one until dropped, however the work ends.
#[must_use = "the gauge falls again as soon as this is dropped"]
pub struct Held(IntGauge);

impl Held {
    pub(super) fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}
