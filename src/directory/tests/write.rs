//! Writes, and the entries that come back with them.

use super::*;
use crate::ldap::{Entry, Mod, ModOp, ResultCode};

const LOCKED: &str = "000001010000Z";

fn wanted() -> Vec<AttrType> {
    ["uid", "entryUUID", "createTimestamp", "modifyTimestamp", "pwdAccountLockedTime"].map(AttrType::known).to_vec()
}

async fn apply(session: &Session, change: &Change) -> Entry {
    let applied = session.apply(change, &wanted()).await.unwrap();
    assert_eq!(applied.code, ResultCode::Success, "{}", applied.text);
    applied.entry.expect("the entry after the write")
}

fn modify(dn: &Dn, mods: Vec<Mod>) -> Change {
    Change::modify(dn.clone(), mods)
}

#[tokio::test]
async fn every_write_brings_the_entry_back() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let added = apply(&session, &person(&slapd, "jo")).await;
    for name in ["uid", "entryUUID", "createTimestamp", "modifyTimestamp"] {
        assert_eq!(added.get(&attr(name)).len(), 1, "{name}");
    }
    let lock = attr("pwdAccountLockedTime");
    let locked = apply(&session, &modify(&added.dn, vec![Mod::replace(lock.clone(), vec![LOCKED.into()])])).await;
    assert_eq!(locked.first_str(&lock), Some(LOCKED));
    let new_rdn = Rdn::new(attr("uid"), "joe, the #1");
    let rename = Change::ModifyDn { dn: added.dn.clone(), new_rdn, delete_old_rdn: true, new_superior: None };
    let renamed = apply(&session, &rename).await;
    assert_eq!(renamed.dn, rename.resulting_dn());
    assert_eq!(renamed.get(&attr("entryUUID")), added.get(&attr("entryUUID")));
    assert_eq!(renamed.first_str(&attr("uid")), Some("joe, the #1"));
    assert_eq!(renamed.first_str(&lock), Some(LOCKED));
    let unlocked = apply(&session, &modify(&renamed.dn, vec![Mod::delete(lock.clone(), vec![LOCKED.into()])])).await;
    assert_eq!(unlocked.get(&lock), []);
    let again =
        session.apply(&modify(&renamed.dn, vec![Mod::delete(lock, vec![LOCKED.into()])]), &wanted()).await.unwrap();
    assert_eq!((again.code, again.entry), (ResultCode::NoSuchAttribute, None));
    let deleted = session.apply(&Change::Delete { dn: renamed.dn.clone() }, &wanted()).await.unwrap();
    assert_eq!((deleted.code, deleted.entry), (ResultCode::Success, None));
}

#[tokio::test]
async fn a_lock_can_be_part_of_the_add() {
    let slapd = Slapd::builder().start().unwrap();
    let Change::Add { dn, mut attrs } = person(&slapd, "jo") else { unreachable!() };
    attrs.push((attr("pwdAccountLockedTime"), vec![LOCKED.into()]));
    let entry = apply(&session(&slapd).await, &Change::Add { dn, attrs }).await;
    assert_eq!(entry.first_str(&attr("pwdAccountLockedTime")), Some(LOCKED));
}

#[tokio::test]
async fn a_value_without_equality_can_only_be_replaced() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let entry = apply(&session, &person(&slapd, "jo")).await;
    let fax = attr("facsimileTelephoneNumber");
    apply(&session, &modify(&entry.dn, vec![Mod::add(fax.clone(), vec!["+49 1".into()])])).await;
    let delete = modify(&entry.dn, vec![Mod::delete(fax.clone(), vec!["+49 1".into()])]);
    assert_eq!(session.apply(&delete, &[]).await.unwrap().code, ResultCode::InappropriateMatching);
    apply(&session, &modify(&entry.dn, vec![Mod::replace(fax.clone(), vec!["+49 2".into()])])).await;
    let mut query = by_uid(&slapd, "jo");
    query.attrs = [fax.clone()].into();
    assert_eq!(session.query(&query).await.unwrap()[0].first_str(&fax), Some("+49 2"));
    query.filter = Filter::eq(fax, "+49 2");
    assert_eq!(session.query(&query).await, Ok(vec![]));
}

#[tokio::test]
async fn every_answer_is_handed_on() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let entry = apply(&session, &person(&slapd, "jo")).await;
    let code = async |change: Change| session.apply(&change, &wanted()).await.unwrap().code;
    assert_eq!(code(person(&slapd, "jo")).await, ResultCode::EntryAlreadyExists);
    let gone = dn(&format!("uid=gone,{}", slapd.people()));
    assert_eq!(code(Change::Delete { dn: gone }).await, ResultCode::NoSuchObject);
    let Change::Add { attrs, .. } = person(&slapd, "child") else { unreachable!() };
    let child = entry.dn.child(Rdn::new(attr("uid"), "child"));
    assert_eq!(code(Change::Add { dn: child, attrs }).await, ResultCode::Success);
    assert_eq!(code(Change::Delete { dn: entry.dn.clone() }).await, ResultCode::NotAllowedOnNonLeaf);
    let unknown = modify(&entry.dn, vec![Mod::add(attr("nonsense"), vec!["x".into()])]);
    assert_eq!(code(unknown).await, ResultCode::UndefinedAttributeType);
    let not_a_number = Mod { op: ModOp::Increment, attr: attr("employeeNumber"), values: vec!["1".into()] };
    assert_ne!(code(modify(&entry.dn, vec![not_a_number])).await, ResultCode::Success);
    let same = Mod::add(attr("cn"), vec!["A".into()]);
    assert_eq!(code(modify(&entry.dn, vec![same])).await, ResultCode::AttributeOrValueExists);
    let two =
        modify(&entry.dn, vec![Mod::delete(attr("cn"), vec!["a".into()]), Mod::add(attr("cn"), vec!["A".into()])]);
    assert_eq!(code(two).await, ResultCode::Success);
}
