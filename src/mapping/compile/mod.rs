//! A mapping file becomes a [`Mapping`]; every fault in it is noted in the reader, and reading goes on.

mod check;
mod members;
mod numbers;
mod owner;
mod password;
mod placement;
mod rules;
mod state;
mod strategy;

use std::sync::Arc;

use super::schema::{self, resource_type};
use super::{AccountState, Mapping, MemberForm, ResourceMapping, name_attr};
use crate::fault::Reader;
use crate::ldap::{AttrType, Dn};
use crate::scim::{ResourceType, catalog};
use crate::vendor::Profile;

/// What all tables of a mapping file have in common.
#[derive(Clone, Copy)]
struct Frame {
    /// The directory's own ways.
    profile: &'static Profile,
    /// Whether the file maps groups.
    has_group: bool,
}

/// Compiles the mapping in `reader` for a directory of this kind. With faults noted, the result is not to be used;
/// `None` when not even users are mapped.
pub fn compile(reader: &mut Reader<'_>, profile: &'static Profile) -> Option<Mapping> {
    if !reader.has("user") {
        reader.fault("user", None, "a table that maps users", None);
    }
    let frame = Frame { profile, has_group: reader.has("group") };
    let user = reader.table("user").and_then(|mut table| resource(&mut table, frame, catalog::user_type()));
    let group = reader.table("group").and_then(|mut table| resource(&mut table, frame, catalog::group_type()));
    reader.finish();
    Some(Mapping { user: user?, group })
}

fn resource(table: &mut Reader<'_>, frame: Frame, full: ResourceType) -> Option<ResourceMapping> {
    let is_group = full.name == "Group";
    let members = if is_group { members::members(table) } else { None };
    let rest = schema::without_members(&full);
    let (object_classes, auxiliary_classes) = object_classes(table, is_group);
    let match_classes = match table.strings("match_classes") {
        Some(classes) => classes,
        None => object_classes.first().cloned().into_iter().collect(),
    };
    let except_classes = except_classes(table, &match_classes, &object_classes);
    let rdn = table.take_parse("rdn", "an LDAP attribute", AttrType::new);
    let mut rules = rules::two_way(&mut table.table_or_empty("attributes"), &rest);
    rules.iter_mut().filter(|rule| rule.is_on(name_attr(&full))).for_each(|rule| rule.required = true);
    let numbers = numbers::numbers(&mut table.table_or_empty("numbers"));
    let further = further_references(table);
    let state::State { active, saved_memberships, delete } = state::state(table, frame.profile, is_group);
    let extra: &[&str] = if active.is_some() { &["active"] } else { &[] };
    let mut resource_type = resource_type(&rest, &rules, extra);
    let derived = rules::derived(&mut table.table_or_empty("derived"), &resource_type);
    let owner = owner::owner(table);
    let placement = placement::placement(table, &resource_type, &rules);
    let password = password::password(table, frame.profile, &resource_type, is_group);
    password::check(table, frame.profile, password.as_ref(), active.as_ref());
    table.finish();
    // only now, so that no template sees it
    resource_type.schema.attributes.extend(password.as_ref().and_then(|password| schema::password(&full, password)));
    resource_type.schema.attributes.extend(members.as_ref().and_then(|_| schema::members(&full)));
    let mut mapping = ResourceMapping {
        profile: frame.profile,
        object_classes,
        auxiliary_classes,
        match_classes,
        except_classes,
        rdn: rdn?,
        rules,
        derived,
        numbers,
        password,
        members,
        owner,
        placement,
        active,
        saved_memberships,
        references: Vec::new(),
        delete,
        resource_type,
        attrs: [].into(),
    };
    mapping.attrs = attrs(&mapping);
    let usable = check::check(table, &mapping, &further, frame.has_group);
    mapping.references = references(&mapping, further);
    usable.then_some(mapping)
}

