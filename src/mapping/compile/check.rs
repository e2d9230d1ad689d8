//! What the rules of a mapping must be together.

use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::mapping::rule::{Direction, Rule};
use crate::mapping::{DeletePolicy, ResourceMapping};

/// Notes every fault; whether the mapping can be used at all.
pub(super) fn check(table: &Reader<'_>, mapping: &ResourceMapping) -> bool {
    check_overlaps(table, mapping);
    check_defaults(table, mapping);
    check_single_writers(table, mapping);
    check_naming(table, mapping);
    check_references(table, mapping);
    check_secrets(table, mapping);
    check_own(table, mapping);
    check_name(table, mapping)
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

/// What the bridge or the server makes is no client's: classes decide what is a user at all, and the rest is never
/// written.
fn check_own(table: &Reader<'_>, mapping: &ResourceMapping) {
    let profile = mapping.profile;
    let own = ["objectClass", profile.id_attr, profile.created, profile.modified].map(AttrType::known);
    let is_own = |attr: &AttrType| own.contains(attr);
    let expected = "an LDAP attribute that neither the bridge nor the server makes itself";
    for rule in mapping.rules.iter().filter(|r| r.writes() && is_own(&r.attr)) {
        table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, None);
    }
    for derived in mapping.derived.iter().filter(|d| is_own(&d.attr)) {
        table.fault_below(&["derived", derived.attr.as_str()], Some(derived.attr.as_str()), expected, None);
    }
    for attr in mapping.active.iter().flat_map(|state| state.attrs()).filter(|attr| is_own(attr)) {
        table.fault("active", Some(attr.as_str()), expected, None);
    }
    if let DeletePolicy::Mark(mark) = &mapping.delete
        && is_own(mark)
    {
        table.fault_below(&["delete", "mark"], Some(mark.as_str()), expected, None);
    }
    let built_in = |r: &&Rule| r.slot.schema.is_none() && ["id", "meta", "schemas"].contains(&r.slot.attr.as_str());
    for rule in mapping.rules.iter().filter(built_in) {
        let expected = "a SCIM attribute that the bridge does not make itself";
        table.fault_below(&["attributes", &rule.key], Some(&rule.key), expected, None);
    }
}

/// A default is made from what is always known: not from what may be a default itself.
fn check_defaults(table: &Reader<'_>, mapping: &ResourceMapping) {
    let with_default: Vec<&Rule> = mapping.rules.iter().filter(|r| r.default.is_some()).collect();
    for rule in &with_default {
        let Some(template) = &rule.default else { continue };
        let used = with_default.iter().find(|other| template.uses(&other.slot.to_string()));
        if let Some(other) = used {
            let expected = format!("a default that does not use `{}`, which has a default itself", other.slot);
            table.fault_below(&["attributes", &rule.key], Some(template.source()), expected, None);
        }
    }
}

/// Attributes that something else than a two-way rule writes must have no other writer.
fn check_single_writers(table: &Reader<'_>, mapping: &ResourceMapping) {
    let is_mapped = |attr: &AttrType| mapping.rules.iter().any(|r| r.attr == *attr);
    for derived in mapping.derived.iter().filter(|d| is_mapped(&d.attr)) {
        let hint = "use `default` of that rule to fill it when SCIM gives no value";
        let expected = "an LDAP attribute without a rule of its own";
        table.fault_below(&["derived", derived.attr.as_str()], Some(derived.attr.as_str()), expected, Some(hint));
    }
    for attr in mapping.active.iter().flat_map(|state| state.attrs()) {
        if is_mapped(&attr) || mapping.derived.iter().any(|d| d.attr == attr) || attr == mapping.rdn {
            let expected = "an LDAP attribute that no rule writes";
            table.fault("active", Some(attr.as_str()), expected, None);
        }
    }
    if let DeletePolicy::Mark(mark) = &mapping.delete {
        let taken = mapping.active.iter().any(|state| state.attrs().contains(mark));
        if is_mapped(mark) || taken || mapping.derived.iter().any(|d| d.attr == *mark) {
            table.fault_below(
                &["delete", "mark"],
                Some(mark.as_str()),
                "an LDAP attribute that nothing else uses",
                None,
            );
        }
    }
    if mapping.active.is_some() && mapping.rules.iter().any(|r| r.slot.attr == "active") {
        table.fault_below(
            &["attributes", "active"],
            Some("active"),
            "`active` in [user.active] or in a rule, not in both",
            None,
        );
    }
}

/// The naming attribute must have a value in every new entry.
fn check_naming(table: &Reader<'_>, mapping: &ResourceMapping) {
    let ruled = mapping.rules.iter().find(|r| r.attr == mapping.rdn && r.writes());
    let made = mapping.derived.iter().any(|d| d.attr == mapping.rdn);
    let sure = ruled.is_some_and(|r| r.required || r.default.is_some() || r.slot.attr == mapping.name_attr());
    if !sure && !made {
        let expected = "an attribute that a required rule, a rule with a default, or [user.derived] fills";
        table.fault("rdn", Some(mapping.rdn.as_str()), expected, None);
    }
}

fn check_references(table: &Reader<'_>, mapping: &ResourceMapping) {
    for rule in mapping.rules.iter().filter(|r| r.reference.is_some()) {
        if !rule.single || rule.default.is_some() || rule.pattern.is_some() {
            let expected = "a reference to one resource, without `default` and `match`";
            table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, None);
        }
    }
}

/// Passwords are not provisioned: a value written as any other would show up in `explain` and in the audit trail.
fn check_secrets(table: &Reader<'_>, mapping: &ResourceMapping) {
    let expected = "an attribute that holds no password";
    let hint = "this version provisions no passwords; leave them to the directory or to single sign-on";
    for rule in mapping.rules.iter().filter(|r| holds_secret(&r.attr) || r.slot.attr == "password") {
        table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, Some(hint));
    }
    for derived in mapping.derived.iter().filter(|d| holds_secret(&d.attr)) {
        table.fault_below(&["derived", derived.attr.as_str()], Some(derived.attr.as_str()), expected, Some(hint));
    }
    for attr in mapping.active.iter().flat_map(|state| state.attrs()).filter(holds_secret) {
        table.fault("active", Some(attr.as_str()), expected, Some(hint));
    }
}

/// LDAP attributes that hold passwords, hashed or not.
const SECRETS: &[&str] = &[
    "userPassword",
    "authPassword",
    "unicodePwd",
    "dBCSPwd",
    "sambaNTPassword",
    "sambaLMPassword",
    "krbPrincipalKey",
    "userPKCS12",
];

fn holds_secret(attr: &AttrType) -> bool {
    SECRETS.iter().any(|secret| *attr == AttrType::known(secret))
}

/// Without the unique name nothing works: it is how Entra matches.
fn check_name(table: &Reader<'_>, mapping: &ResourceMapping) -> bool {
    let attr = mapping.name_attr();
    let rule = mapping.rules.iter().find(|r| r.slot.schema.is_none() && r.slot.attr == attr);
    let usable = rule.is_some_and(|r| r.direction == Direction::Both && r.single);
    if !usable {
        let hint = format!("for example {attr} = {{ ldap = \"uid\" }}");
        table.fault_below(&["attributes", attr], None, format!("a two-way rule for `{attr}`"), Some(&hint));
    }
    usable
}
