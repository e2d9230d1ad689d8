//! The rules between SCIM and LDAP, as the administrator wrote them in a mapping file.
//!
//! Pure: entries and resources in, resources and attribute changes out. What needs another entry (the id of a manager,
//! whether a name is free) is left open here and settled by `plan`, which gathers it. Nothing here knows HTTP,
//! connections or files.
//!
//! | file | what is there |
//! |---|---|
//! | `compile` | a mapping file becomes a [`Mapping`], with all its faults |
//! | `slot`, `pattern`, `transform`, `template` | the parts of a rule |
//! | `rule` | one rule |
//! | `member` | how groups keep their members |
//! | `password` | where passwords come from, and random ones |
//! | `state` | how `active` is kept |
//! | `placement` | where entries are put |
//! | `owner` | whose entries are |
//! | `schema` | the SCIM schema that the rules amount to |
//! | `read` | entry to resource |
//! | `write`, `difference` | resource to attributes, and the difference of two resources to changes of an entry |
//! | `filter` | SCIM filter to LDAP filter |

mod compile;
mod difference;
mod filter;
mod member;
mod owner;
mod password;
mod pattern;
mod placement;
mod read;
mod rule;
mod schema;
mod slot;
mod state;
mod template;
mod transform;
mod write;

pub use compile::compile;
pub use difference::Difference;
pub use filter::{Known, Pushdown};
pub use member::{MemberForm, Members};
pub use owner::Owner;
pub use password::{Password, Recipe, Seed};
pub use pattern::Pattern;
pub use placement::{Placement, PlacementRule, Superior};
pub use read::Reading;
pub use rule::{Derived, Direction, Number, Referee, Rule, unresolved};
pub use slot::{Place, Slot};
pub use state::{AccountState, PlaceOfDisabled, StateGroup, Strategy};
pub use template::Template;
pub use transform::{TRANSFORMS, Transform, generalized_time, parse_generalized_time};
pub use write::{Error, Lookup};

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::ldap::{AttrType, Dn};
use crate::scim::{self, ResourceType};
use crate::vendor::Profile;

/// A compiled mapping file.
#[derive(Debug)]
pub struct Mapping {
    /// Users.
    pub user: ResourceMapping,
    /// Groups, when the file maps them.
    pub group: Option<ResourceMapping>,
}

/// The mapping of one resource type.
#[derive(Debug)]
pub struct ResourceMapping {
    /// The directory's own ways.
    pub profile: &'static Profile,
    /// The object classes of new entries.
    pub object_classes: Vec<String>,
    /// Those of them that an existing entry is given when it gets its first attribute of theirs.
    pub auxiliary_classes: Vec<String>,
    /// The object classes that make an entry a resource of this type: it must have all of them.
    pub match_classes: Vec<String>,
    /// The object classes that no resource of this type has, such as those of computers, which are users to some
    /// directories.
    pub except_classes: Vec<String>,
    /// The attribute that names new entries.
    pub rdn: AttrType,
    /// The two-way rules.
    pub rules: Vec<Rule>,
    /// The one-way templates.
    pub derived: Vec<Derived>,
    /// Attributes that get a number from a counter when the entry is made, and keep it.
    pub numbers: Vec<Number>,
    /// Where passwords come from, of users only; `None` when the bridge leaves them alone.
    pub password: Option<Password>,
    /// How members are kept, of groups only.
    pub members: Option<Members>,
    /// The mark of the endpoint's own entries; without it all are.
    pub owner: Option<Owner>,
    /// Where entries are put; directly below the endpoint's base without.
    pub placement: Option<Placement>,
    /// How `active` is kept; `None` when the mapping does not offer it.
    pub active: Option<AccountState>,
    /// Where the DNs of a user's groups are kept while the user is disabled and in none of them; `None` when disabling
    /// leaves memberships alone.
    pub saved_memberships: Option<AttrType>,
    /// The attributes by which entries of this type refer to others by DN, each once: what follows a rename and a
    /// delete of those.
    pub references: Vec<AttrType>,
    /// What DELETE does.
    pub delete: DeletePolicy,
    /// The SCIM schema that all this amounts to.
    pub resource_type: ResourceType,
    /// The attributes that a search must ask for, so that entries can be read.
    pub attrs: Arc<[AttrType]>,
}

/// What DELETE does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeletePolicy {
    /// The user is disabled and leaves all groups; the entry stays, and is seen.
    Disable,
    /// The entry is marked with the time and from then on hidden; a later POST of the same name brings it back.
    Mark {
        /// The attribute that holds the time.
        attr: AttrType,
        /// The entry below which it is moved, when it is.
        graveyard: Option<Dn>,
        /// After how many days `purge` deletes it for good; `None` when it has to be told.
        purge_after_days: Option<u32>,
    },
    /// The entry is deleted.
    Remove,
}

