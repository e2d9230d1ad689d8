//! Memberships of a user that is disabled, where the mapping has them taken away: the groups are kept on the user's own
//! entry and come back when the user is enabled.

use indexmap::IndexMap;

use super::identity;
use super::member::{self, kept};
use super::refer::{self, Names, Which};
use super::request::Target;
use super::update::is_active;
use super::{Answer, Plan, Site, Step};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Filter, Mod, Query, ResultCode, Value};
use crate::mapping::{AccountState, ResourceMapping};

/// What a change of `active` makes of a user's memberships.
#[derive(Default)]
pub(super) struct Memberships {
    /// What comes before the user's own entry is changed: the user is put back into groups.
    pub(super) before: Vec<Step>,
    /// The groups that these steps are on.
    pub(super) back: Vec<Dn>,
    /// What changes in the user's own entry.
    pub(super) mods: Vec<Mod>,
    /// The groups that the user leaves after that.
    pub(super) leave: Vec<Dn>,
    /// Whether there may be more groups.
    pub(super) more: bool,
}

impl Memberships {
    /// Adds the steps to the plan for everything else. `new` is how the user is referred to by then.
    pub(super) fn join(self, site: &Site<'_>, new: &Names, plan: &mut Plan) {
        let Some(groups) = site.groups() else { return };
        plan.steps.splice(0..0, self.before);
        for group in self.leave {
            let Some(value) = new.as_member(&groups) else { continue };
            let steps = member::steps(&groups, &group, Vec::new(), vec![value]);
            plan.steps.extend(
                steps.into_iter().map(|step| Step { why: "take the disabled user out of a group".to_owned(), ..step }),
            );
        }
        plan.more |= self.more;
        if let (Answer::Entry(entry), false) = (&plan.answer, plan.steps.is_empty()) {
            plan.answer = Answer::Written(entry.dn.clone());
        }
    }
}

/// What the change of `target` makes of its memberships, or what must be asked. `said` tells whether the request says
/// anything about `active`: only then is a user who is disabled already taken out of groups.
pub(super) fn change(
    site: &Site<'_>,
    target: &Target<'_>,
    said: bool,
    facts: &Facts,
) -> Result<Memberships, Vec<Query>> {
    let (Some(saved_in), Some(groups), true) = (&site.mapping.saved_memberships, site.groups(), said) else {
        return Ok(Memberships::default());
    };
    match is_active(target.after) {
        true => restore(&groups, target.entry, saved_in, facts),
        false => take_away(site, target.entry, saved_in, facts),
    }
}

fn take_away(site: &Site<'_>, user: &Entry, saved_in: &AttrType, facts: &Facts) -> Result<Memberships, Vec<Query>> {
    let found = refer::referrers(site, &Names::of(site, user), Which::Shown, facts)?;
    let leave: Vec<Dn> = found.found.into_iter().map(|referrer| referrer.dn).collect();
    let new: Vec<Value> =
        leave.iter().filter(|dn| !is_saved(user, saved_in, dn)).map(|dn| dn.to_string().into()).collect();
    let mods = if new.is_empty() { Vec::new() } else { vec![Mod::add(saved_in.clone(), new)] };
    Ok(Memberships { mods, leave, more: found.more, ..Memberships::default() })
}

fn restore(groups: &Site<'_>, user: &Entry, saved_in: &AttrType, facts: &Facts) -> Result<Memberships, Vec<Query>> {
    let saved: Vec<Dn> = user.get(saved_in).iter().filter_map(|v| Dn::parse(v.as_str()?).ok()).collect();
    if user.get(saved_in).is_empty() {
        return Ok(Memberships::default());
    }
    let there = identity::at_dns(groups, &saved.iter().collect::<Vec<_>>(), facts);
    if !there.ask.is_empty() {
        return Err(there.ask);
    }
    let value = kept(groups).value_of(user);
    let back: Vec<Dn> = saved.into_iter().filter(|dn| there.found.contains_key(&dn.key())).collect();
    let before = back.iter().filter_map(|dn| put_back(groups, dn, value.clone()?)).collect();
    Ok(Memberships { before, back, mods: vec![Mod::replace(saved_in.clone(), Vec::new())], ..Memberships::default() })
}

