//! References of a resource to others, from ids to DNs.

use super::{Site, identity, member};
use crate::ldap::{AttrType, Facts, Query};
use crate::mapping::{Lookup, Referee};
use crate::scim::Resource;

/// The ids that a resource refers to: looked up, or still to be asked for.
pub(super) struct References {
    /// What is known.
    pub(super) lookup: Lookup,
    /// What must be asked.
    pub(super) ask: Vec<Query>,
    /// Ids, with the place of each, that no resource of the endpoint has.
    pub(super) unknown: Vec<(String, String)>,
}

/// Looks up the ids in `resource` among `facts`. `before` is what the directory holds now, if there is an entry yet.
pub(super) fn look_up(site: &Site<'_>, resource: &Resource, before: Option<&Resource>, facts: &Facts) -> References {
    let mut references = References { lookup: Lookup::default(), ask: Vec::new(), unknown: Vec::new() };
    let wanted = site.mapping.referenced_ids(resource, before);
    for referee in [Referee::User, Referee::Group] {
        let ids = wanted.iter().filter(|(rule, _)| rule.reference == Some(referee));
        let (slots, ids): (Vec<String>, Vec<&str>) = ids.map(|(rule, id)| (rule.slot.to_string(), id.as_str())).unzip();
        let Some(other) = site.of(referee) else {
            references.unknown.extend(slots.into_iter().zip(ids.into_iter().map(str::to_owned)));
            continue;
        };
        let attrs = [AttrType::known(other.mapping.profile.id_attr)].into();
        let looked = identity::with_ids(&other, &ids, &attrs, facts);
        let is_settled = looked.ask.is_empty();
        references.ask.extend(looked.ask);
        for (slot, id) in slots.into_iter().zip(ids).filter(|_| is_settled) {
            match looked.found.get(&member::canonical(&other, id)) {
                Some(entry) => drop(references.lookup.dns.insert(id.to_owned(), entry.dn.clone())),
                None => references.unknown.push((slot, id.to_owned())),
            }
        }
    }
    references
}
