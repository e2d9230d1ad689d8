//! Groups: what is said of a user holds for them too, and beside it their members come and go.

use super::member::{self, Difference};
use super::membership;
use super::query::{distinct, find_by_id};
use super::settle::Membership;
use super::{Answer, Doubt, Error, Next, Plan, Site, Step, update};
use crate::ldap::{Change, Dn, Entry, Facts, Query, Value};
use crate::scim::{MemberEdit, Patch, Resource};

/// Plans PATCH.
pub(super) fn patch(site: &Site<'_>, id: &str, patch: &Patch, facts: &Facts) -> Result<Next, Error> {
    let edit = patch.members(&|id| member::canonical(site, id))?;
    let rest = update::patch(site, id, &patch.without(None, "members"), facts)?;
    match edit {
        None => Ok(rest),
        Some(edit) => with_members(site, id, &edit, rest, facts),
    }
}

/// Plans PUT: the members given are all that are to be left.
pub(super) fn replace(site: &Site<'_>, id: &str, resource: &Resource, facts: &Facts) -> Result<Next, Error> {
    let edit = MemberEdit::Replace(resource.members(&|id| member::canonical(site, id)));
    let rest = update::replace(site, id, resource, facts)?;
    with_members(site, id, &edit, rest, facts)
}

/// The plan for everything else, and behind it the steps for members.
fn with_members(site: &Site<'_>, id: &str, edit: &MemberEdit, rest: Next, facts: &Facts) -> Result<Next, Error> {
    let group = find_by_id(site, id, facts)?;
    let difference = match group.clone() {
        Ok(group) => difference(site, group, edit, facts),
        Err(query) => Err(resolving(site, edit, facts).into_iter().chain([query]).collect()),
    };
    let (mut plan, (change, forget)) = match (rest, difference) {
        (Next::Done(plan), Ok(difference)) => (plan, difference),
        (Next::Ask(queries), Ok(_)) => return Ok(Next::Ask(queries)),
        (Next::Ask(queries), Err(more)) => return Ok(Next::Ask(distinct(queries.into_iter().chain(more)))),
        (Next::Done(_), Err(queries)) => return Ok(Next::Ask(distinct(queries))),
        (next @ Next::Draw(_), _) => return Ok(next),
    };
    member::check_unknown(site, &change.unknown)?;
    let dn = match &plan.answer {
        Answer::Written(dn) => dn.clone(),
        Answer::Entry(entry) => entry.dn.clone(),
        Answer::Entries(_) | Answer::Gone => return Ok(Next::Done(plan)),
    };
    let old = group.as_ref().map_or_else(|_| dn.clone(), |group| group.dn.clone());
    let is_own = plan.steps.is_empty().then(|| group.ok()).flatten();
    carry_out(site, id, (&old, &dn), change, forget, &mut plan);
    plan.steps.extend(is_own.filter(|_| !plan.steps.is_empty()).and_then(|group| adopt(site, group)));
    Ok(Next::Done(plan))
}

/// The mark of a group of which nothing else changes than who is in it.
fn adopt(site: &Site<'_>, group: &Entry) -> Option<Step> {
    let mods = site.mapping.adoption(group);
    let mods = if mods.is_empty() { mods } else { [site.mapping.missing_classes(group), mods].concat() };
    let change = Change::modify(group.dn.clone(), mods.clone());
    (!mods.is_empty()).then(|| Step::new("mark the entry as the endpoint's own", change))
}

/// What can be asked before the group itself is known.
fn resolving(site: &Site<'_>, edit: &MemberEdit, facts: &Facts) -> Vec<Query> {
    let lists: [&[String]; 2] = match edit {
        MemberEdit::Change { add, remove } => [add, remove],
        MemberEdit::Replace(ids) => [ids, &[]],
    };
    lists.into_iter().filter_map(|ids| member::resolve(site, ids, facts).err()).flatten().collect()
}

type Found<'f> = (Difference<'f>, Vec<&'f Entry>);

/// The difference, and the users whose kept membership is to be forgotten with it.
fn difference<'f>(
    site: &Site<'_>,
    group: &Entry,
    edit: &MemberEdit,
    facts: &'f Facts,
) -> Result<Found<'f>, Vec<Query>> {
    let saved = match edit {
        MemberEdit::Replace(ids) => membership::kept_out_of(site, &group.dn, ids, facts),
        MemberEdit::Change { .. } => Ok(Vec::new()),
    };
    let (mut difference, saved) = member::both(member::difference(site, group, edit, facts), saved)?;
    let forget = std::mem::take(&mut difference.leaving).into_iter().chain(saved).collect();
    Ok((difference, forget))
}

/// Adds the steps for members of the group that was called the one and is called the other by then.
fn carry_out(
    site: &Site<'_>,
    id: &str,
    (old, dn): (&Dn, &Dn),
    change: Difference<'_>,
    forget: Vec<&Entry>,
    plan: &mut Plan,
) {
    let (now, later) = membership::of_disabled(site, (old, dn), change.add, &forget);
    let members = member::kept(site);
    // a group may be its own member
    let by_then =
        |value: Value| if members.dn_in(&value).as_ref() == Some(old) { dn.to_string().into() } else { value };
    let by_then = |(id, value): Membership| (id, by_then(value));
    let add: Vec<Membership> =
        now.into_iter().filter_map(|entry| member::membership(site, entry)).map(by_then).collect();
    let remove: Vec<Membership> = change.remove.into_iter().map(by_then).collect();
    plan.effects.extend(member::effects(add.len(), remove.len()));
    let values = |list: &[Membership]| list.iter().map(|(_, value)| value.clone()).collect();
    plan.steps.extend(member::steps(site, dn, values(&add), values(&remove)));
    if !(add.is_empty() && remove.is_empty()) {
        plan.doubts.push(Doubt::members(id, add, remove));
    }
    plan.steps.extend(later);
    plan.unresolved.extend(change.unknown);
    if let (Answer::Entry(_), false) = (&plan.answer, plan.steps.is_empty()) {
        plan.answer = Answer::Written(dn.clone());
    }
}
