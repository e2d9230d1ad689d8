//! What Entra needs to read in an answer.

use super::mapping::Mapping;
use super::object::{Kind, Object};
use super::report::Exchange;
use super::target::{ENTERPRISE, Target, member};
use serde_json::Value;

/// The URN of a list (RFC 7644 §3.4.2).
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The URN of an error (RFC 7644 §3.12).
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The status must be one of these; an error must be a SCIM error that says why.
pub(super) fn status(exchange: &mut Exchange, expected: &[u16]) -> bool {
    let Some(status) = exchange.status else { return false };
    if status >= 400 {
        error(exchange, status);
    }
    let good = expected.contains(&status);
    if !good {
        let detail = exchange.body()["detail"].as_str().unwrap_or("no detail").to_owned();
        exchange.fault(format!("status {status} instead of {expected:?}: {detail}"));
    }
    good
}

/// An error body as RFC 7644 §3.12 wants it.
fn error(exchange: &mut Exchange, status: u16) {
    let body = exchange.body();
    if !lists(&body["schemas"], ERROR) {
        return exchange.fault("the error is no SCIM error");
    }
    if body["status"].as_str() != Some(status.to_string().as_str()) {
        exchange.fault("`status` of the error is not its status as a string");
    }
    if status == 409 && exchange.body()["scimType"].as_str() != Some("uniqueness") {
        exchange.fault("the conflict does not say `uniqueness`");
    }
}

/// A list answer; returns its resources.
pub(super) fn list(exchange: &mut Exchange) -> Vec<Value> {
    if !status(exchange, &[200]) {
        return Vec::new();
    }
    let body = exchange.body().clone();
    if !lists(&body["schemas"], LIST) {
        exchange.fault("the answer is no ListResponse");
    }
    let total = body["totalResults"].as_u64();
    let resources = body["Resources"].as_array().cloned().unwrap_or_default();
    match total {
        None => exchange.fault("`totalResults` is missing"),
        Some(total) if total < resources.len() as u64 => exchange.fault("`totalResults` is less than what is listed"),
        Some(total) if total > 0 && resources.is_empty() => {
            exchange.fault("`totalResults` promises more than is there")
        }
        Some(_) => {}
    }
    if body["itemsPerPage"].as_u64().is_some_and(|items| items != resources.len() as u64) {
        exchange.fault("`itemsPerPage` is not the number of resources listed");
    }
    resources
}

/// A list answer to a filter that at most one resource matches; returns it.
///
/// `target` is the filtered attribute and `value` what it was asked for, which is compared without regard to case.
pub(super) fn only_hit(exchange: &mut Exchange, kind: Kind, target: &Target, value: &str) -> Option<Value> {
    let mut hits = list(exchange);
    if exchange.is_good() && exchange.body()["totalResults"].as_u64() != Some(hits.len() as u64) {
        exchange.fault("`totalResults` is not the number of hits");
    }
    for hit in &hits {
        resource(exchange, kind, hit);
        let read = target.get(hit).and_then(Value::as_str).unwrap_or_default();
        if read.to_lowercase() != value.to_lowercase() {
            exchange.fault(format!("the hit's `{target}` is `{read}`"));
        }
    }
    if hits.len() > 1 {
        exchange.fault("DuplicateTargetEntries: the filter finds more than one");
    }
    hits.pop()
}

/// A resource: what any of its kind must have.
pub(super) fn resource(exchange: &mut Exchange, kind: Kind, resource: &Value) {
    if resource["id"].as_str().is_none_or(str::is_empty) {
        exchange.fault("the resource has no `id`");
    }
    if !lists(&resource["schemas"], kind.schema()) {
        exchange.fault(format!("`schemas` does not name `{}`", kind.schema()));
    }
    if resource["meta"]["resourceType"].as_str() != Some(kind.to_string().as_str()) {
        exchange.fault(format!("`meta.resourceType` is not `{kind}`"));
    }
    if exchange.url.contains("excludedAttributes=members") && member(resource, "members").is_some() {
        exchange.fault("MultipleEntriesInResponse: `members` are there, though they were excluded");
    }
    if resource.get(ENTERPRISE).is_some() && !lists(&resource["schemas"], ENTERPRISE) {
        exchange.fault("`schemas` does not name the enterprise extension that is there");
    }
    if has_null(resource) {
        exchange.fault("the resource holds `null`, an empty list or an empty object");
    }
}

