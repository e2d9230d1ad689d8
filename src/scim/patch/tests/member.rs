//! Members of groups: what clients send beside their ids, and what becomes of it.

use proptest::prelude::*;

use super::super::super::{MemberEdit, ScimType};
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

/// What operations come to, with ids in lower case as their one spelling.
fn edited(rt: &ResourceType, operations: Value) -> Result<Option<MemberEdit>, Error> {
    parse(rt, operations)?.members(&str::to_lowercase)
}

fn change(add: &[&str], remove: &[&str]) -> Option<MemberEdit> {
    let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    Some(MemberEdit::Change { add: owned(add), remove: owned(remove) })
}

fn replace(ids: &[&str]) -> Option<MemberEdit> {
    Some(MemberEdit::Replace(ids.iter().map(|&id| id.to_owned()).collect()))
}

#[test]
fn one_operation_is_one_edit() {
    let path = |op: &str, path: &str| json!({"op": op, "path": path});
    let members = |op: &str, value: Value| json!({"op": op, "path": "members", "value": value});
    let chosen = |op: &str, value: Value| json!({"op": op, "path": "members[value eq \"u1\"]", "value": value});
    for (operation, edit) in [
        (members("Add", json!([{"$ref": null, "value": "U2"}, {"value": "u1"}, "u2"])), change(&["u2", "u1"], &[])),
        (members("add", json!("42")), change(&["42"], &[])),
        (members("Remove", json!([{"$ref": null, "value": "u1"}, "U2"])), change(&[], &["u1", "u2"])),
        (members("replace", json!([{"value": "u2"}, {"value": "u1"}, {"value": "U2"}])), replace(&["u2", "u1"])),
        (members("replace", json!([])), replace(&[])),
        (members("replace", json!(null)), replace(&[])),
        (path("remove", "members"), replace(&[])),
        (path("remove", "members.value"), replace(&[])),
        (path("remove", "members[value eq \"U1\"]"), change(&[], &["u1"])),
        (path("remove", "members[value eq 42].value"), change(&[], &["42"])),
        (path("remove", "members[value eq \"a\" or (value eq \"b\" or Value EQ \"A\")]"), change(&[], &["a", "b"])),
        (path("remove", &format!("{}:members[value eq \"u1\"]", catalog::group().id)), change(&[], &["u1"])),
        (chosen("add", json!({"value": "U1"})), change(&["u1"], &[])),
        (chosen("replace", json!([{"value": "u1", "$ref": null}])), change(&["u1"], &[])),
        (chosen("replace", json!({"display": "Jo"})), None),
        (json!({"op": "add", "path": "members[value eq \"u1\"].value", "value": "u1"}), change(&["u1"], &[])),
        (members("Remove", json!([])), None),
        (members("Remove", json!([{"value": ""}, {"value": null}, {}, null, "", {"foo": "u1"}])), None),
        (members("Add", json!([{"value": ""}, {"$ref": "x", "value": null}])), None),
        (path("remove", "members[value eq \"\"]"), None),
        (json!({"op": "replace", "value": {"displayName": "T", "externalId": "e"}}), None),
        (json!({"op": "replace", "value": {"displayName": "T", "members": [{"value": "u1"}]}}), replace(&["u1"])),
    ] {
        for groups in [example::groups(), catalog::group_type()] {
            assert_eq!(edited(&groups, json!([operation])), Ok(edit.clone()), "{operation}");
        }
    }
}

#[test]
fn the_last_operation_on_a_member_counts() {
    let add = |id: &str| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    let remove = |id: &str| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    let empty = json!({"op": "remove", "path": "members"});
    let set = |ids: Value| json!({"op": "replace", "path": "members", "value": ids});
    for (operations, edit) in [
        (json!([]), None),
        (json!([add("u1"), remove("u1")]), change(&[], &["u1"])),
        (json!([remove("u1"), add("U1")]), change(&["u1"], &[])),
        (json!([add("a"), remove("b"), add("c"), remove("a"), add("b")]), change(&["b", "c"], &["a"])),
        (json!([add("a"), set(json!(["b", "c"])), remove("b"), add("d")]), replace(&["c", "d"])),
        (json!([set(json!(["b"])), empty, add("d")]), replace(&["d"])),
        (json!([remove("x"), empty]), replace(&[])),
        (json!([set(json!(["a"])), remove("a"), add("a")]), replace(&["a"])),
    ] {
        assert_eq!(edited(&example::groups(), operations.clone()), Ok(edit), "{operations}");
    }
}

