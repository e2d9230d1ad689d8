//! What no decent client sends: nothing of it may reach another entry, and every answer is a SCIM error or right.

use crate::support::bridge::{Bridge, Setup};
use crate::support::http::{Answer, send};
use crate::support::ldap::{Ldap, values};
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// A user body with this name.
fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "displayName": name})
}

/// `?filter=userName eq "<name>"`, every byte encoded that could matter.
fn by_name(name: &str) -> String {
    let quoted = serde_json::to_string(name).unwrap();
    let value: String = form_urlencoded::byte_serialize(format!("userName eq {quoted}").as_bytes()).collect();
    format!("/Users?filter={value}")
}

/// The answer must be a SCIM error with this status; returns its `scimType`.
fn error(answer: &Answer, status: u16) -> Option<&str> {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.headers["content-type"].to_str().unwrap().split(';').next(), Some("application/scim+json"));
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.body["status"], status.to_string());
    answer.body["scimType"].as_str()
}

/// Sends bytes as they are.
async fn raw(bridge: &Bridge, method: Method, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
    send(bridge.http().request(method, path).header("content-type", media_type).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_every_special_character_are_kept_apart() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let http = bridge.http();
    let names = [
        "a,b",
        "a+b",
        "a\"b",
        "a\\b",
        "a<b>",
        "a;b",
        "#a",
        "a=b",
        " a",
        "a ",
        "*",
        "*)(uid=*",
        "(a)",
        "a\\2ab",
        "ä",
        "é中",
        "𝒟🂡\u{10FFFD}",
        "a/b",
        "a%b",
        "uid=x,ou=people",
        "a&b",
    ];
    for name in names {
        let created = http.post("/Users", &user(name)).await;
        assert_eq!(created.status, 201, "{name:?}: {created:?}");
        assert_eq!(created.body["userName"], name);
        let id = created.body["id"].as_str().unwrap();
        let read = http.get(&format!("/Users/{id}")).await;
        assert_eq!(read.body["userName"], name);
        let found = http.get(&by_name(name)).await;
        assert_eq!(found.body["totalResults"], 1, "{name:?}: {found:?}");
        assert_eq!(found.body["Resources"][0]["id"], id);
        let operations = json!([
            {"op": "replace", "path": "userName", "value": format!("{name}{name}")},
            {"op": "replace", "path": "userName", "value": name},
            {"op": "replace", "path": "title", "value": name},
        ]);
        let renamed = http.patch(&format!("/Users/{id}"), operations).await;
        assert_eq!(renamed.status, 200, "{name:?}: {renamed:?}");
        assert_eq!(http.delete(&format!("/Users/{id}")).await.status, 204, "{name:?}");
    }
    assert!(Ldap::admin(&slapd).await.search(&slapd.people(), "(uid=*)").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_do_not_reach_past_their_value() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let http = bridge.http();
    assert_eq!(http.post("/Users", &user("jo")).await.status, 201);
    for name in ["*", "*)(uid=*", "jo)(objectClass=*", "j*", "jo\u{0}", "\u{0}", "jo*", "\\6a\\6f", "JO)"] {
        let found = http.get(&by_name(name)).await;
        if found.status == 200 {
            assert_eq!(found.body["totalResults"], 0, "{name:?}");
        } else {
            error(&found, 400);
        }
    }
    for filter in ["userName", "userName eq", "userName zz \"a\"", "((((", "userName eq \"a", "\u{1}", "not", "a[b"] {
        let value: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = http.get(&format!("/Users?filter={value}")).await;
        assert_eq!(error(&answer, 400), Some("invalidFilter"), "{filter:?}");
    }
    let bomb: String = form_urlencoded::byte_serialize("(".repeat(3000).as_bytes()).collect();
    let answer = http.get(&format!("/Users?filter={bomb}")).await;
    assert_eq!(error(&answer, 400), Some("invalidFilter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_are_scim_errors() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let scim = "application/scim+json";
    let deep = format!("{{\"userName\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    for (body, kind) in [
        ("", "invalidSyntax"),
        ("{", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        ("{\"userName\":\"a\",\"userName\":\"b\"}", "invalidSyntax"),
        (&deep, "invalidSyntax"),
        ("{\"userName\":7}", "invalidValue"),
        ("{\"userName\":\"a\",\"active\":\"perhaps\"}", "invalidValue"),
        ("{\"userName\":\"a\",\"name\":\"b\"}", "invalidValue"),
        ("{\"displayName\":\"nobody\"}", "invalidValue"),
    ] {
        let answer = raw(&bridge, Method::POST, "/Users", scim, body.as_bytes().to_vec()).await;
        assert_eq!(error(&answer, 400), Some(kind), "{}", &body[..body.len().min(60)]);
    }
    error(&raw(&bridge, Method::POST, "/Users", scim, vec![0xff, 0xfe]).await, 400);
    error(&raw(&bridge, Method::POST, "/Users", "text/plain", b"{}".to_vec()).await, 415);
    error(&raw(&bridge, Method::POST, "/Users", scim, vec![b' '; 2 << 20]).await, 413);
    error(&bridge.http().get("/Nothing").await, 404);
    error(&bridge.http().get("/Users/../../x").await, 404);
    error(&bridge.http().delete("/Users").await, 405);
    for id in ["x", "*", "00000000-0000-0000-0000-000000000000", "..%2F", "%00", "a%20b", "uid=jo"] {
        error(&bridge.http().get(&format!("/Users/{id}")).await, 404);
        error(&bridge.http().delete(&format!("/Users/{id}")).await, 404);
    }
    assert!(Ldap::admin(&slapd).await.search(&slapd.people(), "(uid=*)").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_people_below_the_base_can_be_seen_or_touched() {
    let slapd = Slapd::builder()
        .entries(
            &[
                "dn: ou=inside,ou=people,dc=example,dc=com\nobjectClass: organizationalUnit\nou: inside",
                "dn: uid=out,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: out\ncn: out\nsn: out",
                "dn: uid=in,ou=inside,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: in\ncn: in\nsn: in",
                "dn: cn=thing,ou=inside,ou=people,dc=example,dc=com\nobjectClass: device\ncn: thing",
            ]
            .join("\n\n"),
        )
        .start()
        .unwrap();
    let bridge = Setup::new(&slapd).base("ou=inside,ou=people,dc=example,dc=com").start();
    let (http, mut admin) = (bridge.http(), Ldap::admin(&slapd).await);
    let all = http.get("/Users").await;
    assert_eq!(all.body["totalResults"], 1, "{all:?}");
    assert_eq!(all.body["Resources"][0]["userName"], "in");
    for filter in ["(uid=out)", "(cn=thing)", "(ou=inside)"] {
        let entry = admin.person(&slapd, filter).await;
        let id = values(&entry, "entryUUID")[0].to_owned();
        let path = format!("/Users/{id}");
        error(&http.get(&path).await, 404);
        error(&http.patch(&path, json!([{"op": "replace", "path": "title", "value": "x"}])).await, 404);
        error(&http.put(&path, &user("x")).await, 404);
        error(&http.delete(&path).await, 404);
        assert_eq!(values(&admin.person(&slapd, filter).await, "entryCSN"), values(&entry, "entryCSN"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn put_clears_what_it_omits_and_the_audit_trail_says_so() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let http = bridge.http();
    let mut jo = user("jo");
    jo["title"] = json!("Engineer");
    jo["nickName"] = json!("not mapped");
    let created = http.post("/Users", &jo).await;
    let id = created.body["id"].as_str().unwrap().to_owned();
    assert_eq!(error(&http.post("/Users", &user("JO")).await, 409), Some("uniqueness"));
    let put = http.put(&format!("/Users/{id}"), &user("jo")).await;
    assert_eq!((put.status, put.body.get("title")), (200, None));
    let outcomes: Vec<Value> = bridge.audit().into_iter().filter(|line| line["phase"] == "outcome").collect();
    let verbs: Vec<&str> = outcomes.iter().filter_map(|line| line["verb"].as_str()).collect();
    assert_eq!(verbs.first(), Some(&"create"));
    assert_eq!(verbs.last(), Some(&"replace"));
    assert_eq!(outcomes[0]["ignored"], json!(["nickName"]));
    assert_eq!(outcomes[0]["caller"], "test");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_holds_no_dn_of_the_clients_making() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let http = bridge.http();
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    // how the bridge itself marks a DN that it has not resolved yet
    let forged = format!("\u{1}{}", slapd.admin().0);
    let mut body = user("jo");
    body[urn] = json!({"manager": {"value": forged}});
    let created = http.post("/Users", &body).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    let operations = json!([{"op": "add", "path": format!("{urn}:manager"), "value": forged}]);
    assert_eq!(error(&http.patch(&path, operations).await, 400), Some("invalidValue"));
    assert_eq!(http.put(&path, &body).await.status, 200);
    let mut ldap = Ldap::admin(&slapd).await;
    assert_eq!(values(&ldap.person(&slapd, "(uid=jo)").await, "manager"), [""; 0]);
}
