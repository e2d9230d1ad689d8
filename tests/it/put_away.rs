//! Users who are disabled by being moved: away, back to where they were, and wherever a killed attempt left them.

use crate::support::bed::{Bed, ENTERPRISE};
use crate::support::bridge::{MAPPING, Setup};
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::{Value, json};

/// The place of the disabled, besides the lock, and the way back.
const ACTIVE: &str = r#"strategy = "lock"
[user.active.also.place]
strategy = "move"
to = "ou=disabled,ou=people,dc=example,dc=com"
saved_in = "scimSavedValue""#;

async fn bed(active: &str) -> Bed {
    let text = MAPPING.replace("strategy = \"lock\"", active);
    let mut bed = Bed::with(Slapd::builder().start().unwrap(), |setup| setup.mapping(&text).groups("")).await;
    for unit in ["disabled", "sales"] {
        let attrs: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &[unit])];
        assert_eq!(bed.ldap.add(&format!("ou={unit},{}", bed.directory.people()), &attrs).await, 0);
    }
    bed
}

fn active(active: bool) -> Value {
    json!([{"op": "Replace", "path": "active", "value": if active { "True" } else { "False" }}])
}

#[tokio::test]
async fn the_disabled_are_away_and_come_back_to_where_they_were() {
    let mut bed = bed(ACTIVE).await;
    let people = bed.directory.people();
    let jo = bed.create(json!({"userName": "jo"})).await;
    let kim = bed.create(json!({"userName": "kim", (ENTERPRISE): {"manager": {"value": jo}}})).await;
    let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": jo }]})).await;
    assert_eq!(bed.ldap.move_below(&format!("uid=jo,{people}"), "uid=jo", &format!("ou=sales,{people}")).await, 0);
    for _ in 0..2 {
        assert_eq!(bed.patch(&jo, active(false)).await["active"], false);
        let entry = bed.entry(&jo).await;
        assert_eq!(entry.dn, format!("uid=jo,ou=disabled,{people}"));
        assert_eq!(values(&entry, "pwdAccountLockedTime"), ["000001010000Z"]);
        assert_eq!(bed.members(&team).await, [jo.as_str()]);
        assert_eq!(bed.read(&kim).await[ENTERPRISE]["manager"]["value"], json!(jo));
    }
    bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
    for _ in 0..2 {
        assert_eq!(bed.patch(&jo, active(true)).await["active"], true);
        let entry = bed.entry(&jo).await;
        assert_eq!(entry.dn, format!("uid=joan,ou=sales,{people}"));
        assert!(values(&entry, "scimSavedValue").is_empty() && values(&entry, "pwdAccountLockedTime").is_empty());
        assert_eq!(bed.members(&team).await, [jo.as_str()]);
    }
    // the place is gone
    bed.patch(&jo, active(false)).await;
    assert_eq!(bed.ldap.delete(&format!("ou=sales,{people}")).await, 0);
    bed.patch(&jo, active(true)).await;
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=joan,{people}"));
    let al = bed.create(json!({"userName": "al", "active": false})).await;
    assert_eq!(bed.entry(&al).await.dn, format!("uid=al,ou=disabled,{people}"));
    assert_eq!(bed.read(&al).await["active"], false);
    bed.patch(&al, active(true)).await;
    assert_eq!(bed.entry(&al).await.dn, format!("uid=al,{people}"));
}

#[tokio::test]
async fn what_a_killed_attempt_left_is_ended_by_the_next() {
    let mut bed = bed(ACTIVE).await;
    let people = bed.directory.people();
    let jo = bed.create(json!({"userName": "jo"})).await;
    let dn = format!("uid=jo,{people}");
    // locked and not moved: disabled, and moved by the same request
    assert_eq!(bed.ldap.replace(&dn, "pwdAccountLockedTime", &["000001010000Z"]).await, 0);
    assert_eq!(bed.ldap.replace(&dn, "scimSavedValue", &[&format!("parent: {people}")]).await, 0);
    assert_eq!(bed.read(&jo).await["active"], false);
    bed.patch(&jo, active(false)).await;
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,ou=disabled,{people}"));
    // moved back and still locked
    assert_eq!(bed.ldap.move_below(&format!("uid=jo,ou=disabled,{people}"), "uid=jo", &people).await, 0);
    assert_eq!(bed.read(&jo).await["active"], false);
    bed.patch(&jo, active(true)).await;
    let entry = bed.entry(&jo).await;
    assert_eq!((entry.dn.as_str(), values(&entry, "scimSavedValue").len()), (dn.as_str(), 0));
    // unlocked by hand, and still away
    bed.patch(&jo, active(false)).await;
    assert_eq!(bed.ldap.replace(&format!("uid=jo,ou=disabled,{people}"), "pwdAccountLockedTime", &[]).await, 0);
    assert_eq!(bed.read(&jo).await["active"], false);
}

#[tokio::test]
async fn the_place_alone_says_it_too() {
    let mut bed = bed("strategy = \"move\"\nto = \"ou=disabled,ou=people,dc=example,dc=com\"").await;
    let people = bed.directory.people();
    let jo = bed.create(json!({"userName": "jo"})).await;
    assert_eq!(bed.patch(&jo, active(false)).await["active"], false);
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,ou=disabled,{people}"));
    assert_eq!(bed.patch(&jo, active(true)).await["active"], true);
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,{people}"));
}

#[test]
fn check_wants_the_disabled_below_the_base() {
    let slapd = Slapd::builder().start().unwrap();
    let text = MAPPING.replace("strategy = \"lock\"", ACTIVE);
    let (said, code) = Setup::new(&slapd).mapping(&text).base("ou=staff,dc=example,dc=com").fails("check");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("whose strategy `move` leads below `ou=staff,dc=example,dc=com`"), "{said}");
}

#[tokio::test]
async fn who_is_deleted_and_stays_is_away_too() {
    let place = "strategy = \"move\"\nto = \"ou=disabled,ou=people,dc=example,dc=com\"";
    for policy in ["policy = \"disable\"", "policy = \"mark\"\nmark = \"scimDeletedAt\""] {
        let text = MAPPING.replace("strategy = \"lock\"", place).replace("policy = \"remove\"", policy);
        let slapd = Slapd::builder().without(Overlay::MemberOf).without(Overlay::RefInt).start().unwrap();
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&text).groups("")).await;
        let people = bed.directory.people();
        let unit: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &["disabled"])];
        assert_eq!(bed.ldap.add(&format!("ou=disabled,{people}"), &unit).await, 0);
        let jo = bed.create(json!({"userName": "jo"})).await;
        let kim = bed.create(json!({"userName": "kim", (ENTERPRISE): {"manager": {"value": jo}}})).await;
        let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": jo }]})).await;
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204, "{policy}");
        let away = format!("uid=jo,ou=disabled,{people}");
        assert_eq!(bed.entry(&jo).await.dn, away, "{policy}");
        assert!(bed.members(&team).await.is_empty());
        assert_eq!(values(&bed.entry(&team).await, "member"), ["cn=nobody,dc=example,dc=com"]);
        assert_eq!(values(&bed.entry(&kim).await, "manager"), [away.as_str()], "{policy}");
        if policy.contains("disable") {
            assert_eq!(bed.read(&jo).await["active"], false);
            assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
            bed.patch(&jo, active(true)).await;
        } else {
            assert_eq!(bed.http.get(&format!("/Users/{jo}")).await.status, 404);
            assert_eq!(bed.create(json!({"userName": "jo"})).await, jo);
        }
        assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,{people}"), "{policy}");
    }
}
