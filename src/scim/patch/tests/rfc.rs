//! RFC 7644 section 3.5.2, and what is settled beyond it.

use super::*;

#[test]
fn add_appends_and_knows_what_is_there() {
    let current = json!({"roles": [{"value": "A"}, {"value": "B", "primary": true}]});
    becomes(
        current.clone(),
        json!([{"op": "add", "path": "roles", "value": [{"value": "a", "display": "X"}, {"value": "C"}]}]),
        json!({"roles": [{"value": "a", "display": "X"}, {"value": "B", "primary": true}, {"value": "C"}]}),
    );
    becomes(
        current.clone(),
        json!([{"op": "add", "value": {"roles": {"value": "C", "primary": true}}}]),
        json!({"roles": [{"value": "A"}, {"value": "B", "primary": false}, {"value": "C", "primary": true}]}),
    );
    becomes(
        current,
        json!([{"op": "add", "path": "roles[value eq \"A\"].primary", "value": "true"}]),
        json!({"roles": [{"value": "A", "primary": true}, {"value": "B", "primary": false}]}),
    );
}

#[test]
fn replace_takes_the_whole_list_or_the_chosen_values() {
    let current =
        json!({"phoneNumbers": [{"type": "work", "value": "1", "display": "one"}, {"type": "fax", "value": "2"}]});
    becomes(
        current.clone(),
        json!([{"op": "replace", "path": "phoneNumbers", "value": [{"type": "Mobile", "value": "3"}]}]),
        json!({"phoneNumbers": [{"type": "mobile", "value": "3"}]}),
    );
    becomes(
        current.clone(),
        json!([{"op": "replace", "path": "phoneNumbers[type eq \"WORK\"]", "value": {"value": "3"}}]),
        json!({"phoneNumbers": [{"type": "work", "value": "3"}, {"type": "fax", "value": "2"}]}),
    );
    becomes(
        current.clone(),
        json!([{"op": "add", "path": "phoneNumbers[type eq \"work\"]", "value": [{"value": "3"}]}]),
        json!({"phoneNumbers": [{"type": "work", "value": "3", "display": "one"}, {"type": "fax", "value": "2"}]}),
    );
    becomes(
        current.clone(),
        json!([{"op": "replace", "path": "phoneNumbers[type eq \"work\" or type eq \"fax\"].display", "value": "x"}]),
        json!({"phoneNumbers": [{"type": "work", "value": "1", "display": "x"}, {"type": "fax", "value": "2", "display": "x"}]}),
    );
    becomes(current.clone(), json!([{"op": "replace", "path": "phoneNumbers", "value": []}]), json!({}));
    becomes(
        current,
        json!([{"op": "replace", "path": "phoneNumbers.value", "value": "9"}]),
        json!({"phoneNumbers": [{"type": "work", "value": "9", "display": "one"}, {"type": "fax", "value": "9"}]}),
    );
}

#[test]
fn remove_takes_what_is_chosen() {
    let current = json!({"title": "T", "phoneNumbers": [{"type": "work", "value": "1", "display": "one"}, {"type": "fax", "value": "2"}]});
    let work_only = json!({"title": "T", "phoneNumbers": [{"type": "work", "value": "1", "display": "one"}]});
    for remove in [
        json!({"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"fax\"].value"}),
        json!({"op": "Remove", "path": "phoneNumbers", "value": [{"value": "2"}]}),
        json!({"op": "Remove", "path": "phoneNumbers", "value": [{"type": "fax", "value": "2"}]}),
        json!({"op": "Remove", "path": "phoneNumbers", "value": "2"}),
        json!({"op": "remove", "path": "phoneNumbers[not (type eq \"work\") and value pr]"}),
    ] {
        becomes(current.clone(), json!([remove]), work_only.clone());
    }
    for nothing in [
        json!({"op": "remove", "path": "phoneNumbers[type eq \"mobile\"]"}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"mobile\"].value"}),
        json!({"op": "Remove", "path": "phoneNumbers", "value": [{"type": "work", "value": "2"}]}),
        json!({"op": "Remove", "path": "phoneNumbers", "value": []}),
        json!({"op": "remove", "path": "nickName"}),
        json!({"op": "remove", "path": "name.givenName"}),
        json!({"op": "remove", "path": ENTERPRISE_USER}),
    ] {
        becomes(current.clone(), json!([nothing]), current.clone());
    }
    becomes(
        json!({"addresses": [{"type": "work", "primary": true, "locality": "X"}]}),
        json!([{"op": "remove", "path": "addresses[type eq \"work\"].locality"}]),
        json!({}),
    );
    becomes(
        json!({"title": "T", ENTERPRISE_USER: {"department": "IT", "manager": {"value": "1"}}}),
        json!([{"op": "remove", "path": ENTERPRISE_USER}]),
        json!({"title": "T"}),
    );
    becomes(
        json!({"addresses": [{"type": "work", "locality": "X"}]}),
        json!([{"op": "remove", "path": "addresses", "value": [{"locality": "x"}]}]),
        json!({}),
    );
}

