//! Permissive modifies on servers that keep the promise only in part.
//!
//! OpenLDAP (seen in 2.5, still in the source of 2026: `modify_delete_vindex`) answers noSuchAttribute (16) to a
//! permissive removal whose last value is absent, and changes nothing; one whose last value is present succeeds,
//! whatever the others. Values that are added just before, permissively and in the same modify, are all present when
//! they are removed.

use crate::ldap::{Change, Mod, ModOp, ResultCode};

/// What a refused permissive modify comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// It had one value to remove, which is absent: nothing is left to do.
    Done,
    /// This does the same, and is not refused for absent values.
    Instead(Change),
}

/// What to do about a server's answer to a change, when the change is permissive and the answer is not.
pub(super) fn remedy(change: &Change, code: ResultCode) -> Option<Remedy> {
    let Change::Modify { dn, mods, permissive: true } = change else {
        return None;
    };
    if code != ResultCode::NoSuchAttribute || !mods.iter().any(removes_values) {
        return None;
    }
    if let [only] = mods.as_slice()
        && only.values.len() == 1
    {
        return Some(Remedy::Done);
    }
    let added_first = |m: &Mod| {
        let add = removes_values(m).then(|| Mod::add(m.attr.clone(), m.values.clone()));
        add.into_iter().chain([m.clone()])
    };
    let mods = mods.iter().flat_map(added_first).collect();
    Some(Remedy::Instead(Change::Modify { dn: dn.clone(), mods, permissive: true }))
}

/// Whether some values are removed, rather than all.
fn removes_values(m: &Mod) -> bool {
    m.op == ModOp::Delete && !m.values.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldap::{AttrType, Dn, Value};

    fn mods(of: &[(ModOp, &[&str])]) -> Vec<Mod> {
        let attr = AttrType::known("member");
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        of.iter().map(|(op, texts)| Mod { op: *op, attr: attr.clone(), values: values(texts) }).collect()
    }

    fn permissive(of: &[(ModOp, &[&str])]) -> Change {
        Change::Modify { dn: Dn::root(), mods: mods(of), permissive: true }
    }

    #[test]
    fn values_to_remove_are_added_first() {
        let refused = permissive(&[(ModOp::Add, &["a"]), (ModOp::Delete, &["b", "c"]), (ModOp::Delete, &[])]);
        let instead = permissive(&[
            (ModOp::Add, &["a"]),
            (ModOp::Add, &["b", "c"]),
            (ModOp::Delete, &["b", "c"]),
            (ModOp::Delete, &[]),
        ]);
        assert_eq!(remedy(&refused, ResultCode::NoSuchAttribute), Some(Remedy::Instead(instead)));
    }

    #[test]
    fn one_absent_value_is_removed_already() {
        let refused = permissive(&[(ModOp::Delete, &["a"])]);
        assert_eq!(remedy(&refused, ResultCode::NoSuchAttribute), Some(Remedy::Done));
    }

    #[test]
    fn other_answers_and_other_changes_stand() {
        let remove = [(ModOp::Delete, &["a"][..])];
        assert_eq!(remedy(&permissive(&remove), ResultCode::ObjectClassViolation), None);
        assert_eq!(remedy(&permissive(&[(ModOp::Delete, &[])]), ResultCode::NoSuchAttribute), None);
        assert_eq!(remedy(&Change::modify(Dn::root(), mods(&remove)), ResultCode::NoSuchAttribute), None);
    }
}
