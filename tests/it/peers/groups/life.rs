//! Groups themselves: created, named, read, renamed and refused.

use super::{CLASSES, Class, NOBODY, has};
use crate::support::bed::{Bed, encoded, is_error};
use crate::support::ldap::values;
use reqwest::Method;
use serde_json::{Value, json};

/// The groups that a filter finds.
async fn find(bed: &Bed, filter: &str) -> Vec<Value> {
    let answer = bed.http.get(&format!("/Groups?filter={}", encoded(filter))).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
    answer.body["Resources"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_created_empty_and_shown_as_it_is() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Team",
            "externalId": "e-1", "meta": {"resourceType": "Group"}});
        // elsewhere: 400, the object class demands a member
        let answer = bed.http.post("/Groups", &group).await;
        assert_eq!((answer.status, answer.body.get("members")), (201, None), "{}", answer.body);
        let id = answer.body["id"].as_str().expect("an id").to_owned();
        let url = format!("{}/Groups/{id}", bed.bridge.tenant_url());
        assert_eq!(answer.headers["location"].to_str().unwrap(), url);
        assert_eq!((&answer.body["meta"]["location"], &answer.body["externalId"]), (&json!(url), &json!("e-1")));
        let demanded: &[&str] = if class == Class::GroupOfNames { &[NOBODY] } else { &[] };
        assert_eq!(values(&bed.entry(&id).await, "member"), demanded);
        has(&mut bed, &id, &[]).await;
        assert!(!bed.http.get("/Groups").await.body.to_string().contains("nobody"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_is_told_once_and_by_id() {
    for class in CLASSES {
        let bed = class.bed().await;
        let [a, b] = bed.create_users(["a+1", "b,2"]).await;
        let members = json!([{"value": a, "$ref": "x", "display": "A"}, {"value": b}, {"value": a}]);
        let answer = bed.http.post("/Groups", &json!({"displayName": "Team", "members": members})).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        // elsewhere: each twice, as an encoded DN and as a plain one
        let mut told = answer.body["members"].as_array().expect("a list").clone();
        told.sort_by_key(Value::to_string);
        let mut expected = [json!({"value": a}), json!({"value": b})];
        expected.sort_by_key(Value::to_string);
        assert_eq!(told, expected);
        // elsewhere: right, and here
        let id = answer.body["id"].as_str().unwrap();
        let less = bed.http.get(&format!("/Groups/{id}?excludedAttributes=members")).await.body;
        assert_eq!((less.get("members"), &less["displayName"]), (None, &json!("Team")));
    }
}

/// Names with every character that means something in a DN (RFC 4514), a filter (RFC 4515) or a URL.
const NAMES: [&str; 21] = [
    "comma,name",
    "plus+name",
    "quote\"name",
    "less<more>",
    "semi;colon",
    "evil,ou=sub",
    "out\\",
    "x,ou=groups,dc=example,dc=com",
    "back\\slash",
    "paren(s)",
    "eq=name",
    "\\2c",
    "slash/name",
    "../admin",
    " leading",
    "trailing ",
    "#hash",
    "%20",
    "*",
    "*)(cn=*",
    "größe 😀",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_name_lives_a_whole_life_in_its_place() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        let (groups, [user]) = (bed.directory.groups(), bed.create_users(["jo"]).await);
        let unit = [("objectClass", &["organizationalUnit"][..]), ("ou", &["sub"])];
        assert_eq!(bed.ldap.add(&format!("ou=sub,{groups}"), &unit).await, 0);
        let before = bed.everything().await;
        for name in NAMES {
            let id = bed.create_group(json!({"displayName": name})).await;
            let entry = bed.entry(&id).await;
            // elsewhere: a doubly escaped RDN, two values of cn, or an entry in another subtree
            assert_eq!(values(&entry, "cn"), [name], "{}", entry.dn);
            assert_eq!(bed.ldap.search_one_level(&groups, &format!("(entryUUID={id})")).await.len(), 1, "{}", entry.dn);
            let found = find(&bed, &format!("displayName eq {}", json!(name))).await;
            assert_eq!((found.len(), &found[0]["id"], &found[0]["displayName"]), (1, &json!(id), &json!(name)));
            bed.patch_group(&id, json!([{"op": "Add", "path": "members", "value": [{"value": user}]}])).await;
            let other = format!("{name}2");
            bed.patch_group(&id, json!([{"op": "Replace", "path": "displayName", "value": other}])).await;
            assert_eq!(values(&bed.entry(&id).await, "cn"), [&other]);
            has(&mut bed, &id, &[&user]).await;
            is_error(&bed.http.post("/Groups", &json!({"displayName": other})).await, 409, Some("uniqueness"));
            assert_eq!(bed.http.delete(&format!("/Groups/{id}")).await.status, 204, "{name}");
            assert_eq!(bed.everything().await, before, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_keeps_the_id_and_the_memberships() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        let [jo] = bed.create_users(["jo"]).await;
        let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
        let outer = bed.create_group(json!({"displayName": "Outer", "members": [{"value": id}, {"value": jo}]})).await;
        bed.patch_group(&id, json!([{"op": "Replace", "path": "displayName", "value": "Crew, new"}])).await;
        // elsewhere: the id changed, and meta.location named the old one
        let group = bed.http.get(&format!("/Groups/{id}")).await.body;
        assert_eq!((&group["id"], &group["displayName"]), (&json!(id), &json!("Crew, new")));
        assert_eq!(group["meta"]["location"], format!("{}/Groups/{id}", bed.bridge.tenant_url()));
        has(&mut bed, &id, &[&jo]).await;
        has(&mut bed, &outer, &[&jo, &id]).await;
        assert!(find(&bed, "displayName eq \"Team\"").await.is_empty());
        if class == Class::GroupOfNames {
            let mut groups = [bed.entry(&id).await.dn, bed.entry(&outer).await.dn];
            groups.sort();
            assert_eq!(values(&bed.entry(&jo).await, "memberOf"), groups);
        }
        let outer_has = values(&bed.entry(&outer).await, "member").into_iter().filter(|dn| *dn != NOBODY).count();
        assert_eq!(outer_has, 2, "no old name stays");
        let lower = json!([{"op": "Replace", "path": "displayName", "value": "crew, NEW"}]);
        bed.patch_group(&id, lower).await;
        has(&mut bed, &outer, &[&jo, &id]).await;
        is_error(
            &bed.http
                .patch(&format!("/Groups/{id}"), json!([{"op": "replace", "value": {"displayName": "OUTER"}}]))
                .await,
            409,
            Some("uniqueness"),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_emptied_is_gone() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        let id = bed.create_group(json!({"displayName": "Team", "externalId": "e"})).await;
        let path = format!("/Groups/{id}");
        // elsewhere: an empty value was sent to the directory
        for empty in [
            json!([{"op": "remove", "path": "externalId"}]),
            json!([{"op": "Replace", "path": "externalId", "value": ""}]),
            json!([{"op": "replace", "path": "externalId", "value": null}]),
            json!([{"op": "replace", "value": {"externalId": null}}]),
        ] {
            bed.patch_group(&id, empty.clone()).await;
            assert!(values(&bed.entry(&id).await, "scimExternalId").is_empty(), "{empty}");
            assert_eq!(bed.http.get(&path).await.body.get("externalId"), None, "{empty}");
            bed.patch_group(&id, json!([{"op": "Add", "path": "externalId", "value": "e"}])).await;
        }
        let put = bed.http.put(&path, &json!({"displayName": "Team", "description": "not mapped"})).await;
        assert_eq!((put.status, put.body.get("externalId"), put.body.get("description")), (200, None, None));
        assert!(values(&bed.entry(&id).await, "scimExternalId").is_empty());
        for refused in [
            json!([{"op": "remove", "path": "displayName"}]),
            json!([{"op": "frobnicate", "path": "externalId", "value": "x"}]),
        ] {
            let answer = bed.http.patch(&path, refused.clone()).await;
            assert_eq!(answer.status, 400, "{refused}: {}", answer.body);
        }
        assert_eq!(bed.http.get(&path).await.body["displayName"], "Team");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_dn_and_nobody_elses_id_is_a_group() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        let [jo] = bed.create_users(["jo"]).await;
        let id = bed.create_group(json!({"displayName": "Team"})).await;
        let before = bed.everything().await;
        // elsewhere: a DN was an id, of whatever entry, and a group could be deleted through /Users
        let mut ids: Vec<String> = before.iter().map(|dn| encoded(dn)).collect();
        for entry in bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await {
            ids.extend(values(&entry, "entryUUID").into_iter().filter(|found| *found != id).map(str::to_owned));
        }
        ids.extend(["*", "Team", "cn=Team", "(cn=Team)", "%00", "undefined", "null"].map(str::to_owned));
        assert!(ids.contains(&jo) && ids.len() > 20, "{ids:?}");
        // elsewhere: 404 for GET alone, 500 for the others
        for foreign in ids {
            is_unknown(&bed, &format!("/Groups/{foreign}")).await;
        }
        is_unknown(&bed, &format!("/Users/{id}")).await;
        assert_eq!(bed.everything().await, before);
    }
}

/// Checks that every method is answered that there is no such resource.
async fn is_unknown(bed: &Bed, path: &str) {
    let change = json!([{"op": "replace", "path": "externalId", "value": "taken over"}]);
    let members = json!([{"op": "add", "path": "members", "value": []}]);
    for answer in [
        bed.http.get(path).await,
        bed.http.get(&format!("{path}?excludedAttributes=members")).await,
        bed.http.patch(path, change).await,
        bed.http.patch(path, members).await,
        bed.http.put(path, &json!({"displayName": "taken-over", "userName": "taken-over"})).await,
        bed.http.delete(path).await,
    ] {
        is_error(&answer, 404, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_group_of_the_name_is_a_conflict() {
    for class in CLASSES {
        let mut bed = class.bed().await;
        bed.create_group(json!({"displayName": "Team"})).await;
        let before = bed.everything().await;
        // elsewhere: 400
        for name in ["Team", "TEAM", "team"] {
            let answer = bed.http.post("/Groups", &json!({"displayName": name, "externalId": "second"})).await;
            is_error(&answer, 409, Some("uniqueness"));
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.contains("displayName") && !detail.contains("dc="), "{detail}");
        }
        // elsewhere: taken for a create
        is_error(&bed.http.post("/Groups/.search", &json!({"displayName": "x"})).await, 501, None);
        is_error(&bed.http.post("/Groups", &json!({"externalId": "x"})).await, 400, Some("invalidValue"));
        for body in ["", "{", "[]", "null", "{'displayName':'x'}"] {
            is_error(&bed.send(Method::POST, "/Groups", body).await, 400, Some("invalidSyntax"));
        }
        assert_eq!(bed.everything().await, before);
    }
}

/// Filters, on the class whose groups are never without a value of `member`.
#[tokio::test(flavor = "multi_thread")]
async fn filters_mean_what_they_say() {
    let bed = Class::GroupOfNames.bed().await;
    for name in ["alpha", "beta", "*", "a*", "quote\"name"] {
        bed.create_group(json!({"displayName": name, "externalId": format!("E-{name}")})).await;
    }
    for (filter, expected) in [
        ("displayName eq \"alpha\" and externalId eq \"E-alpha\"", vec!["alpha"]),
        ("displayName eq \"alpha\" and externalId eq \"E-beta\"", vec![]),
        // elsewhere: everything, and everything with an a
        ("displayName eq \"*\"", vec!["*"]),
        ("displayName eq \"a*\"", vec!["a*"]),
        ("displayName eq \"al*\"", vec![]),
        ("displayName eq \"*)(cn=*\"", vec![]),
        ("externalId eq \"*\"", vec![]),
        // elsewhere: 400
        ("DISPLAYNAME EQ \"Alpha\"", vec!["alpha"]),
        // elsewhere: not found
        ("displayName eq \"quote\\\"name\"", vec!["quote\"name"]),
        ("displayName eq \"alpha\" or externalId eq \"E-beta\"", vec!["alpha", "beta"]),
    ] {
        let found = find(&bed, filter).await;
        let mut names: Vec<&str> = found.iter().map(|group| group["displayName"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{filter}");
    }
}

/// Elsewhere: 404 for a directory that is down, which a client reads as "the group is gone", 400 and 500.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_never_an_answer_about_groups() {
    let mut bed = Class::GroupOfNames.bed().await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    bed.directory.stop();
    let path = format!("/Groups/{id}");
    for answer in [
        bed.http.get(&path).await,
        bed.http.get(&format!("{path}?excludedAttributes=members")).await,
        bed.http.get("/Groups?filter=displayName+eq+%22Team%22").await,
        bed.http.get("/Groups").await,
        bed.http.post("/Groups", &json!({"displayName": "Other"})).await,
        bed.http.put(&path, &json!({"displayName": "Team"})).await,
        bed.http.patch(&path, json!([{"op": "remove", "path": "members"}])).await,
        bed.http.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": jo}]}])).await,
        bed.http.delete(&path).await,
    ] {
        is_error(&answer, 503, None);
        assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u32>().is_ok());
    }
    bed.directory.start().unwrap();
    bed.bridge.readiness(200).await;
    assert_eq!(bed.members(&id).await, [jo]);
}
