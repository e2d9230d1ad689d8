//! The PATCH tests.

use super::{default_user, holds};
use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::ldap::values;
use serde_json::{Value, json};

/// The 36 paths of the verbose PATCH in the order seen, with a new value each, and whether the value comes back.
fn verbose() -> Vec<(String, Value, bool)> {
    let mut lines = vec![
        ("active", json!(false), true),
        ("displayName", json!("dn 2"), true),
        ("title", json!("t 2"), true),
        ("emails[type eq \"work\"].value", json!("new@x.example"), true),
        // the mapping fixes who is primary
        ("emails[type eq \"work\"].primary", json!(true), true),
        ("preferredLanguage", json!("es-PE"), true),
        ("name.givenName", json!("g 2"), true),
        ("name.familyName", json!("f 2"), true),
        ("name.formatted", json!("x 2"), true),
        ("name.middleName", json!("m 2"), false),
        ("name.honorificPrefix", json!("p 2"), false),
        ("name.honorificSuffix", json!("s 2"), false),
    ];
    let address = ["formatted", "streetAddress", "locality", "region", "postalCode"];
    let address: Vec<String> = address.iter().map(|part| format!("addresses[type eq \"work\"].{part}")).collect();
    lines.extend(address.iter().map(|path| (path.as_str(), json!("a 2"), true)));
    lines.extend([
        ("addresses[type eq \"work\"].primary", json!(true), false),
        ("addresses[type eq \"work\"].country", json!("Bosnia & Herzegovina"), true),
        ("phoneNumbers[type eq \"work\"].value", json!("44-555-6666"), true),
        ("phoneNumbers[type eq \"work\"].primary", json!(true), false),
        ("phoneNumbers[type eq \"mobile\"].value", json!("44-555-6667"), true),
        ("phoneNumbers[type eq \"fax\"].value", json!("44-555-6668"), true),
    ]);
    let mut lines: Vec<(String, Value, bool)> = lines.into_iter().map(|(p, v, k)| (p.to_owned(), v, k)).collect();
    for (name, kept) in [
        ("employeeNumber", true),
        ("department", true),
        ("costCenter", false),
        ("organization", true),
        ("division", true),
    ] {
        lines.push((format!("{ENTERPRISE}:{name}"), json!("e 2"), kept));
    }
    for part in ["display", "value", "type"] {
        lines.push((format!("roles[primary eq \"True\"].{part}"), json!("r 2"), false));
    }
    for (name, kept) in
        [("userType", true), ("nickName", false), ("locale", false), ("timezone", false), ("profileUrl", false)]
    {
        lines.push((name.to_owned(), json!("u 2"), kept));
    }
    assert_eq!(lines.len(), 36);
    lines
}

/// What the resource must hold after the verbose PATCH.
fn expected() -> Value {
    json!({
        "active": false, "displayName": "dn 2", "title": "t 2", "preferredLanguage": "es-PE", "userType": "u 2",
        "emails": [{"type": "work", "value": "new@x.example", "primary": true}],
        "name": {"givenName": "g 2", "familyName": "f 2", "formatted": "x 2"},
        "addresses": [{"type": "work", "formatted": "a 2", "streetAddress": "a 2", "locality": "a 2",
            "region": "a 2", "postalCode": "a 2", "country": "Bosnia & Herzegovina"}],
        "phoneNumbers": [{"type": "work", "value": "44-555-6666"}, {"type": "mobile", "value": "44-555-6667"},
            {"type": "fax", "value": "44-555-6668"}],
        ENTERPRISE: {"employeeNumber": "e 2", "department": "e 2", "organization": "e 2", "division": "e 2"},
    })
}

/// Tests 6 and 6b: 36 operations in one PATCH, on a full user and, as `add`, on one that has nothing yet.
#[tokio::test(flavor = "multi_thread")]
async fn verbose_attributes() {
    let bed = Bed::new().await;
    let full = bed.create(default_user("a6@b.example")).await;
    let empty = json!({"userName": "a6b@b.example", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]});
    let empty = bed.create(empty).await;
    for (id, op, mail) in [(&full, "replace", "new@x.example"), (&empty, "add", "new2@x.example")] {
        let mut operations: Vec<Value> =
            verbose().into_iter().map(|(path, value, _)| json!({"op": op, "path": path, "value": value})).collect();
        operations[3]["value"] = json!(mail);
        let mut expected = expected();
        expected["emails"][0]["value"] = json!(mail);
        let answer = bed.patch(id, Value::Array(operations)).await;
        holds(&answer, &expected);
        for absent in ["roles", "nickName", "locale", "timezone", "profileUrl", "costCenter", "middleName"] {
            assert!(!answer.to_string().contains(absent), "{absent}");
        }
    }
}

