//! What no request changes, whatever the mapping says: entries at or below some places, some groups and whoever is in
//! them, at whatever depth, and entries with some values.
//!
//! Every plan comes through here, so that it does not matter by which way a write gets there: a PATCH, a delete, a group
//! that a user would join or leave by it, a new name or place, or a name that a protected group has as a member already.

mod inside;
mod subject;

use std::collections::HashMap;
use std::fmt;

use self::inside::Inside;
use self::subject::{Subject, look, subjects};
use super::query::distinct;
use super::{Error, Next, Plan, Site, Step, lint};
use crate::ldap::{AttrType, Change, Dn, DnKey, Entry, Facts, Filter, Query, Value};

/// What must not be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Entries at these names and below.
    pub subtrees: Vec<Dn>,
    /// These groups and whoever is in them.
    pub groups: Vec<Dn>,
    /// Entries with one of these values.
    pub attributes: Vec<(AttrType, Value)>,
}

/// Why an entry is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A value of this attribute.
    Attribute(AttrType),
    /// It is one of the groups.
    Group,
    /// It is in one of the groups.
    Member,
    /// It lies in one of the places.
    Subtree,
}

impl Protection {
    /// Why an entry of this name is protected, as far as the name says.
    pub fn of_name(&self, dn: &Dn) -> Option<Cause> {
        if self.subtrees.iter().any(|top| dn == top || dn.is_below(top)) {
            return Some(Cause::Subtree);
        }
        self.groups.contains(dn).then_some(Cause::Group)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attr) => write!(f, "its `{attr}` says so"),
            Self::Group => f.write_str("it is a protected group"),
            Self::Member => f.write_str("it is in a protected group"),
            Self::Subtree => f.write_str("it lies in a protected part of the directory"),
        }
    }
}

/// What becomes of a step that would change what is protected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request is refused, unless the step only follows what happens to another entry.
    Refuse,
    /// The step is left out.
    LeaveOut,
}

/// Lets a plan pass that changes nothing protected, or says what must be asked to know.
pub(super) fn guard(site: &Site<'_>, next: Next, verdict: Verdict, facts: &Facts) -> Result<Next, Error> {
    let is_on = site.realm.protection != Protection::default() || attributes(site).next().is_some();
    let Next::Done(plan) = next else { return Ok(next) };
    if plan.steps.is_empty() || !is_on {
        return Ok(Next::Done(plan));
    }
    let hits = match hits(site, &plan, facts)? {
        Ok(hits) => hits,
        Err(queries) => return Ok(Next::Ask(distinct(queries))),
    };
    allow(site, plan, verdict, &hits).map(Next::Done)
}

type Hits = HashMap<DnKey, Cause>;

/// The plan without what is to be left out, or the refusal; that of the entry which the request is about comes first.
fn allow(site: &Site<'_>, mut plan: Plan, verdict: Verdict, hits: &Hits) -> Result<Plan, Error> {
    let own = own(site, &plan);
    let hit = |step: &Step| {
        let ends = [step.change.dn().clone(), step.change.resulting_dn()];
        ends.into_iter().find_map(|dn| Some((hits.get(&dn.key())?.clone(), dn)))
    };
    let refused = plan.steps.iter().filter_map(|step| hit(step).map(|(cause, dn)| (step, cause, dn)));
    let refused = refused.map(|(step, cause, dn)| (own.contains(&dn.key()), step, cause, dn));
    let mut refused: Vec<_> = refused.filter(|(is_own, step, ..)| *is_own || !only_follows(site, step)).collect();
    refused.sort_by_key(|(is_own, ..)| !is_own);
    if let (Verdict::Refuse, Some((is_own, _, cause, dn))) = (verdict, refused.into_iter().next()) {
        return Err(Error::Protected { dn, cause, is_own });
    }
    plan.steps.retain(|step| hit(step).is_none());
    Ok(plan)
}

