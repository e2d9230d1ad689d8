//! SCIM filter to LDAP filter.
//!
//! The LDAP filter finds at least what the SCIM filter means, and whoever asked evaluates the SCIM filter again on
//! what was found, since LDAP's equality is wider. So a part that LDAP cannot decide is left out where something else
//! narrows the search, and refused where nothing does.

use std::collections::HashMap;

use super::rule::{Referee, Rule};
use super::slot::{Place, text};
use super::{Members, ResourceMapping, Slot};
use crate::ldap::{AttrType, Dn, Filter as Ldap, Value};
use crate::scim::{CompareOp, Filter, Literal, Path};

/// How far the directory can answer a filter.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushdown {
    /// Some of the entries that this filter finds, and no others.
    Matching(Ldap),
    /// No entry.
    Nothing,
}

/// What is known of the ids in a filter. An id that is not there has no entry.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The DNs of ids that references are compared with.
    pub dns: HashMap<String, Dn>,
    /// The values that stand in a group for ids that members are compared with.
    pub members: HashMap<String, Value>,
}

/// How far one part of a filter narrows the search.
enum Narrowing {
    /// At least what the part means.
    To(Ldap),
    /// Nothing can match.
    Nothing,
    /// Not at all.
    None,
}

impl Pushdown {
    /// Finds every entry.
    pub fn everything() -> Self {
        Self::Matching(Ldap::and([]))
    }
}

impl ResourceMapping {
    /// The LDAP filter for `filter`. Refused with a text for the client.
    pub fn push_down(&self, filter: &Filter, known: &Known) -> Result<Pushdown, String> {
        match self.narrow(filter, known) {
            Narrowing::To(filter) => Ok(Pushdown::Matching(filter)),
            Narrowing::Nothing => Ok(Pushdown::Nothing),
            Narrowing::None => {
                Err("no part of this filter can be searched for in the directory; hint: use `eq` or `pr` on a \
                mapped attribute other than `active` and `meta`, alone or joined with others by `and`"
                    .to_owned())
            }
        }
    }

    /// The ids with which `filter` compares references, and what each leads to.
    pub fn ids_in_filter(&self, filter: &Filter) -> Vec<(Referee, String)> {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().flat_map(|part| self.ids_in_filter(part)).collect(),
            Filter::Not(part) => self.ids_in_filter(part),
            Filter::Compare { path, value: Literal::String(id), .. } => {
                let referees = self.rules_at(path).into_iter().filter_map(|rule| rule.reference);
                referees.map(|referee| (referee, id.clone())).collect()
            }
            Filter::Has { path } => from_outside(path).map_or_else(Vec::new, |outer| self.ids_in_filter(&outer)),
            Filter::Compare { .. } | Filter::Present { .. } => Vec::new(),
        }
    }

    fn narrow(&self, filter: &Filter, known: &Known) -> Narrowing {
        match filter {
            Filter::And(parts) => narrow_all(parts.iter().map(|part| self.narrow(part, known))),
            Filter::Or(parts) => narrow_any(parts.iter().map(|part| self.narrow(part, known))),
            Filter::Compare { path, op: CompareOp::Eq, value } => self.narrow_equal(path, value, known),
            Filter::Present { path } => self.narrow_present(path),
            Filter::Has { path } => self.narrow_elements(path, known),
            Filter::Compare { .. } | Filter::Not(_) => Narrowing::None,
        }
    }

    fn narrow_equal(&self, path: &Path, value: &Literal, known: &Known) -> Narrowing {
        let Some(value) = text(&value.to_value()) else { return Narrowing::None };
        if path.sub.is_none() && self.is_core(path, "id") {
            let id = self.profile.id_codec.encode(&value);
            return id
                .map_or(Narrowing::Nothing, |id| Narrowing::To(Ldap::eq(AttrType::known(self.profile.id_attr), id)));
        }
        if let Some(members) = self.members_at(path) {
            let member = known.members.get(&value);
            return member.map_or(Narrowing::Nothing, |m| Narrowing::To(Ldap::eq(members.attr.clone(), m.clone())));
        }
        let rules = self.rules_at(path);
        if rules.is_empty() {
            return Narrowing::None;
        }
        narrow_any(rules.into_iter().map(|rule| self.narrow_rule(rule, &value, known)))
    }

    fn narrow_rule(&self, rule: &Rule, value: &str, known: &Known) -> Narrowing {
        let stored = match rule.reference.is_some() {
            true => known.dns.get(value).map(|dn| dn.to_string().into()),
            false => rule.to_ldap(value).ok().filter(|stored| !stored.is_empty()),
        };
        match stored {
            None => Narrowing::Nothing,
            Some(_) if !self.profile.has_equality(&rule.attr) => Narrowing::To(Ldap::Present(rule.attr.clone())),
            Some(stored) => Narrowing::To(Ldap::eq(rule.attr.clone(), stored)),
        }
    }

    fn narrow_present(&self, path: &Path) -> Narrowing {
        let rules = match path.sub {
            Some(_) => self.rules_at(path),
            None => self.rules_on(path),
        };
        if rules.is_empty() {
            return Narrowing::None;
        }
        Narrowing::To(Ldap::or(rules.into_iter().map(|rule| Ldap::Present(rule.attr.clone()))))
    }

    /// `emails[type eq "work" and value eq "x"]`.
    fn narrow_elements(&self, path: &Path, known: &Known) -> Narrowing {
        match from_outside(path).map(|outer| self.narrow(&outer, known)) {
            None | Some(Narrowing::None) => {
                let kind = path.filter.as_deref().and_then(type_part);
                self.narrow_present(&Path { filter: kind.map(Box::new), sub: None, ..path.attribute() })
            }
            Some(narrowed) => narrowed,
        }
    }

    /// How members are kept, where `path` compares members.
    fn members_at(&self, path: &Path) -> Option<&Members> {
        let is_value = path.sub.as_ref().is_none_or(|sub| *sub == *"value");
        self.members.as_ref().filter(|_| is_value && self.is_core(path, "members"))
    }

    /// Whether `path` is on this attribute of the core schema.
    fn is_core(&self, path: &Path, attr: &str) -> bool {
        let found = self.resource_type.find(&path.attribute());
        found.is_some_and(|found| found.schema_key().is_none() && found.attr.name == attr)
    }

    /// The rules that fill the value at `path`; an attribute of elements stands for their `value`.
    fn rules_at(&self, path: &Path) -> Vec<&Rule> {
        let sub = path.sub.as_ref().map(|sub| sub.as_str());
        let fits = |rule: &&Rule| match &rule.slot.place {
            Place::Value => sub.is_none(),
            Place::Sub(name) | Place::Element { sub: name, .. } => name.eq_ignore_ascii_case(sub.unwrap_or("value")),
        };
        self.rules_on(path).into_iter().filter(fits).collect()
    }

    /// The rules on the attribute of `path`, of the element type that its filter names.
    fn rules_on(&self, path: &Path) -> Vec<&Rule> {
        let Some(found) = self.resource_type.find(&path.attribute()) else { return Vec::new() };
        let schema = found.schema_key();
        let kind = path.filter.as_deref().and_then(type_in);
        let fits = |rule: &&Rule| {
            let Slot { schema: urn, attr, place } = &rule.slot;
            let of_kind = match (place, kind) {
                (Place::Element { kind: Some(own), .. }, Some(kind)) => own.eq_ignore_ascii_case(kind),
                _ => true,
            };
            rule.shows() && urn.as_deref() == schema && *attr == found.attr.name && of_kind
        };
        self.rules.iter().filter(fits).collect()
    }
}

