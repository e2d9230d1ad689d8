//! Entry to resource.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::rule::{Referee, Rule, unresolved};
use super::slot::Place;
use super::{ResourceMapping, Slot, parse_generalized_time};
use crate::ldap::{AttrType, Dn, DnKey, Entry, Value};
use crate::scim::Resource;

/// An entry read as a resource. References still stand as DNs until [`ResourceMapping::complete`] gives their ids.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The resource.
    pub resource: Resource,
    /// The DNs that stand in it, and what each leads to.
    pub references: Vec<(Referee, Dn)>,
}

impl ResourceMapping {
    /// The `id` of an entry; `None` when the server did not give the attribute that holds it.
    pub fn id(&self, entry: &Entry) -> Option<String> {
        let value = entry.get(&AttrType::known(self.profile.id_attr)).first()?;
        self.profile.id_codec.decode(value)
    }

    /// Whether the entry is of this resource type.
    pub fn matches_classes(&self, entry: &Entry) -> bool {
        let has = |class: &String| entry.is_of_class(class);
        self.match_classes.iter().all(has) && !self.except_classes.iter().any(has)
    }

    /// Whether the entry is deleted in SCIM's eyes.
    pub fn is_deleted(&self, entry: &Entry) -> bool {
        self.delete.mark().is_some_and(|mark| !entry.get(mark).is_empty())
    }

    /// Reads `entry`. Values that have no SCIM form are left out, and so are fillers that a template gave.
    pub fn read(&self, entry: &Entry) -> Reading {
        let mut resource = Resource::new();
        if let Some(id) = self.id(entry) {
            resource.set(None, "id", Json::String(id));
        }
        for rule in self.rules.iter().filter(|r| r.shows() && r.default.is_none()) {
            put(rule, self, entry, &mut resource);
        }
        for rule in self.rules.iter().filter(|r| r.shows() && r.default.is_some()) {
            if !is_filler(rule, entry, &resource) {
                put(rule, self, entry, &mut resource);
            }
        }
        if let Some(state) = &self.active {
            resource.set(None, "active", Json::Bool(state.is_active(entry)));
        }
        resource.set(None, "meta", Json::Object(self.meta(entry)));
        Reading { references: self.unresolved_references(&resource), resource }
    }

    /// Puts ids in place of the DNs that `read` left; a reference without an id is left out. Adds `schemas`.
    pub fn complete(&self, resource: &Resource, ids: &HashMap<DnKey, String>) -> Resource {
        let mut completed = resource.clone();
        let id = |text: &str| match unresolved(text) {
            Some(dn) => Dn::parse(dn).ok().and_then(|dn| ids.get(&dn.key()).cloned()),
            None => Some(text.to_owned()),
        };
        for rule in self.rules.iter().filter(|r| r.reference.is_some()) {
            rule.slot.change(&mut completed, id);
        }
        let extensions = self.resource_type.extensions.iter().map(|e| &e.id);
        let present = extensions.filter(|id| completed.as_map().contains_key(id.as_str()));
        let schemas: Vec<&String> = std::iter::once(&self.resource_type.schema.id).chain(present).collect();
        let schemas = json!(schemas);
        completed.set(None, "schemas", schemas);
        completed
    }

    fn unresolved_references(&self, resource: &Resource) -> Vec<(Referee, Dn)> {
        let rules = self.rules.iter().filter_map(|rule| Some((rule.reference?, rule)));
        let texts = rules.flat_map(|(referee, rule)| rule.slot.texts(resource).into_iter().map(move |t| (referee, t)));
        texts.filter_map(|(referee, text)| Some((referee, Dn::parse(unresolved(&text)?).ok()?))).collect()
    }

    fn meta(&self, entry: &Entry) -> Map<String, Json> {
        let mut meta = Map::new();
        meta.insert("resourceType".to_owned(), Json::String(self.resource_type.name.clone()));
        for (name, attr) in [("created", self.profile.created), ("lastModified", self.profile.modified)] {
            let time = entry.first_str(&AttrType::known(attr)).and_then(parse_generalized_time);
            meta.extend(time.map(|time| (name.to_owned(), Json::String(time.to_string()))));
        }
        meta
    }
}

/// The stored values that a rule shows: of a naming attribute that SCIM knows once, the value in the entry's name.
pub(super) fn shown<'e>(rule: &Rule, entry: &'e Entry) -> Vec<&'e Value> {
    let owned: Vec<&Value> = rule.owned(entry).collect();
    let named = owned.iter().find(|v| entry.dn.rdn().is_some_and(|rdn| rdn.has_value(&rule.attr, v)));
    match named {
        Some(named) if rule.single => vec![*named],
        _ => owned,
    }
}

fn is_filler(rule: &Rule, entry: &Entry, resource: &Resource) -> bool {
    let Some(Ok(Some(filler))) = rule.default.as_ref().map(|template| template.render(resource)) else { return false };
    let shown = shown(rule, entry);
    let stored = rule.to_ldap(&filler);
    shown.len() == 1 && stored.is_ok_and(|stored| *shown[0] == stored)
}

fn put(rule: &Rule, mapping: &ResourceMapping, entry: &Entry, resource: &mut Resource) {
    let shown = shown(rule, entry).into_iter();
    let mut values = shown.filter_map(|stored| rule.json(rule.to_scim(stored)?));
    match &rule.slot.place {
        Place::Element { kind, sub } => {
            let several = mapping.rules.iter().any(|r| !std::ptr::eq(r, rule) && r.slot.shares_element(&rule.slot));
            let values = if several { values.next().into_iter().collect() } else { values.collect::<Vec<_>>() };
            put_elements(rule, kind.as_deref(), sub, values, several, resource);
        }
        Place::Value if !rule.single => {
            let values: Vec<Json> = values.collect();
            rule.slot.put(resource, Json::Array(values));
        }
        Place::Sub(_) | Place::Value => {
            if let Some(value) = values.next() {
                rule.slot.put(resource, value);
            }
        }
    }
}

/// Adds elements, or completes the one that an earlier rule of the same element began.
fn put_elements(rule: &Rule, kind: Option<&str>, sub: &str, values: Vec<Json>, several: bool, resource: &mut Resource) {
    let Slot { schema, attr, .. } = &rule.slot;
    let mut elements = match resource.get(schema.as_deref(), attr) {
        Some(Json::Array(elements)) => elements.clone(),
        _ => Vec::new(),
    };
    for value in values {
        let begun = elements.iter_mut().find(|e| several && e.get("type").and_then(Json::as_str) == kind);
        if let Some(Json::Object(element)) = begun {
            element.insert(sub.to_owned(), value);
            continue;
        }
        let mut element = Map::new();
        element.insert(sub.to_owned(), value);
        element.extend(kind.map(|kind| ("type".to_owned(), Json::String(kind.to_owned()))));
        element.extend(rule.primary.then(|| ("primary".to_owned(), Json::Bool(elements.is_empty()))));
        elements.push(Json::Object(element));
    }
    resource.set(schema.as_deref(), attr, Json::Array(elements));
}
