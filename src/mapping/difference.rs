//! The difference of two resources, as changes to an entry.
//!
//! Only what differs between the resource before and after is written, so what the rules cannot express stays as it
//! is. Values are compared octet by octet, since LDAP's equality is wider than SCIM's.

use indexmap::IndexMap;

use super::read::shown;
use super::rule::{Derived, Rule};
use super::write::{Error, Lookup, candidates, desired, filler};
use super::{ResourceMapping, Slot};
use crate::ldap::{AttrType, Dn, Entry, Mod, ModOp, Rdn, Value};
use crate::scim::Resource;

/// What must change in an entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The changes to attributes.
    pub mods: Vec<Mod>,
    /// What takes those of `mods` back that no client asked for by name: of fillers and derived values.
    pub undo: Vec<Mod>,
    /// The new name, when a value in the entry's name changes (RFC 4511 section 4.9).
    pub rdn: Option<Rdn>,
    /// The entry to move it below, when it moves.
    pub parent: Option<Dn>,
}

impl Difference {
    /// The name of `entry` afterwards.
    pub fn new_dn(&self, entry: &Entry) -> Dn {
        let parent = self.parent.clone().or_else(|| entry.dn.parent());
        let rdn = self.rdn.as_ref().or_else(|| entry.dn.rdn()).cloned();
        parent.zip(rdn).map_or_else(|| entry.dn.clone(), |(parent, rdn)| parent.child(rdn))
    }

    /// Whether the entry gets another name, if only in case, or another place.
    pub fn renames(&self) -> bool {
        self.rdn.is_some() || self.parent.is_some()
    }
}

