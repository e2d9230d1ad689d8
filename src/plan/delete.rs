//! DELETE: what refers to the entry goes first, then the entry, or it is marked and hidden.

use super::query::find_by_id;
use super::refer::{self, Names, Referrer, Which};
use super::{Answer, Doubt, Effect, Error, Next, Plan, Site, Step};
use crate::ldap::{Change, Entry, Facts, Mod};
use crate::mapping::{DeletePolicy, generalized_time};

/// Plans DELETE.
pub(super) fn next(site: &Site<'_>, id: &str, facts: &Facts) -> Result<Next, Error> {
    let entry = match find_by_id(site, id, facts)? {
        Ok(entry) => entry,
        Err(query) => return Ok(Next::Ask(vec![query])),
    };
    let names = Names::of(site, entry);
    let which = if site.mapping.delete == DeletePolicy::Remove { Which::All } else { Which::Memberships };
    let referrers = match refer::referrers(site, &names, which, facts) {
        Ok(referrers) => referrers,
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    let others = referrers.found.iter().filter(|referrer| referrer.dn != entry.dn);
    // whoever is disabled by a group stays in it until the entry is gone
    let (after, before): (Vec<&Referrer>, Vec<&Referrer>) = others.partition(|r| disables(site, r));
    let remove = |list: Vec<&Referrer>, when| -> Vec<Step> {
        list.iter().filter_map(|r| r.remove(&names, &r.dn, "take the entry out of", when)).collect()
    };
    let mut plan = Plan::new(remove(before, ", before it goes"), Answer::Gone);
    if referrers.more {
        plan.more = true;
        return Ok(Next::Done(plan));
    }
    plan.steps.extend(last(site, entry));
    plan.steps.extend(remove(after, ", which it was in while disabled"));
    plan.doubts.push(Doubt::names(id.to_owned(), names));
    plan.effects.push(Effect::Deleted);
    Ok(Next::Done(plan))
}

/// Whether this is a group by which its members are disabled.
fn disables(site: &Site<'_>, referrer: &Referrer) -> bool {
    let mut groups = site.mapping.state_groups().filter(|group| !group.holds_enabled);
    groups.any(|group| group.dn == referrer.dn && group.member == referrer.attr)
}

/// What becomes of the entry itself.
fn last(site: &Site<'_>, entry: &Entry) -> Option<Step> {
    match &site.mapping.delete {
        DeletePolicy::Disable => disable(site, entry),
        DeletePolicy::Remove => Some(Step::new("delete the entry", Change::Delete { dn: entry.dn.clone() })),
        DeletePolicy::Mark { attr, .. } => {
            let time = Mod::add(attr.clone(), vec![generalized_time(site.now).as_str().into()]);
            Some(mark_as_deleted(site, entry, time))
        }
    }
}

/// The lock alone, unless it is there already.
fn disable(site: &Site<'_>, entry: &Entry) -> Option<Step> {
    let mods = site.mapping.set_active(entry, false);
    let mods: Vec<Mod> = if mods.is_empty() { mods } else { [site.mapping.missing_classes(entry), mods].concat() };
    let change = Change::modify(entry.dn.clone(), mods.clone());
    (!mods.is_empty()).then(|| Step::new("disable the user in place of a delete; the entry stays", change))
}

/// The mark and, where the mapping has one, the lock: who is deleted must not log in.
fn mark_as_deleted(site: &Site<'_>, entry: &Entry, mark: Mod) -> Step {
    let mut mods = site.mapping.missing_classes(entry);
    mods.push(mark);
    mods.extend(site.mapping.set_active(entry, false));
    // who comes back is in no group of before
    let saved = site.mapping.saved_memberships.iter().filter(|saved_in| !entry.get(saved_in).is_empty());
    mods.extend(saved.map(|saved_in| Mod::replace(saved_in.clone(), Vec::new())));
    let change = Change::modify(entry.dn.clone(), mods);
    Step::new("mark the entry as deleted; it stays in the directory, hidden and locked", change)
}
