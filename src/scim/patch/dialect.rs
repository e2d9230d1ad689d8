//! What clients send, turned into plain operations. Each odd shape has its place here and a case in the tests.
//!
//! | shape | who | becomes |
//! |---|---|---|
//! | no `path`, an object | Entra with `aadOptscim062020`, Okta | one operation per attribute |
//! | dotted keys, URN keys, `emails[type eq "work"].value` as a key | Entra with the flag | as if it were the path |
//! | an extension's URN as key or path | RFC 7644 section 3.5.2 | one operation per attribute of it |
//! | `null`, `""`, `[]`, `{"value": ""}` | Entra's null update, empty manager | `Remove` (`Add` to a list: nothing) |
//! | manager as `"42"`, `{"value": "42"}`, `[{"$ref": …, "value": "42"}]` | Entra, several ages | `manager.value` |
//! | `$ref` (also `null`), `type`, `display`, `displayName` of a member | Entra | nothing: they follow from `value` |
//! | `Remove` with a list of values | Entra without the flag | one `Remove` per value |
//! | `roles[primary eq "True"]` | Entra's `SingleAppRoleAssignment` | literals get the attribute's kind |

mod remove;
mod resolve;

use serde_json::{Map, Value};

use super::super::resource::without_empty;
use super::super::schema::coerce::{self, Ignored};
use super::super::{Error, Kind, Mutability, Path, ResourceType, Schema};
use super::{MAX_OPERATIONS, Op, Patch, Verb};
use resolve::{Place, Resolved, Where};

/// Collects the operations of one request.
pub(in crate::scim) struct Dialect<'a> {
    rt: &'a ResourceType,
    ops: Vec<Op>,
    ignored: Ignored,
    /// What is read-only is ignored rather than refused, as RFC 7644 section 3.3 has it for POST and PUT.
    lenient: bool,
    /// How many keys chose values by a filter.
    chosen: usize,
}

