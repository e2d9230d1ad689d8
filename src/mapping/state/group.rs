//! A group whose members are disabled, or whose members alone are enabled.

use crate::ldap::{AttrType, Dn, Entry, Value};

/// A group that says who is enabled. It need not be one of the endpoint's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateGroup {
    /// The group.
    pub dn: Dn,
    /// Whether its members are the enabled users, not the disabled ones.
    pub holds_enabled: bool,
    /// The attribute of users that names their groups, which the directory keeps.
    pub read: AttrType,
    /// The attribute of the group that names its members by DN.
    pub member: AttrType,
    /// What must take the place of the last member, where the group must have one.
    pub placeholder: Option<Value>,
}

impl StateGroup {
    /// Whether the user of `entry` is enabled, as far as this group says.
    pub fn is_active(&self, entry: &Entry) -> bool {
        self.has(entry) == self.holds_enabled
    }

    /// Whether a user in this state is a member.
    pub fn wants(&self, active: bool) -> bool {
        active == self.holds_enabled
    }

    /// Whether the user of `entry` is a member.
    fn has(&self, entry: &Entry) -> bool {
        let dns = entry.get(&self.read).iter().filter_map(|value| Dn::parse(value.as_str()?).ok());
        dns.into_iter().any(|dn| dn == self.dn)
    }
}
