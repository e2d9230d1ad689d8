//! Every shape that Microsoft Entra and its validator are known to send.

use super::*;

#[test]
fn default_dialect_updates_one_attribute_per_operation() {
    becomes(
        json!({"userName": "old@example.org", "displayName": "J", "active": true,
               "emails": [{"type": "work", "value": "old@example.org", "primary": true}]}),
        json!([
            {"op": "Replace", "path": "userName", "value": "new@example.org"},
            {"op": "Replace", "path": "displayName", "value": "Jo"},
            {"op": "Replace", "path": "externalId", "value": "jd2"},
            {"op": "Replace", "path": "name.familyName", "value": "Roe"},
            {"op": "Replace", "path": "emails[type eq \"work\"].Value", "value": "new@example.org"},
            {"op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "Main st 1"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+31 6"},
            {"op": "Add", "path": format!("{ENTERPRISE_USER}:department"), "value": "IT"},
            {"op": "Replace", "path": "active", "value": "False"},
        ]),
        json!({"userName": "new@example.org", "displayName": "Jo", "active": false,
               "emails": [{"type": "work", "value": "new@example.org", "primary": true}],
               "externalId": "jd2", "name": {"familyName": "Roe"},
               "addresses": [{"type": "work", "formatted": "Main st 1"}],
               "phoneNumbers": [{"type": "mobile", "value": "+31 6"}],
               ENTERPRISE_USER: {"department": "IT"}}),
    );
}

#[test]
fn flagged_dialect_gathers_attributes_without_a_path() {
    becomes(
        json!({"userName": "jo", "name": {"givenName": "J", "middleName": "M"}}),
        json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.org"},
            {"op": "replace", "value": {
                "displayName": "Jo", "name.givenName": "Jo", "name.familyName": "Doe",
                format!("{ENTERPRISE_USER}:employeeNumber"): "7",
                "phoneNumbers[type eq \"fax\"].value": "1",
                ENTERPRISE_USER: {"department": "IT", "Manager": {"value": "42"}},
            }},
            {"op": "add", "path": "nickName", "value": "J"},
        ]),
        json!({"userName": "jo", "name": {"givenName": "Jo", "middleName": "M", "familyName": "Doe"},
               "emails": [{"type": "work", "value": "new@example.org"}], "displayName": "Jo",
               ENTERPRISE_USER: {"employeeNumber": "7", "department": "IT", "manager": {"value": "42"}},
               "phoneNumbers": [{"type": "fax", "value": "1"}], "nickName": "J"}),
    );
}

#[test]
fn active_comes_in_many_spellings() {
    for (value, active) in [
        (json!("False"), false),
        (json!("false"), false),
        (json!("True"), true),
        (json!(false), false),
        (json!([{"$ref": null, "value": "False"}]), false),
    ] {
        becomes(
            json!({"active": !active}),
            json!([{"op": "Replace", "path": "active", "value": value}]),
            json!({"active": active}),
        );
        becomes(
            json!({"active": !active}),
            json!([{"op": "replace", "value": {"Active": value}}]),
            json!({"active": active}),
        );
    }
    let maybe = json!([{"op": "Replace", "path": "active", "value": "maybe"}]);
    fails(json!({}), maybe, "invalidValue", "`active` must be true or false, found `\"maybe\"`");
}

#[test]
fn a_manager_comes_in_six_shapes() {
    let path = format!("{ENTERPRISE_USER}:manager");
    let managed = json!({ENTERPRISE_USER: {"manager": {"value": "42"}}});
    for operation in [
        json!({"op": "Add", "path": path, "value": "42"}),
        json!({"op": "add", "path": path, "value": {"value": "42"}}),
        json!({"op": "Replace", "path": path, "value": [{"value": "42"}]}),
        json!({"op": "Add", "path": "manager", "value": [{"$ref": null, "value": "42", "displayName": "Al"}]}),
        json!({"op": "Add", "path": format!("{path}.value"), "value": "42"}),
        json!({"op": "replace", "value": {path.as_str(): "42"}}),
        json!({"op": "replace", "value": {"manager": {"value": "42"}}}),
    ] {
        becomes(json!({ENTERPRISE_USER: {"manager": {"value": "1"}}}), json!([operation]), managed.clone());
        becomes(json!({}), json!([operation]), managed.clone());
    }
    becomes(
        json!({}),
        json!([{"op": "Add", "path": "manager", "value": [{"$ref": "http://h/scim/Users/42", "value": "42"}]}]),
        json!({ENTERPRISE_USER: {"manager": {"$ref": "http://h/scim/Users/42", "value": "42"}}}),
    );
}

