//! Reads: one resource by its id, or those that match a filter.

use std::collections::HashMap;

use super::query::find_by_id;
use super::{Answer, Error, Hits, Next, Plan, Site, identity, member};
use crate::ldap::{AttrType, DnKey, Facts, Filter as Ldap, Query, Value};
use crate::mapping::{Known, Pushdown, Referee};
use crate::scim::Filter;

/// Plans GET of one resource.
pub(super) fn get(site: &Site<'_>, id: &str, facts: &Facts) -> Result<Next, Error> {
    Ok(match find_by_id(site, id, facts)? {
        Ok(entry) => Next::Done(Plan::read(Answer::Entry(Box::new(entry.clone())))),
        Err(query) => Next::Ask(vec![query]),
    })
}

/// Plans GET of a list. The answer holds every match; the caller evaluates the filter again by SCIM's rules, since
/// LDAP's equality is wider.
pub(super) fn next(site: &Site<'_>, filter: Option<&Filter>, facts: &Facts) -> Result<Next, Error> {
    let Some(filter) = filter else { return Ok(list(site, Pushdown::everything(), &Known::default(), facts)) };
    filter.check(&site.mapping.resource_type)?;
    let members = if site.is_of_groups() { filter.member_ids()? } else { Vec::new() };
    let known = match member::both(dns(site, filter, facts), values(site, &members, facts)) {
        Ok((dns, members)) => Known { dns, members },
        Err(queries) => return Ok(Next::Ask(queries)),
    };
    let pushdown = site.mapping.push_down(filter, &known).map_err(Error::Filter)?;
    Ok(list(site, pushdown, &known, facts))
}

/// The DNs of the ids that references are compared with.
fn dns(site: &Site<'_>, filter: &Filter, facts: &Facts) -> Result<HashMap<String, crate::ldap::Dn>, Vec<Query>> {
    let ids = site.mapping.ids_in_filter(filter);
    let (mut dns, mut ask) = (HashMap::new(), Vec::new());
    for referee in [Referee::User, Referee::Group] {
        let Some(other) = site.of(referee) else { continue };
        let wanted: Vec<&str> = ids.iter().filter(|(r, _)| *r == referee).map(|(_, id)| id.as_str()).collect();
        let attrs = [AttrType::known(other.mapping.profile.id_attr)].into();
        let looked = identity::with_ids(&other, &wanted, &attrs, facts);
        let found = |id: &&str| Some(((*id).to_owned(), looked.found.get(&member::canonical(&other, id))?.dn.clone()));
        dns.extend(wanted.iter().filter_map(found));
        ask.extend(looked.ask);
    }
    if ask.is_empty() { Ok(dns) } else { Err(ask) }
}

/// The values that stand in a group for the ids that members are compared with.
fn values(site: &Site<'_>, ids: &[String], facts: &Facts) -> Result<HashMap<String, Value>, Vec<Query>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let canonical: Vec<String> = ids.iter().map(|id| member::canonical(site, id)).collect();
    let resolved = member::resolve(site, &canonical, facts)?;
    let value = |(id, canonical): (&String, &String)| {
        Some((id.clone(), member::kept(site).value_of(resolved.found.get(canonical)?)?))
    };
    Ok(ids.iter().zip(&canonical).filter_map(value).collect())
}

fn list(site: &Site<'_>, pushdown: Pushdown, known: &Known, facts: &Facts) -> Next {
    let filter = match pushdown {
        Pushdown::Nothing => return Next::Done(Plan::read(Answer::Entries(Hits::default()))),
        Pushdown::Matching(filter) => filter,
    };
    let query = site.matching(filter.clone());
    match (site.among(facts, &query), confirmed(site, &filter, known, facts)) {
        (Some(entries), Ok(members)) => {
            let entries = entries.into_iter().cloned().collect();
            Next::Done(Plan::read(Answer::Entries(Hits { entries, members })))
        }
        (found, confirmed) => {
            let open = found.is_none().then_some(query);
            Next::Ask(open.into_iter().chain(confirmed.err().into_iter().flatten()).collect())
        }
    }
}

/// Which of the groups that `filter` finds have which of the members that the request compares with: the directory
/// knows, and no member list is read for it.
fn confirmed(
    site: &Site<'_>,
    filter: &Ldap,
    known: &Known,
    facts: &Facts,
) -> Result<HashMap<DnKey, Vec<String>>, Vec<Query>> {
    let (mut members, mut ask) = (HashMap::<DnKey, Vec<String>>::new(), Vec::new());
    let attrs = [AttrType::known(site.mapping.profile.id_attr)].into();
    for (id, value) in &known.members {
        let has = Ldap::eq(member::kept(site).attr.clone(), value.clone());
        let query = site.matching_with(Ldap::and([filter.clone(), has]), &attrs);
        match facts.get(&query) {
            None => ask.push(query),
            Some(groups) => groups.iter().for_each(|g| members.entry(g.dn.key()).or_default().push(id.clone())),
        }
    }
    if ask.is_empty() { Ok(members) } else { Err(ask) }
}