/// Each line of the verbose PATCH by itself on an empty user: `add` and `replace` both make the element.
#[tokio::test(flavor = "multi_thread")]
async fn each_path_makes_what_is_not_there() {
    let mut bed = Bed::new().await;
    for (n, op) in ["add", "replace", "Add", "Replace"].into_iter().enumerate() {
        for (at, (path, value, kept)) in verbose().into_iter().enumerate() {
            let name = format!("u{n}-{at}");
            let id = bed.create(json!({"userName": name})).await;
            let value = if path.contains("emails") && kept && !value.is_boolean() {
                json!(format!("{name}@x.example"))
            } else {
                value
            };
            let before = bed.read(&id).await;
            let answer = bed.patch(&id, json!([{"op": op, "path": path, "value": value}])).await;
            if !kept || path.ends_with("primary") {
                assert_eq!(answer, before, "{path}");
                continue;
            }
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert!(answer.to_string().contains(&text), "{path}: {answer}");
            let attrs = values(&bed.entry(&id).await, "uid").len();
            assert_eq!(attrs, 1);
        }
    }
}

/// Test 6c: value paths by themselves, and all else in one operation without a path.
#[tokio::test(flavor = "multi_thread")]
async fn non_verbose_attributes() {
    let bed = Bed::new().await;
    for (n, op) in ["replace", "add", "Replace", "Add"].into_iter().enumerate() {
        let (full, empty) =
            (default_user(&format!("a6c{n}@b.example")), json!({"userName": format!("a6d{n}@b.example")}));
        for (side, user) in [full, empty].into_iter().enumerate() {
            let id = bed.create(user).await;
            let (mut operations, mut rest) = (Vec::new(), serde_json::Map::new());
            for (path, value, _) in verbose() {
                let value = if path.starts_with("emails[type eq \"work\"].value") {
                    json!(format!("n{n}-{side}@x.example"))
                } else {
                    value
                };
                if path.contains('[') {
                    operations.push(json!({"op": op, "path": path, "value": value}));
                } else {
                    rest.insert(path, value);
                }
            }
            operations.push(json!({"op": op, "value": rest}));
            let mut expected = expected();
            expected["emails"][0]["value"] = json!(format!("n{n}-{side}@x.example"));
            holds(&bed.patch(&id, Value::Array(operations)).await, &expected);
        }
    }
}

/// A run of 2023: `add` and `replace` mixed, over types that were not there, with parts that the schema has not.
#[tokio::test(flavor = "multi_thread")]
async fn types_that_are_not_mapped_are_left_out() {
    let bed = Bed::new().await;
    let id = bed.create(default_user("a6e@b.example")).await;
    let before = bed.read(&id).await;
    let mut operations = Vec::new();
    for kind in ["home", "other"] {
        for (op, part, value) in [
            ("add", "value", json!("h@x.example")),
            ("replace", "display", json!("D")),
            ("add", "primary", json!(false)),
        ] {
            operations.push(json!({"op": op, "path": format!("emails[type eq \"{kind}\"].{part}"), "value": value}));
        }
    }
    assert_eq!(bed.patch(&id, Value::Array(operations)).await, before);
    // the primary one is the work one
    let change = json!([{"op": "replace", "path": "emails[primary eq true].value", "value": "p@x.example"}]);
    assert_eq!(
        bed.patch(&id, change).await["emails"],
        json!([{"value": "p@x.example", "type": "work", "primary": true}])
    );
}

/// Tests 7 and 8.
#[tokio::test(flavor = "multi_thread")]
async fn user_name_and_disable() {
    let mut bed = Bed::new().await;
    let id = bed.create(default_user("a7@b.example")).await;
    let renamed = bed.patch(&id, json!([{"op": "replace", "value": {"userName": "n7@x.example"}}])).await;
    assert_eq!(renamed["userName"], "n7@x.example");
    assert_eq!((bed.named("n7@x.example").await.len(), bed.named("a7@b.example").await.len()), (1, 0));
    let disabled = bed.patch(&id, json!([{"op": "replace", "path": "active", "value": false}])).await;
    assert_eq!(disabled["active"], false);
    assert_eq!(bed.read(&id).await["active"], false, "still readable by id");
    assert_eq!(bed.named("n7@x.example").await[0]["active"], false, "and by filter");
    assert_eq!(values(&bed.entry(&id).await, "pwdAccountLockedTime"), ["000001010000Z"]);
}

