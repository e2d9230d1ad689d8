//! Taking one object over: matching, sending what differs, and reading back.

use super::check;
use super::client::filter;
use super::dialect::{Change, Dialect};
use super::job::Job;
use super::mapping::Row;
use super::object::{Kind, Link, Object};
use super::report::{Exchange, Report};
use reqwest::Method;
use serde_json::Value;

/// What a look for an object's resource found.
enum Found {
    One(Value),
    None,
    Failed,
}

impl Job {
    /// Takes one object over: finds or creates its resource, and sends what differs.
    pub(super) async fn provision(&mut self, object: &dyn Object, dialect: Dialect, report: &mut Report) {
        let found = match self.link_of(object.object_id()) {
            Some(id) => self.read(object, id, report).await,
            None => self.find(object, report).await,
        };
        match found {
            Found::Failed => {}
            Found::None if !object.is_enabled() => {} // a disabled user that was never provisioned is not created
            Found::None => self.create(object, report).await,
            Found::One(resource) => {
                let Some(id) = resource["id"].as_str() else { return };
                self.remember(object, id);
                let changes = self.differences(object, &resource);
                if !changes.is_empty() {
                    let body = dialect.patch(&changes);
                    self.patch(object, id, dialect, body, &format!("update {}", object.label()), report).await;
                }
            }
        }
    }

    /// Sends a PATCH, checks its answer and reads the object back.
    pub(super) async fn patch(
        &self,
        object: &dyn Object,
        id: &str,
        dialect: Dialect,
        body: Value,
        why: &str,
        report: &mut Report,
    ) -> Option<Value> {
        let request = self.request(Method::PATCH, object.kind().path_of(id), Some(&body), why);
        let mut exchange = self.client.send(dialect, request).await;
        if check::status(&mut exchange, &[200, 204]) && exchange.status == Some(200) {
            let resource = exchange.body().clone();
            self.compare(&mut exchange, object, id, &resource);
        }
        let good = exchange.is_good();
        report.exchanges.push(exchange);
        if good { self.read_back(object, id, report).await } else { None }
    }

    /// Reads an object back, a group without its members, and compares every mapped value.
    pub(super) async fn read_back(&self, object: &dyn Object, id: &str, report: &mut Report) -> Option<Value> {
        self.read_again(object, id, object.kind().query(), report).await
    }

    /// Reads an object with a query, and compares every mapped value.
    pub(super) async fn read_again(
        &self,
        object: &dyn Object,
        id: &str,
        query: Vec<String>,
        report: &mut Report,
    ) -> Option<Value> {
        let mut request = self.request(Method::GET, object.kind().path_of(id), None, "read back");
        request.query = query;
        let mut exchange = self.client.send(self.dialect, request).await;
        let resource = check::status(&mut exchange, &[200]).then(|| exchange.body().clone());
        if let Some(resource) = &resource {
            self.compare(&mut exchange, object, id, resource);
        }
        report.exchanges.push(exchange);
        resource
    }

    /// Compares an answer with the object that its resource stands for.
    pub(super) fn compare(&self, exchange: &mut Exchange, object: &dyn Object, id: &str, resource: &Value) {
        check::resource(exchange, object.kind(), resource);
        check::same(exchange, id);
        check::round_trip(exchange, self.mapping_of(object.kind()), object, resource);
    }

    /// Looks for an object by the matching attributes, in order, until one finds something.
    async fn find(&self, object: &dyn Object, report: &mut Report) -> Found {
        let kind = object.kind();
        // quotes were seen both as they are and encoded
        let raw = kind == Kind::Group && self.created_groups.is_multiple_of(2);
        for (target, value) in self.mapping_of(kind).matches(object) {
            let mut request =
                self.request(Method::GET, kind.path().to_owned(), None, &format!("match {}", object.label()));
            request.query = kind.query();
            request.query.push(filter(target, &value));
            let mut exchange = match raw {
                true => self.client.send_raw(self.dialect, request).await,
                false => self.client.send(self.dialect, request).await,
            };
            let hit = check::only_hit(&mut exchange, kind, target, &value);
            let good = exchange.is_good();
            report.exchanges.push(exchange);
            match hit {
                _ if !good => return Found::Failed,
                Some(hit) => return Found::One(hit),
                None => {}
            }
        }
        Found::None
    }

    /// Reads the resource of a linked object, a group without its members.
    async fn read(&self, object: &dyn Object, id: &str, report: &mut Report) -> Found {
        let kind = object.kind();
        let mut request = self.request(Method::GET, kind.path_of(id), None, &format!("import {}", object.label()));
        request.query = kind.query();
        let mut exchange = self.client.send(self.dialect, request).await;
        let found = if check::status(&mut exchange, &[200]) && check::same(&mut exchange, id) {
            let resource = exchange.body().clone();
            check::resource(&mut exchange, kind, &resource);
            Found::One(resource)
        } else {
            Found::Failed // InvalidAnchor: stays broken until a restart
        };
        report.exchanges.push(exchange);
        found
    }

    /// Notes which resource stands for an object.
    pub(super) fn remember(&mut self, object: &dyn Object, id: &str) {
        let link = Link { kind: object.kind(), id: id.to_owned() };
        self.links.insert(object.object_id().to_owned(), link);
    }

    /// The mapped values that the resource does not have; an empty source is never sent.
    fn differences(&self, object: &dyn Object, resource: &Value) -> Vec<Change> {
        let change = |row: &Row| {
            let (value, read) = (row.value(object)?, row.target.get(resource));
            let replaces = read.is_some();
            (read != Some(&value)).then(|| Change { target: row.target.clone(), value, replaces })
        };
        self.mapping_of(object.kind()).rows().iter().filter_map(change).collect()
    }
}
