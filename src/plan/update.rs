//! PUT and PATCH: what differs is written, in one modify where possible, and a changed name becomes a modifyDN.

use serde_json::Value as Json;

use super::query::{distinct, find_by_id};
use super::reference::{self, References};
use super::rename::{self, Following};
use super::request::Target;
use super::state::StateGroups;
use super::{Answer, Effect, Error, Next, Plan, Site, Step, member, membership, name, password, state};
use crate::ldap::{AttrType, Change, Facts, Mod, ModOp, Query, ResultCode};
use crate::mapping::{AccountState, Difference, Lookup};
use crate::scim::{Patch, Resource};

/// What a rename meets when the facts have changed, or when the directory itself would put the new name where it stands
/// already.
const RACED_BESIDE: &[ResultCode] =
    &[ResultCode::EntryAlreadyExists, ResultCode::NoSuchObject, ResultCode::AttributeOrValueExists];

/// Plans PATCH.
pub(super) fn patch(site: &Site<'_>, id: &str, patch: &Patch, facts: &Facts) -> Result<Next, Error> {
    let entry = match find_by_id(site, id, facts)? {
        Ok(entry) => entry,
        Err(query) => return Ok(Next::Ask(vec![query])),
    };
    let before = site.mapping.read(entry).resource;
    let mut after = patch.apply(&site.mapping.resource_type, &before)?;
    keep_state(&before, &mut after);
    let references = reference::look_up(site, &after, Some(&before), facts);
    if let Some((slot, id)) = references.unknown.first() {
        return Err(Error::Unresolved { slot: slot.clone(), id: id.clone() });
    }
    let said = patch.ops_on(None, "active").next().is_some();
    next(site, Target { entry, before: &before, after: &after }, said, references, facts)
}

/// Plans PUT. What is left out is cleared, except `active` (RFC 7644 section 3.5.1 leaves that choice to us).
pub(super) fn replace(site: &Site<'_>, id: &str, resource: &Resource, facts: &Facts) -> Result<Next, Error> {
    let entry = match find_by_id(site, id, facts)? {
        Ok(entry) => entry,
        Err(query) => return Ok(Next::Ask(vec![query])),
    };
    let before = site.mapping.read(entry).resource;
    let said = resource.get(None, "active").is_some();
    let mut after = resource.clone();
    keep_state(&before, &mut after);
    let references = reference::look_up(site, &after, Some(&before), facts);
    next(site, Target { entry, before: &before, after: &after }, said, references, facts)
}

/// An account always has a state: one that is left out or removed stays, so that only `true` ever enables a user.
fn keep_state(before: &Resource, after: &mut Resource) {
    if after.get(None, "active").is_none() {
        after.set(None, "active", before.get(None, "active").cloned().unwrap_or(Json::Null));
    }
}

/// The steps for a difference: the modify first, since it is the one that the directory may refuse for what the values
/// are, then the rename, whose name is known to be free. Should it be refused all the same, what templates made of the
/// new name is taken back; what the client asked for stays, above all a lock.
pub(super) fn carry_out(
    site: &Site<'_>,
    target: &Target<'_>,
    difference: Difference,
    rename: &Following,
) -> Result<Plan, Error> {
    let entry = target.entry;
    let effects = effects(target, &difference);
    let mut steps = Vec::new();
    let renames = difference.renames();
    if !renames {
        steps.extend(rename.before());
    }
    let new_dn = difference.new_dn(entry);
    if !difference.mods.is_empty() {
        let why = explain(site, target, &difference.mods);
        let mut step = Step::new(why, Change::modify(entry.dn.clone(), difference.mods));
        if renames && !difference.undo.is_empty() {
            step.undo = Some(Change::modify(entry.dn.clone(), difference.undo));
        }
        steps.push(step);
    }
    if let Some(rdn) = new_dn.rdn().filter(|_| renames) {
        name::check_length(site, rdn)?;
        name::check_reserved(site, &new_dn)?;
        steps.extend(rename.before());
        let (new_rdn, new_superior) = (rdn.clone(), difference.parent);
        let why =
            if new_superior.is_some() { "move the entry; its id stays" } else { "rename the entry; its id stays" };
        let change = Change::ModifyDn { dn: entry.dn.clone(), new_rdn, delete_old_rdn: true, new_superior };
        let mut step = Step::new(why, change);
        if rename.stands_beside() {
            step.raced = RACED_BESIDE;
        }
        steps.push(step);
    }
    steps.extend(rename.after(&new_dn));
    let answer = if steps.is_empty() { Answer::Entry(Box::new(entry.clone())) } else { Answer::Written(new_dn) };
    let renames = rename.is_by_dn().then(|| Box::new(entry.clone()));
    let doubts = rename.doubts(site, entry);
    Ok(Plan { effects, renames, doubts, ..Plan::new(steps, answer) })
}

