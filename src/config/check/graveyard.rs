//! The graveyards of endpoints against each other.

use crate::config::types::{Config, Endpoint};
use crate::fault::Document;
use crate::mapping::{Owner, ResourceMapping};

/// Whoever is found in a graveyard comes back to the endpoint that asks, and is purged by it. So endpoints of different
/// users have one together only where marks of owners tell their entries apart.
pub(super) fn graveyards(document: &Document, config: &Config) {
    for (index, endpoint) in config.endpoints.iter().enumerate() {
        let Some(user) = user(endpoint) else { continue };
        let Some(graveyard) = user.delete.graveyard() else { continue };
        let shares = |other: &&Endpoint| {
            let place = (&other.users.base, other.users.scope);
            same_servers(config, endpoint, other)
                && place != (&endpoint.users.base, endpoint.users.scope)
                && self::user(other).is_some_and(|other| {
                    other.delete.graveyard() == Some(graveyard)
                        && !told_apart(user.owner.as_ref(), other.owner.as_ref())
                })
        };
        let Some(other) = config.endpoints[..index].iter().find(shares) else { continue };
        let expected = format!(
            "a mapping whose graveyard is not `{graveyard}`, where the deleted users of endpoint `{}` are: each would \
             bring back and purge those of the other",
            other.name
        );
        let hint = "give each endpoint a mapping with a graveyard of its own, or with another value in [user.owner]";
        let file = endpoint.mapping_file.display().to_string();
        document.fault(&format!("endpoint.{}.mapping", endpoint.name), Some(&file), expected, Some(hint));
    }
}

fn user(endpoint: &Endpoint) -> Option<&ResourceMapping> {
    endpoint.mapping.as_deref().map(|mapping| &mapping.user)
}

/// Whether both endpoints write to one directory, under whatever name.
fn same_servers(config: &Config, one: &Endpoint, other: &Endpoint) -> bool {
    let servers = |endpoint: &Endpoint| {
        let directory = config.directory(&endpoint.directory);
        directory.map(|directory| directory.settings.servers.iter().map(|url| url.as_str()).collect::<Vec<_>>())
    };
    let (one, other) = (servers(one).unwrap_or_default(), servers(other).unwrap_or_default());
    one.iter().any(|server| other.contains(server))
}

/// Whether an entry that is marked as one's own is never the other's.
fn told_apart(one: Option<&Owner>, other: Option<&Owner>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one.attr == other.attr && !one.is(&other.value))
}
