//! POST: a new entry, or one deleted by mark that comes back.

use std::borrow::Cow;

use super::member::{self, Resolved};
use super::refer::{self, Names};
use super::reference::{self, References};
use super::request::Target;
use super::update;
use super::{
    Answer, Effect, Error, Next, Plan, Site, Step, graveyard, membership, name, number, password, place, rename, state,
};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Mod, Query, ResultCode, Scope, Value};
use crate::mapping::Lookup;
use crate::scim::Resource;

/// Plans POST.
pub(super) fn next(site: &Site<'_>, resource: &Resource, unsure: bool, facts: &Facts) -> Result<Next, Error> {
    site.require(resource)?;
    name::check_wanted(site, resource)?;
    let References { mut lookup, mut ask, unknown } = reference::look_up(site, resource, None, facts);
    let bearers = if searches_first(site) || password::comes_later(site) || unsure {
        bearers(site, resource, facts, &mut ask)?
    } else {
        Bearers::default()
    };
    name::find_taken(site, resource, facts, &mut lookup, &mut ask)?;
    ask.extend(place::open(site, &place::of_new(site, resource)?, facts));
    let defaults = default_groups(site, facts, &mut ask)?;
    let members = members(site, resource, facts).map_err(|queries| ask.extend(queries));
    let (true, Ok(members)) = (ask.is_empty(), members) else { return Ok(Next::Ask(ask)) };
    member::check_unknown(site, &members.unknown)?;
    let unresolved = members.unknown.clone();
    let begun = match begun(site, &bearers.same_name, unsure, facts) {
        Ok(begun) => begun,
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    if let ([entry], true) = (&bearers.same_name[..], begun) {
        // what an add without an answer may have written is not in its own way
        lookup.taken.retain(|(attr, text)| !has_text(entry, attr, text));
    }
    let Arrival { mut plan, entry, names } = match arrival(site, resource, &lookup, &bearers, members, begun, facts)? {
        Ok(arrival) => arrival,
        Err(next) => return Ok(next),
    };
    plan.steps.extend(defaults.iter().flat_map(|group| join_default(site, group, resource, &entry, &names)));
    plan.dropped = unknown.into_iter().map(|(slot, id)| format!("{slot}: {id}")).collect();
    plan.unresolved = unresolved;
    Ok(Next::Done(plan))
}

/// How a resource comes into being.
struct Arrival<'f> {
    plan: Plan,
    /// The entry before the plan or, if there is none, as the plan makes it.
    entry: Cow<'f, Entry>,
    /// How it is referred to afterwards.
    names: Names,
}

/// The plan for the resource itself, or what must be done to know it.
fn arrival<'f>(
    site: &Site<'_>,
    resource: &Resource,
    lookup: &Lookup,
    Bearers { same_name, buried }: &Bearers<'f>,
    mut members: Resolved<'_>,
    begun: bool,
    facts: &Facts,
) -> Result<Result<Arrival<'f>, Next>, Error> {
    let attrs = site.mapping.create(resource, lookup)?;
    let rdn = site.mapping.name(&attrs)?;
    name::check_length(site, &rdn)?;
    let dn = place::of_new(site, resource)?.child(rdn);
    name::check_reserved(site, &dn)?;
    let new = attrs.iter().fold(Entry::new(dn.clone()), |new, (attr, values)| new.with(attr.clone(), values.clone()));
    let withheld = membership::withhold(site, &dn, &mut members.found);
    let mut arrival = match **same_name {
        [] if !buried.is_empty() => match revived(site, buried, &new, resource, lookup, facts)? {
            Ok(arrival) => arrival,
            Err(next) => return Ok(Err(next)),
        },
        [] => match fresh(site, resource, &new, attrs, &members, begun, facts)? {
            Ok(plan) => Arrival { plan, names: Names::of(site, &new), entry: Cow::Owned(new) },
            Err(next) => return Ok(Err(next)),
        },
        [entry] if !site.mapping.owns(entry) => {
            return Err(Error::NotOwned { attr: site.mapping.name_attr().to_owned() });
        }
        [entry] if site.mapping.is_deleted(entry) => match revive(site, entry, resource, lookup, facts)? {
            Ok((plan, names)) => Arrival { plan, names, entry: Cow::Borrowed(entry) },
            Err(queries) => return Ok(Err(Next::Ask(queries))),
        },
        [entry] if begun && is_done(site, entry, &dn, &attrs) => Arrival {
            plan: found(site, resource, entry, attrs, &members)?,
            names: Names::of(site, entry),
            entry: Cow::Borrowed(entry),
        },
        _ => return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() }),
    };
    arrival.plan.steps.extend(withheld);
    Ok(Ok(arrival))
}

