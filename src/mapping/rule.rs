//! One mapping rule: a SCIM place, an LDAP attribute, and how values go between them.

use serde_json::Value as Json;

use super::pattern::Pattern;
use super::slot::Slot;
use super::template::Template;
use super::transform::Transform;
use crate::ldap::{AttrType, Counter, Dn, Entry, Value};
use crate::scim::Kind;

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Written and shown.
    Both,
    /// Written, never shown.
    ToLdap,
    /// Shown, never written.
    ToScim,
}

/// A two-way rule between a SCIM path and an LDAP attribute.
#[derive(Debug)]
pub struct Rule {
    /// The SCIM path as the mapping file spells it.
    pub key: String,
    /// The SCIM side.
    pub slot: Slot,
    /// The SCIM type of the value.
    pub kind: Kind,
    /// The LDAP side.
    pub attr: AttrType,
    /// What fills the attribute when SCIM gives no value, since some object class demands one.
    pub default: Option<Template>,
    /// How values are spelled in LDAP.
    pub transform: &'static Transform,
    /// Which way values go.
    pub direction: Direction,
    /// The stored values that this rule owns; all of the attribute's when `None`.
    pub pattern: Option<Pattern>,
    /// Whose id the value is, where it is a reference: an id in SCIM, a DN in LDAP.
    pub reference: Option<Referee>,
    /// Whether a resource must have a value.
    pub required: bool,
    /// Whether elements made by this rule say `primary: true`.
    pub primary: bool,
    /// Whether SCIM holds one value at most.
    pub single: bool,
    /// The entry below which no other entry may have the value, where that is more than the base of the resources; of
    /// the unique name only.
    pub within: Option<Dn>,
}

/// The type of resource that a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Referee {
    /// A group.
    Group,
    /// A user.
    User,
}

/// What stands in a resource for a reference that has not been resolved to an id yet: the DN behind a character that
/// no id contains.
const UNRESOLVED: char = '\u{1}';

impl Rule {
    /// The stored values of `entry` that belong to this rule.
    pub fn owned<'e>(&self, entry: &'e Entry) -> impl Iterator<Item = &'e Value> + use<'e, '_> {
        let values = entry.get(&self.attr).iter();
        values.filter(|v| self.pattern.as_ref().is_none_or(|p| v.as_str().is_some_and(|t| p.strip(t).is_some())))
    }

    /// The SCIM text of a stored value; `None` when the stored value has no such form.
    pub fn to_scim(&self, stored: &Value) -> Option<String> {
        let text = stored.as_str()?;
        let text = self.pattern.as_ref().map_or(Some(text), |p| p.strip(text))?;
        if self.reference.is_some() {
            return Some(format!("{UNRESOLVED}{text}"));
        }
        self.transform.to_scim(text)
    }

    /// The stored form of a SCIM text, or what is wrong with it.
    pub fn to_ldap(&self, text: &str) -> Result<Value, &'static str> {
        let stored = self.transform.to_ldap(text)?;
        let stored = self.pattern.as_ref().map_or_else(|| stored.clone(), |p| p.wrap(&stored));
        Ok(Value::from(stored))
    }

    /// The JSON value of a SCIM text of this rule's type; `None` when the text is not of that type.
    pub fn json(&self, text: String) -> Option<Json> {
        match self.kind {
            Kind::Boolean => text.parse().ok().map(Json::Bool),
            Kind::Integer => text.parse::<i64>().ok().map(Json::from),
            Kind::Decimal => text.parse::<f64>().ok().map(Json::from),
            _ => Some(Json::String(text)),
        }
    }

    /// Whether the rule is on this attribute of the core schema.
    pub fn is_on(&self, attr: &str) -> bool {
        self.slot.schema.is_none() && self.slot.attr == attr
    }

    /// Whether the rule writes.
    pub fn writes(&self) -> bool {
        self.direction != Direction::ToScim
    }

    /// Whether the rule shows.
    pub fn shows(&self) -> bool {
        self.direction != Direction::ToLdap
    }
}

/// The DN text in a reference that has not been resolved; `None` for an id.
pub fn unresolved(text: &str) -> Option<&str> {
    text.strip_prefix(UNRESOLVED)
}

/// An LDAP attribute made from the resource by a template, one way.
#[derive(Debug)]
pub struct Derived {
    /// The attribute.
    pub attr: AttrType,
    /// Makes the value.
    pub template: Template,
    /// Whether no other entry may have the value: the next numbered candidate is taken instead.
    pub unique: bool,
    /// The entry below which others are looked for, instead of the base of the resources.
    pub within: Option<Dn>,
}

/// An LDAP attribute that gets a number which no other entry has.
#[derive(Debug)]
pub struct Number {
    /// The attribute, such as `gidNumber`.
    pub attr: AttrType,
    /// Where the number comes from.
    pub counter: Counter,
    /// The last number that may be given.
    pub last: u64,
    /// The entry below which others are looked for that have a number, instead of the base of the resources.
    pub within: Option<Dn>,
}