#[test]
fn unmapped_targets_are_listed_and_nothing_else() {
    let operations = json!([
        {"op": "replace", "path": "favouriteColour", "value": "red"},
        {"op": "replace", "path": "name.foo", "value": "x"},
        {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "x"},
        {"op": "remove", "path": "emails[foo eq 1].value"},
        {"op": "replace", "path": "emails[type eq \"work\"].type", "value": "home"},
        {"op": "replace", "path": "emails[type eq \"work\"]", "value": {"type": "private", "value": "x"}},
        {"op": "remove", "path": "emails", "value": [{"type": "old", "value": "x"}]},
        {"op": "add", "path": "emails", "value": [{"type": "other", "value": "x"}, {"value": "w@x", "foo": 1}]},
        {"op": "add", "path": "phoneNumbers", "value": [{"value": "1"}]},
        {"op": "replace", "value": {"foo": {"a": 1}, "no path at all": 1, "urn:x:y:bar": 1, "manager": {"foo": 1},
                                    "meta": {"resourceType": "User"}, "schemas": ["x"], "id": "7"}},
        {"op": "replace", "path": "urn:x:y:z", "value": {"a": 1}},
        {"op": "replace", "path": ENTERPRISE_USER, "value": {"bar": 1}},
        {"op": "replace", "path": "FavouriteColour", "value": "red"},
        {"op": "replace", "path": "favouriteColour", "value": "red"},
    ]);
    let patch = parse(&users(), operations).unwrap();
    assert_eq!(listed(&patch), ["Add emails [{\"value\":\"w@x\",\"type\":\"work\"}]"]);
    assert_eq!(
        patch.ignored,
        [
            "favouriteColour",
            "name.foo",
            "emails[type eq \"home\"].value",
            "emails[foo eq 1].value",
            "emails[type eq \"work\"].type",
            "emails[type eq \"private\"]",
            "emails[type eq \"old\"]",
            "emails[type eq \"other\"]",
            "emails.foo",
            "phoneNumbers[not (type pr)]",
            "foo",
            "no path at all",
            "urn:x:y:bar",
            "manager.foo",
            "urn:x:y:z",
            &format!("{ENTERPRISE_USER}:bar"),
            "FavouriteColour",
        ]
    );
}

#[test]
fn read_only_is_refused_and_read_only_parts_are_ignored() {
    for path in ["id", "meta.created", "schemas", "groups", "groups[value eq \"x\"].display"] {
        for op in ["add", "replace", "remove"] {
            let operations = json!([{"op": op, "path": path, "value": "x"}]);
            fails(json!({}), operations, "mutability", "is read-only; take it out of the attribute mapping");
        }
    }
    fails(json!({}), json!([{"op": "add", "value": {"groups": []}}]), "mutability", "`groups` is read-only");
    let mut rt = users();
    set_mutability(&mut rt, "emails", Some("primary"), Mutability::ReadOnly);
    let patch = parse(
        &rt,
        json!([
            {"op": "add", "path": "emails[type eq \"work\"].primary", "value": true},
            {"op": "add", "path": "emails", "value": [{"type": "work", "value": "a", "primary": true}]},
        ]),
    )
    .unwrap();
    assert_eq!(listed(&patch), ["Add emails [{\"type\":\"work\",\"value\":\"a\"}]"]);
    assert!(patch.ignored.is_empty(), "{:?} is mapped, if not for writing", patch.ignored);
}