fn next(site: &Site<'_>, target: Target<'_>, said: bool, references: References, facts: &Facts) -> Result<Next, Error> {
    site.require(target.after)?;
    if name::name_of(site, target.before)? != name::name_of(site, target.after)? {
        name::check_wanted(site, target.after)?;
    }
    let References { mut lookup, mut ask, unknown } = references;
    if site.mapping.candidates(target.before)? != site.mapping.candidates(target.after)? {
        name::find_taken(site, target.after, facts, &mut lookup, &mut ask)?;
    }
    if !ask.is_empty() {
        return Ok(Next::Ask(ask));
    }
    let mut difference = difference(site, &target, &lookup)?;
    let free = name::check_free(site, &target, &difference, facts)?.map_or(Ok(()), Err);
    let rename = rename::following(site, target.entry, &difference, facts);
    let memberships = membership::change(site, &target, said, facts);
    let groups = state_groups(site, &target, said, facts)?;
    let known = member::both(member::both(free, rename), member::both(memberships, groups));
    let (((), mut rename), (memberships, groups)) = match known {
        Ok(known) => known,
        Err(ask) => return Ok(Next::Ask(distinct(ask))),
    };
    if said {
        site.mapping.extend(
            target.entry,
            &mut difference,
            site.mapping.set_active(target.entry, is_active(target.after)),
        );
    }
    site.mapping.extend(target.entry, &mut difference, memberships.mods.clone());
    if rename.more {
        return Err(Error::TooManyReferrers);
    }
    site.groups().iter().for_each(|places| rename.also_in(places, &memberships.back));
    groups.followed_by(site, &mut rename);
    let old = &target.entry.dn;
    let password = password::renew(site, &target, site.mapping.changed_password(target.after), &mut difference)?;
    let mut plan = carry_out(site, &target, difference, &rename)?;
    password.join(site, &target, &mut plan);
    groups.join(site, old, &rename.new.dn, &mut plan);
    memberships.join(site, &rename.new, &mut plan);
    plan.dropped = unknown.into_iter().map(|(slot, id)| format!("{slot}: {id}")).collect();
    Ok(Next::Done(plan))
}

/// The groups that say who is enabled, as far as the request says anything about it.
fn state_groups<'a>(
    site: &Site<'a>,
    target: &Target<'_>,
    said: bool,
    facts: &Facts,
) -> Result<Result<StateGroups<'a>, Vec<Query>>, Error> {
    match said {
        true => state::change(site, target.entry, is_active(target.after), facts),
        false => Ok(Ok(StateGroups::default())),
    }
}

fn difference(site: &Site<'_>, target: &Target<'_>, lookup: &Lookup) -> Result<Difference, Error> {
    Ok(site.mapping.difference(target.entry, target.before, target.after, lookup)?)
}

fn effects(target: &Target<'_>, difference: &Difference) -> Vec<Effect> {
    let mut effects: Vec<Effect> = effects_on_state(target).into_iter().collect();
    if difference.renames() {
        effects.push(Effect::Renamed);
    }
    if !difference.mods.is_empty() && effects.is_empty() {
        effects.push(Effect::Updated);
    }
    effects
}

/// Whether a resource is enabled; one that does not say is.
pub(super) fn is_active(resource: &Resource) -> bool {
    resource.get(None, "active").and_then(Json::as_bool).unwrap_or(true)
}

fn effects_on_state(target: &Target<'_>) -> Option<Effect> {
    match (is_active(target.before), is_active(target.after)) {
        (true, false) => Some(Effect::Disabled),
        (false, true) => Some(Effect::Enabled),
        _ => None,
    }
}

/// What a modify is for, by the names that the administrator knows.
fn explain(site: &Site<'_>, target: &Target<'_>, mods: &[Mod]) -> String {
    let mut parts = Vec::new();
    let states: Vec<AttrType> = site.mapping.active.iter().flat_map(AccountState::attrs).collect();
    match effects_on_state(target) {
        Some(Effect::Disabled) => parts.push("disable the user".to_owned()),
        Some(_) => parts.push("enable the user".to_owned()),
        None if mods.iter().any(|m| states.contains(&m.attr)) => {
            parts.push("disable the user in every way, not in some only".to_owned());
        }
        None => {}
    }
    let saved = mods.iter().find(|m| site.mapping.saved_memberships.as_ref() == Some(&m.attr));
    parts.extend(
        saved.map(|m| if m.values.is_empty() { "clear the note of its groups" } else { "note its groups" }.to_owned()),
    );
    let state: Vec<AttrType> = states.into_iter().chain(site.mapping.saved_memberships.clone()).collect();
    let class = AttrType::known("objectClass");
    let named = mods.iter().filter(|m| m.attr != class && !state.contains(&m.attr));
    let (mut changed, mut cleared) = (Vec::new(), Vec::new());
    for change in named {
        let name = site.mapping.short_name(&change.attr);
        let stays = mods.iter().any(|m| m.attr == change.attr && m.op != ModOp::Delete && !m.values.is_empty());
        let stays = stays || target.entry.get(&change.attr).len() > change.values.len() && !change.values.is_empty();
        let list = if stays { &mut changed } else { &mut cleared };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    let lists = [("change", changed), ("clear", cleared)];
    let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
    parts.extend(lists.map(|(verb, names)| format!("{verb} {}", names.join(", "))));
    parts.join("; ")
}
