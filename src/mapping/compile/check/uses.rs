//! LDAP attributes that something else than a two-way rule uses: who else uses them, and what they hold.

use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::mapping::{MemberForm, ResourceMapping};
use crate::scim::PASSWORD;

/// A use of an attribute, and the keys below the resource's table that say so.
struct Use<'m> {
    keys: Vec<&'m str>,
    attr: AttrType,
}

/// Notes what each attribute must not be used for. `further` are the attributes in `references`.
pub(super) fn check(table: &Reader<'_>, mapping: &ResourceMapping, further: &[(usize, AttrType)]) {
    let uses = uses(mapping);
    check_own(table, mapping, &uses);
    check_single(table, mapping, &uses);
    check_secrets(table, mapping, &uses);
    check_further(table, mapping, further, &uses);
}

/// Every use, in the order in which mapping files have them.
fn uses(mapping: &ResourceMapping) -> Vec<Use<'_>> {
    let derived = mapping.derived.iter().map(|d| Use { keys: vec!["derived", d.attr.as_str()], attr: d.attr.clone() });
    let numbers = mapping.numbers.iter().map(|n| Use { keys: vec!["numbers", n.attr.as_str()], attr: n.attr.clone() });
    let members = mapping.members.iter().map(|m| Use { keys: vec!["members", "ldap"], attr: m.attr.clone() });
    // what tells a user's groups is only read
    let is_read = |attr: &AttrType| mapping.state_groups().any(|group| group.read == *attr);
    let active = mapping.active.iter().flat_map(|state| state.attrs()).filter(move |attr| !is_read(attr));
    let active = active.map(|attr| Use { keys: vec!["active"], attr });
    let saved = mapping.saved_memberships.iter();
    let saved = saved.map(|attr| Use { keys: vec!["active", "saved_memberships"], attr: attr.clone() });
    let mark = mapping.delete.mark().map(|mark| Use { keys: vec!["delete", "mark"], attr: mark.clone() });
    let owner = mapping.owner.iter().map(|owner| Use { keys: vec!["owner", "ldap"], attr: owner.attr.clone() });
    derived.chain(numbers).chain(members).chain(active).chain(saved).chain(mark).chain(owner).collect()
}

/// What the bridge or the server makes is no client's: classes decide what is a user at all, and the rest is never
/// written.
fn check_own(table: &Reader<'_>, mapping: &ResourceMapping, uses: &[Use<'_>]) {
    let profile = mapping.profile;
    let own = ["objectClass", profile.id_attr, profile.created, profile.modified].map(AttrType::known);
    let expected = "an LDAP attribute that neither the bridge nor the server makes itself";
    for rule in mapping.rules.iter().filter(|r| r.writes() && own.contains(&r.attr)) {
        table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, None);
    }
    for Use { keys, attr } in uses.iter().filter(|u| own.contains(&u.attr)) {
        table.fault_below(keys, Some(attr.as_str()), expected, None);
    }
}

/// Each has one writer.
fn check_single(table: &Reader<'_>, mapping: &ResourceMapping, uses: &[Use<'_>]) {
    for (at, Use { keys, attr }) in uses.iter().enumerate() {
        let is_derived = keys[0] == "derived";
        let is_ruled = mapping.rules.iter().any(|r| r.attr == *attr);
        let is_used = uses[..at].iter().any(|other| other.attr == *attr && other.keys != *keys);
        if is_ruled && is_derived {
            let hint = "use `default` of that rule to fill it when SCIM gives no value";
            table.fault_below(keys, Some(attr.as_str()), "an LDAP attribute without a rule of its own", Some(hint));
        } else if is_ruled || is_used || (*attr == mapping.rdn && !is_derived) {
            table.fault_below(keys, Some(attr.as_str()), "an LDAP attribute that nothing else uses", None);
        }
    }
}

/// Attributes that follow renames and deletes hold DNs, and nobody else puts in anything else.
fn check_further(table: &Reader<'_>, mapping: &ResourceMapping, further: &[(usize, AttrType)], uses: &[Use<'_>]) {
    let object_class = AttrType::known("objectClass");
    for (index, attr) in further {
        let is_ruled = mapping.rules.iter().any(|r| r.attr == *attr && r.reference.is_none() && r.writes());
        let is_used = uses.iter().any(|u| u.attr == *attr) || *attr == mapping.rdn;
        if is_ruled || is_used || *attr == object_class || mapping.profile.is_operational(attr) || holds_secret(attr) {
            let expected = "an LDAP attribute that holds DNs, and that neither the server makes nor another key uses";
            table.fault_item("references", *index, attr.as_str(), expected);
        }
    }
}

/// Passwords are written as `[user.password]` says: a value written as any other would show up in `explain` and in the
/// audit trail.
fn check_secrets(table: &Reader<'_>, mapping: &ResourceMapping, uses: &[Use<'_>]) {
    let expected = "an attribute that holds no password";
    let hint = "`[user.password]` says where passwords come from";
    let holds_secret = |attr: &AttrType| holds_secret(attr) || mapping.password_attr().as_ref() == Some(attr);
    for rule in mapping.rules.iter().filter(|r| holds_secret(&r.attr) || r.slot.attr == PASSWORD) {
        table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, Some(hint));
    }
    for Use { keys, attr } in uses.iter().filter(|u| holds_secret(&u.attr)) {
        table.fault_below(keys, Some(attr.as_str()), expected, Some(hint));
    }
    let form = mapping.members.as_ref().map(|members| &members.form);
    if let Some(MemberForm::Name(attr)) = form.filter(|form| matches!(form, MemberForm::Name(a) if holds_secret(a))) {
        table.fault_below(&["members", "name"], Some(attr.as_str()), expected, None);
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
