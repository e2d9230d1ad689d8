//! Tokens and certificates that change while the bridge runs.

use crate::support::bridge::{Bridge, Setup};
use crate::support::http::Http;
use crate::support::wait::until;
use reqwest::Method;
use scim_ldap_bridge::lab::{Ca, Signal, Slapd};
use serde_json::json;

/// Whether a client that trusts this authority alone gets in, on a connection of its own.
async fn trusted(bridge: &Bridge, ca: &str) -> bool {
    let http = Http::new(&bridge.tenant_url(), Some(&bridge.token), ca);
    http.request(Method::GET, "/Users").send().await.is_ok_and(|answer| answer.status() == 200)
}

/// The status that a token gets for reading.
async fn status(bridge: &Bridge, token: &str) -> u16 {
    bridge.http_as(Some(token)).get("/Users").await.status
}

/// How many reloads of tokens or of the certificate went well or failed.
async fn reloads(bridge: &Bridge, what: &str, outcome: &str) -> f64 {
    let labels = [&*format!("what=\"{what}\""), &*format!("outcome=\"{outcome}\"")];
    bridge.metric("scim_ldap_bridge_app_config_reloads_total", &labels).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_and_a_broken_one_is_not() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    let (second, third) = (Ca::new("second").unwrap(), Ca::new("third").unwrap());
    assert!(trusted(&bridge, &bridge.ca).await && !trusted(&bridge, &second.pem()).await);
    // noticed by itself
    second.local().unwrap().write(bridge.folder(), "server").unwrap();
    until("the second certificate", async || trusted(&bridge, &second.pem()).await).await;
    assert!(!trusted(&bridge, &bridge.ca).await);
    // broken: text that is no certificate, then a certificate that is not the key's
    let good = std::fs::read(bridge.folder().join("server.pem")).unwrap();
    let other = third.local().unwrap().certificate;
    for bad in ["nonsense", &other] {
        let failed = reloads(&bridge, "certificate", "failure").await;
        std::fs::write(bridge.folder().join("server.pem"), bad).unwrap();
        bridge.process().signal(Signal::HUP);
        until("a reload that fails", async || reloads(&bridge, "certificate", "failure").await > failed).await;
        assert!(trusted(&bridge, &second.pem()).await, "{}", bridge.log());
    }
    assert!(bridge.log().contains("stays in use"), "{}", bridge.log());
    std::fs::write(bridge.folder().join("server.pem"), good).unwrap();
    third.local().unwrap().write(bridge.folder(), "server").unwrap();
    bridge.process().signal(Signal::HUP);
    until("the third certificate", async || trusted(&bridge, &third.pem()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_rotate_without_a_restart() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let old = bridge.token.clone();
    let new = bridge.new_token("next", &[]);
    until("the new token", async || status(&bridge, &new).await == 200).await;
    assert_eq!(status(&bridge, &old).await, 200, "both are valid");
    let list = bridge.run(&["token", "list"]).0;
    assert!(list.contains("test") && list.contains("next") && !list.contains(&new), "{list}");
    let tokens = std::fs::read_to_string(bridge.folder().join("tokens.toml")).unwrap();
    assert!(!tokens.contains(&new) && !tokens.contains(&old), "{tokens}");
    assert_eq!(bridge.run(&["token", "revoke", "--name", "test"]).2, 0);
    until("the end of the old token", async || status(&bridge, &old).await == 401).await;
    assert_eq!(status(&bridge, &new).await, 200);
    let refused = bridge.http_as(Some(&old)).get("/Users").await;
    assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{refused:?}");
    assert_eq!(refused.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_token_file_leaves_the_tokens_as_they_were() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    let file = bridge.folder().join("tokens.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    for bad in ["[token.x", "[token.test]\nendpoint = 'lab'\nsha256 = 'short'\n"] {
        let failed = reloads(&bridge, "tokens", "failure").await;
        std::fs::write(&file, bad).unwrap();
        until("a reload that fails", async || reloads(&bridge, "tokens", "failure").await > failed).await;
        assert_eq!(status(&bridge, &bridge.token).await, 200, "{}", bridge.log());
    }
    std::fs::remove_file(&file).unwrap();
    bridge.process().signal(Signal::HUP);
    bridge.logged("reloading on SIGHUP").await;
    assert_eq!(status(&bridge, &bridge.token).await, 200, "{}", bridge.log());
    std::fs::write(&file, &good).unwrap();
    let late = bridge.new_token("late", &[]);
    until("the late token", async || status(&bridge, &late).await == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_is_rotated_without_losing_a_line() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).start();
    let (now, old) = (bridge.folder().join("audit.jsonl"), bridge.folder().join("audit.jsonl.1"));
    let lines = |file: &std::path::Path| std::fs::read_to_string(file).unwrap_or_default().lines().count();
    assert_eq!(bridge.http().post("/Users", &json!({"userName": "one"})).await.status, 201);
    std::fs::rename(&now, &old).unwrap();
    assert_eq!(bridge.http().post("/Users", &json!({"userName": "two"})).await.status, 201);
    bridge.process().signal(Signal::HUP);
    until("a new file", async || now.exists()).await;
    assert_eq!(bridge.http().post("/Users", &json!({"userName": "three"})).await.status, 201);
    assert_eq!((lines(&old), lines(&now)), (4, 2), "an intent and an outcome each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_no_more_than_it_may() {
    let slapd = Slapd::builder().start().unwrap();
    let other = format!(
        "[endpoint.other]\npath = '/other'\ndirectory = 'lab'\nmapping = 'mapping.toml'\nusers = {{ base = '{}' }}",
        slapd.people()
    );
    let mut bridge = Setup::new(&slapd).further(&other).start();
    let reader = bridge.new_token("reader", &["--allow", "read"]);
    let brief = bridge.new_token("brief", &["--expires", "3s"]);
    bridge.process().signal(Signal::HUP);
    until("the reader", async || status(&bridge, &reader).await == 200).await;
    let jo = json!({"userName": "jo"});
    let id = bridge.http().post("/Users", &jo).await.body["id"].as_str().unwrap().to_owned();
    let (read_only, path) = (bridge.http_as(Some(&reader)), format!("/Users/{id}"));
    let refused = [
        read_only.post("/Users", &json!({"userName": "kim"})).await,
        read_only.put(&path, &jo).await,
        read_only.patch(&path, json!([{"op": "replace", "path": "title", "value": "x"}])).await,
        read_only.delete(&path).await,
    ];
    for answer in refused {
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(answer.body["status"], "403");
    }
    assert_eq!(read_only.get(&path).await.body["title"], json!(null));
    until("the end of the brief token", async || status(&bridge, &brief).await == 401).await;
    // of another endpoint, both ways
    let elsewhere = format!("{}/other", bridge.origin);
    let (stdout, stderr, code) = bridge.run(&["token", "create", "--name", "foreign", "--endpoint", "other"]);
    assert_eq!(code, 0, "{stderr}");
    let foreign = Http::new(&elsewhere, Some(stdout.trim()), &bridge.ca);
    until("the foreign token at home", async || foreign.get("/Users").await.status == 200).await;
    assert_eq!(status(&bridge, stdout.trim()).await, 401);
    let ours = Http::new(&elsewhere, Some(&bridge.token), &bridge.ca);
    assert_eq!(ours.get("/Users").await.status, 401);
    assert_eq!(bridge.http_as(None).get("/Users").await.status, 401);
    for text in [&bridge.token, &reader, &brief] {
        assert!(!bridge.log().contains(text.as_str()), "a token in the log");
    }
}
