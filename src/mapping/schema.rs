//! The SCIM schema that a mapping amounts to: exactly what round-trips, picked from the catalog of RFC 7643.

use super::Password;
use super::rule::{Direction, Rule};
use super::slot::Place;
use crate::scim::{Attribute, Mutability, PASSWORD, ResourceType, Returned, Schema, catalog};

/// The part of `full` that `rules` fill. `extra` are core attributes that something else than a rule keeps.
pub(super) fn resource_type(full: &ResourceType, rules: &[Rule], extra: &[&str]) -> ResourceType {
    let mut picked = ResourceType {
        schema: Schema { attributes: Vec::new(), ..full.schema.clone() },
        extensions: Vec::new(),
        ..full.clone()
    };
    for rule in rules {
        add(schema_of(&mut picked, rule), full, rule);
    }
    for name in extra {
        if let (None, Some(attr)) = (picked.schema.attribute(name), full.schema.attribute(name)) {
            picked.schema.attributes.push(attr.clone());
        }
    }
    picked
}

/// The attribute `members` of groups. Microsoft's validator stumbles over `type` and `$ref`, so a member has its `value`
/// only.
pub(super) fn members(full: &ResourceType) -> Option<Attribute> {
    let mut members = full.schema.attribute("members")?.clone();
    members.sub_attributes.retain(|sub| sub.name == "value");
    Some(members)
}

/// The attribute `password`, where clients may send one.
pub(super) fn password(full: &ResourceType, password: &Password) -> Option<Attribute> {
    if matches!(password, Password::Given) { full.schema.attribute(PASSWORD).cloned() } else { None }
}

/// A resource type as rules and templates see it. Members are no part of it, since they are neither read nor written
/// with the rest of a group.
pub(super) fn without_members(full: &ResourceType) -> ResourceType {
    let mut rest = full.clone();
    rest.schema.attributes.retain(|attr| !(full.name == "Group" && attr.name == "members"));
    rest
}

fn schema_of<'r>(picked: &'r mut ResourceType, rule: &Rule) -> &'r mut Schema {
    let Some(urn) = &rule.slot.schema else { return &mut picked.schema };
    let at = picked.extensions.iter().position(|e| e.id == *urn).unwrap_or_else(|| {
        picked.extensions.push(empty_extension(urn));
        picked.extensions.len() - 1
    });
    &mut picked.extensions[at]
}

fn empty_extension(urn: &str) -> Schema {
    match catalog::schema(urn) {
        Some(schema) => Schema { attributes: Vec::new(), ..schema.clone() },
        None => Schema::new(urn, urn.rsplit(':').next().unwrap_or(urn), "Extension of this endpoint", Vec::new()),
    }
}

fn add(schema: &mut Schema, full: &ResourceType, rule: &Rule) {
    let urn = rule.slot.schema.as_deref().unwrap_or(&full.schema.id);
    let name = &rule.slot.attr;
    let at = schema.attributes.iter().position(|a| a.name == *name).unwrap_or_else(|| {
        schema.attributes.push(fresh(urn, rule));
        schema.attributes.len() - 1
    });
    let attr = &mut schema.attributes[at];
    match &rule.slot.place {
        Place::Value => qualify(attr, rule),
        Place::Sub(sub) => {
            attr.required |= rule.required;
            add_sub(attr, urn, name, sub, Some(rule));
        }
        Place::Element { kind, sub } => {
            attr.required |= rule.required;
            add_sub(attr, urn, name, sub, Some(rule));
            if let Some(kind) = kind {
                if attr.sub_attribute("type").is_none() {
                    add_sub(attr, urn, name, "type", None);
                    set_sub(attr, "type", |sub| sub.canonical_values.clear());
                }
                add_type(attr, kind);
            }
            if rule.primary {
                add_sub(attr, urn, name, "primary", None);
                set_sub(attr, "primary", |sub| sub.mutability = Mutability::ReadOnly);
            }
        }
    }
}

/// The attribute without its sub-attributes, as the catalog or the rule describes it.
fn fresh(urn: &str, rule: &Rule) -> Attribute {
    match catalog::attribute(urn, &rule.slot.attr, None) {
        Some(attr) => Attribute { sub_attributes: Vec::new(), required: false, ..attr.clone() },
        None => {
            let attr = Attribute::new(&rule.slot.attr, rule.kind, "Attribute of this endpoint");
            if rule.single { attr } else { attr.multi_valued() }
        }
    }
}

fn qualify(attr: &mut Attribute, rule: &Rule) {
    attr.required |= rule.required;
    match rule.direction {
        Direction::Both => {}
        Direction::ToLdap => {
            attr.mutability = Mutability::WriteOnly;
            attr.returned = Returned::Never;
        }
        Direction::ToScim => attr.mutability = Mutability::ReadOnly,
    }
}

fn add_sub(attr: &mut Attribute, urn: &str, name: &str, sub: &str, rule: Option<&Rule>) {
    if attr.sub_attribute(sub).is_none() {
        attr.sub_attributes.extend(catalog::attribute(urn, name, Some(sub)).cloned());
    }
    if let Some(rule) = rule {
        set_sub(attr, sub, |sub| qualify(sub, rule));
    }
}

fn add_type(attr: &mut Attribute, kind: &str) {
    set_sub(attr, "type", |sub| {
        if !sub.canonical_values.iter().any(|v| v.eq_ignore_ascii_case(kind)) {
            sub.canonical_values.push(kind.to_owned());
        }
    });
}

fn set_sub(attr: &mut Attribute, name: &str, change: impl FnOnce(&mut Attribute)) {
    if let Some(sub) = attr.sub_attributes.iter_mut().find(|s| s.name == name) {
        change(sub);
    }
}
