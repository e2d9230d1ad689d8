//! Deleting what the tenant does not have any more.

use super::check;
use super::job::Job;
use super::object::{Kind, Link};
use super::report::Report;
use super::tenant::Tenant;
use reqwest::Method;

impl Job {
    /// Deletes the resources of users and groups that are gone for good, and makes sure that they are gone.
    pub(super) async fn delete_all(&mut self, tenant: &Tenant, report: &mut Report) {
        for object_id in tenant.deleted() {
            let held_back = |link: &&Link| link.kind == Kind::Group && !self.provision_groups;
            if self.links.get(object_id).filter(held_back).is_some() {
                continue;
            }
            let Some(link) = self.links.shift_remove(object_id) else { continue };
            self.done.remove(object_id);
            self.done_groups.remove(object_id);
            self.members.remove(object_id);
            if self.delete(&link, report).await {
                self.leave_groups(tenant, &link.id, report).await;
            }
        }
    }

    /// Deletes a resource, looks for it and deletes it again; whether all that was answered as it must be.
    async fn delete(&self, link: &Link, report: &mut Report) -> bool {
        let start = report.exchanges.len();
        let steps: [(Method, &[u16], &str); 3] = [
            (Method::DELETE, &[204], "delete"),
            (Method::GET, &[404], "is it gone"),
            (Method::DELETE, &[404], "delete again"),
        ];
        for (method, expected, why) in steps {
            let mut request = self.request(method.clone(), link.kind.path_of(&link.id), None, why);
            if method == Method::GET {
                request.query = link.kind.query();
            }
            let mut exchange = self.client.send(self.dialect, request).await;
            check::status(&mut exchange, expected);
            report.exchanges.push(exchange);
        }
        report.is_good_since(start)
    }

    /// Reads the groups that had a deleted resource as a member: it must have left them.
    async fn leave_groups(&mut self, tenant: &Tenant, id: &str, report: &mut Report) {
        for group in tenant.groups() {
            let left = self.members.get_mut(&group.object_id).is_some_and(|members| members.forget(id));
            let settled = self.done_groups.get(&group.object_id) == Some(group);
            let Some(group_id) = self.group_link(group).filter(|_| left && settled) else { continue };
            self.read_members(group, group_id, report).await;
        }
    }
}
