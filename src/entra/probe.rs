//! What Entra asks before it trusts a server: random names that nobody has, and all users page by page.

use super::check;
use super::client::filter;
use super::job::Job;
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
        let group = Target::parse("displayName");
        let users = self.mapping.probed().map(|target| ("/Users", Vec::new(), target));
        let members = vec!["excludedAttributes=members".to_owned()];
        for (path, mut query, target) in users.into_iter().chain(group.iter().map(|t| ("/Groups", members.clone(), t)))
        {
            query.push(filter(target, &uuid::Uuid::new_v4().to_string()));
            let mut request = self.request(Method::GET, path.to_owned(), None, "probe");
            request.query = query;
            // quotes were seen both as they are and encoded
            let mut exchange = match path {
                "/Users" => self.client.send_raw(self.dialect, request).await,
                _ => self.client.send(self.dialect, request).await,
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
        let mut report = Report::default();
        let mut seen: Vec<String> = Vec::new();
        loop {
            let start = seen.len() + 1;
            let mut request = self.request(Method::GET, "/Users".into(), None, "account discovery");
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
            seen.extend(page.iter().filter_map(|user| user["id"].as_str().map(str::to_owned)));
            let total = body["totalResults"].as_u64().unwrap_or(0);
            if failed || page.is_empty() || seen.len() as u64 >= total {
                break;
            }
        }
        self.compare_with_links(&seen, &mut report);
        report
    }

    /// Looks for a user in other case and by `id`; both must find exactly this user.
    pub async fn look_up(&self, name: &str, id: &str) -> Report {
        let mut report = Report::default();
        let Some(target) = self.mapping.probed() else { return report };
        for spelling in [name.to_uppercase(), name.to_lowercase()] {
            let mut request = self.request(Method::GET, "/Users".into(), None, "match in other case");
            request.query.push(filter(target, &spelling));
            let mut exchange = self.client.send(self.dialect, request).await;
            let hits = check::list(&mut exchange);
            let ids: Vec<&str> = hits.iter().filter_map(|hit| hit["id"].as_str()).collect();
            if ids != [id] {
                exchange.fault(format!("`{spelling}` finds {ids:?} instead of `{id}`"));
            }
            report.exchanges.push(exchange);
        }
        report
    }

    /// Every linked user must have been listed, and nobody twice.
    fn compare_with_links(&self, seen: &[String], report: &mut Report) {
        let unique: HashSet<&String> = seen.iter().collect();
        if unique.len() != seen.len() {
            report.faults.push("account discovery lists a user twice".to_owned());
        }
        for id in self.links.values().filter(|id| !unique.contains(id)) {
            report.faults.push(format!("account discovery does not list `{id}`"));
        }
    }

    /// The resource of a list answer that has this `id`.
    pub(super) fn pick<'a>(resources: &'a [Value], id: &str) -> Option<&'a Value> {
        resources.iter().find(|resource| resource["id"].as_str() == Some(id))
    }
}
