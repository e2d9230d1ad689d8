//! The place of entries that are deleted by mark: moved there, they are named by their id, so that two of one name never
//! meet; and back again, when somebody of that name comes.

use super::refer::{Names, Referrer};
use super::{Error, Integrity, Site, Step, name};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Mod, Query, Rdn, Scope, Value};
use crate::mapping::generalized_time;

/// Whether the entry is deleted and stands in the graveyard.
pub(super) fn is_buried(site: &Site<'_>, entry: &Entry) -> bool {
    let named_by_id = || site.mapping.id(entry).zip(own_value(site, entry)).is_some_and(|(id, own)| *own == id.into());
    site.mapping.is_deleted(entry) && is_in(site, &entry.dn) && named_by_id()
}

/// Whether an entry of this name stands in the graveyard.
pub(super) fn is_in(site: &Site<'_>, dn: &Dn) -> bool {
    site.mapping.delete.graveyard().is_some_and(|graveyard| dn.parent().as_ref() == Some(graveyard))
}

/// Refuses to go on without the entry below which the dead are moved, or asks for it.
pub(super) fn check_there(site: &Site<'_>, facts: &Facts) -> Result<Result<(), Vec<Query>>, Error> {
    let Some(graveyard) = site.mapping.delete.graveyard() else { return Ok(Ok(())) };
    let query = site.anything_at(graveyard);
    match facts.get(&query) {
        None => Ok(Err(vec![query])),
        Some([]) => Err(Error::NoGraveyard(graveyard.clone())),
        Some(_) => Ok(Ok(())),
    }
}

/// What moves `entry`, which is marked by then, to the graveyard. Where the name that clients search for is in its RDN,
/// that value stays beside the id.
pub(super) fn bury(site: &Site<'_>, entry: &Entry) -> Result<Vec<Step>, Error> {
    let (Some(graveyard), Some(id)) = (site.mapping.delete.graveyard(), site.mapping.id(entry)) else {
        return Ok(Vec::new());
    };
    let rdn = Rdn::new(site.mapping.rdn.clone(), Value::from(id));
    name::check_length(site, &rdn)?;
    let delete_old_rdn = own_value(site, entry).is_some() && !site.mapping.names_by_rdn();
    let new = graveyard.child(rdn.clone());
    let (dn, new_superior) = (entry.dn.clone(), Some(graveyard.clone()));
    let change = Change::ModifyDn { dn, new_rdn: rdn, delete_old_rdn, new_superior };
    let step = Step::new("move the deleted entry out of the way, named by its id", change);
    Ok(with_followers(site, step, &entry.dn, &new))
}

/// The buried entries of this name, in answer to a question of [`buried_as`].
pub(super) fn buried<'f>(site: &Site<'_>, name: &Value, facts: &'f Facts) -> Result<Vec<&'f Entry>, Vec<Query>> {
    let Some(query) = buried_as(site, name) else { return Ok(Vec::new()) };
    let Some(found) = facts.get(&query) else { return Err(vec![query]) };
    // whose id somebody chose for a name is not meant
    let is_meant =
        |entry: &&Entry| is_buried(site, entry) && site.mapping.owns(entry) && own_value(site, entry) != Some(name);
    Ok(found.iter().filter(is_meant).collect())
}

/// The question for buried entries of this name.
fn buried_as(site: &Site<'_>, name: &Value) -> Option<Query> {
    let graveyard = site.mapping.delete.graveyard()?.clone();
    let by_name = site.by_name(name);
    Some(Query { base: graveyard, scope: Scope::One, ..by_name })
}

/// Of several, the one that was deleted last.
pub(super) fn last<'f>(site: &Site<'_>, buried: &[&'f Entry]) -> Option<&'f Entry> {
    let mark = site.mapping.delete.mark()?;
    buried.iter().copied().max_by_key(|entry| entry.first_str(mark).unwrap_or_default().to_owned())
}

/// What moves the buried `entry` to where a new one called `new` would be, and the entry as it is then: still marked, so
/// that nobody sees it before it is as the request wants it. A name that differs in case only stays for now.
pub(super) fn dig_out(site: &Site<'_>, entry: &Entry, new: &Dn) -> Option<(Vec<Step>, Entry)> {
    let attr = &site.mapping.rdn;
    let own = own_value(site, entry)?;
    let wanted = new.rdn()?.value(attr)?;
    let lower = |value: &Value| value.as_str().map(str::to_lowercase);
    let others = entry.get(attr).iter().filter(|value| *value != own);
    let kept = others.clone().find(|value| lower(value) == lower(wanted)).cloned();
    let value = kept.clone().unwrap_or_else(|| wanted.clone());
    let mut values: Vec<Value> = others.cloned().collect();
    values.extend(kept.is_none().then(|| value.clone()));
    let (parent, rdn) = (new.parent()?, Rdn::new(attr.clone(), value));
    let dn = parent.child(rdn.clone());
    let change =
        Change::ModifyDn { dn: entry.dn.clone(), new_rdn: rdn, delete_old_rdn: true, new_superior: Some(parent) };
    let step = Step::new("move the deleted entry back to where a new one would be; its id stays", change);
    let steps = with_followers(site, step, &entry.dn, &dn);
    let mut moved = Entry::new(dn);
    entry.iter().filter(|(a, _)| *a != attr).for_each(|(a, values)| moved.insert(a.clone(), values.to_vec()));
    moved.insert(attr.clone(), values);
    Some((steps, moved))
}

/// A move, and around it what keeps whoever is disabled by a group so under the new name, where the directory does not
/// see to it.
fn with_followers(site: &Site<'_>, step: Step, old: &Dn, new: &Dn) -> Vec<Step> {
    let [old, new] = [old, new].map(|dn| Names { dn: dn.clone(), name: None });
    let by_bridge = site.realm.integrity == Integrity::Bridge;
    let groups = site.mapping.state_groups().filter(|group| by_bridge && !group.holds_enabled);
    let groups: Vec<Referrer> = groups.map(|group| Referrer::state(site, group)).collect();
    let before = groups.iter().filter_map(|group| group.add(&old, &new));
    let after = groups.iter().filter_map(|group| group.replace(&old, &new, &group.dn));
    before.chain([step]).chain(after).collect()
}

/// Whether a write moves an entry of the site to the graveyard or back, or deletes one there or changes its mark.
pub(super) fn is_about(site: &Site<'_>, change: &Change) -> bool {
    match change {
        Change::ModifyDn { dn, .. } => {
            let ends = [dn.clone(), change.resulting_dn()];
            ends.iter().any(|dn| is_in(site, dn)) && ends.iter().any(|dn| site.contains(dn))
        }
        Change::Delete { dn } => is_in(site, dn),
        Change::Modify { dn, mods, .. } => {
            is_in(site, dn) && mods.iter().all(|m| Some(&m.attr) == site.mapping.delete.mark())
        }
        _ => false,
    }
}

/// The change that marks an entry with the time of the request.
pub(super) fn mark(site: &Site<'_>, attr: &AttrType) -> Mod {
    Mod::add(attr.clone(), vec![generalized_time(site.now).as_str().into()])
}

/// The value in an entry's name, of the attribute that names new ones.
fn own_value<'e>(site: &Site<'_>, entry: &'e Entry) -> Option<&'e Value> {
    entry.dn.rdn()?.value(&site.mapping.rdn)
}
