//! `purge`: what was deleted by mark long ago goes for good. Never an entry without a mark, nor one whose mark is no time.

use jiff::Timestamp;

use super::{Error, Next, Plan, Site, Step, delete, graveyard};
use crate::ldap::{AttrType, Change, ChangeKind, Dn, Entry, Facts, Filter, Mod, Query, Scope};
use crate::mapping::parse_generalized_time;

/// An entry that is deleted by mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Its name.
    pub dn: Dn,
    /// Its id, where the directory shows one.
    pub id: Option<String>,
    /// When it was deleted; `None` when the mark is no time.
    pub since: Option<Timestamp>,
}

/// The questions for all entries of `site` that are deleted by mark.
pub fn ask_for_marked(site: &Site<'_>) -> Vec<Query> {
    places(site, |mark| Filter::Present(mark.clone()))
}

/// The entries that are deleted by mark, oldest first, each once.
pub fn marked(site: &Site<'_>, facts: &Facts) -> Vec<Marked> {
    let mut marked: Vec<Marked> = Vec::new();
    for entry in found(site, &ask_for_marked(site), facts) {
        if !marked.iter().any(|known| known.dn == entry.dn) {
            marked.push(Marked { dn: entry.dn.clone(), id: site.mapping.id(entry), since: since(site, entry) });
        }
    }
    marked.sort_by_key(|entry| (entry.since, entry.dn.to_string()));
    marked
}

/// Plans the end of the entry with this id, if it is still deleted by mark, and was so before that time.
pub(super) fn next(site: &Site<'_>, id: &str, before: Timestamp, facts: &Facts) -> Result<Next, Error> {
    let value = site.mapping.profile.id_codec.encode(id).ok_or(Error::NotFound)?;
    let has_id = Filter::eq(AttrType::known(site.mapping.profile.id_attr), value);
    let queries = places(site, |mark| Filter::and([Filter::Present(mark.clone()), has_id.clone()]));
    let open: Vec<Query> = queries.iter().filter(|query| facts.get(query).is_none()).cloned().collect();
    if !open.is_empty() {
        return Ok(Next::Ask(open));
    }
    let is_due = |entry: &&Entry| since(site, entry).is_some_and(|since| since < before);
    let entry = found(site, &queries, facts).into_iter().find(is_due).ok_or(Error::NotFound)?;
    let children = below(&entry.dn);
    match facts.get(&children) {
        None => return Ok(Next::Ask(vec![children])),
        Some([]) => {}
        Some(_) => return Err(Error::Children(entry.dn.clone())),
    }
    Ok(match delete::remove(site, id, entry, facts)? {
        Next::Done(plan) => Next::Done(checked(site, entry, plan)),
        next => next,
    })
}

/// The plan with a last look right before the entry goes: one who came back meanwhile has no mark, and the look fails.
fn checked(site: &Site<'_>, entry: &Entry, mut plan: Plan) -> Plan {
    let mark = site.mapping.delete.mark().filter(|mark| site.mapping.profile.has_equality(mark));
    let at = plan.steps.iter().position(|step| step.change.kind() == ChangeKind::Delete);
    if let (Some(mark), Some(at)) = (mark, at) {
        let values = entry.get(mark).to_vec();
        let mods = vec![Mod::delete(mark.clone(), values.clone()), Mod::add(mark.clone(), values)];
        let step = Step::new("make sure that the entry is still deleted", Change::modify(entry.dn.clone(), mods));
        plan.steps.insert(at, step);
    }
    plan
}

/// The same question at each place where deleted entries are.
fn places(site: &Site<'_>, filter: impl Fn(&AttrType) -> Filter) -> Vec<Query> {
    let Some(mark) = site.mapping.delete.mark() else { return Vec::new() };
    let query = |base: &Dn, scope| Query {
        base: base.clone(),
        scope,
        filter: Filter::and([site.own(), filter(mark)]),
        attrs: site.mapping.attrs.clone(),
        limit: None,
    };
    let own = query(&site.place.base, site.place.scope);
    std::iter::once(own).chain(site.mapping.delete.graveyard().map(|dn| query(dn, Scope::One))).collect()
}

/// The marked entries in the answers, as far as they lie where deleted entries are.
fn found<'f>(site: &Site<'_>, queries: &[Query], facts: &'f Facts) -> Vec<&'f Entry> {
    let entries = queries.iter().filter_map(|query| facts.get(query)).flatten();
    let is_ours = |entry: &&Entry| site.contains(&entry.dn) || graveyard::is_in(site, &entry.dn);
    entries.filter(|entry| site.mapping.is_deleted(entry)).filter(is_ours).collect()
}

/// When an entry was deleted.
fn since(site: &Site<'_>, entry: &Entry) -> Option<Timestamp> {
    match entry.get(site.mapping.delete.mark()?) {
        [mark] => parse_generalized_time(mark.as_str()?),
        _ => None,
    }
}

/// The question whether anything is below an entry.
fn below(dn: &Dn) -> Query {
    let filter = Filter::Present(AttrType::known("objectClass"));
    Query { base: dn.clone(), scope: Scope::One, filter, attrs: [].into(), limit: Some(1) }
}