impl DeletePolicy {
    /// The attribute that marks what is deleted and yet there.
    pub fn mark(&self) -> Option<&AttrType> {
        match self {
            Self::Mark { attr, .. } => Some(attr),
            Self::Disable | Self::Remove => None,
        }
    }

    /// After how many days what is marked goes for good.
    pub fn purge_after_days(&self) -> Option<u32> {
        match self {
            Self::Mark { purge_after_days, .. } => *purge_after_days,
            Self::Disable | Self::Remove => None,
        }
    }

    /// The entry below which deleted ones are moved.
    pub fn graveyard(&self) -> Option<&Dn> {
        match self {
            Self::Mark { graveyard, .. } => graveyard.as_ref(),
            Self::Disable | Self::Remove => None,
        }
    }
}

impl ResourceMapping {
    /// The rule that keeps `userName` (or `displayName` of groups): the name that must be unique.
    pub fn name_rule(&self) -> &Rule {
        let unique = |rule: &&Rule| rule.is_on(self.name_attr());
        self.rules.iter().find(unique).expect("a mapping without this rule does not compile")
    }

    /// The SCIM attribute whose value must be unique.
    pub fn name_attr(&self) -> &'static str {
        name_attr(&self.resource_type)
    }

    /// The entries below which values must be unique, by their keys in the mapping file.
    pub fn within(&self) -> Vec<(String, &Dn)> {
        let rules = self.rules.iter().map(|rule| ("attributes", rule.key.as_str(), &rule.within));
        let derived = self.derived.iter().map(|derived| ("derived", derived.attr.as_str(), &derived.within));
        let numbers = self.numbers.iter().map(|number| ("numbers", number.attr.as_str(), &number.within));
        let all = rules.chain(derived).chain(numbers);
        all.filter_map(|(table, key, within)| Some((format!("{table}.{key}.within"), within.as_ref()?))).collect()
    }

    /// The SCIM name of an LDAP attribute, for texts that administrators read; its LDAP name where no rule has it.
    pub fn scim_name(&self, attr: &AttrType) -> String {
        let rule = self.rules.iter().find(|r| r.attr == *attr);
        let is_state = self.active.as_ref().is_some_and(|state| state.attrs().contains(attr));
        match rule {
            Some(rule) => rule.slot.to_string(),
            None if is_state => "active".to_owned(),
            None if self.password_attr().as_ref() == Some(attr) => scim::PASSWORD.to_owned(),
            None if self.is_member(attr) => "members".to_owned(),
            None => attr.to_string(),
        }
    }

    /// Like [`ResourceMapping::scim_name`], without the URN of the extension.
    pub fn short_name(&self, attr: &AttrType) -> String {
        let rule = self.rules.iter().find(|r| r.attr == *attr);
        let other = || match self.password_attr() {
            _ if self.is_member(attr) => "members".to_owned(),
            Some(password) if password == *attr => scim::PASSWORD.to_owned(),
            _ => attr.to_string(),
        };
        rule.map_or_else(other, |rule| Slot { schema: None, ..rule.slot.clone() }.to_string())
    }

    /// Whether an attribute is derived and unique, and another candidate is taken where one is not free.
    pub fn is_numbered(&self, attr: &AttrType) -> bool {
        self.derived.iter().any(|d| d.attr == *attr && d.unique && d.template.is_numbered())
    }

    /// The first attribute of that kind that a server's text names.
    pub fn numbered_in(&self, text: &str) -> Option<AttrType> {
        words(text).find(|word| self.is_numbered(word))
    }

    /// The SCIM name of the first LDAP attribute that a server's text names.
    pub fn named_in(&self, text: &str) -> Option<String> {
        let is_ours = |word: &AttrType| {
            self.attrs.contains(word) || self.is_member(word) || self.password_attr().as_ref() == Some(word)
        };
        let named = words(text).find(|word| is_ours(word) && *word != AttrType::known("objectClass"));
        named.map(|attr| self.scim_name(&attr))
    }

    /// Whether members are kept in this attribute.
    fn is_member(&self, attr: &AttrType) -> bool {
        self.members.as_ref().is_some_and(|members| members.attr == *attr)
    }

    /// Whether the entry's name is the unique name itself, so that the directory refuses a second one by its DN.
    pub fn names_by_rdn(&self) -> bool {
        self.name_rule().attr == self.rdn
    }

    /// Whether entries are put in several places, so that two may have one RDN.
    pub fn has_places(&self) -> bool {
        self.placement.is_some() || self.place_of_disabled().is_some()
    }
}

/// What may be attributes in a text.
fn words(text: &str) -> impl Iterator<Item = AttrType> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ';'));
    words.filter_map(|word| AttrType::new(word).ok())
}

fn name_attr(resource_type: &ResourceType) -> &'static str {
    if resource_type.name == "Group" { "displayName" } else { "userName" }
}
