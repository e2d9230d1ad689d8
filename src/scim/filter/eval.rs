//! Evaluates a filter on a resource or on one element of a multi-valued attribute. Every hit of a filter that was
//! pushed down to the directory comes through here again, since LDAP equality is wider than SCIM's.
//!
//! RFC 7644 section 3.4.2.2: a filter on a multi-valued attribute matches if any value does, so `ne` is true of an
//! attribute with two different values; it is also true of an absent attribute. `eq null` is true of an absent one.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::schema::coerce;
use super::super::{Attribute, Kind, Path, Resource, ResourceType};
use super::check::{Scope, compared};
use super::{CompareOp, Filter, Literal};

impl Filter {
    /// Whether the resource matches. What the resource type does not have counts as absent.
    pub fn matches(&self, rt: &ResourceType, resource: &Resource) -> bool {
        holds(self, Subject::Resource(rt, resource))
    }

    /// Whether one element of a multi-valued attribute matches, as in a PATCH path.
    pub fn matches_element(&self, attr: &Attribute, element: &Value) -> bool {
        holds(self, Subject::Element(attr, element))
    }
}

/// Text as it is compared when case does not matter: each character lowered by itself.
pub(in crate::scim) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// What a filter is asked about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a ResourceType, &'a Resource),
    Element(&'a Attribute, &'a Value),
}

impl<'a> Subject<'a> {
    /// The elements at a path before its sub-attribute is taken, and what the path means.
    fn elements(self, path: &Path) -> Option<(&'a Attribute, Option<&'a Attribute>, Vec<&'a Value>)> {
        let (scope, value) = match self {
            Subject::Resource(rt, resource) => {
                let found = rt.find(path)?;
                (Scope::Resource(rt), resource.get(found.schema_key(), &found.attr.name))
            }
            Subject::Element(attr, element) if attr.kind == Kind::Complex => {
                let sub = attr.sub_attribute(path.attr.as_str())?;
                (Scope::Element(attr), element.get(&sub.name))
            }
            Subject::Element(attr, element) => (Scope::Element(attr), Some(element)),
        };
        let (attr, sub) = scope.find(path)?;
        let all = match value {
            None => &[],
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let chosen = all.iter().filter(|element| match &path.filter {
            Some(filter) => filter.matches_element(attr, element),
            None => true,
        });
        Some((attr, sub, chosen.collect()))
    }
}

fn holds(filter: &Filter, subject: Subject<'_>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| holds(part, subject)),
        Filter::Or(parts) => parts.iter().any(|part| holds(part, subject)),
        Filter::Not(part) => !holds(part, subject),
        Filter::Has { path } => subject.elements(path).is_some_and(|(_, _, elements)| !elements.is_empty()),
        Filter::Present { path } => subject.elements(path).is_some_and(|(_, sub, elements)| {
            elements.into_iter().any(|element| sub.is_none_or(|sub| element.get(&sub.name).is_some()))
        }),
        Filter::Compare { path, op, value } => holds_comparison(subject, path, *op, value),
    }
}

fn holds_comparison(subject: Subject<'_>, path: &Path, op: CompareOp, literal: &Literal) -> bool {
    let (leaf, values) = match subject.elements(path) {
        None => (None, Vec::new()),
        Some((attr, sub, elements)) => match compared(attr, sub) {
            Some(leaf) if attr.kind == Kind::Complex => {
                (Some(leaf), elements.into_iter().filter_map(|element| element.get(&leaf.name)).collect())
            }
            leaf => (leaf, elements),
        },
    };
    match (op, literal) {
        (CompareOp::Eq, Literal::Null) => values.is_empty(),
        (CompareOp::Ne, Literal::Null) => !values.is_empty(),
        (_, Literal::Null) => false,
        (CompareOp::Ne, _) if values.is_empty() => true,
        _ => leaf.is_some_and(|leaf| values.into_iter().any(|value| compare(leaf, value, op, literal))),
    }
}

/// Compares one value by the kind of its attribute; values that do not compare are merely not equal.
fn compare(leaf: &Attribute, value: &Value, op: CompareOp, literal: &Literal) -> bool {
    let other = literal.to_value();
    let order = match leaf.kind {
        Kind::Boolean => coerce::boolean(value).zip(coerce::boolean(&other)).map(|(a, b)| a.cmp(&b)),
        Kind::Integer | Kind::Decimal => compare_numbers(value, &other),
        Kind::DateTime => instant(value).zip(instant(&other)).map(|(a, b)| a.cmp(&b)),
        Kind::String | Kind::Reference | Kind::Binary | Kind::Complex => {
            return compare_text(&text(value), op, &text(&other), leaf.case_exact);
        }
    };
    match (op, order) {
        (CompareOp::Ne, order) => order != Some(Ordering::Equal),
        (_, None) => false,
        (_, Some(order)) => ordered(op, order),
    }
}

fn compare_text(value: &str, op: CompareOp, other: &str, case_exact: bool) -> bool {
    if !case_exact {
        return compare_text(&fold(value), op, &fold(other), true);
    }
    match op {
        CompareOp::Co => value.contains(other),
        CompareOp::Sw => value.starts_with(other),
        CompareOp::Ew => value.ends_with(other),
        _ => ordered(op, value.cmp(other)),
    }
}

