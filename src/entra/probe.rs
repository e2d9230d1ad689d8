//! What Entra asks beside its changes: names that nobody has, names in other case, everybody page by page.

use super::check;
use super::client::filter;
use super::group::Group;
use super::job::Job;
use super::object::Kind;
use super::report::Report;
use super::target::Target;
use reqwest::Method;
use serde_json::Value;
use std::collections::HashSet;

/// Resources per page of a discovery.
const PAGE: usize = 2;

impl Job {
    /// The probes at the start of each cycle and of Test Connection: a user and a group that nobody has.
    ///
    /// Both must be answered with 200 and an empty list, even where groups are not provisioned.
    pub async fn probe(&self) -> Report {
        let mut report = Report::default();
        for kind in [Kind::User, Kind::Group] {
            let Some(target) = self.mapping_of(kind).probed() else { continue };
            let mut request = self.request(Method::GET, kind.path().to_owned(), None, "probe");
            request.query = kind.query();
            request.query.push(filter(target, &uuid::Uuid::new_v4().to_string()));
            // quotes were seen both as they are and encoded
            let mut exchange = match kind {
                Kind::User => self.client.send_raw(self.dialect, request).await,
                Kind::Group => self.client.send(self.dialect, request).await,
            };
            if !check::list(&mut exchange).is_empty() {
                exchange.fault("a random name finds something");
            }
            report.exchanges.push(exchange);
        }
        report
    }

    /// Reads all users page by page, as Account Discovery does; each linked user must be there once.
    pub async fn discover(&self) -> Report {
        self.list_all(Kind::User).await
    }

    /// Reads all groups page by page; each linked group must be there once.
    pub async fn discover_groups(&self) -> Report {
        self.list_all(Kind::Group).await
    }

    /// Reads all resources of a kind page by page, and looks for the linked ones.
    async fn list_all(&self, kind: Kind) -> Report {
        let mut report = Report::default();
        let mut seen: Vec<String> = Vec::new();
        loop {
            let start = seen.len() + 1;
            let mut request = self.request(Method::GET, kind.path().to_owned(), None, "account discovery");
            request.query = vec![format!("startIndex={start}"), format!("count={PAGE}")];
            let mut exchange = self.client.send(self.dialect, request).await;
            let page = check::list(&mut exchange);
            let body = exchange.body().clone();
            if body["startIndex"].as_u64().is_some_and(|index| index != start as u64) {
                exchange.fault("`startIndex` is not the one asked for");
            }
            if page.len() > PAGE {
                exchange.fault("the page is larger than `count`");
            }
            let failed = !exchange.is_good();
            report.exchanges.push(exchange);
            seen.extend(page.iter().filter_map(|resource| resource["id"].as_str().map(str::to_owned)));
            let total = body["totalResults"].as_u64().unwrap_or(0);
            if failed || page.is_empty() || seen.len() as u64 >= total {
                break;
            }
        }
        self.compare_with_links(kind, &seen, &mut report);
        report
    }

    /// Looks for a user's name in other case; both spellings must find exactly the one with this `id`, by whatever
    /// attribute Entra matches.
    pub async fn look_up(&self, name: &str, id: &str) -> Report {
        let mut report = Report::default();
        if let Some(target) = Target::parse("userName") {
            self.match_in_other_case(Kind::User, &target, name, id, &mut report).await;
        }
        report
    }

    /// Looks for a group in other case, and reads it by its name and by its `id`: with exactly the members sent.
    pub async fn look_up_group(&self, group: &Group) -> Report {
        let mut report = Report::default();
        let (Some(id), Some(target)) = (self.group_link(group), Target::parse("displayName")) else { return report };
        self.match_in_other_case(Kind::Group, &target, &group.display_name, id, &mut report).await;
        let mut request = self.request(Method::GET, "/Groups".to_owned(), None, "match with members");
        request.query.push(filter(&target, &group.display_name));
        let mut exchange = self.client.send(self.dialect, request).await;
        if let Some(hit) = check::only_hit(&mut exchange, Kind::Group, &target, &group.display_name) {
            self.check_members(&mut exchange, group, &hit);
        } else if exchange.is_good() {
            exchange.fault("the group is not found");
        }
        report.exchanges.push(exchange);
        self.read_members(group, id, &mut report).await;
        report
    }

    /// Looks for a name in upper and in lower case; both must find exactly the resource with this `id`.
    async fn match_in_other_case(&self, kind: Kind, target: &Target, name: &str, id: &str, report: &mut Report) {
        for spelling in [name.to_uppercase(), name.to_lowercase()] {
            let mut request = self.request(Method::GET, kind.path().to_owned(), None, "match in other case");
            request.query = kind.query();
            request.query.push(filter(target, &spelling));
            let mut exchange = self.client.send(self.dialect, request).await;
            let hits = check::list(&mut exchange);
            let ids: Vec<&str> = hits.iter().filter_map(|hit| hit["id"].as_str()).collect();
            if ids != [id] {
                exchange.fault(format!("`{spelling}` finds {ids:?} instead of `{id}`"));
            }
            for hit in &hits {
                check::resource(&mut exchange, kind, hit);
            }
            report.exchanges.push(exchange);
        }
    }

    /// Every linked resource of a kind must have been listed, and none twice.
    fn compare_with_links(&self, kind: Kind, seen: &[String], report: &mut Report) {
        let unique: HashSet<&String> = seen.iter().collect();
        if unique.len() != seen.len() {
            report.faults.push(format!("account discovery lists a {kind} twice"));
        }
        for link in self.links.values().filter(|link| link.kind == kind && !unique.contains(&link.id)) {
            report.faults.push(format!("account discovery does not list `{}`", link.id));
        }
    }

    /// The resource of a list answer that has this `id`.
    pub(super) fn pick<'a>(resources: &'a [Value], id: &str) -> Option<&'a Value> {
        resources.iter().find(|resource| resource["id"].as_str() == Some(id))
    }
}
