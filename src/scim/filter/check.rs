//! Whether a filter makes sense for a resource type: names it has, operators that the kinds have, values that the
//! kinds can be compared with. RFC 7644 section 3.4.2.2: an unsupported combination is `invalidFilter`.

use super::super::schema::coerce;
use super::super::{Attribute, Error, Kind, Path, ResourceType, Returned};
use super::{CompareOp, Filter, Literal};

impl Filter {
    /// Refuses names that the resource type does not have, and operators or values that the kind does not.
    pub fn check(&self, rt: &ResourceType) -> Result<(), Error> {
        check(self, Scope::Resource(rt)).map_err(|flaw| match flaw {
            Flaw::Unknown(name) => Error::invalid_filter(format!(
                "filter names `{name}`, which `{}` does not have here; it may be missing in the mapping",
                rt.endpoint
            )),
            Flaw::Bad(error) => error,
        })
    }
}

/// Where the names in a filter are looked up.
#[derive(Clone, Copy, Debug)]
pub(in crate::scim) enum Scope<'a> {
    /// Among the attributes of a resource.
    Resource(&'a ResourceType),
    /// Among the sub-attributes of one element of a multi-valued attribute.
    Element(&'a Attribute),
}

/// What is wrong with a filter.
#[derive(Debug)]
pub(in crate::scim) enum Flaw {
    /// It uses a name that is not there; for a PATCH path this is an unmapped attribute and no error.
    Unknown(String),
    /// Anything else.
    Bad(Error),
}

impl<'a> Scope<'a> {
    /// The attribute and sub-attribute that a path means here; in an element only a lone name means anything, and
    /// `value` means the element itself if it is a simple value.
    pub(in crate::scim) fn find(self, path: &Path) -> Option<(&'a Attribute, Option<&'a Attribute>)> {
        match self {
            Scope::Resource(rt) => rt.find(path).map(|found| (found.attr, found.sub)),
            Scope::Element(_) if path.schema.is_some() || path.sub.is_some() => None,
            Scope::Element(attr) if attr.kind == Kind::Complex => Some((attr.sub_attribute(path.attr.as_str())?, None)),
            Scope::Element(attr) => (path.attr == "value").then_some((attr, None)),
        }
    }
}

/// What a comparison looks at: the sub-attribute, the simple attribute, or the `value` of a complex one.
pub(in crate::scim) fn compared<'a>(attr: &'a Attribute, sub: Option<&'a Attribute>) -> Option<&'a Attribute> {
    match (sub, attr.kind) {
        (Some(sub), _) => Some(sub),
        (None, Kind::Complex) => attr.sub_attribute("value"),
        (None, _) => Some(attr),
    }
}

/// Checks a filter in either scope; the depth is bounded by the parser.
pub(in crate::scim) fn check(filter: &Filter, scope: Scope<'_>) -> Result<(), Flaw> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|part| check(part, scope)),
        Filter::Not(part) => check(part, scope),
        Filter::Present { path } | Filter::Has { path } => check_path(path, scope).map(|_| ()),
        Filter::Compare { path, op, value } => {
            let (attr, sub) = check_path(path, scope)?;
            match compared(attr, sub) {
                Some(leaf) => check_pair(path, leaf, *op, value).map_err(Flaw::Bad),
                None if *value == Literal::Null => Ok(()),
                None => Err(bad(format!("`{path}` has parts; compare one of them, such as `{}`", example(attr)))),
            }
        }
    }
}

fn check_path<'a>(path: &Path, scope: Scope<'a>) -> Result<(&'a Attribute, Option<&'a Attribute>), Flaw> {
    let (attr, sub) = scope.find(path).ok_or_else(|| Flaw::Unknown(name_only(path)))?;
    if [Some(attr), sub].into_iter().flatten().any(|part| part.returned == Returned::Never) {
        return Err(bad(format!("`{}` cannot be searched", name_only(path))));
    }
    match &path.filter {
        Some(_) if !attr.multi_valued => {
            Err(bad(format!("`{}` holds a single value and takes no filter in brackets", attr.name)))
        }
        Some(inner) => check(inner, Scope::Element(attr)).map(|()| (attr, sub)).map_err(|flaw| match flaw {
            Flaw::Unknown(name) => Flaw::Unknown(format!("{}.{name}", attr.name)),
            bad => bad,
        }),
        None => Ok((attr, sub)),
    }
}

