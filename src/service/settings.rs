//! What an endpoint is made from.

use std::sync::Arc;

use crate::plan::Realm;

/// The settings of one endpoint.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// Its name in the configuration.
    pub name: String,
    /// The path of its URL, such as `/scim/v2`.
    pub path: String,
    /// Its resources.
    pub realm: Arc<Realm>,
    /// What a PATCH of a group is answered with.
    pub group_patch: PatchResponse,
    /// What becomes of attributes that the mapping does not have.
    pub unmapped: Unmapped,
}

/// What a PATCH is answered with when it succeeds (RFC 7644 section 3.5.2 allows both).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PatchResponse {
    /// 200 with the resource.
    Full,
    /// 204: nothing is read that the answer does not need.
    #[default]
    None,
}

/// What becomes of attributes that a client sends and the mapping does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmapped {
    /// They are ignored, counted and named in the audit trail.
    Ignore,
    /// The request is refused.
    Reject,
}
