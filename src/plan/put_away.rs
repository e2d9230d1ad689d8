//! Who is disabled by being moved, where a delete only disables or marks: the entry is moved as well.

use super::refer::Referrer;
use super::{Error, Site, Step, member, place, rename, update};
use crate::ldap::{Entry, Facts, Query};
use crate::mapping::Difference;

/// The steps that move the entry of a deleted user among the disabled, or what must be asked. `left` are the references
/// that are taken away besides, and need not follow.
pub(super) fn steps(
    site: &Site<'_>,
    entry: &Entry,
    left: &[Referrer],
    facts: &Facts,
) -> Result<Result<Vec<Step>, Vec<Query>>, Error> {
    let place = site.mapping.place_of_disabled().filter(|place| !entry.dn.is_below(&place.to));
    let Some(place) = place.filter(|_| site.mapping.delete.graveyard().is_none()) else { return Ok(Ok(Vec::new())) };
    let difference = Difference { parent: Some(place.to.clone()), ..Difference::default() };
    let there = site.anything_at(&difference.new_dn(entry));
    let free = facts.get(&there).map(<[Entry]>::is_empty).ok_or_else(|| vec![there]);
    let known = member::both(place::above(site, &place.to, facts)?, rename::following(site, entry, &difference, facts));
    let ((above, mut following), is_free) = match member::both(known, free) {
        Ok(known) => known,
        Err(queries) => return Ok(Err(queries)),
    };
    if !is_free {
        return Err(Error::Taken { attr: site.mapping.name_attr().to_owned() });
    }
    if following.more {
        return Err(Error::TooManyReferrers);
    }
    following.but(left);
    let step = update::rename_step(site, entry, &difference, false)?;
    let after: Vec<Step> = following.after(&difference.new_dn(entry)).collect();
    Ok(Ok(above.into_iter().chain(following.before()).chain(step).chain(after).collect()))
}
