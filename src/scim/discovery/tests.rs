//! Discovery as clients read it.

use super::super::{catalog, example};
use super::*;

const BASE: &str = "https://h/scim/v2";

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(map) => map.values().any(has_null),
        _ => false,
    }
}

#[test]
fn the_service_says_what_it_can() {
    let limits = Limits { max_results: 200, max_payload: 1024, ..Limits::default() };
    let body = service_provider_config(&limits, BASE);
    assert_eq!(body["bulk"], json!({"supported": false, "maxOperations": 0, "maxPayloadSize": 1024}));
    assert_eq!(body["filter"], json!({"supported": true, "maxResults": 200}));
    assert_eq!(body["meta"]["location"], "https://h/scim/v2/ServiceProviderConfig");
    assert_eq!(body.get("documentationUri"), None);
    let limits = Limits { bulk_operations: Some(10), documentation: Some("https://help".into()), ..limits };
    let body = service_provider_config(&limits, BASE);
    assert_eq!((&body["bulk"]["supported"], &body["documentationUri"]), (&json!(true), &json!("https://help")));
}

#[test]
fn types_and_schemas_are_listed_without_nulls() {
    let (users, groups) = (catalog::user_type(), catalog::group_type());
    let types = [&users, &groups];
    let list = resource_types(&types, BASE);
    assert_eq!((&list["totalResults"], &list["schemas"]), (&json!(2), &json!([name::LIST_RESPONSE])));
    assert_eq!(list["Resources"][0]["schemaExtensions"], json!([{"schema": name::ENTERPRISE_USER, "required": false}]));
    let list = schemas(&types, BASE);
    assert!(!has_null(&list));
    let ids: Vec<&Value> = list["Resources"].as_array().unwrap().iter().map(|schema| &schema["id"]).collect();
    assert_eq!(ids, [name::USER, name::ENTERPRISE_USER, name::GROUP]);
}

#[test]
fn one_is_found_by_its_name() {
    let users = catalog::user_type();
    let found = schema(&[&users], &name::USER.to_uppercase(), BASE).unwrap();
    assert_eq!(found["meta"]["location"], format!("{BASE}/Schemas/{}", name::USER));
    assert_eq!(resource_type(&[&users], "user", BASE).unwrap()["endpoint"], "/Users");
    assert_eq!(schema(&[&users], name::GROUP, BASE), None);
    assert_eq!(resource_type(&[&users], "Group", BASE), None);
}

#[test]
fn an_attribute_has_the_characteristics_of_its_kind() {
    let users = catalog::user_type();
    let described = |name: &str| describe_attribute(users.schema.attribute(name).unwrap());
    assert_eq!(
        described("userName"),
        json!({
            "name": "userName", "type": "string", "multiValued": false,
            "description": "Name that identifies the user to the service", "required": true, "caseExact": false,
            "mutability": "readWrite", "returned": "always", "uniqueness": "server",
        })
    );
    assert_eq!(described("active").get("caseExact"), None);
    assert_eq!(described("profileUrl")["referenceTypes"], json!(["external"]));
    let emails = described("emails");
    let names: Vec<&Value> = emails["subAttributes"].as_array().unwrap().iter().map(|sub| &sub["name"]).collect();
    assert_eq!(names, ["value", "display", "type", "primary"]);
    assert_eq!(emails["subAttributes"][2]["canonicalValues"], json!(["work", "home", "other"]));
}

#[test]
fn members_are_described_by_their_value_alone() {
    let groups = example::groups();
    assert_eq!(describe_type(&groups, BASE)["endpoint"], "/Groups");
    assert!(groups.schema.attribute("displayName").is_some_and(|attr| attr.required));
    let members = describe_attribute(groups.schema.attribute("members").unwrap());
    let value = json!({
        "name": "value", "type": "string", "multiValued": false, "description": "The `id` of the member",
        "required": false, "caseExact": true, "mutability": "immutable", "returned": "default", "uniqueness": "none",
    });
    assert_eq!(
        members,
        json!({
            "name": "members", "type": "complex", "multiValued": true, "description": "The members of the group",
            "required": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
            "subAttributes": [value],
        })
    );
}

#[test]
fn every_attribute_of_the_catalog_is_sound() {
    for rt in [catalog::user_type(), catalog::group_type()] {
        for attr in rt.schemas().flat_map(|schema| &schema.attributes) {
            assert_eq!(attr.kind == Kind::Complex, !attr.sub_attributes.is_empty(), "{}", attr.name);
            for part in attr.sub_attributes.iter().chain([attr]) {
                assert!(!part.description.is_empty() && !part.description.ends_with('.'), "{}", part.name);
                assert_eq!(part.kind == Kind::Reference, !part.reference_types.is_empty(), "{}", part.name);
            }
        }
    }
}
