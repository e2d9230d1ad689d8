//! How the bridge starts and ends: with a signal, with kill -9, without TLS.

use crate::support::bridge::{Bridge, Setup};
use crate::support::http::Http;
use crate::support::ldap::{Ldap, values};
use crate::support::wait::until;
use reqwest::Method;
use scim_ldap_bridge::lab::{Signal, Slapd};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How many clients write at once.
const CLIENTS: usize = 16;

/// Clients that create users, each with a title, until they get no answer; the names whose creation was answered 201.
fn load(bridge: &Bridge, answered: &Arc<AtomicUsize>) -> Vec<JoinHandle<BTreeSet<String>>> {
    let client = |number| tokio::spawn(create_all(bridge.http(), number, answered.clone()));
    (0..CLIENTS).map(client).collect()
}

async fn create_all(http: Http, number: usize, answered: Arc<AtomicUsize>) -> BTreeSet<String> {
    let mut created = BTreeSet::new();
    for count in 0.. {
        let name = format!("c{number}-{count}");
        let body = json!({"userName": name, "title": name}).to_string();
        let request = http.request(Method::POST, "/Users").header("content-type", "application/scim+json").body(body);
        let Ok(answer) = request.send().await else { break };
        let status = answer.status().as_u16();
        // the whole answer must come, not just its head
        let Ok(body) = answer.bytes().await else { break };
        assert!(matches!(status, 201 | 503), "{name}: {status} {}", String::from_utf8_lossy(&body));
        if status == 201 {
            assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON")["userName"], *name);
            created.insert(name);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
    created
}

/// What all clients together got done.
async fn all(clients: Vec<JoinHandle<BTreeSet<String>>>) -> BTreeSet<String> {
    let mut created = BTreeSet::new();
    for client in clients {
        created.extend(client.await.expect("a client without a complaint"));
    }
    created
}

/// The names of everybody in the directory.
async fn in_directory(slapd: &Slapd) -> BTreeSet<String> {
    let people = Ldap::admin(slapd).await.search(&slapd.people(), "(objectClass=inetOrgPerson)").await;
    people.iter().map(|person| values(person, "uid").join("|")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_answers_everything_that_it_has_done() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    for round in 0..3 {
        let answered = Arc::new(AtomicUsize::new(0));
        let before = in_directory(&slapd).await;
        for name in &before {
            let mut admin = Ldap::admin(&slapd).await;
            assert_eq!(admin.delete(&format!("uid={name},{}", slapd.people())).await, 0);
        }
        let clients = load(&bridge, &answered);
        until("load", async || answered.load(Ordering::Relaxed) >= 200).await;
        assert!(bridge.process().stop(Duration::from_secs(40)), "round {round}: {}", bridge.log());
        let created = all(clients).await;
        assert_eq!(in_directory(&slapd).await, created, "round {round}");
        bridge.start();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_an_intent_for_every_change_and_an_outcome_for_every_answer() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    let answered = Arc::new(AtomicUsize::new(0));
    let clients = load(&bridge, &answered);
    until("load", async || answered.load(Ordering::Relaxed) >= 200).await;
    bridge.process().kill();
    let created = all(clients).await;
    let there = in_directory(&slapd).await;
    assert!(there.is_superset(&created), "lost: {:?}", created.difference(&there).collect::<Vec<_>>());
    let mut phases: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in bridge.audit() {
        let dn = line["steps"][0]["change"][0].as_str().unwrap_or_default().to_owned();
        phases.entry(dn).or_default().push(line);
    }
    let of = |name: &str, phase: &str| {
        let lines = phases.get(&format!("dn: uid={name},{}", slapd.people())).into_iter().flatten();
        lines.filter(|line| line["phase"] == phase).cloned().collect::<Vec<_>>()
    };
    for name in &there {
        assert_eq!(of(name, "intent").len(), 1, "{name}");
    }
    for name in &created {
        let outcome = of(name, "outcome");
        assert_eq!(outcome.len(), 1, "{name}");
        assert_eq!((&outcome[0]["status"], &outcome[0]["caller"]), (&json!(201), &json!("test")));
        assert_eq!(outcome[0]["steps"][0]["outcome"], "success");
    }
    // and what was not answered can be sent again
    bridge.start();
    for name in there.difference(&created) {
        assert_eq!(bridge.http().post("/Users", &json!({"userName": name})).await.status, 409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_a_slow_directory_and_a_second_signal_does_not() {
    let mut slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    bridge.readiness(200).await;
    slapd.pause();
    let http = bridge.http();
    let request = tokio::spawn(async move { http.post("/Users", &json!({"userName": "jo"})).await });
    let busy = "scim_ldap_bridge_http_requests_in_flight";
    until("a request in flight", async || bridge.metric(busy, &[]).await == 1.0).await;
    bridge.process().signal(Signal::TERM);
    bridge.logged("stopping").await;
    slapd.resume();
    let answer = request.await.unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(bridge.process().stop(Duration::from_secs(40)), "{}", bridge.log());
    bridge.start();
    bridge.readiness(200).await;
    slapd.pause();
    let http = bridge.http();
    let request = http.request(Method::GET, "/Users").send();
    let request = tokio::spawn(request);
    until("a request in flight", async || bridge.metric(busy, &[]).await == 1.0).await;
    bridge.process().signal(Signal::TERM);
    bridge.logged("stopping").await;
    let began = std::time::Instant::now();
    bridge.process().signal(Signal::TERM);
    let _ = request.await;
    assert!(bridge.process().stop(Duration::from_secs(40)) || !bridge.process().is_running());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_for_loopback_only_and_never_silent() {
    let slapd = Slapd::builder().start().unwrap();
    let plain = "danger_plain_http = true";
    let bridge = Setup::new(&slapd).server(plain).start();
    assert!(bridge.origin.starts_with("http://127.0.0.1:"), "{}", bridge.origin);
    assert_eq!(bridge.http().get("/Users").await.status, 200);
    assert!(bridge.log().contains("danger_plain_http"), "{}", bridge.log());
    assert_eq!(bridge.metric("scim_ldap_bridge_app_danger_option", &["danger_plain_http"]).await, 1.0);
    for command in ["check", "serve"] {
        let open = Setup::new(&slapd).server(plain).variable("SCIM_LDAP_BRIDGE_SERVER__LISTEN", "0.0.0.0:0");
        let (stderr, code) = open.fails(command);
        assert_eq!(code, 1, "{command}: {stderr}");
        assert!(stderr.contains("loopback"), "{command}: {stderr}");
    }
}
