//! What the parts of a mapping must be together.

mod group;
mod uses;

use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::mapping::rule::{Direction, Rule};
use crate::mapping::{ResourceMapping, name_attr};

/// Notes every fault; whether the mapping can be used at all. `further` are the attributes in `references`, and
/// `has_group` says whether the file maps groups.
pub(super) fn check(
    table: &Reader<'_>,
    mapping: &ResourceMapping,
    further: &[(usize, AttrType)],
    has_group: bool,
) -> bool {
    check_overlaps(table, mapping);
    check_defaults(table, mapping);
    check_templates(table, mapping);
    check_built_in(table, mapping);
    check_naming(table, mapping);
    check_references(table, mapping);
    uses::check(table, mapping, further);
    group::check(table, mapping, has_group);
    check_within(table, mapping);
    check_name(table, mapping)
}

/// Only the unique name is looked for elsewhere.
fn check_within(table: &Reader<'_>, mapping: &ResourceMapping) {
    let name = name_attr(&mapping.resource_type);
    for rule in mapping.rules.iter().filter(|rule| !rule.is_on(name)) {
        let Some(within) = &rule.within else { continue };
        let expected = format!("nothing, since only `{name}` must be unique");
        table.fault_below(&["attributes", &rule.key, "within"], Some(&within.to_string()), expected, None);
    }
}

/// One SCIM path per LDAP attribute, or several whose patterns never meet.
fn check_overlaps(table: &Reader<'_>, mapping: &ResourceMapping) {
    for (at, rule) in mapping.rules.iter().enumerate() {
        let meets = |other: &&Rule| {
            other.attr == rule.attr
                && match (&other.pattern, &rule.pattern) {
                    (Some(a), Some(b)) => a.overlaps(b),
                    _ => true,
                }
        };
        if let Some(other) = mapping.rules[..at].iter().find(meets) {
            let expected = format!("an LDAP attribute that `{}` does not have already", other.slot);
            let hint = "two rules may share an attribute when each has a `match` and no value can fit both";
            table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, Some(hint));
        }
        if let Some(other) = mapping.rules[..at].iter().find(|other| other.slot.overlaps(&rule.slot)) {
            let expected = format!("a SCIM path that does not hold values of `{}` as well", other.key);
            table.fault_below(&["attributes", &rule.key], Some(&rule.key), expected, None);
        }
    }
}

/// Some SCIM attributes are not kept by a rule.
fn check_built_in(table: &Reader<'_>, mapping: &ResourceMapping) {
    let built_in = |r: &&Rule| r.slot.schema.is_none() && ["id", "meta", "schemas"].contains(&r.slot.attr.as_str());
    for rule in mapping.rules.iter().filter(built_in) {
        let expected = "a SCIM attribute that the bridge does not make itself";
        table.fault_below(&["attributes", &rule.key], Some(&rule.key), expected, None);
    }
    if mapping.active.is_some() && mapping.rules.iter().any(|r| r.is_on("active")) {
        table.fault_below(
            &["attributes", "active"],
            Some("active"),
            "`active` in [user.active] or in a rule, not in both",
            None,
        );
    }
}

/// A default is made from what is always known: not from what may be a default itself.
fn check_defaults(table: &Reader<'_>, mapping: &ResourceMapping) {
    let with_default: Vec<&Rule> = mapping.rules.iter().filter(|r| r.default.is_some()).collect();
    for rule in &with_default {
        let Some(template) = &rule.default else { continue };
        let used = with_default.iter().find(|other| template.uses(&other.slot));
        if let Some(other) = used {
            let expected = format!("a default that does not use `{}`, which has a default itself", other.slot);
            table.fault_below(&["attributes", &rule.key], Some(template.source()), expected, None);
        }
    }
}

/// A template is made before the ids and DNs of references are looked up.
fn check_templates(table: &Reader<'_>, mapping: &ResourceMapping) {
    let of_rules = mapping.rules.iter().filter_map(|r| Some((["attributes", &r.key], r.default.as_ref()?)));
    let of_derived = mapping.derived.iter().map(|d| (["derived", d.attr.as_str()], &d.template));
    for (keys, template) in of_rules.chain(of_derived) {
        let used = mapping.rules.iter().find(|r| r.reference.is_some() && template.uses(&r.slot));
        if let Some(used) = used {
            let expected = format!("a template that does not use `{}`, which is a reference", used.slot);
            table.fault_below(&keys, Some(template.source()), expected, None);
        }
    }
}

/// The naming attribute must have a value in every new entry.
fn check_naming(table: &Reader<'_>, mapping: &ResourceMapping) {
    let ruled = mapping.rules.iter().find(|r| r.attr == mapping.rdn && r.writes());
    let made = mapping.derived.iter().any(|d| d.attr == mapping.rdn);
    let sure = ruled.is_some_and(|r| r.required || r.default.is_some());
    if !sure && !made {
        let expected =
            format!("an attribute that a required rule, a rule with a default, or [{}.derived] fills", table.path());
        table.fault("rdn", Some(mapping.rdn.as_str()), expected, None);
    }
}

fn check_references(table: &Reader<'_>, mapping: &ResourceMapping) {
    for rule in mapping.rules.iter().filter(|r| r.reference.is_some()) {
        let expected = match () {
            () if rule.default.is_some() || rule.pattern.is_some() => "a reference without `default` and `match`",
            () if rule.is_on("groups") => continue,
            () if !rule.single && rule.writes() => {
                "`direction = \"to-scim\"`, since only single references are written"
            }
            () => continue,
        };
        table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, None);
    }
}

/// Without the unique name nothing works: it is how Entra matches.
fn check_name(table: &Reader<'_>, mapping: &ResourceMapping) -> bool {
    let attr = mapping.name_attr();
    let rule = mapping.rules.iter().find(|r| r.is_on(attr));
    let usable = rule.is_some_and(|r| r.direction == Direction::Both && r.single);
    if !usable {
        let ldap = if attr == "userName" { "uid" } else { "cn" };
        let hint = format!("for example {attr} = {{ ldap = \"{ldap}\" }}");
        table.fault_below(&["attributes", attr], None, format!("a two-way rule for `{attr}`"), Some(&hint));
    }
    usable
}
