//! Modifies that take what is done already as done, on any server.
//!
//! Active Directory has a control for it ([`crate::ldap::PERMISSIVE_MODIFY`]), OpenLDAP has the same, and neither that
//! nor Samba keeps the promise whole:
//!
//! OpenLDAP (seen in 2.5, still in the source of 2026: `modify_delete_vindex`) answers noSuchAttribute (16) to a
//! permissive removal whose last value is absent, and changes nothing; one whose last value is present succeeds,
//! whatever the others. Values that are added just before, permissively and in the same modify, are all present when
//! they are removed.
//!
//! Samba offers the control and does not heed it for attributes that hold links, such as `member`; 389 Directory Server
//! does not know it. There the modify is sent as it is, and where that is refused, in pieces: only an operation with one
//! value tells which value it was that is there already or is not there.

use super::conn::Applied;
use super::{Error, Session};
use crate::ldap::{AttrType, Change, ChangeKind, Dn, Entry, Mod, ModOp, ResultCode, Value};

/// Into how many parts the values of a refused operation go. If just one is done already, this costs as few operations
/// as halves do; if all are, a third more than one for each value, instead of twice as many.
const PARTS: usize = 4;

/// What a refused permissive modify comes to on OpenLDAP.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    /// It had one value to remove, which is absent: nothing is left to do.
    Done,
    /// This does the same, and is not refused for absent values.
    Instead(Vec<Mod>),
    /// There is none.
    None,
}

impl Session {
    /// Changes an entry, whatever of the change is done already.
    pub(super) async fn apply_permissive(
        &self,
        dn: &Dn,
        mods: &[Mod],
        post_read: &[AttrType],
    ) -> Result<Applied, Error> {
        let change = |mods: &[Mod], permissive| Change::Modify { dn: dn.clone(), mods: mods.to_vec(), permissive };
        if !self.server.settings.permissive_control {
            let strict = self.write(&change(mods, false), post_read).await?;
            return if is_strict(strict.code) { self.apply_pieces(dn, mods, post_read).await } else { Ok(strict) };
        }
        let applied = self.write(&change(mods, true), post_read).await?;
        if applied.code != ResultCode::UnavailableCriticalExtension && !is_strict(applied.code) {
            return Ok(applied);
        }
        match remedy(mods, applied.code) {
            Remedy::Done => return Ok(done(None)),
            Remedy::Instead(mods) => {
                let instead = self.write(&change(&mods, true), post_read).await?;
                // what the object classes demand, they demand of the pieces as well
                let whole = [ResultCode::Success, ResultCode::ObjectClassViolation].contains(&instead.code);
                if whole || instead.code.is_outage() {
                    return Ok(instead);
                }
            }
            Remedy::None => {}
        }
        self.apply_pieces(dn, mods, post_read).await
    }

    /// Makes the changes one after the other, with fewer values the more often some are refused because of what is done
    /// already. The first other refusal is the answer; what was done until then stays.
    async fn apply_pieces(&self, dn: &Dn, mods: &[Mod], post_read: &[AttrType]) -> Result<Applied, Error> {
        let mut rest = pieces(mods);
        rest.reverse();
        let (mut begun, mut entry) = (false, None);
        while let Some(piece) = rest.pop() {
            let change = Change::modify(dn.clone(), vec![piece.clone()]);
            let applied = self.write(&change, post_read).await.map_err(|error| self.unknown_if(begun, error))?;
            match applied.code {
                ResultCode::Success => (begun, entry) = (true, applied.entry.or(entry)),
                code if code == done_already(piece.op) => rest.extend(parts(piece)),
                _ => return Ok(applied),
            }
        }
        Ok(done(entry))
    }

    /// Of a change that is done in part, nobody may think that nothing was sent.
    fn unknown_if(&self, begun: bool, error: Error) -> Error {
        match error {
            Error::OutcomeUnknown { .. } => error,
            error if begun => Error::OutcomeUnknown {
                server: self.server().to_owned(),
                op: ChangeKind::Modify.label(),
                cause: format!("a part of it was done: {error}"),
            },
            error => error,
        }
    }
}

/// Whether an answer says that some value is there already, or is not there.
fn is_strict(code: ResultCode) -> bool {
    matches!(code, ResultCode::AttributeOrValueExists | ResultCode::NoSuchAttribute)
}

/// The answer to an operation that is refused because it is done already; success, which is none, where it never is.
fn done_already(op: ModOp) -> ResultCode {
    match op {
        ModOp::Add => ResultCode::AttributeOrValueExists,
        ModOp::Delete => ResultCode::NoSuchAttribute,
        ModOp::Replace | ModOp::Increment => ResultCode::Success,
    }
}

fn done(entry: Option<Entry>) -> Applied {
    Applied { code: ResultCode::Success, matched: String::new(), text: String::new(), entry }
}

/// What OpenLDAP needs in place of a permissive modify that it answered so.
fn remedy(mods: &[Mod], code: ResultCode) -> Remedy {
    if code != ResultCode::NoSuchAttribute || !mods.iter().any(removes_values) {
        return Remedy::None;
    }
    if let [only] = mods
        && only.values.len() == 1
    {
        return Remedy::Done;
    }
    let added_first = |m: &Mod| {
        let add = removes_values(m).then(|| Mod::add(m.attr.clone(), m.values.clone()));
        add.into_iter().chain([m.clone()])
    };
    Remedy::Instead(mods.iter().flat_map(added_first).collect())
}