#[test]
fn an_empty_manager_is_removed() {
    let path = format!("{ENTERPRISE_USER}:manager");
    for operation in [
        json!({"op": "replace", "path": path, "value": {"value": ""}}),
        json!({"op": "replace", "path": path, "value": {"value": null, "$ref": "x"}}),
        json!({"op": "Replace", "path": path, "value": ""}),
        json!({"op": "Replace", "path": path, "value": [{"value": ""}]}),
        json!({"op": "Add", "path": path, "value": ""}),
        json!({"op": "Remove", "path": path}),
        json!({"op": "Remove", "path": path, "value": "42"}),
        json!({"op": "Remove", "path": format!("{path}.value")}),
        json!({"op": "replace", "value": {path.as_str(): null}}),
    ] {
        becomes(
            json!({ENTERPRISE_USER: {"manager": {"value": "42", "$ref": "/Users/42"}, "department": "IT"}}),
            json!([operation]),
            json!({ENTERPRISE_USER: {"department": "IT"}}),
        );
    }
}

#[test]
fn roles_come_by_three_functions() {
    let json_in_text = "{\"id\":\"g\",\"value\":\"Admin\",\"displayName\":\"Admin\"}";
    becomes(
        json!({}),
        json!([{"op": "Add", "path": "roles", "value": [{"value": json_in_text}]}]),
        json!({"roles": [{"value": json_in_text}]}),
    );
    becomes(
        json!({"roles": [{"value": "Old"}]}),
        json!([{"op": "replace", "path": "roles", "value": [{"value": "Admin", "displayName": "Admin"}]}]),
        json!({"roles": [{"value": "Admin", "display": "Admin"}]}),
    );
    let single = json!([{"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "Admin"}]);
    becomes(json!({}), single.clone(), json!({"roles": [{"primary": true, "value": "Admin"}]}));
    becomes(
        json!({"roles": [{"value": "A", "primary": false}, {"value": "B", "primary": true}]}),
        single,
        json!({"roles": [{"value": "A", "primary": false}, {"value": "Admin", "primary": true}]}),
    );
}

#[test]
fn the_validators_verbose_requests_make_what_is_not_there() {
    for op in ["replace", "add"] {
        let set = |path: &str, value: Value| json!({"op": op, "path": path, "value": value});
        becomes(
            json!({"userName": "jo"}),
            json!([
                set("emails[type eq \"work\"].primary", json!(true)),
                set("emails[type eq \"work\"].value", json!("m@x.example")),
                set("phoneNumbers[type eq \"work\"].value", json!("1")),
                set("phoneNumbers[type eq \"work\"].primary", json!("True")),
                set("phoneNumbers[type eq \"mobile\"].value", json!("2")),
                set("roles[primary eq \"True\"].display", json!("RD")),
                set("roles[primary eq \"True\"].value", json!("RV")),
                set("roles[primary eq \"True\"].type", json!("RT")),
                set("locale", json!("RANDOMTEXT")),
            ]),
            json!({"userName": "jo",
                   "emails": [{"type": "work", "primary": true, "value": "m@x.example"}],
                   "phoneNumbers": [{"type": "work", "value": "1", "primary": true}, {"type": "mobile", "value": "2"}],
                   "roles": [{"primary": true, "display": "RD", "value": "RV", "type": "RT"}],
                   "locale": "RANDOMTEXT"}),
        );
    }
    becomes(
        json!({}),
        json!([{"op": "replace", "path": "emails[primary eq true].value", "value": "a@b"}]),
        json!({"emails": [{"primary": true, "type": "work", "value": "a@b"}]}),
    );
}

#[test]
fn null_and_empty_text_remove() {
    let full = json!({"userName": "jo", "title": "T", "name": {"givenName": "J"}, "roles": [{"value": "r"}],
                      "emails": [{"type": "work", "value": "a@b", "primary": true}]});
    for empty in [json!(null), json!("")] {
        for path in ["title", "name.givenName", "emails[type eq \"work\"].value", "roles", "emails", "name"] {
            let replace = json!([{"op": "replace", "path": path, "value": empty}]);
            let next = patched(&users(), full.clone(), replace).unwrap();
            let gone = path.split(['.', '[']).next().unwrap();
            assert_eq!(next.get(gone), None, "{path}");
            assert_eq!(next.as_object().unwrap().len(), 4, "{path}");
        }
    }
}

#[test]
fn several_operations_on_one_attribute_apply_in_order() {
    becomes(
        json!({"userName": "jo", "externalId": "1", "preferredLanguage": "en"}),
        json!([
            {"op": "remove", "path": "preferredLanguage"},
            {"op": "remove", "path": "externalId"},
            {"op": "add", "path": "externalId", "value": "2"},
            {"op": "replace", "value": {"externalId": "3"}},
        ]),
        json!({"userName": "jo", "externalId": "3"}),
    );
    becomes(json!({"userName": "jo"}), json!([]), json!({"userName": "jo"}));
}

#[test]
fn group_operations_become_deltas_of_single_values() {
    let groups = catalog::group_type();
    for (operation, ops) in [
        (
            json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u1"}]}),
            vec!["Add members [{\"value\":\"u1\"}]"],
        ),
        (
            json!({"op": "add", "name": "addMember", "path": "members", "value": [{"value": "u1", "displayName": "U"}]}),
            vec!["Add members [{\"value\":\"u1\"}]"],
        ),
        (json!({"op": "add", "path": "members", "value": "u1"}), vec!["Add members [{\"value\":\"u1\"}]"]),
        (
            json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "u1"}, {"value": "u2"}]}),
            vec!["Remove members[value eq \"u1\"]", "Remove members[value eq \"u2\"]"],
        ),
        (json!({"op": "remove", "path": "members[Value eq u1]"}), vec!["Remove members[value eq \"u1\"]"]),
        (json!({"op": "remove", "path": "members[value eq 1]"}), vec!["Remove members[value eq \"1\"]"]),
        (json!({"op": "Remove", "path": "members", "value": []}), vec![]),
        (json!({"op": "Remove", "path": "members", "value": [{"foo": "u1"}, {}]}), vec![]),
        (json!({"op": "Add", "path": "members", "value": []}), vec![]),
        (json!({"op": "remove", "path": "members"}), vec!["Remove members"]),
        (json!({"op": "replace", "path": "members", "value": []}), vec!["Remove members"]),
        (
            json!({"op": "replace", "path": "members", "value": [{"value": "u1"}]}),
            vec!["Replace members [{\"value\":\"u1\"}]"],
        ),
        (
            json!({"op": "replace", "value": {"displayName": "T", "members": [{"value": "u1"}], "id": "7"}}),
            vec!["Replace displayName \"T\"", "Replace members [{\"value\":\"u1\"}]"],
        ),
    ] {
        assert_eq!(listed(&parse(&groups, json!([operation.clone()])).unwrap()), ops, "{operation}");
    }
}

#[test]
fn operations_on_members_can_be_set_apart() {
    let groups = catalog::group_type();
    let patch = parse(
        &groups,
        json!([
            {"op": "Add", "path": "members", "value": [{"value": "u1"}]},
            {"op": "Replace", "path": "displayName", "value": "T"},
            {"op": "remove", "path": "members[value eq \"u1\"]"},
            {"op": "Replace", "path": "nope", "value": "T"},
        ]),
    )
    .unwrap();
    assert_eq!(patch.ops_on(None, "members").count(), 2);
    let rest = patch.without(None, "members");
    assert_eq!(
        (listed(&rest), rest.ignored.clone()),
        (vec!["Replace displayName \"T\"".to_owned()], vec!["nope".to_owned()])
    );
    let next = patch.apply(&groups, &resource(json!({"displayName": "S"}))).unwrap();
    assert_eq!(next, resource(json!({"displayName": "T"})));
}
