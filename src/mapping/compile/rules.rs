//! The rules of a mapping file, one by one.

use super::{attr, dn};
use crate::fault::Reader;
use crate::ldap::{AttrType, Dn};
use crate::mapping::pattern::Pattern;
use crate::mapping::rule::{Derived, Direction, Referee, Rule};
use crate::mapping::slot::{Place, Slot};
use crate::mapping::template::Template;
use crate::mapping::transform::{TRANSFORMS, Transform};
use crate::scim::{Kind, Path, ResourceType, name};

/// The types that an attribute of a custom extension may have.
const CUSTOM_TYPES: &[(&str, Kind)] = &[
    ("boolean", Kind::Boolean),
    ("dateTime", Kind::DateTime),
    ("decimal", Kind::Decimal),
    ("integer", Kind::Integer),
    ("string", Kind::String),
];

/// The two-way rules in `[….attributes]`, each under its SCIM path.
pub(super) fn two_way(table: &mut Reader<'_>, full: &ResourceType) -> Vec<Rule> {
    let mut rules = Vec::new();
    for path in table.keys() {
        rules.extend(one(table, &path, full));
    }
    rules
}

/// The one-way templates in `[….derived]`, each under its LDAP attribute.
pub(super) fn derived(table: &mut Reader<'_>, picked: &ResourceType) -> Vec<Derived> {
    let mut derived = Vec::new();
    for key in table.keys() {
        let attr = attr(table, &key);
        let mut rule = table.table_or_shorthand(&key, "template");
        let template = rule.as_mut().and_then(|rule| {
            let source = rule.take_str("template")?;
            compile_template(rule, "template", &source, picked)
        });
        let unique = rule.as_mut().is_some_and(|rule| rule.bool_or("unique", false));
        let within = rule.as_mut().and_then(within);
        if let (Some(within), Some(rule), false) = (&within, &rule, unique) {
            rule.fault("within", Some(&within.to_string()), "nothing, unless there is `unique = true`", None);
        }
        rule.iter_mut().for_each(Reader::finish);
        if let (Some(attr), Some(template)) = (attr, template) {
            derived.push(Derived { attr, template, unique, within });
        }
    }
    derived
}

/// Reads the entry below which values must be unique.
pub(super) fn within(table: &mut Reader<'_>) -> Option<Dn> {
    table.opt_parse("within", "the DN of an entry", dn)
}

fn one(table: &mut Reader<'_>, path: &str, full: &ResourceType) -> Option<Rule> {
    let target = target(table, path, full);
    let mut rule = table.table_or_shorthand(path, "ldap")?;
    let attr = rule.take_parse("ldap", "an LDAP attribute", AttrType::new);
    let kind = match &target {
        Some(target) if target.is_custom => rule.one_of("type", CUSTOM_TYPES).unwrap_or(Kind::String),
        Some(target) => target.kind,
        None => rule.one_of("type", CUSTOM_TYPES).unwrap_or(Kind::String),
    };
    let default = rule.opt_str("default");
    let default = default.and_then(|source| compile_template(&mut rule, "default", &source, full));
    let transform = transform(&mut rule, kind);
    let direction = direction(&mut rule);
    let pattern = pattern(&mut rule);
    let reference = rule.one_of("reference", &[("user", Referee::User), ("group", Referee::Group)]);
    let required = rule.bool_or("required", false);
    let primary = rule.bool_or("primary", false);
    let within = within(&mut rule);
    rule.finish();
    let target = target?;
    let single = target.single;
    let rule = Rule {
        key: path.to_owned(),
        slot: target.slot,
        kind,
        attr: attr?,
        default,
        transform,
        direction,
        pattern,
        reference,
        required,
        primary,
        single,
        within,
    };
    Some(rule)
}

/// What a SCIM path in a mapping leads to.
struct Target {
    slot: Slot,
    kind: Kind,
    single: bool,
    is_custom: bool,
}

