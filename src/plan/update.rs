//! PUT and PATCH: what differs is written, in one modify where possible, and a changed name becomes a modifyDN.

use serde_json::Value as Json;

use super::name::Free;
use super::query::{distinct, find_by_id};
use super::reference::{self, References};
use super::rename::{self, Following};
use super::request::Target;
use super::state::StateGroups;
use super::{Answer, Effect, Error, Next, Plan, Site, Step, member, membership, name, password, place, state};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Mod, ModOp, Query, Rdn, ResultCode};
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
/// new name is taken back; what the client asked for stays, above all a lock. A move comes before most of the modify, and so
/// does a name that is made of other values, see [`divide`].
pub(super) fn carry_out(
    site: &Site<'_>,
    target: &Target<'_>,
    mut difference: Difference,
    rename: &Following,
) -> Result<Plan, Error> {
    let entry = target.entry;
    let effects = effects(target, &difference);
    let (renames, new_dn) = (difference.renames(), difference.new_dn(entry));
    let (first, last) = divide(site, target, &mut difference);
    let mut steps = Vec::new();
    if !renames {
        steps.extend(rename.before());
    }
    let undo = if renames { std::mem::take(&mut difference.undo) } else { Vec::new() };
    steps.extend(modify(site, target, &entry.dn, first, undo));
    if renames {
        steps.extend(rename.before());
        let mut step = rename_step(site, entry, &difference, !last.is_empty())?;
        step.iter_mut().filter(|_| rename.stands_beside()).for_each(|step| step.raced = RACED_BESIDE);
        steps.extend(step);
    }
    steps.extend(modify(site, target, &new_dn, last, Vec::new()));
    steps.extend(rename.after(&new_dn));
    let answer = if steps.is_empty() { Answer::Entry(Box::new(entry.clone())) } else { Answer::Written(new_dn) };
    let renames = rename.is_by_dn().then(|| Box::new(entry.clone()));
    let doubts = rename.doubts(site, entry);
    Ok(Plan { effects, renames, doubts, ..Plan::new(steps, answer) })
}

/// The changes that come before the entry gets its new name, and those that come after. Once the values are written from
/// which a place or a derived name follows, nobody would see any more that the entry is still to be moved or renamed; so
/// that comes first.
/// What follows from a new name can only be told while the entry has the old one, and a lock comes before everything.
fn divide(site: &Site<'_>, target: &Target<'_>, difference: &mut Difference) -> (Vec<Mod>, Vec<Mod>) {
    let mods = std::mem::take(&mut difference.mods);
    let is_named_by_others =
        difference.rdn.is_some() && site.mapping.derived.iter().any(|d| d.attr == site.mapping.rdn);
    if difference.parent.is_none() && !is_named_by_others {
        return (mods, Vec::new());
    }
    let disables = difference.parent.as_ref().is_some_and(|parent| site.mapping.is_among_disabled(parent));
    if disables {
        // where the move itself disables, nothing is lost when it comes last; one who comes back deleted and disabled is
        // found by the mark until then
        return mods.into_iter().partition(|m| Some(&m.attr) != site.mapping.delete.mark());
    }
    let mut state = match effects_on_state(target) {
        Some(Effect::Disabled) => site.mapping.active.as_ref().map(AccountState::attrs).unwrap_or_default(),
        _ => Vec::new(),
    };
    state.extend(password::together(site, &mods));
    let is_made = |m: &Mod| difference.rdn.is_some() && difference.undo.iter().any(|undo| undo.attr == m.attr);
    let class = AttrType::known("objectClass");
    let (classes, mods): (Vec<Mod>, Vec<Mod>) = mods.into_iter().partition(|m| m.attr == class);
    let (first, last): (Vec<Mod>, Vec<Mod>) = mods.into_iter().partition(|m| is_made(m) || state.contains(&m.attr));
    match first.is_empty() {
        true => (first, [classes, last].concat()),
        false => ([classes, first].concat(), last),
    }
}

fn modify(site: &Site<'_>, target: &Target<'_>, dn: &Dn, mods: Vec<Mod>, undo: Vec<Mod>) -> Option<Step> {
    if mods.is_empty() {
        return None;
    }
    let mut step = Step::new(explain(site, target, &mods), Change::modify(dn.clone(), mods));
    step.undo = (!undo.is_empty()).then(|| Change::modify(dn.clone(), undo));
    Some(step)
}

