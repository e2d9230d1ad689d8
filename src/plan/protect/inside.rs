//! Who is in a protected group, directly or through others.
//!
//! Where the directory has a matching rule for that, it is asked about each entry. Elsewhere the groups are read, and
//! those that are in them; administrative groups are small.

use std::collections::HashSet;

use super::anything;
use super::subject::Subject;
use crate::ldap::{AttrType, Dn, DnKey, Entry, Facts, Filter, Query, Value};
use crate::mapping::MemberForm;
use crate::plan::{Error, Site};

/// The attributes by which groups name their members by DN (RFC 4519 sections 2.17 and 2.40), and by name (RFC 2307).
const BY_DN: [&str; 2] = ["member", "uniqueMember"];
const BY_NAME: &str = "memberUid";

/// The most entries that are looked at to find out who is inside.
const MOST: usize = 2000;

/// What is known of those who are in protected groups.
#[derive(Default)]
pub(super) struct Inside {
    /// The groups, nested ones too.
    groups: Vec<Dn>,
    dns: HashSet<DnKey>,
    names: HashSet<String>,
}

/// Reads the protected groups and those in them, or says what must be asked. A group that cannot be read might have
/// anybody in it.
pub(super) fn known(site: &Site<'_>, facts: &Facts) -> Result<Result<Inside, Vec<Query>>, Error> {
    let (mut inside, mut ask, mut seen) = (Inside::default(), Vec::new(), HashSet::new());
    let roots = &site.realm.protection.groups;
    let mut open: Vec<Dn> = roots.clone();
    while let Some(dn) = open.pop() {
        if !seen.insert(dn.key()) {
            continue;
        }
        if seen.len() > MOST {
            return Err(Error::NoProtectedGroup(roots[0].clone()));
        }
        let query = list(site, &dn);
        let Some(found) = facts.get(&query) else {
            ask.push(query);
            continue;
        };
        match found.first() {
            Some(group) => open.extend(inside.read(site, group)),
            None if roots.contains(&dn) => return Err(Error::NoProtectedGroup(dn)),
            None => {}
        }
    }
    Ok(if ask.is_empty() { Ok(inside) } else { Err(ask) })
}

/// The question for the members of a group.
fn list(site: &Site<'_>, dn: &Dn) -> Query {
    let mut attrs = vec![AttrType::known(site.mapping.profile.id_attr)];
    if site.mapping.profile.nested_rule.is_none() {
        attrs.extend(BY_DN.into_iter().chain([BY_NAME]).map(AttrType::known));
    }
    anything(dn, attrs)
}

/// The attribute of users by which groups of names know them.
pub(super) fn name_attr(site: &Site<'_>) -> AttrType {
    let groups = site.groups();
    match groups.and_then(|groups| groups.mapping.members.as_ref()).map(|members| &members.form) {
        Some(MemberForm::Name(attr)) => attr.clone(),
        _ => AttrType::known("uid"),
    }
}

impl Inside {
    /// Notes who is in a group, and gives those who may be groups themselves.
    fn read(&mut self, site: &Site<'_>, group: &Entry) -> Vec<Dn> {
        let values = |attr: &'static str| group.get(&AttrType::known(attr)).iter().filter_map(Value::as_str);
        let dns: Vec<Dn> = BY_DN.into_iter().flat_map(values).filter_map(|text| Dn::parse(text).ok()).collect();
        self.names.extend(values(BY_NAME).map(str::to_lowercase));
        self.dns.extend(dns.iter().map(Dn::key));
        self.groups.push(group.dn.clone());
        dns.into_iter().filter(|dn| !is_person(site, dn)).collect()
    }

    /// Whether the entry is inside, or what must be asked to know.
    pub(super) fn has(
        &self,
        site: &Site<'_>,
        subject: &Subject,
        names: &[Dn],
        found: Option<&Entry>,
        facts: &Facts,
    ) -> Result<bool, Vec<Query>> {
        let roots = &site.realm.protection.groups;
        if roots.is_empty() {
            return Ok(false);
        }
        if let Some(rule) = site.mapping.profile.nested_rule {
            // who is not there is in no group: the directory takes references to nobody out
            return if subject.is_new { Ok(false) } else { answered(facts, &[in_chain(roots, rule, &subject.dn)]) };
        }
        let attr = name_attr(site);
        let own = found.filter(|_| !subject.is_new).map_or(&[][..], |entry| entry.get(&attr));
        let mut texts = own.iter().chain(subject.values(&attr)).filter_map(Value::as_str).map(str::to_lowercase);
        if names.iter().any(|dn| self.dns.contains(&dn.key())) || texts.any(|text| self.names.contains(&text)) {
            return Ok(true);
        }
        // the directory knows best which names are equal
        let queries: Vec<Query> = self.groups.iter().map(|group| is_member(site, group, &subject.dn)).collect();
        answered(facts, &queries)
    }
}

/// Whether any of these finds something, or which are still to be asked.
fn answered(facts: &Facts, queries: &[Query]) -> Result<bool, Vec<Query>> {
    let open: Vec<Query> = queries.iter().filter(|query| facts.get(query).is_none()).cloned().collect();
    match open.is_empty() {
        true => Ok(queries.iter().filter_map(|query| facts.get(query)).any(|found| !found.is_empty())),
        false => Err(open),
    }
}

/// Whether an entry is in one of the groups, at any depth, by a matching rule that follows the chain (MS-ADTS
/// 3.1.1.3.4.4.3).
fn in_chain(groups: &[Dn], rule: &'static str, dn: &Dn) -> Query {
    let member_of = |group: &Dn| Filter::Extensible {
        attr: Some(AttrType::known("memberOf")),
        rule: Some(AttrType::known(rule)),
        dn: false,
        value: Value::from(group.to_string()),
    };
    Query::entry(dn.clone(), Filter::or(groups.iter().map(member_of)), Vec::new())
}

fn is_member(site: &Site<'_>, group: &Dn, dn: &Dn) -> Query {
    let has = |attr| Filter::eq(AttrType::known(attr), dn.to_string());
    let attrs = vec![AttrType::known(site.mapping.profile.id_attr)];
    Query::entry(group.clone(), Filter::or(BY_DN.map(has)), attrs)
}

/// Whether an entry of this name is surely a user of the endpoint, and so no group.
fn is_person(site: &Site<'_>, dn: &Dn) -> bool {
    let (users, groups) = (site.users(), site.groups());
    let by_rdn = |attr: &AttrType| dn.rdn().is_some_and(|rdn| rdn.value(attr).is_some());
    let own = &users.mapping.rdn;
    users.contains(dn) && by_rdn(own) && *own == AttrType::known("uid") && groups.is_none_or(|g| g.mapping.rdn != *own)
}
