//! A provisioning job: its links, its watermark and its cycles.

use super::check;
use super::client::{Client, Request, filter};
use super::dialect::{Change, Dialect, ManagerRemoval, ManagerShape};
use super::mapping::Mapping;
use super::report::{Exchange, Report};
use super::target::ENTERPRISE;
use super::tenant::{Tenant, User};
use indexmap::IndexMap;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A provisioning job of one enterprise application.
pub struct Job {
    pub(super) client: Client,
    pub(super) dialect: Dialect,
    pub(super) mapping: Mapping,
    /// Which resource stands for which user: object id to `id`.
    pub(super) links: IndexMap<String, String>,
    /// Users as they were when they were last taken over without a fault.
    pub(super) done: HashMap<String, User>,
    /// The shape in which managers are set.
    pub manager_shape: ManagerShape,
    /// The shape in which managers are removed.
    pub manager_removal: ManagerRemoval,
    created: usize,
}

/// What a look for a user's resource found.
enum Found {
    One(Value),
    None,
    Failed,
}

impl Job {
    /// A new job that has not run yet.
    pub fn new(client: Client, dialect: Dialect, mapping: Mapping) -> Job {
        let manager_shape = if dialect == Dialect::A { ManagerShape::Text } else { ManagerShape::Object };
        Job {
            client,
            dialect,
            mapping,
            links: IndexMap::new(),
            done: HashMap::new(),
            manager_shape,
            manager_removal: ManagerRemoval::Remove,
            created: 0,
        }
    }

    /// The `id` of the resource that stands for a user.
    pub fn link(&self, user: &User) -> Option<&str> {
        self.links.get(&user.object_id).map(String::as_str)
    }

    /// One cycle: probes, then users that changed since the last one, then references, then purged users.
    pub async fn cycle(&mut self, tenant: &Tenant) -> Report {
        let mut report = self.probe().await;
        if !report.faults().is_empty() {
            return report; // a job whose probe fails goes into quarantine
        }
        let changed: Vec<&User> = tenant.users().filter(|user| self.done.get(&user.object_id) != Some(user)).collect();
        let mut clean = Vec::new();
        for user in &changed {
            let before = report.faults().len();
            self.provision(user, self.dialect, &mut report).await;
            clean.push(report.faults().len() == before);
        }
        for (user, clean) in changed.iter().zip(clean) {
            let before = report.faults().len();
            self.refer(user, &mut report).await;
            if clean && report.faults().len() == before {
                self.done.insert(user.object_id.clone(), (*user).clone());
            }
        }
        for object_id in tenant.purged() {
            self.purge(object_id, &mut report).await;
        }
        report
    }

    /// Provisions one user on demand, which speaks dialect A whatever the flag says.
    pub async fn on_demand(&mut self, user: &User) -> Report {
        let mut report = self.probe().await;
        self.provision(user, Dialect::A, &mut report).await;
        report
    }

    /// Forgets the watermark, so that the next cycle compares every user; links are kept.
    pub fn restart(&mut self) {
        self.done.clear();
    }

    /// Forgets the watermark and the links, so that the next cycle looks for every user again.
    pub fn restart_fully(&mut self) {
        self.restart();
        self.links.clear();
    }

    /// Takes one user over: finds or creates its resource, and sends what differs.
    pub(super) async fn provision(&mut self, user: &User, dialect: Dialect, report: &mut Report) {
        let name = user.get("userPrincipalName").unwrap_or(&user.object_id).to_owned();
        let found = match self.link(user).map(str::to_owned) {
            Some(id) => self.read(&id, &format!("import {name}"), report).await,
            None => self.find(user, &name, report).await,
        };
        match found {
            Found::Failed => {}
            Found::None if !user.enabled => {} // a disabled user that was never provisioned is not created
            Found::None => self.create(user, &name, report).await,
            Found::One(resource) => {
                let Some(id) = resource["id"].as_str() else { return };
                self.links.insert(user.object_id.clone(), id.to_owned());
                let changes = self.differences(user, &resource);
                if !changes.is_empty() {
                    let body = dialect.patch(&changes);
                    self.patch(user, id, dialect, body, &format!("update {name}"), report).await;
                }
            }
        }
    }

    /// Sends a PATCH, checks its answer and reads the user back.
    pub(super) async fn patch(
        &self,
        user: &User,
        id: &str,
        dialect: Dialect,
        body: Value,
        why: &str,
        report: &mut Report,
    ) -> Option<Value> {
        let request = self.request(Method::PATCH, format!("/Users/{id}"), Some(&body), why);
        let mut exchange = self.client.send(dialect, request).await;
        if check::status(&mut exchange, &[200, 204]) && exchange.status == Some(200) {
            let resource = exchange.body().clone();
            check::user(&mut exchange, &resource);
            check::round_trip(&mut exchange, &self.mapping, user, &resource);
        }
        let good = exchange.is_good();
        report.exchanges.push(exchange);
        if good { self.read_back(user, id, report).await } else { None }
    }

