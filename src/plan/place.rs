//! Where entries are put: new ones, those that come back, and those whose placement changes.

use super::request::Target;
use super::{Error, Site, Step, name};
use crate::ldap::{Change, Dn, Facts, Query, ResultCode};
use crate::scim::Resource;

/// The move of an entry.
#[derive(Default)]
pub(super) struct Moving {
    /// The entry to move it below, when it moves.
    pub(super) superior: Option<Dn>,
    /// The steps that make missing entries above it.
    pub(super) above: Vec<Step>,
}

/// The entry below which `resource` belongs.
pub(super) fn superior(site: &Site<'_>, resource: &Resource) -> Result<Dn, Error> {
    let base = &site.place.base;
    let Some(dn) = site.mapping.superior(resource)? else { return Ok(base.clone()) };
    if dn != *base && !dn.is_below(base) {
        return Err(Error::Elsewhere);
    }
    let made = &dn.rdns()[..dn.rdns().len() - base.rdns().len()];
    made.iter().try_for_each(|rdn| name::check_length(site, rdn)).map_err(|error| match error {
        Error::NameTooLong { len, max, .. } => Error::NameTooLong { attr: "placement".to_owned(), len, max },
        other => other,
    })?;
    Ok(dn)
}

/// The move that the change of a resource asks for, or what must be asked. Where the placement comes out as before, the
/// entry stays where it is, be it that somebody moved it there by hand.
pub(super) fn of_changed(
    site: &Site<'_>,
    target: &Target<'_>,
    facts: &Facts,
) -> Result<Result<Moving, Vec<Query>>, Error> {
    let after = superior(site, target.after)?;
    let is_same = superior(site, target.before).is_ok_and(|before| before == after);
    if is_same || target.entry.dn.parent().is_some_and(|parent| parent == after) {
        return Ok(Ok(Moving::default()));
    }
    Ok(above(site, &after, facts)?.map(|above| Moving { superior: Some(after), above }))
}

/// The steps that make what is missing of `superior` and the entries above it, or what must be asked.
pub(super) fn above(site: &Site<'_>, superior: &Dn, facts: &Facts) -> Result<Result<Vec<Step>, Vec<Query>>, Error> {
    let open = open(site, superior, facts);
    if !open.is_empty() {
        return Ok(Err(open));
    }
    let is_missing = |dn: &&Dn| facts.get(&site.anything_at(dn)).is_some_and(<[_]>::is_empty);
    let chain = chain(site, superior);
    let missing: Vec<&Dn> = chain.iter().filter(is_missing).collect();
    let steps: Result<Vec<Step>, Error> = missing.into_iter().rev().map(|dn| container(site, dn)).collect();
    steps.map(Ok)
}

/// What must be asked to know whether `superior` and the entries above it are there.
pub(super) fn open(site: &Site<'_>, superior: &Dn, facts: &Facts) -> Vec<Query> {
    let queries = chain(site, superior).into_iter().map(|dn| site.anything_at(&dn));
    queries.filter(|query| facts.get(query).is_none()).collect()
}

/// The entries from `superior` up to the endpoint's base, those that are nobody else's to make: without the base, and
/// the lowest alone where none are made.
fn chain(site: &Site<'_>, superior: &Dn) -> Vec<Dn> {
    let makes = site.mapping.placement.as_ref().is_some_and(|placement| !placement.create.is_empty());
    let up = std::iter::successors(Some(superior.clone()), Dn::parent);
    up.take_while(|dn| dn.is_below(&site.place.base)).take(if makes { usize::MAX } else { 1 }).collect()
}

fn container(site: &Site<'_>, dn: &Dn) -> Result<Step, Error> {
    let rdn = dn.rdn().ok_or(Error::Elsewhere)?;
    let attrs = site.mapping.placement.as_ref().and_then(|placement| placement.container(rdn));
    let attrs = attrs.ok_or_else(|| Error::NoSuperior { name: below_base(site, dn) })?;
    let why = format!("make the entry `{}`, below which the next one belongs", below_base(site, dn));
    let mut step = Step::new(why, Change::Add { dn: dn.clone(), attrs });
    // another request was faster
    step.expect = step.expect.or(ResultCode::EntryAlreadyExists);
    step.raced = &[ResultCode::NoSuchObject];
    Ok(step)
}

/// A name as seen from the endpoint's base.
fn below_base(site: &Site<'_>, dn: &Dn) -> String {
    let depth = dn.rdns().len().saturating_sub(site.place.base.rdns().len());
    Dn::from_rdns(dn.rdns()[..depth].to_vec()).to_string()
}