impl<'a> Dialect<'a> {
    /// Reads a PATCH.
    pub(in crate::scim) fn strict(rt: &'a ResourceType) -> Dialect<'a> {
        Dialect { rt, ops: Vec::new(), ignored: Ignored::default(), lenient: false, chosen: 0 }
    }

    /// Reads the body of a POST or PUT.
    pub(in crate::scim) fn lenient(rt: &'a ResourceType) -> Dialect<'a> {
        Dialect { lenient: true, ..Dialect::strict(rt) }
    }

    /// What was collected.
    pub(in crate::scim) fn finish(self) -> Patch {
        Patch { ops: self.ops, ignored: self.ignored.into_vec() }
    }

    /// An operation that names its target by keys of its value.
    pub(super) fn without_path(&mut self, verb: Verb, value: Option<Value>) -> Result<(), Error> {
        match (verb, value) {
            (Verb::Remove, _) => Err(Error::no_target("a `remove` operation must have a `path`")),
            (_, Some(Value::Object(object))) => self.attributes(verb, None, object),
            (_, _) => {
                Err(Error::invalid_value("an operation without `path` must have an object of attributes as `value`"))
            }
        }
    }

    /// An operation that names its target by a path.
    pub(super) fn with_path(&mut self, verb: Verb, path: &str, value: Option<Value>) -> Result<(), Error> {
        match (verb, value) {
            (Verb::Remove, value) => self.remove(path, value),
            (verb, Some(value)) => self.write(verb, Where { text: path, schema: None, key: false }, value),
            (_, None) => Err(Error::invalid_value(format!(
                "the operation on `{path}` has no `value`; use `remove` to clear an attribute"
            ))),
        }
    }

    /// One operation per attribute of an object.
    pub(in crate::scim) fn attributes(
        &mut self,
        verb: Verb,
        schema: Option<&Schema>,
        object: Map<String, Value>,
    ) -> Result<(), Error> {
        for (key, value) in object {
            self.write(verb, Where { text: key.trim(), schema, key: true }, value)?;
        }
        Ok(())
    }

    /// Adds or replaces what a path or key names.
    fn write(&mut self, verb: Verb, place: Where<'_>, value: Value) -> Result<(), Error> {
        if let (None, Some(schema)) = (place.schema, self.rt.schema_of(place.text)) {
            return match value {
                Value::Object(object) => self.attributes(verb, Some(schema), object),
                Value::Null if verb == Verb::Replace && self.rt.schema.id != schema.id => {
                    self.remove_schema(schema, place.text)
                }
                Value::Null => Ok(()),
                _ => Err(Error::invalid_value(format!("`{}` must be an object of attributes", place.text))),
            };
        }
        let Some(target) = self.target(&place)? else {
            return Ok(());
        };
        if place.key && target.path.filter.is_some() {
            self.count_choice()?;
        }
        match (&target.path.sub, &target.path.filter) {
            (Some(sub), _) if *sub == "type" => self.write_type(verb, target, &place, value),
            (Some(_), _) => self.write_one(verb, target, value),
            (None, Some(_)) => self.write_element(verb, target, &place, value),
            (None, None) if target.attr.multi_valued => self.write_list(verb, target, &place, value),
            (None, None) if target.attr.kind == Kind::Complex => self.write_parts(verb, target, &place, value),
            (None, None) => self.write_one(verb, target, value),
        }
    }

    /// Each of these looks at all values of its attribute, so their number is bounded like that of operations.
    fn count_choice(&mut self) -> Result<(), Error> {
        self.chosen += 1;
        if self.chosen <= MAX_OPERATIONS {
            return Ok(());
        }
        let detail = format!("a body may hold at most {MAX_OPERATIONS} keys with a filter in brackets");
        Err(Error::payload_too_large(detail))
    }

    /// A scalar: a simple attribute or a sub-attribute.
    fn write_one(&mut self, verb: Verb, target: Resolved<'_>, value: Value) -> Result<(), Error> {
        match coerce::single(target.leaf(), &target.name(), value)? {
            Some(value) => self.push(verb, target.path, value),
            None => self.push_remove(target),
        }
        Ok(())
    }

    /// The `type` of chosen elements; one that is not mapped is listed.
    fn write_type(&mut self, verb: Verb, target: Resolved<'_>, place: &Where<'_>, value: Value) -> Result<(), Error> {
        match (coerce::slots(target.attr), value.as_str()) {
            (Some(slots), Some(label)) if !label.is_empty() => match coerce::slot(slots, label) {
                Some(slot) => self.write_one(verb, target, Value::String(slot.clone())),
                None => {
                    self.ignored.note(&place.full());
                    Ok(())
                }
            },
            _ => self.write_one(verb, target, value),
        }
    }

    /// The elements that a filter chooses.
    fn write_element(
        &mut self,
        verb: Verb,
        target: Resolved<'_>,
        place: &Where<'_>,
        value: Value,
    ) -> Result<(), Error> {
        let value = match only_item(value) {
            Value::Array(items) if !items.is_empty() => {
                return Err(Error::invalid_value(format!("`{}` takes a single value, found a list", place.text)));
            }
            other => other,
        };
        if without_empty(value.clone()).is_none() {
            self.push_remove(target);
        } else if let Some(element) = coerce::element(target.attr, target.spelled(place), value, &mut self.ignored)?
            && let Some(element) = self.fitting(&target, place, element)
        {
            self.push(verb, target.path, element);
        }
        Ok(())
    }

    /// The element, unless it says a type that is not mapped.
    fn fitting(&mut self, target: &Resolved<'_>, place: &Where<'_>, element: Value) -> Option<Value> {
        match element.get("type") {
            Some(_) => coerce::in_slot(target.attr, target.spelled(place), element, &mut self.ignored),
            None => Some(element),
        }
    }

    /// A whole multi-valued attribute.
    fn write_list(&mut self, verb: Verb, target: Resolved<'_>, place: &Where<'_>, value: Value) -> Result<(), Error> {
        let refers = target.attr.sub_attribute("value").is_some_and(|sub| sub.mutability == Mutability::Immutable);
        let says_something = refers && without_empty(value.clone()).is_some();
        let elements = coerce::list(target.attr, &place.full(), value, &mut self.ignored)?;
        if says_something && elements.is_empty() && (verb == Verb::Replace || self.lenient) {
            // whatever was meant, it was not to empty the list
            return Err(Error::invalid_value(format!("an element of `{}` must have a `value`", target.attr.name)));
        }
        match (verb, elements.is_empty()) {
            (_, false) => self.push(verb, target.path, Value::Array(elements)),
            (Verb::Add, true) => {}
            (_, true) => self.push_remove(target),
        }
        Ok(())
    }

    /// The sub-attributes of a single complex attribute: those not named stay, RFC 7644 section 3.5.2.3.
    fn write_parts(&mut self, verb: Verb, target: Resolved<'_>, place: &Where<'_>, value: Value) -> Result<(), Error> {
        let value = only_item(value);
        if without_empty(value.clone()).is_none() {
            self.push_remove(target);
            return Ok(());
        }
        let parts = match value {
            Value::Object(parts) => parts,
            plain if target.attr.sub_attribute("value").is_some() => Map::from_iter([("value".to_owned(), plain)]),
            _ => return Err(Error::invalid_value(format!("`{}` must be an object", target.attr.name))),
        };
        // an empty `value` empties all of it, whatever else came along
        let emptied = |(key, value): (&String, &Value)| {
            key.eq_ignore_ascii_case("value") && without_empty(value.clone()).is_none()
        };
        if parts.iter().any(emptied) && target.attr.sub_attribute("value").is_some() {
            self.push_remove(target);
            return Ok(());
        }
        for (key, value) in parts {
            match target.attr.sub_attribute(&key) {
                Some(sub) if sub.mutability == Mutability::ReadOnly => {}
                Some(sub) => self.write_one(verb, target.part(sub), value)?,
                None if target.attr.is_derived(&key) => {}
                None => self.ignored.note(&format!("{}.{key}", place.full())),
            }
        }
        Ok(())
    }

    /// Where a path or key leads; `None` if that is unmapped, or read-only where this is no error.
    fn target(&mut self, place: &Where<'_>) -> Result<Option<Resolved<'a>>, Error> {
        match resolve::resolve(self.rt, place)? {
            Place::Mapped(target) if target.attr.mutability == Mutability::ReadOnly => {
                // Okta's PATCH repeats `id` in the object; every client's POST has `schemas` and `meta`
                if target.is_built_in() && place.key {
                    return Ok(None);
                }
                if self.lenient {
                    self.ignored.note(&place.full());
                    return Ok(None);
                }
                Err(Error::mutability(format!(
                    "`{}` is read-only; take it out of the attribute mapping",
                    target.name()
                )))
            }
            // the mapping fixes some parts, such as `primary`; a request that also writes others must not fail for it
            Place::Mapped(target) if target.leaf().mutability == Mutability::ReadOnly => Ok(None),
            Place::Mapped(target) => Ok(Some(target)),
            Place::Derived => Ok(None),
            Place::Unmapped => {
                self.ignored.note(&place.full());
                Ok(None)
            }
        }
    }

    fn push(&mut self, verb: Verb, path: Path, value: Value) {
        self.ops.push(Op { verb, path, value: Some(value) });
    }

    /// Removes the target; a single complex attribute without its `value` is no more.
    fn push_remove(&mut self, target: Resolved<'_>) {
        let mut path = target.path;
        if !target.attr.multi_valued && path.sub.as_ref().is_some_and(|sub| *sub == "value") {
            path.sub = None;
        }
        self.ops.push(Op { verb: Verb::Remove, path, value: None });
    }
}

/// A list of one as that one.
fn only_item(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().unwrap_or_default(),
        other => other,
    }
}
