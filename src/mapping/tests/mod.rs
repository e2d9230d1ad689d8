//! The shipped mappings against entries and resources, without IO.

mod faults;
mod filter;
mod group;
mod group_faults;
mod password;
mod placement;
mod read;
mod state;
mod write;

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::*;
use crate::fault::Document;
use crate::ldap::{AttrType, Dn, Entry, Filter as Ldap, ModOp, Value};
use crate::scim::{Filter, Mutability, Resource};
use crate::vendor;

/// Compiles `text`; the faults if it has any.
fn compiled(text: &str) -> Result<Mapping, String> {
    compiled_for("openldap", text)
}

/// Compiles `text` for a directory of this kind; the faults if it has any.
fn compiled_for(vendor: &str, text: &str) -> Result<Mapping, String> {
    let document = Document::parse(Path::new("mapping.toml"), text).map_err(|fault| fault.to_string())?;
    let profile = vendor::profile(vendor).expect("a known vendor");
    let mapping = compile(&mut document.reader(), profile);
    let faults = document.into_faults();
    if faults.is_empty() { Ok(mapping.expect("a mapping without faults")) } else { Err(faults.to_string()) }
}

fn openldap() -> ResourceMapping {
    compiled(include_str!("../../../config/mappings/openldap.toml")).expect("the shipped mapping compiles").user
}

fn posix() -> Mapping {
    compiled(include_str!("../../../config/mappings/openldap-posix.toml")).expect("the POSIX mapping compiles")
}

fn entry(dn: &str, attrs: &[(&'static str, &[&str])]) -> Entry {
    let entry = Entry::new(Dn::parse(dn).expect("a DN"));
    let with = |entry: Entry, (attr, values): &(&'static str, &[&str])| {
        entry.with(AttrType::known(attr), values.iter().map(|v| Value::from(*v)))
    };
    attrs.iter().fold(entry, with)
}

fn jo() -> Entry {
    let dn = "uid=jo,ou=people,dc=example,dc=com";
    let attrs: &[(&'static str, &[&str])] = &[
        ("entryUUID", &["6f1c1f6e-0000-4000-8000-000000000001"]),
        ("objectClass", &["inetOrgPerson"]),
        ("uid", &["jo"]),
        ("cn", &["Jo Doe"]),
        ("sn", &["jo"]),
        ("displayName", &["Jo"]),
        ("mail", &["jo@example.com", "jo.doe@example.com"]),
        ("telephoneNumber", &["+31 1"]),
        ("l", &["Delft"]),
        ("co", &["Netherlands"]),
        ("manager", &["UID=boss, ou=people,dc=example,dc=com"]),
    ];
    entry(dn, attrs)
}

fn resource(body: Json) -> Resource {
    Resource::from_map(body.as_object().cloned().expect("an object"))
}

fn get<'r>(resource: &'r Resource, pointer: &str) -> Option<&'r Json> {
    let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    let value = resource.as_map().get(first)?;
    if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
}

#[test]
fn shipped_mappings_compile() {
    openldap();
    let stock =
        compiled(include_str!("../../../config/mappings/openldap-stock.toml")).expect("the stock mapping compiles");
    assert!(stock.group.is_some());
    posix();
    let ds389 =
        compiled_for("389ds", include_str!("../../../config/mappings/389ds.toml")).expect("the mapping for 389");
    let active_directory = include_str!("../../../config/mappings/active-directory.toml");
    let active_directory =
        compiled_for("active-directory", active_directory).expect("the mapping for Active Directory");
    assert!(ds389.group.is_some() && active_directory.group.is_some());
}
