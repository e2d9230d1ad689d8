//! What operators watch: metrics, log and audit trail, the clock that stamps them,
//! and the randomness of requests.
//!
//! Everything here is handed down by value; there are no globals. Nothing here may know who counts or logs: labels
//! come from closed sets, and never hold a DN, a user's name or the text of an error.

pub mod audit;
pub mod clock;
pub mod log;
pub mod metrics;
pub mod random;

pub use self::audit::{AuditLog, AuditRecord};
pub use self::clock::Clock;
pub use self::metrics::Metrics;
