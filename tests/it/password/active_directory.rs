//! Passwords of Active Directory, which enables no account without one.

use super::{OTHER, SECRET, active, renewal};
use crate::support::ad::StrictAd;
use crate::support::bed::{Bed, is_error};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Directory;
use serde_json::json;

/// A mapping with this source of passwords.
fn mapping(password: &str) -> String {
    format!(
        "[user]\nobject_classes = ['user']\nrdn = 'cn'\n[user.attributes]\n\
         userName = {{ ldap = 'cn', required = true }}\ntitle = 'title'\n\
         [user.derived]\nsAMAccountName = '{{{{ userName }}}}'\n\
         [user.active]\nstrategy = 'lock'\n[user.password]\n{password}\n"
    )
}

async fn bed(password: &str) -> Bed<StrictAd> {
    let ad = StrictAd::start().await;
    Bed::with(ad, |setup| setup.mapping(&mapping(password))).await
}

fn dn(bed: &Bed<StrictAd>, name: &str) -> String {
    format!("CN={name},{}", bed.directory.people())
}

async fn logs_in(bed: &Bed<StrictAd>, name: &str, password: &str) -> bool {
    Ldap::bind(&bed.directory, &dn(bed, name), password).await.is_ok()
}

/// The state of the account of this name, as the directory has it.
async fn state(bed: &mut Bed<StrictAd>, name: &str) -> String {
    let found = bed.ldap.search(&bed.directory.people(), &format!("(cn={name})")).await;
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    values(&found[0], "userAccountControl").join("|")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_password_enables_the_account() {
    let mut bed = bed("source = 'scim'").await;
    let id = bed.create(json!({"userName": "jo", "password": SECRET})).await;
    assert_eq!(bed.read(&id).await["active"], true);
    assert_eq!(state(&mut bed, "jo").await, "512");
    assert!(logs_in(&bed, "jo", SECRET).await);
    bed.patch(&id, json!([renewal(OTHER), {"op": "Replace", "path": "title", "value": "Lead"}])).await;
    assert!(logs_in(&bed, "jo", OTHER).await);
    bed.patch(&id, json!([active(false), renewal("Dr1tt-es-Wort!")])).await;
    assert!(!logs_in(&bed, "jo", "Dr1tt-es-Wort!").await);
    bed.patch(&id, json!([active(true)])).await;
    assert!(logs_in(&bed, "jo", "Dr1tt-es-Wort!").await);
    // nobody is enabled without a password, and whoever is not needs none
    let without = bed.http.post("/Users", &json!({"userName": "kim"})).await;
    is_error(&without, 400, Some("invalidValue"));
    assert!(without.body["detail"].as_str().unwrap().contains("`password` is missing"), "{without:?}");
    let kim = bed.create(json!({"userName": "kim", "active": false})).await;
    assert_eq!(state(&mut bed, "kim").await, "546");
    is_error(&bed.try_patch(&kim, json!([active(true)])).await, 400, Some("invalidValue"));
    bed.patch(&kim, json!([renewal(SECRET)])).await;
    assert_eq!(state(&mut bed, "kim").await, "514");
    bed.patch(&kim, json!([active(true)])).await;
    assert!(logs_in(&bed, "kim", SECRET).await);
    let lee = bed.create(json!({"userName": "lee", "active": false, "password": SECRET})).await;
    assert_eq!(state(&mut bed, "lee").await, "514");
    bed.patch(&lee, json!([active(true)])).await;
    assert!(logs_in(&bed, "lee", SECRET).await);
    assert!(!bed.bridge.log().contains(SECRET) && bed.bridge.audit().iter().all(|l| !l.to_string().contains(SECRET)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_leaves_no_account() {
    let bed = bed("source = 'scim'").await;
    for _ in 0..2 {
        let weak = bed.http.post("/Users", &json!({"userName": "jo", "password": "kurz"})).await;
        is_error(&weak, 400, Some("invalidValue"));
        assert!(weak.body["detail"].as_str().unwrap().starts_with("`password`"), "{weak:?}");
        assert!(!weak.body.to_string().contains("kurz"), "{weak:?}");
        assert!(bed.named("jo").await.is_empty());
    }
    bed.create(json!({"userName": "jo", "password": SECRET})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unfinished_is_finished() {
    let mut bed = bed("source = 'random'").await;
    let id = bed.create(json!({"userName": "jo"})).await;
    assert_eq!((state(&mut bed, "jo").await, &bed.read(&id).await["active"]), ("512".to_owned(), &json!(true)));
    assert_eq!(bed.http.post("/Users", &json!({"userName": "jo"})).await.status, 409);
    // what a bridge leaves behind that is killed between the add and the password
    for name in ["kim", "lee"] {
        let attrs: [(&str, &[&str]); 3] =
            [("objectClass", &["user"]), ("sAMAccountName", &[name]), ("userAccountControl", &["546"])];
        let dn = dn(&bed, name);
        assert_eq!(bed.ldap.add(&dn, &attrs).await, 0);
    }
    // the same request again, or Entra, which finds it disabled and enables it
    let again = bed.http.post("/Users", &json!({"userName": "kim"})).await;
    assert_eq!((again.status, &again.body["active"]), (201, &json!(true)), "{again:?}");
    let lee = bed.named("lee").await[0].clone();
    assert_eq!(lee["active"], false);
    bed.patch(lee["id"].as_str().unwrap(), json!([active(true)])).await;
    for name in ["kim", "lee"] {
        assert_eq!(state(&mut bed, name).await, "512");
    }
}