/// The plan for an entry that is not there yet: its name is taken from whatever refers to an earlier one, what is missing
/// above it is made, its numbers are drawn, and it is added.
fn fresh(
    site: &Site<'_>,
    resource: &Resource,
    new: &Entry,
    mut attrs: Vec<(AttrType, Vec<Value>)>,
    members: &Resolved<'_>,
    begun: bool,
    facts: &Facts,
) -> Result<Result<Plan, Next>, Error> {
    let left = match left_behind(site, new, facts) {
        Ok(plan) if plan.more => return Ok(Err(Next::Done(plan))),
        Ok(plan) => plan.steps,
        Err(queries) => return Ok(Err(Next::Ask(queries))),
    };
    let above = match place::above(site, &new.dn.parent().unwrap_or_default(), facts)? {
        Ok(steps) => steps,
        Err(queries) => return Ok(Err(Next::Ask(queries))),
    };
    let groups = match state::of_new(site, update::is_active(resource), facts)? {
        Ok(groups) => groups,
        Err(queries) => return Ok(Err(Next::Ask(queries))),
    };
    let password = password::of_new(site, resource, &new.dn, &mut attrs)?;
    Ok(number::numbers(site, facts)?.map(|numbers| {
        let attrs = attrs.into_iter().chain(numbers).collect();
        let mut plan = add(site, new.dn.clone(), attrs, members, begun);
        plan.steps.splice(1..1, password);
        let mut plan = plan.after(above).after(left);
        plan.steps.extend(groups.steps(site, &new.dn));
        plan
    }))
}

/// What takes the name of a new entry out of groups that an earlier entry of that name left behind.
fn left_behind(site: &Site<'_>, new: &Entry, facts: &Facts) -> Result<Plan, Vec<Query>> {
    let names = Names::of(site, new);
    let left = refer::left_behind(site, &names, facts)?;
    Ok(Plan { more: left.more, ..Plan::new(left.forget_but(std::iter::empty(), &names), Answer::Gone) })
}

/// The members of a new group; nobody is a member of a user.
fn members<'f>(site: &Site<'_>, resource: &Resource, facts: &'f Facts) -> Result<Resolved<'f>, Vec<Query>> {
    let ids = match site.is_of_groups() {
        true => resource.members(&|id| member::canonical(site, id)),
        false => Vec::new(),
    };
    if ids.is_empty() { Ok(Resolved::default()) } else { member::resolve(site, &ids, facts) }
}

/// The groups that a new user is put into. All must be there: nobody would put the user into a missing one later.
fn default_groups(site: &Site<'_>, facts: &Facts, ask: &mut Vec<Query>) -> Result<Vec<Dn>, Error> {
    let Some(groups) = site.groups().filter(|_| !site.is_of_groups()) else { return Ok(Vec::new()) };
    let mut defaults = Vec::new();
    for dn in &site.realm.default_groups {
        let query = groups.exists(dn);
        match facts.get(&query) {
            None => ask.push(query),
            Some([]) => return Err(Error::NoDefaultGroup(dn.clone())),
            Some(_) => defaults.push(dn.clone()),
        }
    }
    Ok(defaults)
}

/// Puts a user into a group, or keeps it for one who is created disabled.
fn join_default(site: &Site<'_>, group: &Dn, user: &Resource, entry: &Entry, names: &Names) -> Vec<Step> {
    if let (Some(saved_in), false) = (&site.mapping.saved_memberships, update::is_active(user)) {
        return vec![membership::keep(site.mapping, saved_in, entry, &names.dn, group)];
    }
    let Some(groups) = site.groups() else { return Vec::new() };
    let value = names.as_member(&groups).into_iter().collect();
    let steps = member::steps(&groups, group, value, Vec::new()).into_iter();
    steps.map(|step| Step { why: "put the new user into a group that every user is in".to_owned(), ..step }).collect()
}

