//! Who is who: ids that become entries on the way in, and DNs that become ids on the way out, many with one search.

use std::collections::HashMap;
use std::sync::Arc;

use super::Site;
use crate::ldap::{AttrType, Dn, DnKey, Entry, Facts, Filter, Query, Value};
use crate::mapping::Referee;

/// How many entries one search looks for: well below the size limits that directories set for ordinary accounts.
const BATCH: usize = 100;

/// Entries that were looked for, and what must be asked to know them all.
pub(super) struct Looked<K, V> {
    /// What is known.
    pub(super) found: HashMap<K, V>,
    /// What must be asked.
    pub(super) ask: Vec<Query>,
}

impl<K, V> Looked<K, V> {
    fn nothing() -> Self {
        Self { found: HashMap::new(), ask: Vec::new() }
    }
}

/// The resources of `site` that have these ids. `attrs` are to be known of each, its id among them.
pub(super) fn with_ids<'f>(
    site: &Site<'_>,
    ids: &[&str],
    attrs: &Arc<[AttrType]>,
    facts: &'f Facts,
) -> Looked<String, &'f Entry> {
    let id_attr = AttrType::known(site.mapping.profile.id_attr);
    let values: Vec<Value> = ids.iter().filter_map(|id| site.mapping.profile.id_codec.encode(id)).collect();
    search(site, &id_attr, &values, attrs, facts, |entry| site.mapping.id(entry).into_iter().collect())
}

/// The ids of the resources of `site` that have these names. DNs outside the site are not asked for.
pub(super) fn at_dns(site: &Site<'_>, dns: &[&Dn], facts: &Facts) -> Looked<DnKey, String> {
    let inside: Vec<Value> = dns.iter().filter(|dn| site.contains(dn)).map(|dn| Value::from(dn.to_string())).collect();
    let attrs = [AttrType::known(site.mapping.profile.id_attr)].into();
    let dn_attr = AttrType::known(site.mapping.profile.dn_attr);
    let mut looked = search(site, &dn_attr, &inside, &attrs, facts, |entry| vec![entry.dn.key()]);
    let finds_nothing = looked.ask.is_empty() && looked.found.is_empty() && !inside.is_empty();
    looked.ask.extend((finds_nothing && facts.get(&site.sample()).is_none()).then(|| site.sample()));
    let id = |(key, entry): (DnKey, &Entry)| Some((key, site.mapping.id(entry)?));
    Looked { found: looked.found.into_iter().filter_map(id).collect(), ask: looked.ask }
}

/// The ids of the resources of `site` whose `attr` has one of these values, by the value as it is stored.
pub(super) fn having_names(site: &Site<'_>, attr: &AttrType, values: &[Value], facts: &Facts) -> Looked<Value, String> {
    let attrs = [AttrType::known(site.mapping.profile.id_attr), attr.clone()].into();
    let looked = search(site, attr, values, &attrs, facts, |entry| entry.get(attr).to_vec());
    let id = |(value, entry): (Value, &Entry)| Some((value, site.mapping.id(entry)?));
    Looked { found: looked.found.into_iter().filter_map(id).collect(), ask: looked.ask }
}

/// The living resources of `site` whose `attr` equals one of `values`, under the keys that each entry has.
fn search<'f, K: std::hash::Hash + Eq>(
    site: &Site<'_>,
    attr: &AttrType,
    values: &[Value],
    attrs: &Arc<[AttrType]>,
    facts: &'f Facts,
    keys: impl Fn(&Entry) -> Vec<K>,
) -> Looked<K, &'f Entry> {
    let mut looked = Looked::nothing();
    for batch in values.chunks(BATCH) {
        let any = Filter::or(batch.iter().map(|value| Filter::eq(attr.clone(), value.clone())));
        let query = site.matching_with(any, attrs);
        match site.among(facts, &query) {
            None => looked.ask.push(query),
            Some(entries) => {
                looked
                    .found
                    .extend(entries.into_iter().flat_map(|entry| keys(entry).into_iter().map(move |k| (k, entry))));
            }
        }
    }
    looked
}

/// The questions for the ids of these DNs.
pub fn ask_for_ids(site: &Site<'_>, references: &[(Referee, Dn)]) -> Vec<Query> {
    looked_up(site, references, &Facts::default()).ask
}

/// The ids of these DNs, as far as `facts` hold them.
pub fn known_ids(site: &Site<'_>, references: &[(Referee, Dn)], facts: &Facts) -> HashMap<DnKey, String> {
    looked_up(site, references, facts).found
}

fn looked_up(site: &Site<'_>, references: &[(Referee, Dn)], facts: &Facts) -> Looked<DnKey, String> {
    let mut all = Looked::nothing();
    for referee in [Referee::User, Referee::Group] {
        let Some(place) = site.of(referee) else { continue };
        let dns: Vec<&Dn> = references.iter().filter(|(r, _)| *r == referee).map(|(_, dn)| dn).collect();
        let looked = at_dns(&place, &distinct(dns), facts);
        all.found.extend(looked.found);
        all.ask.extend(looked.ask);
    }
    all
}

fn distinct(dns: Vec<&Dn>) -> Vec<&Dn> {
    let mut seen = std::collections::HashSet::new();
    dns.into_iter().filter(|dn| seen.insert(dn.key())).collect()
}
