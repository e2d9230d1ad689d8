//! Lists: pages, and filters that mean what they say.

use crate::support::bed::{Bed, is_error};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The names in a list.
fn names(users: &[Value]) -> BTreeSet<&str> {
    users.iter().map(|user| user["userName"].as_str().expect("a name")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_what_was_asked_for_and_fit_together() {
    let bed = Bed::new().await;
    for n in 0..12 {
        bed.create(json!({"userName": format!("user{n:02}")})).await;
    }
    let mut seen = BTreeSet::new();
    for (start, expected) in [(1, 5), (6, 5), (11, 2), (16, 0)] {
        let page = bed.http.get(&format!("/Users?startIndex={start}&count=5")).await.body;
        let users = page["Resources"].as_array().expect("a list, even when it is empty").clone();
        assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(12), &json!(start)));
        assert_eq!((users.len(), &page["itemsPerPage"]), (expected, &json!(expected)));
        seen.extend(names(&users).into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), 12, "every user is on one page");
    // elsewhere: count=2 was all, startIndex=100 was none and no total, count=-1 was all
    for (query, expected) in [
        ("count=2", 2),
        ("startIndex=100", 0),
        ("startIndex=100&count=2", 0),
        ("count=0", 0),
        ("count=-1", 0),
        ("startIndex=0&count=1", 1),
        ("startIndex=-7&count=1", 1),
        ("startIndex=9223372036854775807&count=9223372036854775807", 0),
        ("COUNT=3&StartIndex=2", 3),
        ("count=100000", 12),
        ("", 12),
    ] {
        let answer = bed.http.get(&format!("/Users?{query}")).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(12)), "{query}");
        assert_eq!(answer.body["Resources"].as_array().map(Vec::len), Some(expected), "{query}");
    }
    for query in ["count=x", "startIndex=1.5", "count=99999999999999999999"] {
        is_error(&bed.http.get(&format!("/Users?{query}")).await, 400, Some("invalidValue"));
    }
    let page = bed.http.get("/Users?filter=userName+pr&startIndex=2&count=3").await.body;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(12), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_mean_what_they_say() {
    let bed = Bed::new().await;
    for (name, active) in [("alice", true), ("bob", false), ("*", true), ("a*", true), ("quote\"name", true)] {
        let mail = [json!({"type": "work", "value": format!("{}@example.org", name.len())})];
        bed.create(json!({"userName": name, "active": active, "title": "T", "emails": mail})).await;
    }
    for (filter, expected) in [
        // elsewhere: no hit
        ("userName eq \"alice\" and active eq true", vec!["alice"]),
        ("active eq \"True\" and userName eq \"alice\"", vec!["alice"]),
        ("userName eq \"bob\" and active eq true", vec![]),
        ("userName eq \"bob\" and not (active eq true)", vec!["bob"]),
        // elsewhere: everybody, and everybody with an a
        ("userName eq \"*\"", vec!["*"]),
        ("userName eq \"a*\"", vec!["a*"]),
        ("userName eq \"al*\"", vec![]),
        ("userName eq \"*)(uid=*\"", vec![]),
        ("userName eq \"alice)(|(uid=*\"", vec![]),
        ("title eq \"*\"", vec![]),
        ("emails.value eq \"*\"", vec![]),
        ("id eq \"*\"", vec![]),
        // elsewhere: 400
        ("USERNAME EQ \"Alice\"", vec!["alice"]),
        // elsewhere: not found
        ("userName eq \"quote\\\"name\"", vec!["quote\"name"]),
        ("userName eq \"alice\" or userName eq \"bob\"", vec!["alice", "bob"]),
        ("userName pr and title co \"t\" and userName ne \"*\" and userName sw \"A\"", vec!["alice", "a*"]),
        ("emails[type eq \"work\"].value eq \"5@EXAMPLE.org\"", vec!["alice"]),
        ("emails[type eq \"work\" and value eq \"5@example.org\"]", vec!["alice"]),
        ("id eq \"x\" and manager eq \"y\"", vec![]),
        ("userName eq \"\"", vec![]),
    ] {
        let found = bed.find(filter).await;
        assert_eq!(names(&found), expected.into_iter().collect(), "{filter}");
    }
    for filter in [
        "userName co \"a\"",
        "active eq true",
        "not (userName eq \"alice\")",
        "userName eq",
        "userName eq \"alice",
        "userName xx \"alice\"",
        "userName eq \"alice\" and",
        "(userName eq \"alice\"",
        "nickName eq \"J\"",
        "emails[type eq \"home\"].value eq \"jo@example.org\"",
        "userName eq \"alice\" or active eq true",
        "active gt true",
        "emails[",
        "*",
        "(uid=*)",
    ] {
        let answer = bed.http.get(&format!("/Users?filter={}", crate::support::bed::encoded(filter))).await;
        is_error(&answer, 400, Some("invalidFilter"));
    }
}

/// Elsewhere: a process-wide switch, and half of the answers had the other endpoint's schema.
#[tokio::test(flavor = "multi_thread")]
async fn two_endpoints_at_once_stay_apart() {
    let slapd = Slapd::builder().start().unwrap();
    let stock = concat!(env!("CARGO_MANIFEST_DIR"), "/config/mappings/openldap-stock.toml");
    let groups = slapd.groups();
    let second = format!(
        "[endpoint.other]\npath = '/scim/other'\ndirectory = 'lab'\nmapping = '{stock}'\nusers = {{ base = '{groups}' }}\n"
    );
    let bed = Bed::with(slapd, |setup| setup.further(&second)).await;
    let token = bed.bridge.run(&["token", "create", "--name", "second", "--endpoint", "other"]).0;
    let other = bed.bridge.http_at("/scim/other", Some(token.trim()));
    for _ in 0..100 {
        // a new token is noticed within seconds
        if other.get("/Users").await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for n in 0..40 {
        let (here, there) = (json!({"userName": format!("h{n}")}), json!({"userName": format!("t{n}")}));
        let (here, there) = tokio::join!(bed.http.post("/Users", &here), other.post("/Users", &there));
        assert_eq!((here.status, there.status), (201, 201), "{} {}", here.body, there.body);
        let (a, b, c, d) = tokio::join!(
            bed.http.get("/Users?count=1"),
            other.get("/Users?count=1"),
            bed.http.get("/Schemas"),
            other.get("/Schemas")
        );
        assert_eq!((&a.body["totalResults"], &b.body["totalResults"]), (&json!(n + 1), &json!(n + 1)));
        for (answer, path) in [(&a, "/scim/v2/"), (&b, "/scim/other/"), (&c, "/scim/v2/"), (&d, "/scim/other/")] {
            let location = answer.body["Resources"][0]["meta"]["location"].as_str().expect("a location");
            assert!(location.contains(path), "{location}");
        }
        assert_ne!(c.body, d.body, "the mappings differ");
        let id = here.body["id"].as_str().unwrap();
        is_error(&other.get(&format!("/Users/{id}")).await, 404, None);
        is_error(&other.delete(&format!("/Users/{id}")).await, 404, None);
    }
    // a token of one endpoint is nothing to the other
    is_error(&bed.bridge.http_at("/scim/other", Some(&bed.bridge.token)).get("/Users").await, 401, None);
}
