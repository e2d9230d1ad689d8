//! The admin listener of the real binary.

use crate::support::bridge::Setup;
use scim_ldap_bridge::lab::Slapd;

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_follow_the_directory() {
    let mut slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    assert_eq!(bridge.admin("/livez").await.0, 200);
    bridge.readiness(200).await;
    assert_eq!(bridge.http().get("/Users").await.status, 200);
    let metrics = bridge.admin("/metrics").await.1;
    assert!(metrics.contains("scim_ldap_bridge_http_requests_total"));
    assert!(metrics.contains("scim_ldap_bridge_directory_server_up"));
    slapd.stop();
    let down = bridge.readiness(503).await;
    assert_eq!(down["ready"], false);
    assert_eq!(bridge.admin("/livez").await.0, 200);
    slapd.start().unwrap();
    bridge.readiness(200).await;
}
