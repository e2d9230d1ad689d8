//! Where the resources of an endpoint are, and what is the endpoint's choice in dealing with them.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Error, Protection};
use crate::ldap::{Dn, Scope};
use crate::mapping::{Mapping, Referee, ResourceMapping, Seed};
use crate::scim::Resource;

/// The resources of one endpoint. Nothing outside is seen or touched.
#[derive(Debug)]
pub struct Realm {
    /// How they are mapped.
    pub mapping: Arc<Mapping>,
    /// Where users are.
    pub users: Place,
    /// Where groups are; `None` when the endpoint has none.
    pub groups: Option<Place>,
    /// What becomes of a member that no resource is.
    pub unresolved_members: UnresolvedMembers,
    /// The groups that every new user is put into.
    pub default_groups: Vec<Dn>,
    /// Who keeps references right when an entry is renamed or goes.
    pub integrity: Integrity,
    /// What no request changes.
    pub protection: Protection,
}

/// Where the resources of one type are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The entry below which they are.
    pub base: Dn,
    /// How deep below it.
    pub scope: Scope,
}

/// What becomes of a member that no resource of the endpoint is (yet).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnresolvedMembers {
    /// The others are written, and a PATCH is then refused with the ids that were left out, so that the client sends
    /// them again later. A POST or PUT leaves them out.
    #[default]
    Retry,
    /// They are left out, and named in the audit trail only.
    Ignore,
    /// Nothing is written.
    Reject,
}

/// Who keeps references right when an entry is renamed or goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// The bridge, whatever the directory does besides.
    #[default]
    Bridge,
    /// The directory, as far as references are DNs: an overlay or plugin that is known to cover all of them.
    Directory,
}

/// Where resources of one type are, and how they are mapped, at the time of one request and with its
/// randomness.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The endpoint's resources of all types.
    pub realm: &'a Realm,
    /// The mapping of the resource type.
    pub mapping: &'a ResourceMapping,
    /// Where they are. Nothing else is seen or touched.
    pub place: &'a Place,
    /// The time of the request, for marks that hold a time.
    pub now: Timestamp,
    /// The randomness of the request, for passwords.
    pub seed: Seed,
}

impl Place {
    /// Whether an entry of this name may be a resource of this place.
    pub fn contains(&self, dn: &Dn) -> bool {
        match self.scope {
            Scope::Base => *dn == self.base,
            Scope::One => dn.parent().is_some_and(|parent| parent == self.base),
            Scope::Sub => dn.is_below(&self.base),
        }
    }
}

impl Realm {
    /// Users.
    pub fn users(&self, now: Timestamp, seed: Seed) -> Site<'_> {
        self.site(&self.mapping.user, &self.users, now, seed)
    }

    /// Groups, when the endpoint has them.
    pub fn groups(&self, now: Timestamp, seed: Seed) -> Option<Site<'_>> {
        Some(self.site(self.mapping.group.as_ref()?, self.groups.as_ref()?, now, seed))
    }

    fn site<'a>(&'a self, mapping: &'a ResourceMapping, place: &'a Place, now: Timestamp, seed: Seed) -> Site<'a> {
        Site { realm: self, mapping, place, now, seed }
    }
}

impl<'a> Site<'a> {
    /// The site of users.
    pub fn users(&self) -> Site<'a> {
        self.realm.users(self.now, self.seed)
    }

    /// The site of groups, when the endpoint has them.
    pub fn groups(&self) -> Option<Site<'a>> {
        self.realm.groups(self.now, self.seed)
    }

    /// The sites of all types.
    pub fn all(&self) -> impl Iterator<Item = Site<'a>> {
        std::iter::once(self.users()).chain(self.groups())
    }

    /// The site that a reference leads to; `None` when the endpoint has no such resources.
    pub fn of(&self, referee: Referee) -> Option<Site<'a>> {
        match referee {
            Referee::User => Some(self.users()),
            Referee::Group => self.groups(),
        }
    }

    /// Refuses a resource without its required attributes.
    pub(super) fn require(&self, resource: &Resource) -> Result<(), Error> {
        let missing = self.mapping.missing(resource);
        if missing.is_empty() { Ok(()) } else { Err(Error::Missing(missing)) }
    }
}