/// Whether the kind has the operator, and can be compared with the value.
fn check_pair(path: &Path, leaf: &Attribute, op: CompareOp, value: &Literal) -> Result<(), Error> {
    if *value == Literal::Null {
        return match op {
            CompareOp::Eq | CompareOp::Ne => Ok(()),
            _ => Err(Error::invalid_filter(format!("`{path}` cannot be compared with null by `{op}`"))),
        };
    }
    if !has_operator(leaf.kind, op) {
        let kind = kind_name(leaf.kind);
        return Err(Error::invalid_filter(format!("`{path}` is {kind}, for which there is no operator `{op}`")));
    }
    let fits = match (leaf.kind, value) {
        (Kind::Boolean, _) => coerce::boolean(&value.to_value()).is_some(),
        (Kind::Integer | Kind::Decimal, _) => coerce::number(&value.to_value()).is_some(),
        (Kind::DateTime, Literal::String(text)) => coerce::instant(text).is_some(),
        (Kind::DateTime, _) => false,
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        let kind = kind_name(leaf.kind);
        Err(Error::invalid_filter(format!("`{path}` is {kind} and cannot be compared with {value}")))
    }
}

/// RFC 7644 table 3: ordering fails on booleans and binaries, and parts of text are found in text only.
fn has_operator(kind: Kind, op: CompareOp) -> bool {
    match op {
        CompareOp::Eq | CompareOp::Ne => true,
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => matches!(kind, Kind::String | Kind::Reference),
        CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le => {
            !matches!(kind, Kind::Boolean | Kind::Binary | Kind::Complex)
        }
    }
}

/// The kind in words, for messages.
pub(in crate::scim) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "text",
        Kind::Boolean => "true or false",
        Kind::Decimal => "a number",
        Kind::Integer => "a whole number",
        Kind::DateTime => "a date and time such as `2026-01-31T12:00:00Z`",
        Kind::Reference => "a reference",
        Kind::Binary => "binary data in base64",
        Kind::Complex => "an object",
    }
}

fn name_only(path: &Path) -> String {
    Path { filter: None, ..path.clone() }.to_string()
}

fn example(attr: &Attribute) -> String {
    match attr.sub_attributes.first() {
        Some(sub) => format!("{}.{}", attr.name, sub.name),
        None => attr.name.clone(),
    }
}

fn bad(detail: String) -> Flaw {
    Flaw::Bad(Error::invalid_filter(detail))
}

#[cfg(test)]
mod tests {
    use super::super::super::{ScimType, catalog};
    use super::*;

    #[test]
    fn sensible_filters_pass() {
        for text in [
            "userName eq \"a\"",
            "id eq \"x\" and manager eq \"y\"",
            "active eq \"True\" or active ne false",
            "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
            "emails[type eq \"work\" and primary eq \"True\"].value sw \"a\"",
            "emails co \"example\"",
            "emails pr and name pr and name eq null",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:DEPARTMENT eq \"IT\"",
            "employeeNumber eq 7",
            "schemas eq \"urn:x\"",
        ] {
            assert_eq!(Filter::parse(text).unwrap().check(&catalog::user_type()), Ok(()), "{text}");
        }
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        for (text, reason) in [
            ("foo eq 1", "filter names `foo`, which `/Users` does not have here; it may be missing in the mapping"),
            ("emails.foo pr", "filter names `emails.foo`"),
            ("emails[foo pr]", "filter names `emails.foo`"),
            ("emails[type.x pr]", "filter names `emails.type.x`"),
            ("urn:x:foo pr", "filter names `urn:x:foo`"),
            ("active co \"r\"", "`active` is true or false, for which there is no operator `co`"),
            ("active gt true", "no operator `gt`"),
            ("active eq maybe", "`active` is true or false and cannot be compared with \"maybe\""),
            ("meta.created gt yesterday", "cannot be compared with \"yesterday\""),
            ("meta.created eq 5", "cannot be compared with 5"),
            ("userName gt null", "cannot be compared with null by `gt`"),
            ("name eq \"x\"", "`name` has parts; compare one of them, such as `name.formatted`"),
            ("name[givenName eq \"x\"]", "`name` holds a single value and takes no filter in brackets"),
            ("x509Certificates.value sw \"a\"", "no operator `sw`"),
            ("password eq \"x\"", "`password` cannot be searched"),
            ("not (title pr or foo pr)", "filter names `foo`"),
        ] {
            let error = Filter::parse(text).unwrap().check(&catalog::user_type()).expect_err(text);
            assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter));
            assert!(error.detail().contains(reason), "{text}: {error}");
        }
    }
}
