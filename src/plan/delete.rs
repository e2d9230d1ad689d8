//! DELETE: what refers to the entry goes first, then the entry. Or the entry stays: disabled only, or marked and hidden,
//! or moved to the graveyard besides. Then its own lock and mark come first, so that nobody logs in from the first step
//! on; and what a killed attempt left to do, the same request ends, also where the mark already hides the entry.

use super::query::{find_by_id, find_deleted_too};
use super::refer::{self, Names, Referrer, Referrers, Which};
use super::{Answer, Doubt, Effect, Error, Integrity, Next, Plan, Site, Step, graveyard, member, put_away, state};
use crate::ldap::{Change, Entry, Facts, Mod, Query};
use crate::mapping::DeletePolicy;

/// Plans DELETE.
pub(super) fn next(site: &Site<'_>, id: &str, facts: &Facts) -> Result<Next, Error> {
    let found = match &site.mapping.delete {
        DeletePolicy::Mark { .. } => find_deleted_too(site, id, facts)?,
        DeletePolicy::Disable | DeletePolicy::Remove => find_by_id(site, id, facts)?,
    };
    let entry = match found {
        Ok(entry) if graveyard::is_buried(site, entry) => return Err(Error::NotFound),
        Ok(entry) => entry,
        Err(query) => return Ok(Next::Ask(vec![query])),
    };
    match &site.mapping.delete {
        DeletePolicy::Remove => remove(site, id, entry, facts),
        DeletePolicy::Disable | DeletePolicy::Mark { .. } => keep(site, id, entry, facts),
    }
}

/// The references go, then the entry.
pub(super) fn remove(site: &Site<'_>, id: &str, entry: &Entry, facts: &Facts) -> Result<Next, Error> {
    let names = Names::of(site, entry);
    let referrers = match refer::referrers(site, &names, Which::All, facts) {
        Ok(referrers) => referrers,
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    // whoever is disabled by a group stays in it until the entry is gone
    let (after, before): (Vec<&Referrer>, Vec<&Referrer>) =
        referrers.found.iter().partition(|r| state::disables(site, &r.dn, &r.attr));
    let mut plan = Plan::new(leave(entry, &names, before, ", before it goes"), Answer::Gone);
    if referrers.more {
        plan.more = true;
        return Ok(Next::Done(plan));
    }
    plan.steps.push(Step::new("delete the entry", Change::Delete { dn: entry.dn.clone() }));
    plan.steps.extend(leave(entry, &names, after, ", which it was in while disabled"));
    plan.doubts.push(Doubt::names(id.to_owned(), names));
    plan.effects.push(Effect::Deleted);
    Ok(Next::Done(plan))
}

/// The entry is disabled and marked as the policy says, then leaves its groups, and is moved away.
fn keep(site: &Site<'_>, id: &str, entry: &Entry, facts: &Facts) -> Result<Next, Error> {
    let names = Names::of(site, entry);
    let states = state::change(site, entry, false, facts)?;
    let known = member::both(referrers(site, &names, facts), states);
    let ((referrers, states), ()) = match member::both(known, graveyard::check_there(site, facts)?) {
        Ok(known) => known,
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    let mut plan = Plan::new(own(site, entry).into_iter().collect(), Answer::Gone);
    plan.steps.extend(states.steps(site, &entry.dn));
    plan.steps.extend(leave(entry, &names, referrers.found.iter().collect(), ", since it is deleted"));
    if referrers.more {
        plan.more = true;
        return Ok(Next::Done(plan));
    }
    match put_away::steps(site, entry, &referrers.found, facts)? {
        Ok(steps) => plan.steps.extend(steps),
        Err(queries) => return Ok(Next::Ask(queries)),
    }
    plan.steps.extend(graveyard::bury(site, entry)?);
    if plan.steps.is_empty() && site.mapping.is_deleted(entry) {
        return Err(Error::NotFound);
    }
    plan.doubts.push(Doubt::names(id.to_owned(), names));
    plan.effects.push(Effect::Deleted);
    Ok(Next::Done(plan))
}

/// What no longer refers to the entry: groups; and all else where its name changes and the directory does not see to it.
fn referrers(site: &Site<'_>, names: &Names, facts: &Facts) -> Result<Referrers, Vec<Query>> {
    let moves = site.mapping.delete.graveyard().is_some() && site.realm.integrity == Integrity::Bridge;
    let which = if moves { Which::All } else { Which::Memberships };
    let mut referrers = refer::referrers(site, names, which, facts)?;
    referrers.found.retain(|r| !site.mapping.state_groups().any(|group| group.dn == r.dn && group.member == r.attr));
    Ok(referrers)
}

/// The steps that take the entry out of these.
fn leave(entry: &Entry, names: &Names, referrers: Vec<&Referrer>, further: &str) -> Vec<Step> {
    let others = referrers.into_iter().filter(|referrer| referrer.dn != entry.dn);
    others.filter_map(|referrer| referrer.remove(names, &referrer.dn, "take the entry out of", further)).collect()
}

/// The mark and, where the mapping has one, the lock: who is deleted must not log in. Nothing when all is there.
fn own(site: &Site<'_>, entry: &Entry) -> Option<Step> {
    let mark = site.mapping.delete.mark().filter(|_| !site.mapping.is_deleted(entry));
    let mut mods: Vec<Mod> = mark.map(|attr| graveyard::mark(site, attr)).into_iter().collect();
    mods.extend(site.mapping.set_active(entry, false));
    // who comes back is in no group of before
    let saved = site.mapping.saved_memberships.iter().filter(|saved_in| !entry.get(saved_in).is_empty());
    mods.extend(saved.map(|saved_in| Mod::replace(saved_in.clone(), Vec::new())));
    if mods.is_empty() {
        return None;
    }
    mods.extend(site.mapping.adoption(entry));
    mods.splice(0..0, site.mapping.missing_classes(entry));
    let why = match site.mapping.delete.mark() {
        Some(_) => "mark the entry as deleted; it stays in the directory, hidden and locked",
        None => "disable the user in place of a delete; the entry stays",
    };
    Some(Step::new(why, Change::modify(entry.dn.clone(), mods)))
}
