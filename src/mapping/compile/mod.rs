//! A mapping file becomes a [`Mapping`]; every fault in it is noted in the reader, and reading goes on.

mod check;
mod rules;

use std::sync::Arc;

use super::schema::resource_type;
use super::{AccountState, DeletePolicy, Mapping, ResourceMapping};
use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::scim::{ResourceType, catalog};
use crate::vendor::Profile;

/// Compiles the mapping in `reader` for a directory of this kind. With faults noted, the result is not to be used;
/// `None` when not even users are mapped.
pub fn compile(reader: &mut Reader<'_>, profile: &'static Profile) -> Option<Mapping> {
    if !reader.has("user") {
        reader.fault("user", None, "a table that maps users", None);
    }
    let user = reader.table("user").and_then(|mut table| resource(&mut table, profile, &catalog::user_type()));
    reader.finish();
    Some(Mapping { user: user?, group: None })
}

fn resource(table: &mut Reader<'_>, profile: &'static Profile, full: &ResourceType) -> Option<ResourceMapping> {
    let object_classes = classes(table, "object_classes");
    let auxiliary_classes = table.strings("auxiliary_classes").unwrap_or_default();
    let match_classes = match table.strings("match_classes") {
        Some(classes) => classes,
        None => object_classes.first().cloned().into_iter().collect(),
    };
    let rdn = table.take_parse("rdn", "an LDAP attribute", AttrType::new);
    let rules = rules::two_way(&mut table.table_or_empty("attributes"), full);
    let active = table.table("active").and_then(|mut table| account_state(&mut table, profile));
    let delete = table.table("delete").map_or(DeletePolicy::Remove, |mut table| delete_policy(&mut table));
    let extra: &[&str] = if active.is_some() { &["active"] } else { &[] };
    let resource_type = resource_type(full, &rules, extra);
    let derived = rules::derived(&mut table.table_or_empty("derived"), &resource_type);
    table.finish();
    let mut all_classes = object_classes;
    all_classes.extend(auxiliary_classes.iter().filter(|c| !contains(&all_classes, c)).cloned().collect::<Vec<_>>());
    let mut mapping = ResourceMapping {
        profile,
        object_classes: all_classes,
        auxiliary_classes,
        match_classes,
        rdn: rdn?,
        rules,
        derived,
        numbers: Vec::new(),
        members: None,
        active,
        saved_memberships: None,
        references: Vec::new(),
        delete,
        resource_type,
        attrs: [].into(),
    };
    mapping.attrs = attrs(&mapping);
    check::check(table, &mapping).then_some(mapping)
}

/// What must be asked for, so that an entry can be read, each attribute once.
fn attrs(mapping: &ResourceMapping) -> Arc<[AttrType]> {
    let profile = mapping.profile;
    let always = [profile.id_attr, profile.created, profile.modified, "objectClass"].into_iter().map(AttrType::known);
    let mark = match &mapping.delete {
        DeletePolicy::Mark(mark) => Some(mark.clone()),
        DeletePolicy::Remove => None,
    };
    let mut attrs: Vec<AttrType> = always.chain([mapping.rdn.clone()]).chain(mark).collect();
    attrs.extend(mapping.rules.iter().map(|rule| rule.attr.clone()));
    attrs.extend(mapping.derived.iter().map(|derived| derived.attr.clone()));
    attrs.extend(mapping.active.iter().flat_map(AccountState::attrs));
    attrs.sort();
    attrs.dedup();
    attrs.into()
}

fn contains(classes: &[String], class: &str) -> bool {
    classes.iter().any(|c| c.eq_ignore_ascii_case(class))
}

fn classes(table: &mut Reader<'_>, key: &str) -> Vec<String> {
    let classes = table.strings(key).unwrap_or_default();
    if classes.is_empty() {
        table.fault(key, None, "the object classes of new entries", Some("for example [\"inetOrgPerson\"]"));
    }
    classes
}

fn account_state(table: &mut Reader<'_>, profile: &'static Profile) -> Option<AccountState> {
    #[derive(Clone, Copy)]
    enum Strategy {
        Attribute,
        Lock,
    }
    if !table.has("strategy") {
        table.fault("strategy", None, "`attribute` or `lock`", None);
    }
    let strategy = table.one_of("strategy", &[("attribute", Strategy::Attribute), ("lock", Strategy::Lock)]);
    let state = match strategy? {
        Strategy::Lock => directory_lock(table, profile),
        Strategy::Attribute => attribute_state(table),
    };
    table.finish();
    state
}

fn directory_lock(table: &Reader<'_>, profile: &'static Profile) -> Option<AccountState> {
    if profile.lock.is_none() {
        let expected = format!("`attribute`, since a directory of the kind `{}` has no lock of its own", profile.name);
        table.fault("strategy", Some("lock"), expected, None);
    }
    profile.lock.map(AccountState::Lock)
}

fn attribute_state(table: &mut Reader<'_>) -> Option<AccountState> {
    let attr = table.take_parse("ldap", "an LDAP attribute", AttrType::new);
    let disabled = table.take_str("disabled");
    let enabled = table.opt_str("enabled");
    let saved_in = table.opt_parse("saved_in", "an LDAP attribute", AttrType::new);
    if enabled.is_none() && saved_in.is_none() {
        let hint = "`saved_in` names an attribute that keeps the earlier value while the user is disabled";
        table.fault("saved_in", None, "`saved_in` or `enabled`, so that nothing is lost by disabling", Some(hint));
    }
    if disabled.as_deref().is_some_and(str::is_empty) {
        table.fault("disabled", Some(""), "a value that is not empty", None);
    }
    if let (Some(disabled), Some(enabled)) = (&disabled, &enabled)
        && disabled.eq_ignore_ascii_case(enabled)
    {
        table.fault("enabled", Some(enabled), "another value than that of `disabled`; case does not count", None);
    }
    if let (Some(attr), Some(saved_in)) = (&attr, &saved_in)
        && attr == saved_in
    {
        table.fault(
            "saved_in",
            Some(saved_in.as_str()),
            "another attribute than `ldap`, which it is to bring back",
            None,
        );
    }
    Some(AccountState::Attribute { attr: attr?, disabled: disabled?, enabled, saved_in })
}

fn delete_policy(table: &mut Reader<'_>) -> DeletePolicy {
    let marks = table.one_of("policy", &[("mark", true), ("remove", false)]).unwrap_or(false);
    let mark = if marks { table.take_parse("mark", "an LDAP attribute for the time", AttrType::new) } else { None };
    table.finish();
    mark.map_or(DeletePolicy::Remove, DeletePolicy::Mark)
}