/// The names of the entry that the plan is about: of what it answers, and of what it does more to than follow.
fn own(site: &Site<'_>, plan: &Plan) -> Vec<DnKey> {
    let answer = match &plan.answer {
        super::Answer::Written(dn) => Some(dn.key()),
        _ => None,
    };
    let steps = plan.steps.iter().filter(|step| !lint::refers(site, &step.change));
    let written = steps.flat_map(|step| [step.change.dn().key(), step.change.resulting_dn().key()]);
    written.chain(answer).collect()
}

/// Whether a step does nothing but keep a reference right that gives nobody any rights: it may be left out. A membership
/// may not: whoever gets the name next would have it.
fn only_follows(site: &Site<'_>, step: &Step) -> bool {
    let Change::Modify { mods, .. } = &step.change else { return false };
    let is_membership = |attr: &AttrType| {
        let members = site.all().filter_map(|place| place.mapping.members.as_ref());
        members.map(|members| &members.attr).any(|member| member == attr)
            || site.users().mapping.saved_memberships.as_ref() == Some(attr)
            || site.users().mapping.state_groups().any(|group| group.member == *attr)
    };
    lint::refers(site, &step.change) && !mods.iter().any(|m| is_membership(&m.attr))
}

/// The protected entries among those that the plan changes.
fn hits(site: &Site<'_>, plan: &Plan, facts: &Facts) -> Result<Result<Hits, Vec<Query>>, Error> {
    let subjects = subjects(plan);
    let mut ask: Vec<Query> = subjects.iter().filter_map(|subject| look(site, subject)).collect();
    ask.retain(|query| facts.get(query).is_none());
    let inside = inside::known(site, facts)?.unwrap_or_else(|queries| {
        ask.extend(queries);
        Inside::default()
    });
    if !ask.is_empty() {
        return Ok(Err(ask));
    }
    let (mut hits, mut ask) = (Hits::new(), Vec::new());
    for subject in &subjects {
        match cause(site, subject, &inside, facts) {
            Ok(cause) => hits.extend(cause.map(|cause| (subject.dn.key(), cause))),
            Err(queries) => ask.extend(queries),
        }
    }
    Ok(if ask.is_empty() { Ok(hits) } else { Err(ask) })
}

/// Why this entry is protected, or what must be asked to know.
fn cause(site: &Site<'_>, subject: &Subject, inside: &Inside, facts: &Facts) -> Result<Option<Cause>, Vec<Query>> {
    let found = look(site, subject).and_then(|query| facts.get(&query)?.first());
    let names = subject.spellings(found.map(|entry| &entry.dn));
    if let Some(cause) = names.iter().find_map(|dn| site.realm.protection.of_name(dn)) {
        return Ok(Some(cause));
    }
    if let Some(entry) = found.filter(|_: &&Entry| !subject.is_new) {
        let has = |(attr, value): &(AttrType, Value)| entry.get(attr).iter().any(|own| is_same(own, value));
        if let Some((attr, _)) = attributes(site).find(has) {
            return Ok(Some(Cause::Attribute(attr)));
        }
    }
    let is_inside = inside.has(site, subject, &names, found, facts)?;
    Ok(is_inside.then_some(Cause::Member))
}

fn is_same(one: &Value, other: &Value) -> bool {
    one == other || one.as_str().zip(other.as_str()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// The values that protect, those of the kind of directory among them.
fn attributes<'a>(site: &Site<'a>) -> impl Iterator<Item = (AttrType, Value)> + use<'a> {
    let always = site.mapping.profile.protected.iter();
    let always = always.map(|(attr, value)| (AttrType::known(attr), Value::from(*value)));
    site.realm.protection.attributes.iter().cloned().chain(always)
}

/// A question for one entry, whatever it is.
fn anything(dn: &Dn, attrs: Vec<AttrType>) -> Query {
    Query::entry(dn.clone(), Filter::Present(AttrType::known("objectClass")), attrs)
}
