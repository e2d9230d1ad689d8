//! Numbers of groups: no two get the same, whoever asks, whatever breaks.

use super::style::{POSIX, Style};
use crate::support::bed::{Bed, is_error};
use crate::support::bridge::{Bridge, Setup};
use crate::support::http::Http;
use crate::support::ldap::{Ldap, values};
use crate::support::proxy::{Lost, Proxy};
use scim_ldap_bridge::lab::{Signal, Slapd};
use serde_json::json;
use std::collections::HashSet;

/// The numbers of all groups.
async fn numbers(slapd: &Slapd) -> Vec<u64> {
    let groups = Ldap::admin(slapd).await.search_one_level(&slapd.groups(), "(objectClass=posixGroup)").await;
    let mut numbers: Vec<u64> = groups.iter().map(|group| values(group, "gidNumber")[0].parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// A bridge for POSIX groups.
fn bridge(slapd: &Slapd) -> Bridge {
    Setup::new(slapd).mapping(POSIX).groups("").start()
}

/// POST of a group; the status, 0 when nobody answered.
async fn post(http: &Http, name: &str) -> u16 {
    let body = json!({ "displayName": name }).to_string();
    let request = http.request(reqwest::Method::POST, "/Groups").header("content-type", "application/scim+json");
    request.body(body).send().await.map_or(0, |answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bridges_at_once_never_give_a_number_twice() {
    let slapd = Style::Posix.directory().start().unwrap();
    let bridges = [bridge(&slapd), bridge(&slapd)];
    let posts = (0..40).map(|n| {
        let http = bridges[n % 2].http();
        tokio::spawn(async move { post(&http, &format!("group {n}")).await })
    });
    for status in posts.collect::<Vec<_>>() {
        assert_eq!(status.await.unwrap(), 201);
    }
    let numbers = numbers(&slapd).await;
    assert_eq!(numbers, (30_000..30_040).collect::<Vec<u64>>(), "each once, and none is wasted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_has_is_passed_over() {
    let mut bed = Style::Posix.bed().await;
    for number in ["30000", "30001", "30003"] {
        let dn = format!("cn=old{number},{}", bed.directory.groups());
        let attrs: [(&str, &[&str]); 2] = [("objectClass", &["posixGroup"]), ("gidNumber", &[number])];
        assert_eq!(bed.ldap.add(&dn, &attrs).await, 0);
    }
    bed.create_group(json!({"displayName": "a"})).await;
    bed.create_group(json!({"displayName": "b"})).await;
    assert_eq!(numbers(&bed.directory).await, [30_000, 30_001, 30_002, 30_003, 30_004]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_number_nothing_is_made() {
    let slapd = Style::Posix.directory().start().unwrap();
    let mapping = POSIX.replace(
        "cn=gid,ou=counters,dc=example,dc=com\", last = 59999",
        "cn=gid,ou=counters,dc=example,dc=com\", last = 30001",
    );
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups("")).await;
    bed.create_group(json!({"displayName": "a"})).await;
    bed.create_group(json!({"displayName": "b"})).await;
    let before = bed.everything().await;
    let refused = bed.http.post("/Groups", &json!({"displayName": "c"})).await;
    is_error(&refused, 500, None);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("used up") && detail.contains("hint:"), "{detail}");
    assert!(!detail.contains("cn="), "no names of the directory: {detail}");
    assert_eq!(bed.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_cannot_be_used_makes_nothing_and_says_so() {
    let at = |name: &str| format!("cn={name},ou=counters,dc=example,dc=com");
    let entry = |name: &str, values: &str| format!("dn: {}\nobjectClass: device\ncn: {name}\n{values}", at(name));
    let entries = [
        entry("none", ""),
        entry("word", "serialNumber: twelve\n"),
        entry("two", "serialNumber: 1\nserialNumber: 2\n"),
        entry("zeros", "serialNumber: 007\n"),
        entry("last", &format!("serialNumber: {}\n", u64::MAX)),
        "dn: cn=fixed,ou=services,dc=example,dc=com\nobjectClass: device\ncn: fixed\nserialNumber: 5\n".to_owned(),
    ];
    let faulty = ["missing", "none", "word", "two", "zeros", "last"].map(at);
    for counter in faulty.into_iter().chain(["cn=fixed,ou=services,dc=example,dc=com".to_owned()]) {
        let slapd = Slapd::builder().entries(&entries.join("\n")).start().unwrap();
        let named = format!("counter = \"{counter}\", attribute = \"serialNumber\"");
        let mapping = POSIX.replace("counter = \"cn=gid,ou=counters,dc=example,dc=com\"", &named);
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups("")).await;
        let before = bed.everything().await;
        let refused = bed.http.post("/Groups", &json!({"displayName": "c"})).await;
        is_error(&refused, 500, None);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("hint:"), "{counter}: {detail}");
        assert!(!detail.contains("cn="), "no names of the directory: {detail}");
        assert_eq!(bed.everything().await, before, "{counter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_is_killed_leads_to_no_number_twice() {
    let slapd = Style::Posix.directory().start().unwrap();
    let (mut first, second) = (bridge(&slapd), bridge(&slapd));
    let mut posts = Vec::new();
    for n in 0..60 {
        if n == 30 {
            first.process().signal(Signal::KILL);
            first.start();
        }
        let http = if n % 2 == 0 { first.http() } else { second.http() };
        posts.push(tokio::spawn(async move { post(&http, &format!("group {n}")).await }));
    }
    let mut created = 0;
    for status in posts {
        created += usize::from(status.await.unwrap() == 201);
    }
    let numbers = numbers(&slapd).await;
    assert!(created >= 45, "those of the second bridge, and those after the start: {created}");
    assert!(numbers.len() >= created, "{created} of {}", numbers.len());
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len(), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_conflict() {
    let slapd = Style::Posix.directory().start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let urls = [proxy.url()];
    let mut bed = Bed::with(slapd, |setup| setup.mapping(POSIX).groups("").servers(&urls)).await;
    let [jo] = bed.create_users(["jo"]).await;
    // the move of the counter first: its number is nobody's then
    for (what, name) in [(Lost::Modify, "a"), (Lost::Add, "b")] {
        proxy.lose(what);
        let id = bed.create_group(json!({"displayName": name, "members": [{ "value": jo }]})).await;
        assert!(proxy.has_lost(), "{what:?}");
        bed.holds(Style::Posix, &id, &[&jo], &[], name).await;
    }
    assert_eq!(numbers(&bed.directory).await, [30_001, 30_002]);
}
