//! Groups of an endpoint against its users and its mapping.

use crate::config::place::overlap;
use crate::config::types::{Endpoint, Groups};
use crate::fault::Document;
use crate::mapping::ResourceMapping;

/// Checks `[endpoint.<name>.groups]` once the mapping was compiled.
///
/// The other way round, a mapping with groups and an endpoint without them, is nothing to warn of: one mapping file
/// serves endpoints with and without groups, and whoever sends groups to one without is told so by its answer.
pub(super) fn groups(document: &Document, endpoint: &Endpoint) {
    let (Some(groups), Some(mapping)) = (&endpoint.groups, &endpoint.mapping) else { return };
    match &mapping.group {
        Some(group) => told_apart(document, endpoint, groups, (&mapping.user, group)),
        None => {
            let (key, table) =
                (format!("endpoint.{}.mapping", endpoint.name), format!("endpoint.{}.groups", endpoint.name));
            let expected = format!("a mapping with a table `[group]`, since `[{table}]` says where groups are");
            let hint = format!("add `[group]` to the mapping, or leave `[{table}]` out");
            document.fault(&key, Some(&endpoint.mapping_file.display().to_string()), expected, Some(&hint));
        }
    }
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
