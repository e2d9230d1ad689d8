//! Single requests beside the cycles: what an administrator, a validator or a rare mapping makes Entra send.

use super::check;
use super::dialect::{Change, envelope};
use super::job::Job;
use super::report::Report;
use super::target::Target;
use super::tenant::User;
use reqwest::Method;
use serde_json::Value;

impl Job {
    /// Sends every mapped value of a user as a replacement, whether or not the resource has one there.
    pub async fn overwrite(&mut self, user: &User) -> Report {
        let mut report = Report::default();
        let Some(id) = self.link(user).map(str::to_owned) else { return report };
        let change = |row: &super::mapping::Row| {
            Some(Change { target: row.target.clone(), value: row.value(user)?, replaces: true })
        };
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