impl ResourceMapping {
    /// The changes that turn `entry`, which reads as `before`, into one that reads as `after`, but for `active`: see
    /// [`ResourceMapping::set_active`].
    pub fn difference(
        &self,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Difference, Error> {
        let mut edits: IndexMap<AttrType, Edit> = IndexMap::new();
        for rule in self.rules.iter().filter(|r| r.writes()) {
            if let Some(edit) = self.edit(rule, entry, before, after, lookup)? {
                let whole = || Edit { made: true, ..Edit::named(&rule.slot) };
                edits.entry(rule.attr.clone()).or_insert_with(whole).merge(edit);
            }
        }
        for derived in &self.derived {
            if let Some(edit) = self.derived_edit(derived, entry, before, after, lookup)? {
                edits.insert(derived.attr.clone(), edit);
            }
        }
        let mut difference = self.turn_into_mods(entry, edits)?;
        if difference.mods.iter().any(|m| m.op != ModOp::Delete && !m.values.is_empty()) {
            difference.mods.splice(0..0, self.missing_classes(entry));
        }
        Ok(difference)
    }

    /// Adds further changes of `entry` to a difference.
    pub fn extend(&self, entry: &Entry, difference: &mut Difference, mods: Vec<Mod>) {
        let gives = |mods: &[Mod]| mods.iter().any(|m| m.op != ModOp::Delete && !m.values.is_empty());
        if gives(&mods) && !gives(&difference.mods) {
            difference.mods.splice(0..0, self.missing_classes(entry));
        }
        difference.mods.extend(mods);
    }

    /// The change that gives `entry` the auxiliary classes that it does not have yet; none when it has all.
    pub fn missing_classes(&self, entry: &Entry) -> Vec<Mod> {
        let missing = self.auxiliary_classes.iter().filter(|class| !entry.is_of_class(class));
        let missing: Vec<Value> = missing.map(|class| Value::from(class.as_str())).collect();
        if missing.is_empty() { Vec::new() } else { vec![Mod::add(AttrType::known("objectClass"), missing)] }
    }

    fn edit(
        &self,
        rule: &Rule,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Option<Edit>, Error> {
        self.check_elements(rule, after)?;
        let current = shown(rule, entry);
        let (old, new) = (rule.slot.texts(before), rule.slot.texts(after));
        if same_set(&old, &new) && !(new.is_empty() && holds_filler(rule, &current, before)?) {
            return Ok(None);
        }
        let desired = desired(rule, after, lookup, &current)?;
        let mut edit = Edit { made: same_set(&old, &new), ..Edit::named(&rule.slot) };
        edit.remove = current.iter().filter(|v| !contains(rule, &desired, v)).map(|v| (*v).clone()).collect();
        edit.add = desired.into_iter().filter(|v| !current.iter().any(|c| same(rule, c, v))).collect();
        Ok(Some(edit))
    }

    fn derived_edit(
        &self,
        derived: &Derived,
        entry: &Entry,
        before: &Resource,
        after: &Resource,
        lookup: &Lookup,
    ) -> Result<Option<Edit>, Error> {
        let (old, new) = (candidates(derived, before)?, candidates(derived, after)?);
        let current = entry.get(&derived.attr);
        if old.first() == new.first() {
            return Ok(None);
        }
        let ours = |value: &&Value| current.len() == 1 || old.iter().any(|o| value.as_str() == Some(o));
        let mut edit = Edit { name: derived.attr.to_string(), made: true, ..Edit::default() };
        edit.remove = current.iter().filter(ours).cloned().collect();
        edit.add = self.free_candidate(derived, after, lookup, Some(entry))?.into_iter().collect();
        let kept: Vec<Value> = edit.add.iter().filter(|v| edit.remove.contains(v)).cloned().collect();
        edit.remove.retain(|v| !kept.contains(v));
        edit.add.retain(|v| !kept.contains(v));
        Ok(Some(edit))
    }

    fn turn_into_mods(&self, entry: &Entry, edits: IndexMap<AttrType, Edit>) -> Result<Difference, Error> {
        let mut difference = Difference::default();
        let mut rdn = entry.dn.rdn().cloned();
        for (attr, mut edit) in edits {
            let named = rdn.as_ref().and_then(|rdn| edit.remove.iter().position(|v| rdn.has_value(&attr, v)));
            if let (Some(at), Some(old)) = (named, rdn.as_ref()) {
                edit.remove.remove(at);
                let first = edit.add.first().cloned().ok_or_else(|| Error::Naming { attr: edit.name.clone() })?;
                edit.add.retain(|v| *v != first);
                let new = old.with_value(&attr, first);
                difference.rdn = Some(new.clone());
                rdn = Some(new);
            }
            let made = edit.made;
            let mods = self.mods(&attr, entry, edit);
            if made {
                difference.undo.extend(mods.iter().rev().map(|m| m.undo(entry.get(&attr))));
            }
            difference.mods.extend(mods);
        }
        Ok(difference)
    }

    fn mods(&self, attr: &AttrType, entry: &Entry, edit: Edit) -> Vec<Mod> {
        let one = |op, values: Vec<Value>| Mod { op, attr: attr.clone(), values };
        let changes = !edit.remove.is_empty() || !edit.add.is_empty();
        if changes && !self.profile.has_equality(attr) {
            let kept = entry.get(attr).iter().filter(|v| !edit.remove.contains(v)).cloned();
            return vec![one(ModOp::Replace, kept.chain(edit.add).collect())];
        }
        let mods = [one(ModOp::Delete, edit.remove), one(ModOp::Add, edit.add)];
        mods.into_iter().filter(|m| !m.values.is_empty()).collect()
    }
}

/// What must go from an attribute and what must come.
#[derive(Default)]
struct Edit {
    /// What an administrator calls the attribute: its SCIM name where it has one.
    name: String,
    /// Whether templates made all of it, so that it means nothing without what it was made from.
    made: bool,
    remove: Vec<Value>,
    add: Vec<Value>,
}

impl Edit {
    fn named(slot: &Slot) -> Self {
        Self { name: slot.to_string(), ..Self::default() }
    }

    fn merge(&mut self, other: Self) {
        self.made &= other.made;
        self.remove.extend(other.remove);
        self.add.extend(other.add);
    }
}

/// Whether the attribute holds nothing but what the rule's template gave for `before`.
fn holds_filler(rule: &Rule, current: &[&Value], before: &Resource) -> Result<bool, Error> {
    let Some(template) = &rule.default else { return Ok(false) };
    let filler = filler(rule, template, before)?;
    Ok(current.is_empty() || (current.len() == 1 && filler.as_ref() == Some(current[0])))
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|text| b.contains(text))
}

fn contains(rule: &Rule, values: &[Value], value: &Value) -> bool {
    values.iter().any(|v| same(rule, v, value))
}

/// Octet equality; for references, equality of DNs, since servers spell them each in their own way.
fn same(rule: &Rule, a: &Value, b: &Value) -> bool {
    let dn = |value: &Value| value.as_str().and_then(|text| Dn::parse(text).ok());
    a == b || (rule.reference.is_some() && matches!((dn(a), dn(b)), (Some(a), Some(b)) if a == b))
}
