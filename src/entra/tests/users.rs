//! Users: a server that answers wrongly must be noticed.

use super::super::object::{Kind, Link};
use super::*;

#[tokio::test]
async fn a_server_without_groups_is_in_quarantine_before_anything_is_written() {
    let answer: Answer = |_, path, _| if path.starts_with("/scim/Groups") { not_found() } else { empty_list() };
    let mut job = job(answer, Dialect::A).await;
    let report = job.cycle(&sample("example.org")).await;
    assert_eq!(report.exchanges.len(), 2);
    assert!(report.exchanges[0].url.contains("/Users?filter=userName+eq+\""), "quotes as they are");
    assert!(report.exchanges[1].url.contains("/Groups?excludedAttributes=members&filter=displayName+eq+%22"));
    assert_eq!(report.faults().len(), 1, "{:?}", report.faults());
}

#[tokio::test]
async fn an_altered_value_and_a_lost_one_are_noticed_in_the_answer_to_a_create() {
    let answer: Answer = |method, _, mut body| match method {
        "POST" => {
            body["emails"][0]["value"] = json!("jo.doe@example.org");
            body.as_object_mut().unwrap().shift_remove("title");
            (201, echo(body))
        }
        _ => empty_list(),
    };
    let mut job = job(answer, Dialect::B).await;
    let tenant = Tenant::new(sample("example.org").users().take(1).cloned());
    let report = job.cycle(&tenant).await;
    let created = report.writes().next().unwrap();
    let expected = [
        "`title` was sent as \"Engineer\" and is absent",
        "`emails[type eq \"work\"].value` was sent as \"Jo.Doe@example.org\" and reads \"jo.doe@example.org\"",
    ];
    assert_eq!(created.faults, expected);
    assert_eq!(job.link(tenant.users().next().unwrap()), Some("1"));
}

#[tokio::test]
async fn a_user_that_reads_back_otherwise_is_patched_and_a_broken_anchor_is_a_fault() {
    let answer: Answer = |method, _, body| match method {
        "POST" => (201, echo(body)),
        "GET" => not_found(),
        _ => (500, json!("oops")),
    };
    let mut job = job(answer, Dialect::A).await;
    let user = User::new("jo@example.org");
    job.links.insert(user.object_id.clone(), Link { kind: Kind::User, id: "9".to_owned() });
    let report = job.on_demand(&user).await;
    let faults = report.faults();
    assert!(faults.last().unwrap().ends_with("status 404 instead of [200]: no"), "{faults:?}");
}

#[tokio::test]
async fn twins_on_the_target_are_skipped() {
    let answer: Answer = |_, path, _| {
        if !path.contains("jo%40x") {
            return empty_list();
        }
        let twin = echo(json!({"userName": "jo@x", "schemas": [], "meta": {"resourceType": "User"}}));
        let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        (200, json!({"schemas": [list], "totalResults": 2, "Resources": [twin, twin]}))
    };
    let mut job = job(answer, Dialect::A).await;
    let report = job.cycle(&Tenant::new([User::new("jo@x")])).await;
    assert_eq!(report.writes().count(), 0);
    assert!(report.faults()[0].ends_with("DuplicateTargetEntries: the filter finds more than one"));
}
