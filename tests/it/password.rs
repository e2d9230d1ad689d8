//! Passwords: set, hashed, refused, and never shown.

mod active_directory;
mod leaks;

use crate::support::bed::{Bed, is_error};
use crate::support::bridge::{Setup, mapping_of};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::{Directory, Ds389, Kind, Slapd};
use serde_json::{Value, json};

/// A password as clients send one.
pub(crate) const SECRET: &str = "Geh3im-Wort-Zwei!";

/// Another one.
const OTHER: &str = "N0ch-ein-Wort?";

/// The shipped mapping for directories of this kind, with this source of passwords.
pub(crate) fn mapping(kind: Kind, password: &str) -> String {
    format!("{}\n[user.password]\n{password}\n", mapping_of(kind))
}

/// A bridge with this source of passwords before `directory`.
pub(crate) async fn bed<D: Directory>(directory: D, password: &str) -> Bed<D> {
    let mapping = mapping(directory.kind(), password);
    Bed::with(directory, |setup: Setup| setup.mapping(&mapping)).await
}

fn dn(directory: &dyn Directory, name: &str) -> String {
    format!("uid={name},{}", directory.people())
}

/// Whether the user can log in.
async fn logs_in(directory: &dyn Directory, name: &str, password: &str) -> bool {
    Ldap::bind(directory, &dn(directory, name), password).await.is_ok()
}

fn renewal(password: &str) -> Value {
    json!({"op": "Replace", "path": "password", "value": password})
}

fn active(value: bool) -> Value {
    json!({"op": "Replace", "path": "active", "value": value})
}

