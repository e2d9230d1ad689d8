//! Where entries are put: new ones, those that come back, and those whose placement or state changes.

use super::request::Target;
use super::update::is_active;
use super::{Error, Site, Step, name};
use crate::ldap::{Change, Dn, Entry, Facts, Query, ResultCode};
use crate::mapping::PlaceOfDisabled;
use crate::scim::Resource;

/// The move of an entry.
#[derive(Default)]
pub(super) struct Moving {
    /// The entry to move it below, when it moves.
    pub(super) superior: Option<Dn>,
    /// The steps that make missing entries above it.
    pub(super) above: Vec<Step>,
    /// Where a user who is disabled by being moved goes back to, when that changes.
    pub(super) home: Option<Dn>,
}

type Known<T> = Result<Result<T, Vec<Query>>, Error>;

/// The entry below which a new entry for `resource` is put.
pub(super) fn of_new(site: &Site<'_>, resource: &Resource) -> Result<Dn, Error> {
    match site.mapping.place_of_disabled() {
        Some(place) if !is_active(resource) => Ok(place.to.clone()),
        _ => superior(site, resource),
    }
}

/// The entry below which `resource` belongs, whatever its state.
fn superior(site: &Site<'_>, resource: &Resource) -> Result<Dn, Error> {
    let base = &site.place.base;
    let Some(dn) = site.mapping.superior(resource)? else { return Ok(base.clone()) };
    if site.mapping.is_among_disabled(&dn) || (dn != *base && !dn.is_below(base)) {
        return Err(Error::Elsewhere);
    }
    let made = &dn.rdns()[..dn.rdns().len() - base.rdns().len()];
    made.iter().try_for_each(|rdn| name::check_length(site, rdn)).map_err(|error| match error {
        Error::NameTooLong { len, max, unit, .. } => {
            Error::NameTooLong { attr: "placement".to_owned(), len, max, unit }
        }
        other => other,
    })?;
    Ok(dn)
}

/// The move that the change of a resource asks for, or what must be asked. `said` tells whether the request says anything
/// about `active`. Where the placement comes out as before, the entry stays where it is, be it that somebody moved it
/// there by hand.
pub(super) fn of_changed(site: &Site<'_>, target: &Target<'_>, said: bool, facts: &Facts) -> Known<Moving> {
    let after = superior(site, target.after)?;
    let differs = superior(site, target.before).map_or(true, |before| before != after);
    let active = is_active(target.after);
    match site.mapping.place_of_disabled() {
        Some(place) if active && target.entry.dn.is_below(&place.to) => {
            back(site, target.entry, (!differs).then_some(place), after, facts)
        }
        Some(place) if !active && (said || target.entry.dn.is_below(&place.to)) => {
            away(site, target, place, differs.then_some(after), facts)
        }
        _ if differs => to(site, target.entry, after, facts),
        _ => Ok(Ok(Moving::default())),
    }
}

/// The way of a user who is disabled: `home` is where the user belongs, if that changes at the same time. What is noted
/// of one who is disabled and not moved yet was noted by an attempt that was stopped in between.
fn away(
    site: &Site<'_>,
    target: &Target<'_>,
    place: &PlaceOfDisabled,
    home: Option<Dn>,
    facts: &Facts,
) -> Known<Moving> {
    let entry = target.entry;
    if entry.dn.is_below(&place.to) {
        return Ok(Ok(Moving { home, ..Moving::default() }));
    }
    let moving = to(site, entry, place.to.clone(), facts)?;
    let noted = || site.mapping.home(entry).filter(|_| !is_active(target.before));
    Ok(moving.map(|moving| Moving { home: home.or_else(noted).or_else(|| entry.dn.parent()), ..moving }))
}

/// The way of a user who is enabled again: where the user was if that is known, still there and still right, or else
/// where the placement says.
fn back(site: &Site<'_>, entry: &Entry, place: Option<&PlaceOfDisabled>, after: Dn, facts: &Facts) -> Known<Moving> {
    let base = &site.place.base;
    let is_ours = |home: &Dn, place: &PlaceOfDisabled| {
        (home == base || home.is_below(base)) && *home != place.to && !home.is_below(&place.to)
    };
    let home = place.and_then(|place| site.mapping.home(entry).filter(|home| is_ours(home, place)));
    let Some(home) = home else { return to(site, entry, after, facts) };
    let query = site.anything_at(&home);
    match facts.get(&query) {
        None => Ok(Err(vec![query])),
        Some([]) => to(site, entry, after, facts),
        Some(_) => Ok(Ok(Moving { superior: Some(home), ..Moving::default() })),
    }
}

fn to(site: &Site<'_>, entry: &Entry, superior: Dn, facts: &Facts) -> Known<Moving> {
    if entry.dn.parent().is_some_and(|parent| parent == superior) {
        return Ok(Ok(Moving::default()));
    }
    let above = above(site, &superior, facts)?;
    Ok(above.map(|above| Moving { superior: Some(superior), above, home: None }))
}

/// The steps that make what is missing of `superior` and the entries above it, or what must be asked.
pub(super) fn above(site: &Site<'_>, superior: &Dn, facts: &Facts) -> Known<Vec<Step>> {
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

/// The entries from `superior` up to the endpoint's base, without the base, which is not the bridge's to make; the lowest
/// alone where none are made.
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