/// The resource must be the one that was asked for: an `id` never changes.
pub(super) fn same(exchange: &mut Exchange, id: &str) -> bool {
    let same = exchange.id() == Some(id);
    if !same {
        exchange.fault("the `id` is another than the one asked for");
    }
    same
}

/// Every mapped value of the object must come back exactly as it was sent.
pub(super) fn round_trip(exchange: &mut Exchange, mapping: &Mapping, object: &dyn Object, resource: &Value) {
    for row in mapping.rows() {
        let Some(sent) = row.value(object) else { continue };
        match row.target.get(resource) {
            Some(read) if *read == sent => {}
            Some(read) => exchange.fault(format!("`{}` was sent as {sent} and reads {read}", row.target)),
            None => exchange.fault(format!("`{}` was sent as {sent} and is absent", row.target)),
        }
    }
}

/// The manager must come back as an object with `value` inside the enterprise extension.
pub(super) fn manager(exchange: &mut Exchange, resource: &Value, expected: Option<&str>) {
    let read = &resource[ENTERPRISE]["manager"];
    let value = read["value"].as_str();
    if value != expected {
        exchange.fault(format!("the manager should be {expected:?} and reads {read}"));
    }
}

/// A cleared attribute must be absent.
pub(super) fn absent(exchange: &mut Exchange, resource: &Value, target: &Target) {
    if let Some(read) = target.get(resource) {
        exchange.fault(format!("`{target}` was cleared and reads {read}"));
    }
}

/// Whether a list of URNs has this one.
fn lists(schemas: &Value, urn: &str) -> bool {
    schemas.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(urn)))
}

/// Whether something inside is null or empty (RFC 7643 §2.5: such attributes are absent).
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() || items.iter().any(has_null),
        Value::Object(members) => members.is_empty() || members.values().any(has_null),
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::User;
    use super::*;
    use serde_json::json;

    /// An answer without a fault so far.
    pub(in crate::entra) fn answered(status: u16, body: Value) -> Exchange {
        let (why, method, url) = ("a test".into(), "GET".into(), "https://h/Users".into());
        let (response, took) = (Some(body), std::time::Duration::ZERO);
        let (status, request_id) = (Some(status), None);
        Exchange { why, method, url, request: None, status, request_id, response, took, faults: Vec::new() }
    }

    #[test]
    fn an_empty_list_is_good_and_a_404_is_not() {
        let mut good = answered(200, json!({"schemas": [LIST], "totalResults": 0, "Resources": []}));
        assert!(list(&mut good).is_empty() && good.is_good());
        let error = json!({"schemas": [ERROR], "status": "404", "detail": "no such endpoint"});
        let mut missing = answered(404, error);
        list(&mut missing);
        assert_eq!(missing.faults, ["status 404 instead of [200]: no such endpoint"]);
        let mut plain = answered(500, json!("oops"));
        status(&mut plain, &[500]);
        assert_eq!(plain.faults, ["the error is no SCIM error"]);
    }

    #[test]
    fn altered_and_lost_values_are_named() {
        let user = User::new("Jo@X").with("jobTitle", "Engineer");
        let mut exchange = answered(200, json!({}));
        let read = json!({"userName": "jo@x", "active": true});
        round_trip(&mut exchange, &Mapping::default_users(), &user, &read);
        let expected =
            ["`userName` was sent as \"Jo@X\" and reads \"jo@x\"", "`title` was sent as \"Engineer\" and is absent"];
        assert_eq!(exchange.faults, expected);
    }

    #[test]
    fn a_manager_as_text_is_a_fault() {
        let mut exchange = answered(200, json!({}));
        manager(&mut exchange, &json!({ENTERPRISE: {"manager": "42"}}), Some("42"));
        assert_eq!(exchange.faults.len(), 1);
        let mut exchange = answered(200, json!({}));
        manager(&mut exchange, &json!({ENTERPRISE: {"manager": {"value": "42"}}}), Some("42"));
        manager(&mut exchange, &json!({}), None);
        assert!(exchange.is_good());
    }
}
