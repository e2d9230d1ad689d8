//! The sources of the configuration and `check`, through the real binary.

use crate::support::bridge::{Bridge, Setup};
use scim_ldap_bridge::lab::Slapd;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs `check` on a file of its own.
fn check(file: &Path, args: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scim-ldap-bridge"));
    let output = command.arg("check").args(args).arg("--config").arg(file).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

/// What `check --print` prints for the bridge's configuration.
fn printed(bridge: &Bridge) -> String {
    let (stdout, stderr, code) = bridge.run(&["check", "--print"]);
    assert_eq!(code, 0, "{stderr}");
    stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ready_line_says_which_ports_the_system_chose() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    assert!(bridge.origin.starts_with("https://127.0.0.1:") && !bridge.origin.ends_with(":0"), "{}", bridge.origin);
    assert!(bridge.admin.starts_with("http://127.0.0.1:") && !bridge.admin.ends_with(":0"), "{}", bridge.admin);
    assert_ne!(bridge.origin.rsplit(':').next(), bridge.admin.rsplit(':').next());
    assert_eq!(bridge.http().get("/ServiceProviderConfig").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_is_json_in_every_line() {
    let mut slapd = Slapd::builder().start().unwrap();
    slapd.stop();
    let mut bridge = Setup::new(&slapd).further("[log]\nformat = 'json'").start();
    assert_eq!(bridge.http().get("/Users").await.status, 503);
    assert!(bridge.process().stop(Duration::from_secs(30)));
    let log = bridge.log();
    let lines: Vec<Result<Value, _>> = log.lines().map(serde_json::from_str).collect();
    assert!(lines.len() > 3 && lines.iter().all(Result::is_ok), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_conf_d_win_over_the_main_file_and_variables_over_both() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd)
        .variable("SCIM_LDAP_BRIDGE_ENDPOINT__LAB__PATH", "/api/scim")
        .variable("SCIM_LDAP_BRIDGE_DIRECTORY__LAB__SERVERS", &slapd.url())
        .path("/scim/v2");
    let mut bridge = bridge.prepare();
    let drop_ins = bridge.folder().join("conf.d");
    std::fs::create_dir(&drop_ins).unwrap();
    let write = |name: &str, text: &str| std::fs::write(drop_ins.join(name), text).unwrap();
    write("10-first.toml", "[server]\nbody_limit = '1KiB'\n[endpoint.lab]\npath = '/nobody'\n");
    write("20-second.toml", "[server]\nbody_limit = '2KiB'\n");
    write("30-unused.toml.off", "nonsense");
    bridge.start();
    let text = printed(&bridge);
    assert!(text.contains("/api/scim") && text.contains(&slapd.url()) && !text.contains("/nobody"), "{text}");
    let at = |path: &str| {
        crate::support::http::Http::new(&format!("{}{path}", bridge.origin), Some(&bridge.token), &bridge.ca)
    };
    assert_eq!(at("/api/scim").get("/Users").await.status, 200);
    assert_eq!(at("/scim/v2").get("/Users").await.status, 404);
    let user = |size: usize| serde_json::json!({"userName": "jo", "title": "x".repeat(size)});
    assert_eq!(at("/api/scim").post("/Users", &user(2100)).await.status, 413);
    assert_eq!(at("/api/scim").post("/Users", &user(1500)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ends_with_a_code_for_every_case() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).prepare();
    let (stdout, stderr, code) = bridge.run(&["check"]);
    assert_eq!((stdout.as_str(), code), ("", 0), "{stderr}");
    let bad = Setup::new(&slapd).server("colour = 'red'\nlisten_backlog = 1").directory("vendr = 'x'");
    let bad = bad.variable("SCIM_LDAP_BRIDGE_LOG__FORMAT", "loud").mapping("[user]\nrdn = 'uid'\n");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bridge.toml");
    let (_, stderr, code) = check(&config, &[]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("bridge.toml"), "{stderr}");
    std::fs::write(&config, "[server\n").unwrap();
    assert_eq!(check(&config, &[]).2, 1);
    let (stderr, code) = bad.fails("check");
    assert_eq!(code, 1, "{stderr}");
    let told = ["server.colour", "server.listen_backlog", "directory.lab.vendr", "SCIM_LDAP_BRIDGE_LOG__FORMAT"];
    for fault in told.into_iter().chain(["object_classes"]) {
        assert!(stderr.contains(fault), "`{fault}` is not among them: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_check_prints_reads_back_to_the_same() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).variable("SCIM_LDAP_BRIDGE_SERVER__REQUEST_TIMEOUT", "7s").prepare();
    let first = printed(&bridge);
    assert!(first.contains("7s") && !first.contains(slapd.bridge().1), "{first}");
    let again = bridge.folder().join("again.toml");
    std::fs::write(&again, &first).unwrap();
    let (second, stderr, code) = check(&again, &["--print"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(second, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_fault() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scim-ldap-bridge"));
    command.args(["check", "--print", "--config"]).arg(bridge.config_file());
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
