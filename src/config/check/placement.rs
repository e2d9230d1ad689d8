//! Where a mapping puts entries, disabled ones among them, against where an endpoint has them.

use crate::config::types::Endpoint;
use crate::fault::Document;
use crate::ldap::{Dn, Scope};
use crate::mapping::{Placement, ResourceMapping, Superior};
use crate::service::Place;

/// Checks the places of users and groups once the mapping was compiled.
pub(super) fn placement(document: &Document, endpoint: &Endpoint) {
    let Some(mapping) = &endpoint.mapping else { return };
    check_within(document, endpoint, ("user", &endpoint.users), &mapping.user);
    if let (Some(group), Some(groups)) = (&mapping.group, &endpoint.groups) {
        check_within(document, endpoint, ("group", &groups.place), group);
    }
    if let Some(place) = mapping.user.place_of_disabled() {
        check_disabled(document, endpoint, &place.to, mapping.user.placement.as_ref());
    }
    let users = mapping.user.placement.as_ref().map(|placement| ("user", &endpoint.users, placement));
    let groups = mapping.group.as_ref().and_then(|group| group.placement.as_ref());
    let groups = groups.zip(endpoint.groups.as_ref()).map(|(placement, groups)| ("group", &groups.place, placement));
    for (kind, place, placement) in users.into_iter().chain(groups) {
        check_scope(document, endpoint, (kind, place), "placement");
        check_places(document, endpoint, (kind, place), placement);
    }
}

/// Where values must be unique, the endpoint's own entries are.
fn check_within(document: &Document, endpoint: &Endpoint, (kind, place): (&str, &Place), mapping: &ResourceMapping) {
    let base = &place.base;
    for (key, within) in mapping.within() {
        if base != within && !base.is_below(within) {
            let expected = format!(
                "a mapping whose `{kind}.{key}` is `{base}`, the base of this endpoint's {kind}s, or lies above it; it is \
                 `{within}`"
            );
            fault_in_mapping(document, endpoint, expected);
        }
    }
}

/// What lies below others is not directly below the base.
fn check_scope(document: &Document, endpoint: &Endpoint, (kind, place): (&str, &Place), key: &str) {
    if place.scope != Scope::Sub {
        let expected = format!("`sub`, since the mapping has `{kind}.{key}`");
        let key = format!("endpoint.{}.{kind}s.scope", endpoint.name);
        document.fault(&key, Some(place.scope.label()), expected, None);
    }
}

/// Nothing outside the base is seen or touched.
fn check_places(document: &Document, endpoint: &Endpoint, (kind, place): (&str, &Place), placement: &Placement) {
    let is_outside = |superior: &Superior| {
        let dn = superior.outline()?;
        (dn != place.base && !dn.is_below(&place.base)).then_some(dn)
    };
    for (key, superior) in placement.places() {
        let Some(dn) = is_outside(superior) else { continue };
        let base = &place.base;
        let expected = format!(
            "a mapping whose `{kind}.placement.{key}` is `{base}`, the base of this endpoint's {kind}s, or lies below it; \
             it leads to `{dn}`"
        );
        fault_in_mapping(document, endpoint, expected);
    }
}

/// The disabled are users of the endpoint like others, and nobody else is below that entry.
fn check_disabled(document: &Document, endpoint: &Endpoint, to: &Dn, placement: Option<&Placement>) {
    let users = &endpoint.users;
    check_scope(document, endpoint, ("user", users), "active");
    if !to.is_below(&users.base) {
        let base = &users.base;
        let expected =
            format!("a mapping whose strategy `move` leads below `{base}`, this endpoint's users; it is `{to}`");
        fault_in_mapping(document, endpoint, expected);
    }
    for (key, superior) in placement.iter().flat_map(|placement| placement.places()) {
        let Some(dn) = superior.outline().filter(|dn| dn == to || dn.is_below(to)) else { continue };
        let expected = format!(
            "a mapping whose `user.placement.{key}` lies elsewhere than below `{to}`, where the disabled are; it leads to \
             `{dn}`"
        );
        fault_in_mapping(document, endpoint, expected);
    }
}

fn fault_in_mapping(document: &Document, endpoint: &Endpoint, expected: String) {
    let file = endpoint.mapping_file.display().to_string();
    document.fault(&format!("endpoint.{}.mapping", endpoint.name), Some(&file), expected, None);
}
