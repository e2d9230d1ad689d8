//! Operations on the elements of a multi-valued attribute.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::super::filter::eval::fold;
use super::super::super::schema::coerce;
use super::super::super::{Attribute, CompareOp, Error, Filter, Found, Kind};
use super::super::{Op, Verb};
use super::set_part;

/// Runs one operation on the elements.
pub(super) fn apply(found: Found<'_>, op: &Op, elements: &mut Vec<Value>) -> Result<(), Error> {
    let attr = found.attr;
    let filter = op.path.filter.as_deref();
    match (op.verb, found.sub, filter, &op.value) {
        (Verb::Remove, None, None, _) | (_, None, None, None) => elements.clear(),
        (Verb::Remove, sub, filter, _) | (_, sub, filter, None) => remove(attr, sub, filter, elements),
        (Verb::Add, None, None, Some(value)) => add(attr, elements, listed(value)),
        (Verb::Replace, None, None, Some(value)) => {
            elements.clear();
            add(attr, elements, listed(value));
        }
        (verb, sub, filter, Some(value)) => write(attr, sub, filter, verb, value, elements)?,
    }
    Ok(())
}

/// Drops elements that say nothing any more, and all but the first of equal ones.
pub(super) fn tidy(attr: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let mut kept = Vec::with_capacity(elements.len());
    let useful = elements.into_iter().filter(|element| !coerce::is_bare(attr, element)).collect();
    merge(attr, &mut kept, useful);
    kept
}

/// Adds elements; one that is there already only gets what is new in it, RFC 7644 section 3.5.2.1.
fn add(attr: &Attribute, elements: &mut Vec<Value>, new: Vec<Value>) {
    if let Some(at) = merge(attr, elements, new) {
        only_primary(elements, at);
    }
}

/// Adds elements by their identity; returns where the last primary one of them is.
fn merge(attr: &Attribute, elements: &mut Vec<Value>, new: Vec<Value>) -> Option<usize> {
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, element) in elements.iter().enumerate() {
        places.entry(identity(attr, element)).or_insert(at);
    }
    let mut primary = None;
    for element in new {
        let is_primary = is_primary(&element);
        let at = *places.entry(identity(attr, &element)).or_insert(elements.len());
        match (elements.get_mut(at), element) {
            (Some(Value::Object(parts)), Value::Object(more)) => parts.extend(more),
            (Some(_), _) => {}
            (None, element) => elements.push(element),
        }
        if is_primary {
            primary = Some(at);
        }
    }
    primary
}

/// Writes to the elements that the filter chooses, or to a new one that it describes.
fn write(
    attr: &Attribute,
    sub: Option<&Attribute>,
    filter: Option<&Filter>,
    verb: Verb,
    value: &Value,
    elements: &mut Vec<Value>,
) -> Result<(), Error> {
    let mut chosen: Vec<usize> = (0..elements.len()).filter(|&at| is_chosen(attr, filter, &elements[at])).collect();
    if chosen.is_empty() {
        let made = describe(attr, sub, filter, value, elements)?;
        chosen.push(elements.len());
        elements.push(made);
    }
    let mut primary = None;
    for at in chosen {
        // a replaced element keeps only what chose it
        if let (None, Verb::Replace, Some(filter)) = (sub, verb, filter) {
            elements[at] = Value::Object(described(filter).unwrap_or_else(|| labels(&elements[at])));
        }
        write_element(attr, sub, value, &mut elements[at])?;
        if primary.is_none() && sub.is_none_or(|sub| sub.name == "primary") && is_primary(&elements[at]) {
            primary = Some(at);
        }
    }
    if let Some(at) = primary {
        only_primary(elements, at);
    }
    Ok(())
}

fn write_element(attr: &Attribute, sub: Option<&Attribute>, value: &Value, element: &mut Value) -> Result<(), Error> {
    let Value::Object(parts) = element else {
        *element = value.clone();
        return Ok(());
    };
    if let Some(sub) = sub {
        return set_part(attr, sub, parts, value);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        match attr.sub_attribute(name) {
            Some(sub) => set_part(attr, sub, parts, value)?,
            None => drop(parts.insert(name.clone(), value.clone())),
        }
    }
    Ok(())
}

