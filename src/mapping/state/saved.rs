//! Values that must come back: kept on the entry itself, one `attribute: value` each, as in LDIF.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::ldap::{AttrType, Entry, Mod, Value};

/// The change that keeps the values of `attr` in `saved_in`.
pub(super) fn save(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Mod {
    let mut values = others(entry, attr, saved_in);
    values.extend(saved(attr, entry.get(attr)));
    Mod::replace(saved_in.clone(), values)
}

/// The changes that bring the kept values of `attr` back, or else `enabled`.
pub(super) fn restore(entry: &Entry, attr: &AttrType, enabled: Option<&str>, saved_in: Option<&AttrType>) -> Vec<Mod> {
    let before = saved_in.and_then(|saved_in| read_saved(entry, attr, saved_in));
    let values = before.unwrap_or_else(|| enabled.map(Value::from).into_iter().collect());
    let mut mods = vec![Mod::replace(attr.clone(), values)];
    if let Some(saved_in) = saved_in.filter(|saved_in| !entry.get(saved_in).is_empty()) {
        mods.push(Mod::replace(saved_in.clone(), others(entry, attr, saved_in)));
    }
    mods
}

/// How the values of `attr` are saved: one `attr: value` each, as in LDIF, or `attr:` when there was none.
fn saved(attr: &AttrType, values: &[Value]) -> Vec<Value> {
    if values.is_empty() {
        return vec![Value::from(format!("{attr}:"))];
    }
    let line = |value: &Value| match value.as_str() {
        Some(text) => format!("{attr}: {text}"),
        None => format!("{attr}:: {}", BASE64.encode(value.as_bytes())),
    };
    values.iter().map(|value| Value::from(line(value))).collect()
}

fn read_saved(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Option<Vec<Value>> {
    let rests = entry.get(saved_in).iter().filter_map(|line| saved_for(attr, line));
    let rests: Vec<&str> = rests.collect();
    let value = |rest: &&str| match rest.strip_prefix(": ") {
        Some(encoded) => BASE64.decode(encoded).ok().map(Value::from),
        None => rest.strip_prefix(' ').map(Value::from),
    };
    (!rests.is_empty()).then(|| rests.iter().filter_map(value).collect())
}

/// What follows `attr:` in a saved line of this attribute.
fn saved_for<'v>(attr: &AttrType, line: &'v Value) -> Option<&'v str> {
    let (name, rest) = line.as_str()?.split_once(':')?;
    name.eq_ignore_ascii_case(&attr.to_string()).then_some(rest)
}

/// The saved lines of other attributes.
fn others(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Vec<Value> {
    entry.get(saved_in).iter().filter(|line| saved_for(attr, line).is_none()).cloned().collect()
}