fn target(table: &Reader<'_>, text: &str, full: &ResourceType) -> Option<Target> {
    let path = match Path::parse(text) {
        Ok(path) => path,
        Err(error) => {
            table.fault(text, Some(text), format!("a SCIM path ({})", error.detail()), None);
            return None;
        }
    };
    if full.name == "Group" && path.is_on(None, "members") {
        let hint = "members are never read and written with the rest of a group";
        table.fault(text, Some(text), "members in [group.members]", Some(hint));
        return None;
    }
    let Some(found) = full.find(&path) else { return custom(table, text, path) };
    if found.target().kind == Kind::Complex {
        let hint = format!("for example `{text}.{}`", sub_example(found.target()));
        table.fault(text, Some(text), "the path of a simple value", Some(&hint));
        return None;
    }
    let schema = found.schema_key().map(str::to_owned);
    let sub = found.sub.map(|sub| sub.name.as_str());
    match Slot::of(&path, schema, &found.attr.name, sub, found.attr.multi_valued) {
        Ok(slot) => {
            let single = !found.attr.multi_valued;
            Some(Target { slot, kind: found.target().kind, single, is_custom: false })
        }
        Err(error) => {
            table.fault(text, Some(text), error.to_string(), None);
            None
        }
    }
}

fn sub_example(attr: &crate::scim::Attribute) -> &str {
    let value = attr.sub_attributes.iter().find(|sub| sub.name == "value").or(attr.sub_attributes.first());
    value.map_or("value", |sub| sub.name.as_str())
}

/// An attribute of an extension that the catalog does not have: it is what the mapping says.
fn custom(table: &Reader<'_>, text: &str, path: Path) -> Option<Target> {
    let known = path.schema.as_deref().is_none_or(|urn| name::is_core(urn) || urn == name::ENTERPRISE_USER);
    if known || path.filter.is_some() || path.sub.is_some() {
        let hint = "attributes of your own belong to a URN of their own, such as \
            `urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge`";
        table.fault(text, Some(text), "an attribute of RFC 7643", Some(hint));
        return None;
    }
    let slot = Slot { schema: path.schema, attr: path.attr.as_str().to_owned(), place: Place::Value };
    Some(Target { slot, kind: Kind::String, single: true, is_custom: true })
}

/// Compiles a template that uses what the resource type has.
pub(super) fn compile_template(
    rule: &mut Reader<'_>,
    key: &str,
    source: &str,
    known: &ResourceType,
) -> Option<Template> {
    let is_known = |name: &str| known.schema.attribute(name).is_some();
    match Template::compile(source, is_known) {
        Ok(template) => Some(template),
        Err(error) => {
            rule.fault(key, Some(source), format!("a template ({error})"), None);
            None
        }
    }
}

fn transform(rule: &mut Reader<'_>, kind: Kind) -> &'static Transform {
    let choices: Vec<(&str, &'static Transform)> = TRANSFORMS.iter().map(|t| (t.name, t)).collect();
    let natural = match kind {
        Kind::Boolean => "boolean",
        Kind::DateTime => "generalized-time",
        _ => "text",
    };
    let natural = Transform::named(natural).unwrap_or(&TRANSFORMS[0]);
    rule.one_of("transform", &choices).unwrap_or(natural)
}

fn direction(rule: &mut Reader<'_>) -> Direction {
    let choices = [("both", Direction::Both), ("to-ldap", Direction::ToLdap), ("to-scim", Direction::ToScim)];
    rule.one_of("direction", &choices).unwrap_or(Direction::Both)
}

fn pattern(rule: &mut Reader<'_>) -> Option<Pattern> {
    let text = rule.opt_str("match")?;
    let pattern = Pattern::parse(&text);
    if pattern.is_none() {
        rule.fault("match", Some(&text), "a text with one `*` where the value stands, such as `smtp:*`", None);
    }
    pattern
}
