//! What a user and a group have in common: an object of the tenant, with a mapping and a place at the target.

use std::fmt;

/// The kinds of objects that are provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

/// An object of the tenant, as a mapping reads it.
pub(super) trait Object: Sync {
    /// What it is.
    fn kind(&self) -> Kind;
    /// Its object id, a GUID.
    fn object_id(&self) -> &str;
    /// A text attribute by its Entra name; `None` when it has no value.
    fn attribute(&self, name: &str) -> Option<&str>;
    /// Whether it is enabled and in scope.
    fn is_enabled(&self) -> bool;
    /// How it is called in reports.
    fn label(&self) -> String;
}

/// The resource that stands for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) kind: Kind,
    /// The `id` that the server gave it.
    pub(super) id: String,
}

impl Kind {
    /// Where its resources are, below the tenant URL.
    pub(super) fn path(self) -> &'static str {
        match self {
            Kind::User => "/Users",
            Kind::Group => "/Groups",
        }
    }

    /// The path of one resource.
    pub(super) fn path_of(self, id: &str) -> String {
        format!("{}/{id}", self.path())
    }

    /// The query with which Entra reads them: groups always without their members.
    pub(super) fn query(self) -> Vec<String> {
        match self {
            Kind::User => Vec::new(),
            Kind::Group => vec!["excludedAttributes=members".to_owned()],
        }
    }

    /// The URN of the core schema.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Kind::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Kind::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }
}

impl fmt::Display for Kind {
    /// The name of the resource type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::User => "User",
            Kind::Group => "Group",
        })
    }
}
