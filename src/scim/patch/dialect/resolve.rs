//! From the text of a path or key to the attribute it means, with its filter in canonical form.

use serde_json::Value;

use super::super::super::filter::check::{self, Flaw, Scope};
use super::super::super::schema::coerce;
use super::super::super::{
    AttrName, Attribute, CompareOp, Error, Filter, Kind, Literal, Path, ResourceType, Schema, catalog,
};

/// A path or key as the client wrote it, and where it stood.
pub(super) struct Where<'a> {
    /// What was written.
    pub(super) text: &'a str,
    /// The schema in whose object it is a key.
    pub(super) schema: Option<&'a Schema>,
    /// Whether it is a key of an object rather than a path; a key that is no path at all is merely unmapped.
    pub(super) key: bool,
}

impl Where<'_> {
    /// The text with the URN of the object it is in, for lists of what was ignored.
    pub(super) fn full(&self) -> String {
        match self.schema {
            Some(schema) => format!("{}:{}", schema.id, self.text),
            None => self.text.to_owned(),
        }
    }
}

/// What a text leads to.
pub(super) enum Place<'a> {
    /// An attribute of the resource type.
    Mapped(Resolved<'a>),
    /// A part that follows from `value`, of an attribute of the resource type.
    Derived,
    /// Nothing.
    Unmapped,
}

/// An attribute, a sub-attribute or chosen elements.
pub(super) struct Resolved<'a> {
    /// The path in canonical form.
    pub(super) path: Path,
    /// The attribute.
    pub(super) attr: &'a Attribute,
    sub: Option<&'a Attribute>,
}

impl<'a> Resolved<'a> {
    /// What the path ends at.
    pub(super) fn leaf(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attr)
    }

    /// The name for messages: attribute and sub-attribute.
    pub(super) fn name(&self) -> String {
        match self.sub {
            Some(sub) => format!("{}.{}", self.attr.name, sub.name),
            None => self.attr.name.clone(),
        }
    }

    /// The attribute as the client spelled it, without the filter.
    pub(super) fn spelled<'t>(&self, place: &Where<'t>) -> &'t str {
        place.text.split('[').next().unwrap_or(place.text)
    }

    /// One sub-attribute of this.
    pub(super) fn part(&self, sub: &'a Attribute) -> Resolved<'a> {
        let path = Path { sub: Some(AttrName::known(&sub.name)), ..self.path.clone() };
        Resolved { path, attr: self.attr, sub: Some(sub) }
    }

    /// Whether it is `id`, `meta` or `schemas`.
    pub(super) fn is_built_in(&self) -> bool {
        self.path.schema.is_none() && catalog::built_in().attribute(&self.attr.name).is_some()
    }
}

/// Finds what a text means. Paths that cannot be read are errors, names that are not there are not.
pub(super) fn resolve<'a>(rt: &'a ResourceType, place: &Where<'_>) -> Result<Place<'a>, Error> {
    let mut path = match Path::parse(place.text) {
        Ok(path) => path,
        Err(_) if place.key => return Ok(Place::Unmapped),
        Err(error) => return Err(error),
    };
    if let (None, Some(schema)) = (&path.schema, place.schema) {
        path.schema = Some(schema.id.clone());
    }
    let Some(found) = rt.find(&path) else {
        return Ok(if is_derived(rt, &path) { Place::Derived } else { Place::Unmapped });
    };
    let Some(mut resolved) = rt.resolve(&path) else {
        return Ok(Place::Unmapped);
    };
    if let Some(filter) = &path.filter {
        if !found.attr.multi_valued {
            let detail = format!("`{}` holds a single value and takes no filter: `{}`", found.attr.name, place.text);
            return Err(Error::invalid_path(detail));
        }
        match check::check(filter, Scope::Element(found.attr)) {
            Ok(()) => {}
            // a member that is not removed for want of a mapped part would stay without anybody's noticing
            Err(Flaw::Unknown(part)) if !found.attr.derived.is_empty() => {
                let name = &found.attr.name;
                return Err(Error::invalid_filter(format!("`{name}` can be chosen by `value`, not by `{part}`")));
            }
            Err(Flaw::Unknown(_)) => return Ok(Place::Unmapped),
            Err(Flaw::Bad(error)) => return Err(error),
        }
        let filter = canonical(found.attr, filter);
        if is_of_other_slot(found.attr, &filter) {
            return Ok(Place::Unmapped);
        }
        resolved.filter = Some(Box::new(filter));
    }
    Ok(Place::Mapped(Resolved { path: resolved, attr: found.attr, sub: found.sub }))
}

/// Whether a path that leads to no sub-attribute leads to a part that follows from `value`.
fn is_derived(rt: &ResourceType, path: &Path) -> bool {
    let part = path.sub.as_ref().zip(rt.find(&path.attribute()));
    part.is_some_and(|(sub, found)| found.attr.is_derived(sub.as_str()))
}

/// The filter with names spelled as in the schema and literals of the attribute's kind: `primary eq "True"` is
/// `primary eq true`, and a type is spelled as the mapping has it.
fn canonical(attr: &Attribute, filter: &Filter) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(|part| canonical(attr, part)).collect();
    match filter {
        Filter::And(parts) => Filter::And(all(parts)),
        Filter::Or(parts) => Filter::Or(all(parts)),
        Filter::Not(part) => Filter::Not(Box::new(canonical(attr, part))),
        Filter::Present { path } => Filter::Present { path: canonical_name(attr, path) },
        Filter::Has { path } => Filter::Has { path: canonical_name(attr, path) },
        Filter::Compare { path, op, value } => {
            Filter::Compare { path: canonical_name(attr, path), op: *op, value: canonical_literal(attr, path, value) }
        }
    }
}

fn canonical_name(attr: &Attribute, path: &Path) -> Path {
    match attr.sub_attribute(path.attr.as_str()) {
        Some(sub) => Path { attr: AttrName::known(&sub.name), ..path.clone() },
        None => path.clone(),
    }
}

fn canonical_literal(attr: &Attribute, path: &Path, literal: &Literal) -> Literal {
    let leaf = attr.sub_attribute(path.attr.as_str()).unwrap_or(attr);
    let value = literal.to_value();
    match (leaf.kind, literal) {
        (_, Literal::Null) => Literal::Null,
        (Kind::Boolean, _) => coerce::boolean(&value).map_or_else(|| literal.clone(), Literal::Bool),
        (Kind::Integer | Kind::Decimal, _) => coerce::number(&value).map_or_else(|| literal.clone(), Literal::Number),
        (_, Literal::String(text)) if leaf.name == "type" => {
            let slot = coerce::slots(attr).and_then(|slots| coerce::slot(slots, text));
            Literal::String(slot.unwrap_or(text).clone())
        }
        (_, Literal::String(_)) => literal.clone(),
        (_, other) => Literal::String(other.to_string()),
    }
}

/// Whether the filter asks for a type that is not mapped.
fn is_of_other_slot(attr: &Attribute, filter: &Filter) -> bool {
    let Some(slots) = coerce::slots(attr) else {
        return false;
    };
    let label = match filter {
        Filter::And(parts) => return parts.iter().any(|part| is_of_other_slot(attr, part)),
        Filter::Compare { path, op: CompareOp::Eq, value } if path.attr == "type" => value.to_value(),
        _ => return false,
    };
    matches!(label, Value::String(label) if coerce::slot(slots, &label).is_none())
}
