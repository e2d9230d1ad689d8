//! Resource to attributes.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::rule::{Derived, Rule, unresolved};
use super::{ResourceMapping, placement, template};
use crate::ldap::{AttrType, Dn, Entry, Rdn, Value};
use crate::scim::Resource;

/// How many numbered names are tried for a derived attribute that must be unique.
const CANDIDATES: u32 = 20;

/// Why a resource cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory can hold one element of this type.
    #[error("the directory holds one `{attr}` of this type, and {count} were sent")]
    Elements {
        /// The SCIM attribute.
        attr: String,
        /// How many there were.
        count: usize,
    },
    /// All numbered candidates of a derived, unique attribute are taken.
    #[error("no free value for `{attr}`: {CANDIDATES} candidates such as `{candidate}` are taken")]
    Exhausted {
        /// The LDAP attribute.
        attr: AttrType,
        /// The first candidate.
        candidate: String,
    },
    /// The attribute that names the entry would have no value.
    #[error("`{attr}` names the entry and cannot be without a value")]
    Naming {
        /// The SCIM attribute, or the LDAP attribute where a template makes it.
        attr: String,
    },
    /// The name of the entry above cannot be made.
    #[error("the placement cannot be made from these values: {0}")]
    Placement(placement::Error),
    /// A template failed.
    #[error("the template of `{attr}` failed: {source}")]
    Template {
        /// The LDAP attribute.
        attr: AttrType,
        /// Why.
        source: template::Error,
    },
    /// A value cannot be spelled in LDAP.
    #[error("`{slot}`: {reason}")]
    Value {
        /// The SCIM attribute.
        slot: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// What was looked up in the directory so that a resource can be written.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The DNs of referenced ids. An id that is not here has no entry that the endpoint can see.
    pub dns: HashMap<String, Dn>,
    /// The values of unique derived attributes that other entries have, in lower case.
    pub taken: HashSet<(AttrType, String)>,
}

impl Lookup {
    /// Notes that another entry has this value of a unique derived attribute.
    pub fn take(&mut self, attr: AttrType, value: &Value) {
        self.taken.extend(value.as_str().map(|text| (attr, text.to_lowercase())));
    }
}

impl ResourceMapping {
    /// The attributes of a new entry for `resource`.
    pub fn create(&self, resource: &Resource, lookup: &Lookup) -> Result<Vec<(AttrType, Vec<Value>)>, Error> {
        let mut attrs: IndexMap<AttrType, Vec<Value>> = IndexMap::new();
        let classes = self.object_classes.iter().map(|c| Value::from(c.as_str())).collect();
        attrs.insert(AttrType::known("objectClass"), classes);
        for rule in self.rules.iter().filter(|r| r.writes()) {
            self.check_elements(rule, resource)?;
            attrs.entry(rule.attr.clone()).or_default().extend(desired(rule, resource, lookup, &[])?);
        }
        for derived in &self.derived {
            let value = self.free_candidate(derived, resource, lookup, None)?;
            attrs.entry(derived.attr.clone()).or_default().extend(value);
        }
        if let Some(state) = &self.active {
            attrs.extend(state.initial(is_active(resource)));
        }
        attrs.extend(self.owner.iter().map(|owner| (owner.attr.clone(), vec![owner.value.clone()])));
        attrs.retain(|_, values| !values.is_empty());
        Ok(attrs.into_iter().collect())
    }

    /// The name of a new entry with these attributes.
    pub fn name(&self, attrs: &[(AttrType, Vec<Value>)]) -> Result<Rdn, Error> {
        let values = attrs.iter().find(|(attr, _)| *attr == self.rdn).and_then(|(_, values)| values.first());
        let value = values.ok_or_else(|| Error::Naming { attr: self.rdn.to_string() })?;
        Ok(Rdn::new(self.rdn.clone(), value.clone()))
    }

    /// The ids of other resources that `resource` refers to, with the rule of each. What stands in `before` as a DN that
    /// has not been resolved is none; from anywhere else it is an id like any other, which no resource has.
    pub fn referenced_ids(&self, resource: &Resource, before: Option<&Resource>) -> Vec<(&Rule, String)> {
        let rules = self.rules.iter().filter(|r| r.reference.is_some() && r.writes());
        let ids = rules.flat_map(|rule| rule.slot.texts(resource).into_iter().map(move |text| (rule, text)));
        let stands = |rule: &Rule, text: &String| before.is_some_and(|before| rule.slot.texts(before).contains(text));
        ids.filter(|(rule, text)| unresolved(text).is_none() || !stands(rule, text)).collect()
    }

