//! Groups: a good server has no fault, and whatever one does wrong is noticed.

use super::super::story::{GROUPS, Scene, act};
use super::server::{Flaw, Server};
use super::*;
use std::time::Duration;

/// A job against a server with a flaw.
async fn flawed(flaw: Flaw, dialect: Dialect) -> Job {
    let server = Server::new(flaw);
    job(move |method, path, body| server.answer(method, path, body), dialect).await
}

/// The faults of the chapters about groups, each with its chapter.
async fn faults(flaw: Flaw, dialect: Dialect) -> Vec<String> {
    let mut job = flawed(flaw, dialect).await;
    let scenes = [&[Scene::InitialCycle], &GROUPS[..], &[Scene::Purged, Scene::GroupDeleted, Scene::End]].concat();
    let chapters = act(&mut job, "example.org", &scenes, |_| {}).await;
    let faults = chapters.iter().flat_map(|chapter| {
        chapter.report.faults().into_iter().map(|fault| format!("{}: {fault}", chapter.title)).collect::<Vec<String>>()
    });
    faults.collect()
}

/// Users jo, al and zoe, all in one group.
fn tenant() -> Tenant {
    let users = ["jo@x", "al@x", "zoe@x"].map(User::new);
    let team = Group::new("Team").with_members(users.iter().map(|user| user.object_id.as_str()));
    let mut tenant = Tenant::new(users);
    tenant.add_group(team);
    tenant
}

/// A cycle without a fault; the operations of what it wrote, or the body of what it created.
async fn wrote(job: &mut Job, tenant: &Tenant) -> Vec<Value> {
    let report = job.cycle(tenant).await;
    assert_eq!(report.faults(), [""; 0]);
    let body = |exchange: &Exchange| exchange.request.clone().unwrap_or_else(|| json!(exchange.method));
    report.writes().map(body).map(|body| body.get("Operations").cloned().unwrap_or(body)).collect()
}

#[tokio::test]
async fn the_chapters_about_groups_have_no_fault_against_a_good_server() {
    for dialect in [Dialect::A, Dialect::B] {
        let faults = faults(Flaw::None, dialect).await;
        assert!(faults.is_empty(), "{dialect:?}:\n{}", faults.join("\n"));
    }
}

#[tokio::test]
async fn whatever_a_server_does_wrong_with_groups_is_noticed() {
    let flaws = [
        (Flaw::ShowsExcluded, "MultipleEntriesInResponse: `members` are there, though they were excluded"),
        (Flaw::Placeholder, "1 members were never added, or were removed, and are there: cn=nobody"),
        (Flaw::LosesMember, "1 members were added and are absent: "),
        (Flaw::KeepsMember, "1 members were never added, or were removed, and are there: u"),
        (Flaw::RemovesEverybody, "2 members were added and are absent: "),
        (Flaw::AddsToSet, "1 members were never added, or were removed, and are there: u2"),
        (Flaw::ListsTwice, "the member `u1` is listed twice"),
        (Flaw::ForgetsDisabled, "1 members were added and are absent: u2"),
        (Flaw::ChangesId, "the `id` is another than the one asked for"),
        (Flaw::DropsExternalId, "and is absent"),
        (Flaw::LowersName, "`displayName` was sent as \"Team Utrecht\" and reads \"team utrecht\""),
        (Flaw::ComparesExactly, "`TEAM UTRECHT` finds [] instead of `g"),
        (Flaw::FindsTwice, "DuplicateTargetEntries: the filter finds more than one"),
        (Flaw::CountsMore, "`totalResults` is not the number of hits"),
        (Flaw::KeepsDeleted, "1 members were never added, or were removed, and are there: u3"),
        (Flaw::ShowsDeleted, "status 200 instead of [404]"),
        (Flaw::RefusesPresent, "status 400 instead of [200, 204]: a member already"),
        (Flaw::RefusesAbsent, "status 400 instead of [200, 204]: no such member"),
    ];
    let found = flaws.map(|(flaw, _)| faults(flaw, Dialect::A));
    for ((flaw, expected), faults) in flaws.into_iter().zip(futures_util::future::join_all(found).await) {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{flaw:?}:\n{}", faults.join("\n"));
    }
}