/// The life of a password that the client sends.
async fn a_sent_password_logs_in<D: Directory>(directory: D) {
    let bed = bed(directory, "source = 'scim'").await;
    let directory = &bed.directory;
    let id = bed.create(json!({"userName": "jo", "password": SECRET})).await;
    assert!(bed.read(&id).await.get("password").is_none());
    assert!(logs_in(directory, "jo", SECRET).await && !logs_in(directory, "jo", OTHER).await);
    // each way to send another one
    bed.patch(&id, json!([renewal(OTHER)])).await;
    assert!(logs_in(directory, "jo", OTHER).await && !logs_in(directory, "jo", SECRET).await);
    bed.patch(&id, json!([{"op": "add", "value": {"password": SECRET, "title": "Lead"}}])).await;
    assert!(logs_in(directory, "jo", SECRET).await);
    let put = bed.http.put(&format!("/Users/{id}"), &json!({"userName": "jo", "password": OTHER})).await;
    assert_eq!((put.status, put.body.get("password"), put.body.get("title")), (200, None, None), "{put:?}");
    assert!(logs_in(directory, "jo", OTHER).await);
    // left out, empty, or taken away: it stays
    let put = bed.http.put(&format!("/Users/{id}"), &json!({"userName": "jo", "password": ""})).await;
    assert_eq!(put.status, 200, "{put:?}");
    bed.patch(&id, json!([{"op": "Remove", "path": "password"}])).await;
    assert!(logs_in(directory, "jo", OTHER).await);
    // beside a rename
    bed.patch(&id, json!([{"op": "Replace", "path": "userName", "value": "joan"}, renewal(SECRET)])).await;
    assert!(logs_in(directory, "joan", SECRET).await);
    // whoever is disabled stays so, whatever the password
    bed.patch(&id, json!([active(false), renewal(OTHER)])).await;
    assert!(!logs_in(directory, "joan", OTHER).await && !logs_in(directory, "joan", SECRET).await);
    let still = bed.patch(&id, json!([renewal(SECRET)])).await;
    assert_eq!(still["active"], false, "{still}");
    assert!(!logs_in(directory, "joan", SECRET).await);
    bed.patch(&id, json!([active(true)])).await;
    assert!(logs_in(directory, "joan", SECRET).await);
    bed.patch(&id, json!([active(false)])).await;
    bed.patch(&id, json!([active(true), renewal(OTHER)])).await;
    assert!(logs_in(directory, "joan", OTHER).await);
    // born disabled
    let kim = bed.create(json!({"userName": "kim", "password": SECRET, "active": false})).await;
    assert_eq!(bed.read(&kim).await["active"], false);
    assert!(!logs_in(directory, "kim", SECRET).await);
    bed.patch(&kim, json!([active(true)])).await;
    assert!(logs_in(directory, "kim", SECRET).await);
    // and who sends none has none
    bed.create(json!({"userName": "lee"})).await;
    assert!(!logs_in(directory, "lee", SECRET).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn openldap_takes_a_sent_password() {
    a_sent_password_logs_in(Slapd::builder().start().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ds389_takes_a_sent_password() {
    a_sent_password_logs_in(Ds389::builder().start().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_random_password_is_hashed_and_nobody_knows_it() {
    for kind in [Kind::OpenLdap, Kind::Ds389] {
        let directory = kind.start().unwrap();
        let mapping = mapping(kind, "source = 'random'");
        let bridge = Setup::new(&*directory).mapping(&mapping).start();
        let mut admin = Ldap::admin(&*directory).await;
        let mut stored = Vec::new();
        for name in ["jo", "kim"] {
            let made = bridge.http().post("/Users", &json!({"userName": name, "password": SECRET})).await;
            assert_eq!((made.status, made.body.get("password")), (201, None), "{kind:?}: {made:?}");
            assert!(!logs_in(&*directory, name, SECRET).await);
            let entry = admin.person(&*directory, &format!("(uid={name})")).await;
            let hash = values(&entry, "userPassword").join("|");
            assert!(hash.starts_with('{') && hash.len() > 30, "{kind:?}: {hash}");
            stored.push(hash);
        }
        assert_ne!(stored[0], stored[1]);
        // an explanation makes another one each time, and shows none
        let body = bridge.folder().join("user.json");
        std::fs::write(&body, json!({"userName": "lee"}).to_string()).unwrap();
        let (text, stderr, code) =
            bridge.run(&["explain", "--method", "POST", "--path", "/Users", body.to_str().unwrap()]);
        assert_eq!(code, 0, "{stderr}");
        assert!(text.contains(": # redacted"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_stored_as_it_is_and_follows_a_rename() {
    let slapd = Slapd::builder().start().unwrap();
    let mut admin = Ldap::admin(&slapd).await;
    // with 2, the policy refuses what it cannot look into
    assert_eq!(
        admin.replace(&format!("cn=default,ou=policies,{}", slapd.suffix()), "pwdCheckQuality", &["1"]).await,
        0
    );
    let bed = bed(slapd, "source = 'template'\ntemplate = '{SASL}{{ userName }}@x'").await;
    let stored = async |admin: &mut Ldap, name: &str| {
        let entry = admin.person(&bed.directory, &format!("(uid={name})")).await;
        values(&entry, "userPassword").join("|")
    };
    let id = bed.create(json!({"userName": "jo"})).await;
    assert_eq!(stored(&mut admin, "jo").await, "{SASL}jo@x");
    bed.patch(&id, json!([active(false)])).await;
    let renamed = bed.patch(&id, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
    assert_eq!(renamed["active"], false, "a new password takes the lock away, unless it is set again: {renamed}");
    assert_eq!(stored(&mut admin, "joan").await, "{SASL}joan@x");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_refuses_is_told_and_leaves_nothing() {
    let slapd = Slapd::builder().start().unwrap();
    let policy = format!("cn=default,ou=policies,{}", slapd.suffix());
    let mut admin = Ldap::admin(&slapd).await;
    for (attr, value) in [("pwdCheckQuality", "2"), ("pwdMinLength", "12"), ("pwdInHistory", "3")] {
        assert_eq!(admin.replace(&policy, attr, &[value]).await, 0);
    }
    let bed = bed(slapd, "source = 'scim'").await;
    for _ in 0..2 {
        let weak = bed.http.post("/Users", &json!({"userName": "jo", "password": "kurz"})).await;
        is_error(&weak, 400, Some("invalidValue"));
        let detail = weak.body["detail"].as_str().unwrap();
        assert!(detail.contains("`password`") && detail.contains("quality") && !detail.contains("kurz"), "{detail}");
        assert!(bed.named("jo").await.is_empty());
    }
    let id = bed.create(json!({"userName": "jo", "password": SECRET})).await;
    let weak = bed.try_patch(&id, json!([renewal("kurz")])).await;
    is_error(&weak, 400, Some("invalidValue"));
    assert!(logs_in(&bed.directory, "jo", SECRET).await);
    // the same one again is no change, also where it may not be used again
    bed.patch(&id, json!([renewal(SECRET)])).await;
    bed.patch(&id, json!([renewal(OTHER)])).await;
    is_error(&bed.try_patch(&id, json!([renewal(SECRET)])).await, 400, Some("invalidValue"));
    assert!(logs_in(&bed.directory, "jo", OTHER).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_was_stopped_before_its_password_is_finished_by_the_next_one() {
    let bed = bed(Slapd::builder().start().unwrap(), "source = 'scim'").await;
    let mut admin = Ldap::admin(&bed.directory).await;
    // what a bridge leaves behind that is killed after the add
    assert_eq!(admin.add_person(&bed.directory, "jo", &[]).await, 0);
    let body = json!({"userName": "jo", "password": SECRET});
    let finished = bed.http.post("/Users", &body).await;
    assert_eq!(finished.status, 201, "{finished:?}");
    assert!(logs_in(&bed.directory, "jo", SECRET).await);
    let again = bed.http.post("/Users", &json!({"userName": "jo", "password": OTHER})).await;
    is_error(&again, 409, Some("uniqueness"));
    assert!(logs_in(&bed.directory, "jo", SECRET).await);
    // another one of the same name is not taken for it
    assert_eq!(admin.add_person(&bed.directory, "kim", &[("title", &["Boss"])]).await, 0);
    let other = bed.http.post("/Users", &json!({"userName": "kim", "title": "Clerk", "password": SECRET})).await;
    is_error(&other, 409, Some("uniqueness"));
    assert!(!logs_in(&bed.directory, "kim", SECRET).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_to_be_enabled_stays_locked_when_the_rest_is_refused() {
    let bed = bed(Slapd::builder().start().unwrap(), "source = 'scim'").await;
    let id = bed.create(json!({"userName": "jo", "password": SECRET, "active": false})).await;
    let mail = json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "aö@example.com"});
    let answer = bed.try_patch(&id, json!([active(true), renewal(OTHER), mail])).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert_eq!(bed.read(&id).await["active"], false);
    assert!(!logs_in(&bed.directory, "jo", OTHER).await && !logs_in(&bed.directory, "jo", SECRET).await);
}
