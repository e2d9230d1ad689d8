//! POST: a new entry, or one deleted by mark that comes back.

use super::reference::{self, References};
use super::request::Target;
use super::update;
use super::{Answer, Effect, Error, Next, Plan, Site, Step, name};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Mod, Query, Scope, Value};
use crate::mapping::{DeletePolicy, Lookup};
use crate::scim::Resource;

/// Plans POST.
pub(super) fn next(site: &Site<'_>, resource: &Resource, unsure: bool, facts: &Facts) -> Result<Next, Error> {
    site.require(resource)?;
    name::check_wanted(site, resource)?;
    let References { mut lookup, mut ask, unknown } = reference::look_up(site, resource, None, facts);
    let same_name = if searches_first(site) || unsure { hits(site, resource, facts, &mut ask)? } else { Vec::new() };
    name::find_taken(site, resource, facts, &mut lookup, &mut ask)?;
    if !ask.is_empty() {
        return Ok(Next::Ask(ask));
    }
    if let ([entry], true) = (&same_name[..], unsure) {
        // what an add without an answer may have written is not in its own way
        lookup.taken.retain(|(attr, text)| !has_text(entry, attr, text));
    }
    let attrs = site.mapping.create(resource, &lookup)?;
    let rdn = site.mapping.name(&attrs)?;
    name::check_length(site, &rdn)?;
    let dn = site.base.child(rdn);
    let dropped = unknown.into_iter().map(|(slot, id)| format!("{slot}: {id}")).collect();
    let mut plan = match same_name[..] {
        [] => add(dn, attrs, searches_first(site) || unsure),
        [entry] if site.mapping.is_deleted(entry) => revive(site, entry, resource, &lookup)?,
        [entry] if unsure && is_done(entry, &dn, &attrs) => Plan::read(Answer::Entry(Box::new(entry.clone()))),
        _ => return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() }),
    };
    plan.dropped = dropped;
    Ok(Next::Done(plan))
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
) -> Result<Vec<&'f Entry>, Error> {
    let Some(name) = name::name_of(site, resource)? else { return Ok(Vec::new()) };
    let query = site.by_name(&name);
    let found = site.among(facts, &query);
    if found.is_none() {
        ask.push(query);
    }
    Ok(found.unwrap_or_default())
}

/// The add; `searched` says that an entry which it meets nevertheless has come since, and must be looked at.
fn add(dn: Dn, attrs: Vec<(AttrType, Vec<Value>)>, searched: bool) -> Plan {
    let mut step = Step::new("add the entry", Change::Add { dn: dn.clone(), attrs });
    if !searched {
        step.raced = &[];
    }
    Plan { steps: vec![step], answer: Answer::Written(dn), effects: vec![Effect::Created], dropped: Vec::new() }
}

fn has_text(entry: &Entry, attr: &AttrType, lowercase: &str) -> bool {
    entry.get(attr).iter().filter_map(Value::as_str).any(|text| text.to_lowercase() == lowercase)
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
