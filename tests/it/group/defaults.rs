//! Groups that every new user is put into, and users who are deleted by mark and come back.

use super::style::{PLACEHOLDER, POSIX, Style};
use crate::support::bed::{Bed, is_error};
use crate::support::bridge::MAPPING;
use crate::support::ldap::values;
use serde_json::{Value, json};

/// The DN of a group.
fn group(name: &str) -> String {
    format!("cn={name},ou=groups,dc=example,dc=com")
}

/// `default` in the configuration.
fn defaults(names: &[&str]) -> String {
    format!("default = {:?}\n", names.iter().map(|name| group(name)).collect::<Vec<_>>())
}

/// The shipped mapping with deletion by mark.
fn marking() -> String {
    MAPPING.replace("\npolicy = \"remove\"", "\npolicy = \"mark\"\nmark = \"scimDeletedAt\"")
}

/// The mapping for Unix with deletion by mark.
fn posix_marking() -> String {
    let delete = "\n[user.delete]\npolicy = \"mark\"\nmark = \"scimDeletedAt\"\n";
    POSIX.replacen("\n[group]\n", &format!("{delete}\n[group]\n"), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_new_user_is_in_the_default_groups() {
    for style in super::style::STYLES {
        for names in [&["all"][..], &["all", "staff"]] {
            let (slapd, mapping) = (style.directory().start().unwrap(), style.mapping());
            let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups(&defaults(names))).await;
            let nobody: Vec<&str> = style.placeholder().into_iter().collect();
            missing(&mut bed, names.len()).await;
            let mut groups = Vec::new();
            for name in names {
                groups.push(bed.create_group(json!({ "displayName": name })).await);
            }
            let [jo, kim] = bed.create_users(["jo", "kim"]).await;
            for group in &groups {
                bed.holds(style, group, &[&jo, &kim], &nobody, "created").await;
                // who is taken out stays out
                let remove = json!([{"op": "Remove", "path": "members", "value": [{ "value": jo }]}]);
                bed.patch_group(group, remove).await;
                bed.patch(&jo, json!([{"op": "Replace", "path": "displayName", "value": "Jo"}])).await;
                bed.holds(style, group, &[&kim], &nobody, "taken out").await;
            }
            let again = bed.http.post("/Users", &json!({"userName": "jo"})).await;
            is_error(&again, 409, Some("uniqueness"));
            for group in &groups {
                bed.holds(style, group, &[&kim], &nobody, "a second one of the same name").await;
            }
            assert_eq!(bed.http.delete(&format!("/Groups/{}", groups[0])).await.status, 204);
            missing(&mut bed, names.len()).await;
        }
    }
}

/// Nobody is created while a default group is missing, and the answer says why.
async fn missing(bed: &mut Bed, count: usize) {
    let before = bed.everything().await;
    let refused = bed.http.post("/Users", &json!({"userName": "lee"})).await;
    is_error(&refused, 500, None);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("hint:") && detail.contains("`default`"), "{detail}");
    assert!(!detail.contains("cn="), "no names of the directory: {detail}");
    assert_eq!(bed.everything().await, before, "{count} groups");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_group_shows_in_the_answer_to_the_create() {
    let slapd = Style::Names.directory().start().unwrap();
    let bed = Bed::with(slapd, |setup| setup.groups(&defaults(&["all"]))).await;
    let all = bed.create_group(json!({"displayName": "all"})).await;
    let created = bed.http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["groups"][0]["value"], all, "{created:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_by_mark_is_in_no_group_and_comes_back_into_the_default_ones() {
    for (style, mapping) in [(Style::Names, marking()), (Style::Posix, posix_marking())] {
        let slapd = style.directory().start().unwrap();
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups(&defaults(&["all"]))).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let all = bed.create_group(json!({"displayName": "all"})).await;
        let [jo, kim] = bed.create_users(["jo@example.com", "kim@example.com"]).await;
        let both: Value = [&jo, &kim].iter().map(|id| json!({ "value": id })).collect();
        let team = bed.create_group(json!({"displayName": "team", "members": both})).await;
        let solo = bed.create_group(json!({"displayName": "solo", "members": [{ "value": jo }]})).await;
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
        let marked = bed.entry(&jo).await;
        assert_eq!(values(&marked, "scimDeletedAt").len(), 1);
        let gone = [(&all, &[&kim[..]][..]), (&team, &[&kim]), (&solo, &[])];
        for (group, members) in gone {
            bed.holds(style, group, members, &nobody, "marked").await;
        }
        // somebody puts the hidden user into a group all the same: nobody is shown
        let value = style.value_of(&marked);
        assert_eq!(bed.ldap.add_value(&group("solo"), style.attr(), &value).await, 0);
        assert!(bed.members(&solo).await.is_empty(), "{style:?}: hidden");
        let add = json!([{"op": "Add", "path": "members", "value": [{ "value": jo }]}]);
        is_error(&bed.http.patch(&format!("/Groups/{solo}"), add).await, 400, Some("invalidValue"));
        assert_eq!(bed.ldap.replace(&group("solo"), style.attr(), &nobody).await, 0);
        let back = bed.http.post("/Users", &json!({"userName": "jo@example.com"})).await;
        assert_eq!((back.status, &back.body["id"]), (201, &json!(jo)), "{back:?}");
        bed.holds(style, &all, &[&jo, &kim], &nobody, "revived").await;
        bed.holds(style, &team, &[&kim], &nobody, "revived").await;
        bed.holds(style, &solo, &[], &nobody, "revived").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_found_where_the_entry_is() {
    let slapd = Style::Names.directory();
    let below = "dn: ou=sales,ou=people,dc=example,dc=com\nobjectClass: organizationalUnit\nou: sales";
    let slapd = slapd.entries(below).start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&marking()).groups(&defaults(&["all"]))).await;
    let all = bed.create_group(json!({"displayName": "all"})).await;
    let dn = "uid=jo,ou=sales,ou=people,dc=example,dc=com";
    let attrs: [(&str, &[&str]); 4] =
        [("objectClass", &["inetOrgPerson"]), ("uid", &["jo"]), ("cn", &["Jo"]), ("sn", &["Doe"])];
    assert_eq!(bed.ldap.add(dn, &attrs).await, 0);
    let jo = bed.named("jo").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    let back = bed.http.post("/Users", &json!({"userName": "jo"})).await;
    assert_eq!((back.status, &back.body["id"]), (201, &json!(jo)), "{back:?}");
    bed.holds(Style::Names, &all, &[&jo], &[PLACEHOLDER], "revived").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_memberships_end_with_the_user_and_begin_with_one_who_is_created_disabled() {
    let mapping = marking().replace("# saved_memberships", "saved_memberships");
    let slapd = Style::Names.directory().start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups(&defaults(&["all"]))).await;
    let all = bed.create_group(json!({"displayName": "all"})).await;
    let [jo] = bed.create_users(["jo"]).await;
    let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": jo }]})).await;
    let active = |state: bool| json!([{"op": "Replace", "path": "active", "value": state}]);
    bed.patch(&jo, active(false)).await;
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    // comes back disabled, and is enabled later
    for state in [false, true] {
        let back = bed.http.post("/Users", &json!({"userName": "jo", "active": state})).await;
        assert_eq!((back.status, &back.body["id"]), (201, &json!(jo)), "{back:?}");
        let members: &[&str] = if state { &[&jo] } else { &[] };
        bed.holds(Style::Names, &all, members, &[PLACEHOLDER], "revived").await;
        bed.patch(&jo, active(true)).await;
        bed.holds(Style::Names, &all, &[&jo], &[PLACEHOLDER], "enabled").await;
        bed.holds(Style::Names, &team, &[], &[PLACEHOLDER], "what was before the delete is over").await;
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    }
    let kim = bed.create(json!({"userName": "kim", "active": false})).await;
    bed.holds(Style::Names, &all, &[], &[PLACEHOLDER], "created disabled").await;
    bed.patch(&kim, active(true)).await;
    bed.holds(Style::Names, &all, &[&kim], &[PLACEHOLDER], "enabled").await;
}
