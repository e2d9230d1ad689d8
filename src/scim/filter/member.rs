//! Which members a filter on groups asks for. These few are looked for in the directory; the list of members is not
//! read to evaluate a filter.

use indexmap::IndexSet;

use super::super::{Error, Path, name};
use super::fault::shorten;
use super::{CompareOp, Filter, Literal};

impl Filter {
    /// The ids with which `members`, `members.value` or `members[value eq "id"]` are compared, each once. A resource
    /// whose `members` are those of these ids that the group has, spelled as here, is enough to evaluate the filter.
    /// Refused where it asks for something about members that only the whole list could answer.
    pub fn member_ids(&self) -> Result<Vec<String>, Error> {
        let mut ids = IndexSet::new();
        gather(self, &mut ids)?;
        Ok(ids.into_iter().collect())
    }
}

fn gather(filter: &Filter, ids: &mut IndexSet<String>) -> Result<(), Error> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|part| gather(part, ids)),
        Filter::Not(part) => gather(part, ids),
        Filter::Compare { path, .. } | Filter::Present { path } | Filter::Has { path } if !is_on_members(path) => {
            Ok(())
        }
        Filter::Compare { path, op: CompareOp::Eq, value } if is_value(path) && *value != Literal::Null => {
            note(value, ids);
            match &path.filter {
                Some(inner) => gather_inside(inner, ids).then_some(()).ok_or_else(|| unanswerable(filter)),
                None => Ok(()),
            }
        }
        Filter::Present { path } | Filter::Has { path } if is_value(path) => match &path.filter {
            Some(inner) if gather_inside(inner, ids) => Ok(()),
            _ => Err(unanswerable(filter)),
        },
        Filter::Compare { .. } | Filter::Present { .. } | Filter::Has { .. } => Err(unanswerable(filter)),
    }
}

/// Gathers from a filter in brackets; false where it lets other members through than those it names.
fn gather_inside(filter: &Filter, ids: &mut IndexSet<String>) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(|part| gather_inside(part, ids)),
        Filter::Compare { path, op: CompareOp::Eq, value } if *value != Literal::Null => {
            note(value, ids);
            path.attr == "value" && path.schema.is_none() && path.filter.is_none() && path.sub.is_none()
        }
        _ => false,
    }
}

fn note(value: &Literal, ids: &mut IndexSet<String>) {
    let id = match value {
        Literal::String(id) => id.clone(),
        other => other.to_string(),
    };
    if !id.is_empty() {
        ids.insert(id);
    }
}

fn is_on_members(path: &Path) -> bool {
    path.attr == "members" && path.schema.as_deref().is_none_or(|urn| urn.eq_ignore_ascii_case(name::GROUP))
}

/// Whether a path ends at the `value` of an element, which is what is compared where no part is named.
fn is_value(path: &Path) -> bool {
    path.sub.as_ref().is_none_or(|sub| *sub == "value")
}

fn unanswerable(filter: &Filter) -> Error {
    let found = shorten(&filter.to_string(), 120);
    Error::invalid_filter(format!(
        "`members` can be compared by `eq` with the `id` of a member, as in `members.value eq \"id\"`, not as in `{found}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Resource, ScimType, catalog, example};
    use super::*;
    use serde_json::json;

    /// What a filter asks for, what the group has of it, and whether it matches.
    const ANSWERED: &[(&str, &[&str], &[&str], bool)] = &[
        ("id eq \"g1\" and members eq \"y\"", &["y"], &["y"], true),
        ("id eq \"g1\" and members eq \"y\"", &["y"], &[], false),
        ("id eq \"g2\" and members eq \"y\"", &["y"], &["y"], false),
        ("members.value eq \"y\" or MEMBERS[Value EQ z]", &["y", "z"], &["z"], true),
        ("members[value eq \"y\"] pr", &["y"], &["y"], true),
        ("members[value eq \"y\" or value eq \"z\"].value eq \"x\"", &["x", "y", "z"], &["x", "y"], false),
        ("members[value eq \"y\" or value eq \"z\"] eq \"y\"", &["y", "z"], &["y"], true),
        ("members[value eq \"y\" and value eq \"z\"]", &["y", "z"], &["y", "z"], false),
        ("not (members.value eq \"y\")", &["y"], &[], true),
        ("not (members eq \"y\" or members eq \"y\") and displayName pr", &["y"], &["y"], false),
        ("urn:ietf:params:scim:schemas:core:2.0:group:members.value eq 42", &["42"], &["42"], true),
        ("members eq \"Y\"", &["Y"], &["y"], false),
        ("members eq \"\"", &[], &[], false),
        ("displayName eq \"team\"", &[], &[], true),
    ];

    #[test]
    fn a_filter_is_answered_by_those_it_asks_for() {
        for (text, asked, confirmed, matches) in ANSWERED {
            let filter = Filter::parse(text).unwrap();
            let mut ids = filter.member_ids().unwrap();
            ids.sort();
            assert_eq!(ids, *asked, "{text}");
            let mut group = Resource::new();
            group.set(None, "id", json!("g1"));
            group.set(None, "displayName", json!("Team"));
            group.set(None, "members", confirmed.iter().map(|id| json!({"value": id})).collect());
            for groups in [catalog::group_type(), example::groups()] {
                assert_eq!(filter.check(&groups), Ok(()), "{text}");
                assert_eq!(filter.matches(&groups, &group), *matches, "{text}");
            }
        }
    }

    #[test]
    fn what_needs_the_list_of_members_is_refused() {
        for text in [
            "members pr",
            "members.value pr",
            "members ne \"y\"",
            "members.value co \"y\"",
            "members sw \"y\"",
            "members gt \"y\"",
            "members eq null",
            "members.display eq \"Jo\"",
            "members[value ne \"y\"]",
            "members[not (value eq \"y\")].value eq \"y\"",
            "members[value pr]",
            "members[display eq \"Jo\"]",
            "members[value eq \"y\"].type eq \"User\"",
            "members[value eq \"y\" and type eq \"User\"]",
            "members[value eq null]",
        ] {
            let whole = format!("displayName pr and not (members eq \"x\" or {text})");
            let error = Filter::parse(&whole).unwrap().member_ids().expect_err(text);
            assert_eq!((error.status(), error.scim_type()), (400, Some(ScimType::InvalidFilter)));
            assert!(error.detail().ends_with(&format!("not as in `{text}`")), "{error}");
        }
    }

    #[test]
    fn members_of_another_schema_are_not_meant() {
        let filter = Filter::parse("urn:x:members pr and name.members pr").unwrap();
        assert_eq!(filter.member_ids(), Ok(Vec::new()));
    }
}
