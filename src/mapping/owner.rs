//! Whose an entry is: a mark on the entries that an endpoint has made or taken over.

use super::ResourceMapping;
use crate::ldap::{AttrType, Entry, Filter, Mod, Value};

/// The mark of an endpoint's own entries.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The attribute.
    pub attr: AttrType,
    /// The value that says whose the entry is.
    pub value: Value,
    /// Whether entries without any mark count too, and get it with their first change.
    pub adopt: bool,
}

impl ResourceMapping {
    /// The entries that count by their mark; all of them where there is none.
    pub fn owned(&self) -> Filter {
        let Some(owner) = &self.owner else { return Filter::And(Vec::new()) };
        let own = Filter::eq(owner.attr.clone(), owner.value.clone());
        let nobodys = owner.adopt.then(|| Filter::negate(Filter::Present(owner.attr.clone())));
        Filter::or(std::iter::once(own).chain(nobodys))
    }

    /// Whether `entry` counts by its mark.
    pub fn owns(&self, entry: &Entry) -> bool {
        let Some(owner) = &self.owner else { return true };
        let marks = entry.get(&owner.attr);
        marks.iter().any(|mark| owner.is(mark)) || (owner.adopt && marks.is_empty())
    }

    /// The change that makes `entry` the endpoint's own; none when it is, or needs no mark.
    pub fn adoption(&self, entry: &Entry) -> Vec<Mod> {
        let owner = self.owner.iter().filter(|owner| !entry.get(&owner.attr).iter().any(|mark| owner.is(mark)));
        owner.map(|owner| Mod::add(owner.attr.clone(), vec![owner.value.clone()])).collect()
    }
}

impl Owner {
    /// Whether a stored value is the mark; servers may tell it with or without regard to case.
    pub fn is(&self, mark: &Value) -> bool {
        mark.as_str().zip(self.value.as_str()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}
