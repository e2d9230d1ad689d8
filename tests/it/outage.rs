//! A directory that goes away and comes back while requests are under way.

use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::{Signal, Slapd};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// No request may take longer than this, whatever happens to the directory.
const LONGEST: Duration = Duration::from_secs(22);

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_kill_under_load_and_the_rest_can_be_repeated() {
    let mut slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8).map(|writer| tokio::spawn(write(bridge.http(), writer, stop.clone()))).collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        slapd.kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        slapd.start().unwrap();
    }
    tokio::time::sleep(Duration::from_millis(800)).await;
    stop.store(true, Ordering::Relaxed);
    let mut done = BTreeSet::new();
    let mut failed = BTreeSet::new();
    for writer in writers {
        let (created, refused) = writer.await.unwrap();
        done.extend(created);
        failed.extend(refused);
    }
    assert!(!done.is_empty() && !failed.is_empty(), "{} created, {} refused", done.len(), failed.len());
    ready(&bridge).await;
    let http = bridge.http();
    for name in &failed {
        let again = http.post("/Users", &json!({"userName": name})).await;
        assert!(matches!(again.status, 201 | 409), "{again:?}");
    }
    let people = Ldap::admin(&slapd).await.search(&slapd.people(), "(uid=*)").await;
    let there: BTreeSet<String> = people.iter().map(|entry| values(entry, "uid")[0].to_owned()).collect();
    assert_eq!(there, done.union(&failed).cloned().collect());
    assert!(bridge.process().is_running());
    assert!(!bridge.log().contains("panicked"), "{}", bridge.log());
}

/// Creates users until told to stop; returns the names that were created and those that were refused.
async fn write(http: crate::support::http::Http, writer: u32, stop: Arc<AtomicBool>) -> (Vec<String>, Vec<String>) {
    let (mut created, mut refused) = (Vec::new(), Vec::new());
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("w{writer}-{number}");
        let start = Instant::now();
        let answer = http.post("/Users", &json!({"userName": name})).await;
        assert!(start.elapsed() < LONGEST, "{name} took {:?}", start.elapsed());
        match answer.status {
            201 => created.push(name),
            503 => {
                assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
                refused.push(name);
            }
            _ => panic!("{name}: {answer:?}"),
        }
    }
    (created, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_directory_is_503_in_time_and_a_request_under_way_is_finished_on_stop() {
    let mut slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    ready(&bridge).await;
    slapd.pause();
    let start = Instant::now();
    let answer = bridge.http().get("/Users").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(start.elapsed() < LONGEST);
    slapd.resume();
    ready(&bridge).await;
    bridge.process().signal(Signal::TERM);
    assert!(bridge.process().stop(Duration::from_secs(30)), "{}", bridge.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_starts_without_its_directory_and_goes_over_to_the_next_server() {
    let mut first = Slapd::builder().start().unwrap();
    first.stop();
    let second = Slapd::builder().start().unwrap();
    let alone = Setup::new(&first).start();
    assert_eq!(alone.http().get("/Users").await.status, 503);
    first.start().unwrap();
    ready(&alone).await;
    first.stop();
    // the second server's own authority and account, the first server's address before it
    let both = Setup::new(&second).servers(&[first.tls_url(), second.tls_url()]);
    let both = both.further("[log]\nformat = 'json'\n").start();
    ready(&both).await;
    assert_eq!(both.http().post("/Users", &json!({"userName": "jo"})).await.status, 201);
    assert_eq!(Ldap::admin(&second).await.search(&second.people(), "(uid=jo)").await.len(), 1);
    assert!(both.log().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{}", both.log());
}

/// Waits until the bridge answers requests.
async fn ready(bridge: &Bridge) {
    for _ in 0..300 {
        if bridge.admin("/readyz").await.0 == 200 && bridge.http().get("/Users?count=0").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the bridge is not ready: {}", bridge.log());
}
