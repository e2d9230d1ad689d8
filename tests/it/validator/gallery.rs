//! The tests of the app gallery that call the server directly: 15 to 18, 21 and the manager's.

use crate::support::bed::{Bed, ENTERPRISE};
use serde_json::{Value, json};

/// Paths of `/Schemas` as the gallery's test flattens them, with the schema of each attribute.
async fn flattened(bed: &Bed) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    for schema in bed.http.get("/Schemas").await.body["Resources"].as_array().expect("a list") {
        let urn = schema["id"].as_str().unwrap();
        let prefix = if urn.ends_with("core:2.0:User") { String::new() } else { format!("{urn}:") };
        for attr in schema["attributes"].as_array().unwrap() {
            let name = format!("{prefix}{}", attr["name"].as_str().unwrap());
            let Some(subs) = attr["subAttributes"].as_array() else {
                paths.push((name, attr.clone()));
                continue;
            };
            let kinds = subs.iter().find(|sub| sub["name"] == "type").map(|sub| sub["canonicalValues"].clone());
            let kinds = kinds.and_then(|kinds| kinds.as_array().cloned()).unwrap_or_default();
            for sub in subs.iter().filter(|sub| sub["name"] != "type") {
                let part = sub["name"].as_str().unwrap();
                match attr["multiValued"] == true {
                    false => paths.push((format!("{name}.{part}"), sub.clone())),
                    true => {
                        paths.extend(kinds.iter().map(|kind| (format!("{name}[type eq {kind}].{part}"), sub.clone())))
                    }
                }
            }
        }
    }
    paths
}

/// The default mapping of Entra, without what only groups have.
const TARGETS: [&str; 22] = [
    "userName",
    "active",
    "displayName",
    "title",
    "externalId",
    "preferredLanguage",
    "name.givenName",
    "name.familyName",
    "name.formatted",
    "emails[type eq \"work\"].value",
    "phoneNumbers[type eq \"work\"].value",
    "phoneNumbers[type eq \"mobile\"].value",
    "phoneNumbers[type eq \"fax\"].value",
    "addresses[type eq \"work\"].formatted",
    "addresses[type eq \"work\"].streetAddress",
    "addresses[type eq \"work\"].locality",
    "addresses[type eq \"work\"].region",
    "addresses[type eq \"work\"].postalCode",
    "addresses[type eq \"work\"].country",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
];

/// Test 15.
#[tokio::test(flavor = "multi_thread")]
async fn schema_discoverability() {
    let bed = Bed::new().await;
    let paths = flattened(&bed).await;
    for target in TARGETS {
        assert!(paths.iter().any(|(path, _)| path.eq_ignore_ascii_case(target)), "{target} is not in {paths:?}");
    }
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User"] {
        assert_eq!(bed.http.get(path).await.status, 200, "{path}");
    }
}

/// Test 16: every attribute that is not required can be emptied with `""` and with `null`.
#[tokio::test(flavor = "multi_thread")]
async fn null_update() {
    let bed = Bed::new().await;
    let boss = bed.create(json!({"userName": "boss"})).await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let mut emptied = 0;
    for (path, attr) in flattened(&bed).await {
        if attr["mutability"] != "readWrite" || attr["required"] == true {
            continue;
        }
        let bare = bed.read(&id).await;
        for empty in [json!(""), Value::Null] {
            let value = match (path.ends_with("manager.value"), attr["type"] == "boolean") {
                (true, _) => json!(boss),
                (_, true) => json!(true),
                _ => json!("value 1"),
            };
            let value = if path.contains("emails") { json!("value@1.example") } else { value };
            bed.patch(&id, json!([{"op": "Add", "path": path, "value": value}])).await;
            let answer = bed.patch(&id, json!([{"op": "replace", "path": path, "value": empty}])).await;
            if path != "active" {
                let absent = value.as_str().unwrap();
                assert!(!answer.to_string().contains(absent) || path.contains("primary"), "{path}: {answer}");
                assert_eq!(answer["userName"], bare["userName"]);
                emptied += 1;
            }
        }
    }
    assert!(emptied >= 40, "{emptied}");
}

/// Tests 17 and 18: a bare create, and `"Replace"` of each single-valued text.
#[tokio::test(flavor = "multi_thread")]
async fn create_and_update() {
    let bed = Bed::new().await;
    let answer = bed.http.post("/Users", &json!({"userName": "jo@b.example"})).await;
    assert_eq!((answer.status, &answer.body["userName"]), (201, &json!("jo@b.example")));
    let id = answer.body["id"].as_str().expect("an id");
    let mut updated = 0;
    for (path, attr) in flattened(&bed).await {
        if attr["mutability"] == "readWrite"
            && attr["type"] == "string"
            && !path.contains('[')
            && !path.contains("manager")
        {
            for value in ["new value", "New Value", "newer value"].map(|value| format!("{value} {updated}")) {
                let answer = bed.patch(id, json!([{"op": "Replace", "path": path, "value": value}])).await;
                let (name, part) = path
                    .strip_prefix(&format!("{ENTERPRISE}:"))
                    .map_or_else(|| path.split_once('.').unwrap_or((&path, "")), |name| (ENTERPRISE, name));
                let found = if part.is_empty() { &answer[name] } else { &answer[name][part] };
                assert_eq!(found, value.as_str(), "{path}");
                updated += 1;
            }
        }
    }
    assert!(updated >= 36, "{updated}");
}

/// Test 21.
#[tokio::test(flavor = "multi_thread")]
async fn pagination() {
    let bed = Bed::new().await;
    for n in 0..11 {
        bed.create(json!({"userName": format!("page{n}@b.example")})).await;
    }
    let (mut start, mut pages, mut seen) = (1, 0, Vec::new());
    loop {
        let page = bed.http.get(&format!("/Users?startIndex={start}&count=5")).await;
        assert_eq!((page.status, &page.body["startIndex"]), (200, &json!(start)), "echoed");
        let users = page.body["Resources"].as_array().expect("a list").clone();
        if users.is_empty() {
            break;
        }
        assert_eq!(page.body["totalResults"], 11);
        (start, pages) = (start + users.len(), pages + 1);
        seen.extend(users.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!((pages, seen.len()), (3, 11));
}
