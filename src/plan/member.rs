//! Members: who is one, and the changes of single values that bring a group to what a request wants.
//!
//! Adding and removing never reads the member list. Only where a request gives the whole set is it read, and then
//! only values that are resources of the endpoint are touched: whoever else is in the group stays.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::identity::{self, Looked};
use super::settle::Membership;
use super::{Effect, Error, Site, Step};
use crate::ldap::{AttrType, Change, Dn, DnKey, Entry, Facts, Filter, Mod, Query, ResultCode, Value};
use crate::mapping::{MemberForm, Members};
use crate::scim::MemberEdit;

/// How many values one modify adds or deletes: each costs the server time in a large group, and an operation must end
/// before its timeout.
const CHUNK: usize = 200;

/// What a request makes of a group's members.
#[derive(Default)]
pub(super) struct Difference<'f> {
    /// The entries that become members.
    pub(super) add: Vec<&'f Entry>,
    /// The values that go, each with its id.
    pub(super) remove: Vec<Membership>,
    /// The entries, as far as they are known, whose membership goes.
    pub(super) leaving: Vec<&'f Entry>,
    /// Ids that were to become members and are no resource of the endpoint.
    pub(super) unknown: Vec<String>,
}

/// The one spelling of an id.
pub(super) fn canonical(site: &Site<'_>, id: &str) -> String {
    let codec = site.mapping.profile.id_codec;
    codec.encode(id).and_then(|value| codec.decode(&value)).unwrap_or_else(|| id.to_owned())
}

/// How the groups of `site` keep their members.
pub(super) fn kept<'a>(site: &Site<'a>) -> &'a Members {
    site.mapping.members.as_ref().expect("a group mapping without members does not compile")
}

/// What `edit` means for the group `group`, or what must be asked first.
pub(super) fn difference<'f>(
    site: &Site<'_>,
    group: &Entry,
    edit: &MemberEdit,
    facts: &'f Facts,
) -> Result<Difference<'f>, Vec<Query>> {
    match edit {
        MemberEdit::Change { add, remove } => {
            let (coming, going) = both(resolve(site, add, facts), resolve(site, remove, facts))?;
            let leaving: Vec<&Entry> = going.found.into_values().collect();
            let remove = leaving.iter().filter_map(|entry| membership(site, entry)).collect();
            Ok(Difference { add: coming.found.into_values().collect(), remove, leaving, unknown: coming.unknown })
        }
        MemberEdit::Replace(ids) => {
            let (wanted, current) = both(resolve(site, ids, facts), current(site, group, facts))?;
            let present: HashSet<Key> = current.iter().map(|(value, _)| key(kept(site), value)).collect();
            let is_wanted: HashSet<&str> = wanted.found.keys().map(String::as_str).collect();
            let is_new = |entry: &&Entry| {
                kept(site).value_of(entry).is_some_and(|value| !present.contains(&key(kept(site), &value)))
            };
            let goes = |(value, id): (Value, Option<String>)| {
                let id = id?;
                (!is_wanted.contains(id.as_str())).then_some((id, value))
            };
            let remove = current.into_iter().filter_map(goes).collect();
            let add = wanted.found.values().copied().filter(is_new).collect();
            Ok(Difference { add, remove, leaving: Vec::new(), unknown: wanted.unknown })
        }
    }
}

/// The id of an entry, and the value by which it is a member.
pub(super) fn membership(site: &Site<'_>, entry: &Entry) -> Option<Membership> {
    Some((site.mapping.id(entry)?, kept(site).value_of(entry)?))
}

/// Whether two values mean the same member.
pub(super) fn is_same(site: &Site<'_>, a: &Value, b: &Value) -> bool {
    key(kept(site), a) == key(kept(site), b)
}

/// Both, or all that must be asked for either.
pub(super) fn both<A, B>(a: Result<A, Vec<Query>>, b: Result<B, Vec<Query>>) -> Result<(A, B), Vec<Query>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).flatten().collect()),
    }
}

/// The entries that have some ids.
#[derive(Default)]
pub(super) struct Resolved<'f> {
    /// Those that are there, by id, in the order in which they were asked for.
    pub(super) found: IndexMap<String, &'f Entry>,
    /// The ids that no resource of the endpoint has.
    pub(super) unknown: Vec<String>,
}