#[test]
fn what_is_required_or_immutable_stays() {
    let current = json!({"userName": "jo", "title": "T"});
    for remove in [
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "replace", "value": {"userName": null}}),
    ] {
        fails(current.clone(), json!([remove]), "mutability", "`userName` is required and cannot be removed");
    }
    becomes(
        current.clone(),
        json!([{"op": "remove", "path": "userName"}, {"op": "add", "path": "userName", "value": "al"}]),
        json!({"title": "T", "userName": "al"}),
    );
    let mut rt = users();
    set_mutability(&mut rt, "title", None, Mutability::Immutable);
    let set = |title: &str| json!([{"op": "replace", "path": "title", "value": title}]);
    assert!(patched(&rt, current.clone(), set("T")).is_ok());
    assert!(patched(&rt, json!({}), set("U")).is_ok());
    assert!(patched(&rt, current, set("U")).unwrap_err().detail().contains("`title` cannot be changed"));
    let groups = catalog::group_type();
    let current = json!({"displayName": "G", "members": [{"value": "u1"}]});
    let change = json!([{"op": "replace", "path": "members[value eq \"u1\"].value", "value": "u2"}]);
    assert!(patched(&groups, current, change).unwrap_err().detail().contains("`members.value` cannot be changed"));
}

#[test]
fn errors_name_what_is_wrong() {
    for (operation, keyword, detail) in [
        (json!({"op": "remove"}), "noTarget", "a `remove` operation must have a `path`"),
        (json!({"op": "remove", "path": "", "value": {"title": "x"}}), "noTarget", "must have a `path`"),
        (json!({"op": "remove", "path": catalog::user().id}), "noTarget", "is the whole resource"),
        (json!({"op": "add", "value": "x"}), "invalidValue", "must have an object of attributes as `value`"),
        (json!({"op": "replace", "path": "title"}), "invalidValue", "the operation on `title` has no `value`"),
        (json!({"op": "replace", "path": "title", "value": 7}), "invalidValue", "`title` must be text, found `7`"),
        (json!({"op": "replace", "path": "title", "value": ["a", "b"]}), "invalidValue", "found a list"),
        (json!({"op": "replace", "path": "name", "value": "x"}), "invalidValue", "`name` must be an object"),
        (
            json!({"op": "replace", "path": "name", "value": {"givenName": {"a": 1}}}),
            "invalidValue",
            "`name.givenName`",
        ),
        (
            json!({"op": "replace", "path": "password", "value": 123456}),
            "invalidValue",
            "must be text, found something else",
        ),
        (json!({"op": "add", "path": "emails", "value": [5]}), "invalidValue", "`emails.value` must be text"),
        (json!({"op": "add", "path": "x509Certificates", "value": "?"}), "invalidValue", "binary data in base64"),
        (
            json!({"op": "add", "path": "roles", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}),
            "invalidValue",
            "only one value of `roles` can be primary",
        ),
        (json!({"op": "add", "path": "emails[", "value": "x"}), "invalidPath", "at character 8"),
        (json!({"op": "add", "path": 5, "value": "x"}), "invalidPath", "found `5`"),
        (
            json!({"op": "add", "path": "name[a eq 1].givenName", "value": "x"}),
            "invalidPath",
            "`name` holds a single value",
        ),
        (
            json!({"op": "add", "path": "emails[primary gt true].value", "value": "x"}),
            "invalidFilter",
            "no operator `gt`",
        ),
        (
            json!({"op": "add", "path": "roles[value co \"x\"].value", "value": "x"}),
            "noTarget",
            "no value of `roles` matches `value co \"x\"`",
        ),
        (
            json!({"op": "replace", "path": "roles[value eq \"x\"].value", "value": "y"}),
            "noTarget",
            "no value of `roles`",
        ),
        (
            json!({"op": "replace", "path": ENTERPRISE_USER, "value": "x"}),
            "invalidValue",
            "must be an object of attributes",
        ),
    ] {
        fails(json!({}), json!([operation]), keyword, detail);
    }
}