    /// The values that `resource` would like for each derived attribute that must be unique, best first.
    pub fn candidates(&self, resource: &Resource) -> Result<Vec<(AttrType, Vec<String>)>, Error> {
        let unique = self.derived.iter().filter(|d| d.unique);
        unique.map(|derived| Ok((derived.attr.clone(), candidates(derived, resource)?))).collect()
    }

    /// The required SCIM attributes that have no value in `resource`, or nothing but space, of which templates make
    /// nothing.
    pub fn missing(&self, resource: &Resource) -> Vec<String> {
        let is_blank = |rule: &&Rule| rule.slot.texts(resource).iter().all(|text| text.trim().is_empty());
        let required = self.rules.iter().filter(|r| r.required).filter(is_blank);
        required.map(|r| r.slot.to_string()).collect()
    }

    pub(super) fn check_elements(&self, rule: &Rule, resource: &Resource) -> Result<(), Error> {
        let count = rule.slot.elements(resource);
        let several = self.rules.iter().any(|r| !std::ptr::eq(r, rule) && r.slot.shares_element(&rule.slot));
        if several && count > 1 {
            return Err(Error::Elements { attr: rule.slot.attr.clone(), count });
        }
        Ok(())
    }

    pub(super) fn free_candidate(
        &self,
        derived: &Derived,
        resource: &Resource,
        lookup: &Lookup,
        own: Option<&Entry>,
    ) -> Result<Option<Value>, Error> {
        let candidates = candidates(derived, resource)?;
        let Some(first) = candidates.first().cloned() else { return Ok(None) };
        let taken = |text: &String| {
            let same = |value: &Value| value.as_str().is_some_and(|own| own.to_lowercase() == text.to_lowercase());
            let is_own = own.is_some_and(|entry| entry.get(&derived.attr).iter().any(same));
            derived.unique && !is_own && lookup.taken.contains(&(derived.attr.clone(), text.to_lowercase()))
        };
        let free = candidates.into_iter().find(|text| !taken(text));
        free.map(|text| Some(Value::from(text)))
            .ok_or_else(|| Error::Exhausted { attr: derived.attr.clone(), candidate: first })
    }
}

/// Whether `resource` is enabled; one that does not say is.
pub(super) fn is_active(resource: &Resource) -> bool {
    resource.get(None, "active").and_then(Json::as_bool).unwrap_or(true)
}

/// The values that `resource` wants for a rule whose stored values are `current`.
pub(super) fn desired(
    rule: &Rule,
    resource: &Resource,
    lookup: &Lookup,
    current: &[&Value],
) -> Result<Vec<Value>, Error> {
    let mut values: Vec<Value> = Vec::new();
    for text in rule.slot.texts(resource) {
        let Some(text) = stored_text(rule, &text, lookup, current) else { continue };
        let value = rule.to_ldap(&text).map_err(|reason| Error::Value { slot: rule.slot.to_string(), reason })?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if let (true, Some(template)) = (values.is_empty(), &rule.default) {
        values.extend(filler(rule, template, resource)?);
    }
    Ok(values)
}

/// The text to store: for references the DN, and nothing where the id has none. A DN that has not been resolved is kept
/// where it is stored already, and comes from nowhere else: what a client writes in that form is no id.
fn stored_text(rule: &Rule, text: &str, lookup: &Lookup, current: &[&Value]) -> Option<String> {
    if rule.reference.is_none() {
        return Some(text.to_owned());
    }
    match unresolved(text) {
        Some(dn) => current.iter().any(|value| value.as_str() == Some(dn)).then(|| dn.to_owned()),
        None => lookup.dns.get(text).map(Dn::to_string),
    }
}

pub(super) fn filler(rule: &Rule, template: &super::Template, resource: &Resource) -> Result<Option<Value>, Error> {
    let text = template.render(resource).map_err(|source| Error::Template { attr: rule.attr.clone(), source })?;
    let value = text.map(|text| rule.to_ldap(&text)).transpose();
    value.map_err(|reason| Error::Value { slot: rule.slot.to_string(), reason })
}

pub(super) fn candidates(derived: &Derived, resource: &Resource) -> Result<Vec<String>, Error> {
    let count = if derived.unique && derived.template.is_numbered() { CANDIDATES } else { 1 };
    let mut texts: Vec<String> = Vec::new();
    for number in 1..=count {
        let text = derived.template.render_candidate(resource, number);
        texts.extend(text.map_err(|source| Error::Template { attr: derived.attr.clone(), source })?);
    }
    Ok(texts)
}