/// The classes of new entries, those of them that are auxiliary last, and the auxiliary ones alone.
fn object_classes(table: &mut Reader<'_>, is_group: bool) -> (Vec<String>, Vec<String>) {
    let mut all = table.strings("object_classes").unwrap_or_default();
    if all.is_empty() {
        let example = if is_group { "groupOfNames" } else { "inetOrgPerson" };
        let hint = format!("for example [\"{example}\"]");
        table.fault("object_classes", None, "the object classes of new entries", Some(&hint));
    }
    let auxiliary = table.strings("auxiliary_classes").unwrap_or_default();
    for class in &auxiliary {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(class)) {
            all.push(class.clone());
        }
    }
    (all, auxiliary)
}

/// The classes in `except_classes`; none of those that a resource has by what else is said.
fn except_classes(table: &mut Reader<'_>, matched: &[String], own: &[String]) -> Vec<String> {
    let except = table.strings("except_classes").unwrap_or_default();
    for (index, class) in except.iter().enumerate() {
        if matched.iter().chain(own).any(|other| other.eq_ignore_ascii_case(class)) {
            let expected = "a class that neither `match_classes` nor the classes of new entries have";
            table.fault_item("except_classes", index, class, expected);
        }
    }
    except
}

/// The attributes in `references`, each with its place in the list.
fn further_references(table: &mut Reader<'_>) -> Vec<(usize, AttrType)> {
    let mut further = Vec::new();
    for (index, text) in table.strings("references").unwrap_or_default().iter().enumerate() {
        match AttrType::new(text) {
            Ok(attr) => further.push((index, attr)),
            Err(error) => table.fault_item("references", index, text, format!("an LDAP attribute ({error})")),
        }
    }
    further
}

/// The attributes that hold DNs of users and groups, each once.
fn references(mapping: &ResourceMapping, further: Vec<(usize, AttrType)>) -> Vec<AttrType> {
    let ruled = mapping.rules.iter().filter(|rule| rule.reference.is_some() && rule.writes());
    let members = mapping.members.iter().filter(|members| members.form == MemberForm::Dn);
    let all = ruled.map(|rule| &rule.attr).chain(members.map(|members| &members.attr));
    let all = all.chain(&mapping.saved_memberships).chain(further.iter().map(|(_, attr)| attr));
    let mut references: Vec<AttrType> = Vec::new();
    for attr in all {
        if !references.contains(attr) {
            references.push(attr.clone());
        }
    }
    references
}

/// What must be asked for, so that an entry can be read, each attribute once. A group's members are not among it: there
/// may be a hundred thousand of them, and they are asked for where they are wanted.
fn attrs(mapping: &ResourceMapping) -> Arc<[AttrType]> {
    let profile = mapping.profile;
    let always = [profile.id_attr, profile.created, profile.modified, "objectClass"].into_iter().map(AttrType::known);
    let mut attrs: Vec<AttrType> = always.chain([mapping.rdn.clone()]).chain(mapping.delete.mark().cloned()).collect();
    attrs.extend(mapping.rules.iter().map(|rule| rule.attr.clone()));
    attrs.extend(mapping.derived.iter().map(|derived| derived.attr.clone()));
    attrs.extend(mapping.numbers.iter().map(|number| number.attr.clone()));
    attrs.extend(mapping.active.iter().flat_map(AccountState::attrs));
    attrs.extend(mapping.saved_memberships.clone());
    attrs.extend(mapping.owner.iter().map(|owner| owner.attr.clone()));
    let unfinished = profile.password.unfinished().filter(|_| mapping.makes_passwords());
    attrs.extend(unfinished.iter().flat_map(|begun| [begun.attr, begun.set_at]).map(AttrType::known));
    attrs.sort();
    attrs.dedup();
    attrs.into()
}

/// Reads a key that is an LDAP attribute.
fn attr(table: &Reader<'_>, key: &str) -> Option<AttrType> {
    match AttrType::new(key) {
        Ok(attr) => Some(attr),
        Err(error) => {
            table.fault(key, Some(key), format!("an LDAP attribute ({error})"), None);
            None
        }
    }
}

/// Reads the name of an entry.
fn dn(text: &str) -> Result<Dn, String> {
    match Dn::parse(text) {
        Ok(dn) if dn.is_root() => Err("it is empty".to_owned()),
        Ok(dn) => Ok(dn),
        Err(error) => Err(error.to_string()),
    }
}
