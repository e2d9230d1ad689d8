//! The demo as other programs use it, and what is left when it ends.

use crate::support::http::Http;
use scim_ldap_bridge::lab::{Process, Signal};
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The keys of the env file, in its order.
const KEYS: [&str; 12] = [
    "SCIM_BASE_URL",
    "SCIM_TOKEN",
    "SCIM_CA_FILE",
    "LDAP_URL",
    "LDAP_BIND_DN",
    "LDAP_BIND_PASSWORD",
    "LDAP_BASE_DN",
    "METRICS_URL",
    "CONFIG_FILE",
    "MAPPING_FILE",
    "SLAPD_PID",
    "BRIDGE_PID",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_demo_tells_other_programs_where_it_is_and_leaves_nothing() {
    let (mut demo, env) = start(&["--quiet"]).await;
    let ca = std::fs::read_to_string(&env["SCIM_CA_FILE"]).unwrap();
    let http = Http::new(&env["SCIM_BASE_URL"], Some(&env["SCIM_TOKEN"]), &ca);
    assert_eq!(http.get("/Users").await.body["totalResults"], 0);
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "you@example.com"});
    assert_eq!(http.post("/Users", &user).await.status, 201);
    let mut search = Command::new("ldapsearch");
    search.args(["-x", "-LLL", "-H", &env["LDAP_URL"], "-D", &env["LDAP_BIND_DN"], "-w", &env["LDAP_BIND_PASSWORD"]]);
    let found = search.args(["-b", &env["LDAP_BASE_DN"], "(uid=you@example.com)", "dn"]).output().unwrap();
    assert!(String::from_utf8_lossy(&found.stdout).contains("dn: uid=you@example.com,ou=people,"), "{found:?}");
    assert_eq!(http.post("/Groups", &json!({"displayName": "You"})).await.status, 201);
    let metrics = Http::new(&env["METRICS_URL"], None, &ca).get_text("").await;
    assert!(metrics.0 == 200 && metrics.1.contains("scim_ldap_bridge_app_build_info"), "{}", metrics.0);
    assert!(Path::new(&env["MAPPING_FILE"]).is_file() && alive(&env["SLAPD_PID"]) && alive(&env["BRIDGE_PID"]));
    demo.signal(Signal::INT);
    ended(&mut demo, &env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_is_killed_takes_everything_along() {
    let (mut demo, env) = start(&["--quiet"]).await;
    demo.signal(Signal::KILL);
    ended(&mut demo, &env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_has_no_fault_and_a_kept_demo_stays_on_disk() {
    let (mut demo, env) = start(&["--keep"]).await;
    let folder = Path::new(&env["CONFIG_FILE"]).parent().unwrap().to_owned();
    let ca = std::fs::read_to_string(&env["SCIM_CA_FILE"]).unwrap();
    let groups = Http::new(&env["SCIM_BASE_URL"], Some(&env["SCIM_TOKEN"]), &ca).get("/Groups").await.body;
    let names = groups["Resources"].as_array().unwrap().iter().map(|group| group["displayName"].as_str().unwrap());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["Research + Development (NL), all", "Team Den Haag & Zoë's"], "the story tells of groups too");
    assert!(demo.stop(Duration::from_secs(30)), "the story had faults");
    assert!(folder.join("directory/db/data.mdb").is_file() && folder.join("audit.jsonl").is_file());
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_has_no_fault_before_other_directories_either() {
    for kind in ["389ds", "ad"] {
        let (mut demo, env) = start(&["--directory", kind]).await;
        assert!(alive(&env["SLAPD_PID"]), "{kind}");
        assert!(demo.stop(Duration::from_secs(30)), "the story had faults before {kind}");
    }
}

/// Starts a demo and waits for its env file.
async fn start(args: &[&str]) -> (Process, HashMap<String, String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("env");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scim-ldap-bridge"));
    command.arg("demo").args(args).arg("--env-file").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
    let mut demo = Process::spawn(&mut command, None).unwrap();
    for _ in 0..600 {
        if let Ok(text) = std::fs::read_to_string(&file) {
            let pairs: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
            assert_eq!(pairs.iter().map(|(key, _)| *key).collect::<Vec<_>>(), KEYS);
            return (demo, pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
        }
        assert!(demo.is_running(), "the demo ended by itself");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the demo writes no env file");
}

/// Waits until the demo, its children and its folder are gone.
async fn ended(demo: &mut Process, env: &HashMap<String, String>) {
    let folder = Path::new(&env["CONFIG_FILE"]).parent().unwrap();
    for _ in 0..200 {
        if !demo.is_running() && !folder.exists() && !alive(&env["SLAPD_PID"]) && !alive(&env["BRIDGE_PID"]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("something of the demo is left: {env:?}");
}

/// Whether a process with this number exists and is no zombie.
fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}
