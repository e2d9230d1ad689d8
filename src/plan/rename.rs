//! What follows when an entry gets another name: references to it, by its DN or by the value that groups know it by.

use super::refer::{self, Names, Referrer, Referrers, Which};
use super::{Doubt, Site, Step, member};
use crate::ldap::{Dn, Entry, Facts, ModOp, Query, Value};
use crate::mapping::{Difference, MemberForm};

/// What follows when an entry gets another name.
pub(super) struct Following {
    /// Each with the one of the old names by which it refers.
    referrers: Vec<(Referrer, usize)>,
    /// What takes the new name out of groups that somebody left behind.
    left: Vec<Step>,
    entry: Dn,
    /// How the entry is referred to, and how it was when an earlier attempt met it: that one may have renamed it already,
    /// or somebody else, and nobody may have come to what follows.
    old: Vec<Names>,
    /// How the entry is referred to afterwards.
    pub(super) new: Names,
    /// Whether there are more references than can be followed.
    pub(super) more: bool,
    /// Whether the directory puts the new name in place of the old one itself, and takes none beside it.
    follows: bool,
}

/// What must follow `difference` in `entry`, a resource of `site`, or what must be asked.
pub(super) fn following(
    site: &Site<'_>,
    entry: &Entry,
    difference: &Difference,
    facts: &Facts,
) -> Result<Following, Vec<Query>> {
    let now = Names::of(site, entry);
    let met = facts.met().filter(|met| site.mapping.id(met) == site.mapping.id(entry));
    let earlier = met.map(|met| Names::of(site, met)).filter(|earlier| *earlier != now);
    let name = new_name(site, entry, difference).or_else(|| now.name.clone());
    let new = Names { dn: difference.new_dn(entry), name };
    let old = [now].into_iter().chain(earlier).collect();
    let mut following = Following {
        referrers: Vec::new(),
        left: Vec::new(),
        entry: entry.dn.clone(),
        old,
        new,
        more: false,
        follows: facts.follows(),
    };
    if following.old.iter().all(|old| *old == following.new) {
        return Ok(following);
    }
    let (found, left) = member::both(following.referrers(site, facts), left_behind(site, entry, &following, facts))?;
    following.more = left.more;
    for (index, found) in found.into_iter().enumerate() {
        following.more |= found.more;
        following.referrers.extend(found.found.into_iter().map(|referrer| (referrer, index)));
    }
    following.left = left.forget_but(following.referrers.iter().map(|(referrer, _)| referrer), &following.new);
    following.referrers.retain(|(referrer, old)| !referrer.is_same(&following.old[*old], &following.new));
    Ok(following)
}

/// The groups that have a member of the new name, as long as it is nobody's.
fn left_behind(site: &Site<'_>, entry: &Entry, following: &Following, facts: &Facts) -> Result<Referrers, Vec<Query>> {
    if following.new.dn == entry.dn && following.new.name == Names::of(site, entry).name {
        return Ok(Referrers::default());
    }
    refer::left_behind(site, &following.new, facts)
}

/// The value by which groups know a user after `difference`, if it changes.
fn new_name(site: &Site<'_>, entry: &Entry, difference: &Difference) -> Option<Value> {
    let groups = site.groups()?;
    let Some(MemberForm::Name(attr)) = groups.mapping.members.as_ref().map(|members| &members.form) else {
        return None;
    };
    let in_rdn = difference.rdn.as_ref().and_then(|rdn| rdn.value(attr)).cloned();
    let named_now = entry.dn.rdn().is_some_and(|rdn| rdn.value(attr).is_some());
    let written = difference.mods.iter().find(|m| m.attr == *attr && m.op != ModOp::Delete && !m.values.is_empty());
    in_rdn.or_else(|| written.filter(|_| !named_now).and_then(|m| m.values.first()).cloned())
}

impl Following {
    /// Whether the entry's own name changes.
    pub(super) fn is_by_dn(&self) -> bool {
        self.new.dn != self.entry
    }

    /// What refers to the entry, for each of its old names.
    fn referrers(&self, site: &Site<'_>, facts: &Facts) -> Result<Vec<Referrers>, Vec<Query>> {
        let of = |old: &Names| {
            let name = old.name.clone().filter(|_| old.name != self.new.name);
            refer::referrers(site, &Names { name, ..old.clone() }, Which::All, facts)
        };
        let (found, asked): (Vec<_>, Vec<_>) = self.old.iter().map(of).partition(Result::is_ok);
        match asked.is_empty() {
            true => Ok(found.into_iter().flatten().collect()),
            false => Err(asked.into_iter().filter_map(Result::err).flatten().collect()),
        }
    }

    /// Whether anything refers to `entry` by an old name is looked at once more when it has the new one.
    pub(super) fn doubts(&self, site: &Site<'_>, entry: &Entry) -> Vec<Doubt> {
        let changed = self.old.iter().filter(|old| **old != self.new);
        changed.filter_map(|old| Some(Doubt::names(site.mapping.id(entry)?, old.clone()))).collect()
    }

    /// Does not follow in these, which do not refer to the entry any more by then.
    pub(super) fn but(&mut self, left: &[Referrer]) {
        let is_left = |r: &Referrer| left.iter().any(|left| left.dn == r.dn && left.attr == r.attr);
        self.referrers.retain(|(referrer, _)| !is_left(referrer));
    }

    /// The new name beside the old one. Where the directory will put it there itself, what an attempt that was cut off put
    /// there goes instead, since the directory would fail at it.
    pub(super) fn before(&self) -> impl Iterator<Item = Step> {
        let why = ("take the new name out of", ", since the directory puts it there itself");
        let beside = self.referrers.iter().filter_map(move |(referrer, old)| match self.is_followed(referrer) {
            true => referrer.remove(&self.new, &referrer.dn, why.0, why.1),
            false => referrer.add(&self.old[*old], &self.new),
        });
        self.left.iter().cloned().chain(beside)
    }

    /// Follows in these groups too, which the entry is put into under its old name.
    pub(super) fn also_in(&mut self, groups: &Site<'_>, dns: &[Dn]) {
        if self.old[0].as_member(groups) != self.new.as_member(groups) {
            self.referrers.extend(dns.iter().map(|dn| (Referrer::group(groups, dn.clone()), 0)));
        }
    }

    /// Follows at this referrer too, which gets to know the entry under its old name.
    pub(super) fn also_at(&mut self, referrer: Referrer) {
        if !referrer.is_same(&self.old[0], &self.new) {
            self.referrers.push((referrer, 0));
        }
    }

    /// The old name taken away; `dn` is the entry's own name by now, which may refer to itself.
    pub(super) fn after(&self, dn: &Dn) -> impl Iterator<Item = Step> {
        self.referrers.iter().filter_map(move |(referrer, old)| {
            let at = if referrer.dn == self.entry { dn } else { &referrer.dn };
            match self.is_followed(referrer) {
                true => referrer.follow(&self.old[*old], &self.new, at),
                false => referrer.replace(&self.old[*old], &self.new, at),
            }
        })
    }

    /// Whether the new name stands beside the old one somewhere, where the directory may want to put it itself.
    pub(super) fn stands_beside(&self) -> bool {
        self.referrers.iter().any(|(referrer, _)| referrer.is_by_dn() && !self.is_followed(referrer))
    }

    fn is_followed(&self, referrer: &Referrer) -> bool {
        self.follows && referrer.is_by_dn()
    }
}
