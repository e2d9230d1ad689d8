//! Client values turned into canonical ones: names spelled as in the schema, each value of its attribute's kind,
//! nothing empty, and what is unmapped left out and listed.
//!
//! More is accepted than RFC 7643 allows, each for a client that does it: booleans as text (Entra's default PATCH
//! dialect sends `"False"`), numbers as text, a list of one where one value is expected and the reverse, `{"value": x}`
//! and plain `x` for each other, `displayName` in a list's element for `display` (Entra's roles).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexSet;
use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use super::super::filter::check::kind_name;
use super::super::filter::fault::shorten;
use super::super::{Error, resource::without_empty};
use super::{Attribute, Kind, Mutability};

/// How many unmapped names are kept; a hostile body could hold any number.
const MAX_IGNORED: usize = 100;

/// Names that were sent and are not stored, each once, in the order they came.
#[derive(Debug, Default)]
pub(in crate::scim) struct Ignored(IndexSet<String>);

impl Ignored {
    /// Adds a name as the client spelled it.
    pub(in crate::scim) fn note(&mut self, name: &str) {
        if self.0.len() < MAX_IGNORED {
            self.0.insert(shorten(name, 160));
        }
    }

    /// The names.
    pub(in crate::scim) fn into_vec(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

/// The values of a multi-valued attribute; anything but a list counts as a list of one.
pub(in crate::scim) fn list(
    attr: &Attribute,
    spelled: &str,
    value: Value,
    ignored: &mut Ignored,
) -> Result<Vec<Value>, Error> {
    let items = match value {
        Value::Array(items) => items,
        one => vec![one],
    };
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        if let Some(element) = element(attr, spelled, item, ignored)? {
            kept.extend(in_slot(attr, spelled, element, ignored));
        }
    }
    if kept.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count() > 1 {
        return Err(Error::invalid_value(format!("only one value of `{}` can be primary", attr.name)));
    }
    Ok(kept)
}

/// One element of a multi-valued attribute; `None` if there is nothing in it.
pub(in crate::scim) fn element(
    attr: &Attribute,
    spelled: &str,
    value: Value,
    ignored: &mut Ignored,
) -> Result<Option<Value>, Error> {
    let Some(value) = without_empty(value) else {
        return Ok(None);
    };
    let value = match value {
        Value::Object(_) => value,
        plain if attr.kind == Kind::Complex && attr.sub_attribute("value").is_some() => {
            Value::Object(Map::from_iter([("value".to_owned(), plain)]))
        }
        other => other,
    };
    match value {
        Value::Object(parts) if attr.kind == Kind::Complex => object(attr, spelled, parts, ignored),
        other => single(attr, &attr.name, other),
    }
}

/// A single simple value of the attribute's kind; `None` if it is empty. The name is for messages.
pub(in crate::scim) fn single(attr: &Attribute, name: &str, value: Value) -> Result<Option<Value>, Error> {
    let Some(value) = without_empty(value) else {
        return Ok(None);
    };
    let coerced = scalar(attr.kind, unwrapped(value.clone()));
    match coerced {
        Some(coerced) => Ok(Some(coerced)),
        None => Err(wrong(attr, name, &value)),
    }
}

/// `[x]` as `x`, and `{"value": x}` as `x`.
pub(in crate::scim) fn unwrapped(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().map_or(Value::Null, unwrapped),
        Value::Object(mut parts) => match parts.keys().find(|key| key.eq_ignore_ascii_case("value")).cloned() {
            Some(key) => parts.shift_remove(&key).unwrap_or_default(),
            None => Value::Object(parts),
        },
        other => other,
    }
}

/// The sub-attribute that a client means by a name; Entra also says `displayName` for a list's `display`.
pub(in crate::scim) fn sub_attribute<'a>(attr: &'a Attribute, name: &str) -> Option<&'a Attribute> {
    let alias = attr.multi_valued && name.eq_ignore_ascii_case("displayName");
    attr.sub_attribute(name).or_else(|| if alias { attr.sub_attribute("display") } else { None })
}

/// The mapped types of a multi-valued attribute, where there are any. An immutable `type` (that of `members`) says
/// what a value is, not which slot it is in.
pub(in crate::scim) fn slots(attr: &Attribute) -> Option<&[String]> {
    let label = attr.sub_attribute("type")?;
    let slotted = attr.multi_valued && !label.canonical_values.is_empty() && label.mutability != Mutability::Immutable;
    slotted.then_some(label.canonical_values.as_slice())
}

/// The canonical spelling of a type, if it is mapped.
pub(in crate::scim) fn slot<'a>(slots: &'a [String], label: &str) -> Option<&'a String> {
    slots.iter().find(|slot| slot.eq_ignore_ascii_case(label))
}

/// Whether an element has nothing in it but its `type` and whether it is primary.
pub(in crate::scim) fn is_bare(attr: &Attribute, element: &Value) -> bool {
    let label = |name: &str| name == "type" || name == "primary";
    let Some(parts) = element.as_object() else {
        return false;
    };
    parts.keys().all(|name| label(name)) && !attr.sub_attributes.iter().all(|sub| label(&sub.name))
}

/// A boolean, also as text in any case.
pub(in crate::scim) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A number, also as text.
pub(in crate::scim) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| Number::from_f64(text.parse().ok()?))
        }
        _ => None,
    }
}

