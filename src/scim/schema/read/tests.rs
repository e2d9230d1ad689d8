//! Bodies of POST and PUT as clients send them.

use serde_json::json;

use super::super::super::name::{ENTERPRISE_USER, GROUP, USER};
use super::super::super::{Incoming, ScimType, catalog, example};
use super::*;

fn read(body: Value) -> Incoming {
    catalog::user_type().read(body).unwrap()
}

#[test]
fn entras_create_is_read() {
    let incoming = read(json!({
        "schemas": [USER, ENTERPRISE_USER], "externalId": "jdoe", "userName": "jdoe@example.org", "active": "True",
        "displayName": "Jo Doe", "title": null, "preferredLanguage": "", "meta": {"resourceType": "User"},
        "emails": [{"primary": true, "type": "work", "value": "jdoe@example.org"}],
        "name": {"formatted": "Jo Doe", "givenName": "Jo", "familyName": "Doe"},
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "MOBILE", "value": "+31 6"}],
        ENTERPRISE_USER: {"employeeNumber": "7", "department": "IT", "manager": ""},
        "roles": [],
    }));
    let expected = json!({
        "externalId": "jdoe", "userName": "jdoe@example.org", "active": true, "displayName": "Jo Doe",
        "emails": [{"primary": true, "type": "work", "value": "jdoe@example.org"}],
        "name": {"formatted": "Jo Doe", "givenName": "Jo", "familyName": "Doe"},
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "mobile", "value": "+31 6"}],
        ENTERPRISE_USER: {"employeeNumber": "7", "department": "IT"},
    });
    assert_eq!(Value::Object(incoming.resource.into_map()), expected);
    assert!(incoming.active_sent && incoming.ignored.is_empty(), "{:?}", incoming.ignored);
}

#[test]
fn odd_shapes_are_understood() {
    let incoming = read(json!({
        "USERNAME": "jo", "name.givenName": "Jo", "emails": {"value": "a@b", "type": "work"},
        format!("{ENTERPRISE_USER}:department"): "IT", "manager": [{"value": "42"}],
        "phoneNumbers[type eq \"fax\"].value": "1", "nickName": ["J"],
        "roles": [{"primary": "True", "value": "Admin", "displayName": "A"}, "Guest"],
        format!("{USER}:title"): "Lead",
    }));
    let expected = json!({
        "userName": "jo", "name": {"givenName": "Jo"}, "emails": [{"value": "a@b", "type": "work"}],
        ENTERPRISE_USER: {"department": "IT", "manager": {"value": "42"}},
        "phoneNumbers": [{"type": "fax", "value": "1"}], "nickName": "J",
        "roles": [{"primary": true, "value": "Admin", "display": "A"}, {"value": "Guest"}], "title": "Lead",
    });
    assert_eq!(Value::Object(incoming.resource.into_map()), expected);
    assert!(!incoming.active_sent && incoming.ignored.is_empty(), "{:?}", incoming.ignored);
}

#[test]
fn what_is_unmapped_is_listed_and_read_only_parts_are_not() {
    let incoming = read(json!({
        "schemas": [USER, "urn:x:Foo"], "id": "1", "meta": {}, "userName": "jo", "Colour": "red", "urn:x:Foo": {"a": 1},
        "emails": [{"type": "private", "value": "x"}, {"value": "y"}, {"type": "work", "value": "z", "foo": 1}],
        "groups": [{"value": "g"}], "name": {"nick": "J"}, ENTERPRISE_USER: {"manager": {"value": "1", "displayName": "A"}},
        "addresses": [{"type": "work", "primary": true}],
    }));
    let expected = [
        "Colour",
        "urn:x:Foo",
        "emails[type eq \"private\"]",
        "emails[not (type pr)]",
        "emails.foo",
        "groups",
        "name.nick",
    ];
    assert_eq!(incoming.ignored, expected);
    assert_eq!(incoming.resource.get(None, "emails"), Some(&json!([{"type": "work", "value": "z"}])));
    assert_eq!(incoming.resource.get(None, "addresses"), None);
    assert_eq!(incoming.resource.id(), None);
}

