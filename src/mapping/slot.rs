//! Slots: the places in a SCIM resource that a mapping rule reads and fills.

use serde_json::{Map, Value as Json};

use crate::scim::{CompareOp, Filter, Literal, Path, Resource};

/// A place in a resource that holds values of one LDAP attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The URN of the extension; `None` for the core schema.
    pub schema: Option<String>,
    /// The attribute, spelled as in its schema.
    pub attr: String,
    /// Where inside the attribute.
    pub place: Place,
}

/// Where inside an attribute a slot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The sub-attribute `sub` of each element of a multi-valued attribute, of those of one `type` if `kind` says so.
    Element {
        /// The `type` of the elements.
        kind: Option<String>,
        /// The sub-attribute.
        sub: String,
    },
    /// A sub-attribute of a single complex value.
    Sub(String),
    /// The attribute's value itself, or each of its values.
    Value,
}

/// Why a path is no slot.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A mapping names elements by their `type` and by nothing else.
    #[error("only a filter of the form `[type eq \"…\"]` can name elements")]
    Filter,
}

impl Slot {
    /// The slot that `path` names. `schema` is `None` for the core schema, and names are spelled as in the schemas.
    pub fn of(path: &Path, schema: Option<String>, attr: &str, sub: Option<&str>, multi: bool) -> Result<Self, Error> {
        let kind = path.filter.as_deref().map(element_type).transpose()?;
        let place = match (multi, sub) {
            (true, Some(sub)) => Place::Element { kind, sub: sub.to_owned() },
            (false, Some(sub)) if kind.is_none() => Place::Sub(sub.to_owned()),
            (_, None) if kind.is_none() => Place::Value,
            _ => return Err(Error::Filter),
        };
        Ok(Self { schema, attr: attr.to_owned(), place })
    }

    /// The texts that stand at this place of `resource`.
    pub fn texts(&self, resource: &Resource) -> Vec<String> {
        let Some(value) = resource.get(self.schema.as_deref(), &self.attr) else { return Vec::new() };
        match &self.place {
            Place::Value => each(value).filter_map(text).collect(),
            Place::Sub(sub) => value.get(sub).and_then(text).into_iter().collect(),
            Place::Element { kind, sub } => {
                let chosen = each(value).filter(|e| kind.as_deref().is_none_or(|k| is_of_type(e, k)));
                chosen.filter_map(|e| e.get(sub).and_then(text)).collect()
            }
        }
    }

    /// How many elements of `resource` this slot looks at; 1 or 0 where the attribute is not multi-valued.
    pub fn elements(&self, resource: &Resource) -> usize {
        let Some(value) = resource.get(self.schema.as_deref(), &self.attr) else { return 0 };
        match &self.place {
            Place::Element { kind, .. } => {
                each(value).filter(|e| kind.as_deref().is_none_or(|k| is_of_type(e, k))).count()
            }
            Place::Sub(_) | Place::Value => 1,
        }
    }

    /// Puts a single value, where the attribute is not one of elements.
    pub fn put(&self, resource: &mut Resource, value: Json) {
        let schema = self.schema.as_deref();
        match &self.place {
            Place::Value => resource.set(schema, &self.attr, value),
            Place::Sub(sub) => {
                let mut whole = match resource.get(schema, &self.attr) {
                    Some(Json::Object(map)) => map.clone(),
                    _ => Map::new(),
                };
                whole.insert(sub.clone(), value);
                resource.set(schema, &self.attr, Json::Object(whole));
            }
            Place::Element { .. } => {}
        }
    }

    /// Changes each text at this place; where nothing comes of it, the value or its element goes.
    pub fn change(&self, resource: &mut Resource, change: impl Fn(&str) -> Option<String>) {
        let Some(value) = resource.get(self.schema.as_deref(), &self.attr) else { return };
        let change = |value: &Json| match value.as_str() {
            Some(text) => change(text).map(Json::String),
            None => Some(value.clone()),
        };
        let part = |whole: &Json, sub: &str| {
            let mut whole = whole.clone();
            if let Some(part) = whole.get_mut(sub) {
                *part = change(part)?;
            }
            Some(whole)
        };
        let changed = match &self.place {
            Place::Value => collect(value, change),
            Place::Sub(sub) => part(value, sub),
            Place::Element { kind, sub } => collect(value, |element| {
                let is_chosen = kind.as_deref().is_none_or(|kind| is_of_type(element, kind));
                if is_chosen { part(element, sub) } else { Some(element.clone()) }
            }),
        };
        resource.set(self.schema.as_deref(), &self.attr, changed.unwrap_or(Json::Null));
    }

    /// Whether one value can stand at both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let same_place = match (&self.place, &other.place) {
            (Place::Element { kind: a, sub: x }, Place::Element { kind: b, sub: y }) => {
                let kinds = a.as_ref().zip(b.as_ref());
                x == y && kinds.is_none_or(|(a, b)| a.eq_ignore_ascii_case(b))
            }
            (a, b) => a == b,
        };
        same_place && self.schema == other.schema && self.attr == other.attr
    }

    /// Whether both slots fill the same elements, so that one element is made from both.
    pub fn shares_element(&self, other: &Self) -> bool {
        let kinds = match (&self.place, &other.place) {
            (Place::Element { kind: a, .. }, Place::Element { kind: b, .. }) => a == b,
            _ => false,
        };
        kinds && self.schema == other.schema && self.attr == other.attr
    }
}

impl std::fmt::Display for Slot {
    /// The slot in SCIM's attribute notation, as an administrator reads it in Entra's log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        match &self.place {
            Place::Value => write!(f, "{}", self.attr),
            Place::Sub(sub) | Place::Element { kind: None, sub } => write!(f, "{}.{sub}", self.attr),
            Place::Element { kind: Some(kind), sub } => write!(f, "{}[type eq \"{kind}\"].{sub}", self.attr),
        }
    }
}

/// The text of a simple JSON value; `None` for null, objects and arrays.
pub(super) fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn each(value: &Json) -> std::slice::Iter<'_, Json> {
    match value {
        Json::Array(elements) => elements.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

/// Changes a value, or each of several.
fn collect(value: &Json, change: impl Fn(&Json) -> Option<Json>) -> Option<Json> {
    match value {
        Json::Array(elements) => Some(Json::Array(elements.iter().filter_map(change).collect())),
        single => change(single),
    }
}

fn is_of_type(element: &Json, kind: &str) -> bool {
    element.get("type").and_then(Json::as_str).is_some_and(|t| t.eq_ignore_ascii_case(kind))
}

fn element_type(filter: &Filter) -> Result<String, Error> {
    match filter {
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(kind) }
            if path.attr.as_str().eq_ignore_ascii_case("type") && path.sub.is_none() =>
        {
            Ok(kind.clone())
        }
        _ => Err(Error::Filter),
    }
}
