//! Removing: an attribute, an extension, chosen values, or listed ones.

use serde_json::Value;

use super::super::super::schema::coerce;
use super::super::super::{AttrName, Attribute, CompareOp, Error, Filter, Literal, Mutability, Path, Schema};
use super::super::{Op, Verb};
use super::Dialect;
use super::resolve::{Resolved, Where};

impl Dialect<'_> {
    /// Removes what a path names; of a multi-valued attribute with a `value` only the values listed, never all.
    pub(super) fn remove(&mut self, path: &str, value: Option<Value>) -> Result<(), Error> {
        let place = Where { text: path, schema: None, key: false };
        if let Some(schema) = self.rt.schema_of(path) {
            return self.remove_schema(schema, path);
        }
        let Some(target) = self.target(&place)? else {
            return Ok(());
        };
        let of_value = target.path.sub.as_ref().is_none_or(|sub| *sub == "value");
        let whole = target.attr.multi_valued && target.path.filter.is_none() && of_value;
        match value {
            Some(value) if whole && !value.is_null() => self.remove_values(target, &place, value),
            _ => {
                self.push_remove(target);
                Ok(())
            }
        }
    }

    pub(super) fn remove_schema(&mut self, schema: &Schema, path: &str) -> Result<(), Error> {
        if self.rt.schema.id == schema.id {
            return Err(Error::no_target(format!("`{path}` is the whole resource; name an attribute, or use DELETE")));
        }
        for attr in schema.attributes.iter().filter(|attr| attr.mutability != Mutability::ReadOnly) {
            let path =
                Path { schema: Some(schema.id.clone()), attr: AttrName::known(&attr.name), filter: None, sub: None };
            self.ops.push(Op { verb: Verb::Remove, path, value: None });
        }
        Ok(())
    }

    /// One `Remove` per value, Entra's way without the flag. What says nothing to go by removes nothing.
    fn remove_values(&mut self, target: Resolved<'_>, place: &Where<'_>, value: Value) -> Result<(), Error> {
        let items = match value {
            Value::Array(items) => items,
            one => vec![one],
        };
        for item in items {
            let Some(element) = coerce::element(target.attr, place.text, item, &mut self.ignored)? else {
                continue;
            };
            let Some(element) = self.fitting(&target, place, element) else {
                continue;
            };
            if let Some(filter) = selector(target.attr, &element) {
                let path = Path { filter: Some(Box::new(filter)), ..target.path.attribute() };
                self.ops.push(Op { verb: Verb::Remove, path, value: None });
            }
        }
        Ok(())
    }
}

/// The filter that chooses one element: by its `value` (and `type`, where that is a slot), else by all of its parts.
fn selector(attr: &Attribute, element: &Value) -> Option<Filter> {
    let equal = |name: &str, value: &Value| {
        let path = Path { schema: None, attr: AttrName::known(name), filter: None, sub: None };
        Some(Filter::Compare { path, op: CompareOp::Eq, value: Literal::from_value(value)? })
    };
    let Some(parts) = element.as_object() else {
        return equal("value", element);
    };
    let by_value = parts.contains_key("value");
    let counts = |name: &str| !by_value || name == "value" || (name == "type" && coerce::slots(attr).is_some());
    let mut chosen: Vec<Filter> =
        parts.iter().filter(|(name, _)| counts(name)).filter_map(|(name, value)| equal(name, value)).collect();
    match chosen.len() {
        0 => None,
        1 => chosen.pop(),
        _ => Some(Filter::And(chosen)),
    }
}