/// The element that a filter asks for, if it can only be meant one way: all its parts are `eq`, and none of them is
/// about the value that is to be written.
fn describe(
    attr: &Attribute,
    sub: Option<&Attribute>,
    filter: Option<&Filter>,
    value: &Value,
    elements: &[Value],
) -> Result<Value, Error> {
    if attr.kind != Kind::Complex {
        return filter.map_or_else(|| Ok(value.clone()), |filter| Err(no_target(attr, filter)));
    }
    let mut parts = match filter {
        None => Map::new(),
        Some(filter) => {
            let parts = described(filter).ok_or_else(|| no_target(attr, filter))?;
            if sub.and_then(|sub| parts.get(&sub.name)).is_some_and(|asked| asked != value) {
                return Err(no_target(attr, filter));
            }
            parts
        }
    };
    let named = parts.contains_key("type") || value.get("type").is_some() || sub.is_some_and(|sub| sub.name == "type");
    if let (false, Some(slots)) = (named, coerce::slots(attr)) {
        let used = |slot: &str| elements.iter().any(|element| element.get("type") == Some(&Value::from(slot)));
        let Some(free) = slots.iter().find(|slot| !used(slot)) else {
            return Err(Error::no_target(format!("`{}` has no free `type` for another value; name one", attr.name)));
        };
        parts.insert("type".to_owned(), Value::String(free.clone()));
    }
    Ok(Value::Object(parts))
}

/// The parts that a filter of nothing but `eq` demands.
fn described(filter: &Filter) -> Option<Map<String, Value>> {
    match filter {
        Filter::Compare { path, op: CompareOp::Eq, value } if path.sub.is_none() => {
            let value = Some(value.to_value()).filter(|value| !value.is_null())?;
            Some(Map::from_iter([(path.attr.as_str().to_owned(), value)]))
        }
        Filter::And(parts) => {
            let mut all = Map::new();
            for part in parts {
                all.extend(described(part)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// What an element is known by besides its value.
fn labels(element: &Value) -> Map<String, Value> {
    let parts = element.as_object().into_iter().flatten();
    parts.filter(|(name, _)| *name == "type").map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Removes chosen elements, or a sub-attribute of them; an element without its `value` goes as a whole.
fn remove(attr: &Attribute, sub: Option<&Attribute>, filter: Option<&Filter>, elements: &mut Vec<Value>) {
    match sub {
        Some(sub) if sub.name != "value" => {
            for element in elements.iter_mut().filter(|element| is_chosen(attr, filter, element)) {
                if let Some(parts) = element.as_object_mut() {
                    parts.shift_remove(&sub.name);
                }
            }
        }
        _ => elements.retain(|element| !is_chosen(attr, filter, element)),
    }
}

fn is_chosen(attr: &Attribute, filter: Option<&Filter>, element: &Value) -> bool {
    filter.is_none_or(|filter| filter.matches_element(attr, element))
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// At most one value is primary, RFC 7643 section 2.4: the one written last.
fn only_primary(elements: &mut [Value], at: usize) {
    for (n, element) in elements.iter_mut().enumerate() {
        if n != at && is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
}

/// What makes two elements the same one: `value` and `type` where there is a value, else everything in it.
fn identity(attr: &Attribute, element: &Value) -> String {
    let text = |attr: &Attribute, value: &Value| match value {
        Value::String(text) if !attr.case_exact => fold(text),
        other => other.to_string(),
    };
    match (element.get("value"), attr.sub_attribute("value")) {
        (Some(value), Some(sub)) => {
            let label = element.get("type").and_then(Value::as_str).map(fold).unwrap_or_default();
            format!("{}\0{label}", text(sub, value))
        }
        _ => text(attr, element),
    }
}

fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn no_target(attr: &Attribute, filter: &Filter) -> Error {
    Error::no_target(format!("no value of `{}` matches `{filter}`, and it does not say how to make one", attr.name))
}
