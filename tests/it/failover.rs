//! Two servers that hold the same entries: the preferred one fails, is read-only, comes back.

use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use crate::support::twin::Twins;
use crate::support::wait::until;
use scim_ldap_bridge::lab::{Builder, Overlay, Slapd};
use serde_json::json;

/// Quick to notice and quick to return.
const QUICK: &str = "probe_interval = '200ms'\nfail_back_after = '1s'";

/// Jo is on both.
async fn jo(slapd: &Slapd) {
    assert_eq!(Ldap::admin(slapd).await.add_person(slapd, "jo", &[]).await, 0);
}

/// As it comes.
fn usual(builder: Builder) -> Builder {
    builder
}

/// A consumer of a provider that is never there: it takes no writes, and says where they belong.
fn referring(builder: Builder) -> Builder {
    consumer(builder).line("updateref ldap://127.0.0.1:9/")
}

/// The same, but it does not say where.
fn consumer(builder: Builder) -> Builder {
    builder.line(
        "syncrepl rid=001 provider=ldap://127.0.0.1:9 type=refreshOnly interval=01:00:00:00 \
         searchbase=\"dc=example,dc=com\" bindmethod=simple retry=\"3600 +\"",
    )
}

/// A database that its administrator has frozen.
fn frozen(builder: Builder) -> Builder {
    builder.line("readonly on")
}

/// What makes a server read-only.
type Kind = fn(Builder) -> Builder;

/// Every kind of server that takes no writes.
const READ_ONLY: [(&str, Kind); 3] = [("referring", referring), ("consumer", consumer), ("frozen", frozen)];

/// A bridge for both.
fn bridge(twins: &Twins) -> Bridge {
    Setup::new(&twins.first).servers(&twins.urls()).directory(QUICK).start()
}

/// Whether the server with this index is active, for readiness and in the metrics.
async fn is_active(bridge: &Bridge, twins: &Twins, index: usize) -> bool {
    let state = bridge.admin("/readyz").await.1;
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let label = format!("server=\"{}\"", twins.urls()[index]);
    let active = bridge.metric("scim_ldap_bridge_directory_server_active", &[&label]).await;
    state["directories"][0]["servers"][index]["state"] == "active" && active == 1.0
}

