//! Groups that say who is enabled, of which the endpoint knows nothing else.

use super::{set, with_state};
use crate::support::bridge::Setup;
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// The mapping with a lock, a group of those who are disabled and one of those who are enabled.
fn mapping(slapd: &Slapd) -> String {
    let groups = slapd.groups();
    with_state(&format!(
        "strategy = \"lock\"\n[user.active.also.blocked]\nstrategy = \"group\"\nadd_to = \"cn=blocked,{groups}\"\n\
         [user.active.also.vpn]\nstrategy = \"group\"\nremove_from = \"cn=vpn,{groups}\"\n\
         placeholder = \"cn=nobody,dc=example,dc=com\""
    ))
}

/// The members of both groups.
async fn members(admin: &mut Ldap, slapd: &Slapd) -> [Vec<String>; 2] {
    let mut members = [Vec::new(), Vec::new()];
    for (name, list) in ["blocked", "vpn"].into_iter().zip(&mut members) {
        let group = admin.search(&slapd.groups(), &format!("(cn={name})")).await;
        let users = values(&group[0], "member").into_iter().filter(|dn| dn.starts_with("uid="));
        list.extend(users.map(|dn| dn.split(',').next().unwrap().to_owned()));
        list.sort();
    }
    members
}

async fn with_groups(slapd: &Slapd) -> Ldap {
    let mut admin = Ldap::admin(slapd).await;
    for name in ["blocked", "vpn"] {
        let attrs: [(&str, &[&str]); 3] =
            [("objectClass", &["groupOfNames"]), ("cn", &[name]), ("member", &["cn=someone,dc=example,dc=com"])];
        assert_eq!(admin.add(&format!("cn={name},{}", slapd.groups()), &attrs).await, 0);
    }
    admin
}

#[tokio::test(flavor = "multi_thread")]
async fn membership_says_who_is_enabled_and_follows_a_rename_and_a_delete() {
    let slapd = Slapd::builder().start().unwrap();
    let mut admin = with_groups(&slapd).await;
    let bridge = Setup::new(&slapd).mapping(&mapping(&slapd)).start();
    let http = bridge.http();
    let created = http.post("/Users", &json!({"userName": "jo", "active": true})).await;
    assert_eq!((created.status, &created.body["active"]), (201, &json!(true)), "{created:?}");
    let id = created.body["id"].as_str().unwrap();
    let born = http.post("/Users", &json!({"userName": "kim", "active": false})).await;
    assert_eq!((born.status, &born.body["active"]), (201, &json!(false)), "{born:?}");
    let none: [&str; 0] = [];
    assert_eq!(members(&mut admin, &slapd).await, [["uid=kim"], ["uid=jo"]]);
    set(&bridge, id, false).await;
    assert_eq!(members(&mut admin, &slapd).await, [&["uid=jo", "uid=kim"][..], &none]);
    // what another hand has undone in part is done again, and what is as it should be costs no write
    let dn = format!("uid=jo,{}", slapd.people());
    assert_eq!(admin.replace(&dn, "pwdAccountLockedTime", &[]).await, 0);
    set(&bridge, id, false).await;
    assert_eq!(values(&admin.person(&slapd, "(uid=jo)").await, "pwdAccountLockedTime"), ["000001010000Z"]);
    let written = bridge.audit().len();
    set(&bridge, id, false).await;
    let silent = bridge.audit()[written..].iter().all(|line| line["steps"].as_array().is_none_or(Vec::is_empty));
    assert!(silent, "{:?}", &bridge.audit()[written..]);
    let rename = json!([{"op": "Replace", "path": "userName", "value": "joan"}]);
    let renamed = http.patch(&format!("/Users/{id}"), rename).await;
    assert_eq!((renamed.status, &renamed.body["active"]), (200, &json!(false)), "{renamed:?}");
    assert_eq!(members(&mut admin, &slapd).await, [&["uid=joan", "uid=kim"][..], &none]);
    set(&bridge, id, true).await;
    assert_eq!(members(&mut admin, &slapd).await, [["uid=kim"], ["uid=joan"]]);
    let both = json!([{"op": "Replace", "path": "userName", "value": "jill"},
        {"op": "Replace", "path": "active", "value": false}]);
    let changed = http.patch(&format!("/Users/{id}"), both).await;
    assert_eq!((changed.status, &changed.body["active"]), (200, &json!(false)), "{changed:?}");
    assert_eq!(members(&mut admin, &slapd).await, [&["uid=jill", "uid=kim"][..], &none]);
    assert_eq!(http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(members(&mut admin, &slapd).await, [&["uid=kim"][..], &none]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_is_not_disabled_by_what_an_earlier_one_left() {
    let slapd = Slapd::builder().start().unwrap();
    let mut admin = with_groups(&slapd).await;
    let bridge = Setup::new(&slapd).mapping(&mapping(&slapd)).start();
    let blocked = format!("cn=blocked,{}", slapd.groups());
    assert_eq!(
        admin
            .replace(&blocked, "member", &["cn=someone,dc=example,dc=com", &format!("uid=jo,{}", slapd.people())])
            .await,
        0
    );
    let created = bridge.http().post("/Users", &json!({"userName": "jo", "active": true})).await;
    assert_eq!((created.status, &created.body["active"]), (201, &json!(true)), "{created:?}");
    let vpn = format!("cn=vpn,{}", slapd.groups());
    assert_eq!(admin.delete(&vpn).await, 0);
    let refused = bridge.http().post("/Users", &json!({"userName": "kim", "active": true})).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("`user.active`"), "{refused:?}");
    assert!(admin.search(&slapd.people(), "(uid=kim)").await.is_empty(), "nothing is half done");
}
