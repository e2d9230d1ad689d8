//! References: what must follow when an entry is renamed or goes, whether or not the directory sees to it as well.
//!
//! A delete takes the references away first and then the entry. A rename puts the new name beside the old one
//! everywhere, then renames, then takes the old name away. So wherever it stops, nobody loses anything, and before it
//! has renamed, the same request ends it. What is left of a name that nobody has is taken out of groups before somebody
//! gets the name.

use super::member::kept;
use super::{Integrity, Site, Step, state};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Filter, Mod, Query, ResultCode, Value};
use crate::mapping::{MemberForm, StateGroup};

/// How many referring entries are dealt with at once: below the size limits that directories set for ordinary accounts.
const MOST: usize = 250;

/// An entry that refers to another one.
pub(super) struct Referrer {
    /// Its name.
    pub(super) dn: Dn,
    /// The attribute that refers.
    pub(super) attr: AttrType,
    /// What the value is made of.
    link: Link,
    /// The value that must take the place of the last one, where the attribute must have one.
    placeholder: Option<Value>,
}

/// What the value of a reference is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Link {
    /// The DN.
    Dn,
    /// The value of an attribute.
    Name,
}

/// The entries that refer to another one.
#[derive(Default)]
pub(super) struct Referrers {
    /// Those that were found.
    pub(super) found: Vec<Referrer>,
    /// Whether there may be more.
    pub(super) more: bool,
}

/// How an entry is referred to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Names {
    /// Its DN.
    pub(super) dn: Dn,
    /// The value of the attribute by which groups name their members, where they do not do so by DN.
    pub(super) name: Option<Value>,
}

/// Which references count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All.
    All,
    /// Those of groups to their members, but for the groups that say who is enabled.
    Memberships,
    /// Those of groups to their members, and of the groups that say who is enabled.
    Groups,
    /// Those of groups that clients see to their members.
    Shown,
}

impl Names {
    /// How `entry`, a resource of `site`, is referred to.
    pub(super) fn of(site: &Site<'_>, entry: &Entry) -> Self {
        let members = site.groups().and_then(|groups| groups.mapping.members.as_ref());
        let by_name = members.filter(|members| members.form != MemberForm::Dn && !site.is_of_groups());
        Self { dn: entry.dn.clone(), name: by_name.and_then(|members| members.value_of(entry)) }
    }

    /// The value by which the entry is a member of `groups`.
    pub(super) fn as_member(&self, groups: &Site<'_>) -> Option<Value> {
        match kept(groups).form {
            MemberForm::Dn => self.value(&Link::Dn),
            MemberForm::Name(_) => self.name.clone(),
        }
    }

    fn value(&self, link: &Link) -> Option<Value> {
        match link {
            Link::Dn => Some(Value::from(self.dn.to_string())),
            Link::Name => self.name.clone(),
        }
    }
}

/// The entries of the endpoint that refer to the one called `names`, or what must be asked.
pub(super) fn referrers(site: &Site<'_>, names: &Names, which: Which, facts: &Facts) -> Result<Referrers, Vec<Query>> {
    let (mut referrers, mut ask) = (Referrers::default(), Vec::new());
    for (place, attr, link) in site.all().flat_map(|place| links(place, which)) {
        let Some(value) = names.value(&link).filter(|value| !is_nobody(&place, &attr, value)) else { continue };
        let query = place.referring(&attr, value, which);
        let Some(entries) = facts.get(&query) else {
            ask.push(query);
            continue;
        };
        referrers.more |= entries.len() > MOST;
        let inside = entries.iter().take(MOST).filter(|entry| place.contains(&entry.dn));
        referrers.found.extend(inside.map(|entry| Referrer::new(&place, entry.dn.clone(), &attr, &link)));
    }
    ask.extend(state_groups(site, names, which, facts, &mut referrers.found));
    if ask.is_empty() { Ok(referrers) } else { Err(ask) }
}

/// Adds the groups that say who is enabled to those that refer to a user, or takes them out; what must be asked.
fn state_groups(site: &Site<'_>, names: &Names, which: Which, facts: &Facts, found: &mut Vec<Referrer>) -> Vec<Query> {
    let mut ask = Vec::new();
    for group in site.mapping.state_groups() {
        found.retain(|referrer| !(referrer.dn == group.dn && referrer.attr == group.member));
        if !counts_dns(site, which) || matches!(which, Which::Memberships | Which::Shown) {
            continue;
        }
        let query = state::membership(site, group, Value::from(names.dn.to_string()));
        match facts.get(&query) {
            None => ask.push(query),
            Some(entries) => found.extend((!entries.is_empty()).then(|| Referrer::state(site, group))),
        }
    }
    ask
}