/// Whether a search must come before the add: where the name in the tree is not the unique name itself, or is one in
/// only one of several places, or may belong to an entry that is deleted by mark or not the endpoint's own.
fn searches_first(site: &Site<'_>) -> bool {
    let add_decides = site.mapping.names_by_rdn() && site.place.scope == Scope::One;
    !add_decides
        || site.mapping.name_rule().within.is_some()
        || site.mapping.delete.mark().is_some()
        || site.mapping.owner.is_some()
}

/// Whether an entry of the same name may be what an earlier attempt has begun: within this request, or before a stop.
fn begun(site: &Site<'_>, same_name: &[&Entry], unsure: bool, facts: &Facts) -> Result<bool, Vec<Query>> {
    match same_name {
        [entry] if !unsure && !site.mapping.is_deleted(entry) => password::is_missing(site, entry, facts),
        _ => Ok(unsure),
    }
}

/// Entries that have the name already.
#[derive(Default)]
struct Bearers<'f> {
    /// Where resources are, those deleted by mark included.
    same_name: Vec<&'f Entry>,
    /// In the graveyard.
    buried: Vec<&'f Entry>,
}

fn bearers<'f>(
    site: &Site<'_>,
    resource: &Resource,
    facts: &'f Facts,
    ask: &mut Vec<Query>,
) -> Result<Bearers<'f>, Error> {
    let Some(name) = name::name_of(site, resource)? else { return Ok(Bearers::default()) };
    let query = site.by_name(&name);
    let found = site.among(facts, &query);
    if found.is_none() {
        ask.push(query);
    }
    let buried = graveyard::buried(site, &name, facts).unwrap_or_else(|queries| {
        ask.extend(queries);
        Vec::new()
    });
    let same_name: Vec<&Entry> =
        found.unwrap_or_default().into_iter().filter(|entry| !graveyard::is_buried(site, entry)).collect();
    let elsewhere = name::elsewhere(site, &name);
    let others = elsewhere.as_ref().map_or(Some(&[][..]), |query| facts.get(query));
    ask.extend(elsewhere.filter(|_| others.is_none()));
    let is_known = |other: &Entry| same_name.iter().chain(&buried).any(|known| known.dn == other.dn);
    match others.unwrap_or_default().iter().any(|other| !is_known(other)) && ask.is_empty() {
        true => Err(Error::Taken { attr: site.mapping.name_attr().to_owned() }),
        false => Ok(Bearers { same_name, buried }),
    }
}

/// The add, and behind it the members that are too many for it. An entry that it meets although it was searched for has
/// come since, and must be looked at.
fn add(site: &Site<'_>, dn: Dn, mut attrs: Vec<(AttrType, Vec<Value>)>, members: &Resolved<'_>, begun: bool) -> Plan {
    let (first, further) = member::of_new_group(site, members);
    attrs.extend(first);
    let mut step = Step::new("add the entry", Change::Add { dn: dn.clone(), attrs });
    if !(searches_first(site) || password::comes_later(site) || begun) {
        step.raced = &[];
    }
    if !dn.parent().is_some_and(|parent| parent == site.place.base) {
        // what is above it was there a moment ago
        step.raced = &[ResultCode::EntryAlreadyExists, ResultCode::NoSuchObject];
    }
    let steps = std::iter::once(step).chain(member::steps(site, &dn, further, Vec::new())).collect();
    let mut plan = Plan::new(steps, Answer::Written(dn));
    plan.effects.push(Effect::Created);
    plan.effects.extend(member::effects(members.found.len(), 0));
    plan
}

/// What an add without an answer has made; its members and its password are given again, which does no harm.
fn found(
    site: &Site<'_>,
    resource: &Resource,
    entry: &Entry,
    attrs: Vec<(AttrType, Vec<Value>)>,
    members: &Resolved<'_>,
) -> Result<Plan, Error> {
    let mut steps = password::of_found(site, resource, entry, attrs)?;
    steps.extend(member::steps(site, &entry.dn, member::values(site, members), Vec::new()));
    let answer = match steps.is_empty() {
        true => Answer::Entry(Box::new(entry.clone())),
        false => Answer::Written(entry.dn.clone()),
    };
    Ok(Plan::new(steps, answer))
}

