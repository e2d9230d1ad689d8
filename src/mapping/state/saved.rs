//! Values that must come back: kept on the entry itself, one `attribute: value` each, as in LDIF.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::ldap::{AttrType, Entry, Mod, Value};
use crate::vendor::Profile;

/// The lines that one attribute is to have where several may keep theirs.
pub(super) struct Lines {
    saved_in: AttrType,
    attr: AttrType,
    wanted: Vec<Value>,
}

/// Keeps the values that `attr` has in `entry`.
pub(super) fn save(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Lines {
    keep(attr, entry.get(attr), saved_in)
}

/// Keeps these values of `attr`.
pub(super) fn keep(attr: &AttrType, values: &[Value], saved_in: &AttrType) -> Lines {
    Lines { saved_in: saved_in.clone(), attr: attr.clone(), wanted: lines(attr, values) }
}

/// Keeps nothing of `attr` any more.
pub(super) fn forget(attr: &AttrType, saved_in: &AttrType) -> Lines {
    Lines { saved_in: saved_in.clone(), attr: attr.clone(), wanted: Vec::new() }
}

/// The kept values of `attr`; `None` when nothing was kept of it.
pub(super) fn values(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Option<Vec<Value>> {
    let rests: Vec<&str> = entry.get(saved_in).iter().filter_map(|line| line_of(attr, line)).collect();
    let value = |rest: &&str| match rest.strip_prefix(": ") {
        Some(encoded) => BASE64.decode(encoded).ok().map(Value::from),
        None => rest.strip_prefix(' ').map(Value::from),
    };
    (!rests.is_empty()).then(|| rests.iter().filter_map(value).collect())
}

/// The changes to what is kept, each attribute that keeps something once: lines of others stay as they are.
pub(super) fn mods(entry: &Entry, edits: &[Lines], profile: &Profile) -> Vec<Mod> {
    let mut attrs: Vec<&AttrType> = Vec::new();
    for edit in edits {
        if !attrs.contains(&&edit.saved_in) {
            attrs.push(&edit.saved_in);
        }
    }
    attrs.into_iter().flat_map(|attr| change(entry, attr, edits, profile)).collect()
}

fn change(entry: &Entry, saved_in: &AttrType, edits: &[Lines], profile: &Profile) -> Vec<Mod> {
    let edits = || edits.iter().filter(|edit| edit.saved_in == *saved_in);
    let old = entry.get(saved_in);
    let goes = |line: &&Value| edits().any(|e| line_of(&e.attr, line).is_some() && !e.wanted.contains(line));
    let gone: Vec<Value> = old.iter().filter(goes).cloned().collect();
    let come: Vec<Value> = edits().flat_map(|e| &e.wanted).filter(|line| !old.contains(line)).cloned().collect();
    if gone.is_empty() && come.is_empty() {
        return Vec::new();
    }
    if !profile.has_equality(saved_in) {
        let stay = old.iter().filter(|line| !gone.contains(line)).cloned();
        return vec![Mod::replace(saved_in.clone(), stay.chain(come).collect())];
    }
    let mods = [Mod::delete(saved_in.clone(), gone), Mod::add(saved_in.clone(), come)];
    mods.into_iter().filter(|m| !m.values.is_empty()).collect()
}

/// How the values of `attr` are kept: one `attr: value` each, as in LDIF, or `attr:` when there was none.
fn lines(attr: &AttrType, values: &[Value]) -> Vec<Value> {
    if values.is_empty() {
        return vec![Value::from(format!("{attr}:"))];
    }
    let line = |value: &Value| match value.as_str() {
        Some(text) => format!("{attr}: {text}"),
        None => format!("{attr}:: {}", BASE64.encode(value.as_bytes())),
    };
    values.iter().map(|value| Value::from(line(value))).collect()
}

/// What follows `attr:` in a line of this attribute.
fn line_of<'v>(attr: &AttrType, line: &'v Value) -> Option<&'v str> {
    let (name, rest) = line.as_str()?.split_once(':')?;
    name.eq_ignore_ascii_case(&attr.to_string()).then_some(rest)
}
