//! A group of the tenant.

use super::object::{Kind, Object};
use indexmap::IndexSet;

/// A group of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The object id, a GUID.
    pub object_id: String,
    /// The name that is shown, and by which it is matched.
    pub display_name: String,
    /// The object ids of its members: users and other groups.
    pub members: IndexSet<String>,
    /// Whether the group at the target may have members that this tenant never sent.
    pub foreign_members: bool,
}

impl Group {
    /// A group without members, with a fresh object id.
    pub fn new(display_name: &str) -> Group {
        Group {
            object_id: uuid::Uuid::new_v4().to_string(),
            display_name: display_name.to_owned(),
            members: IndexSet::new(),
            foreign_members: false,
        }
    }

    /// The same group with these members, by their object ids.
    pub fn with_members<'a>(mut self, object_ids: impl IntoIterator<Item = &'a str>) -> Group {
        self.members.extend(object_ids.into_iter().map(str::to_owned));
        self
    }
}

impl Object for Group {
    fn kind(&self) -> Kind {
        Kind::Group
    }

    fn object_id(&self) -> &str {
        &self.object_id
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        (name == "displayName").then_some(self.display_name.as_str()).filter(|value| !value.is_empty())
    }

    fn is_enabled(&self) -> bool {
        true // a group out of scope is deleted, not disabled
    }

    fn label(&self) -> String {
        format!("group {}", self.display_name)
    }
}
