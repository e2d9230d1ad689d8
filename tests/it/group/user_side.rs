//! The groups of a user, as the user's resource shows them, and a group in the answer to its change.

use super::style::Style;
use crate::support::bed::{Bed, is_error};
use serde_json::{Value, json};
use std::slice::from_ref;

/// The ids of a user's groups, sorted.
async fn groups(bed: &Bed, user: &str) -> Vec<String> {
    let body = bed.read(user).await;
    let shown = body["groups"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = shown.iter().map(|group| group["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The users that are in a group, by a filter, sorted by name.
async fn in_group(bed: &Bed, filter: &str) -> Vec<String> {
    let mut names: Vec<String> =
        bed.find(filter).await.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_shows_the_groups_at_once() {
    let mut bed = Bed::with_groups().await;
    let [jo, kim, lee] = bed.create_users(["jo", "kim", "lee"]).await;
    let members = json!([{"value": jo}, {"value": kim}]);
    let team = bed.create_group(json!({"displayName": "team", "members": members})).await;
    let crew = bed.create_group(json!({"displayName": "crew"})).await;
    let operation = |op: &str, id: &str| json!([{ "op": op, "path": "members", "value": [{ "value": id }] }]);
    assert_eq!(groups(&bed, &jo).await, from_ref(&team));
    bed.patch_group(&crew, operation("Add", &jo)).await;
    let mut both = [team.clone(), crew.clone()];
    both.sort();
    assert_eq!(groups(&bed, &jo).await, both);
    assert_eq!(groups(&bed, &lee).await, Vec::<String>::new());
    let (by_team, by_crew) = (format!("groups.value eq \"{team}\""), format!("groups[value eq \"{crew}\"]"));
    assert_eq!(in_group(&bed, &by_team).await, ["jo", "kim"]);
    assert_eq!(in_group(&bed, &by_crew).await, ["jo"]);
    assert_eq!(in_group(&bed, &format!("{by_team} and userName eq \"kim\"")).await, ["kim"]);
    assert_eq!(in_group(&bed, &format!("groups.value eq \"{}\"", by_team.len())).await, Vec::<String>::new());
    bed.patch_group(&team, json!([{"op": "Replace", "path": "displayName", "value": "squad"}])).await;
    bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
    assert_eq!(groups(&bed, &jo).await, both);
    assert_eq!(in_group(&bed, &by_team).await, ["joan", "kim"]);
    bed.patch_group(&crew, operation("Remove", &jo)).await;
    assert_eq!(groups(&bed, &jo).await, from_ref(&team));
    assert_eq!(in_group(&bed, &by_crew).await, Vec::<String>::new());
    // a group that is not the endpoint's
    let dn = bed.entry(&jo).await.dn;
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["other"]), ("member", &[&dn])];
    assert_eq!(bed.ldap.add("cn=other,ou=services,dc=example,dc=com", &attrs).await, 0);
    assert_eq!(groups(&bed, &jo).await, from_ref(&team));
    assert_eq!(bed.http.delete(&format!("/Groups/{team}")).await.status, 204);
    assert_eq!(groups(&bed, &jo).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_groups_of_a_user_are_read_only() {
    let bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let team = bed.create_group(json!({"displayName": "team"})).await;
    for op in ["Add", "Replace", "Remove"] {
        let patched = bed.try_patch(&jo, json!([{ "op": op, "path": "groups", "value": [{ "value": team }] }])).await;
        is_error(&patched, 400, Some("mutability"));
    }
    let put = bed.http.put(&format!("/Users/{jo}"), &json!({"userName": "jo", "groups": [{ "value": team }]})).await;
    assert_eq!((put.status, &put.body["groups"]), (200, &Value::Null), "{put:?}");
    let kim = bed.create(json!({"userName": "kim", "groups": [{ "value": team }]})).await;
    assert!(bed.members(&team).await.is_empty() && groups(&bed, &kim).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_answered_with_the_group_where_that_is_wanted() {
    for style in [Style::Names, Style::Posix] {
        let (slapd, mapping) = (style.directory().start().unwrap(), style.mapping());
        let bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups("patch_response = 'full'\n")).await;
        let [jo] = bed.create_users(["jo"]).await;
        let team = bed.create_group(json!({"displayName": "team"})).await;
        let path = format!("/Groups/{team}");
        let changes = [
            (json!([{"op": "Add", "path": "members", "value": [{ "value": jo }]}]), "team", json!([{ "value": jo }])),
            (json!([{"op": "Add", "path": "members", "value": [{ "value": jo }]}]), "team", json!([{ "value": jo }])),
            (json!([{"op": "Replace", "path": "displayName", "value": "crew"}]), "crew", json!([{ "value": jo }])),
            (json!([{"op": "Remove", "path": "members", "value": [{ "value": jo }]}]), "crew", Value::Null),
        ];
        for (operations, name, members) in changes {
            let answer = bed.http.patch(&path, operations.clone()).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!((&answer.body["id"], &answer.body["displayName"]), (&json!(team), &json!(name)), "{operations}");
            let values = answer.body["members"].as_array().map(|all| all.iter().map(|m| json!({"value": m["value"]})));
            let values = values.map_or(Value::Null, Iterator::collect);
            let none = members.is_null() && values.as_array().is_none_or(Vec::is_empty);
            assert!(none || values == members, "{style:?}: {answer:?}");
            assert_eq!(answer.body, bed.http.get(&path).await.body, "{operations}");
        }
        let without = bed.http.patch(&format!("{path}?excludedAttributes=members"), json!([])).await;
        assert_eq!((without.status, &without.body["members"]), (200, &Value::Null), "{without:?}");
    }
}
