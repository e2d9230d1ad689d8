//! Values: cleared, unmapped, `active`, and operations that are none.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::ldap::values;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// A user with a value for each shape of attribute; the manager comes later.
fn full() -> Value {
    json!({
        "userName": "jo", "externalId": "x-1", "displayName": "Jo", "title": "Engineer",
        "name": {"formatted": "Jo Doe", "familyName": "Doe", "givenName": "Jo"},
        "emails": [{"type": "work", "value": "jo@example.org", "primary": true}],
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "fax", "value": "+31 2"}],
        "addresses": [{"type": "work", "locality": "Utrecht", "country": "the Netherlands"}],
        ENTERPRISE: {"department": "IT", "employeeNumber": "7"},
    })
}

/// Paths that can be cleared, with the LDAP attribute of each.
fn clearable() -> [(String, &'static str); 13] {
    let path = |text: &str| text.to_owned();
    [
        (path("externalId"), "scimExternalId"),
        (path("displayName"), "displayName"),
        (path("title"), "title"),
        (path("name.givenName"), "givenName"),
        // elsewhere: an empty value was stored, since IA5 strings may be empty
        (path("emails[type eq \"work\"].value"), "mail"),
        (path("phoneNumbers[type eq \"work\"].value"), "telephoneNumber"),
        // has no equality rule: a delete of the value itself is refused
        (path("phoneNumbers[type eq \"fax\"].value"), "facsimileTelephoneNumber"),
        (path("addresses[type eq \"work\"].locality"), "l"),
        (path("addresses[type eq \"work\"].country"), "co"),
        (format!("{ENTERPRISE}:department"), "departmentNumber"),
        (format!("{ENTERPRISE}:employeeNumber"), "employeeNumber"),
        // elsewhere: 200 and gone in the answer, but LDAP still had it
        (format!("{ENTERPRISE}:manager"), "manager"),
        (format!("{ENTERPRISE}:manager.value"), "manager"),
    ]
}

/// Elsewhere: clearing sent an empty string to the directory, which is 500 for most syntaxes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_cleared_is_gone() {
    let mut bed = Bed::new().await;
    let boss = bed.create(json!({"userName": "boss"})).await;
    let id = bed.create(full()).await;
    let manage = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": boss}}]);
    let whole = bed.patch(&id, manage.clone()).await;
    for (path, attr) in clearable() {
        let mut shapes = vec![
            json!({"op": "remove", "path": path}),
            json!({"op": "Remove", "path": path}),
            json!({"op": "replace", "path": path, "value": ""}),
            json!({"op": "Replace", "path": path, "value": null}),
            json!({"op": "replace", "value": {path.as_str(): ""}}),
        ];
        if path.ends_with(":manager") {
            shapes.push(json!({"op": "replace", "path": path, "value": {"value": ""}}));
            shapes.push(json!({"op": "replace", "path": path, "value": {"value": null}}));
        }
        for shape in shapes {
            assert_eq!(values(&bed.entry(&id).await, attr).len(), 1, "{attr} before {shape}");
            let answer = bed.patch(&id, json!([shape])).await;
            assert!(values(&bed.entry(&id).await, attr).is_empty(), "{attr} after {shape}");
            let put = bed.http.put(&format!("/Users/{id}"), &whole).await;
            assert_eq!((put.status, &put.body["userName"]), (200, &answer["userName"]), "{}", put.body);
            same_but_meta(&bed.read(&id).await, &whole);
        }
    }
}

/// Compares two readings of a user apart from the times.
#[track_caller]
fn same_but_meta(one: &Value, other: &Value) {
    let bare = |user: &Value| {
        let mut user = user.clone();
        user["meta"]["lastModified"] = Value::Null;
        user["meta"]["version"] = Value::Null;
        user
    };
    assert_eq!(bare(one), bare(other));
}

/// Elsewhere: a PUT failed whenever something had to be cleared.
#[tokio::test(flavor = "multi_thread")]
async fn a_put_clears_what_it_leaves_out() {
    let mut bed = Bed::new().await;
    let boss = bed.create(json!({"userName": "boss"})).await;
    let id = bed.create(full()).await;
    bed.patch(&id, json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": boss}])).await;
    bed.patch(&id, json!([{"op": "replace", "path": "active", "value": false}])).await;
    let put = bed.http.put(&format!("/Users/{id}"), &json!({"userName": "jo"})).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let mut names: Vec<&str> = put.body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["active", "id", "meta", "schemas", "userName"]);
    assert_eq!(put.body["active"], false, "left out is not enabled");
    let entry = bed.entry(&id).await;
    for (_, attr) in clearable() {
        assert!(values(&entry, attr).is_empty(), "{attr}: {entry:?}");
    }
    assert_eq!((values(&entry, "cn"), values(&entry, "sn")), (vec!["jo"], vec!["jo"]), "what inetOrgPerson demands");
}

