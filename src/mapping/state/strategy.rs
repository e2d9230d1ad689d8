//! One way in which `active` is kept.

use super::{lock, saved};
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
    /// The directory's own lock for good. Any other value of its attribute, such as an intruder lock, is none of our
    /// business: it is neither shown nor cleared.
    Lock(Lock),
}

impl Strategy {
    /// The attributes that must be read to know the state.
    pub fn attrs(&self) -> Vec<AttrType> {
        match self {
            Self::Attribute { attr, saved_in, .. } => std::iter::once(attr).chain(saved_in).cloned().collect(),
            Self::Lock(lock) => vec![AttrType::known(lock.attr())],
        }
    }

    /// Whether the user of `entry` is enabled.
    pub fn is_active(&self, entry: &Entry) -> bool {
        match self {
            Self::Attribute { attr, disabled, .. } => {
                let values = entry.get(attr);
                values.len() != 1 || !values[0].as_str().is_some_and(|v| v.eq_ignore_ascii_case(disabled))
            }
            Self::Lock(lock) => lock::is_open(lock, entry),
        }
    }

    /// The changes that bring `entry` to the wanted state; none when it is there.
    pub fn set(&self, entry: &Entry, active: bool) -> Vec<Mod> {
        if self.is_active(entry) == active {
            return Vec::new();
        }
        match (self, active) {
            (Self::Lock(lock), _) => lock::set(lock, entry, active),
            (Self::Attribute { attr, disabled, saved_in, .. }, false) => {
                let mut mods = vec![Mod::replace(attr.clone(), vec![Value::from(disabled.as_str())])];
                mods.extend(saved_in.as_ref().map(|saved_in| saved::save(entry, attr, saved_in)));
                mods
            }
            (Self::Attribute { attr, enabled, saved_in, .. }, true) => {
                saved::restore(entry, attr, enabled.as_deref(), saved_in.as_ref())
            }
        }
    }

    /// The attributes of a new entry in the wanted state.
    pub fn initial(&self, active: bool) -> Vec<(AttrType, Vec<Value>)> {
        match (self, active) {
            (Self::Lock(lock), _) => lock::initial(lock, active),
            (Self::Attribute { attr, disabled, .. }, false) => {
                vec![(attr.clone(), vec![Value::from(disabled.as_str())])]
            }
            (Self::Attribute { attr, enabled: Some(enabled), .. }, true) => {
                vec![(attr.clone(), vec![Value::from(enabled.as_str())])]
            }
            (Self::Attribute { .. }, true) => Vec::new(),
        }
    }
}