/// The entries of the users, and where groups may be members of the groups, that have these ids.
pub(super) fn resolve<'f>(site: &Site<'_>, ids: &[String], facts: &'f Facts) -> Result<Resolved<'f>, Vec<Query>> {
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    let users = identity::with_ids(&site.users(), &texts, &wanted_of_users(site), facts);
    if !users.ask.is_empty() {
        return Err(users.ask);
    }
    let others: Vec<&str> = texts.iter().copied().filter(|id| !users.found.contains_key(*id)).collect();
    let groups = match kept(site).nested {
        true => identity::with_ids(site, &others, &wanted_of_groups(site), facts),
        false => Looked { found: std::collections::HashMap::new(), ask: Vec::new() },
    };
    if !groups.ask.is_empty() {
        return Err(groups.ask);
    }
    let mut resolved = Resolved { found: IndexMap::new(), unknown: Vec::new() };
    for id in ids {
        let known = users.found.get(id).or_else(|| groups.found.get(id));
        // one who lacks the attribute that names members cannot be one (yet)
        match known.filter(|entry| kept(site).value_of(entry).is_some()) {
            Some(entry) => drop(resolved.found.insert(id.clone(), entry)),
            None => resolved.unknown.push(id.clone()),
        }
    }
    Ok(resolved)
}

fn wanted_of_users(site: &Site<'_>) -> Arc<[AttrType]> {
    let users = site.users().mapping;
    let mut attrs = kept(site).attrs(users.profile);
    if let Some(saved_in) = &users.saved_memberships {
        attrs.extend([saved_in.clone(), AttrType::known("objectClass")]);
        attrs.extend(users.active.iter().flat_map(crate::mapping::AccountState::attrs));
    }
    attrs.into()
}

fn wanted_of_groups(site: &Site<'_>) -> Arc<[AttrType]> {
    [AttrType::known(site.mapping.profile.id_attr)].into()
}

/// The question for the member list of the group at `dn`.
pub fn ask_for_members(site: &Site<'_>, dn: &Dn) -> Query {
    let class = Filter::Present(AttrType::known("objectClass"));
    Query::entry(dn.clone(), class, vec![kept(site).attr.clone()])
}

/// The member list in the answer to [`ask_for_members`].
pub fn member_values(site: &Site<'_>, entries: Vec<Entry>) -> Vec<Value> {
    entries.into_iter().next().map_or_else(Vec::new, |mut entry| entry.take(&kept(site).attr))
}

/// The values of the member attribute of `group` with the id of each that is a resource of the endpoint.
fn current(site: &Site<'_>, group: &Entry, facts: &Facts) -> Result<Vec<(Value, Option<String>)>, Vec<Query>> {
    let query = ask_for_members(site, &group.dn);
    let Some(entries) = facts.get(&query) else { return Err(vec![query]) };
    let values = entries.first().map_or(&[][..], |entry| entry.get(&kept(site).attr));
    let ids = member_ids(site, values, facts)?;
    Ok(values.iter().cloned().zip(ids).collect())
}

/// The id of each value of the member attribute that is a resource of the endpoint, in order, or what must be asked.
pub fn member_ids(site: &Site<'_>, values: &[Value], facts: &Facts) -> Result<Vec<Option<String>>, Vec<Query>> {
    let members = kept(site);
    if let MemberForm::Name(attr) = &members.form {
        let looked = identity::having_names(&site.users(), attr, values, facts);
        return match looked.ask.is_empty() {
            true => Ok(values.iter().map(|value| looked.found.get(value).cloned()).collect()),
            false => Err(looked.ask),
        };
    }
    let dns: Vec<Option<Dn>> = values.iter().map(|value| members.dn_in(value)).collect();
    let known: Vec<&Dn> = dns.iter().flatten().collect();
    let places = [Some(site.users()), members.nested.then_some(*site)];
    let mut looked: Vec<Looked<DnKey, String>> =
        places.iter().flatten().map(|place| identity::at_dns(place, &known, facts)).collect();
    let ask: Vec<Query> = looked.iter_mut().flat_map(|looked| std::mem::take(&mut looked.ask)).collect();
    if !ask.is_empty() {
        return Err(ask);
    }
    let id = |dn: &Option<Dn>| {
        let key = dn.as_ref()?.key();
        looked.iter().find_map(|looked| looked.found.get(&key)).cloned()
    };
    Ok(dns.iter().map(id).collect())
}