/// Tests 9 to 11.
#[tokio::test(flavor = "multi_thread")]
async fn managers() {
    let mut bed = Bed::new().await;
    let id = bed.create(default_user("a9@b.example")).await;
    let (first, second) =
        (bed.create(default_user("m1@b.example")).await, bed.create(default_user("m2@b.example")).await);
    let path = format!("{ENTERPRISE}:manager");
    let manager = |answer: &Value| answer[ENTERPRISE].get("manager").cloned();
    let mut set = vec![
        (json!({"op": "add", "path": path, "value": {"value": first}}), &first),
        (json!({"op": "replace", "path": path, "value": {"value": second}}), &second),
    ];
    let reference = json!([{"$ref": "https://h.example/scim/Users/x", "value": first}]);
    set.push((json!({"op": "Add", "path": "manager", "value": reference}), &first));
    set.push((json!({"op": "Add", "path": path, "value": second}), &second));
    for (operation, boss) in set {
        let answer = bed.patch(&id, json!([operation])).await;
        assert_eq!(manager(&answer).map(|m| m["value"].clone()), Some(json!(boss)), "{operation}");
        assert_eq!(values(&bed.entry(&id).await, "manager"), [bed_dn(&mut bed, boss).await]);
    }
    for operation in [
        json!({"op": "replace", "path": path, "value": {"value": ""}}),
        json!({"op": "replace", "path": path, "value": ""}),
        json!({"op": "Replace", "path": path, "value": null}),
        json!({"op": "remove", "path": path}),
        json!({"op": "Remove", "path": path}),
    ] {
        bed.patch(&id, json!([{"op": "add", "path": path, "value": first}])).await;
        let answer = bed.patch(&id, json!([operation])).await;
        assert_eq!(manager(&answer), None, "{operation}");
        assert!(values(&bed.entry(&id).await, "manager").is_empty(), "{operation}");
    }
    // who is not there cannot be anyone's manager, and Entra sends it again
    for nobody in ["RANDOMTEXT", "6f1c1f6e-2b1d-4c8a-9a53-0d7c5f0e8a11", "uid=m1@b.example,ou=people,dc=example,dc=com"]
    {
        let answer = bed.try_patch(&id, json!([{"op": "add", "path": path, "value": {"value": nobody}}])).await;
        is_error(&answer, 400, Some("invalidValue"));
        assert!(answer.body["detail"].as_str().unwrap().contains(nobody), "{}", answer.body);
    }
    assert!(values(&bed.entry(&id).await, "manager").is_empty());
}

/// The DN behind an id.
async fn bed_dn(bed: &mut Bed, id: &str) -> String {
    bed.entry(id).await.dn
}

/// Previews P1 and P2: in order, the last wins.
#[tokio::test(flavor = "multi_thread")]
async fn several_operations() {
    let bed = Bed::new().await;
    let id = bed.create(default_user("p1@b.example")).await;
    let answer = bed.patch(
        &id,
        json!([
            {"op": "remove", "path": "preferredLanguage"},
            {"op": "add", "path": "externalId", "value": "x"},
            {"op": "replace", "path": "displayName", "value": "y"},
        ]),
    );
    let answer = answer.await;
    assert_eq!((&answer["externalId"], &answer["displayName"]), (&json!("x"), &json!("y")));
    assert!(answer.get("preferredLanguage").is_none());
    for path in ["externalId", "title", "name.givenName", "emails[type eq \"work\"].value", "userType"] {
        let answer = bed.patch(
            &id,
            json!([
                {"op": "remove", "path": path},
                {"op": "add", "path": path, "value": "second@x"},
                {"op": "replace", "path": path, "value": "third@x"},
            ]),
        );
        let answer = answer.await.to_string();
        assert!(answer.contains("third@x") && !answer.contains("second@x"), "{path}: {answer}");
        let clear = bed.patch(
            &id,
            json!([
                {"op": "replace", "path": path, "value": "fourth@x"},
                {"op": "remove", "path": path},
            ]),
        );
        assert!(!clear.await.to_string().contains("@x"), "{path}");
    }
}
