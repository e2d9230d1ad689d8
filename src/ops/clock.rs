//! The only place that reads the wall clock.

use jiff::Timestamp;

/// Tells the time: the system's, or one that a test fixed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    fixed: Option<Timestamp>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still.
    pub fn fixed(at: Timestamp) -> Self {
        Self { fixed: Some(at) }
    }

    /// The time now.
    #[allow(clippy::disallowed_methods, reason = "here the wall clock is read")]
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still() {
        assert_eq!(Clock::fixed(Timestamp::UNIX_EPOCH).now(), Timestamp::UNIX_EPOCH);
        assert!(Clock::system().now() > Timestamp::UNIX_EPOCH);
    }
}