/// How many have this `uid` on a server.
async fn count(slapd: &Slapd, uid: &str) -> usize {
    Ldap::admin(slapd).await.search(&slapd.people(), &format!("(uid={uid})")).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_server_takes_over_until_the_first_is_well_again() {
    let mut twins = Twins::make(usual, |builder, _| builder, jo).await;
    let bridge = bridge(&twins);
    let http = bridge.http();
    until("the first is active", async || is_active(&bridge, &twins, 0).await).await;
    let found = http.get("/Users?filter=userName%20eq%20%22jo%22").await;
    let path = format!("/Users/{}", found.body["Resources"][0]["id"].as_str().unwrap());
    twins.first.kill();
    until("the second serves", async || http.get(&path).await.status == 200).await;
    assert_eq!(http.post("/Users", &json!({"userName": "kim"})).await.status, 201);
    assert_eq!(count(&twins.second, "kim").await, 1);
    until("the second is active", async || is_active(&bridge, &twins, 1).await).await;
    let state = bridge.readiness(200).await;
    assert_eq!(state["directories"][0]["servers"][0]["state"], "down", "{state}");
    assert_eq!(bridge.metric("scim_ldap_bridge_directory_failovers_total", &[]).await, 1.0);
    let up = |index: usize| format!("server=\"{}\"", twins.urls()[index]);
    assert_eq!(bridge.metric("scim_ldap_bridge_directory_server_up", &[&up(0)]).await, 0.0);
    assert_eq!(bridge.metric("scim_ldap_bridge_directory_server_up", &[&up(1)]).await, 1.0);
    twins.first.start().unwrap();
    until("the first is active again", async || is_active(&bridge, &twins, 0).await).await;
    assert_eq!(http.post("/Users", &json!({"userName": "lou"})).await.status, 201);
    assert_eq!((count(&twins.first, "lou").await, count(&twins.second, "lou").await), (1, 0));
    assert_eq!(bridge.metric("scim_ldap_bridge_directory_failovers_total", &[]).await, 2.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_first_server_is_left_within_seconds() {
    let mut twins = Twins::make(usual, |builder, _| builder, jo).await;
    let bridge = bridge(&twins);
    let http = bridge.http();
    until("the first is active", async || is_active(&bridge, &twins, 0).await).await;
    twins.first.pause();
    until("the second serves", async || http.get("/Users").await.status == 200).await;
    until("the second is active", async || is_active(&bridge, &twins, 1).await).await;
    twins.first.resume();
    until("the first is active again", async || is_active(&bridge, &twins, 0).await).await;
    assert_eq!(http.get("/Users").await.body["totalResults"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_passed_over() {
    for (name, first) in READ_ONLY {
        let twins = Twins::make(first, |builder, _| builder, jo).await;
        let bridge = bridge(&twins);
        let http = bridge.http();
        until("the first is active", async || is_active(&bridge, &twins, 0).await).await;
        let answer = http.post("/Users", &json!({"userName": "kim"})).await;
        assert_eq!(answer.status, 201, "{name}: nothing was done on the first, so nobody need come again: {answer:?}");
        assert_eq!(count(&twins.second, "kim").await, 1, "{name}");
        assert!(is_active(&bridge, &twins, 1).await, "{name}");
        let entry = Ldap::admin(&twins.first).await.person(&twins.first, "(uid=jo)").await;
        assert_eq!(values(&entry, "cn"), ["jo"], "{name}: it still answers reads");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_without_a_server_that_takes_writes_is_an_outage_for_writes_alone() {
    for (name, first) in READ_ONLY {
        let twins = Twins::make(first, |builder, _| builder, jo).await;
        let bridge = Setup::new(&twins.first).directory(QUICK).start();
        bridge.readiness(200).await;
        let answer = bridge.http().post("/Users", &json!({"userName": "kim"})).await;
        assert_eq!(answer.status, 503, "{name}: {answer:?}");
        assert!(answer.headers.contains_key("retry-after"), "{name}: {answer:?}");
        assert_eq!(bridge.http().get("/Users").await.body["totalResults"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_serves_reads_while_its_provider_is_away() {
    let provider = |builder: Builder| builder.with(Overlay::SyncProv);
    let replica = |builder: Builder, provider: &Slapd| {
        let ((dn, password), url) = (provider.admin(), provider.url());
        let syncrepl = format!(
            "syncrepl rid=001 provider={url} type=refreshAndPersist retry=\"1 +\" searchbase=\"{}\" bindmethod=simple \
             binddn=\"{dn}\" credentials={password}",
            provider.suffix()
        );
        builder.with(Overlay::SyncProv).line(&syncrepl).line(&format!("updateref {url}"))
    };
    let mut twins = Twins::make(provider, replica, jo).await;
    let bridge = bridge(&twins);
    let http = bridge.http();
    until("the provider is active", async || is_active(&bridge, &twins, 0).await).await;
    let kim = http.post("/Users", &json!({"userName": "kim"})).await;
    let path = format!("/Users/{}", kim.body["id"].as_str().unwrap());
    until("kim is on the replica", async || count(&twins.second, "kim").await == 1).await;
    twins.first.kill();
    until("the replica serves", async || http.get(&path).await.status == 200).await;
    let refused = http.post("/Users", &json!({"userName": "lou"})).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
    assert_eq!(http.get(&path).await.status, 200, "reads go on");
    twins.first.start().unwrap();
    let again = async || http.post("/Users", &json!({"userName": "lou"})).await.status == 201;
    until("the provider takes writes again", again).await;
    until("lou is on the replica", async || count(&twins.second, "lou").await == 1).await;
    until("the provider is active again", async || is_active(&bridge, &twins, 0).await).await;
}
