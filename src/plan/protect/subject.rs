//! The entries that a plan changes.

use std::collections::HashSet;

use super::{anything, attributes, inside};
use crate::ldap::{AttrType, Change, Dn, DnKey, ModOp, Query, Value};
use crate::plan::{Plan, Site};

/// An entry that a plan changes, by the name that it has at one of its steps.
pub(super) struct Subject {
    /// Its name.
    pub(super) dn: Dn,
    /// Whether the plan gives it that name, so that nothing is there yet.
    pub(super) is_new: bool,
    /// The values that the plan gives to its attributes.
    given: Vec<(AttrType, Value)>,
}

impl Subject {
    /// Its names as the bridge and as the directory spells them; `found` is what [`look`] brings.
    pub(super) fn spellings(&self, found: Option<&Dn>) -> Vec<Dn> {
        let told = match (found, self.dn.rdn()) {
            (Some(parent), Some(rdn)) if self.is_new => Some(parent.child(rdn.clone())),
            (found, _) => found.cloned(),
        };
        std::iter::once(self.dn.clone()).chain(told).collect()
    }

    /// The values of `attr` that are in its name or come with the plan.
    pub(super) fn values<'s>(&'s self, attr: &'s AttrType) -> impl Iterator<Item = &'s Value> {
        let named = self.dn.rdn().and_then(|rdn| rdn.value(attr));
        self.given.iter().filter(move |(given, _)| given == attr).map(|(_, value)| value).chain(named)
    }
}

/// The entries that `plan` changes, each once under each of its names.
pub(super) fn subjects(plan: &Plan) -> Vec<Subject> {
    let mut made: HashSet<DnKey> = HashSet::new();
    let mut subjects: Vec<Subject> = Vec::new();
    for change in plan.steps.iter().map(|step| &step.change) {
        let ends = [change.dn().clone(), change.resulting_dn()];
        let adds = matches!(change, Change::Add { .. });
        made.extend((adds || ends[0] != ends[1]).then(|| ends[1].key()));
        for dn in ends {
            let at = subjects.iter().position(|subject| subject.dn.key() == dn.key()).unwrap_or_else(|| {
                let is_new = made.contains(&dn.key());
                subjects.push(Subject { dn: dn.clone(), is_new, given: Vec::new() });
                subjects.len() - 1
            });
            subjects[at].given.extend(given(change));
        }
    }
    subjects
}

fn given(change: &Change) -> Vec<(AttrType, Value)> {
    let pairs = |attr: &AttrType, values: &[Value]| -> Vec<(AttrType, Value)> {
        values.iter().map(|value| (attr.clone(), value.clone())).collect()
    };
    match change {
        Change::Add { attrs, .. } => attrs.iter().flat_map(|(attr, values)| pairs(attr, values)).collect(),
        Change::Modify { mods, .. } => {
            let gives = mods.iter().filter(|m| m.op != ModOp::Delete);
            gives.flat_map(|m| pairs(&m.attr, &m.values)).collect()
        }
        Change::ModifyDn { .. } | Change::Delete { .. } | Change::SetPassword { .. } => Vec::new(),
    }
}

/// The question how an entry is called by the directory and what it has; of one that is not there yet, how the entry
/// above it is called, where names matter.
pub(super) fn look(site: &Site<'_>, subject: &Subject) -> Option<Query> {
    let protection = &site.realm.protection;
    if subject.is_new && protection.subtrees.is_empty() && protection.groups.is_empty() {
        return None;
    }
    let at = if subject.is_new { subject.dn.parent().unwrap_or_default() } else { subject.dn.clone() };
    let mut attrs: Vec<AttrType> = attributes(site).map(|(attr, _)| attr).collect();
    attrs.extend([AttrType::known(site.mapping.profile.id_attr), inside::name_attr(site)]);
    attrs.sort();
    attrs.dedup();
    Some(anything(&at, attrs))
}
