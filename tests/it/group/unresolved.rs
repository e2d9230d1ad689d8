//! Members that no resource of the endpoint is (yet): what is written, and what is said about it.

use super::style::{PLACEHOLDER, Style};
use crate::support::bed::{Bed, is_error};
use crate::support::bridge::MAPPING;
use crate::support::http::Answer;
use serde_json::{Value, json};

/// An id that nobody has.
const GHOST: &str = "00000000-0000-4000-8000-000000000000";

/// What is no id at all.
const JUNK: &str = "uid=ghost)(x,ou=people";

/// The metric that counts them.
const METRIC: &str = "scim_ldap_bridge_service_unresolved_members_total";

/// A bridge with this setting.
async fn bed(setting: &str) -> Bed {
    let slapd = Style::Names.directory().start().unwrap();
    Bed::with(slapd, |setup| setup.groups(&format!("unresolved_members = '{setting}'\n"))).await
}

/// `[{"value": …}, …]`
fn list(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// The requests that name members, each with its path.
async fn requests(bed: &Bed, team: &str, ids: &[&str]) -> Vec<(&'static str, Answer)> {
    let (path, members) = (format!("/Groups/{team}"), list(ids));
    let operation = |op: &str| json!([{ "op": op, "path": "members", "value": members }]);
    vec![
        ("add", bed.http.patch(&path, operation("Add")).await),
        ("replace", bed.http.patch(&path, operation("Replace")).await),
        ("PUT", bed.http.put(&path, &json!({"displayName": "team", "members": members})).await),
        ("POST", bed.http.post("/Groups", &json!({"displayName": "other", "members": members})).await),
    ]
}

/// The answer names the ids and nothing of the directory.
fn names_ids(way: &str, answer: &Answer) {
    is_error(answer, 400, Some("invalidValue"));
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(GHOST) && detail.contains(JUNK) && detail.contains("hint:"), "{way}: {detail}");
    assert!(!detail.contains("dc=") && !detail.contains("cn="), "{way}: {detail}");
}

/// The lines of the audit trail that say how requests ended, the last ones first.
fn outcomes(bed: &Bed) -> impl Iterator<Item = Value> {
    bed.bridge.audit().into_iter().rev().filter(|line| line["phase"] == "outcome")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_are_written_and_the_client_comes_again() {
    let mut bed = bed("retry").await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let team = bed.create_group(json!({"displayName": "team"})).await;
    let operation = |op: &str, ids: &[&str]| json!([{ "op": op, "path": "members", "value": list(ids) }]);
    let path = format!("/Groups/{team}");
    let added = bed.http.patch(&path, operation("Add", &[GHOST, &jo, JUNK])).await;
    names_ids("add", &added);
    bed.holds(Style::Names, &team, &[&jo], &[PLACEHOLDER], "added").await;
    names_ids("replace", &bed.http.patch(&path, operation("Replace", &[&kim, JUNK, GHOST])).await);
    bed.holds(Style::Names, &team, &[&kim], &[PLACEHOLDER], "replaced").await;
    let none = bed.http.patch(&path, operation("Add", &[GHOST, JUNK])).await;
    names_ids("nobody else", &none);
    let put = bed.http.put(&path, &json!({"displayName": "team", "members": list(&[&jo, GHOST, JUNK])})).await;
    assert_eq!(put.status, 200, "{put:?}");
    bed.holds(Style::Names, &team, &[&jo], &[PLACEHOLDER], "PUT").await;
    let other = bed.create_group(json!({"displayName": "other", "members": list(&[&jo, GHOST, JUNK])})).await;
    bed.holds(Style::Names, &other, &[&jo], &[PLACEHOLDER], "POST").await;
    for line in outcomes(&bed).take(5) {
        let mut unresolved: Vec<&str> = line["unresolved"]
            .as_array()
            .unwrap_or_else(|| panic!("{line}"))
            .iter()
            .filter_map(Value::as_str)
            .collect();
        unresolved.sort_unstable();
        assert_eq!(unresolved, [GHOST, JUNK], "{line}");
    }
    assert_eq!(bed.bridge.metric(METRIC, &["endpoint=\"lab\""]).await, 10.0);
    bed.patch_group(&team, operation("Remove", &[GHOST, JUNK])).await;
    bed.holds(Style::Names, &team, &[&jo], &[PLACEHOLDER], "who is nobody is removed already").await;
    assert_eq!(bed.bridge.metric(METRIC, &[]).await, 10.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_succeeds_once_the_member_is_there() {
    let mapping = MAPPING.replace("\npolicy = \"remove\"", "\npolicy = \"mark\"\nmark = \"scimDeletedAt\"");
    let mut bed = Bed::with(Style::Names.directory().start().unwrap(), |s| s.mapping(&mapping).groups("")).await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let team = bed.create_group(json!({"displayName": "team"})).await;
    // nobody has this id for a while
    assert_eq!(bed.http.delete(&format!("/Users/{kim}")).await.status, 204);
    let operations = json!([{"op": "Add", "path": "members", "value": list(&[&jo, &kim])}]);
    for _ in 0..2 {
        let refused = bed.http.patch(&format!("/Groups/{team}"), operations.clone()).await;
        is_error(&refused, 400, Some("invalidValue"));
        assert!(refused.body["detail"].as_str().unwrap().contains(&kim), "{refused:?}");
        bed.holds(Style::Names, &team, &[&jo], &[PLACEHOLDER], "the other one").await;
    }
    assert_eq!(bed.create(json!({"userName": "kim"})).await, kim);
    bed.patch_group(&team, operations).await;
    bed.holds(Style::Names, &team, &[&jo, &kim], &[PLACEHOLDER], "both").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn they_may_be_left_out_in_silence() {
    let mut bed = bed("ignore").await;
    let [jo] = bed.create_users(["jo"]).await;
    let team = bed.create_group(json!({"displayName": "team"})).await;
    let mut count = 0;
    for (way, answer) in requests(&bed, &team, &[GHOST, &jo]).await {
        let expected = match way {
            "PUT" => 200,
            "POST" => 201,
            _ => 204,
        };
        assert_eq!(answer.status, expected, "{way}: {answer:?}");
        let id = answer.body["id"].as_str().unwrap_or(&team).to_owned();
        bed.holds(Style::Names, &id, &[&jo], &[PLACEHOLDER], way).await;
        count += 1;
    }
    assert!(outcomes(&bed).take(count).all(|line| line["unresolved"] == json!([GHOST])));
    assert_eq!(bed.bridge.metric(METRIC, &[]).await, count as f64);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_may_stop_the_whole_request() {
    let mut bed = bed("reject").await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let team = bed.create_group(json!({"displayName": "team", "members": list(&[&kim])})).await;
    let before = bed.everything().await;
    for (way, answer) in requests(&bed, &team, &[&jo, GHOST, JUNK]).await {
        names_ids(way, &answer);
        bed.holds(Style::Names, &team, &[&kim], &[PLACEHOLDER], way).await;
    }
    assert_eq!(bed.everything().await, before);
    let many: Vec<String> = (0..50).map(|n| format!("ghost-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let operations = json!([{"op": "Add", "path": "members", "value": list(&many)}]);
    let answer = bed.http.patch(&format!("/Groups/{team}"), operations).await;
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("and 30 more") && detail.len() < 1_000, "{detail}");
}
