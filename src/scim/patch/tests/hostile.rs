//! Bodies that are no PATCH, or far too much of one.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_no_patch_is_refused() {
    for (body, detail) in [
        (json!([]), "must be a JSON object"),
        (json!({}), "must have a list `Operations`"),
        (json!({"Operations": {"op": "add"}}), "must have a list `Operations`"),
        (json!({"Operations": ["add"]}), "each of `Operations` must be a JSON object"),
        (json!({"Operations": [{"path": "title"}]}), "must have an `op`"),
        (json!({"Operations": [{"op": 1}]}), "must have an `op`"),
        (
            json!({"Operations": [{"op": "Move", "path": "title"}]}),
            "`op` must be `add`, `replace` or `remove`, found `move`",
        ),
        (json!({"schemas": ["urn:x"], "Operations": []}), "`schemas` of a PATCH must list"),
    ] {
        let error = Patch::parse(&users(), body.clone()).expect_err(&body.to_string());
        assert_eq!(error.scim_type().map(|keyword| keyword.as_str()), Some("invalidSyntax"));
        assert!(error.detail().contains(detail), "{error}");
    }
    assert_eq!(Patch::parse(&users(), json!({"operations": [], "SCHEMAS": []})), Ok(Patch::default()));
}

#[test]
fn too_many_operations_are_refused() {
    let operation = json!({"op": "add", "path": "title", "value": "x"});
    assert!(parse(&users(), vec![operation.clone(); super::super::MAX_OPERATIONS].into()).is_ok());
    let error = parse(&users(), vec![operation; super::super::MAX_OPERATIONS + 1].into()).unwrap_err();
    assert_eq!((error.status(), error.scim_type()), (413, None));
}

#[test]
fn too_many_chosen_values_are_refused() {
    let body = |most: usize| -> Value {
        (0..most).map(|n| (format!("members[value eq \"u{n}\"]"), json!({"value": format!("u{n}")}))).collect()
    };
    let read = example::groups().read(body(super::super::MAX_OPERATIONS)).unwrap();
    assert_eq!(read.resource.members(&str::to_owned).len(), super::super::MAX_OPERATIONS);
    for refused in [
        example::groups().read(body(super::super::MAX_OPERATIONS + 1)).map(|_| ()),
        parse(&example::groups(), json!([{"op": "add", "value": body(600)}, {"op": "add", "value": body(600)}]))
            .map(|_| ()),
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.status(), error.scim_type()), (413, None));
    }
}

#[test]
fn the_list_of_ignored_names_is_bounded() {
    let keys: serde_json::Map<String, Value> =
        (0..5000).map(|n| (format!("{}{n}", "x".repeat(300)), json!(1))).collect();
    let patch = parse(&users(), json!([{"op": "add", "value": keys}])).unwrap();
    assert_eq!(patch.ignored.len(), 1, "names are cut and so become one");
    let keys: serde_json::Map<String, Value> = (0..5000).map(|n| (format!("x{n}"), json!(1))).collect();
    assert_eq!(parse(&users(), json!([{"op": "add", "value": keys}])).unwrap().ignored.len(), 100);
}

#[test]
fn many_values_are_added_in_linear_time() {
    let members: Vec<Value> = (0..50_000).map(|n| json!({"value": format!("u{n}")})).collect();
    let groups = catalog::group_type();
    let next = patched(&groups, json!({}), json!([{"op": "add", "path": "members", "value": members}])).unwrap();
    assert_eq!(next["members"].as_array().map(Vec::len), Some(50_000));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zT\"]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_path(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("value".to_owned()),
        Just("type".to_owned()),
        Just("primary".to_owned()),
        Just("title".to_owned()),
        Just("name".to_owned()),
        Just("manager".to_owned()),
        Just("emails".to_owned()),
        Just("emails[type eq \"work\"]".to_owned()),
        Just("emails[type eq \"work\"].value".to_owned()),
        Just("roles[primary eq \"True\"].value".to_owned()),
        Just("active".to_owned()),
        Just(ENTERPRISE_USER.to_owned()),
        "[a-z\\[\\]. \"]{0,12}",
    ]
}

proptest! {
    /// Whatever is sent, nothing panics; and what is accepted leaves a resource in canonical form.
    #[test]
    fn nothing_sent_breaks_the_form(
        operations in prop::collection::vec((0..3_usize, any_path(), any_json()), 0..6),
    ) {
        let operations: Vec<Value> = operations
            .into_iter()
            .map(|(verb, path, value)| json!({"op": (["Add", "replace", "Remove"][verb]), "path": path, "value": value}))
            .collect();
        let current = resource(json!({"userName": "jo", "emails": [{"type": "work", "value": "a", "primary": true}]}));
        if let Ok(next) = parse(&users(), operations.into()).and_then(|patch| patch.apply(&users(), &current)) {
            prop_assert_eq!(Resource::from_map(next.as_map().clone()), next);
        }
    }

    /// Reading a body gives the same resource when what was read is read again.
    #[test]
    fn reading_twice_changes_nothing(body in any_json()) {
        if let Ok(first) = users().read(body) {
            let again = users().read(Value::Object(first.resource.as_map().clone())).unwrap();
            prop_assert_eq!(&again.resource, &first.resource);
            prop_assert!(again.ignored.is_empty());
        }
    }
}
