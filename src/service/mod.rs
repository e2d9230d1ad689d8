//! Use cases: gather, plan, lint, apply, read back, and what is told to the client and to the audit trail.
//!
//! [`Endpoint`] is one Entra enterprise application: its mapping, its directory, its place in the tree. Every write
//! runs in a task of its own, so that neither a client that goes away nor a timeout stops a plan half way. Nothing
//! here knows HTTP or configuration files.

mod answer;
mod apply;
mod context;
mod endpoint;
mod error;
mod explain;
mod intake;
mod list;
mod perform;
mod purge;
mod run;
mod settings;
mod settle;
mod trail;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::directory::Directory;

pub use crate::plan::{Integrity, Place, Protection, Realm, UnresolvedMembers};
pub use context::{Body, Caller, Context, DirectoryState, Permission, Reply, ResourceKind, ServerState};
pub use endpoint::{Endpoint, Shared};
pub use error::Error;
pub use explain::Explanation;
pub use list::MemberLists;
pub use purge::{PurgeOrder, PurgeReport, PurgedEntry};
pub use settings::{EndpointSettings, PatchResponse, Unmapped};

/// All endpoints of the bridge.
pub struct Service {
    endpoints: Vec<Arc<Endpoint>>,
    directories: Vec<Arc<Directory>>,
    tasks: TaskTracker,
}

impl Service {
    /// The service of these endpoints and directories. Endpoints must have been made with `tasks`.
    pub fn new(endpoints: Vec<Arc<Endpoint>>, directories: Vec<Arc<Directory>>, tasks: TaskTracker) -> Self {
        Self { endpoints, directories, tasks }
    }

    /// All endpoints.
    pub fn endpoints(&self) -> &[Arc<Endpoint>] {
        &self.endpoints
    }

    /// The endpoint called `name`.
    pub fn endpoint(&self, name: &str) -> Option<Arc<Endpoint>> {
        self.endpoints.iter().find(|e| e.name() == name).cloned()
    }

    /// The state of each directory.
    pub fn readiness(&self) -> Vec<DirectoryState> {
        self.directories.iter().map(|directory| DirectoryState::of(directory)).collect()
    }

    /// Waits until every plan that was begun is done.
    pub async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