fn has_text(entry: &Entry, attr: &AttrType, lowercase: &str) -> bool {
    entry.get(attr).iter().filter_map(Value::as_str).any(|text| text.to_lowercase() == lowercase)
}

/// Whether an add without an answer did succeed: all that it would have written is there.
fn is_done(site: &Site<'_>, entry: &Entry, dn: &Dn, attrs: &[(AttrType, Vec<Value>)]) -> bool {
    let written = |(attr, values): &(AttrType, Vec<Value>)| {
        password::is_state(site, attr) || values.iter().all(|value| entry.has_value(attr, value))
    };
    entry.dn == *dn && attrs.iter().all(written)
}

/// Brings back the one of the buried entries that was deleted last, from the graveyard to where `new` would be.
fn revived<'f>(
    site: &Site<'_>,
    buried: &[&'f Entry],
    new: &Entry,
    resource: &Resource,
    lookup: &Lookup,
    facts: &Facts,
) -> Result<Result<Arrival<'f>, Next>, Error> {
    let dug_out = graveyard::last(site, buried).and_then(|entry| graveyard::dig_out(site, entry, &new.dn));
    let Some((steps, moved)) = dug_out else {
        return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() });
    };
    let there = site.anything_at(&moved.dn);
    match facts.get(&there) {
        None => return Ok(Err(Next::Ask(vec![there]))),
        Some([]) => {}
        Some(_) => return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() }),
    }
    let above = place::above(site, &moved.dn.parent().unwrap_or_default(), facts)?;
    let known = member::both(left_behind(site, &moved, facts), revive(site, &moved, resource, lookup, facts)?);
    Ok(match member::both(known, above) {
        Err(queries) => Err(Next::Ask(queries)),
        Ok(((left, _), _)) if left.more => Err(Next::Done(left)),
        Ok(((left, (plan, names)), above)) => {
            let steps = left.steps.into_iter().chain(above).chain(steps).collect();
            Ok(Arrival { plan: plan.after(steps), names, entry: Cow::Owned(moved) })
        }
    })
}

/// Brings back an entry that is deleted by mark: same id, the values of the request; and how it is referred to then.
fn revive(
    site: &Site<'_>,
    entry: &Entry,
    resource: &Resource,
    lookup: &Lookup,
    facts: &Facts,
) -> Result<Result<(Plan, Names), Vec<Query>>, Error> {
    let before = site.mapping.read(entry).resource;
    let target = Target { entry, before: &before, after: resource };
    let mut difference = site.mapping.difference(entry, &before, resource, lookup)?;
    let active = update::is_active(resource);
    let moving = match place::of_changed(site, &target, true, facts)? {
        Ok(moving) => moving,
        Err(queries) => return Ok(Err(queries)),
    };
    difference.parent = moving.superior.clone();
    site.mapping.extend(entry, &mut difference, site.mapping.set_state(entry, active, moving.home.as_ref()));
    site.mapping.extend(entry, &mut difference, site.mapping.adoption(entry));
    if let Some(mark) = site.mapping.delete.mark() {
        difference.mods.push(Mod::replace(mark.clone(), Vec::new()));
    }
    let password = site.mapping.new_password(resource, &site.seed);
    let password = password::renew(site, &target, password, &mut difference)?;
    let rename = rename::following(site, entry, &difference, facts);
    let (mut rename, groups) = match member::both(rename, state::change(site, entry, active, facts)?) {
        Ok(known) => known,
        Err(queries) => return Ok(Err(queries)),
    };
    groups.followed_by(site, &mut rename);
    let mut plan = update::carry_out(site, &target, difference, &rename)?.after(moving.above);
    password.join(site, &target, &mut plan);
    groups.join(site, &entry.dn, &rename.new.dn, &mut plan);
    plan.effects = vec![Effect::Revived];
    Ok(Ok((plan, rename.new)))
}
