//! Members of groups: what clients send beside their ids, and what becomes of it.

use super::*;

#[test]
fn what_follows_from_the_value_is_taken_silently() {
    let add = vec!["Add members [{\"value\":\"u1\"}]"];
    let remove = vec!["Remove members[value eq \"u1\"]"];
    for (operation, ops) in [
        (json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u1"}]}), add.clone()),
        (json!({"op": "add", "path": "Members", "value": {"$REF": "https://h/Users/u1", "value": "u1"}}), add.clone()),
        (json!({"op": "add", "path": "members", "value": ["u1", ""]}), add.clone()),
        (
            json!({"op": "add", "path": "members", "value": [{"value": "u1", "type": "User"}, {"value": null}]}),
            add.clone(),
        ),
        (json!({"op": "add", "value": {"members": [{"value": "u1", "displayName": "U", "display": "U"}]}}), add),
        (json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "u1"}]}), remove.clone()),
        (json!({"op": "Remove", "path": "members", "value": {"value": "u1", "display": "U"}}), remove.clone()),
        (json!({"op": "Remove", "path": "members", "value": ["u1"]}), remove.clone()),
        (json!({"op": "Remove", "path": "members.value", "value": "u1"}), remove),
        (json!({"op": "Remove", "path": "members", "value": [{"$ref": "https://h/Users/u1", "type": "User"}]}), vec![]),
        (json!({"op": "add", "path": "members", "value": [{"display": "U"}]}), vec![]),
        (json!({"op": "replace", "path": "members[value eq \"u1\"].display", "value": "U"}), vec![]),
        (json!({"op": "add", "path": "members.type", "value": "User"}), vec![]),
        (json!({"op": "remove", "path": "members[value eq \"u1\"].$ref"}), vec![]),
        (
            json!({"op": "replace", "path": "members[value eq \"u1\"]", "value": {"value": "u1", "display": "U"}}),
            vec!["Replace members[value eq \"u1\"] {\"value\":\"u1\"}"],
        ),
    ] {
        let patch = parse(&example::groups(), json!([operation])).unwrap();
        assert_eq!(listed(&patch), ops, "{operation}");
        assert!(patch.ignored.is_empty(), "{operation}: {:?}", patch.ignored);
    }
}

#[test]
fn other_parts_are_listed() {
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": "u1", "role": "boss"}]},
        {"op": "Remove", "path": "members", "value": [{"role": "u1"}]},
        {"op": "replace", "path": "members.since", "value": "2026"},
    ]);
    let patch = parse(&example::groups(), operations).unwrap();
    assert_eq!(listed(&patch), ["Add members [{\"value\":\"u1\"}]"]);
    assert_eq!(patch.ignored, ["members.role", "members.since"]);
}

#[test]
fn members_cannot_be_chosen_by_what_is_not_stored() {
    for (filter, part) in
        [("type eq \"User\"", "type"), ("value eq \"u1\" or display sw \"U\"", "display"), ("foo pr", "foo")]
    {
        let operation = json!([{"op": "remove", "path": format!("members[{filter}]")}]);
        let error = parse(&example::groups(), operation).expect_err(filter);
        assert_eq!(error.scim_type().map(|keyword| keyword.as_str()), Some("invalidFilter"));
        assert_eq!(error.detail(), format!("`members` can be chosen by `value`, not by `{part}`"));
    }
}
