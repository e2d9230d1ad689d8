//! Names: how long they may be, whether they are free, and what happens to twins.

use super::request::Target;
use super::{Answer, Error, Plan, Site, Step, graveyard};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, ModOp, Query, Rdn, ResultCode, Value};
use crate::mapping::{self, Difference, Lookup};
use crate::scim::Resource;

/// The stored form of the unique name of `resource`.
pub(super) fn name_of(site: &Site<'_>, resource: &Resource) -> Result<Option<Value>, Error> {
    let rule = site.mapping.name_rule();
    let text = rule.slot.texts(resource).into_iter().next();
    let value = text.map(|text| rule.to_ldap(&text)).transpose();
    Ok(value.map_err(|reason| mapping::Error::Value { slot: rule.slot.to_string(), reason })?)
}

/// Refuses names that directories do not take.
pub(super) fn check_length(site: &Site<'_>, rdn: &Rdn) -> Result<(), Error> {
    let profile = site.mapping.profile;
    let Some(longest) = rdn.avas().iter().max_by_key(|ava| ava.value.as_bytes().len()) else { return Ok(()) };
    let chars = longest.value.as_str().map_or(0, |text| text.encode_utf16().count());
    let (len, max, unit) = match profile.max_rdn_chars {
        Some(max) if chars > max => (chars, max, "characters"),
        _ => (rdn.to_string().len(), profile.max_rdn, "bytes"),
    };
    if len <= max {
        return Ok(());
    }
    Err(Error::NameTooLong { attr: site.mapping.scim_name(&longest.attr), len, max, unit })
}

/// Refuses the DN that stands in every group: whoever bears it would be in all of them.
pub(super) fn check_reserved(site: &Site<'_>, dn: &Dn) -> Result<(), Error> {
    let groups = site.groups().and_then(|groups| groups.mapping.members.as_ref());
    match groups.is_some_and(|members| members.is_placeholder(&Value::from(dn.to_string()))) {
        true => Err(Error::Reserved { attr: site.mapping.name_attr().to_owned() }),
        false => Ok(()),
    }
}

/// Refuses a unique name that is too long where it names the entry: before the templates that are made from it fail with
/// a text that does not say so.
pub(super) fn check_wanted(site: &Site<'_>, resource: &Resource) -> Result<(), Error> {
    match name_of(site, resource)? {
        Some(name) if site.mapping.names_by_rdn() => check_length(site, &Rdn::new(site.mapping.rdn.clone(), name)),
        _ => Ok(()),
    }
}

/// Finds the values of unique derived attributes that other entries have, those that the directory refused before
/// included.
pub(super) fn find_taken(
    site: &Site<'_>,
    resource: &Resource,
    facts: &Facts,
    lookup: &mut Lookup,
    ask: &mut Vec<Query>,
) -> Result<(), Error> {
    facts.refused().iter().for_each(|(attr, value)| lookup.take(attr.clone(), value));
    for (attr, values) in site.mapping.candidates(resource)? {
        if values.is_empty() {
            continue;
        }
        let derived = site.mapping.derived.iter().find(|derived| derived.attr == attr);
        let within = derived.and_then(|derived| derived.within.as_ref());
        let query = site.having_within(within, &attr, &values);
        match facts.get(&query) {
            None => ask.push(query),
            Some(entries) => lookup.taken.extend(taken_values(&attr, entries)),
        }
    }
    Ok(())
}

fn taken_values(attr: &AttrType, entries: &[Entry]) -> Vec<(AttrType, String)> {
    let texts = entries.iter().flat_map(|entry| entry.get(attr)).filter_map(Value::as_str);
    texts.map(|text| (attr.clone(), text.to_lowercase())).collect()
}

/// The question whether an entry elsewhere has a unique name; `None` where that is no matter.
pub(super) fn elsewhere(site: &Site<'_>, name: &Value) -> Option<Query> {
    let rule = site.mapping.name_rule();
    let (within, text) = (rule.within.as_ref()?, name.as_str()?);
    let query = site.having_within(Some(within), &rule.attr, &[text.to_owned()]);
    let attrs = [rule.attr.clone(), AttrType::known(site.mapping.profile.id_attr)].into();
    Some(Query { attrs, ..query })
}

/// Whether a name is free.
pub(super) enum Free {
    /// Nobody else has it.
    Yes,
    /// These questions must be answered first.
    Ask(Vec<Query>),
    /// Another entry has this value, which is one of several candidates.
    Next(AttrType, Value),
}

