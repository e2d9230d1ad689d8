//! What an endpoint is made from.

use std::sync::Arc;

use crate::ldap::{Dn, Scope};
use crate::mapping::Mapping;

/// The settings of one endpoint.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// Its name in the configuration.
    pub name: String,
    /// The path of its URL, such as `/scim/v2`.
    pub path: String,
    /// Its mapping.
    pub mapping: Arc<Mapping>,
    /// Where its users are.
    pub users: SiteSettings,
    /// What becomes of attributes that the mapping does not have.
    pub unmapped: Unmapped,
}

/// Where the resources of one type are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSettings {
    /// The entry below which they are.
    pub base: Dn,
    /// How deep below it.
    pub scope: Scope,
}

/// What becomes of attributes that a client sends and the mapping does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmapped {
    /// They are ignored, counted and named in the audit trail.
    Ignore,
    /// The request is refused.
    Reject,
}
