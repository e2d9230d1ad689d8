//! Names that mean something in DNs, ids that are no ids, and renames.

use crate::support::bed::{Bed, encoded, is_error};
use crate::support::ldap::values;
use serde_json::{Value, json};

/// Names with every character that means something in a DN (RFC 4514), a filter (RFC 4515) or a URL.
const NAMES: [&str; 25] = [
    // elsewhere: created, but with a doubly escaped RDN and two values of uid, and no userName when read
    "comma,name",
    "bob+tag@example.com",
    "quote\"name",
    "less<more>",
    "semi;colon",
    // elsewhere: the entry landed in another subtree, or outside of the base altogether
    "evil,ou=sub",
    "out\\",
    "out\\,ou=users",
    "x,ou=people,dc=example,dc=com",
    // elsewhere: 400, not a valid DN
    "back\\slash",
    "paren(s)",
    "eq=name",
    // elsewhere: created, then unreachable by its id
    "\\2c",
    "\\00",
    // elsewhere: readable, but PATCH and DELETE were 500
    "slash/name",
    "../admin",
    // right elsewhere, and here
    " leading",
    "trailing ",
    "#hash",
    "%20",
    "a?b&c=d",
    "*",
    "a*",
    "*)(uid=*",
    "größe 😀",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_name_lives_a_whole_life_in_its_place() {
    let mut bed = Bed::new().await;
    let people = bed.directory.people();
    for unit in ["sub", "users"] {
        let dn = format!("ou={unit},{people}");
        assert_eq!(bed.ldap.add(&dn, &[("objectClass", &["organizationalUnit"]), ("ou", &[unit])]).await, 0);
    }
    let before = bed.everything().await;
    for name in NAMES {
        let answer = bed.http.post("/Users", &json!({"userName": name, "title": "T"})).await;
        assert_eq!((answer.status, answer.body["userName"].as_str()), (201, Some(name)), "{}", answer.body);
        let id = answer.body["id"].as_str().expect("an id").to_owned();
        assert_eq!(answer.headers["location"].to_str().unwrap(), format!("{}/Users/{id}", bed.bridge.tenant_url()));
        let entry = bed.entry(&id).await;
        assert_eq!(values(&entry, "uid"), [name], "{}", entry.dn);
        let found = bed.ldap.search_one_level(&people, &format!("(entryUUID={id})")).await;
        assert_eq!(found.len(), 1, "directly below the people: {}", entry.dn);
        assert_eq!(bed.read(&id).await["userName"], name);
        let found = bed.named(name).await;
        assert_eq!((found.len(), &found[0]["id"]), (1, &Value::from(id.as_str())), "{name}");
        assert_eq!(bed.patch(&id, json!([{"op": "replace", "path": "title", "value": "U"}])).await["title"], "U");
        let other = format!("{name}2");
        let rename = json!([{"op": "replace", "path": "userName", "value": other}]);
        assert_eq!(bed.patch(&id, rename).await["userName"], other);
        assert_eq!(values(&bed.entry(&id).await, "uid"), [&other]);
        let path = format!("/Users/{id}");
        let put = bed.http.put(&path, &json!({"userName": name})).await;
        assert_eq!((put.status, put.body["userName"].as_str()), (200, Some(name)), "{}", put.body);
        assert_eq!(bed.http.delete(&path).await.status, 204, "{name}");
        assert_eq!(bed.everything().await, before, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_odd_names_live_beside_each_other() {
    let bed = Bed::new().await;
    let mut ids = Vec::new();
    for name in NAMES {
        ids.push(bed.create(json!({"userName": name})).await);
    }
    for (name, id) in NAMES.iter().zip(&ids) {
        let found = bed.named(name).await;
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0]["id"], id.as_str(), "{name}");
        is_error(&bed.http.post("/Users", &json!({"userName": name})).await, 409, Some("uniqueness"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_dn_is_an_id() {
    let mut bed = Bed::new().await;
    let group = format!("cn=team,{}", bed.directory.groups());
    let member = bed.directory.people();
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["team"]), ("member", &[&member])];
    assert_eq!(bed.ldap.add(&group, &attrs).await, 0);
    let id = bed.create(json!({"userName": "jo"})).await;
    let before = bed.everything().await;
    // elsewhere: a DN was taken as an id, also one outside of the base: 200, and 204 and gone
    let mut ids: Vec<String> = before.iter().map(|dn| encoded(dn)).collect();
    // elsewhere: a group could be deleted through /Users
    let mut foreign = Vec::new();
    for entry in bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await {
        foreign.extend(values(&entry, "entryUUID").into_iter().filter(|found| *found != id).map(str::to_owned));
    }
    assert!(foreign.len() > 5);
    ids.extend(foreign);
    ids.extend(["*", "jo", "uid=jo", "(uid=jo)", "..", "%2e%2e", "%00", "undefined", "null"].map(str::to_owned));
    ids.extend([format!("{id}%20"), format!("{id}*"), format!("{{{id}}}"), id.replace('-', "")]);
    for foreign in ids {
        let path = format!("/Users/{foreign}");
        let change = json!([{"op": "replace", "path": "title", "value": "taken over"}]);
        for answer in [
            bed.http.get(&path).await,
            bed.http.patch(&path, change).await,
            bed.http.put(&path, &json!({"userName": "taken-over"})).await,
            bed.http.delete(&path).await,
        ] {
            is_not_found(&answer, &foreign);
        }
    }
    assert_eq!(bed.everything().await, before);
    assert!(bed.ldap.search(bed.directory.suffix(), "(title=taken over)").await.is_empty());
}

/// A path of dots is normalized by clients and may miss the resource as a whole.
fn is_not_found(answer: &crate::support::http::Answer, id: &str) {
    if answer.status == 405 {
        assert!(["..", "%2e%2e"].contains(&id), "{id}");
        return is_error(answer, 405, None);
    }
    is_error(answer, 404, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_keeps_the_id_and_all_that_points_at_the_entry() {
    let mut bed = Bed::new().await;
    let boss = bed.create(json!({"userName": "boss,the +1"})).await;
    let manager = format!("{}:manager", crate::support::bed::ENTERPRISE);
    let id = bed.create(json!({"userName": "jo"})).await;
    bed.patch(&id, json!([{"op": "add", "path": manager, "value": boss}])).await;
    let dn = bed.entry(&boss).await.dn;
    let group = format!("cn=team,{}", bed.directory.groups());
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["team"]), ("member", &[&dn])];
    assert_eq!(bed.ldap.add(&group, &attrs).await, 0);
    // elsewhere: the rename worked, but the id changed and meta.location named the old one
    let renamed = bed.patch(&boss, json!([{"op": "Replace", "path": "userName", "value": "chef; <neu>"}])).await;
    assert_eq!((renamed["id"].as_str(), renamed["userName"].as_str()), (Some(boss.as_str()), Some("chef; <neu>")));
    assert_eq!(renamed["meta"]["location"], format!("{}/Users/{boss}", bed.bridge.tenant_url()));
    assert!(bed.named("boss,the +1").await.is_empty());
    assert_eq!(bed.read(&id).await[crate::support::bed::ENTERPRISE]["manager"]["value"], boss.as_str());
    let entry = bed.entry(&boss).await;
    assert_eq!(values(&entry, "memberOf"), [group.as_str()]);
    assert_eq!(values(&entry, "uid"), ["chef; <neu>"], "the old name is gone");
    // a change of case alone is a rename too, and never somebody else
    let renamed = bed.patch(&boss, json!([{"op": "Replace", "path": "userName", "value": "CHEF; <neu>"}])).await;
    assert_eq!(renamed["userName"], "CHEF; <neu>");
    let taken = json!([{"op": "Replace", "path": "userName", "value": "JO"}]);
    is_error(&bed.try_patch(&boss, taken).await, 409, Some("uniqueness"));
    assert_eq!(bed.read(&boss).await["userName"], "CHEF; <neu>");
}
