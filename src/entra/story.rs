//! One whole life of a tenant in chapters: what the demo tells, what a rehearsal plays and what the tests assert.

use super::dialect::{ManagerRemoval, ManagerShape};
use super::job::Job;
use super::report::Report;
use super::tenant::{Tenant, User};
use serde_json::{Value, json};

/// A part of the story.
pub struct Chapter {
    /// What it is about.
    pub title: &'static str,
    /// What happened.
    pub report: Report,
}

/// Attributes that may be emptied: no object class demands them.
const OPTIONAL: [&str; 5] = [
    "title",
    "phoneNumbers[type eq \"mobile\"].value",
    "addresses[type eq \"work\"].region",
    "name.givenName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

/// Plays the whole life of [`sample`](super::sample) users; `told` hears each chapter as it ends.
pub async fn play(job: &mut Job, domain: &str, mut told: impl FnMut(&Chapter)) -> Vec<Chapter> {
    let mut tenant = super::sample(domain);
    let mut chapters = Vec::new();
    for chapter in 0.. {
        let Some((title, report)) = turn(chapter, job, &mut tenant, domain).await else { break };
        let chapter = Chapter { title, report };
        told(&chapter);
        chapters.push(chapter);
    }
    chapters
}

/// What happens in each chapter; `None` after the last.
async fn turn(chapter: usize, job: &mut Job, tenant: &mut Tenant, domain: &str) -> Option<(&'static str, Report)> {
    let jo = format!("jo.doe@{domain}");
    let zoe = format!("zoe.muller@{domain}");
    Some(match chapter {
        0 => ("Test Connection: names that nobody has", job.probe().await),
        1 => ("the initial cycle creates everyone in scope", job.cycle(tenant).await),
        2 => ("a second cycle compares everyone and sends nothing", again(job, tenant).await),
        3 => ("changes at the source arrive as differences", job.cycle(changed(tenant, &jo)).await),
        4 => ("every value once more, as a replacement even of what is absent", overwritten(job, tenant).await),
        5 => ("managers follow, once both ends exist", managers(job, tenant, &jo, &zoe).await),
        6 => ("on demand, in the default dialect whatever the flag says", on_demand(job, tenant, &zoe).await),
        7 => ("a renamed user keeps its id", renamed(job, tenant, &jo, domain).await),
        8 => ("emptied attributes go, by `\"\"` and by `null`", cleared(job, tenant, &zoe).await),
        9 => ("unassigned: disabled, and still to be found", disabled(job, tenant, &zoe).await),
        10 => ("assigned again: enabled", enabled(job, tenant, &zoe).await),
        11 => ("account discovery reads everyone page by page", job.discover().await),
        12 => ("purged: deleted for good", purged(job, tenant, &zoe).await),
        13 => ("at the end a cycle sends nothing", again(job, tenant).await),
        _ => return None,
    })
}

/// A cycle that compares everyone must find nothing to send.
async fn again(job: &mut Job, tenant: &Tenant) -> Report {
    job.restart();
    let mut report = job.cycle(tenant).await;
    let writes: Vec<String> = report.writes().map(|exchange| exchange.why.clone()).collect();
    if !writes.is_empty() {
        report.faults.push(format!("the cycle should send nothing, and sends {writes:?}"));
    }
    report
}

/// New values for what was there, first values for what was not.
fn changed<'a>(tenant: &'a mut Tenant, jo: &str) -> &'a Tenant {
    tenant.change(jo, |user| {
        user.set("jobTitle", "Lead (R&D)");
        user.set("city", "Den Haag");
        user.set("mobile", "+31 6 8765 4321");
        user.set("department", "Sales, EMEA");
    });
    tenant.change(&jo.replace("jo.doe", "svc-scan"), |user| {
        user.set("mail", &jo.replace("jo.doe", "scans"));
        user.set("telephoneNumber", "+31 20 1");
        user.set("employeeId", "7");
    });
    tenant
}

