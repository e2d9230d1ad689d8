//! What is asked for.

use jiff::Timestamp;

use crate::ldap::Entry;
use crate::scim::{Filter, Patch, Resource};

/// An entry, what it reads as, and what it is to read as.
pub(super) struct Target<'a> {
    pub(super) entry: &'a Entry,
    pub(super) before: &'a Resource,
    pub(super) after: &'a Resource,
}

/// A request, read and checked against the schema.
#[derive(Clone, Debug)]
pub enum Request {
    /// POST.
    Create {
        /// The new resource.
        resource: Resource,
        /// Whether an earlier attempt may have succeeded without an answer: look before writing again.
        unsure: bool,
    },
    /// DELETE.
    Delete {
        /// The resource's id.
        id: String,
    },
    /// GET of a list.
    Find {
        /// The filter.
        filter: Option<Filter>,
    },
    /// GET of one.
    Get {
        /// The resource's id.
        id: String,
    },
    /// PATCH.
    Patch {
        /// The resource's id.
        id: String,
        /// The operations.
        patch: Patch,
    },
    /// What was deleted by mark before a time goes for good.
    Purge {
        /// The resource's id.
        id: String,
        /// The time.
        before: Timestamp,
    },
    /// PUT.
    Replace {
        /// The resource's id.
        id: String,
        /// What it is to be.
        resource: Resource,
    },
}

impl Request {
    /// The label of the request's kind, for metrics and the audit trail.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Delete { .. } => "delete",
            Self::Find { .. } => "find",
            Self::Get { .. } => "get",
            Self::Patch { .. } => "patch",
            Self::Purge { .. } => "purge",
            Self::Replace { .. } => "replace",
        }
    }

    /// The id that the request names.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } | Self::Find { .. } => None,
            Self::Delete { id }
            | Self::Get { id }
            | Self::Patch { id, .. }
            | Self::Purge { id, .. }
            | Self::Replace { id, .. } => Some(id),
        }
    }
}
