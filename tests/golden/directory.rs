//! A few entries that answer searches as a directory would.

use scim_ldap_bridge::ldap::{AttrType, Dn, Entry, Filter, Query, Scope, Value};

/// An entry at `dn` with these attributes.
pub(crate) fn entry(dn: &str, attrs: &[(&'static str, &[&str])]) -> Entry {
    attrs.iter().fold(Entry::new(Dn::parse(dn).expect("a DN")), |entry, (attr, values)| {
        entry.with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    })
}

/// The entries that a search finds, with the attributes that it asks for.
pub(crate) fn answer(entries: &[Entry], query: &Query) -> Vec<Entry> {
    let found = entries.iter().filter(|entry| is_in_scope(entry, query) && matches(entry, &query.filter));
    let asked = |entry: &Entry| {
        let attrs = entry.iter().filter(|(attr, _)| query.attrs.contains(attr));
        attrs.fold(Entry::new(entry.dn.clone()), |part, (attr, values)| part.with(attr.clone(), values.to_vec()))
    };
    found.map(asked).collect()
}

fn is_in_scope(entry: &Entry, query: &Query) -> bool {
    match query.scope {
        Scope::Base => entry.dn == query.base,
        Scope::One => entry.dn.parent().is_some_and(|parent| parent == query.base),
        Scope::Sub => entry.dn == query.base || entry.dn.is_below(&query.base),
    }
}

fn matches(entry: &Entry, filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| matches(entry, part)),
        Filter::Or(parts) => parts.iter().any(|part| matches(entry, part)),
        Filter::Not(part) => !matches(entry, part),
        Filter::Present(attr) => !entry.get(attr).is_empty(),
        Filter::Eq(attr, value) if *attr == AttrType::known("entryDN") => is_dn(value, &entry.dn),
        Filter::Eq(attr, value) => entry.get(attr).iter().any(|own| is_same(own, value)),
        other => panic!("no plan asks for {other}"),
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    let (Some(text), Some(asked)) = (one.as_str(), other.as_str()) else { return one == other };
    text.to_lowercase() == asked.to_lowercase() || Dn::parse(asked).is_ok_and(|dn| is_dn(one, &dn))
}

fn is_dn(value: &Value, dn: &Dn) -> bool {
    value.as_str().and_then(|text| Dn::parse(text).ok()).is_some_and(|parsed| parsed == *dn)
}
