//! A second look, once the steps of a plan are done: LDAP has no transaction over several entries, so others may have
//! acted between the facts and the last step.
//!
//! Whoever put an entry into a group or took it out looks whether the entry is still called so. Whoever renamed or
//! deleted an entry looks whether anybody referred to it by the old name meanwhile. One of the two comes last and sees
//! what the other did, so that no member is lost and no reference leads to nobody.

use super::member::{self, kept};
use super::query::{distinct, find_by_id};
use super::refer::{self, Names, Which};
use super::{Answer, Error, Next, Plan, Site, protect};
use crate::ldap::{Facts, Value};

/// What is to be looked at once more.
#[derive(Clone, Debug)]
pub struct Doubt(Matter);

#[derive(Clone, Debug)]
enum Matter {
    Members { group: String, added: Vec<Membership>, removed: Vec<Membership> },
    Names { id: String, old: Names },
}

/// The id of a member, and the value by which it was added or removed.
pub(super) type Membership = (String, Value);

impl Doubt {
    /// Members of the group with the id `group` were added and removed: are they still called so?
    pub(super) fn members(group: &str, added: Vec<Membership>, removed: Vec<Membership>) -> Self {
        Self(Matter::Members { group: group.to_owned(), added, removed })
    }

    /// The resource with this id was renamed or deleted: does anything refer to it by its old names?
    pub(super) fn names(id: String, old: Names) -> Self {
        Self(Matter::Names { id, old })
    }
}

/// What is still to be done: a plan, which has no steps when all is as it should be.
pub fn settle(site: &Site<'_>, doubt: &Doubt, facts: &Facts) -> Result<Next, Error> {
    let next = match &doubt.0 {
        Matter::Members { group, added, removed } => members(site, group, added, removed, facts)?,
        Matter::Names { id, old } => names(site, id, old, facts)?,
    };
    protect::guard(site, next, protect::Verdict::LeaveOut, facts)
}

fn members(
    site: &Site<'_>,
    group: &str,
    added: &[Membership],
    removed: &[Membership],
    facts: &Facts,
) -> Result<Next, Error> {
    let ids: Vec<String> = added.iter().chain(removed).map(|(id, _)| id.clone()).collect();
    let entry = match find_by_id(site, group, facts) {
        Err(Error::NotFound) => return Ok(nothing()),
        entry => entry?.map_err(|query| vec![query]),
    };
    let (entry, resolved) = match member::both(entry, member::resolve(site, &ids, facts)) {
        Ok(known) => known,
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    let now = |id: &String| resolved.found.get(id).and_then(|entry| kept(site).value_of(entry));
    let moved = |(id, value): &&Membership| !now(id).is_some_and(|now| member::is_same(site, &now, value));
    let of_now = |(id, _): &Membership| Some((id.clone(), now(id)?));
    let stale: Vec<&Membership> = added.iter().filter(moved).collect();
    let by_now: Vec<Membership> = stale.iter().copied().filter_map(of_now).collect();
    let gone: Vec<Membership> = removed.iter().filter(moved).filter_map(of_now).collect();
    let values = |list: &[Membership]| -> Vec<Value> { list.iter().map(|(_, value)| value.clone()).collect() };
    let leave = stale.iter().map(|(_, value)| value.clone()).chain(values(&gone)).collect();
    let mut plan = Plan::new(member::steps(site, &entry.dn, values(&by_now), leave), Answer::Gone);
    for step in &mut plan.steps {
        step.why.push_str(", for the member was renamed or deleted meanwhile");
    }
    plan.unresolved = stale.iter().map(|(id, _)| id.clone()).filter(|id| now(id).is_none()).collect();
    if !(by_now.is_empty() && gone.is_empty()) {
        plan.doubts.push(Doubt::members(group, by_now, gone));
    }
    Ok(Next::Done(plan))
}

fn names(site: &Site<'_>, id: &str, old: &Names, facts: &Facts) -> Result<Next, Error> {
    let by_id = match find_by_id(site, id, facts) {
        Err(Error::NotFound) => Ok(None),
        entry => entry?.map(Some).map_err(|query| vec![query]),
    };
    let is_marked = site.mapping.delete.mark().is_some();
    let keeps_name = is_marked && site.mapping.delete.graveyard().is_none();
    let which = if is_marked && matches!(by_id, Ok(None)) { Which::Memberships } else { Which::All };
    let known = member::both(by_id, refer::referrers(site, old, which, facts));
    let (entry, known) = match member::both(known, refer::bearers(site, old, facts)) {
        Ok(((entry, referrers), bearers)) => (entry, (referrers, bearers)),
        Err(queries) => return Ok(Next::Ask(distinct(queries))),
    };
    let (referrers, bearers) = known;
    let now = entry.map(|entry| Names::of(site, entry));
    // one that is deleted by mark still has its name
    let own = now.as_ref().map(|now| &now.dn).or(keeps_name.then_some(&old.dn));
    if bearers.iter().any(|bearer| Some(&bearer.dn) != own) {
        return Ok(nothing());
    }
    let steps = referrers.found.iter().filter_map(|referrer| match &now {
        Some(now) => referrer.follow(old, now, &referrer.dn),
        None => referrer.remove(old, &referrer.dn, "take the entry out of", ", which referred to it meanwhile"),
    });
    let mut plan = Plan::new(steps.collect(), Answer::Gone);
    if !plan.steps.is_empty() {
        let then = [Some(old.clone()), now].into_iter().flatten();
        plan.doubts.extend(then.map(|names| Doubt::names(id.to_owned(), names)));
    }
    Ok(Next::Done(plan))
}

fn nothing() -> Next {
    Next::Done(Plan::new(Vec::new(), Answer::Gone))
}
