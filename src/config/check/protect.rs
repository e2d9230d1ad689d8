//! What a directory protects against what its endpoints are for.

use crate::config::types::{Config, Endpoint};
use crate::fault::Document;

/// Checks that an endpoint is not told to change what its directory protects.
pub(super) fn protection(document: &Document, config: &Config, endpoint: &Endpoint) {
    let Some(directory) = config.directory(&endpoint.directory) else { return };
    let (protection, name) = (&directory.protection, &directory.settings.name);
    let expected =
        format!("an entry that `directory.{name}.protect` leaves open, since nothing could ever be changed there");
    let places = [("users", Some(&endpoint.users)), ("groups", endpoint.groups.as_ref().map(|groups| &groups.place))];
    for (kind, place) in places.into_iter().filter_map(|(kind, place)| Some((kind, place?))) {
        if protection.of_name(&place.base).is_some() {
            let key = format!("endpoint.{}.{kind}.base", endpoint.name);
            document.fault(&key, Some(&place.base.to_string()), expected.as_str(), None);
        }
    }
    let defaults = endpoint.groups.iter().flat_map(|groups| groups.default.iter().enumerate());
    for (index, group) in defaults.filter(|(_, group)| protection.of_name(group).is_some()) {
        let key = format!("endpoint.{}.groups.default[{index}]", endpoint.name);
        let expected = format!("a group that `directory.{name}.protect` leaves open, since nobody could join it");
        document.fault(&key, Some(&group.to_string()), expected, None);
    }
}
