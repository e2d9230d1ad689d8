//! Many accounts at once by two bridges: no number twice, and none lost but for what failed.

use super::POSIX;
use crate::support::bridge::{Bridge, Setup};
use crate::support::http::Http;
use crate::support::ldap::{Ldap, values};
use futures_util::stream::{self, StreamExt};
use scim_ldap_bridge::lab::{Directory, Ds389, Signal, Slapd};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

/// The first number.
const FIRST: u64 = 20_000;

/// How many requests each bridge has to deal with at once.
const AT_ONCE: usize = 8;

/// How the requests of a race ended: so many with each status, 0 for those that nobody answered.
type Statuses = BTreeMap<u16, usize>;

fn bridge(directory: &dyn Directory) -> Bridge {
    Setup::new(directory).mapping(POSIX).start()
}

/// The statuses of `count` creates, the names of which start with `prefix`.
async fn create(http: Http, prefix: &'static str, count: usize) -> Vec<u16> {
    let posts = (0..count).map(|n| {
        let body = json!({"userName": format!("{prefix}{n}@example.com")}).to_string();
        let request = http.request(reqwest::Method::POST, "/Users").header("content-type", "application/scim+json");
        async move { request.body(body).send().await.map_or(0, |answer| answer.status().as_u16()) }
    });
    stream::iter(posts).buffer_unordered(AT_ONCE).collect().await
}

fn counted(statuses: impl IntoIterator<Item = u16>) -> Statuses {
    let mut counts = Statuses::new();
    statuses.into_iter().for_each(|status| *counts.entry(status).or_default() += 1);
    counts
}

/// The numbers of all accounts: none of them twice.
async fn numbers(directory: &dyn Directory) -> HashSet<u64> {
    let found = Ldap::admin(directory).await.search_one_level(&directory.people(), "(objectClass=posixAccount)").await;
    let numbers: HashSet<u64> = found.iter().map(|entry| values(entry, "uidNumber")[0].parse().unwrap()).collect();
    assert_eq!(numbers.len(), found.len(), "a number that two accounts have");
    numbers
}

/// How many numbers were drawn that no account has.
async fn lost(directory: &dyn Directory, numbers: &HashSet<u64>) -> usize {
    let counter = format!("cn=uid,ou=counters,{}", directory.suffix());
    let found = Ldap::admin(directory).await.search(&counter, "(objectClass=*)").await;
    let next: u64 = values(&found[0], "scimNextNumber")[0].parse().unwrap();
    (FIRST..next).filter(|number| !numbers.contains(number)).count()
}

/// Two bridges make so many accounts each.
async fn a_race(directory: &dyn Directory, count: usize) {
    let bridges = [bridge(directory), bridge(directory)];
    let races = ["a", "b"].into_iter().zip(&bridges).map(|(prefix, bridge)| create(bridge.http(), prefix, count));
    let statuses = counted(futures_util::future::join_all(races).await.into_iter().flatten());
    let (numbers, made) = (numbers(directory).await, statuses.get(&201).copied().unwrap_or_default());
    let failed: usize = statuses.iter().filter(|(status, _)| **status >= 500).map(|(_, count)| count).sum();
    eprintln!("{:?}: {statuses:?}", directory.kind());
    for line in bridges.iter().flat_map(Bridge::audit).filter(|line| line["status"].as_u64() >= Some(500)) {
        eprintln!("{line}");
    }
    assert_eq!(made + failed, 2 * count, "{statuses:?}");
    assert!(numbers.len() >= made, "{} accounts: {statuses:?}", numbers.len());
    let lost = lost(directory, &numbers).await;
    assert!(lost <= failed, "{lost} numbers lost: {statuses:?}");
    assert!(failed * 20 < count, "hardly any should fail: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_accounts_by_two_bridges_have_a_thousand_numbers() {
    a_race(&Slapd::builder().counter("uid", FIRST).start().unwrap(), 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ds389_gives_no_number_twice_either() {
    a_race(&Ds389::builder().counter("uid", FIRST).start().unwrap(), 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_bridge_loses_at_most_the_numbers_in_flight() {
    let slapd = Slapd::builder().counter("uid", FIRST).start().unwrap();
    let (mut first, second) = (bridge(&slapd), bridge(&slapd));
    let racing = [create(first.http(), "a", 200), create(second.http(), "b", 200)].map(tokio::spawn);
    crate::support::wait::until("a race that is on", async || numbers(&slapd).await.len() > 60).await;
    first.process().signal(Signal::KILL);
    let mut statuses = Vec::new();
    for race in racing {
        statuses.push(counted(race.await.unwrap()));
    }
    assert_eq!(statuses[1], counted([201; 200]), "the second bridge notices nothing");
    assert!(statuses[0].contains_key(&0) && statuses[0].contains_key(&201), "{statuses:?}");
    first.start();
    assert_eq!(counted(create(first.http(), "c", 20).await), counted([201; 20]));
    let numbers = numbers(&slapd).await;
    let lost = lost(&slapd, &numbers).await;
    assert!(lost <= AT_ONCE, "{lost} numbers lost, {AT_ONCE} were in flight: {statuses:?}");
}
