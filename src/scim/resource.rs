//! A resource as data: attribute names spelled as in the schema, extension attributes under their URN, and nothing
//! empty, since an unassigned attribute, `null`, `""` and `[]` are the same (RFC 7643 section 2.5).

use std::fmt;

use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::name;

/// The attribute that is never shown, not even in a log (RFC 7643 section 9.2).
pub const PASSWORD: &str = "password";

/// A resource in canonical form. The empty one is valid.
#[derive(Clone, Default, PartialEq)]
pub struct Resource(Map<String, Value>);

impl Resource {
    /// A resource without attributes.
    pub fn new() -> Resource {
        Resource::default()
    }

    /// A resource of attributes that have canonical names; what is empty is dropped.
    pub fn from_map(map: Map<String, Value>) -> Resource {
        let kept = map.into_iter().filter_map(|(name, value)| Some((name, without_empty(value)?)));
        Resource(kept.collect())
    }

    /// All attributes.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All attributes, given away.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The value of an attribute; the schema is `None` (or a core schema's URN) for core attributes.
    pub fn get(&self, schema: Option<&str>, attr: &str) -> Option<&Value> {
        match extension(schema) {
            None => self.0.get(attr),
            Some(urn) => self.0.get(urn)?.as_object()?.get(attr),
        }
    }

    /// Gives an attribute a value, less what is empty in it; an empty value removes the attribute.
    pub fn set(&mut self, schema: Option<&str>, attr: &str, value: Value) {
        match without_empty(value) {
            Some(value) => self.insert(schema, attr, value),
            None => self.remove(schema, attr),
        }
    }

    /// Gives an attribute a value as it is, be it empty, until a [`Resource::set`] brings it into form.
    pub(super) fn insert(&mut self, schema: Option<&str>, attr: &str, value: Value) {
        match extension(schema) {
            None => {
                self.0.insert(attr.to_owned(), value);
            }
            Some(urn) => match self.0.get_mut(urn).and_then(Value::as_object_mut) {
                Some(inner) => {
                    inner.insert(attr.to_owned(), value);
                }
                None => {
                    let inner = Map::from_iter([(attr.to_owned(), value)]);
                    self.0.insert(urn.to_owned(), Value::Object(inner));
                }
            },
        }
    }

    /// Takes the value of an attribute out, whose place is kept for another one.
    pub(super) fn take(&mut self, schema: Option<&str>, attr: &str) -> Option<Value> {
        let holder = match extension(schema) {
            None => &mut self.0,
            Some(urn) => self.0.get_mut(urn)?.as_object_mut()?,
        };
        holder.get_mut(attr).map(Value::take)
    }

    /// Takes an attribute away, and an extension that is left with none.
    pub fn remove(&mut self, schema: Option<&str>, attr: &str) {
        let Some(urn) = extension(schema) else {
            self.0.shift_remove(attr);
            return;
        };
        if let Some(inner) = self.0.get_mut(urn).and_then(Value::as_object_mut) {
            inner.shift_remove(attr);
            if inner.is_empty() {
                self.0.shift_remove(urn);
            }
        }
    }

    /// The resource's identifier, if it has one yet.
    pub fn id(&self) -> Option<&str> {
        self.0.get("id")?.as_str()
    }

    /// The ids in `members`, each once, in their order. `canonical` gives an id its one spelling.
    pub fn members(&self, canonical: &dyn Fn(&str) -> String) -> Vec<String> {
        let elements = self.0.get("members").and_then(Value::as_array).into_iter().flatten();
        let ids: IndexSet<String> =
            elements.filter_map(|element| element.get("value")?.as_str()).map(canonical).collect();
        ids.into_iter().collect()
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value)| (name, if name == PASSWORD { Shown::Redacted } else { Shown::Value(value) });
        f.debug_map().entries(self.0.iter().map(shown)).finish()
    }
}

/// A value, as far as it may be printed.
pub(super) enum Shown<'a> {
    Redacted,
    Value(&'a Value),
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redacted => f.write_str("<redacted>"),
            Self::Value(value) => value.fmt(f),
        }
    }
}

/// What the body of a POST or PUT amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// What the client wants stored.
    pub resource: Resource,
    /// Names the client sent that are unmapped or read-only, as it spelled them, each once; `schemas`, `meta` and
    /// `id` do not count.
    pub ignored: Vec<String>,
    /// Whether the client said if the resource is active.
    pub active_sent: bool,
}

/// The value less everything empty in it, or `None` if nothing is left.
pub(super) fn without_empty(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(items) => {
            let kept: Vec<Value> = items.into_iter().filter_map(without_empty).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(map) => {
            let kept: Map<String, Value> =
                map.into_iter().filter_map(|(name, value)| Some((name, without_empty(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other),
    }
}

/// The URN, if it is an extension's.
fn extension(schema: Option<&str>) -> Option<&str> {
    schema.filter(|urn| !name::is_core(urn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_values_do_not_stay() {
        let mut resource = Resource::new();
        resource.set(None, "title", json!("Lead"));
        for empty in [json!(null), json!(""), json!([]), json!({}), json!([{"value": ""}, null]), json!({"a": [""]})] {
            resource.set(None, "emails", empty);
            assert_eq!(resource.get(None, "emails"), None);
        }
        resource.set(None, "title", json!(""));
        assert_eq!(resource, Resource::new());
        resource.set(None, "active", json!(false));
        assert_eq!(resource.get(None, "active"), Some(&json!(false)));
    }

    #[test]
    fn members_are_told_once_in_order() {
        let mut group = Resource::new();
        assert!(group.members(&str::to_lowercase).is_empty());
        group.set(None, "members", json!([{"value": "B"}, {"value": "a"}, {"display": "x"}, {"value": "b"}]));
        assert_eq!(group.members(&str::to_lowercase), ["b", "a"]);
        assert_eq!(group.members(&str::to_owned), ["B", "a", "b"]);
    }

    #[test]
    fn extensions_nest_and_vanish() {
        let mut resource = Resource::new();
        resource.set(Some(name::ENTERPRISE_USER), "department", json!("IT"));
        resource.set(Some(name::USER), "userName", json!("jo"));
        assert_eq!(resource.as_map()[name::ENTERPRISE_USER], json!({"department": "IT"}));
        assert_eq!(resource.get(None, "userName"), resource.get(Some(name::USER), "userName"));
        resource.remove(Some(name::ENTERPRISE_USER), "department");
        assert!(!resource.as_map().contains_key(name::ENTERPRISE_USER));
    }
}