/// The member attribute of a new group, with as many members as one operation takes, and the values that are left.
pub(super) fn of_new_group(site: &Site<'_>, resolved: &Resolved<'_>) -> (Option<(AttrType, Vec<Value>)>, Vec<Value>) {
    let Some(members) = &site.mapping.members else { return (None, Vec::new()) };
    let mut first = values(site, resolved);
    let further = first.split_off(first.len().min(CHUNK));
    first.extend(members.placeholder.clone());
    ((!first.is_empty()).then(|| (members.attr.clone(), first)), further)
}

/// The values that make these entries members.
pub(super) fn values(site: &Site<'_>, resolved: &Resolved<'_>) -> Vec<Value> {
    let members = site.mapping.members.as_ref();
    resolved.found.values().filter_map(|entry| members?.value_of(entry)).collect()
}

/// A member value made comparable, as the directory compares it.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Dn(DnKey),
    Octets(Value),
}

fn key(members: &Members, value: &Value) -> Key {
    let dn = (members.form == MemberForm::Dn).then(|| value.as_str().and_then(|text| Dn::parse(text).ok())).flatten();
    dn.map_or_else(|| Key::Octets(value.clone()), |dn| Key::Dn(dn.key()))
}

/// The steps that add and remove values of the member attribute of the group at `dn`: many values go with one modify,
/// which takes what is done already as done.
pub(super) fn steps(site: &Site<'_>, dn: &Dn, add: Vec<Value>, remove: Vec<Value>) -> Vec<Step> {
    if add.is_empty() && remove.is_empty() {
        return Vec::new();
    }
    let mut steps = Vec::new();
    if add.len() + remove.len() <= CHUNK {
        steps.extend(step(site, dn, add, remove));
        return steps;
    }
    // first those who come: a group that must not be empty is never so in between
    steps.extend(add.chunks(CHUNK).filter_map(|values| step(site, dn, values.to_vec(), Vec::new())));
    steps.extend(remove.chunks(CHUNK).filter_map(|values| step(site, dn, Vec::new(), values.to_vec())));
    steps
}

fn step(site: &Site<'_>, dn: &Dn, add: Vec<Value>, remove: Vec<Value>) -> Option<Step> {
    let attr = &kept(site).attr;
    let counts = [("add", add.len()), ("remove", remove.len())];
    let why =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(verb, count)| format!("{verb} {}", members(count)));
    let why = why.collect::<Vec<_>>().join("; ");
    let mods = [Mod::add(attr.clone(), add), Mod::delete(attr.clone(), remove)];
    let mods: Vec<Mod> = mods.into_iter().filter(|m| !m.values.is_empty()).collect();
    let single = match &mods[..] {
        [] => return None,
        [only] => only.values.len() == 1,
        _ => false,
    };
    let removes = mods.iter().any(|m| m.op == crate::ldap::ModOp::Delete);
    let change = |mods: Vec<Mod>| Change::Modify { dn: dn.clone(), mods, permissive: !single };
    let mut step = Step::new(why, change(mods.clone()));
    if single {
        step.expect =
            step.expect.or(if removes { ResultCode::NoSuchAttribute } else { ResultCode::AttributeOrValueExists });
    }
    if let (true, Some(placeholder)) = (removes, &kept(site).placeholder) {
        let held = mods.into_iter().chain([Mod::add(attr.clone(), vec![placeholder.clone()])]).collect();
        step.otherwise = Some((ResultCode::ObjectClassViolation, change(held)));
    }
    Some(step)
}

fn members(count: usize) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{count} members") }
}

/// What a change of so many members does, for the metrics.
pub(super) fn effects(added: usize, removed: usize) -> impl Iterator<Item = Effect> {
    let added = (added > 0).then_some(Effect::MembersAdded(added));
    let removed = (removed > 0).then_some(Effect::MembersRemoved(removed));
    added.into_iter().chain(removed)
}

/// Refuses members that no resource is, where the endpoint is so set.
pub(super) fn check_unknown(site: &Site<'_>, unknown: &[String]) -> Result<(), Error> {
    match site.realm.unresolved_members {
        super::UnresolvedMembers::Reject if !unknown.is_empty() => Err(Error::UnresolvedMembers(unknown.to_vec())),
        _ => Ok(()),
    }
}