fn ordered(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

/// Whole numbers compare exactly, others as floating point.
fn compare_numbers(a: &Value, b: &Value) -> Option<Ordering> {
    let (a, b) = (coerce::number(a)?, coerce::number(b)?);
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn instant(value: &Value) -> Option<jiff::Timestamp> {
    coerce::instant(value.as_str()?)
}

/// The text of a scalar; numbers and booleans are as they print, for `employeeNumber eq 7`.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::catalog;
    use super::*;
    use serde_json::json;

    fn jo() -> Resource {
        let body = json!({
            "id": "Ab1", "userName": "Jo@Example.org", "externalId": "X1", "active": false, "title": "Größe",
            "name": {"familyName": "Doe"},
            "emails": [{"type": "work", "value": "jo@example.org", "primary": true}, {"type": "home", "value": "j@h"}],
            "roles": [{"value": "Admin"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7", "manager": {"value": "42"}},
            "meta": {"created": "2026-01-31T12:00:00+01:00"},
        });
        match body {
            Value::Object(map) => Resource::from_map(map),
            _ => unreachable!(),
        }
    }

    #[test]
    fn these_match() {
        for text in [
            "userName eq \"jo@example.ORG\"",
            "username EQ JO@EXAMPLE.ORG",
            "id eq \"Ab1\"",
            "externalId eq \"X1\" and externalId ne \"x1\"",
            "active eq false and active eq \"False\" and active ne true",
            "title eq \"GRÖSSE\" or title eq \"GRÖßE\"",
            "title co \"ÖSS\" or title co \"ÖßE\"",
            "userName sw \"JO\" and userName ew \"ORG\" and userName gt \"a\" and userName lt \"z\" and userName ge \"jo@example.org\"",
            "name.familyName eq \"doe\" and name pr and name.familyName pr",
            "not (name.givenName pr) and name.givenName ne \"x\" and name.givenName eq null",
            "emails eq \"JO@example.org\" and emails.type eq \"HOME\"",
            "emails[type eq \"work\" and primary eq \"True\"]",
            "emails[type eq \"work\"].value eq \"jo@example.org\"",
            "emails[not (type eq \"work\")].value eq \"j@h\"",
            "emails.value ne \"j@h\"",
            "emails[type eq \"home\"] pr and emails[type eq \"home\"].value pr",
            "emails[primary ne true].value eq \"j@h\"",
            "employeeNumber eq 7 and manager eq \"42\" and manager.value eq 42",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"42\"",
            "meta.created eq \"2026-01-31T11:00:00Z\" and meta.Created gt \"2026-01-31T10:59:59.9Z\"",
            "meta.created le \"2026-01-31T11:00:00\"",
            "foo ne \"x\" and foo eq null",
            "emails[value eq null] or roles[type eq null and value eq \"admin\"]",
        ] {
            let filter = Filter::parse(text).unwrap();
            assert!(filter.matches(&catalog::user_type(), &jo()), "{text}");
        }
    }

    #[test]
    fn these_do_not() {
        for text in [
            "userName eq \"jo\"",
            "id eq \"ab1\"",
            "externalId eq \"x1\"",
            "active eq true",
            "active ne \"False\"",
            "active eq \"maybe\"",
            "name.givenName pr",
            "name.givenName eq \"\"",
            "emails[type eq \"work\"].value eq \"j@h\"",
            "emails[type eq \"home\" and primary eq true]",
            "emails[type eq \"other\"] pr",
            "emails eq null",
            "phoneNumbers ne null",
            "meta.created gt \"2026-01-31T11:00:00Z\"",
            "foo pr",
            "foo eq \"x\"",
            "emails[foo eq \"x\"]",
            "not (userName pr)",
            "roles[type eq \"x\"]",
        ] {
            let filter = Filter::parse(text).unwrap();
            assert!(!filter.matches(&catalog::user_type(), &jo()), "{text}");
        }
    }

    #[test]
    fn numbers_compare_as_numbers() {
        let attr = Attribute::new("n", Kind::Integer, "");
        for (value, op, other, holds) in [
            (json!(9), CompareOp::Lt, "10", true),
            (json!(9007199254740993_i64), CompareOp::Eq, "9007199254740992", false),
            (json!(9), CompareOp::Eq, "\"9\"", true),
            (json!(9), CompareOp::Ge, "9.5", false),
        ] {
            let Ok(Filter::Compare { value: literal, .. }) = Filter::parse(&format!("n eq {other}")) else {
                unreachable!()
            };
            assert_eq!(compare(&attr, &value, op, &literal), holds, "{value} {op} {other}");
        }
    }

    #[test]
    fn simple_elements_are_their_own_value() {
        let tags = Attribute::string("tags", "").multi_valued();
        let filter = Filter::parse("value eq \"A\"").unwrap();
        assert!(filter.matches_element(&tags, &json!("a")));
        assert!(!filter.matches_element(&tags, &json!("b")));
    }
}
