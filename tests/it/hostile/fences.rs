//! What is not this endpoint's is not there: outside of the base, of another class, above, beside and inside.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::http::Http;
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// Entries around the base `uid=base,ou=people,…`, which itself looks like a user.
const AROUND: &str = "\
dn: uid=base,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: base
cn: base
sn: base

dn: uid=inside,uid=base,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: inside
cn: inside
sn: inside
title: inside
title;lang-de: drinnen
manager: uid=beside,ou=people,dc=example,dc=com

dn: uid=below,uid=inside,uid=base,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: below
cn: below
sn: below

dn: cn=printer,uid=base,ou=people,dc=example,dc=com
objectClass: device
cn: printer
serialNumber: 7

dn: uid=account,uid=base,ou=people,dc=example,dc=com
objectClass: account
uid: account

dn: cn=team,uid=base,ou=people,dc=example,dc=com
objectClass: groupOfNames
cn: team
member: uid=inside,uid=base,ou=people,dc=example,dc=com

dn: cn=elsewhere,uid=base,ou=people,dc=example,dc=com
objectClass: referral
objectClass: extensibleObject
cn: elsewhere
ref: ldap://127.0.0.1:1/dc=elsewhere

dn: uid=beside,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: beside
cn: beside
sn: beside

dn: uid=nobase,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: nobase
cn: nobase
sn: nobase";

/// The base of the endpoint.
const BASE: &str = "uid=base,ou=people,dc=example,dc=com";

async fn bed() -> Bed {
    let slapd = Slapd::builder().entries(AROUND).start().unwrap();
    Bed::with(slapd, |setup| setup.base(BASE)).await
}

/// What every entry holds.
async fn state(ldap: &mut Ldap, filter: &str) -> Vec<(String, Vec<String>)> {
    let entries = ldap.search("dc=example,dc=com", filter).await;
    let csn = |entry: &ldap3::SearchEntry| values(entry, "entryCSN").into_iter().map(str::to_owned).collect();
    let mut state: Vec<_> = entries.iter().map(|entry| (entry.dn.clone(), csn(entry))).collect();
    state.sort();
    state
}

