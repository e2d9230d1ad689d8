//! Groups of an endpoint against its users and its mapping.

use crate::config::place::overlap;
use crate::config::types::{Endpoint, Groups};
use crate::fault::Document;
use crate::ldap::Dn;
use crate::mapping::{Mapping, ResourceMapping};

/// Checks `[endpoint.<name>.groups]` once the mapping was compiled, and returns what is worth saying.
///
/// A mapping with groups and an endpoint without them is nothing to warn of: one mapping file serves endpoints with
/// and without groups, and whoever sends groups to one without is told so by its answer.
pub(super) fn groups(document: &Document, endpoint: &Endpoint) -> Vec<String> {
    let Some(mapping) = &endpoint.mapping else { return Vec::new() };
    match (&endpoint.groups, &mapping.group) {
        (Some(groups), Some(group)) => {
            told_apart(document, endpoint, groups, (&mapping.user, group));
            placeholder(endpoint, groups, group).into_iter().collect()
        }
        (Some(_), None) => {
            unmapped(document, endpoint);
            Vec::new()
        }
        (None, _) => kept_memberships(endpoint, mapping).into_iter().collect(),
    }
}

fn unmapped(document: &Document, endpoint: &Endpoint) {
    let table = format!("[endpoint.{}.groups]", endpoint.name);
    let expected = format!("a mapping with a table `[group]`, since `{table}` says where groups are");
    let hint = format!("add `[group]` to the mapping, or leave `{table}` out");
    let key = format!("endpoint.{}.mapping", endpoint.name);
    document.fault(&key, Some(&endpoint.mapping_file.display().to_string()), expected, Some(&hint));
}

/// An entry must not be a user and a group at once.
fn told_apart(
    document: &Document,
    endpoint: &Endpoint,
    groups: &Groups,
    (user, group): (&ResourceMapping, &ResourceMapping),
) {
    let (users, groups) = (&endpoint.users, &groups.place);
    let same = all_in(&user.match_classes, &group.match_classes) || all_in(&group.match_classes, &user.match_classes);
    if same && overlap(users, groups) {
        let key = format!("endpoint.{}.groups.base", endpoint.name);
        let expected = format!(
            "a place where no users are (theirs is `{}`), since their `match_classes` do not tell groups from users",
            users.base
        );
        let hint = "give groups a base of their own, or both kinds of entries a class that the other has not";
        document.fault(&key, Some(&groups.base.to_string()), expected, Some(hint));
    }
}

/// Whether every class of `some` is among `others`, so that entries with the latter have the former too.
fn all_in(some: &[String], others: &[String]) -> bool {
    some.iter().all(|class| others.iter().any(|other| other.eq_ignore_ascii_case(class)))
}

/// A resource that bears the name of nobody would be in every group and be shown in none.
fn placeholder(endpoint: &Endpoint, groups: &Groups, group: &ResourceMapping) -> Option<String> {
    let text = group.members.as_ref()?.placeholder.as_ref()?.as_str()?;
    let nobody = Dn::parse(text).ok()?;
    let is_taken = endpoint.users.contains(&nobody) || groups.place.contains(&nobody);
    is_taken.then(|| {
        format!(
            "the placeholder `{text}` lies where endpoint `{}` has users or groups: one that gets this name would be in \
             every group\n  hint: choose a DN elsewhere; it need not exist",
            endpoint.name
        )
    })
}

/// The mapping takes memberships from who is disabled, and the endpoint has no groups to take them from.
fn kept_memberships(endpoint: &Endpoint, mapping: &Mapping) -> Option<String> {
    let attr = mapping.user.saved_memberships.as_ref()?;
    let name = &endpoint.name;
    Some(format!(
        "endpoint `{name}` has no groups, so disabling a user takes no membership away, although its mapping has \
         `saved_memberships = \"{attr}\"`\n  hint: add a table `[endpoint.{name}.groups]`"
    ))
}