/// Refuses a name that another entry has already.
pub(super) fn check_free(
    site: &Site<'_>,
    target: &Target<'_>,
    difference: &Difference,
    facts: &Facts,
) -> Result<Free, Error> {
    let (old, new) = (name_of(site, target.before)?, name_of(site, target.after)?);
    let new = new.filter(|new| old.as_ref() != Some(new));
    let by_name = new.as_ref().map(|new| site.by_name(new));
    let elsewhere = new.as_ref().and_then(|new| elsewhere(site, new));
    let at_dn = difference.renames().then(|| site.anything_at(&difference.new_dn(target.entry)));
    let open: Vec<Query> =
        by_name.iter().chain(&elsewhere).chain(&at_dn).filter(|q| facts.get(q).is_none()).cloned().collect();
    if !open.is_empty() {
        return Ok(Free::Ask(open));
    }
    let others = |query: &Option<Query>| -> Vec<&Entry> {
        let found = query.iter().filter_map(|query| facts.get(query)).flatten();
        found.filter(|found| !is_same(site, found, target.entry) && !graveyard::is_buried(site, found)).collect()
    };
    let attr = || site.mapping.name_attr().to_owned();
    match (&others(&by_name)[..], &others(&at_dn)[..]) {
        ([other, ..], _) if !site.mapping.owns(other) => Err(Error::NotOwned { attr: attr() }),
        ([_, ..], _) => Err(Error::Taken { attr: attr() }),
        ([], [_, ..]) => {
            let candidate = difference.rdn.as_ref().and_then(|rdn| candidate_in(site, rdn));
            candidate.map(|(attr, value)| Free::Next(attr, value)).ok_or_else(|| Error::Taken { attr: attr() })
        }
        ([], []) if others(&elsewhere).iter().any(|other| !graveyard::is_in(site, &other.dn)) => {
            Err(Error::Taken { attr: attr() })
        }
        ([], []) => Ok(Free::Yes),
    }
}

/// The value in a name that is one of several candidates.
fn candidate_in(site: &Site<'_>, rdn: &Rdn) -> Option<(AttrType, Value)> {
    let named = rdn.avas().iter().find(|ava| site.mapping.is_numbered(&ava.attr))?;
    Some((named.attr.clone(), named.value.clone()))
}

/// The value in a refused write that another entry has, where it is one of several candidates, so that the next may be
/// free. Others may lie where the bridge does not look, or be equal to the directory and not to us.
pub fn refused_candidate(site: &Site<'_>, change: &Change, code: ResultCode, text: &str) -> Option<(AttrType, Value)> {
    let profile = site.mapping.profile;
    let attr = match code {
        ResultCode::EntryAlreadyExists => match profile.taken_attr(text) {
            Some(attr) => attr,
            None => return candidate_in(site, change.resulting_dn().rdn()?),
        },
        ResultCode::ConstraintViolation if profile.is_uniqueness(text) => site.mapping.numbered_in(text)?,
        _ => return None,
    };
    site.mapping.is_numbered(&attr).then_some(())?;
    let value = match change {
        Change::Add { attrs, .. } => attrs.iter().find(|(a, _)| *a == attr)?.1.first(),
        Change::Modify { mods, .. } => mods.iter().find(|m| m.attr == attr && m.op != ModOp::Delete)?.values.first(),
        Change::ModifyDn { new_rdn, .. } => new_rdn.avas().iter().find(|ava| ava.attr == attr).map(|ava| &ava.value),
        Change::Delete { .. } | Change::SetPassword { .. } => None,
    };
    Some((attr, value?.clone()))
}

/// Whether two entries are one. It may have moved between the two questions, as when a rename that was given up for
/// lost is done after all; the plan then meets no entry at the old name, and is made again.
fn is_same(site: &Site<'_>, one: &Entry, other: &Entry) -> bool {
    one.dn == other.dn || site.mapping.id(one).is_some_and(|id| site.mapping.id(other) == Some(id))
}

/// The question whether a new resource has twins: others with its name that were created at the same time. `None`
/// where the directory itself refuses a second one, by its DN.
pub fn twins(site: &Site<'_>, resource: &Resource) -> Result<Option<Query>, Error> {
    if site.mapping.names_by_rdn() && !site.mapping.has_places() {
        return Ok(None);
    }
    Ok(name_of(site, resource)?.map(|name| site.by_name(&name)))
}

/// The plan that takes `entry` back in favour of one of `twins`. Of twins only the one with the lowest id stays, so
/// that all who look come to the same end.
pub fn yield_to(site: &Site<'_>, entry: &Entry, twins: &[Entry]) -> Option<Plan> {
    let own = site.mapping.id(entry)?;
    let lives = |twin: &&Entry| !site.mapping.is_deleted(twin);
    let lower = twins.iter().filter(lives).filter_map(|twin| site.mapping.id(twin)).any(|id| id < own);
    let step = Step::new(
        "take the entry back: another with the same name came first",
        Change::Delete { dn: entry.dn.clone() },
    );
    lower.then(|| Plan::new(vec![step], Answer::Gone))
}