#[tokio::test]
async fn groups_come_empty_and_their_members_one_by_one_and_the_second_cycle_sends_nothing() {
    let mut job = flawed(Flaw::None, Dialect::A).await;
    let mut tenant = tenant();
    let report = job.cycle(&tenant).await;
    assert_eq!(report.faults(), [""; 0]);
    let created = report.exchanges.iter().find(|exchange| exchange.why == "create group Team").unwrap();
    let schemas = [
        "urn:ietf:params:scim:schemas:core:2.0:Group",
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
    ];
    let team = tenant.find_group("Team").unwrap().clone();
    let expected = json!({"schemas": schemas, "displayName": "Team", "externalId": team.object_id,
        "meta": {"resourceType": "Group"}, "members": []});
    assert_eq!(created.request, Some(expected));
    let matched = report.exchanges.iter().find(|exchange| exchange.why == "match group Team").unwrap();
    assert!(matched.url.ends_with("/Groups?excludedAttributes=members&filter=displayName+eq+\"Team\""), "{matched:?}");
    let added = report.writes().filter(|exchange| exchange.why == "members of group Team");
    let added: Vec<Value> = added.map(|exchange| exchange.request.clone().unwrap()["Operations"].clone()).collect();
    let add = |id: &str| json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": id}]}]);
    assert_eq!(added, [add("u1"), add("u1"), add("u2"), add("u3")], "the first one twice");
    let again = job.cycle(&tenant).await;
    assert_eq!(again.exchanges.len(), 2, "only the probes");

    tenant.add_group(Group::new("Other"));
    let report = job.cycle(&tenant).await;
    let created = report.writes().next().and_then(|exchange| exchange.request.clone()).unwrap();
    assert_eq!(created.get("members"), None, "absent this time");
    assert!(report.exchanges[2].url.ends_with("filter=displayName+eq+%22Other%22"), "{:?}", report.exchanges[2]);
}

#[tokio::test]
async fn a_linked_group_is_read_without_members_and_gets_differences_only() {
    let mut job = flawed(Flaw::None, Dialect::B).await;
    let mut tenant = tenant();
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    tenant.change_group("Team", |group| group.display_name = "Team 2".to_owned());
    tenant.remove_member("Team 2", "al@x");
    let report = job.cycle(&tenant).await;
    assert_eq!(report.faults(), [""; 0]);
    let read = &report.exchanges[2];
    assert!(read.url.ends_with("/Groups/g4?aadOptscim062020&excludedAttributes=members"), "{read:?}");
    let bodies: Vec<&Value> = report.writes().map(|one| &one.request.as_ref().unwrap()["Operations"]).collect();
    let renamed = json!([{"op": "replace", "value": {"displayName": "Team 2"}}]);
    let removed = json!([{"op": "remove", "path": "members[value eq \"u2\"]"}]);
    assert_eq!(bodies[0], &renamed);
    assert!(bodies[1..].iter().all(|body| **body == removed), "{bodies:?}");
    job.restart();
    assert!(wrote(&mut job, &tenant).await.is_empty(), "a restart compares, and sends no member again");
}

#[tokio::test]
async fn members_are_gathered_up_to_a_number() {
    let mut job = flawed(Flaw::None, Dialect::A).await;
    job.member_patches = MemberPatches::Gathered(2);
    let mut tenant = tenant();
    let sent = wrote(&mut job, &tenant).await;
    let member = |id: &str| json!({"$ref": null, "value": id});
    let add = |ids: &[&str]| {
        let members: Vec<Value> = ids.iter().map(|id| member(id)).collect();
        json!([{"op": "Add", "path": "members", "value": members}])
    };
    assert_eq!(sent[4..], [add(&["u1", "u2"]), add(&["u3"])]);
    tenant.add(User::new("new@x"));
    tenant.add_member("Team", "new@x");
    tenant.remove_member("Team", "jo@x");
    let sent = wrote(&mut job, &tenant).await;
    let both = json!([
        {"op": "Add", "path": "members", "value": [member("u5")]},
        {"op": "Remove", "path": "members", "value": [member("u1")]},
    ]);
    assert_eq!(sent[1..], [both]);
}

#[tokio::test]
async fn a_member_out_of_scope_is_sent_when_it_is_linked_and_the_group_changes_or_the_job_is_restarted() {
    let mut job = flawed(Flaw::None, Dialect::A).await;
    let mut tenant = Tenant::new([]);
    let late = User::new("late@x");
    tenant.add_group(Group::new("Team").with_members([late.object_id.as_str()]));
    assert_eq!(wrote(&mut job, &tenant).await.len(), 1, "the group alone");
    tenant.add(late);
    assert_eq!(wrote(&mut job, &tenant).await.len(), 1, "the user alone");
    job.restart();
    let sent = wrote(&mut job, &tenant).await;
    let member = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u2"}]}]);
    assert_eq!(sent, [member.clone(), member]);
}