#[test]
fn what_needs_the_list_of_members_is_refused() {
    for filter in [
        "value ne \"u1\"",
        "value co \"u\"",
        "value sw \"u\"",
        "value gt \"u\"",
        "value pr",
        "value eq null",
        "not (value eq \"u1\")",
        "value eq \"u1\" and value eq \"u2\"",
        "value eq \"u1\" or value ne \"u2\"",
    ] {
        for op in ["remove", "add", "replace"] {
            let path = format!("members[{filter}]");
            let operation = json!([{"op": op, "path": path, "value": {"value": "u1"}}]);
            let error = edited(&example::groups(), operation).expect_err(filter);
            assert_eq!((error.status(), error.scim_type()), (400, Some(ScimType::InvalidFilter)), "{filter}");
            let reason = "`members` can be chosen by `value eq \"id\"`, or by several of these joined by `or`, not by";
            assert_eq!(error.detail(), format!("{reason} `{filter}`"));
        }
    }
}

#[test]
fn the_id_of_a_member_cannot_be_changed() {
    for (path, value) in [
        ("members[value eq \"u1\"]", json!({"value": "u2"})),
        ("members[value eq \"u1\"].value", json!("u2")),
        ("members[value eq \"u1\" or value eq \"u2\"]", json!({"value": "u1"})),
        ("members.value", json!("u1")),
    ] {
        for op in ["add", "replace"] {
            let operation = json!([{"op": op, "path": path, "value": value}]);
            let error = edited(&example::groups(), operation).expect_err(path);
            assert_eq!((error.status(), error.scim_type()), (400, Some(ScimType::Mutability)), "{path}");
            assert!(error.detail().starts_with("the `value` of a member cannot be changed"), "{error}");
        }
    }
}

/// A list is searched for none of its elements: at this size that would take minutes.
#[test]
fn many_members_come_and_go_in_linear_time() {
    let listed = |from: usize| -> Value { (from..from + 50_000).map(|n| json!({"value": format!("u{n}")})).collect() };
    let operations = json!([
        {"op": "Add", "path": "members", "value": listed(0)},
        {"op": "Remove", "path": "members", "value": listed(25_000)},
    ]);
    let Ok(Some(MemberEdit::Change { add, remove })) = edited(&example::groups(), operations) else {
        panic!("no change");
    };
    assert_eq!((add.len(), remove.len()), (25_000, 50_000));
}

proptest! {
    /// Folding says of each id what running the operations on a list of members would.
    #[test]
    fn folding_agrees_with_applying(
        operations in prop::collection::vec((0..5_usize, prop::collection::vec(0..4_usize, 0..3)), 0..8),
        before in prop::collection::hash_set(0..4_usize, 0..4),
    ) {
        let ids = |ns: &[usize]| -> Value { ns.iter().map(|n| json!({"value": format!("u{n}")})).collect() };
        let operations: Value = operations.iter().map(|(shape, named)| match shape {
            0 => json!({"op": "add", "path": "members", "value": ids(named)}),
            1 => json!({"op": "Remove", "path": "members", "value": ids(named)}),
            2 => json!({"op": "replace", "path": "members", "value": ids(named)}),
            3 => json!({"op": "remove", "path": format!("members[value eq \"u{}\"]", named.len())}),
            _ => json!({"op": "add", "path": "members[value eq \"u0\"].value", "value": "u0"}),
        }).collect();
        let groups = example::groups();
        let before: Vec<usize> = before.into_iter().collect();
        let current = resource(json!({"displayName": "T", "members": ids(&before)}));
        let patch = parse(&groups, operations).unwrap();
        let mut expected = patch.apply(&groups, &current).unwrap().members(&str::to_owned);
        let mut members = current.members(&str::to_owned);
        match patch.members(&str::to_owned).unwrap() {
            None => {}
            Some(MemberEdit::Replace(ids)) => members = ids,
            Some(MemberEdit::Change { add, remove }) => {
                prop_assert!(!add.iter().any(|id| remove.contains(id)));
                members.retain(|id| !remove.contains(id) && !add.contains(id));
                members.extend(add);
            }
        }
        members.sort();
        expected.sort();
        prop_assert_eq!(members, expected);
    }
}
