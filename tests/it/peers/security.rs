//! Secrets and callers.

use crate::support::bed::{Bed, is_error};
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;
use std::time::{Duration, Instant};

/// Elsewhere: the password in clear text in the log file, at the level that is shipped.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_log_or_the_directory() {
    let slapd = Slapd::builder().start().unwrap();
    let bind = slapd.bridge().1.to_owned();
    let mut bed = Bed::with(slapd, |setup| setup.further("[log]\nfilter = 'trace'")).await;
    let secret = "Very-Secret-4711";
    let id = bed.create(json!({"userName": "jo", "password": secret})).await;
    bed.patch(&id, json!([{"op": "replace", "path": "password", "value": secret}])).await;
    bed.patch(&id, json!([{"op": "replace", "value": {"password": secret, "userPassword": secret}}])).await;
    let put = bed.http.put(&format!("/Users/{id}"), &json!({"userName": "jo", "password": secret})).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let wrong = "A-Token-Of-Somebody-Else-4712";
    is_error(&bed.bridge.http_as(Some(wrong)).get("/Users").await, 401, None);
    is_error(&bed.http.get("/Users?filter=password+eq+%22Very-Secret-4711%22").await, 400, Some("invalidFilter"));
    let entries = bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await;
    assert!(!format!("{entries:?}").contains(secret));
    let entry = bed.entry(&id).await;
    assert!(!entry.attrs.contains_key("userPassword"), "not stored, hashed or not: {entry:?}");
    let log = bed.bridge.log();
    assert!(log.contains("TRACE"), "it is as talkative as it can be");
    let audit = format!("{:?}", bed.bridge.audit());
    let metrics = bed.bridge.admin("/metrics").await.1;
    let config = bed.bridge.run(&["check", "--print"]).0;
    for (place, text) in [("log", &log), ("audit", &audit), ("metrics", &metrics), ("check", &config)] {
        for hidden in [secret, wrong, bind.as_str(), bed.bridge.token.as_str()] {
            let line = text.lines().find(|line| line.contains(hidden));
            assert!(line.is_none(), "{hidden} in {place}: {line:?}");
        }
    }
    let tokens = std::fs::read_to_string(bed.bridge.config_file().with_file_name("tokens.toml")).unwrap();
    assert!(!tokens.contains(&bed.bridge.token), "only its hash is kept");
}

/// Elsewhere: 401 as text, and after three of them since the start every further one hung for minutes.
#[tokio::test(flavor = "multi_thread")]
async fn failed_callers_are_told_at_once_and_slow_nobody_down() {
    let mut bed = Bed::new().await;
    let before = bed.everything().await;
    let began = Instant::now();
    let right = bed.bridge.token.clone();
    let cut = right[..right.len() - 1].to_owned();
    for token in [None, Some(""), Some("x"), Some(cut.as_str()), Some("  "), Some("Bearer"), Some("null")] {
        let http = bed.bridge.http_as(token);
        for _ in 0..3 {
            for answer in [
                http.get("/Users").await,
                http.post("/Users", &json!({"userName": "intruder"})).await,
                http.delete("/Users/x").await,
                http.get("/Schemas").await,
                http.get("/nowhere").await,
            ] {
                is_error(&answer, 401, None);
                let challenge = answer.headers["www-authenticate"].to_str().unwrap();
                assert!(challenge.starts_with("Bearer"), "{challenge}");
            }
        }
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(bed.http.get("/Users").await.status, 200);
    for scheme in ["Basic", "Token", "", "Bearer,"] {
        let request = bed.bridge.http_as(None).request(Method::GET, "/Users");
        let answer = crate::support::http::send(request.header("Authorization", format!("{scheme} {right}"))).await;
        is_error(&answer, 401, None);
    }
    assert_eq!(bed.everything().await, before);
}

/// Elsewhere: `X-Forwarded-For` of any client opened an allow list. Here no header but the token opens anything, and
/// none moves the URLs in answers.
#[tokio::test(flavor = "multi_thread")]
async fn headers_of_proxies_are_not_believed() {
    let bed = Bed::new().await;
    bed.create(json!({"userName": "jo"})).await;
    for http in [bed.bridge.http_as(None), bed.bridge.http()] {
        let mut request = http.request(Method::GET, "/Users");
        for (name, value) in [
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Forwarded-Host", "attacker.example"),
            ("X-Forwarded-Proto", "http"),
            ("Forwarded", "for=127.0.0.1;host=attacker.example"),
            ("X-Original-URL", "/scim/v2/Users"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Remote-User", "admin"),
        ] {
            request = request.header(name, value);
        }
        let answer = crate::support::http::send(request).await;
        assert!(!answer.body.to_string().contains("attacker"), "{}", answer.body);
        if answer.status == 401 {
            is_error(&answer, 401, None);
        } else {
            assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(1)));
        }
    }
    is_error(&bed.bridge.http_as(None).get("/Users").await, 401, None);
}