/// Replaces what may not be there, and sends a PATCH without operations, which changes nothing.
async fn overwritten(job: &mut Job, tenant: &mut Tenant) -> Report {
    let users: Vec<User> = tenant.users().cloned().collect();
    let mut report = Report::default();
    for mut user in users {
        user.set("mobile", "+31 6 2222 2222");
        user.set("streetAddress", "Side st 2");
        user.set("department", "Operations");
        report.append(job.overwrite(&user).await);
        report.append(job.send(&user, Vec::new(), "no operations").await);
        tenant.add(user);
    }
    report.append(job.cycle(tenant).await);
    report
}

/// Sets, replaces and removes a manager in every shape that was seen.
async fn managers(job: &mut Job, tenant: &mut Tenant, jo: &str, zoe: &str) -> Report {
    let svc = jo.replace("jo.doe", "svc-scan");
    let usual = (job.manager_shape, job.manager_removal);
    let mut report = Report::default();
    for (shape, removal) in ManagerShape::ALL.into_iter().zip(ManagerRemoval::ALL) {
        (job.manager_shape, job.manager_removal) = (shape, removal);
        for manager in [Some(zoe), Some(svc.as_str()), None] {
            tenant.set_manager(jo, manager);
            report.append(job.cycle(tenant).await);
        }
    }
    (job.manager_shape, job.manager_removal) = usual;
    tenant.set_manager(jo, Some(zoe));
    report.append(job.cycle(tenant).await);
    report
}

/// One user is provisioned by hand.
async fn on_demand(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.change(zoe, |user| user.set("jobTitle", "Professor"));
    match tenant.find(zoe).cloned() {
        Some(user) => job.on_demand(&user).await,
        None => Report::default(),
    }
}

/// Another name, the same `id`, found in any case.
async fn renamed(job: &mut Job, tenant: &mut Tenant, jo: &str, domain: &str) -> Report {
    let new = format!("Jo.Roe@{domain}");
    tenant.change(jo, |user| {
        user.set("userPrincipalName", &new);
        user.set("surname", "Roe");
    });
    let mut report = job.cycle(tenant).await;
    if let Some(id) = tenant.find(&new).and_then(|user| job.link(user)).map(str::to_owned) {
        report.append(job.look_up(&new, &id).await);
    }
    tenant.change(&new, |user| user.set("userPrincipalName", jo));
    report.append(job.cycle(tenant).await);
    report
}

/// Fills optional attributes and empties them again, in both spellings of nothing.
async fn cleared(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    let mut report = Report::default();
    let Some(user) = tenant.find(zoe).cloned() else { return report };
    for empty in [json!(""), Value::Null] {
        let filled = user.clone().with("mobile", "+31 6 1").with("state", "Utrecht").with("department", "IT");
        report.append(job.on_demand(&filled).await);
        report.append(job.clear(&filled, &OPTIONAL, &empty).await);
    }
    report.append(job.on_demand(&user).await);
    report
}

/// Disabled, and found by filter and by id all the same.
async fn disabled(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.change(zoe, |user| user.enabled = false);
    let mut report = job.cycle(tenant).await;
    let Some(user) = tenant.find(zoe).cloned() else { return report };
    let spellings = [
        json!({"op": "Replace", "path": "active", "value": "false"}),
        json!({"op": "replace", "value": {"active": false}}),
    ];
    for spelling in spellings {
        report.append(job.send(&user, vec![spelling], "disable once more").await);
    }
    if let Some(id) = job.link(&user).map(str::to_owned) {
        report.append(job.look_up(zoe, &id).await);
    }
    report
}

/// Enabled again; a full restart finds everyone once more and sends nothing.
async fn enabled(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.change(zoe, |user| user.enabled = true);
    let mut report = job.cycle(tenant).await;
    job.restart_fully();
    report.append(again(job, tenant).await);
    report
}

/// Deleted for good; deleting again is answered with 404.
async fn purged(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.purge(zoe);
    job.cycle(tenant).await
}
