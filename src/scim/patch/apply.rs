//! Runs operations on a resource, RFC 7644 sections 3.5.2.1 to 3.5.2.3. All or nothing: the caller's resource is not
//! changed.
//!
//! A deviation for Microsoft Entra: `Replace` and `Add` on a filter that chooses nothing make the element that the
//! filter describes, where the RFC has `noTarget` for `replace`. Entra never asks whether a work mail is there.

mod list;

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::{Attribute, Error, Found, Mutability, Resource, ResourceType};
use super::{Op, Verb};

/// The resource after the operations.
pub(in crate::scim) fn run(rt: &ResourceType, ops: &[Op], current: &Resource) -> Result<Resource, Error> {
    let mut next = current.clone();
    for op in ops {
        if let Some(found) = rt.find(&op.path) {
            apply_one(found, op, &mut next)?;
        }
    }
    for found in touched(rt, ops).into_iter().filter(|found| found.attr.multi_valued) {
        if let Some(Value::Array(elements)) = next.take(found.schema_key(), &found.attr.name) {
            let tidied = list::tidy(found.attr, elements);
            next.set(found.schema_key(), &found.attr.name, Value::Array(tidied));
        }
    }
    Ok(next)
}

/// Refuses a result in which the operations took away what is required, or changed what is immutable.
pub(super) fn check(rt: &ResourceType, ops: &[Op], current: &Resource, next: &Resource) -> Result<(), Error> {
    for found in touched(rt, ops) {
        let (key, name) = (found.schema_key(), &found.attr.name);
        let (before, after) = (current.get(key, name), next.get(key, name));
        if before.is_none() || before == after {
            continue;
        }
        if after.is_none() && found.attr.required {
            return Err(Error::mutability(format!("`{name}` is required and cannot be removed")));
        }
        if found.attr.mutability == Mutability::Immutable {
            return Err(Error::mutability(format!("`{name}` cannot be changed once it has a value")));
        }
        for sub in found.attr.sub_attributes.iter().filter(|sub| sub.required && !found.attr.multi_valued) {
            let has = |value: Option<&Value>| value.is_some_and(|value| value.get(&sub.name).is_some());
            if has(before) && !has(after) && after.is_some() {
                return Err(Error::mutability(format!("`{name}.{}` is required and cannot be removed", sub.name)));
            }
        }
    }
    Ok(())
}

/// The attributes that the operations are on, each once.
fn touched<'a>(rt: &'a ResourceType, ops: &[Op]) -> Vec<Found<'a>> {
    let mut seen = HashSet::new();
    let found = ops.iter().filter_map(|op| rt.find(&op.path));
    found.filter(|found| seen.insert((&found.schema.id, &found.attr.name))).collect()
}

fn apply_one(found: Found<'_>, op: &Op, next: &mut Resource) -> Result<(), Error> {
    let (key, attr) = (found.schema_key(), found.attr);
    if attr.multi_valued {
        let mut elements = match next.take(key, &attr.name) {
            Some(Value::Array(elements)) => elements,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        list::apply(found, op, &mut elements)?;
        elements.retain(|element| element.as_object().is_none_or(|parts| !parts.is_empty()));
        next.insert(key, &attr.name, Value::Array(elements));
        return Ok(());
    }
    match (found.sub, op.verb, &op.value) {
        (None, Verb::Remove, _) | (None, _, None) => next.remove(key, &attr.name),
        (None, _, Some(value)) => next.set(key, &attr.name, value.clone()),
        (Some(sub), verb, value) => {
            let mut parts = match next.get(key, &attr.name) {
                Some(Value::Object(parts)) => parts.clone(),
                _ => Map::new(),
            };
            match (verb, value) {
                (Verb::Remove, _) | (_, None) => drop(parts.shift_remove(&sub.name)),
                (_, Some(value)) => set_part(attr, sub, &mut parts, value)?,
            }
            next.set(key, &attr.name, Value::Object(parts));
        }
    }
    Ok(())
}

/// Gives a sub-attribute its value; one that is immutable keeps the value it has.
fn set_part(attr: &Attribute, sub: &Attribute, parts: &mut Map<String, Value>, value: &Value) -> Result<(), Error> {
    let before = parts.insert(sub.name.clone(), value.clone());
    if sub.mutability == Mutability::Immutable && before.is_some_and(|before| before != *value) {
        let name = format!("{}.{}", attr.name, sub.name);
        return Err(Error::mutability(format!(
            "`{name}` cannot be changed once it has a value; remove and add instead"
        )));
    }
    Ok(())
}
