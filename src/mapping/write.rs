//! Resource to attributes, and the difference of two resources to changes of an entry.
//!
//! Only what differs between the resource before and after is written, so what the rules cannot express stays as it
//! is. Values are compared octet by octet, since LDAP's equality is wider than SCIM's.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::read::shown;
use super::rule::{Derived, Rule, unresolved};
use super::{ResourceMapping, Slot, template};
use crate::ldap::{AttrType, Dn, Entry, Mod, ModOp, Rdn, Value};
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

/// What must change in an entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The changes to attributes.
    pub mods: Vec<Mod>,
    /// The new name, when a value in the entry's name changes (RFC 4511 section 4.9).
    pub rdn: Option<Rdn>,
}

impl ResourceMapping {
    /// The attributes of a new entry for `resource`.
    pub fn create(&self, resource: &Resource, lookup: &Lookup) -> Result<Vec<(AttrType, Vec<Value>)>, Error> {
        let mut attrs: IndexMap<AttrType, Vec<Value>> = IndexMap::new();
        let classes = self.object_classes.iter().map(|c| Value::from(c.as_str())).collect();
        attrs.insert(AttrType::known("objectClass"), classes);
        for rule in self.rules.iter().filter(|r| r.writes()) {
            self.check_elements(rule, resource)?;
            attrs.entry(rule.attr.clone()).or_default().extend(desired(rule, resource, lookup)?);
        }
        for derived in &self.derived {
            let value = self.free_candidate(derived, resource, lookup, None)?;
            attrs.entry(derived.attr.clone()).or_default().extend(value);
        }
        if let Some(state) = &self.active {
            attrs.extend(state.initial(is_active(resource)));
        }
        attrs.retain(|_, values| !values.is_empty());
        Ok(attrs.into_iter().collect())
    }

    /// The name of a new entry with these attributes.
    pub fn name(&self, attrs: &[(AttrType, Vec<Value>)]) -> Result<Rdn, Error> {
        let values = attrs.iter().find(|(attr, _)| *attr == self.rdn).and_then(|(_, values)| values.first());
        let value = values.ok_or_else(|| Error::Naming { attr: self.rdn.to_string() })?;
        Ok(Rdn::new(self.rdn.clone(), value.clone()))
    }