/// Whether a value of `attr` stands for nobody: it is in every group, and stays there.
fn is_nobody(place: &Site<'_>, attr: &AttrType, value: &Value) -> bool {
    place.mapping.members.as_ref().is_some_and(|members| members.attr == *attr && members.is_placeholder(value))
}

/// The groups with a member called `names`, when nobody is called so: left by an entry that went, or was renamed, while
/// nobody looked. Whoever gets the name next must not be in them.
pub(super) fn left_behind(site: &Site<'_>, names: &Names, facts: &Facts) -> Result<Referrers, Vec<Query>> {
    let by_dn = site.groups().is_some_and(|groups| kept(&groups).form == MemberForm::Dn);
    if by_dn && site.realm.integrity == Integrity::Directory {
        return Ok(Referrers::default());
    }
    let left = referrers(site, names, Which::Groups, facts)?;
    let is_kept = left.found.is_empty() || !bearers(site, names, facts)?.is_empty();
    Ok(if is_kept { Referrers::default() } else { left })
}

/// The entries that have one of these names.
pub(super) fn bearers<'f>(site: &Site<'_>, names: &Names, facts: &'f Facts) -> Result<Vec<&'f Entry>, Vec<Query>> {
    let members = site.groups().and_then(|groups| groups.mapping.members.as_ref());
    let by_name = members.and_then(|members| match (&members.form, &names.name) {
        (MemberForm::Name(attr), Some(name)) => Some(site.users().having(attr, &[name.as_str()?.to_owned()])),
        _ => None,
    });
    let queries: Vec<Query> = by_name.into_iter().chain([site.anything_at(&names.dn)]).collect();
    let open: Vec<Query> = queries.iter().filter(|query| facts.get(query).is_none()).cloned().collect();
    if open.is_empty() {
        Ok(queries.iter().filter_map(|query| facts.get(query)).flatten().collect())
    } else {
        Err(open)
    }
}

/// The attributes by which entries of `place` refer to others and that are ours to keep right.
fn links(place: Site<'_>, which: Which) -> Vec<(Site<'_>, AttrType, Link)> {
    let members = place.mapping.members.as_ref();
    let mut links = Vec::new();
    if let Some(members) = members.filter(|members| members.form != MemberForm::Dn) {
        links.push((place, members.attr.clone(), Link::Name));
    }
    let counts = |attr: &&AttrType| which == Which::All || members.is_some_and(|members| members.attr == **attr);
    if counts_dns(&place, which) {
        links.extend(place.mapping.references.iter().filter(counts).map(|attr| (place, attr.clone(), Link::Dn)));
    }
    links
}

/// Whether references by DN are ours to keep right: memberships go for other reasons than a name too, which no overlay
/// knows of.
fn counts_dns(place: &Site<'_>, which: Which) -> bool {
    place.realm.integrity == Integrity::Bridge || which != Which::All
}

impl Site<'_> {
    /// Whether this is the site of groups.
    pub(super) fn is_of_groups(&self) -> bool {
        self.mapping.members.is_some()
    }

    /// The entries of this site, deleted ones too, whose `attr` has `value`: their names only, and one more than are
    /// dealt with at once.
    fn referring(&self, attr: &AttrType, value: Value, which: Which) -> Query {
        let entries = if which == Which::Shown { self.living() } else { self.classes() };
        let filter = Filter::and([entries, Filter::eq(attr.clone(), value)]);
        let attrs = [AttrType::known(self.mapping.profile.id_attr)].into();
        Query {
            base: self.place.base.clone(),
            scope: self.place.scope,
            filter,
            attrs,
            limit: u32::try_from(MOST + 1).ok(),
        }
    }
}

impl Referrers {
    /// The steps that take a name which nobody has out of these groups, but for those that refer otherwise too.
    pub(super) fn forget_but<'a>(
        &'a self,
        others: impl Iterator<Item = &'a Referrer> + Clone,
        names: &Names,
    ) -> Vec<Step> {
        let why = ("take a name that nobody has out of", ", before it is given to somebody");
        let stays = |r: &&Referrer| others.clone().any(|other| other.dn == r.dn && other.attr == r.attr);
        let forgotten = self.found.iter().filter(|referrer| !stays(referrer));
        forgotten.filter_map(|referrer| referrer.remove(names, &referrer.dn, why.0, why.1)).collect()
    }
}

impl Referrer {
    /// The group at `dn`, which has the entry as a member.
    pub(super) fn group(groups: &Site<'_>, dn: Dn) -> Self {
        let members = kept(groups);
        let link = if members.form == MemberForm::Dn { Link::Dn } else { Link::Name };
        Self::new(groups, dn, &members.attr, &link)
    }

