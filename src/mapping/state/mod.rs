//! Account state: how `active` is kept in the directory.
//!
//! Each strategy can be undone without losing what was there: what must come back is saved on the entry itself. What
//! changes other entries, such as a group, is here data only; `plan` makes the steps of it.
//!
//! | file | what is there |
//! |---|---|
//! | `strategy` | one way to keep `active` |
//! | `home` | a place that says it, and the one that the entry goes back to |
//! | `group` | membership in a group that says it |
//! | `lock` | the directory's own lock |
//! | `saved` | values that come back |

mod group;
mod home;
mod lock;
mod saved;
mod strategy;

pub use group::StateGroup;
pub use home::PlaceOfDisabled;
pub use strategy::Strategy;

use super::ResourceMapping;
use crate::ldap::{AttrType, Dn, Entry, Mod, Value};

/// How `active` is kept: by one strategy or by several together.
#[derive(Clone, Debug)]
pub struct AccountState {
    /// At least one; a user is enabled as long as none of them says otherwise.
    pub strategies: Vec<Strategy>,
}

impl AccountState {
    /// The attributes that must be read to know the state, each once.
    pub fn attrs(&self) -> Vec<AttrType> {
        let mut attrs: Vec<AttrType> = Vec::new();
        for attr in self.strategies.iter().flat_map(Strategy::attrs) {
            if !attrs.contains(&attr) {
                attrs.push(attr);
            }
        }
        attrs
    }

    /// The groups that say who is enabled.
    pub fn groups(&self) -> impl Iterator<Item = &StateGroup> {
        self.strategies.iter().filter_map(|strategy| match strategy {
            Strategy::Group(group) => Some(group),
            _ => None,
        })
    }

    /// Whether the user of `entry` is enabled.
    pub fn is_active(&self, entry: &Entry) -> bool {
        self.strategies.iter().all(|strategy| strategy.is_active(entry))
    }

    /// The attributes of a new entry in the wanted state.
    pub fn initial(&self, active: bool) -> Vec<(AttrType, Vec<Value>)> {
        self.strategies.iter().flat_map(|strategy| strategy.initial(active)).collect()
    }
}

impl ResourceMapping {
    /// The changes to `entry` that bring each strategy to the wanted state, also those that an earlier attempt or another
    /// hand left behind; none when all are there.
    pub fn set_active(&self, entry: &Entry, active: bool) -> Vec<Mod> {
        let home = entry.dn.parent().filter(|_| !active && !self.is_put_away(&entry.dn));
        self.set_state(entry, active, home.as_ref())
    }

    /// The same, where a user who is disabled by being moved goes back to `home` when enabled; without it, that stays as it
    /// is.
    pub fn set_state(&self, entry: &Entry, active: bool, home: Option<&Dn>) -> Vec<Mod> {
        let strategies = self.active.iter().flat_map(|state| &state.strategies);
        let (mut mods, mut kept) = (Vec::new(), Vec::new());
        for (changes, lines) in strategies.map(|strategy| strategy.set(entry, active)) {
            mods.extend(changes);
            kept.extend(lines);
        }
        kept.extend(home::lines(self.place_of_disabled(), active, home));
        mods.extend(saved::mods(entry, &kept, self.profile));
        mods
    }

    /// The changes that let a user who is disabled by being moved go back to `home` when enabled.
    pub fn set_home(&self, entry: &Entry, home: &Dn) -> Vec<Mod> {
        let lines = home::lines(self.place_of_disabled(), false, Some(home));
        saved::mods(entry, lines.as_slice(), self.profile)
    }

    /// Where a disabled user was before, if that is known.
    pub fn home(&self, entry: &Entry) -> Option<Dn> {
        home::read(self.place_of_disabled()?, entry)
    }

    /// Whether a change is about nothing but where a disabled user was.
    pub fn is_way_back(&self, change: &Mod) -> bool {
        self.place_of_disabled().is_some_and(|place| home::is_about(place, change))
    }

    /// The place that says that a user is disabled.
    pub fn place_of_disabled(&self) -> Option<&PlaceOfDisabled> {
        self.active.iter().flat_map(|state| &state.strategies).find_map(|strategy| match strategy {
            Strategy::Move(place) => Some(place),
            _ => None,
        })
    }

    /// Whether entries directly below this one are disabled.
    pub fn is_among_disabled(&self, superior: &Dn) -> bool {
        self.place_of_disabled().is_some_and(|place| *superior == place.to || superior.is_below(&place.to))
    }

    /// Whether an entry of this name is where the disabled are.
    pub fn is_put_away(&self, dn: &Dn) -> bool {
        self.place_of_disabled().is_some_and(|place| dn.is_below(&place.to))
    }

    /// The groups that say who is enabled.
    pub fn state_groups(&self) -> impl Iterator<Item = &StateGroup> {
        self.active.iter().flat_map(AccountState::groups)
    }
}
