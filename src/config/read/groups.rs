//! `[endpoint.<name>.groups]`.

use super::endpoint::place;
use crate::config::types::Groups;
use crate::fault::Reader;
use crate::ldap::{Dn, Scope};
use crate::service::{PatchResponse, Place, UnresolvedMembers};

pub(super) fn read(mut table: Reader<'_>) -> Option<Groups> {
    let place = place(&mut table);
    let choices = [
        ("retry", UnresolvedMembers::Retry),
        ("ignore", UnresolvedMembers::Ignore),
        ("reject", UnresolvedMembers::Reject),
    ];
    let unresolved_members = table.one_of("unresolved_members", &choices).unwrap_or_default();
    let choices = [("none", PatchResponse::None), ("full", PatchResponse::Full)];
    let patch_response = table.one_of("patch_response", &choices).unwrap_or_default();
    let default = default_groups(&mut table, place.as_ref());
    table.finish();
    Some(Groups { place: place?, unresolved_members, patch_response, default })
}

/// Takes the groups of new users, which must be the endpoint's own.
fn default_groups(table: &mut Reader<'_>, place: Option<&Place>) -> Vec<Dn> {
    let mut groups: Vec<Dn> = Vec::new();
    for (index, text) in table.lines("default").unwrap_or_default().iter().enumerate() {
        let fault = |expected: String| table.fault_item("default", index, text, expected);
        match (Dn::parse(text), place) {
            (Err(error), _) => fault(format!("the distinguished name of a group ({error})")),
            (Ok(dn), _) if groups.contains(&dn) => fault("a group that is not in the list already".to_owned()),
            (Ok(dn), Some(place)) if !place.contains(&dn) => {
                let depth = if place.scope == Scope::One { "directly below" } else { "below" };
                fault(format!("a group {depth} `{}`, where this endpoint's groups are", place.base));
            }
            (Ok(dn), _) => groups.push(dn),
        }
    }
    groups
}
