//! Single requests beside the cycles: what an administrator, a validator or a rare mapping makes Entra send.

use super::check;
use super::dialect::{Change, envelope};
use super::group::Group;
use super::job::Job;
use super::mapping::Row;
use super::membership::Membership;
use super::report::Report;
use super::target::Target;
use super::user::User;
use reqwest::Method;
use serde_json::{Value, json};

impl Job {
    /// Sends every mapped value of a user as a replacement, whether or not the resource has one there.
    pub async fn overwrite(&mut self, user: &User) -> Report {
        let mut report = Report::default();
        let Some(id) = self.link(user).map(str::to_owned) else { return report };
        let change = |row: &Row| Some(Change { target: row.target.clone(), value: row.value(user)?, replaces: true });
        let changes: Vec<Change> = self.mapping.rows().iter().filter_map(change).collect();
        self.patch(user, &id, self.dialect, self.dialect.patch(&changes), "overwrite", &mut report).await;
        report
    }

    /// Sends these PATCH operations as they are, and expects the user as it is at the source.
    pub async fn send(&self, user: &User, operations: Vec<Value>, why: &str) -> Report {
        let mut report = Report::default();
        let Some(id) = self.link(user).map(str::to_owned) else { return report };
        self.patch(user, &id, self.dialect, envelope(operations), why, &mut report).await;
        report
    }

    /// Sends these PATCH operations to a group as they are, and expects the group and its members as at the source.
    pub async fn send_to_group(&mut self, group: &Group, operations: Vec<Value>, why: &str) -> Report {
        let mut report = Report::default();
        let Some(id) = self.group_link(group).map(str::to_owned) else { return report };
        if self.patch(group, &id, self.dialect, envelope(operations), why, &mut report).await.is_some() {
            let members = Membership::of(self.linked_members(group));
            self.members.insert(group.object_id.clone(), members);
            self.read_members(group, &id, &mut report).await;
        }
        report
    }

    /// Replaces the whole set of a group's members in one operation, as the validator does.
    pub async fn replace_members(&mut self, group: &Group) -> Report {
        let members: Vec<Value> = self.linked_members(group).iter().map(|id| json!({ "value": id })).collect();
        let operation = json!({ "op": "replace", "path": "members", "value": members });
        self.send_to_group(group, vec![operation], &format!("replace members of group {}", group.display_name)).await
    }

    /// Empties attributes of a user one by one, each with `""` or `null`, and looks that they are gone.
    ///
    /// Paths that the mapping does not have are left out.
    pub async fn clear(&self, user: &User, paths: &[&str], empty: &Value) -> Report {
        let mut report = Report::default();
        let Some(id) = self.link(user).map(str::to_owned) else { return report };
        let mapped = |target: &Target| self.mapping.rows().iter().any(|row| row.target == *target);
        for target in paths.iter().filter_map(|path| Target::parse(path)).filter(mapped) {
            let body = self.dialect.clear(&target, empty);
            let path = format!("/Users/{id}");
            let request = self.request(Method::PATCH, path.clone(), Some(&body), &format!("empty {target}"));
            let mut exchange = self.client.send(self.dialect, request).await;
            check::status(&mut exchange, &[200, 204]);
            report.exchanges.push(exchange);
            let request = self.request(Method::GET, path, None, "read back");
            let mut exchange = self.client.send(self.dialect, request).await;
            if check::status(&mut exchange, &[200]) {
                let resource = exchange.body().clone();
                check::absent(&mut exchange, &resource, &target);
            }
            report.exchanges.push(exchange);
        }
        report
    }
}
