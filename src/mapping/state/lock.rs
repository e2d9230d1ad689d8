//! The directory's own lock.

use crate::ldap::{AttrType, Entry, Mod, Value};
use crate::vendor::Lock;

/// Whether the account of `entry` is not locked.
pub(super) fn is_open(lock: &Lock, entry: &Entry) -> bool {
    match lock {
        Lock::Value { attr, value } => !values(entry, attr).any(|text| text.eq_ignore_ascii_case(value)),
        Lock::Bit { attr, bit, .. } => number(entry, attr).is_none_or(|number| number & bit == 0),
    }
}

/// The changes that lock or unlock `entry`.
pub(super) fn set(lock: &Lock, entry: &Entry, active: bool) -> Vec<Mod> {
    match (lock, active) {
        (Lock::Value { attr, value }, false) => vec![Mod::replace(AttrType::known(attr), vec![Value::from(*value)])],
        (Lock::Value { attr, value }, true) => vec![Mod::delete(AttrType::known(attr), spelled(entry, attr, value))],
        (Lock::Bit { attr, bit, usual }, _) => {
            let old = number(entry, attr);
            let new = if active { old.unwrap_or(*usual) & !bit } else { old.unwrap_or(*usual) | bit };
            swap(entry, attr, new)
        }
    }
}

/// The attributes of a new entry that is locked or not.
pub(super) fn initial(lock: &Lock, active: bool) -> Vec<(AttrType, Vec<Value>)> {
    match (lock, active) {
        (Lock::Value { .. }, true) => Vec::new(),
        (Lock::Value { attr, value }, false) => vec![(AttrType::known(attr), vec![Value::from(*value)])],
        (Lock::Bit { attr, bit, usual }, _) => {
            let number = if active { usual & !bit } else { usual | bit };
            vec![(AttrType::known(attr), vec![Value::from(number.to_string())])]
        }
    }
}

/// The old number goes by name, so that the change of another writer in between is not lost but met.
fn swap(entry: &Entry, attr: &'static str, new: u32) -> Vec<Mod> {
    let attr = AttrType::known(attr);
    let old = entry.get(&attr).to_vec();
    let gone = (!old.is_empty()).then(|| Mod::delete(attr.clone(), old));
    // the directory counts with a sign (MS-ADTS 2.2.16)
    let new = Value::from(new.cast_signed().to_string());
    gone.into_iter().chain([Mod::add(attr, vec![new])]).collect()
}

/// The value as the entry spells it.
fn spelled(entry: &Entry, attr: &'static str, value: &str) -> Vec<Value> {
    let same = values(entry, attr).filter(|text| text.eq_ignore_ascii_case(value));
    same.map(Value::from).collect()
}

fn number(entry: &Entry, attr: &'static str) -> Option<u32> {
    // with the sign of a number of 32 bits
    values(entry, attr).next()?.parse::<i64>().ok().and_then(|number| u32::try_from(number & 0xffff_ffff).ok())
}

fn values<'e>(entry: &'e Entry, attr: &'static str) -> impl Iterator<Item = &'e str> {
    entry.get(&AttrType::known(attr)).iter().filter_map(Value::as_str)
}
