//! Account state: how `active` is kept in the directory, and deletion by mark.
//!
//! Each strategy can be undone without losing what was there: what must come back is saved on the entry itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::ldap::{AttrType, Entry, Mod, Value};
use crate::vendor::Lock;

/// How `active` is kept.
#[derive(Clone, Debug)]
pub enum AccountState {
    /// An attribute takes one value while the user is disabled.
    Attribute {
        /// The attribute.
        attr: AttrType,
        /// Its value while disabled.
        disabled: String,
        /// Its value while enabled; absent means that the earlier value comes back, or none.
        enabled: Option<String>,
        /// Where the earlier values are kept while disabled.
        saved_in: Option<AttrType>,
    },
    /// The directory's own lock for good. Any other value of its attribute, such as an intruder lock, is none of our
    /// business: it is neither shown nor cleared.
    Lock(Lock),
}

impl AccountState {
    /// The attributes that must be read to know the state.
    pub fn attrs(&self) -> Vec<AttrType> {
        match self {
            Self::Attribute { attr, saved_in, .. } => std::iter::once(attr).chain(saved_in).cloned().collect(),
            Self::Lock(lock) => vec![AttrType::known(lock.attr)],
        }
    }

    /// Whether the user of `entry` is enabled.
    pub fn is_active(&self, entry: &Entry) -> bool {
        match self {
            Self::Attribute { attr, disabled, .. } => {
                let values = entry.get(attr);
                values.len() != 1 || !values[0].as_str().is_some_and(|v| v.eq_ignore_ascii_case(disabled))
            }
            Self::Lock(lock) => !entry.has_value(&AttrType::known(lock.attr), &Value::from(lock.value)),
        }
    }

    /// The changes that bring `entry` to the wanted state; none when it is there.
    pub fn set(&self, entry: &Entry, active: bool) -> Vec<Mod> {
        if self.is_active(entry) == active {
            return Vec::new();
        }
        match (self, active) {
            (Self::Lock(lock), false) => vec![replace(&AttrType::known(lock.attr), vec![Value::from(lock.value)])],
            (Self::Lock(lock), true) => vec![Mod::delete(AttrType::known(lock.attr), vec![Value::from(lock.value)])],
            (Self::Attribute { attr, disabled, saved_in, .. }, false) => {
                let mut mods = vec![replace(attr, vec![Value::from(disabled.as_str())])];
                mods.extend(saved_in.as_ref().map(|saved_in| save(entry, attr, saved_in)));
                mods
            }
            (Self::Attribute { attr, enabled, saved_in, .. }, true) => {
                restore(entry, attr, enabled.as_deref(), saved_in.as_ref())
            }
        }
    }

    /// The attributes of a new entry in the wanted state.
    pub fn initial(&self, active: bool) -> Vec<(AttrType, Vec<Value>)> {
        match (self, active) {
            (Self::Lock(lock), false) => vec![(AttrType::known(lock.attr), vec![Value::from(lock.value)])],
            (Self::Attribute { attr, disabled, .. }, false) => {
                vec![(attr.clone(), vec![Value::from(disabled.as_str())])]
            }
            (Self::Attribute { attr, enabled: Some(enabled), .. }, true) => {
                vec![(attr.clone(), vec![Value::from(enabled.as_str())])]
            }
            (Self::Attribute { .. } | Self::Lock(_), true) => Vec::new(),
        }
    }
}

fn replace(attr: &AttrType, values: Vec<Value>) -> Mod {
    Mod::replace(attr.clone(), values)
}

fn save(entry: &Entry, attr: &AttrType, saved_in: &AttrType) -> Mod {
    let mut values = others(entry, attr, saved_in);
    values.extend(saved(attr, entry.get(attr)));
    replace(saved_in, values)
}

fn restore(entry: &Entry, attr: &AttrType, enabled: Option<&str>, saved_in: Option<&AttrType>) -> Vec<Mod> {
    let before = saved_in.and_then(|saved_in| read_saved(entry, attr, saved_in));
    let values = before.unwrap_or_else(|| enabled.map(Value::from).into_iter().collect());
    let mut mods = vec![replace(attr, values)];
    if let Some(saved_in) = saved_in.filter(|saved_in| !entry.get(saved_in).is_empty()) {
        mods.push(replace(saved_in, others(entry, attr, saved_in)));
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
