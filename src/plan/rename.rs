//! What follows when an entry gets another name: references to it, by its DN or by the value that groups know it by.

use super::refer::{self, Names, Referrer, Referrers, Which};
use super::{Site, Step, member};
use crate::ldap::{Dn, Entry, Facts, ModOp, Query, Value};
use crate::mapping::{Difference, MemberForm};

/// What follows when an entry gets another name.
pub(super) struct Following {
    referrers: Vec<Referrer>,
    /// What takes the new name out of groups that somebody left behind.
    left: Vec<Step>,
    entry: Dn,
    old: Names,
    /// How the entry is referred to afterwards.
    pub(super) new: Names,
    /// Whether there are more references than can be followed.
    pub(super) more: bool,
}

/// What must follow `difference` in `entry`, a resource of `site`, or what must be asked.
pub(super) fn following(
    site: &Site<'_>,
    entry: &Entry,
    difference: &Difference,
    facts: &Facts,
) -> Result<Following, Vec<Query>> {
    // an earlier attempt may have renamed the entry already, and not come to what follows
    let before = facts.met().filter(|met| site.mapping.id(met) == site.mapping.id(entry)).unwrap_or(entry);
    let old = Names::of(site, before);
    let name = new_name(site, entry, difference).or_else(|| Names::of(site, entry).name);
    let new = Names { dn: renamed(entry, difference), name };
    let mut asked = Names { dn: old.dn.clone(), name: None };
    if new.name != old.name {
        asked.name.clone_from(&old.name);
    }
    let moves = new.dn != old.dn;
    let mut following =
        Following { referrers: Vec::new(), left: Vec::new(), entry: entry.dn.clone(), old, new, more: false };
    if moves || asked.name.is_some() {
        let found = refer::referrers(site, &asked, Which::All, facts);
        let (found, left) = member::both(found, left_behind(site, entry, &following, facts))?;
        following.more = found.more || left.more;
        following.referrers = found.found;
        following.left = left.forget_but(&following.referrers, &following.new);
        following.referrers.retain(|referrer| moves || !referrer.is_by_dn());
    }
    Ok(following)
}

/// The groups that have a member of the new name, as long as it is nobody's.
fn left_behind(site: &Site<'_>, entry: &Entry, following: &Following, facts: &Facts) -> Result<Referrers, Vec<Query>> {
    if following.new.dn == entry.dn && following.new.name == Names::of(site, entry).name {
        return Ok(Referrers::default());
    }
    refer::left_behind(site, &following.new, facts)
}

fn renamed(entry: &Entry, difference: &Difference) -> Dn {
    let renamed = difference.rdn.as_ref().and_then(|rdn| Some(entry.dn.parent()?.child(rdn.clone())));
    renamed.unwrap_or_else(|| entry.dn.clone())
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

    /// The new name beside the old one.
    pub(super) fn before(&self) -> impl Iterator<Item = Step> {
        self.left.iter().cloned().chain(self.referrers.iter().filter_map(|referrer| referrer.add(&self.new)))
    }

    /// Follows in these groups too, which the entry is put into under its old name.
    pub(super) fn also_in(&mut self, groups: &Site<'_>, dns: &[Dn]) {
        if self.old.as_member(groups) != self.new.as_member(groups) {
            self.referrers.extend(dns.iter().map(|dn| Referrer::group(groups, dn.clone())));
        }
    }

    /// The old name taken away; `dn` is the entry's own name by now, which may refer to itself.
    pub(super) fn after(&self, dn: &Dn) -> impl Iterator<Item = Step> {
        self.referrers.iter().filter_map(move |referrer| {
            let at = if referrer.dn == self.entry { dn } else { &referrer.dn };
            referrer.replace(&self.old, &self.new, at)
        })
    }
}
