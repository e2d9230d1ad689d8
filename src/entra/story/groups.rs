//! The chapters about groups and their members.

use super::super::dialect::MemberPatches;
use super::super::group::Group;
use super::super::job::Job;
use super::super::report::Report;
use super::super::tenant::Tenant;
use serde_json::json;

/// A group of users.
const TEAM: &str = "Team Utrecht";

/// Its later name.
const RENAMED: &str = "Team Den Haag & Zoë's";

/// A group that has users and the other group.
const DEPARTMENT: &str = "Research + Development (NL), all";

/// Two groups without members.
pub(super) async fn created(job: &mut Job, tenant: &mut Tenant) -> Report {
    tenant.add_group(Group::new(TEAM));
    tenant.add_group(Group::new(DEPARTMENT));
    let mut report = job.cycle(tenant).await;
    report.append(job.discover_groups().await);
    looked_up(job, tenant, report).await
}

/// Everyone joins one group, and one of them the other.
pub(super) async fn members_added(job: &mut Job, tenant: &mut Tenant, users: [&str; 3]) -> Report {
    for user in users {
        tenant.add_member(TEAM, user);
    }
    tenant.add_member(DEPARTMENT, users[0]);
    let report = job.cycle(tenant).await;
    looked_up(job, tenant, report).await
}

/// One group in the other.
pub(super) async fn nested(job: &mut Job, tenant: &mut Tenant) -> Report {
    tenant.add_member(DEPARTMENT, TEAM);
    job.cycle(tenant).await
}

/// One of three leaves.
pub(super) async fn member_removed(job: &mut Job, tenant: &mut Tenant, scan: &str) -> Report {
    tenant.remove_member(TEAM, scan);
    job.cycle(tenant).await
}

/// Both changes in one PATCH.
pub(super) async fn added_and_removed(job: &mut Job, tenant: &mut Tenant, scan: &str, zoe: &str) -> Report {
    let usual = job.member_patches;
    job.member_patches = MemberPatches::Gathered(100);
    tenant.add_member(TEAM, scan);
    tenant.remove_member(TEAM, zoe);
    let report = job.cycle(tenant).await;
    job.member_patches = usual;
    report
}

/// Another name, the same `id`, the same members, found in any case.
pub(super) async fn renamed(job: &mut Job, tenant: &mut Tenant) -> Report {
    tenant.change_group(TEAM, |group| group.display_name = RENAMED.to_owned());
    let report = job.cycle(tenant).await;
    looked_up(job, tenant, report).await
}

/// A member gets another name, and its old one back.
pub(super) async fn member_renamed(job: &mut Job, tenant: &mut Tenant, jo: &str, domain: &str) -> Report {
    let new = format!("jo.married@{domain}");
    tenant.change(jo, |user| user.set("userPrincipalName", &new));
    let report = job.cycle(tenant).await;
    let mut report = looked_up(job, tenant, report).await;
    tenant.change(&new, |user| user.set("userPrincipalName", jo));
    report.append(job.cycle(tenant).await);
    looked_up(job, tenant, report).await
}

/// A member is disabled and enabled again, and its memberships are not sent a second time.
pub(super) async fn member_disabled(job: &mut Job, tenant: &mut Tenant, scan: &str) -> Report {
    let mut report = Report::default();
    for enabled in [false, true] {
        tenant.change(scan, |user| user.enabled = enabled);
        report.append(job.cycle(tenant).await);
        report = looked_up(job, tenant, report).await;
    }
    report
}

/// Another set at once, and then what changes nothing.
pub(super) async fn set_replaced(job: &mut Job, tenant: &mut Tenant, jo: &str, zoe: &str) -> Report {
    let members = [jo, zoe].into_iter().filter_map(|name| tenant.find(name)).map(|user| user.object_id.clone());
    let members = members.collect();
    tenant.change_group(RENAMED, |group| group.members = members);
    let Some(group) = tenant.find_group(RENAMED).cloned() else { return Report::default() };
    let mut report = job.replace_members(&group).await;
    let link = |name: &str| tenant.find(name).and_then(|user| job.link(user)).map(str::to_owned);
    if let (Some(present), Some(absent)) = (link(jo), link(&jo.replace("jo.doe", "svc-scan"))) {
        report.append(unmoved(job, &group, &present, &absent).await);
    }
    report.append(job.cycle(tenant).await);
    report
}

/// Adds a member that is there, removes one that is not, and adds and removes one in the same PATCH.
async fn unmoved(job: &mut Job, group: &Group, present: &str, absent: &str) -> Report {
    let add = |id| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    let remove = |id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    let mut report = job.send_to_group(group, vec![add(present)], "add a member that is there").await;
    report.append(job.send_to_group(group, vec![remove(absent)], "remove one that is not").await);
    report.append(job.send_to_group(group, vec![add(absent), remove(absent)], "add one and remove it").await);
    report
}

/// Nothing is known after a full restart: everything is looked for, and all members are sent.
pub(super) async fn sent_again(job: &mut Job, tenant: &mut Tenant) -> Report {
    job.restart_fully();
    let mut report = job.cycle(tenant).await;
    let odd = report.writes().find(|exchange| !exchange.why.starts_with("members of "));
    let odd = odd.map(|exchange| format!("a full restart should send members only, and sends `{}`", exchange.why));
    report.faults.extend(odd);
    report
}

/// One group is provisioned by hand.
pub(super) async fn on_demand(job: &mut Job, tenant: &mut Tenant) -> Report {
    match tenant.find_group(DEPARTMENT) {
        Some(group) => job.on_demand_group(group).await,
        None => Report::default(),
    }
}

/// A group that is in another goes, and comes back with a new `id`.
pub(super) async fn deleted(job: &mut Job, tenant: &mut Tenant) -> Report {
    let Some(group) = tenant.find_group(RENAMED).cloned() else { return Report::default() };
    let old = job.group_link(&group).map(str::to_owned);
    tenant.delete_group(RENAMED);
    let mut report = job.cycle(tenant).await;
    tenant.add_group(group.clone());
    tenant.add_member(DEPARTMENT, RENAMED);
    report.append(job.cycle(tenant).await);
    if old.is_some() && job.group_link(&group) == old.as_deref() {
        report.faults.push("the new group has the `id` of the deleted one".to_owned());
    }
    looked_up(job, tenant, report).await
}

/// Looks for every group in every way.
async fn looked_up(job: &Job, tenant: &Tenant, mut report: Report) -> Report {
    for group in tenant.groups() {
        report.append(job.look_up_group(group).await);
    }
    report
}