/// Elsewhere: echoed as if stored, and gone in the next GET.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_shows_what_is_stored_and_nothing_else() {
    let bed = Bed::new().await;
    let mut user = full();
    for (name, value) in [
        ("nickName", json!("J")),
        ("password", json!("Very-Secret-1")),
        ("roles", json!([{"value": "Admin"}])),
        ("favouriteColour", json!("blue")),
        ("id", json!("mine")),
        ("meta", json!({"location": "https://attacker.example/"})),
        ("groups", json!([{"value": "x"}])),
    ] {
        user[name] = value;
    }
    user["emails"].as_array_mut().unwrap().push(json!({"type": "home", "value": "jo@home.example"}));
    user["name"]["middleName"] = json!("M");
    let post = bed.http.post("/Users", &user).await;
    assert_eq!(post.status, 201, "{}", post.body);
    let id = post.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(bed.read(&id).await, post.body);
    let put = bed.http.put(&format!("/Users/{id}"), &user).await;
    assert_eq!(bed.read(&id).await, put.body);
    let patched = bed.patch(
        &id,
        json!([
            {"op": "add", "path": "nickName", "value": "J"},
            {"op": "add", "path": "emails[type eq \"home\"].value", "value": "jo@home.example"},
            {"op": "add", "path": "emails", "value": [{"type": "home", "value": "jo@home.example"}]},
            {"op": "replace", "value": {"favouriteColour": "blue", "title": "Lead"}},
        ]),
    );
    for answer in [post.body, put.body, patched.await] {
        for absent in ["home", "nickName", "password", "Secret", "roles", "blue", "attacker", "middleName", "mine"] {
            assert!(!answer.to_string().contains(absent), "{absent}: {answer}");
        }
        assert_eq!(answer["emails"].as_array().unwrap().len(), 1);
    }
    let outcomes = bed.bridge.audit().into_iter().filter(|line| line["phase"] == "outcome");
    for (line, verb) in outcomes.zip(["create", "replace", "patch"]) {
        assert_eq!((&line["verb"], &line["caller"]), (&json!(verb), &json!("test")));
        let ignored = line["ignored"].as_array().expect("what is not kept is named");
        assert!(ignored.contains(&json!("favouriteColour")) && ignored.len() > 2, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_may_refuse_what_it_cannot_keep() {
    let bed = Bed::with(Slapd::builder().start().unwrap(), |setup| setup.further("unmapped = 'reject'")).await;
    let answer = bed.http.post("/Users", &json!({"userName": "jo", "nickName": "J"})).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert!(answer.body["detail"].as_str().unwrap().contains("nickName"));
    let id = bed.create(json!({"userName": "jo"})).await;
    let change = json!([{"op": "replace", "path": "frobnicated", "value": "x"}]);
    is_error(&bed.try_patch(&id, change).await, 400, Some("invalidValue"));
}

#[tokio::test(flavor = "multi_thread")]
async fn active_is_a_boolean_whoever_spells_it_how() {
    let bed = Bed::new().await;
    for (n, (sent, shown)) in [
        (json!("True"), true),
        (json!("False"), false),
        (json!("false"), false),
        (json!(true), true),
        (json!(false), false),
        (Value::Null, true),
    ]
    .into_iter()
    .enumerate()
    {
        // elsewhere: a string when read, and a truthiness test takes "False" for true
        let id = bed.create(json!({"userName": format!("user{n}"), "active": sent})).await;
        assert_eq!(bed.read(&id).await["active"], shown, "{sent}");
        let turned = json!([{"op": "Replace", "path": "active", "value": if shown { "False" } else { "True" }}]);
        assert_eq!(bed.patch(&id, turned).await["active"], !shown);
        assert_eq!(bed.patch(&id, json!([{"op": "replace", "value": {"active": shown}}])).await["active"], shown);
        // elsewhere: stored
        for wrong in [json!("maybe"), json!(1), json!("1"), json!([true, false]), json!({"value": "maybe"})] {
            let change = json!([{"op": "replace", "path": "active", "value": wrong}]);
            is_error(&bed.try_patch(&id, change).await, 400, Some("invalidValue"));
            let user = json!({"userName": format!("user{n}"), "active": wrong});
            is_error(&bed.http.put(&format!("/Users/{id}"), &user).await, 400, Some("invalidValue"));
            assert_eq!(bed.read(&id).await["active"], shown, "{wrong}");
        }
    }
    is_error(&bed.http.post("/Users", &json!({"userName": "x", "active": "maybe"})).await, 400, Some("invalidValue"));
    assert!(bed.named("x").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_that_are_none_change_nothing() {
    let bed = Bed::new().await;
    let id = bed.create(full()).await;
    let before = bed.read(&id).await;
    let good = json!({"op": "replace", "path": "title", "value": "changed"});
    // elsewhere: all of these 200; "frobnicate" acted as replace
    for (operation, keyword) in [
        (json!({"op": "frobnicate", "path": "title", "value": "x"}), "invalidSyntax"),
        (json!({"path": "title", "value": "x"}), "invalidSyntax"),
        (json!({"op": 7, "path": "title", "value": "x"}), "invalidSyntax"),
        (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
        (json!({"op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z"}), "mutability"),
        (json!({"op": "remove", "path": "userName"}), "mutability"),
        (json!({"op": "replace", "path": "userName", "value": ""}), "mutability"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "replace", "path": "title"}), "invalidValue"),
        (json!({"op": "replace", "value": "x"}), "invalidValue"),
        (json!({"op": "replace", "path": "title", "value": {"a": {"b": 1}}}), "invalidValue"),
        (json!({"op": "replace", "path": "title[", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "emails[type eq]", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "emails[type eq \"work\"", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": 7, "value": "x"}), "invalidPath"),
        (json!("replace"), "invalidSyntax"),
        (Value::Null, "invalidSyntax"),
    ] {
        for operations in [json!([operation]), json!([good, operation]), json!([operation, good])] {
            let answer = bed.try_patch(&id, operations.clone()).await;
            assert_eq!(answer.body["scimType"], keyword, "{operations}: {}", answer.body);
            is_error(&answer, 400, Some(keyword));
            assert_eq!(bed.read(&id).await, before, "all or nothing: {operations}");
        }
    }
    let path = format!("/Users/{id}");
    for body in
        [json!({}), json!({"Operations": {}}), json!({"Operations": null}), json!([good]), json!({"op": "replace"})]
    {
        let request = bed.http.patch_raw(&path, &body).await;
        is_error(&request, 400, Some("invalidSyntax"));
    }
    // elsewhere: 400, where the validator wants success
    assert_eq!(bed.patch(&id, json!([])).await, before);
    assert_eq!(bed.read(&id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_changes_are_one_or_none() {
    let bed = Bed::new().await;
    let id = bed.create(full()).await;
    let before = bed.read(&id).await;
    // the directory's syntax refuses the last one
    let wrong = json!([
        {"op": "replace", "path": "title", "value": "Lead"},
        {"op": "replace", "path": "userName", "value": "joan"},
        {"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "#_@"},
    ]);
    let answer = bed.try_patch(&id, wrong).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert!(answer.body["detail"].as_str().unwrap().contains("phoneNumbers"), "{}", answer.body);
    assert_eq!(bed.read(&id).await, before);
    // elsewhere: 500
    let two = json!([{"op": "replace", "path": "emails", "value": [
        {"type": "work", "value": "a@example.org"}, {"type": "work", "value": "b@example.org"}]}]);
    let mut found: Vec<String> = Vec::new();
    for email in bed.patch(&id, two).await["emails"].as_array().unwrap() {
        found.push(email["value"].as_str().unwrap().to_owned());
    }
    found.sort();
    assert_eq!(found, ["a@example.org", "b@example.org"]);
    // elsewhere: 200, nothing changed
    let key = json!([{"op": "replace", "value": {
        "phoneNumbers[type eq \"mobile\"].value": "+31 6", "name.familyName": "Roe", "DISPLAYNAME": "JR"}}]);
    let answer = bed.patch(&id, key).await;
    assert_eq!((&answer["name"]["familyName"], &answer["displayName"]), (&json!("Roe"), &json!("JR")));
    assert!(answer["phoneNumbers"].to_string().contains("+31 6"), "{answer}");
}
