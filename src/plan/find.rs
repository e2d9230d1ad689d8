//! Reads: one resource by its id, or those that match a filter.

use super::query::find_by_id;
use super::{Answer, Error, Next, Plan, Site};
use crate::ldap::Facts;
use crate::mapping::{Known, Pushdown};
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
    let Some(filter) = filter else { return Ok(list(site, Pushdown::everything(), facts)) };
    filter.check(&site.mapping.resource_type)?;
    let (mut known, mut ask) = (Known::default(), Vec::new());
    for (referee, id) in site.mapping.ids_in_filter(filter) {
        let Some((other, query)) = site.of(referee).and_then(|other| Some((other, other.by_id(&id)?))) else {
            continue;
        };
        match other.among(facts, &query) {
            None => ask.push(query),
            Some(entries) => known.dns.extend(entries.first().map(|entry| (id, entry.dn.clone()))),
        }
    }
    if !ask.is_empty() {
        return Ok(Next::Ask(ask));
    }
    let pushdown = site.mapping.push_down(filter, &known).map_err(Error::Filter)?;
    Ok(list(site, pushdown, facts))
}

fn list(site: &Site<'_>, pushdown: Pushdown, facts: &Facts) -> Next {
    let filter = match pushdown {
        Pushdown::Nothing => return Next::Done(Plan::read(Answer::Entries(Vec::new()))),
        Pushdown::Matching(filter) => filter,
    };
    let query = site.matching(filter);
    match site.among(facts, &query) {
        None => Next::Ask(vec![query]),
        Some(entries) => Next::Done(Plan::read(Answer::Entries(entries.into_iter().cloned().collect()))),
    }
}