fn put_back(groups: &Site<'_>, dn: &Dn, value: Value) -> Option<Step> {
    let mut step = member::steps(groups, dn, vec![value], Vec::new()).pop()?;
    step.why = "put the user back into a group that it left when it was disabled".to_owned();
    // the group has gone meanwhile
    step.expect = step.expect.or(ResultCode::NoSuchObject);
    Some(step)
}

/// Whether the user is known to have been in the group at `dn` before being disabled.
fn is_saved(user: &Entry, saved_in: &AttrType, dn: &Dn) -> bool {
    user.get(saved_in)
        .iter()
        .any(|value| value.as_str().and_then(|text| Dn::parse(text).ok()).is_some_and(|d| d == *dn))
}

/// The steps for users who come into a group or leave it while they are disabled: they are kept out of it, and what comes
/// back is changed instead. The group was called `old` and is called `dn` by then. Gives the entries that are added to
/// the group itself.
pub(super) fn of_disabled<'f>(
    groups: &Site<'_>,
    (old, dn): (&Dn, &Dn),
    coming: Vec<&'f Entry>,
    leaving: &[&Entry],
) -> (Vec<&'f Entry>, Vec<Step>) {
    let users = groups.users().mapping;
    let Some(saved_in) = &users.saved_memberships else { return (coming, Vec::new()) };
    let (later, now): (Vec<&Entry>, Vec<&Entry>) = coming.into_iter().partition(|entry| stays_out(groups, entry));
    let later = later.into_iter().filter(|user| !is_saved(user, saved_in, old));
    let keep = later.map(|user| keep(users, saved_in, user, &user.dn, dn));
    let forget = leaving.iter().filter(|user| is_saved(user, saved_in, old)).map(|user| {
        let mods = vec![Mod::delete(saved_in.clone(), vec![Value::from(dn.to_string())])];
        let why = "forget the membership that was to come back";
        accepting(Step::new(why, Change::modify(user.dn.clone(), mods)), ResultCode::NoSuchAttribute)
    });
    let steps = keep.chain(forget).collect();
    (now, steps)
}

/// Takes the disabled users out of those who are in the new group at `dn`; the steps that keep it for them.
pub(super) fn withhold(groups: &Site<'_>, dn: &Dn, members: &mut IndexMap<String, &Entry>) -> Vec<Step> {
    let (_, later) = of_disabled(groups, (dn, dn), members.values().copied().collect(), &[]);
    members.retain(|_, entry| !stays_out(groups, entry));
    later
}

/// Whether `entry` is a user who is in no group since the user is disabled.
fn stays_out(groups: &Site<'_>, entry: &Entry) -> bool {
    let users = groups.users().mapping;
    let is_disabled = |state: &AccountState| users.matches_classes(entry) && !state.is_active(entry);
    users.saved_memberships.is_some() && users.active.as_ref().is_some_and(is_disabled)
}

/// The step that keeps `group` in the attribute `saved_in` of a disabled user, whose entry stands at `dn` by then.
pub(super) fn keep(users: &ResourceMapping, saved_in: &AttrType, user: &Entry, dn: &Dn, group: &Dn) -> Step {
    let value = Mod::add(saved_in.clone(), vec![Value::from(group.to_string())]);
    let mods = users.missing_classes(user).into_iter().chain([value]).collect();
    let why = "keep the membership of a disabled user until the user is enabled";
    accepting(Step::new(why, Change::modify(dn.clone(), mods)), ResultCode::AttributeOrValueExists)
}

/// The users who are to come back into the group at `dn` when they are enabled, but for those with these ids.
pub(super) fn kept_out_of<'f>(
    groups: &Site<'_>,
    dn: &Dn,
    but: &[String],
    facts: &'f Facts,
) -> Result<Vec<&'f Entry>, Vec<Query>> {
    let users = groups.users();
    let Some(saved_in) = &users.mapping.saved_memberships else { return Ok(Vec::new()) };
    let filter = Filter::eq(saved_in.clone(), dn.to_string());
    let attrs = [AttrType::known(users.mapping.profile.id_attr), saved_in.clone()].into();
    let query = users.matching_with(filter, &attrs);
    let Some(found) = users.among(facts, &query) else { return Err(vec![query]) };
    let stays = |user: &&Entry| users.mapping.id(user).is_some_and(|id| but.contains(&id));
    Ok(found.into_iter().filter(|user| !stays(user)).collect())
}

fn accepting(mut step: Step, code: ResultCode) -> Step {
    step.expect = step.expect.or(code);
    step
}
