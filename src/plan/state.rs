//! Groups that say who is enabled: the steps on them, which go with the changes to the user's own entry.

use super::refer::Referrer;
use super::rename::Following;
use super::{Answer, Error, Plan, Site, Step};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Filter, Mod, Query, ResultCode, Value};
use crate::mapping::StateGroup;

/// What a change of `active` makes of the groups that say it.
#[derive(Default)]
pub(super) struct StateGroups<'a> {
    /// Those that the user must join or leave.
    groups: Vec<&'a StateGroup>,
    active: bool,
}

/// The groups that do not say yet that the user of `entry` is so, or what must be asked. All must be there: without its
/// group, nobody would know.
pub(super) fn change<'a>(
    site: &Site<'a>,
    entry: &Entry,
    active: bool,
    facts: &Facts,
) -> Result<Result<StateGroups<'a>, Vec<Query>>, Error> {
    let groups = site.mapping.state_groups().filter(|group| group.is_active(entry) != active).collect();
    known(site, StateGroups { groups, active }, facts)
}

/// The groups that a new user must join.
pub(super) fn of_new<'a>(
    site: &Site<'a>,
    active: bool,
    facts: &Facts,
) -> Result<Result<StateGroups<'a>, Vec<Query>>, Error> {
    let groups = site.mapping.state_groups().filter(|group| group.wants(active)).collect();
    known(site, StateGroups { groups, active }, facts)
}

fn known<'a>(
    site: &Site<'a>,
    change: StateGroups<'a>,
    facts: &Facts,
) -> Result<Result<StateGroups<'a>, Vec<Query>>, Error> {
    let mut ask = Vec::new();
    for group in &change.groups {
        let query = site.anything_at(&group.dn);
        match facts.get(&query) {
            None => ask.push(query),
            Some([]) => return Err(Error::NoStateGroup(group.dn.clone())),
            Some(_) => {}
        }
    }
    Ok(if ask.is_empty() { Ok(change) } else { Err(ask) })
}

impl StateGroups<'_> {
    /// Adds the steps to the plan for the user's own entry, called `old` before it and `new` after it. Whoever is enabled
    /// gets the groups first and then the own lock off; whoever is disabled the other way round: so it is the own lock
    /// that says it in between.
    pub(super) fn join(&self, site: &Site<'_>, old: &Dn, new: &Dn, plan: &mut Plan) {
        if self.groups.is_empty() {
            return;
        }
        if self.active {
            plan.steps.splice(0..0, self.steps(site, old));
        } else {
            plan.steps.extend(self.steps(site, new));
        }
        if let Answer::Entry(_) = plan.answer {
            plan.answer = Answer::Written(new.clone());
        }
    }

    /// The new name follows in groups that the user joins under the old one.
    pub(super) fn followed_by(&self, site: &Site<'_>, rename: &mut Following) {
        if self.active {
            self.groups.iter().for_each(|group| rename.also_at(Referrer::state(site, group)));
        }
    }

    /// The steps for the user called `dn` then.
    pub(super) fn steps(&self, site: &Site<'_>, dn: &Dn) -> Vec<Step> {
        self.groups.iter().map(|group| step(site, group, dn, self.active)).collect()
    }
}

fn step(site: &Site<'_>, group: &StateGroup, user: &Dn, active: bool) -> Step {
    let value = vec![Value::from(user.to_string())];
    let change = |mods: Vec<Mod>| Change::modify(group.dn.clone(), mods);
    let joins = group.wants(active);
    let why = match (active, joins) {
        (true, true) => "enable the user: put it into the group of those who are enabled",
        (true, false) => "enable the user: take it out of the group of those who are disabled",
        (false, true) => "disable the user: put it into the group of those who are disabled",
        (false, false) => "disable the user: take it out of the group of those who are enabled",
    };
    if joins {
        let mut step = Step::new(why, change(vec![Mod::add(group.member.clone(), value)]));
        step.expect = step.expect.or(ResultCode::AttributeOrValueExists);
        return step;
    }
    let gone = Mod::delete(group.member.clone(), value);
    let mut step = Step::new(why, change(vec![gone.clone()]));
    step.expect = step.expect.or(ResultCode::NoSuchAttribute);
    step.otherwise = placeholder(site, group).map(|placeholder| {
        let held = vec![gone, Mod::add(group.member.clone(), vec![placeholder])];
        (ResultCode::ObjectClassViolation, change(held))
    });
    step
}

/// What takes the place of the last member: the group's own, or that of all groups of the endpoint.
pub(super) fn placeholder(site: &Site<'_>, group: &StateGroup) -> Option<Value> {
    let of_all = || site.groups()?.mapping.members.as_ref()?.placeholder.clone();
    group.placeholder.clone().or_else(of_all)
}

/// Whether a write changes nothing but who is in a group that says who is enabled.
pub(super) fn is_about(site: &Site<'_>, change: &Change) -> bool {
    let Change::Modify { dn, mods, .. } = change else { return false };
    let users = site.users().mapping;
    users.state_groups().any(|group| group.dn == *dn && mods.iter().all(|m| m.attr == group.member))
}

/// Whether this is the member attribute of a group by which its members are disabled.
pub(super) fn disables(site: &Site<'_>, dn: &Dn, attr: &AttrType) -> bool {
    let mut groups = site.mapping.state_groups().filter(|group| !group.holds_enabled);
    groups.any(|group| group.dn == *dn && group.member == *attr)
}

/// The question whether a user of this name is in the group.
pub(super) fn membership(site: &Site<'_>, group: &StateGroup, user: Value) -> Query {
    let attrs: Vec<AttrType> = vec![AttrType::known(site.mapping.profile.id_attr)];
    Query::entry(group.dn.clone(), Filter::eq(group.member.clone(), user), attrs)
}
