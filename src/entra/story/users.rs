//! The chapters about users.

use super::super::dialect::{ManagerRemoval, ManagerShape};
use super::super::job::Job;
use super::super::report::Report;
use super::super::tenant::Tenant;
use super::super::user::User;
use super::again;
use serde_json::{Value, json};

/// Attributes that may be emptied: no object class demands them.
const OPTIONAL: [&str; 5] = [
    "title",
    "phoneNumbers[type eq \"mobile\"].value",
    "addresses[type eq \"work\"].region",
    "name.givenName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

/// New values for what was there, first values for what was not.
pub(super) fn changed<'a>(tenant: &'a mut Tenant, jo: &str) -> &'a Tenant {
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
pub(super) async fn overwritten(job: &mut Job, tenant: &mut Tenant) -> Report {
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
pub(super) async fn managers(job: &mut Job, tenant: &mut Tenant, jo: &str, zoe: &str) -> Report {
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
pub(super) async fn on_demand(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.change(zoe, |user| user.set("jobTitle", "Professor"));
    match tenant.find(zoe).cloned() {
        Some(user) => job.on_demand(&user).await,
        None => Report::default(),
    }
}

/// Another name, the same `id`, found in any case.
pub(super) async fn renamed(job: &mut Job, tenant: &mut Tenant, jo: &str, domain: &str) -> Report {
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
pub(super) async fn cleared(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
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
pub(super) async fn disabled(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
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
pub(super) async fn enabled(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.change(zoe, |user| user.enabled = true);
    let mut report = job.cycle(tenant).await;
    job.restart_fully();
    report.append(again(job, tenant).await);
    report
}

/// Deleted for good; deleting again is answered with 404.
pub(super) async fn purged(job: &mut Job, tenant: &mut Tenant, zoe: &str) -> Report {
    tenant.purge(zoe);
    job.cycle(tenant).await
}
