//! Directories of other kinds than OpenLDAP, each with the mapping that is shipped for it.

mod active_directory;
mod candidates;
mod ds389;
mod generic;

use crate::support::bed::ENTERPRISE;
use serde_json::{Value, json};

/// Everything that Entra sends by default, and a little more.
fn whole(name: &str) -> Value {
    json!({
        "userName": name, "externalId": "x1", "active": true, "displayName": "Jo Doe", "title": "Lead",
        "preferredLanguage": "nl-NL", "userType": "Member",
        "name": {"givenName": "Jo", "familyName": "Döe", "formatted": "Jo Döe"},
        "emails": [{"type": "work", "value": "jo@example.com", "primary": true}],
        "addresses": [{
            "type": "work", "formatted": "Room 1", "streetAddress": "1 Main St", "locality": "Delft",
            "region": "ZH", "postalCode": "2611", "country": "The Netherlands"
        }],
        "phoneNumbers": [
            {"type": "work", "value": "+31 1"}, {"type": "mobile", "value": "+31 6"}, {"type": "fax", "value": "+31 2"}
        ],
        ENTERPRISE: {"employeeNumber": "42", "department": "Sales", "organization": "Acme", "division": "West"}
    })
}

/// One change of members.
fn members(op: &str, ids: &[&String]) -> Value {
    let values: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": op, "path": "members", "value": values}])
}

/// One replaced value.
fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "Replace", "path": path, "value": value.into()}])
}