/// The step that gives `entry` its new name. It is taken back when what comes after it is refused.
pub(super) fn rename_step(
    site: &Site<'_>,
    entry: &Entry,
    difference: &Difference,
    is_followed: bool,
) -> Result<Option<Step>, Error> {
    let new_dn = difference.new_dn(entry);
    let (Some(old), Some(new)) = (entry.dn.rdn(), new_dn.rdn()) else { return Ok(None) };
    name::check_length(site, new)?;
    name::check_reserved(site, &new_dn)?;
    let why = match (&difference.parent, &difference.rdn) {
        (Some(parent), _) if site.mapping.is_among_disabled(parent) => "disable the user: move the entry; its id stays",
        (Some(_), _) if site.mapping.is_put_away(&entry.dn) => "enable the user: move the entry back; its id stays",
        (Some(_), Some(_)) => "move and rename the entry; its id stays",
        (Some(_), None) => "move the entry; its id stays",
        _ => "rename the entry; its id stays",
    };
    let to = |dn: &Dn, new_rdn: &Rdn, new_superior| Change::ModifyDn {
        dn: dn.clone(),
        new_rdn: new_rdn.clone(),
        delete_old_rdn: true,
        new_superior,
    };
    let mut step = Step::new(why, to(&entry.dn, new, difference.parent.clone()));
    let back = entry.dn.parent().filter(|_| difference.parent.is_some());
    step.undo = is_followed.then(|| to(&new_dn, old, back));
    Ok(Some(step))
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
    let moving = place::of_changed(site, &target, said, facts)?.map_err(|queries| ask.extend(queries));
    let (true, Ok(moving)) = (ask.is_empty(), moving) else { return Ok(Next::Ask(ask)) };
    let (mut difference, free) = loop {
        let mut difference = difference(site, &target, &lookup)?;
        difference.parent.clone_from(&moving.superior);
        match name::check_free(site, &target, &difference, facts)? {
            Free::Yes => break (difference, Ok(())),
            Free::Ask(queries) => break (difference, Err(queries)),
            Free::Next(attr, value) => lookup.take(attr, &value),
        }
    };
    let rename = rename::following(site, target.entry, &difference, facts);
    let memberships = membership::change(site, &target, said, facts);
    let groups = state_groups(site, &target, said, facts)?;
    let known = member::both(member::both(free, rename), member::both(memberships, groups));
    let (((), mut rename), (memberships, groups)) = match known {
        Ok(known) => known,
        Err(ask) => return Ok(Next::Ask(distinct(ask))),
    };
    let state = state_mods(site, &target, said, moving.home.as_ref());
    site.mapping.extend(target.entry, &mut difference, state);
    site.mapping.extend(target.entry, &mut difference, memberships.mods.clone());
    if difference.renames() || !difference.mods.is_empty() {
        site.mapping.extend(target.entry, &mut difference, site.mapping.adoption(target.entry));
    }
    if rename.more {
        return Err(Error::TooManyReferrers);
    }
    site.groups().iter().for_each(|places| rename.also_in(places, &memberships.back));
    groups.followed_by(site, &mut rename);
    let old = &target.entry.dn;
    let password = password::renew(site, &target, site.mapping.changed_password(target.after), &mut difference)?;
    let mut plan = carry_out(site, &target, difference, &rename)?.after(moving.above);
    password.join(site, &target, &mut plan);
    groups.join(site, old, &rename.new.dn, &mut plan);
    memberships.join(site, &rename.new, &mut plan);
    plan.dropped = unknown.into_iter().map(|(slot, id)| format!("{slot}: {id}")).collect();
    Ok(Next::Done(plan))
}

/// What the request says about `active`, in the user's own entry; and where a disabled user goes back to, if that changes.
fn state_mods(site: &Site<'_>, target: &Target<'_>, said: bool, home: Option<&Dn>) -> Vec<Mod> {
    match (said, home) {
        (true, home) => site.mapping.set_state(target.entry, is_active(target.after), home),
        (false, Some(home)) => site.mapping.set_home(target.entry, home),
        (false, None) => Vec::new(),
    }
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
    effects.extend(difference.parent.as_ref().map(|_| Effect::Moved));
    effects.extend(difference.rdn.as_ref().map(|_| Effect::Renamed));
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
    let ruled = site.mapping.rules.iter().find(|rule| rule.is_on("active")).map(|rule| rule.attr.clone());
    let states: Vec<AttrType> = site.mapping.active.iter().flat_map(AccountState::attrs).collect();
    let is_state = |m: &Mod| states.contains(&m.attr) || ruled.as_ref() == Some(&m.attr);
    match effects_on_state(target).filter(|_| mods.iter().any(is_state)) {
        Some(Effect::Disabled) => parts.push("disable the user".to_owned()),
        Some(_) => parts.push("enable the user".to_owned()),
        None if mods.iter().any(|m| site.mapping.is_way_back(m)) => {
            parts.push("note where the user goes back to".to_owned());
        }
        None if mods.iter().any(|m| states.contains(&m.attr)) => {
            let stays = site.mapping.set_state(target.entry, false, None).is_empty();
            let text = if stays { "keep the user disabled" } else { "disable the user in every way, not in some only" };
            parts.push(text.to_owned());
        }
        None => {}
    }
    let saved = mods.iter().find(|m| site.mapping.saved_memberships.as_ref() == Some(&m.attr));
    parts.extend(
        saved.map(|m| if m.values.is_empty() { "clear the note of its groups" } else { "note its groups" }.to_owned()),
    );
    let is_adoption = |m: &Mod| site.mapping.owner.as_ref().is_some_and(|owner| owner.attr == m.attr);
    parts.extend(mods.iter().find(|m| is_adoption(m)).map(|_| "mark the entry as the endpoint's own".to_owned()));
    let state: Vec<AttrType> = states.into_iter().chain(site.mapping.saved_memberships.clone()).collect();
    let class = AttrType::known("objectClass");
    let named = mods.iter().filter(|m| m.attr != class && !state.contains(&m.attr));
    let named = named.filter(|m| !is_adoption(m));
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
