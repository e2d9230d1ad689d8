//! SCIM filter to LDAP filter.
//!
//! The LDAP filter finds at least what the SCIM filter means, and whoever asked evaluates the SCIM filter again on
//! what was found, since LDAP's equality is wider. So a part that LDAP cannot decide is left out where something else
//! narrows the search, and refused where nothing does.

use std::collections::HashMap;

use super::rule::Rule;
use super::slot::{Place, text};
use super::{ResourceMapping, Slot};
use crate::ldap::{AttrType, Dn, Filter as Ldap};
use crate::scim::{CompareOp, Filter, Literal, Path};

/// How far the directory can answer a filter.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushdown {
    /// Some of the entries that this filter finds, and no others.
    Matching(Ldap),
    /// No entry.
    Nothing,
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
    /// The LDAP filter for `filter`. `dns` are the DNs of the ids that the filter compares references with; an id that
    /// is not there has no entry. Refused with a text for the client.
    pub fn push_down(&self, filter: &Filter, dns: &HashMap<String, Dn>) -> Result<Pushdown, String> {
        match self.narrow(filter, dns) {
            Narrowing::To(filter) => Ok(Pushdown::Matching(filter)),
            Narrowing::Nothing => Ok(Pushdown::Nothing),
            Narrowing::None => {
                Err("no part of this filter can be searched for in the directory; hint: use `eq` or `pr` on a \
                mapped attribute other than `active` and `meta`, alone or joined with others by `and`"
                    .to_owned())
            }
        }
    }

    /// The ids of other resources with which `filter` compares references.
    pub fn ids_in_filter(&self, filter: &Filter) -> Vec<String> {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().flat_map(|part| self.ids_in_filter(part)).collect(),
            Filter::Not(part) => self.ids_in_filter(part),
            Filter::Compare { path, value: Literal::String(id), .. } => {
                let is_reference = self.rules_at(path).iter().any(|rule| rule.reference.is_some());
                is_reference.then(|| id.clone()).into_iter().collect()
            }
            Filter::Compare { .. } | Filter::Present { .. } | Filter::Has { .. } => Vec::new(),
        }
    }

    fn narrow(&self, filter: &Filter, dns: &HashMap<String, Dn>) -> Narrowing {
        match filter {
            Filter::And(parts) => narrow_all(parts.iter().map(|part| self.narrow(part, dns))),
            Filter::Or(parts) => narrow_any(parts.iter().map(|part| self.narrow(part, dns))),
            Filter::Compare { path, op: CompareOp::Eq, value } => self.narrow_equal(path, value, dns),
            Filter::Present { path } => self.narrow_present(path),
            Filter::Has { path } => self.narrow_elements(path, dns),
            Filter::Compare { .. } | Filter::Not(_) => Narrowing::None,
        }
    }

    fn narrow_equal(&self, path: &Path, value: &Literal, dns: &HashMap<String, Dn>) -> Narrowing {
        let Some(value) = text(&value.to_value()) else { return Narrowing::None };
        if is_id(path) {
            let id = self.profile.id_codec.encode(&value);
            return id
                .map_or(Narrowing::Nothing, |id| Narrowing::To(Ldap::eq(AttrType::known(self.profile.id_attr), id)));
        }
        let rules = self.rules_at(path);
        if rules.is_empty() {
            return Narrowing::None;
        }
        narrow_any(rules.into_iter().map(|rule| self.narrow_rule(rule, &value, dns)))
    }

    fn narrow_rule(&self, rule: &Rule, value: &str, dns: &HashMap<String, Dn>) -> Narrowing {
        let stored = match rule.reference.is_some() {
            true => dns.get(value).map(|dn| dn.to_string().into()),
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

    /// `emails[type eq "work" and value eq "x"]`: each comparison inside, seen from outside.
    fn narrow_elements(&self, path: &Path, dns: &HashMap<String, Dn>) -> Narrowing {
        let Some(inner) = path.filter.as_deref() else { return Narrowing::None };
        let parts = match inner {
            Filter::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let kind = parts.iter().find(|part| compares_type(part)).cloned();
        let outer = |part: &Filter| match part {
            Filter::Compare { path: sub, op: CompareOp::Eq, value } if !compares_type(part) => {
                let path = Path { filter: kind.clone().map(Box::new), sub: Some(sub.attr.clone()), ..path.attribute() };
                self.narrow_equal(&path, value, dns)
            }
            _ => Narrowing::None,
        };
        match narrow_all(parts.iter().map(outer)) {
            Narrowing::None => self.narrow_present(&Path { filter: kind.map(Box::new), sub: None, ..path.attribute() }),
            narrowed => narrowed,
        }
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

fn is_id(path: &Path) -> bool {
    path.is_on(None, "id") && path.sub.is_none()
}

fn compares_type(part: &Filter) -> bool {
    matches!(part, Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(_) } if path.is_on(None, "type"))
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
