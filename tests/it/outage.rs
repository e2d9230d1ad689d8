//! A directory that is down, silent, strange, or does not accept the bridge: bounded, told right, over by itself.

use crate::support::bridge::Setup;
use crate::support::http::Answer;
use crate::support::ldap::Ldap;
use scim_ldap_bridge::lab::{Ca, Slapd};
use serde_json::json;
use std::time::{Duration, Instant};

/// No answer takes longer: the request timeout, and room for a busy machine.
const LONGEST: Duration = Duration::from_secs(25);

/// An outage, told so that Entra comes again.
fn is_outage(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let retry_after = answer.headers["retry-after"].to_str().unwrap().parse::<u64>().expect("seconds");
    assert!((1..=120).contains(&retry_after), "{answer:?}");
    assert_eq!(answer.body["status"], "503");
}

/// A fault of the bridge or its settings: never one of the client, whose job would be put in quarantine.
fn is_fault(answer: &Answer) {
    assert_eq!(answer.status, 500, "{answer:?}");
    assert_eq!(answer.body["status"], "500");
    assert!(!answer.body["detail"].as_str().unwrap().is_empty());
}

/// Neither addresses nor names of accounts nor secrets reach a client.
fn tells_nothing(answer: &Answer, slapd: &Slapd, password: &str) {
    let text = answer.body.to_string();
    let url = slapd.tls_url();
    let port = url.rsplit(':').next().unwrap();
    for secret in [port, "127.0.0.1", "localhost", &slapd.bridge().0, "scim-bridge", password] {
        assert!(!text.contains(secret), "`{secret}` in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_directory_is_told_in_time_and_forgotten_when_it_speaks_again() {
    let mut slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let http = bridge.http();
    let id = http.post("/Users", &json!({"userName": "jo"})).await.body["id"].as_str().unwrap().to_owned();
    bridge.readiness(200).await;
    slapd.pause();
    let (path, began) = (format!("/Users/{id}"), Instant::now());
    let (kim, lead) = (json!({"userName": "kim"}), json!([{"op": "Replace", "path": "title", "value": "Lead"}]));
    let answers = tokio::join!(
        http.get(&path),
        http.get("/Users?filter=userName%20eq%20%22jo%22"),
        http.post("/Users", &kim),
        http.patch(&path, lead.clone()),
        http.delete("/Users/00000000-0000-0000-0000-000000000000"),
    );
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    let password = slapd.bridge().1.to_owned();
    for answer in [&answers.0, &answers.1, &answers.2, &answers.3, &answers.4] {
        is_outage(answer);
        tells_nothing(answer, &slapd, &password);
    }
    let state = bridge.readiness(503).await;
    assert_eq!(state["directories"][0]["servers"][0]["state"], "down", "{state}");
    // once it is known, nobody waits for it
    let began = Instant::now();
    is_outage(&http.get(&path).await);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(bridge.admin("/livez").await.0, 200);
    slapd.resume();
    bridge.readiness(200).await;
    assert!(matches!(http.post("/Users", &kim).await.status, 201 | 409));
    assert_eq!(http.patch(&path, lead).await.body["title"], "Lead");
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.search(&slapd.people(), "(uid=kim)").await.len(), 1);
    assert_eq!(admin.search(&slapd.people(), "(title=Lead)").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_starts_before_its_directory() {
    let mut slapd = Slapd::builder().start().unwrap();
    slapd.stop();
    let bridge = Setup::new(&slapd).start();
    let state = bridge.readiness(503).await;
    assert_eq!(state["ready"], false);
    assert_eq!(bridge.admin("/livez").await.0, 200);
    let http = bridge.http();
    for answer in [http.get("/Users").await, http.post("/Users", &json!({"userName": "jo"})).await] {
        is_outage(&answer);
        tells_nothing(&answer, &slapd, slapd.bridge().1);
    }
    // what needs no directory is answered
    assert_eq!(http.get("/ServiceProviderConfig").await.status, 200);
    assert_eq!(http.get("/Groups").await.status, 200);
    slapd.start().unwrap();
    bridge.readiness(200).await;
    assert_eq!(http.post("/Users", &json!({"userName": "jo"})).await.status, 201);
    assert_eq!(bridge.metric("scim_ldap_bridge_directory_server_up", &[]).await, 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_bind_is_a_fault_of_ours() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).password("a-wrong-password").start();
    let http = bridge.http();
    for answer in [http.get("/Users").await, http.post("/Users", &json!({"userName": "jo"})).await] {
        is_fault(&answer);
        tells_nothing(&answer, &slapd, "a-wrong-password");
    }
    let state = bridge.readiness(503).await;
    assert_eq!(state["directories"][0]["servers"][0]["reason"], "bind", "{state}");
    assert!(bridge.log().contains("invalidCredentials"), "the log says why: {}", bridge.log());
    assert!(!bridge.log().contains("a-wrong-password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_kind_is_a_fault_of_ours() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).vendor("389ds").start();
    let answer = bridge.http().post("/Users", &json!({"userName": "jo"})).await;
    is_fault(&answer);
    tells_nothing(&answer, &slapd, slapd.bridge().1);
    let state = bridge.readiness(503).await;
    let server = &state["directories"][0]["servers"][0];
    assert_eq!(server["reason"], "wrong-kind", "{state}");
    let hint = "write `vendor = \"openldap\"` in bridge.toml";
    assert!(server["cause"].as_str().is_some_and(|cause| cause.ends_with(hint)), "{state}");
    assert!(bridge.log().contains("it seems to be `openldap`"), "{}", bridge.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_trusted_is_a_fault_of_ours() {
    let slapd = Slapd::builder().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, Ca::new("another").unwrap().pem()).unwrap();
    let bridge = Setup::new(&slapd).ca_file(&other).start();
    let answer = bridge.http().get("/Users").await;
    is_fault(&answer);
    tells_nothing(&answer, &slapd, slapd.bridge().1);
    let state = bridge.readiness(503).await;
    assert_eq!(state["directories"][0]["servers"][0]["reason"], "tls", "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_rights_and_a_missing_base_are_faults_of_ours() {
    let slapd = Slapd::builder().start().unwrap();
    let read_only = Setup::new(&slapd).base(&format!("ou=services,{}", slapd.suffix())).start();
    assert_eq!(read_only.http().get("/Users").await.status, 200);
    let answer = read_only.http().post("/Users", &json!({"userName": "jo"})).await;
    is_fault(&answer);
    tells_nothing(&answer, &slapd, slapd.bridge().1);
    let nowhere = Setup::new(&slapd).base(&format!("ou=nowhere,{}", slapd.suffix())).start();
    for answer in [nowhere.http().get("/Users").await, nowhere.http().post("/Users", &json!({"userName": "jo"})).await]
    {
        is_fault(&answer);
        tells_nothing(&answer, &slapd, slapd.bridge().1);
    }
}
