//! Names: how long they may be, whether they are free, and what happens to twins.

use super::request::Target;
use super::{Answer, Error, Plan, Site, Step, graveyard};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Query, Rdn, Value};
use crate::mapping::{self, Difference, Lookup};
use crate::scim::Resource;

/// The stored form of the unique name of `resource`.
pub(super) fn name_of(site: &Site<'_>, resource: &Resource) -> Result<Option<Value>, Error> {
    let rule = site.mapping.name_rule();
    let text = rule.slot.texts(resource).into_iter().next();
    let value = text.map(|text| rule.to_ldap(&text)).transpose();
    Ok(value.map_err(|reason| mapping::Error::Value { slot: rule.slot.to_string(), reason })?)
}

/// Refuses names that directories do not take.
pub(super) fn check_length(site: &Site<'_>, rdn: &Rdn) -> Result<(), Error> {
    let max = site.mapping.profile.max_rdn;
    let len = rdn.to_string().len();
    if len <= max {
        return Ok(());
    }
    let longest = rdn.avas().iter().max_by_key(|ava| ava.value.as_bytes().len());
    let attr = longest.map_or_else(String::new, |ava| site.mapping.scim_name(&ava.attr));
    Err(Error::NameTooLong { attr, len, max })
}

/// Refuses the DN that stands in every group: whoever bears it would be in all of them.
pub(super) fn check_reserved(site: &Site<'_>, dn: &Dn) -> Result<(), Error> {
    let groups = site.groups().and_then(|groups| groups.mapping.members.as_ref());
    match groups.is_some_and(|members| members.is_placeholder(&Value::from(dn.to_string()))) {
        true => Err(Error::Reserved { attr: site.mapping.name_attr().to_owned() }),
        false => Ok(()),
    }
}

/// Refuses a unique name that is too long where it names the entry: before the templates that are made from it fail with
/// a text that does not say so.
pub(super) fn check_wanted(site: &Site<'_>, resource: &Resource) -> Result<(), Error> {
    match name_of(site, resource)? {
        Some(name) if site.mapping.names_by_rdn() => check_length(site, &Rdn::new(site.mapping.rdn.clone(), name)),
        _ => Ok(()),
    }
}

/// Finds the values of unique derived attributes that other entries have.
pub(super) fn find_taken(
    site: &Site<'_>,
    resource: &Resource,
    facts: &Facts,
    lookup: &mut Lookup,
    ask: &mut Vec<Query>,
) -> Result<(), Error> {
    for (attr, values) in site.mapping.candidates(resource)? {
        if values.is_empty() {
            continue;
        }
        let query = site.having(&attr, &values);
        match facts.get(&query) {
            None => ask.push(query),
            Some(entries) => lookup.taken.extend(taken_values(&attr, entries)),
        }
    }
    Ok(())
}

fn taken_values(attr: &AttrType, entries: &[Entry]) -> Vec<(AttrType, String)> {
    let texts = entries.iter().flat_map(|entry| entry.get(attr)).filter_map(Value::as_str);
    texts.map(|text| (attr.clone(), text.to_lowercase())).collect()
}

/// Refuses a name that another entry has already. Gives the questions that must be answered first.
pub(super) fn check_free(
    site: &Site<'_>,
    target: &Target<'_>,
    difference: &Difference,
    facts: &Facts,
) -> Result<Option<Vec<Query>>, Error> {
    let mut questions: Vec<Query> = Vec::new();
    let (old, new) = (name_of(site, target.before)?, name_of(site, target.after)?);
    questions.extend(new.filter(|new| old.as_ref() != Some(new)).map(|new| site.by_name(&new)));
    questions.extend(difference.renames().then(|| site.anything_at(&difference.new_dn(target.entry))));
    let open: Vec<Query> = questions.iter().filter(|q| facts.get(q).is_none()).cloned().collect();
    if !open.is_empty() {
        return Ok(Some(open));
    }
    let attr = || site.mapping.name_attr().to_owned();
    let others = questions.iter().filter_map(|q| Some((q, facts.get(q)?)));
    for (query, found) in others.flat_map(|(query, found)| found.iter().map(move |found| (query, found))) {
        if is_same(site, found, target.entry) || graveyard::is_buried(site, found) {
            continue;
        }
        let is_told = query.attrs == site.mapping.attrs;
        return Err(match is_told && !site.mapping.owns(found) {
            true => Error::NotOwned { attr: attr() },
            false => Error::Taken { attr: attr() },
        });
    }
    Ok(None)
}

/// Whether two entries are one. It may have moved between the two questions, as when a rename that was given up for
/// lost is done after all; the plan then meets no entry at the old name, and is made again.
fn is_same(site: &Site<'_>, one: &Entry, other: &Entry) -> bool {
    one.dn == other.dn || site.mapping.id(one).is_some_and(|id| site.mapping.id(other) == Some(id))
}

/// The question whether a new resource has twins: others with its name that were created at the same time. `None`
/// where the directory itself refuses a second one, by its DN.
pub fn twins(site: &Site<'_>, resource: &Resource) -> Result<Option<Query>, Error> {
    if site.mapping.names_by_rdn() && !site.mapping.has_places() {
        return Ok(None);
    }
    Ok(name_of(site, resource)?.map(|name| site.by_name(&name)))
}

/// The plan that takes `entry` back in favour of one of `twins`. Of twins only the one with the lowest id stays, so
/// that all who look come to the same end.
pub fn yield_to(site: &Site<'_>, entry: &Entry, twins: &[Entry]) -> Option<Plan> {
    let own = site.mapping.id(entry)?;
    let lives = |twin: &&Entry| !site.mapping.is_deleted(twin);
    let lower = twins.iter().filter(lives).filter_map(|twin| site.mapping.id(twin)).any(|id| id < own);
    let step = Step::new(
        "take the entry back: another with the same name came first",
        Change::Delete { dn: entry.dn.clone() },
    );
    lower.then(|| Plan::new(vec![step], Answer::Gone))
}
