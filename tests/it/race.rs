//! Others write while a request is on its way: it is planned again, and ends as it should.

use crate::support::bridge::Setup;
use crate::support::http::Answer;
use crate::support::ldap::{Ldap, values};
use crate::support::proxy::{Held, Proxy};
use crate::support::wait::until;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// Jo exists; a PATCH with `operations` is held back before its first request of this kind, and `meanwhile` happens.
async fn race(slapd: &Slapd, held: Held, operations: Value, meanwhile: impl AsyncFn(&mut Ldap, &str)) -> Answer {
    let proxy = Proxy::before(&slapd.url());
    let bridge = Setup::new(slapd).servers(&[proxy.url()]).start();
    let jo = bridge.http().post("/Users", &json!({"userName": "jo", "title": "Engineer"})).await;
    let path = format!("/Users/{}", jo.body["id"].as_str().unwrap());
    proxy.hold(held);
    let http = bridge.http();
    let request = tokio::spawn(async move { http.patch(&path, operations).await });
    until("a request that is held back", async || proxy.is_holding()).await;
    meanwhile(&mut Ldap::admin(slapd).await, &format!("uid=jo,{}", slapd.people())).await;
    proxy.release();
    let answer = request.await.expect("an answer");
    if answer.status == 200 {
        assert_eq!(answer.body["id"], jo.body["id"], "{answer:?}");
        let last = bridge.audit().pop().expect("a line");
        assert!(last["steps"].as_array().unwrap().len() > 1, "it was planned again: {last}");
    }
    answer
}

/// `userName` becomes `joan`.
fn rename() -> Value {
    json!([{"op": "Replace", "path": "userName", "value": "joan"}])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_that_somebody_else_did_already_is_done() {
    let slapd = Slapd::builder().start().unwrap();
    let answer =
        race(&slapd, Held::Rename, rename(), async |admin, dn| assert_eq!(admin.rename(dn, "uid=joan").await, 0));
    let answer = answer.await;
    assert_eq!((answer.status, &answer.body["userName"]), (200, &json!("joan")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_somebody_else_took_meanwhile_is_taken() {
    let slapd = Slapd::builder().start().unwrap();
    let answer = race(&slapd, Held::Rename, rename(), async |admin, _| {
        assert_eq!(admin.add_person(&slapd, "joan", &[]).await, 0);
    });
    let answer = answer.await;
    assert_eq!((answer.status, &answer.body["scimType"]), (409, &json!("uniqueness")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_meets_the_entry_under_its_new_name_and_with_its_new_value() {
    let slapd = Slapd::builder().start().unwrap();
    let lead = json!([{"op": "Replace", "path": "title", "value": "Lead"}]);
    let answer = race(&slapd, Held::Modify, lead, async |admin, dn| {
        assert_eq!(admin.replace(dn, "title", &["Intern"]).await, 0);
        assert_eq!(admin.rename(dn, "uid=joan").await, 0);
    });
    let answer = answer.await;
    assert_eq!((answer.status, &answer.body["title"]), (200, &json!("Lead")), "{answer:?}");
    let joan = Ldap::admin(&slapd).await.person(&slapd, "(uid=joan)").await;
    assert_eq!(values(&joan, "title"), ["Lead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_meanwhile_is_not_found() {
    let slapd = Slapd::builder().start().unwrap();
    let lead = json!([{"op": "Replace", "path": "title", "value": "Lead"}]);
    let answer = race(&slapd, Held::Modify, lead, async |admin, dn| assert_eq!(admin.delete(dn).await, 0)).await;
    assert_eq!(answer.status, 404, "{answer:?}");
}
