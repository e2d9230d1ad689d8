//! Numbers that are drawn from counters, as a mapping file says it.

use super::rules::within;
use super::{attr, dn};
use crate::fault::Reader;
use crate::ldap::{AttrType, Counter, Dn};
use crate::mapping::Number;

/// Where a counter holds its next number unless the mapping says otherwise: in an attribute of the shipped schema.
const NEXT_NUMBER: &str = "scimNextNumber";

/// Reads `[….numbers]`, each under the LDAP attribute that gets the number.
pub(super) fn numbers(table: &mut Reader<'_>) -> Vec<Number> {
    let mut numbers = Vec::new();
    for key in table.keys() {
        let attr = attr(table, &key);
        let number = table.table(&key).and_then(|mut table| source(&mut table));
        if let (Some(attr), Some((counter, last, within))) = (attr, number) {
            numbers.push(Number { attr, counter, last, within });
        }
    }
    numbers
}

fn source(table: &mut Reader<'_>) -> Option<(Counter, u64, Option<Dn>)> {
    let counter: Option<Dn> = table.take_parse("counter", "the DN of the entry that counts", dn);
    let holder = table.opt_parse("attribute", "an LDAP attribute", AttrType::new);
    if !table.has("last") {
        table.fault("last", None, "the last number that may be given", None);
    }
    let last = table.opt_u64("last", 1..=u64::from(u32::MAX));
    let within = within(table);
    table.finish();
    let holder = holder.unwrap_or_else(|| AttrType::known(NEXT_NUMBER));
    Some((Counter { dn: counter?, attr: holder }, last?, within))
}
