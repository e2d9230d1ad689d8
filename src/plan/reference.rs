//! References: ids that become DNs on the way in, and DNs that become ids on the way out.

use std::collections::{HashMap, HashSet};

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
    for (rule, id) in site.mapping.referenced_ids(resource, before) {
        let other = rule.reference.and_then(|referee| site.of(referee));
        let Some((other, query)) = other.and_then(|other| Some((other, other.by_id(&id)?))) else {
            found.unknown.push((rule.slot.to_string(), id));
            continue;
        };
        match other.among(facts, &query).as_deref() {
            None => found.ask.push(query),
            Some([]) => found.unknown.push((rule.slot.to_string(), id)),
            Some([entry, ..]) => {
                found.lookup.dns.insert(id, entry.dn.clone());
            }
        }
    }
    found
}

/// The questions for the ids of the DNs in `readings`, each once. DNs outside the sites are not asked for.
pub fn ask_for_ids(site: &Site<'_>, readings: &[Reading]) -> Vec<Query> {
    distinct(site, readings).into_iter().map(|(site, dn)| site.id_at(dn)).collect()
}

/// The ids of the DNs in `readings`, as far as `facts` hold them.
pub fn known_ids(site: &Site<'_>, readings: &[Reading], facts: &Facts) -> HashMap<DnKey, String> {
    let id = |(site, dn): (Site<'_>, &Dn)| {
        let entry = facts.get(&site.id_at(dn))?.first()?;
        Some((dn.key(), site.mapping.id(entry)?))
    };
    distinct(site, readings).into_iter().filter_map(id).collect()
}

fn distinct<'a, 'r>(site: &Site<'a>, readings: &'r [Reading]) -> Vec<(Site<'a>, &'r Dn)> {
    let mut seen = HashSet::new();
    let mut dns = Vec::new();
    for (referee, dn) in readings.iter().flat_map(|r| &r.references) {
        let Some(site) = site.of(*referee).filter(|site| site.contains(dn)) else { continue };
        if seen.insert((*referee, dn.key())) {
            dns.push((site, dn));
        }
    }
    dns
}
