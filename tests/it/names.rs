//! Short names that a template makes, and uniqueness where the entry's name is not the `userName`.

use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use futures_util::future::join_all;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;

/// `uid` is a short name made from the `userName`, which is kept whole in `mail`.
const SHORT_NAMES: &str = r#"
[user]
object_classes = ["inetOrgPerson"]
rdn = "uid"
[user.attributes]
userName = { ldap = "mail", required = true }
displayName = { ldap = "displayName" }
[user.derived]
uid = { template = "{{ (userName | split('@') | first) | lower }}{{ number }}", unique = true }
cn = "{{ displayName | default(userName) }}"
sn = "{{ userName }}"
"#;

/// Entries are named by what has nothing to do with the `userName`.
const NAMED_BY_CN: &str = r#"
[user]
object_classes = ["inetOrgPerson"]
rdn = "cn"
[user.attributes]
userName = { ldap = "uid", required = true }
"name.formatted" = { ldap = "cn", required = true }
[user.derived]
sn = "{{ userName }}"
"#;

fn start(slapd: &Slapd, mapping: &str) -> Bridge {
    Setup::new(slapd).mapping(mapping).start()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_name_that_is_taken_gets_a_number() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = start(&slapd, SHORT_NAMES);
    let http = bridge.http();
    for user_name in ["Jo@a.example", "jo@b.example", "JO@c.example"] {
        let answer = http.post("/Users", &json!({ "userName": user_name })).await;
        assert_eq!((answer.status, &answer.body["userName"]), (201, &json!(user_name)), "{}", answer.body);
    }
    let again = http.post("/Users", &json!({"userName": "jo@B.example"})).await;
    assert_eq!((again.status, &again.body["scimType"]), (409, &json!("uniqueness")), "{}", again.body);
    let mut ldap = Ldap::admin(&slapd).await;
    for (uid, mail) in [("jo", "Jo@a.example"), ("jo2", "jo@b.example"), ("jo3", "JO@c.example")] {
        assert_eq!(values(&ldap.person(&slapd, &format!("(uid={uid})")).await, "mail"), [mail]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_name_makes_a_new_short_name_and_keeps_the_id() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = start(&slapd, SHORT_NAMES);
    let http = bridge.http();
    let id = |body: &serde_json::Value| body["id"].as_str().expect("an id").to_owned();
    let jo = id(&http.post("/Users", &json!({"userName": "jo@a.example"})).await.body);
    let al = id(&http.post("/Users", &json!({"userName": "al@a.example"})).await.body);
    let operations = json!([{"op": "Replace", "path": "userName", "value": "jo@b.example"}]);
    let renamed = http.patch(&format!("/Users/{al}"), operations).await;
    assert_eq!((renamed.status, id(&renamed.body)), (200, al), "{}", renamed.body);
    let mut ldap = Ldap::admin(&slapd).await;
    assert_eq!(values(&ldap.person(&slapd, "(mail=jo@b.example)").await, "uid"), ["jo2"]);
    assert_eq!(http.get(&format!("/Users/{jo}")).await.body["userName"], "jo@a.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twins_made_at_once_one_stays() {
    let slapd = Slapd::builder().without(Overlay::Unique).start().unwrap();
    let bridge = start(&slapd, NAMED_BY_CN);
    let mut ldap = Ldap::admin(&slapd).await;
    for pair in 0..20 {
        let body =
            |side: &str| json!({"userName": format!("u{pair}"), "name": {"formatted": format!("{side} {pair}")}});
        let (http, bodies) = (bridge.http(), [body("left"), body("right")]);
        let answers = join_all(bodies.iter().map(|body| http.post("/Users", body))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{answers:?}");
        ldap.person(&slapd, &format!("(uid=u{pair})")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_refused_leaves_nothing_that_was_made_of_it() {
    let slapd = Slapd::builder().start().unwrap();
    let mut ldap = Ldap::admin(&slapd).await;
    let people = slapd.people();
    for ou in ["hr", "it"] {
        let made = ldap.add(&format!("ou={ou},{people}"), &[("objectClass", &["organizationalUnit"])]).await;
        assert_eq!(made, 0);
    }
    // out of the bridge's sight, but not of the `unique` overlay's
    let boss: &[(&str, &[&str])] = &[("objectClass", &["inetOrgPerson"]), ("cn", &["boss"]), ("sn", &["boss"])];
    assert_eq!(ldap.add(&format!("uid=boss,ou=it,{people}"), boss).await, 0);
    let bridge = Setup::new(&slapd).base(&format!("ou=hr,{people}")).start();
    let http = bridge.http();
    let created = http.post("/Users", &json!({"userName": "jo"})).await;
    let path = format!("/Users/{}", created.body["id"].as_str().expect("an id"));
    let operations = json!([{"op": "Replace", "value": {"userName": "boss", "title": "Lead", "active": false}}]);
    let refused = http.patch(&path, operations).await;
    assert_eq!((refused.status, &refused.body["scimType"]), (409, &json!("uniqueness")), "{}", refused.body);
    let jo = ldap.person(&slapd, "(uid=jo)").await;
    assert_eq!((values(&jo, "cn"), values(&jo, "sn")), (vec!["jo"], vec!["jo"]), "fillers follow the name that stays");
    assert_eq!(values(&jo, "title"), ["Lead"]);
    let read = http.get(&path).await;
    assert_eq!((&read.body["active"], read.body.get("name")), (&json!(false), None), "{}", read.body);
    let last = bridge.audit().pop().expect("an audit line");
    let outcomes: Vec<_> = last["steps"].as_array().expect("steps").iter().map(|step| &step["outcome"]).collect();
    // looked at again before it is believed, and taken back each time
    assert!(outcomes.chunks(3).all(|chunk| chunk == ["success", "constraintViolation", "success"]), "{last}");
}
