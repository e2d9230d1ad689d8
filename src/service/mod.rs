//! Use cases: gather, plan, lint, apply, read back, and what is told to the client and to the audit trail.

mod context;
mod settings;

pub use context::{Caller, Context, DirectoryState, Permission, Reply, ResourceKind, ServerState};
pub use settings::{EndpointSettings, SiteSettings, Unmapped};
