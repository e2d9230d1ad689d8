//! References: ids that become DNs on the way in, and DNs that become ids on the way out.

use std::collections::HashMap;

use super::Site;
use crate::ldap::{Dn, DnKey, Facts, Query};
use crate::mapping::{Lookup, Reading};
use crate::scim::Resource;

/// The ids that a resource refers to: looked up, or still to be asked for.
pub(super) struct References {
    /// What is known.
    pub(super) lookup: Lookup,
    /// What must be asked.
    pub(super) ask: Vec<Query>,
    /// Ids, with the place of each, that no resource of the site has.
    pub(super) unknown: Vec<(String, String)>,
}

/// Looks up the ids in `resource` among `facts`. `before` is what the directory holds now, if there is an entry yet.
pub(super) fn look_up(site: &Site<'_>, resource: &Resource, before: Option<&Resource>, facts: &Facts) -> References {
    let mut found = References { lookup: Lookup::default(), ask: Vec::new(), unknown: Vec::new() };
    for (slot, id) in site.mapping.referenced_ids(resource, before) {
        let Some(query) = site.by_id(&id) else {
            found.unknown.push((slot.to_string(), id));
            continue;
        };
        match site.among(facts, &query).as_deref() {
            None => found.ask.push(query),
            Some([]) => found.unknown.push((slot.to_string(), id)),
            Some([entry, ..]) => {
                found.lookup.dns.insert(id, entry.dn.clone());
            }
        }
    }
    found
}

/// The questions for the ids of the DNs in `readings`, each once. DNs outside the site are not asked for.
pub fn ask_for_ids(site: &Site<'_>, readings: &[Reading]) -> Vec<Query> {
    let mut queries: Vec<Query> = Vec::new();
    for dn in distinct(site, readings) {
        queries.push(site.id_at(dn));
    }
    queries
}

/// The ids of the DNs in `readings`, as far as `facts` hold them.
pub fn known_ids(site: &Site<'_>, readings: &[Reading], facts: &Facts) -> HashMap<DnKey, String> {
    let id = |dn: &Dn| {
        let entry = facts.get(&site.id_at(dn))?.first()?;
        Some((dn.key(), site.mapping.id(entry)?))
    };
    distinct(site, readings).into_iter().filter_map(id).collect()
}

fn distinct<'r>(site: &Site<'_>, readings: &'r [Reading]) -> Vec<&'r Dn> {
    let mut seen: HashMap<DnKey, &Dn> = HashMap::new();
    let mut dns = Vec::new();
    for dn in readings.iter().flat_map(|r| &r.references).filter(|dn| site.contains(dn)) {
        if seen.insert(dn.key(), dn).is_none() {
            dns.push(dn);
        }
    }
    dns
}
