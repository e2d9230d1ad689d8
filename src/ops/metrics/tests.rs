//! The documentation lists what is declared, and every verb moves what it says.

use std::time::Duration;

use jiff::Timestamp;

use super::*;

/// A row of the table in `docs/metrics.md`.
fn row(metric: &Declared) -> String {
    let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    format!("| `{}` | {} | {} | {} |", metric.name, metric.kind, labels.join(" "), metric.help)
}

#[test]
fn the_documentation_lists_every_metric() {
    let documented: Vec<_> = include_str!("../../../docs/metrics.md")
        .lines()
        .filter(|line| line.starts_with("| `scim_ldap_bridge_") || line.starts_with("| `process_"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let declared: Vec<_> =
        Metrics::new().catalog().iter().map(|m| row(m).split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(documented, declared, "the table should read:\n{}", declared.join("\n"));
}

#[test]
fn names_follow_the_rule() {
    for metric in Metrics::new().catalog() {
        let name = metric.name.strip_prefix("scim_ldap_bridge_").unwrap_or(&metric.name);
        let layer = name.split('_').next().unwrap_or("");
        assert!(["http", "directory", "service", "ops", "app", "process"].contains(&layer), "{}", metric.name);
        assert_eq!(layer == "process", name == metric.name, "{}", metric.name);
        assert_eq!(metric.kind == "counter", name.ends_with("_total"), "{}", metric.name);
    }
}

#[test]
fn every_verb_counts() {
    let metrics = Metrics::new();
    let (second, held) = (Duration::from_secs(1), (metrics.request_started("hr"), metrics.connection_opened()));
    metrics.request_finished("hr", "/Users", "BREW", 200, second);
    metrics.auth_failed("hr", "unknown_token");
    metrics.connection_refused("limit");
    metrics.tls_handshake_failed();
    metrics.operation("corp", "ldap1", "add", "success", second);
    metrics.connected("corp", "ldap1");
    metrics.server_up("corp", "ldap1", true);
    metrics.active_server("corp", "ldap1");
    metrics.failover("corp");
    metrics.plan_finished("hr", "create", "success");
    metrics.step("hr", "add", "success");
    metrics.ignored_attribute("hr", 2);
    metrics.user_change("hr", "created");
    metrics.group_change("hr", "created");
    metrics.membership_change("hr", 1, 0);
    metrics.unresolved_members("hr", 1);
    metrics.protected("hr", "`uid=x` is protected");
    let large = metrics.large_answer_started("hr");
    metrics.replan("hr");
    metrics.audit_written();
    metrics.audit_failed(&std::io::Error::other("disk full"));
    metrics.build_info("0.1.0");
    metrics.started(Timestamp::from_millisecond(1500).unwrap());
    metrics.certificate_expiry(1);
    metrics.token_expiries("hr", &[("entra", 1)]);
    metrics.danger_option("server.danger_plain_http");
    metrics.config_reload("tokens", true);
    let text = metrics.render();
    for metric in metrics.catalog() {
        assert!(text.contains(&format!("\n{}", metric.name)), "{} has no value", metric.name);
    }
    assert!(text.contains("\nprocess_start_time_seconds 1.5\n"), "{text}");
    assert!(text.contains("method=\"other\""), "an unknown method is no label of its own");
    assert!(text.contains("scim_ldap_bridge_http_requests_in_flight{endpoint=\"hr\"} 1"));
    drop((held, large));
    metrics.disconnected("corp", "ldap1");
    let text = metrics.render();
    assert!(text.contains("scim_ldap_bridge_http_requests_in_flight{endpoint=\"hr\"} 0"));
    assert!(text.contains("scim_ldap_bridge_directory_connections{directory=\"corp\",server=\"ldap1\"} 0"));
}

#[test]
fn members_are_counted_not_requests() {
    let metrics = Metrics::new();
    metrics.membership_change("hr", 3, 0);
    metrics.membership_change("hr", 2, 7);
    metrics.unresolved_members("hr", 4);
    let (first, _second) = (metrics.large_answer_started("hr"), metrics.large_answer_started("hr"));
    drop(first);
    let text = metrics.render();
    for line in [
        "membership_changes_total{change=\"added\",endpoint=\"hr\"} 5",
        "membership_changes_total{change=\"removed\",endpoint=\"hr\"} 7",
        "unresolved_members_total{endpoint=\"hr\"} 4",
        "large_answers_in_progress{endpoint=\"hr\"} 1",
    ] {
        assert!(text.contains(&format!("\nscim_ldap_bridge_service_{line}\n")), "{line}\n{text}");
    }
}

#[test]
fn a_successor_replaces_its_predecessor() {
    let metrics = Metrics::new();
    metrics.active_server("corp", "ldap1");
    metrics.active_server("corp", "ldap2");
    metrics.token_expiries("hr", &[("old", 1)]);
    metrics.token_expiries("hr", &[("new", 2)]);
    let text = metrics.render();
    assert!(text.contains("server_active{directory=\"corp\",server=\"ldap1\"} 0"), "{text}");
    assert!(text.contains("server_active{directory=\"corp\",server=\"ldap2\"} 1"), "{text}");
    assert!(text.contains("token=\"new\"") && !text.contains("token=\"old\""), "{text}");
    metrics.active_server("corp", None);
    assert!(metrics.render().contains("server_active{directory=\"corp\",server=\"ldap2\"} 0"));
}
