//! The admin listener of the real binary.

use crate::support::bridge::Setup;
use scim_ldap_bridge::lab::Slapd;
use serde_json::Value;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_follow_the_directory() {
    let mut slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    assert_eq!(bridge.admin("/livez").await.0, 200);
    wait_for(&bridge, 200).await;
    assert_eq!(bridge.http().get("/Users").await.status, 200);
    let metrics = bridge.admin("/metrics").await.1;
    assert!(metrics.contains("scim_ldap_bridge_http_requests_total"));
    assert!(metrics.contains("scim_ldap_bridge_directory_server_up"));
    slapd.stop();
    let down = wait_for(&bridge, 503).await;
    assert_eq!(down["ready"], false);
    assert_eq!(bridge.admin("/livez").await.0, 200);
    slapd.start().unwrap();
    wait_for(&bridge, 200).await;
}

/// Waits until readiness answers with this status, and returns what it says.
async fn wait_for(bridge: &crate::support::bridge::Bridge, status: u16) -> Value {
    for _ in 0..200 {
        let (now, text) = bridge.admin("/readyz").await;
        if now == status {
            return serde_json::from_str(&text).expect("JSON");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("readiness does not become {status}: {}", bridge.log());
}