#[tokio::test]
async fn members_are_sent_at_the_same_time() {
    let server = Server::new(Flaw::None);
    // nobody is answered before all four PATCHes are there: three members, one of them twice
    let barrier = Some(Arc::new(Barrier::new(4)));
    let answer = move |method: &str, path: &str, body: Value| server.answer(method, path, body);
    let mut job = job_behind(barrier, answer, Dialect::A).await;
    let cycle = tokio::spawn(async move { job.cycle(&tenant()).await });
    let report = tokio::time::timeout(Duration::from_secs(20), cycle).await.expect("no PATCH waits for another");
    assert_eq!(report.unwrap().faults(), [""; 0]);
}

#[tokio::test]
async fn a_member_that_was_refused_is_sent_again_and_the_good_ones_are_not() {
    let server = Server::new(Flaw::None);
    let refusals = std::sync::atomic::AtomicUsize::new(0);
    let answer = move |method: &str, path: &str, body: Value| {
        let refused = method == "PATCH" && body.to_string().contains("\"u2\"");
        match refused && refusals.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            true => error(503, "come again"),
            false => server.answer(method, path, body),
        }
    };
    let mut job = job(answer, Dialect::A).await;
    let tenant = tenant();
    let report = job.cycle(&tenant).await;
    let faults = report.faults();
    assert_eq!(faults.len(), 1, "the member in doubt is not missed: {faults:?}");
    assert!(faults[0].ends_with("status 503 instead of [200, 204]: come again"), "{faults:?}");
    let sent = wrote(&mut job, &tenant).await;
    assert!(!sent.is_empty() && sent.iter().all(|operations| operations[0]["value"][0]["value"] == "u2"), "{sent:?}");
    assert_eq!(job.cycle(&tenant).await.exchanges.len(), 2);
}

#[tokio::test]
async fn members_that_others_added_are_a_fault_unless_the_tenant_allows_them() {
    for allowed in [false, true] {
        let mut job = flawed(Flaw::None, Dialect::A).await;
        let mut tenant = tenant();
        assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
        let team = tenant.find_group("Team").unwrap().clone();
        // somebody else, of whom the job knows nothing
        let foreign = json!({"op": "add", "path": "members", "value": [{"value": "u9"}]});
        let report = job.send_to_group(&team, vec![foreign], "from elsewhere").await;
        assert!(report.faults()[0].ends_with("1 members were never added, or were removed, and are there: u9"));
        tenant.change_group("Team", |group| group.foreign_members = allowed);
        tenant.remove_member("Team", "jo@x");
        assert_eq!(job.cycle(&tenant).await.faults().is_empty(), allowed);
    }
}

#[tokio::test]
async fn groups_may_be_switched_off_and_matched_by_another_attribute() {
    let mut job = flawed(Flaw::None, Dialect::A).await;
    let mut tenant = tenant();
    job.provision_groups = false;
    assert_eq!(wrote(&mut job, &tenant).await.len(), 3, "users alone");
    job.provision_groups = true;
    job.group_mapping = Mapping::default_groups().matching(&["externalId"]);
    let report = job.cycle(&tenant).await;
    assert_eq!(report.faults(), [""; 0]);
    assert!(report.exchanges[1].url.contains("/Groups?excludedAttributes=members&filter=externalId+eq+"));
    assert!(report.exchanges[2].url.contains("/Groups?excludedAttributes=members&filter=externalId+eq+"));
    tenant.delete_group("Team");
    job.provision_groups = false;
    assert_eq!(job.cycle(&tenant).await.exchanges.len(), 2);
    job.provision_groups = true;
    let report = job.cycle(&tenant).await;
    let deleted: Vec<&str> = report.exchanges.iter().skip(2).map(|exchange| exchange.method.as_str()).collect();
    assert_eq!((deleted, report.faults()), (vec!["DELETE", "GET", "DELETE"], Vec::new()));
    assert_eq!(job.cycle(&tenant).await.exchanges.len(), 2);
}

#[tokio::test]
async fn a_group_on_demand_comes_with_five_members_in_the_default_dialect() {
    let mut job = flawed(Flaw::None, Dialect::B).await;
    let users: Vec<User> = (0..7).map(|number| User::new(&format!("u{number}@x"))).collect();
    let group = Group::new("Team").with_members(users.iter().map(|user| user.object_id.as_str()));
    assert_eq!(job.cycle(&Tenant::new(users)).await.faults(), [""; 0]);
    job.member_patches = MemberPatches::Gathered(100);
    let report = job.on_demand_group(&group).await;
    assert_eq!(report.faults(), [""; 0]);
    let last = report.writes().last().unwrap().request.clone().unwrap();
    assert_eq!(last["Operations"][0]["op"], "Add");
    assert_eq!(last["Operations"][0]["value"].as_array().unwrap().len(), 5);
}