    /// A group that says who is enabled, which has the entry as a member.
    pub(super) fn state(site: &Site<'_>, group: &StateGroup) -> Self {
        let placeholder = state::placeholder(site, group);
        Self { dn: group.dn.clone(), attr: group.member.clone(), link: Link::Dn, placeholder }
    }

    fn new(place: &Site<'_>, dn: Dn, attr: &AttrType, link: &Link) -> Self {
        let members = place.mapping.members.as_ref().filter(|members| members.attr == *attr);
        let placeholder = members.and_then(|members| members.placeholder.clone());
        Self { dn, attr: attr.clone(), link: link.clone(), placeholder }
    }

    /// The step that puts the reference by the new name beside the old one, if that is still there. Taken back when the
    /// rename is refused.
    pub(super) fn add(&self, old: &Names, new: &Names) -> Option<Step> {
        let (value, beside) = (new.value(&self.link)?, old.value(&self.link)?);
        let change = |mods: Vec<Mod>| Change::modify(self.dn.clone(), mods);
        let mods = vec![
            Mod::delete(self.attr.clone(), vec![beside.clone()]),
            Mod::add(self.attr.clone(), vec![beside, value.clone()]),
        ];
        let why = format!("refer to the new name in `{}`, beside the old one", self.attr);
        let mut step = Step::new(why, change(mods));
        // the new name is there already, or the old one has been taken away
        step.expect = step.expect.or(ResultCode::AttributeOrValueExists).or(ResultCode::NoSuchAttribute);
        step.undo = Some(change(vec![Mod::delete(self.attr.clone(), vec![value])]));
        Some(step)
    }

    /// Whether both names are the same for the directory, although they may be spelled otherwise.
    pub(super) fn is_same(&self, a: &Names, b: &Names) -> bool {
        match self.link {
            Link::Dn => a.dn == b.dn,
            Link::Name => a.name == b.name,
        }
    }

    /// The step that takes the reference by the old name away, where the one by the new name is beside it. Where both may
    /// be the same for the directory, as a ligature and its letters are, it says once more that the new one stays.
    pub(super) fn replace(&self, old: &Names, new: &Names, dn: &Dn) -> Option<Step> {
        let mut step = self.remove(old, dn, "take the old name out of", "; the new one stays")?;
        step.otherwise = None;
        let values = [old.value(&self.link)?, new.value(&self.link)?];
        // among ASCII letters there is nothing that only the directory knows
        let is_other = !self.is_same(old, new) && values.iter().all(|value| value.as_bytes().is_ascii());
        let [_, new] = values;
        if let Change::Modify { mods, permissive, .. } = &mut step.change {
            // the server may see to the name itself, and be faster
            *permissive = true;
            mods.extend((!is_other).then(|| Mod::add(self.attr.clone(), vec![new])));
        }
        Some(step)
    }

    /// Whether it refers by DN.
    pub(super) fn is_by_dn(&self) -> bool {
        self.link == Link::Dn
    }

    /// The step that refers to an entry by its name of now instead of an old one, unless somebody has done so or taken
    /// the reference away. The referring entry may be called `dn` by now.
    pub(super) fn follow(&self, old: &Names, now: &Names, dn: &Dn) -> Option<Step> {
        if self.is_same(old, now) {
            return None;
        }
        let change = |mods| Change::modify(dn.clone(), mods);
        let gone = Mod::delete(self.attr.clone(), vec![old.value(&self.link)?]);
        let mods = vec![gone.clone(), Mod::add(self.attr.clone(), vec![now.value(&self.link)?])];
        let why = format!("refer to the new name in `{}`, which referred to the old one meanwhile", self.attr);
        let mut step = Step::new(why, change(mods));
        step.expect = step.expect.or(ResultCode::NoSuchAttribute).or(ResultCode::NoSuchObject);
        step.otherwise = Some((ResultCode::AttributeOrValueExists, change(vec![gone])));
        Some(step)
    }

    /// The step that takes the reference by `names` away from the entry, which may be called `dn` by now.
    pub(super) fn remove(&self, names: &Names, dn: &Dn, why: &str, further: &str) -> Option<Step> {
        let old = Mod::delete(self.attr.clone(), vec![names.value(&self.link)?]);
        let change = |mods| Change::modify(dn.clone(), mods);
        let mut step = Step::new(format!("{why} `{}`{further}", self.attr), change(vec![old.clone()]));
        step.expect = step.expect.or(ResultCode::NoSuchAttribute).or(ResultCode::NoSuchObject);
        step.otherwise = self.placeholder.as_ref().map(|placeholder| {
            let held = vec![old, Mod::add(self.attr.clone(), vec![placeholder.clone()])];
            (ResultCode::ObjectClassViolation, change(held))
        });
        Some(step)
    }
}
