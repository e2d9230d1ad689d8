//! Endpoints for tests that plan without a directory.

use scim_ldap_bridge::ldap::{Dn, Scope};
use scim_ldap_bridge::mapping::{Mapping, Seed};
use scim_ldap_bridge::plan::{Integrity, Place, Protection, Realm, UnresolvedMembers};
use std::sync::Arc;

/// The randomness of every request.
pub(crate) const SEED: Seed = Seed::new([7; 32]);

/// An endpoint with users below `base` and, where the mapping has them, groups below `ou=groups`. References are kept by
/// whom the configuration would let keep them.
pub(crate) fn realm(mapping: &Arc<Mapping>, base: &str, scope: Scope) -> Realm {
    let integrity = if mapping.user.profile.keeps_references { Integrity::Directory } else { Integrity::Bridge };
    let place = |base: &str, scope| Place { base: Dn::parse(base).expect("a DN"), scope };
    Realm {
        mapping: Arc::clone(mapping),
        users: place(base, scope),
        groups: mapping.group.is_some().then(|| place("ou=groups,dc=example,dc=com", Scope::One)),
        unresolved_members: UnresolvedMembers::default(),
        default_groups: Vec::new(),
        integrity,
        protection: Protection::default(),
    }
}
