//! One way in which `active` is kept.

use super::saved::{self, Lines};
use super::{PlaceOfDisabled, StateGroup, lock};
use crate::ldap::{AttrType, Entry, Mod, Value};
use crate::vendor::Lock;

/// One way in which `active` is kept.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// An attribute takes one value while the user is disabled.
    Attribute {
        /// The attribute.
        attr: AttrType,
        /// Its value while disabled.
        disabled: String,
        /// Its value while enabled; absent means that the earlier value comes back, or none.
        enabled: Option<String>,
        /// Where the earlier values are kept while disabled.
        saved_in: Option<AttrType>,
    },
    /// Membership in a group says it; what changes is the group's entry, not the user's.
    Group(StateGroup),
    /// The directory's own lock for good. Any other value of its attribute, such as an intruder lock, is none of our
    /// business: it is neither shown nor cleared.
    Lock(Lock),
    /// The place says it; `plan` moves the entry.
    Move(PlaceOfDisabled),
}

impl Strategy {
    /// The attributes of the user's entry that must be read to know the state.
    pub fn attrs(&self) -> Vec<AttrType> {
        match self {
            Self::Attribute { attr, saved_in, .. } => std::iter::once(attr).chain(saved_in).cloned().collect(),
            Self::Group(group) => vec![group.read.clone()],
            Self::Lock(lock) => vec![AttrType::known(lock.attr())],
            Self::Move(place) => place.saved_in.iter().cloned().collect(),
        }
    }

    /// The attribute that keeps what must come back.
    pub fn saved_in(&self) -> Option<&AttrType> {
        match self {
            Self::Attribute { saved_in, .. } => saved_in.as_ref(),
            Self::Move(place) => place.saved_in.as_ref(),
            Self::Group(_) | Self::Lock(_) => None,
        }
    }

    /// Whether the user of `entry` is enabled.
    pub fn is_active(&self, entry: &Entry) -> bool {
        match self {
            Self::Attribute { attr, disabled, .. } => !is_disabled_by(disabled, entry.get(attr)),
            Self::Group(group) => group.is_active(entry),
            Self::Lock(lock) => lock::is_open(lock, entry),
            Self::Move(place) => !entry.dn.is_below(&place.to),
        }
    }

    /// The changes that bring `entry` to the wanted state, and what is kept of it then; none when it is there.
    pub(super) fn set(&self, entry: &Entry, active: bool) -> (Vec<Mod>, Option<Lines>) {
        if self.is_active(entry) == active {
            return (Vec::new(), None);
        }
        match (self, active) {
            (Self::Group(_) | Self::Move(_), _) => (Vec::new(), None),
            (Self::Lock(lock), _) => (lock::set(lock, entry, active), None),
            (Self::Attribute { attr, disabled, saved_in, .. }, false) => {
                let change = Mod::replace(attr.clone(), vec![Value::from(disabled.as_str())]);
                (vec![change], saved_in.as_ref().map(|saved_in| saved::save(entry, attr, saved_in)))
            }
            (Self::Attribute { attr, disabled, enabled, saved_in }, true) => {
                let kept = saved_in.as_ref().and_then(|saved_in| saved::values(entry, attr, saved_in));
                // what was kept by another hand must not disable the user again
                let kept = kept.filter(|values| !is_disabled_by(disabled, values));
                let values = kept.unwrap_or_else(|| enabled.as_deref().map(Value::from).into_iter().collect());
                let forget = saved_in.as_ref().map(|saved_in| saved::forget(attr, saved_in));
                (vec![Mod::replace(attr.clone(), values)], forget)
            }
        }
    }

    /// The attributes of a new entry in the wanted state.
    pub fn initial(&self, active: bool) -> Vec<(AttrType, Vec<Value>)> {
        match (self, active) {
            (Self::Group(_) | Self::Move(_), _) | (Self::Attribute { enabled: None, .. }, true) => Vec::new(),
            (Self::Lock(lock), _) => lock::initial(lock, active),
            (Self::Attribute { attr, disabled: value, .. }, false)
            | (Self::Attribute { attr, enabled: Some(value), .. }, true) => {
                vec![(attr.clone(), vec![Value::from(value.as_str())])]
            }
        }
    }
}

/// Whether these are the values of a disabled user: the one, and nothing beside it.
fn is_disabled_by(disabled: &str, values: &[Value]) -> bool {
    values.len() == 1 && values[0].as_str().is_some_and(|value| value.eq_ignore_ascii_case(disabled))
}