    /// Reads a user back and compares every mapped value.
    pub(super) async fn read_back(&self, user: &User, id: &str, report: &mut Report) -> Option<Value> {
        let request = self.request(Method::GET, format!("/Users/{id}"), None, "read back");
        let mut exchange = self.client.send(self.dialect, request).await;
        let resource = check::status(&mut exchange, &[200]).then(|| exchange.body().clone());
        if let Some(resource) = &resource {
            check::user(&mut exchange, resource);
            check::round_trip(&mut exchange, &self.mapping, user, resource);
            if exchange.id() != Some(id) {
                exchange.fault("the `id` is another than the one asked for");
            }
        }
        report.exchanges.push(exchange);
        resource
    }

    /// A request below the tenant URL.
    pub(super) fn request<'a>(&self, method: Method, path: String, body: Option<&'a Value>, why: &str) -> Request<'a> {
        Request { method, path, query: Vec::new(), body, why: why.to_owned() }
    }

    /// Looks for a user by the matching attributes, in order, until one finds something.
    async fn find(&self, user: &User, name: &str, report: &mut Report) -> Found {
        for (target, value) in self.mapping.matches(user) {
            let mut request = self.request(Method::GET, "/Users".into(), None, &format!("match {name}"));
            request.query.push(filter(target, &value));
            let mut exchange = self.client.send(self.dialect, request).await;
            let mut hits = check::list(&mut exchange);
            for hit in &hits {
                check::user(&mut exchange, hit);
                let read = target.get(hit).and_then(Value::as_str).unwrap_or_default();
                if read.to_lowercase() != value.to_lowercase() {
                    exchange.fault(format!("the hit's `{target}` is `{read}`"));
                }
            }
            if hits.len() > 1 {
                exchange.fault("DuplicateTargetEntries: the filter finds more than one");
            }
            let good = exchange.is_good();
            report.exchanges.push(exchange);
            match hits.pop() {
                _ if !good => return Found::Failed,
                Some(hit) => return Found::One(hit),
                None => {}
            }
        }
        Found::None
    }

    /// Reads the resource of a linked user.
    async fn read(&self, id: &str, why: &str, report: &mut Report) -> Found {
        let request = self.request(Method::GET, format!("/Users/{id}"), None, why);
        let mut exchange = self.client.send(self.dialect, request).await;
        let found = if check::status(&mut exchange, &[200]) {
            let resource = exchange.body().clone();
            check::user(&mut exchange, &resource);
            Found::One(resource)
        } else {
            Found::Failed // InvalidAnchor: stays broken until a restart
        };
        report.exchanges.push(exchange);
        found
    }

    /// Creates a user and reads it back.
    async fn create(&mut self, user: &User, name: &str, report: &mut Report) {
        let body = self.creation(user);
        self.created += 1;
        let request = self.request(Method::POST, "/Users".into(), Some(&body), &format!("create {name}"));
        let mut exchange = self.client.send(self.dialect, request).await;
        let created = check::status(&mut exchange, &[201]);
        let resource = exchange.body().clone();
        if created {
            check::user(&mut exchange, &resource);
            check::round_trip(&mut exchange, &self.mapping, user, &resource);
        }
        report.exchanges.push(exchange);
        if let Some(id) = resource["id"].as_str().filter(|_| created) {
            self.links.insert(user.object_id.clone(), id.to_owned());
            self.read_back(user, id, report).await;
        }
    }

    /// The body of a POST: the mapped values, and what Entra adds by itself.
    fn creation(&self, user: &User) -> Value {
        let mut body = Map::new();
        body.insert("schemas".into(), json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]));
        for row in self.mapping.rows() {
            if let Some(value) = row.value(user) {
                row.target.put(&mut body, value);
            }
        }
        // both spellings were seen
        if self.created % 2 == 1 && body.contains_key("active") {
            body.insert("active".into(), json!("True"));
        }
        for mail in body.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten() {
            mail["primary"] = json!(true);
        }
        body.insert("meta".into(), json!({ "resourceType": "User" }));
        body.insert("roles".into(), json!([]));
        Value::Object(body)
    }

    /// The mapped values that the resource does not have; an empty source is never sent.
    fn differences(&self, user: &User, resource: &Value) -> Vec<Change> {
        let change = |row: &super::mapping::Row| {
            let (value, read) = (row.value(user)?, row.target.get(resource));
            let replaces = read.is_some();
            (read != Some(&value)).then(|| Change { target: row.target.clone(), value, replaces })
        };
        self.mapping.rows().iter().filter_map(change).collect()
    }

    /// Deletes the resource of a user that is gone for good, and makes sure that it is gone.
    async fn purge(&mut self, object_id: &str, report: &mut Report) {
        let Some(id) = self.links.shift_remove(object_id) else { return };
        let steps: [(Method, &[u16], &str); 3] = [
            (Method::DELETE, &[204], "delete"),
            (Method::GET, &[404], "is it gone"),
            (Method::DELETE, &[404], "delete again"),
        ];
        for (method, expected, why) in steps {
            let request = self.request(method, format!("/Users/{id}"), None, why);
            let mut exchange: Exchange = self.client.send(self.dialect, request).await;
            check::status(&mut exchange, expected);
            report.exchanges.push(exchange);
        }
    }
}