    /// The changes that turn `entry`, which reads as `before`, into one that reads as `after`.
    pub fn difference(
        &self,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Difference, Error> {
        let mut edits: IndexMap<AttrType, Edit> = IndexMap::new();
        for rule in self.rules.iter().filter(|r| r.writes()) {
            if let Some(edit) = self.edit(rule, entry, before, after, lookup)? {
                edits.entry(rule.attr.clone()).or_insert_with(|| Edit::named(&rule.slot)).merge(edit);
            }
        }
        for derived in &self.derived {
            if let Some(edit) = self.derived_edit(derived, entry, before, after, lookup)? {
                edits.insert(derived.attr.clone(), edit);
            }
        }
        let mut difference = self.turn_into_mods(entry, edits)?;
        if let Some(state) = self.active.as_ref().filter(|_| is_active(before) != is_active(after)) {
            difference.mods.extend(state.set(entry, is_active(after)));
        }
        if difference.mods.iter().any(|m| m.op != ModOp::Delete && !m.values.is_empty()) {
            difference.mods.splice(0..0, self.missing_classes(entry));
        }
        Ok(difference)
    }

    /// The change that gives `entry` the auxiliary classes that it does not have yet; none when it has all.
    pub fn missing_classes(&self, entry: &Entry) -> Vec<Mod> {
        let missing = self.auxiliary_classes.iter().filter(|class| !entry.is_of_class(class));
        let missing: Vec<Value> = missing.map(|class| Value::from(class.as_str())).collect();
        if missing.is_empty() { Vec::new() } else { vec![Mod::add(AttrType::known("objectClass"), missing)] }
    }

    /// The ids of other resources that `resource` refers to, with the place of each.
    pub fn referenced_ids(&self, resource: &Resource) -> Vec<(&Slot, String)> {
        let rules = self.rules.iter().filter(|r| r.reference && r.writes());
        let ids = rules.flat_map(|r| r.slot.texts(resource).into_iter().map(move |text| (&r.slot, text)));
        ids.filter(|(_, text)| unresolved(text).is_none()).collect()
    }

    /// The values that `resource` would like for each derived attribute that must be unique, best first.
    pub fn candidates(&self, resource: &Resource) -> Result<Vec<(AttrType, Vec<String>)>, Error> {
        let unique = self.derived.iter().filter(|d| d.unique);
        unique.map(|derived| Ok((derived.attr.clone(), candidates(derived, resource)?))).collect()
    }

    /// The required SCIM attributes that have no value in `resource`.
    pub fn missing(&self, resource: &Resource) -> Vec<String> {
        let required = self.rules.iter().filter(|r| r.required && r.slot.texts(resource).is_empty());
        required.map(|r| r.slot.to_string()).collect()
    }

    fn check_elements(&self, rule: &Rule, resource: &Resource) -> Result<(), Error> {
        let count = rule.slot.elements(resource);
        let several = self.rules.iter().any(|r| !std::ptr::eq(r, rule) && r.slot.shares_element(&rule.slot));
        if several && count > 1 {
            return Err(Error::Elements { attr: rule.slot.attr.clone(), count });
        }
        Ok(())
    }

    fn edit(
        &self,
        rule: &Rule,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Option<Edit>, Error> {
        self.check_elements(rule, after)?;
        let current = shown(rule, entry);
        let (old, new) = (rule.slot.texts(before), rule.slot.texts(after));
        if same_set(&old, &new) && !(new.is_empty() && holds_filler(rule, &current, before)?) {
            return Ok(None);
        }
        let desired = desired(rule, after, lookup)?;
        let mut edit = Edit::named(&rule.slot);
        edit.remove = current.iter().filter(|v| !contains(rule, &desired, v)).map(|v| (*v).clone()).collect();
        edit.add = desired.into_iter().filter(|v| !current.iter().any(|c| same(rule, c, v))).collect();
        Ok(Some(edit))
    }

    fn derived_edit(
        &self,
        derived: &Derived,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Option<Edit>, Error> {
        let (old, new) = (candidates(derived, before)?, candidates(derived, after)?);
        let current = entry.get(&derived.attr);
        if old.first() == new.first() {
            return Ok(None);
        }
        let ours = |value: &&Value| current.len() == 1 || old.iter().any(|o| value.as_str() == Some(o));
        let mut edit = Edit { name: derived.attr.to_string(), ..Edit::default() };
        edit.remove = current.iter().filter(ours).cloned().collect();
        edit.add = self.free_candidate(derived, after, lookup, Some(entry))?.into_iter().collect();
        let kept: Vec<Value> = edit.add.iter().filter(|v| edit.remove.contains(v)).cloned().collect();
        edit.remove.retain(|v| !kept.contains(v));
        edit.add.retain(|v| !kept.contains(v));
        Ok(Some(edit))
    }

    fn free_candidate(
        &self,
        derived: &Derived,
        resource: &Resource,
        lookup: &Lookup,
        own: Option<&Entry>,
    ) -> Result<Option<Value>, Error> {
        let candidates = candidates(derived, resource)?;
        let Some(first) = candidates.first().cloned() else { return Ok(None) };
        let taken = |text: &String| {
            let is_own = own.is_some_and(|entry| entry.has_value(&derived.attr, &Value::from(text.as_str())));
            derived.unique && !is_own && lookup.taken.contains(&(derived.attr.clone(), text.to_lowercase()))
        };
        let free = candidates.into_iter().find(|text| !taken(text));
        free.map(|text| Some(Value::from(text)))
            .ok_or_else(|| Error::Exhausted { attr: derived.attr.clone(), candidate: first })
    }

    fn turn_into_mods(&self, entry: &Entry, edits: IndexMap<AttrType, Edit>) -> Result<Difference, Error> {
        let mut difference = Difference::default();
        let mut rdn = entry.dn.rdn().cloned();
        for (attr, mut edit) in edits {
            let named = rdn.as_ref().and_then(|rdn| edit.remove.iter().position(|v| rdn.has_value(&attr, v)));
            if let (Some(at), Some(old)) = (named, rdn.as_ref()) {
                edit.remove.remove(at);
                let first = edit.add.first().cloned().ok_or_else(|| Error::Naming { attr: edit.name.clone() })?;
                edit.add.retain(|v| *v != first);
                let new = old.with_value(&attr, first);
                difference.rdn = Some(new.clone());
                rdn = Some(new);
            }
            difference.mods.extend(self.mods(&attr, entry, edit));
        }
        Ok(difference)
    }

    fn mods(&self, attr: &AttrType, entry: &Entry, edit: Edit) -> Vec<Mod> {
        let one = |op, values: Vec<Value>| Mod { op, attr: attr.clone(), values };
        let changes = !edit.remove.is_empty() || !edit.add.is_empty();
        if changes && !self.profile.has_equality(attr) {
            let kept = entry.get(attr).iter().filter(|v| !edit.remove.contains(v)).cloned();
            return vec![one(ModOp::Replace, kept.chain(edit.add).collect())];
        }
        let mods = [one(ModOp::Delete, edit.remove), one(ModOp::Add, edit.add)];
        mods.into_iter().filter(|m| !m.values.is_empty()).collect()
    }
}

/// What must go from an attribute and what must come.
#[derive(Default)]
struct Edit {
    /// What an administrator calls the attribute: its SCIM name where it has one.
    name: String,
    remove: Vec<Value>,
    add: Vec<Value>,
}

impl Edit {
    fn named(slot: &Slot) -> Self {
        Self { name: slot.to_string(), ..Self::default() }
    }

    fn merge(&mut self, other: Self) {
        self.remove.extend(other.remove);
        self.add.extend(other.add);
    }
}

/// Whether `resource` is enabled; one that does not say is.
pub(super) fn is_active(resource: &Resource) -> bool {
    resource.get(None, "active").and_then(Json::as_bool).unwrap_or(true)
}

fn desired(rule: &Rule, resource: &Resource, lookup: &Lookup) -> Result<Vec<Value>, Error> {
    let mut values: Vec<Value> = Vec::new();
    for text in rule.slot.texts(resource) {
        let Some(text) = stored_text(rule, &text, lookup) else { continue };
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

/// The text to store: for references the DN, and nothing where the id has none.
fn stored_text(rule: &Rule, text: &str, lookup: &Lookup) -> Option<String> {
    if !rule.reference {
        return Some(text.to_owned());
    }
    match unresolved(text) {
        Some(dn) => Some(dn.to_owned()),
        None => lookup.dns.get(text).map(Dn::to_string),
    }
}

fn filler(rule: &Rule, template: &super::Template, resource: &Resource) -> Result<Option<Value>, Error> {
    let text = template.render(resource).map_err(|source| Error::Template { attr: rule.attr.clone(), source })?;
    let value = text.map(|text| rule.to_ldap(&text)).transpose();
    value.map_err(|reason| Error::Value { slot: rule.slot.to_string(), reason })
}

/// Whether the attribute holds nothing but what the rule's template gave for `before`.
fn holds_filler(rule: &Rule, current: &[&Value], before: &Resource) -> Result<bool, Error> {
    let Some(template) = &rule.default else { return Ok(false) };
    let filler = filler(rule, template, before)?;
    Ok(current.is_empty() || (current.len() == 1 && filler.as_ref() == Some(current[0])))
}

fn candidates(derived: &Derived, resource: &Resource) -> Result<Vec<String>, Error> {
    let count = if derived.unique && derived.template.is_numbered() { CANDIDATES } else { 1 };
    let mut texts: Vec<String> = Vec::new();
    for number in 1..=count {
        let text = derived.template.render_candidate(resource, number);
        texts.extend(text.map_err(|source| Error::Template { attr: derived.attr.clone(), source })?);
    }
    Ok(texts)
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|text| b.contains(text))
}

fn contains(rule: &Rule, values: &[Value], value: &Value) -> bool {
    values.iter().any(|v| same(rule, v, value))
}

/// Octet equality; for references, equality of DNs, since servers spell them each in their own way.
fn same(rule: &Rule, a: &Value, b: &Value) -> bool {
    let dn = |value: &Value| value.as_str().and_then(|text| Dn::parse(text).ok());
    a == b || (rule.reference && matches!((dn(a), dn(b)), (Some(a), Some(b)) if a == b))
}