/// What is said of elements inside the brackets of `path`, said of the attribute: `emails.value eq "x"` for
/// `emails[value eq "x"]`. A type that is demanded stays with what is demanded besides.
fn from_outside(path: &Path) -> Option<Filter> {
    fn turn(inner: &Filter, attr: &Path, kind: Option<&Filter>) -> Filter {
        let outer =
            |path: &Path| Path { filter: kind.cloned().map(Box::new), sub: Some(path.attr.clone()), ..attr.clone() };
        let each = |parts: &[Filter], kind| parts.iter().map(|part| turn(part, attr, kind)).collect();
        match inner {
            Filter::And(parts) => Filter::And(each(parts, parts.iter().find(|part| compares_type(part)).or(kind))),
            Filter::Or(parts) => Filter::Or(each(parts, kind)),
            Filter::Not(part) => Filter::Not(Box::new(turn(part, attr, kind))),
            Filter::Compare { path, op, value } => Filter::Compare { path: outer(path), op: *op, value: value.clone() },
            Filter::Present { path } | Filter::Has { path } => Filter::Present { path: outer(path) },
        }
    }
    path.filter.as_deref().map(|inner| turn(inner, &path.attribute(), None))
}

fn compares_type(part: &Filter) -> bool {
    matches!(part, Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(_) } if path.is_on(None, "type"))
}

/// The part of a filter inside brackets that demands a type.
fn type_part(inner: &Filter) -> Option<Filter> {
    match inner {
        Filter::And(parts) => parts.iter().find(|part| compares_type(part)).cloned(),
        part => compares_type(part).then(|| part.clone()),
    }
}

/// The `type` that a filter inside brackets demands.
fn type_in(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare { value: Literal::String(kind), .. } if compares_type(filter) => Some(kind),
        Filter::And(parts) => parts.iter().find_map(type_in),
        _ => None,
    }
}

fn narrow_all(parts: impl Iterator<Item = Narrowing>) -> Narrowing {
    let mut filters = Vec::new();
    for part in parts {
        match part {
            Narrowing::To(filter) => filters.push(filter),
            Narrowing::Nothing => return Narrowing::Nothing,
            Narrowing::None => {}
        }
    }
    if filters.is_empty() { Narrowing::None } else { Narrowing::To(Ldap::and(filters)) }
}

fn narrow_any(parts: impl Iterator<Item = Narrowing>) -> Narrowing {
    let mut filters = Vec::new();
    for part in parts {
        match part {
            Narrowing::To(filter) => filters.push(filter),
            Narrowing::Nothing => {}
            Narrowing::None => return Narrowing::None,
        }
    }
    if filters.is_empty() { Narrowing::Nothing } else { Narrowing::To(Ldap::or(filters)) }
}
