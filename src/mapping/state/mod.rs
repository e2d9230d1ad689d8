//! Account state: how `active` is kept in the directory.
//!
//! Each strategy can be undone without losing what was there: what must come back is saved on the entry itself.
//!
//! | file | what is there |
//! |---|---|
//! | `strategy` | one way to keep `active` |
//! | `lock` | the directory's own lock |
//! | `saved` | values that come back |

mod lock;
mod saved;
mod strategy;

pub use strategy::Strategy;

use crate::ldap::{AttrType, Entry, Mod, Value};

/// How `active` is kept: by one strategy or by several together.
#[derive(Clone, Debug)]
pub struct AccountState {
    /// At least one; a user is enabled as long as none of them says otherwise.
    pub strategies: Vec<Strategy>,
}

impl AccountState {
    /// The attributes that must be read to know the state.
    pub fn attrs(&self) -> Vec<AttrType> {
        self.strategies.iter().flat_map(Strategy::attrs).collect()
    }

    /// Whether the user of `entry` is enabled.
    pub fn is_active(&self, entry: &Entry) -> bool {
        self.strategies.iter().all(|strategy| strategy.is_active(entry))
    }

    /// The changes that bring `entry` to the wanted state; none when it is there.
    pub fn set(&self, entry: &Entry, active: bool) -> Vec<Mod> {
        self.strategies.iter().flat_map(|strategy| strategy.set(entry, active)).collect()
    }

    /// The attributes of a new entry in the wanted state.
    pub fn initial(&self, active: bool) -> Vec<(AttrType, Vec<Value>)> {
        self.strategies.iter().flat_map(|strategy| strategy.initial(active)).collect()
    }
}
