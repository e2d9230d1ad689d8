//! A password is in no answer, no log, no audit line, no explanation and no metric.

use super::{SECRET, bed};
use crate::support::bed::is_error;
use crate::support::bridge::Bridge;
use reqwest::Method;
use scim_ldap_bridge::lab::{Directory, Ds389, Slapd};
use serde_json::{Value, json};

/// What a part of a password looks like that is no accident.
const PART: &str = "3im-Wo";

/// Whether some text about the bridge tells anything about the password.
async fn tells(bridge: &Bridge) -> Option<String> {
    let audit = bridge.audit().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (_, metrics) = bridge.admin("/metrics").await;
    [bridge.log(), audit, metrics].into_iter().find(|text| text.contains(PART))
}

async fn nothing_is_told<D: Directory>(directory: D) {
    let bed = bed(directory, "source = 'scim'").await;
    let id = bed.create(json!({"userName": "jo", "password": SECRET})).await;
    let path = format!("/Users/{id}");
    let operation = json!({"op": "Replace", "path": "password", "value": SECRET});
    let patch = |operations: Value| {
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}).to_string()
    };
    let lists = json!([{"op": "Replace", "path": "password", "value": [SECRET, SECRET]}]);
    let bodies = [
        (Method::POST, "/Users", json!({"userName": "jo", "password": SECRET}).to_string(), 409),
        (Method::POST, "/Users", json!({"password": SECRET}).to_string(), 400),
        (Method::POST, "/Users", json!({"userName": "lee", "password": {"x": SECRET}}).to_string(), 400),
        (Method::POST, "/Users", format!("{{\"password\": \"{SECRET}\", "), 400),
        (Method::POST, "/Users", format!("{{\"password\": \"{SECRET}\", \"PASSWORD\": \"{SECRET}\"}}"), 400),
        (Method::PATCH, &path, patch(json!([operation, {"op": "Remove", "path": "userName"}])), 400),
        (Method::PATCH, &path, patch(json!([{"op": SECRET, "path": "password", "value": SECRET}])), 0),
        (Method::PATCH, &path, patch(lists), 400),
        (Method::PATCH, &path, patch(json!([operation])), 200),
        (Method::PATCH, "/Users/none", patch(json!([operation])), 404),
        (Method::PUT, &path, json!({"userName": "jo", "password": SECRET}).to_string(), 200),
    ];
    for (method, path, body, status) in bodies {
        let answer = bed.send(method, path, body.clone()).await;
        assert!(status == 0 || answer.status == status, "{body}: {answer:?}");
        // an unknown operation is named, and a client that puts a password there is told so by nobody else
        assert!(status == 0 || !answer.body.to_string().contains(PART), "{body}: {answer:?}");
    }
    let filter = bed.http.get(&format!("/Users?filter=password%20eq%20%22{SECRET}%22")).await;
    is_error(&filter, 400, Some("invalidFilter"));
    assert!(!filter.body.to_string().contains(PART), "{filter:?}");
    let shown = bed.http.get(&format!("{path}?attributes=password,userName")).await;
    assert_eq!((shown.status, shown.body.get("password")), (200, None), "{shown:?}");
    let body = bed.bridge.folder().join("user.json");
    std::fs::write(&body, json!({"userName": "kim", "password": SECRET}).to_string()).unwrap();
    let (out, err, code) = bed.bridge.run(&["explain", "--method", "POST", "--path", "/Users", body.to_str().unwrap()]);
    assert!(code == 0 && out.contains("# redacted"), "{out}{err}");
    assert!(!out.contains(PART) && !err.contains(PART), "{out}{err}");
    assert_eq!(tells(&bed.bridge).await, None);
    let schema = bed.http.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await;
    let attrs = schema.body["attributes"].as_array().unwrap();
    let password = attrs.iter().find(|attr| attr["name"] == "password").expect("an attribute");
    assert_eq!((&password["mutability"], &password["returned"]), (&json!("writeOnly"), &json!("never")));
    let config = bed.http.get("/ServiceProviderConfig").await;
    assert_eq!(config.body["changePassword"]["supported"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_password_in_openldap() {
    nothing_is_told(Slapd::builder().start().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_password_in_ds389() {
    nothing_is_told(Ds389::builder().start().unwrap()).await;
}
