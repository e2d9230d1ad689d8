//! Creating what no resource was found for.

use super::check;
use super::job::Job;
use super::membership::Membership;
use super::object::{Kind, Object};
use super::report::Report;
use super::target::ENTERPRISE;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// The schema that Entra names beside the core one when it creates a group; nobody knows it.
const FOREIGN_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

impl Job {
    /// Creates an object, a group without members, and reads it back.
    pub(super) async fn create(&mut self, object: &dyn Object, report: &mut Report) {
        let kind = object.kind();
        let body = self.creation(object);
        let request =
            self.request(Method::POST, kind.path().to_owned(), Some(&body), &format!("create {}", object.label()));
        let mut exchange = self.client.send(self.dialect, request).await;
        let created = check::status(&mut exchange, &[201]);
        let resource = exchange.body().clone();
        if created {
            check::resource(&mut exchange, kind, &resource);
            check::round_trip(&mut exchange, self.mapping_of(kind), object, &resource);
            if kind == Kind::Group {
                Membership::default().check(&mut exchange, &resource, false);
            }
        }
        report.exchanges.push(exchange);
        let Some(id) = resource["id"].as_str().filter(|_| created) else { return };
        self.remember(object, id);
        let read = self.read_again(object, id, Vec::new(), report).await;
        if let (Kind::Group, Some(read), Some(exchange)) = (kind, read, report.exchanges.last_mut()) {
            Membership::default().check(exchange, &read, false);
        }
    }

    /// The body of a POST: the mapped values, and what Entra adds by itself.
    fn creation(&mut self, object: &dyn Object) -> Value {
        let kind = object.kind();
        let mut body = Map::new();
        let beside = if kind == Kind::User { ENTERPRISE } else { FOREIGN_GROUP };
        body.insert("schemas".into(), json!([kind.schema(), beside]));
        for row in self.mapping_of(kind).rows() {
            if let Some(value) = row.value(object) {
                row.target.put(&mut body, value);
            }
        }
        body.insert("meta".into(), json!({ "resourceType": kind.to_string() }));
        match kind {
            Kind::User => self.complete_user(&mut body),
            Kind::Group => self.complete_group(&mut body),
        }
        Value::Object(body)
    }

    /// What Entra adds to a new user.
    fn complete_user(&mut self, body: &mut Map<String, Value>) {
        // both spellings were seen
        if !self.created.is_multiple_of(2) && body.contains_key("active") {
            body.insert("active".into(), json!("True"));
        }
        self.created += 1;
        for mail in body.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten() {
            mail["primary"] = json!(true);
        }
        body.insert("roles".into(), json!([]));
    }

    /// What Entra adds to a new group.
    fn complete_group(&mut self, body: &mut Map<String, Value>) {
        // no members, and both spellings of that were seen
        if self.created_groups.is_multiple_of(2) {
            body.insert("members".into(), json!([]));
        }
        self.created_groups += 1;
    }
}
