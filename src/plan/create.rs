//! POST: a new entry, or one deleted by mark that comes back.

use super::reference::{self, References};
use super::update::{self, Target};
use super::{Answer, Effect, Error, Next, Plan, Site, Step};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Mod, Query, Rdn, Scope, Value};
use crate::mapping::{DeletePolicy, Lookup};
use crate::scim::Resource;

/// Plans POST.
pub(super) fn next(site: &Site<'_>, resource: &Resource, unsure: bool, facts: &Facts) -> Result<Next, Error> {
    require(site, resource)?;
    let References { mut lookup, mut ask, unknown } = reference::look_up(site, resource, facts);
    let same_name = if searches_first(site) || unsure { hits(site, resource, facts, &mut ask)? } else { &[] };
    find_taken(site, resource, facts, &mut lookup, &mut ask)?;
    if !ask.is_empty() {
        return Ok(Next::Ask(ask));
    }
    let attrs = site.mapping.create(resource, &lookup)?;
    let rdn = site.mapping.name(&attrs)?;
    check_length(site, &rdn)?;
    let dn = site.base.child(rdn);
    let dropped = unknown.into_iter().map(|(slot, id)| format!("{slot}: {id}")).collect();
    let mut plan = match same_name {
        [] => add(site, dn, attrs),
        [entry] if site.mapping.is_deleted(entry) => revive(site, entry, resource, &lookup)?,
        [entry] if unsure && is_done(entry, &dn, &attrs) => Plan::read(Answer::Entry(Box::new(entry.clone()))),
        _ => return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() }),
    };
    plan.dropped = dropped;
    Ok(Next::Done(plan))
}

/// The question whether a new resource has twins: others with its name that were created at the same time. `None`
/// where the directory itself refuses a second one, by its DN.
pub fn twins(site: &Site<'_>, resource: &Resource) -> Result<Option<Query>, Error> {
    if site.mapping.names_by_rdn() {
        return Ok(None);
    }
    Ok(update::name_of(site, resource)?.map(|name| site.by_name(&name)))
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
    lower.then(|| Plan { steps: vec![step], answer: Answer::Gone, effects: Vec::new(), dropped: Vec::new() })
}

/// Refuses a resource without its required attributes.
pub(super) fn require(site: &Site<'_>, resource: &Resource) -> Result<(), Error> {
    let missing = site.mapping.missing(resource);
    if missing.is_empty() { Ok(()) } else { Err(Error::Missing(missing)) }
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

/// Whether a search must come before the add: where the name in the tree is not the unique name itself, or is one in
/// only one of several places, or may belong to an entry that is deleted by mark.
fn searches_first(site: &Site<'_>) -> bool {
    let add_decides = site.mapping.names_by_rdn() && site.scope == Scope::One;
    !add_decides || site.mapping.delete != DeletePolicy::Remove
}

fn hits<'f>(
    site: &Site<'_>,
    resource: &Resource,
    facts: &'f Facts,
    ask: &mut Vec<Query>,
) -> Result<&'f [Entry], Error> {
    let Some(name) = update::name_of(site, resource)? else { return Ok(&[]) };
    let query = site.by_name(&name);
    match facts.get(&query) {
        Some(entries) => Ok(entries),
        None => {
            ask.push(query);
            Ok(&[])
        }
    }
}

fn add(site: &Site<'_>, dn: Dn, attrs: Vec<(AttrType, Vec<Value>)>) -> Plan {
    let mut step = Step::new("add the entry", Change::Add { dn: dn.clone(), attrs });
    if !searches_first(site) {
        step.raced = &[];
    }
    Plan { steps: vec![step], answer: Answer::Written(dn), effects: vec![Effect::Created], dropped: Vec::new() }
}

/// Whether an add without an answer did succeed: all that it would have written is there.
fn is_done(entry: &Entry, dn: &Dn, attrs: &[(AttrType, Vec<Value>)]) -> bool {
    let written = |(attr, values): &(AttrType, Vec<Value>)| values.iter().all(|value| entry.has_value(attr, value));
    entry.dn == *dn && attrs.iter().all(written)
}

/// Brings back an entry that is deleted by mark: same id, the values of the request.
fn revive(site: &Site<'_>, entry: &Entry, resource: &Resource, lookup: &Lookup) -> Result<Plan, Error> {
    let before = site.mapping.read(entry).resource;
    let mut difference = site.mapping.difference(entry, &before, resource, lookup)?;
    if let DeletePolicy::Mark(mark) = &site.mapping.delete {
        difference.mods.push(Mod::replace(mark.clone(), Vec::new()));
    }
    let mut plan = update::carry_out(site, Target { entry, before: &before, after: resource }, difference)?;
    plan.effects = vec![Effect::Revived];
    Ok(plan)
}