/// The instant of an xsd:dateTime; one without an offset is in UTC.
pub(in crate::scim) fn instant(text: &str) -> Option<Timestamp> {
    if !text.contains(['T', 't']) || text.contains('[') {
        return None;
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let (_, time) = text.split_once(['T', 't'])?;
    let no_offset = !time.contains(['+', '-', 'Z', 'z']);
    no_offset.then(|| jiff::tz::Offset::UTC.to_timestamp(civil).ok())?
}

fn object(
    attr: &Attribute,
    spelled: &str,
    parts: Map<String, Value>,
    ignored: &mut Ignored,
) -> Result<Option<Value>, Error> {
    let mut kept = Map::new();
    for (key, value) in parts {
        let Some(sub) = sub_attribute(attr, &key) else {
            if !attr.is_derived(&key) {
                ignored.note(&format!("{spelled}.{key}"));
            }
            continue;
        };
        let coerced = single(sub, &format!("{}.{}", attr.name, sub.name), value)?;
        // what the mapping fixes, such as `primary`, is mapped: there is nothing to tell (RFC 7644 section 3.3), and a
        // `type` is kept even then, since it says which slot the other parts belong in
        let fixed = sub.mutability == Mutability::ReadOnly && sub.name != "type";
        if let Some(coerced) = coerced.filter(|_| !fixed) {
            kept.insert(sub.name.clone(), coerced);
        }
    }
    let element = Value::Object(kept);
    Ok((!is_bare(attr, &element)).then_some(element))
}

/// The element with the canonical spelling of its type, or listed and dropped where no slot takes it.
pub(in crate::scim) fn in_slot(
    attr: &Attribute,
    spelled: &str,
    mut element: Value,
    ignored: &mut Ignored,
) -> Option<Value> {
    let Some(slots) = slots(attr) else {
        return Some(element);
    };
    let parts = element.as_object_mut()?;
    let chosen = match (parts.get("type").and_then(Value::as_str), slots) {
        (Some(label), _) => match slot(slots, label) {
            Some(chosen) => chosen,
            None => {
                ignored.note(&format!("{spelled}[type eq {}]", Value::from(label)));
                return None;
            }
        },
        (None, [only]) => only,
        (None, _) => {
            ignored.note(&format!("{spelled}[not (type pr)]"));
            return None;
        }
    };
    parts.insert("type".to_owned(), Value::String(chosen.clone()));
    Some(element)
}

fn scalar(kind: Kind, value: Value) -> Option<Value> {
    match kind {
        Kind::Boolean => boolean(&value).map(Value::Bool),
        Kind::Integer => whole_number(&value).map(Value::Number),
        Kind::Decimal => number(&value).map(Value::Number),
        Kind::String | Kind::Reference => value.is_string().then_some(value),
        Kind::Binary => STANDARD.decode(value.as_str()?).is_ok().then_some(value),
        Kind::DateTime => instant(value.as_str()?).is_some().then_some(value),
        Kind::Complex => None,
    }
}

fn whole_number(value: &Value) -> Option<Number> {
    let number = number(value)?;
    match number.as_f64() {
        _ if number.is_i64() || number.is_u64() => Some(number),
        // 2^53: beyond it a floating point number no longer tells which whole number was meant
        Some(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => Some((float as i64).into()),
        _ => None,
    }
}

/// Says what was expected; what was found is shown only where it is plain and may be seen.
fn wrong(attr: &Attribute, name: &str, value: &Value) -> Error {
    let expected = kind_name(attr.kind);
    let found = match value {
        _ if attr.mutability == Mutability::WriteOnly => "something else".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => format!("`{}`", shorten(&plain.to_string(), 80)),
    };
    Error::invalid_value(format!("`{name}` must be {expected}, found {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn instants_have_a_time_and_perhaps_an_offset() {
        let noon = instant("2026-01-31T12:00:00Z");
        assert!(noon.is_some());
        for same in
            ["2026-01-31T12:00:00", "2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00.000z", "2026-01-31t12:00:00"]
        {
            assert_eq!(instant(same), noon, "{same}");
        }
        for bad in ["", "2026-01-31", "noon", "2026-13-31T12:00:00Z", "2026-01-31T12:00:00[Europe/Paris]", "T"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn scalars_take_the_kind_of_their_attribute() {
        for (kind, value, expected) in [
            (Kind::Integer, json!("7"), Some(json!(7))),
            (Kind::Integer, json!(7.0), Some(json!(7))),
            (Kind::Integer, json!(7.5), None),
            (Kind::Integer, json!(1e300), None),
            (Kind::Integer, json!(u64::MAX), Some(json!(u64::MAX))),
            (Kind::Decimal, json!("7.5"), Some(json!(7.5))),
            (Kind::Decimal, json!("NaN"), None),
            (Kind::Boolean, json!(" TRUE "), Some(json!(true))),
            (Kind::Boolean, json!(1), None),
            (Kind::Binary, json!("AAEC"), Some(json!("AAEC"))),
            (Kind::Binary, json!("A-_="), None),
            (Kind::DateTime, json!("2026-01-31T12:00:00Z"), Some(json!("2026-01-31T12:00:00Z"))),
            (Kind::DateTime, json!("today"), None),
            (Kind::Reference, json!("not a URI at all"), Some(json!("not a URI at all"))),
            (Kind::String, json!(true), None),
        ] {
            assert_eq!(scalar(kind, value.clone()), expected, "{kind:?} {value}");
        }
    }
}