/// Whether some values are removed, rather than all.
fn removes_values(m: &Mod) -> bool {
    m.op == ModOp::Delete && !m.values.is_empty()
}

/// The changes in the order in which they can be made one by one. Values come before others go, since an entry may have
/// to have some; but not where a value may be the same as one that goes before, which would then be lost.
fn pieces(mods: &[Mod]) -> Vec<Mod> {
    let (mut first, mut then): (Vec<Mod>, Vec<Mod>) = (Vec::new(), Vec::new());
    for m in mods {
        if m.op != ModOp::Add {
            then.push(m.clone());
            continue;
        }
        let bound = |value: &Value| then.iter().any(|before| before.attr == m.attr && touches(before, value));
        let (late, early): (Vec<Value>, Vec<Value>) = m.values.iter().cloned().partition(bound);
        let add = |values: Vec<Value>| (!values.is_empty()).then(|| Mod::add(m.attr.clone(), values));
        first.extend(add(early));
        then.extend(add(late));
    }
    first.append(&mut then);
    first
}

/// Whether a change may be about this value.
fn touches(m: &Mod, value: &Value) -> bool {
    m.values.is_empty() || m.op == ModOp::Replace || m.values.iter().any(|other| may_be_same(other, value))
}

/// Whether two values may be the same for the directory. Beyond ASCII only the directory knows.
fn may_be_same(a: &Value, b: &Value) -> bool {
    let (Some(left), Some(right)) = (a.as_str(), b.as_str()) else { return true };
    if !left.is_ascii() || !right.is_ascii() {
        return true;
    }
    if let (Ok(left), Ok(right)) = (Dn::parse(left), Dn::parse(right)) {
        return left.key() == right.key();
    }
    let words = |text: &str| text.to_ascii_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words(left) == words(right)
}

/// The parts of an operation that was refused because of what is done already, the last one first; none of an operation
/// that was about one value or the whole attribute, which is done.
fn parts(of: Mod) -> Vec<Mod> {
    if of.values.len() <= 1 {
        return Vec::new();
    }
    let chunks = of.values.chunks(of.values.len().div_ceil(PARTS)).rev();
    chunks.map(|values| Mod { op: of.op, attr: of.attr.clone(), values: values.to_vec() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mods(of: &[(ModOp, &[&str])]) -> Vec<Mod> {
        let attr = AttrType::known("member");
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        of.iter().map(|(op, texts)| Mod { op: *op, attr: attr.clone(), values: values(texts) }).collect()
    }

    #[test]
    fn values_to_remove_are_added_first_for_openldap() {
        let refused = mods(&[(ModOp::Add, &["a"]), (ModOp::Delete, &["b", "c"]), (ModOp::Delete, &[])]);
        let instead = mods(&[
            (ModOp::Add, &["a"]),
            (ModOp::Add, &["b", "c"]),
            (ModOp::Delete, &["b", "c"]),
            (ModOp::Delete, &[]),
        ]);
        assert_eq!(remedy(&refused, ResultCode::NoSuchAttribute), Remedy::Instead(instead));
    }

    #[test]
    fn one_absent_value_is_removed_already() {
        let refused = mods(&[(ModOp::Delete, &["a"])]);
        assert_eq!(remedy(&refused, ResultCode::NoSuchAttribute), Remedy::Done);
    }

    #[test]
    fn other_answers_have_no_remedy() {
        let remove = mods(&[(ModOp::Delete, &["a"])]);
        assert_eq!(remedy(&remove, ResultCode::AttributeOrValueExists), Remedy::None);
        assert_eq!(remedy(&mods(&[(ModOp::Delete, &[])]), ResultCode::NoSuchAttribute), Remedy::None);
    }

    #[test]
    fn values_come_before_others_go() {
        let both = mods(&[(ModOp::Delete, &["cn=a", "cn=b"]), (ModOp::Add, &["cn=c"])]);
        let ordered = mods(&[(ModOp::Add, &["cn=c"]), (ModOp::Delete, &["cn=a", "cn=b"])]);
        assert_eq!(pieces(&both), ordered);
    }

    #[test]
    fn a_value_that_may_be_one_that_goes_comes_after_it() {
        for same in ["cn=A", "CN = a", "cn=ﬁ", "a"] {
            let old = if same == "a" { "A" } else { "cn=a" };
            let both = mods(&[(ModOp::Delete, &[old]), (ModOp::Add, &["cn=c", same])]);
            let ordered = mods(&[(ModOp::Add, &["cn=c"]), (ModOp::Delete, &[old]), (ModOp::Add, &[same])]);
            assert_eq!(pieces(&both), ordered, "{same}");
        }
        let anew = mods(&[(ModOp::Delete, &[]), (ModOp::Add, &["cn=a"])]);
        assert_eq!(pieces(&anew), anew);
    }

    #[test]
    fn parts_hold_every_value_once() {
        let [add] = &mods(&[(ModOp::Add, &["a", "b", "c", "d", "e"])])[..] else { panic!("one change") };
        let texts = |m: Mod| m.values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>();
        let parts: Vec<Vec<String>> = parts(add.clone()).into_iter().rev().map(texts).collect();
        assert_eq!(parts, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
        assert_eq!(super::parts(mods(&[(ModOp::Delete, &["a"])]).remove(0)), []);
    }
}
