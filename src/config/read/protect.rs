//! `[directory.<name>.protect]`.

use crate::fault::Reader;
use crate::ldap::{AttrType, Dn, Value};
use crate::service::Protection;

pub(super) fn read(table: &mut Reader<'_>) -> Protection {
    let protection = Protection {
        subtrees: names(table, "subtrees", "the distinguished name of an entry"),
        groups: names(table, "groups", "the distinguished name of a group"),
        attributes: attributes(&mut table.table_or_empty("attributes")),
    };
    table.finish();
    protection
}

fn names(table: &mut Reader<'_>, key: &str, expected: &str) -> Vec<Dn> {
    let mut names = Vec::new();
    for (index, text) in table.lines(key).unwrap_or_default().iter().enumerate() {
        match Dn::parse(text) {
            Ok(dn) if dn.is_root() => table.fault_item(key, index, text, expected),
            Ok(dn) => names.push(dn),
            Err(error) => table.fault_item(key, index, text, format!("{expected} ({error})")),
        }
    }
    names
}

/// Attributes, each with the value or values that protect.
fn attributes(table: &mut Reader<'_>) -> Vec<(AttrType, Value)> {
    let mut attributes = Vec::new();
    for key in table.keys() {
        let values = table.strings(&key).unwrap_or_default();
        match AttrType::new(&key) {
            Ok(attr) => attributes.extend(values.into_iter().map(|value| (attr.clone(), Value::from(value)))),
            Err(error) => table.fault(&key, Some(&key), format!("an LDAP attribute ({error})"), None),
        }
    }
    attributes
}