/// Every way to reach an entry by its id.
async fn is_unreachable(http: &Http, id: &str) {
    let path = format!("/Users/{id}");
    is_error(&http.get(&path).await, 404, None);
    is_error(&http.patch(&path, json!([{"op": "replace", "path": "title", "value": "x"}])).await, 404, None);
    is_error(&http.patch(&path, json!([])).await, 404, None);
    is_error(&http.put(&path, &json!({"userName": "x"})).await, 404, None);
    is_error(&http.delete(&path).await, 404, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_users_below_the_base_are_seen_and_touched() {
    let mut bed = bed().await;
    let names = |list: &Value| {
        let users = list["Resources"].as_array().expect("a list");
        let mut names: Vec<String> = users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let list = bed.http.get("/Users").await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert_eq!(names(&list.body), ["below", "inside"]);
    let before = state(&mut bed.ldap, "(objectClass=*)").await;
    for entry in bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await {
        let id = values(&entry, "entryUUID")[0].to_owned();
        let name = values(&entry, "uid").first().map_or("printer", |name| *name).to_owned();
        if ["inside", "below"].contains(&name.as_str()) {
            assert_eq!(bed.read(&id).await["userName"], name.as_str());
            continue;
        }
        is_unreachable(&bed.http, &id).await;
        assert!(bed.find(&format!("id eq \"{id}\"")).await.is_empty(), "{}", entry.dn);
        assert!(bed.named(&name).await.is_empty(), "{}", entry.dn);
    }
    assert_eq!(state(&mut bed.ldap, "(objectClass=*)").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_outside_is_neither_a_reference_nor_in_the_way() {
    let mut bed = bed().await;
    let inside = bed.named("inside").await[0].clone();
    // a manager outside is not shown, not found, cannot be set, and stays where it is
    assert!(inside.get(ENTERPRISE).is_none_or(|extension| extension.get("manager").is_none()), "{inside}");
    let beside = bed.ldap.search(&bed.directory.people(), "(uid=beside)").await;
    let beside = values(&beside[0], "entryUUID")[0].to_owned();
    assert!(bed.find(&format!("manager eq \"{beside}\"")).await.is_empty());
    let id = inside["id"].as_str().unwrap().to_owned();
    let set = json!([{"op": "add", "path": "manager", "value": beside}]);
    is_error(&bed.try_patch(&id, set).await, 400, Some("invalidValue"));
    bed.patch(&id, json!([{"op": "replace", "path": "displayName", "value": "Inside"}])).await;
    let put = bed.http.put(&format!("/Users/{id}"), &json!({"userName": "inside", "title": "put"})).await;
    assert_eq!(put.status, 200, "{}", put.body);
    // values of another language are not the title's
    let entry = bed.entry(&id).await;
    assert_eq!(values(&entry, "title;lang-de"), ["drinnen"]);
    assert_eq!(values(&entry, "title"), ["put"]);
    assert!(bed.find("title eq \"drinnen\"").await.is_empty());
    // a name that another entry has, of whatever class, is a conflict and changes nothing
    for name in ["account", "ACCOUNT"] {
        let before = state(&mut bed.ldap, "(objectClass=*)").await;
        is_error(&bed.http.post("/Users", &json!({"userName": name})).await, 409, Some("uniqueness"));
        let rename = json!([{"op": "replace", "path": "userName", "value": name}]);
        is_error(&bed.try_patch(&id, rename).await, 409, Some("uniqueness"));
        is_error(&bed.http.put(&format!("/Users/{id}"), &json!({"userName": name})).await, 409, Some("uniqueness"));
        assert_eq!(state(&mut bed.ldap, "(objectClass=*)").await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_with_entries_below_it_is_not_deleted() {
    let mut bed = bed().await;
    let id = bed.named("inside").await[0]["id"].as_str().unwrap().to_owned();
    let before = bed.everything().await;
    let answer = bed.http.delete(&format!("/Users/{id}")).await;
    is_error(&answer, 409, None);
    assert_eq!(bed.everything().await, before);
    let below = bed.named("below").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bed.http.delete(&format!("/Users/{below}")).await.status, 204);
    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(bed.everything().await.len(), before.len() - 2);
}

/// What the directory holds beyond the mapping is kept, whatever a client writes.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_mapping_does_not_name_stays() {
    let mut bed = Bed::new().await;
    let further: [(&str, &[&str]); 5] = [
        ("description", &["by hand", "twice"]),
        ("userPassword", &["Kept-Secret-1"]),
        ("roomNumber", &["7"]),
        ("mail", &["first@x.example", "second@x.example"]),
        ("telephoneNumber", &["1", "2"]),
    ];
    assert_eq!(bed.ldap.add_person(&bed.directory, "jo", &further).await, 0);
    assert_eq!(bed.ldap.add_value(&format!("uid=jo,{}", bed.directory.people()), "uid", "second-name").await, 0);
    let before = bed.ldap.person(&bed.directory, "(uid=jo)").await;
    let id = values(&before, "entryUUID")[0].to_owned();
    assert!(bed.named("second-name").await.is_empty());
    bed.patch(
        &id,
        json!([
            {"op": "replace", "path": "emails[value eq \"first@x.example\"].value", "value": "third@x.example"},
            {"op": "replace", "path": "userName", "value": "joan"},
            {"op": "add", "path": "title", "value": "T"},
        ]),
    )
    .await;
    let after = bed.entry(&id).await;
    for attr in ["description", "userPassword", "roomNumber", "telephoneNumber"] {
        assert_eq!(values(&after, attr), values(&before, attr), "{attr}");
    }
    assert_eq!(values(&after, "mail"), ["second@x.example", "third@x.example"]);
    assert_eq!(values(&after, "uid"), ["joan", "second-name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_holds_no_dn_of_the_clients_making() {
    let mut bed = Bed::new().await;
    // the first is how the bridge itself marks a DN that it has not resolved yet
    let admin = bed.directory.admin().0;
    for (n, forged) in [format!("\u{1}{admin}"), admin].into_iter().enumerate() {
        let user = json!({"userName": format!("jo{n}"), ENTERPRISE: {"manager": {"value": forged}}});
        let id = bed.create(user.clone()).await;
        let change = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": forged}]);
        is_error(&bed.try_patch(&id, change).await, 400, Some("invalidValue"));
        assert_eq!(bed.http.put(&format!("/Users/{id}"), &user).await.status, 200);
        assert!(values(&bed.entry(&id).await, "manager").is_empty());
    }
}