#[test]
fn entras_empty_group_is_read() {
    for members in [json!([]), json!(null)] {
        let body = json!({
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "g", "displayName": "Team", "meta": {"resourceType": "Group"}, "members": members,
        });
        for groups in [catalog::group_type(), example::groups()] {
            let incoming = groups.read(body.clone()).unwrap();
            groups.check_required(&incoming.resource).unwrap();
            assert_eq!(Value::Object(incoming.resource.into_map()), json!({"externalId": "g", "displayName": "Team"}));
            assert!(incoming.ignored.is_empty());
        }
    }
    let nameless = example::groups().read(json!({"schemas": [GROUP], "externalId": "g"})).unwrap();
    let error = example::groups().check_required(&nameless.resource).unwrap_err();
    assert!(error.detail().starts_with("required attribute `displayName` is missing"));
}

#[test]
fn what_follows_from_the_value_of_a_member_is_taken_silently() {
    let groups = example::groups();
    for members in [
        json!([{"$ref": null, "value": "42"}, {"value": "43", "$ref": "https://h/Users/43", "type": "User"}]),
        json!([{"value": "42", "display": "Jo"}, {"VALUE": "43", "displayName": "Al", "Type": "User", "$REF": {"a": 1}}]),
        json!(["42", "43", "42", "", null, {}, {"value": ""}, {"value": null, "$ref": "x"}, {"type": "User"}]),
        json!([{"value": "42"}, {"value": "43"}, {"value": "42", "$ref": null}]),
    ] {
        let incoming = groups.read(json!({"displayName": "Team", "members": members})).unwrap();
        assert_eq!(
            incoming.resource.get(None, "members"),
            Some(&json!([{"value": "42"}, {"value": "43"}])),
            "{members}"
        );
        assert!(incoming.ignored.is_empty(), "{:?}", incoming.ignored);
    }
    for one in [json!("42"), json!({"value": "42", "type": "Group"})] {
        let incoming = groups.read(json!({"displayName": "Team", "members": one})).unwrap();
        assert_eq!(incoming.resource.get(None, "members"), Some(&json!([{"value": "42"}])));
    }
    let incoming = groups.read(json!({"members": [{"value": "42", "role": "boss", "display": "Jo"}]})).unwrap();
    assert_eq!(incoming.ignored, ["members.role"]);
    let mut users = catalog::user_type();
    users.extensions[0].attributes.retain(|attr| attr.name == "manager");
    users.extensions[0].attributes[0].sub_attributes.retain(|sub| sub.name == "value");
    let body = json!({"manager": {"value": "42", "$ref": "https://h/Users/42", "displayName": "Jo", "foo": 1}});
    let incoming = users.read(body).unwrap();
    assert_eq!(incoming.resource.get(Some(ENTERPRISE_USER), "manager"), Some(&json!({"value": "42"})));
    assert_eq!(incoming.ignored, ["manager.foo"]);
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (body, keyword, detail) in [
        (json!([]), ScimType::InvalidSyntax, "must be a JSON object that describes a User"),
        (json!({"schemas": [GROUP]}), ScimType::InvalidSyntax, "`schemas` does not list"),
        (json!({"active": "maybe"}), ScimType::InvalidValue, "`active` must be true or false, found `\"maybe\"`"),
        (json!({"userName": {"a": 1}}), ScimType::InvalidValue, "`userName` must be text, found an object"),
        (json!({"emails": [[["x"]], 5]}), ScimType::InvalidValue, "`emails.value` must be text"),
        (json!({"name": 5}), ScimType::InvalidValue, "`name` must be an object"),
    ] {
        let error = catalog::user_type().read(body.clone()).expect_err(&body.to_string());
        assert_eq!(error.scim_type(), Some(keyword));
        assert!(error.detail().contains(detail), "{error}");
    }
}

#[test]
fn required_attributes_are_looked_for_apart() {
    let users = catalog::user_type();
    let error = users.check_required(&read(json!({"title": "x"})).resource).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
    assert!(error.detail().starts_with("required attribute `userName` is missing"));
    assert_eq!(users.check_required(&read(json!({"userName": "x"})).resource), Ok(()));
}
