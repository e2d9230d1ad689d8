//! Whoever refers to a user or a group follows a rename and loses nobody but who is deleted, whatever the directory does
//! about it itself.

use super::style::Style;
use crate::support::bed::{Bed, ENTERPRISE};
use crate::support::bridge::{MAPPING, Setup};
use crate::support::ldap::{Ldap, values};
use crate::support::wait::until;
use scim_ldap_bridge::lab::{Builder, Overlay, Slapd};
use serde_json::json;
use std::collections::BTreeSet;

/// The attributes that refer to entries in [`referring`].
const REFERENCES: [&str; 5] = ["member", "manager", "secretary", "owner", "scimSavedMember"];

/// The shipped mapping with further references and kept memberships.
fn referring() -> String {
    let mapping = MAPPING.replace("# references = [\"secretary\", \"seeAlso\"]", "references = [\"secretary\"]");
    mapping.replace("# saved_memberships", "saved_memberships")
}

/// Who keeps references right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    /// The bridge.
    Bridge,
    /// The bridge, and overlays at the same time.
    Both,
    /// Overlays alone.
    Directory,
}

impl Keeper {
    /// A bridge with this mapping before a directory that does its part.
    async fn bed(self, builder: Builder, mapping: &str) -> Bed {
        let (builder, directory) = match self {
            Keeper::Bridge => (builder.without(Overlay::MemberOf).without(Overlay::RefInt), ""),
            Keeper::Both => (builder.references(&REFERENCES), ""),
            Keeper::Directory => (builder.references(&REFERENCES), "referential_integrity = true\n"),
        };
        let slapd = builder.start().unwrap();
        Bed::with(slapd, |setup: Setup| setup.mapping(mapping).directory(directory).groups("")).await
    }
}

/// Waits until these entries, by `uid` or `cn`, refer with these attributes to exactly these DNs, the placeholder left
/// aside: the overlay works behind the answer. Letter case does not count in DNs.
async fn refer(slapd: &Slapd, what: &str, wanted: &[(&str, &str, &[&str])]) {
    until(what, async || {
        let entries = Ldap::admin(slapd).await.search(slapd.suffix(), "(objectClass=*)").await;
        wanted.iter().all(|(name, attr, dns)| {
            let entry = entries.iter().find(|entry| entry.dn.contains(&format!("={name},"))).expect("an entry");
            let found = values(entry, attr).into_iter().map(str::to_lowercase);
            let found = found.filter(|value| !value.starts_with("cn=nobody,")).collect::<BTreeSet<_>>();
            found == dns.iter().map(|dn| dn.to_lowercase()).collect()
        })
    })
    .await;
}

/// The DN of a person.
fn person(name: &str) -> String {
    format!("uid={name},ou=people,dc=example,dc=com")
}

/// The DN of a group.
fn group(name: &str) -> String {
    format!("cn={name},ou=groups,dc=example,dc=com")
}

#[tokio::test(flavor = "multi_thread")]
async fn users_leave_nothing_behind_by_any_keeper() {
    for keeper in [Keeper::Bridge, Keeper::Both, Keeper::Directory] {
        let mut bed = keeper.bed(Slapd::builder(), &referring()).await;
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let team = bed.create_group(json!({"displayName": "team", "members": [{"value": jo}, {"value": kim}]})).await;
        let solo = bed.create_group(json!({"displayName": "solo", "members": [{ "value": jo }]})).await;
        let manager = format!("{ENTERPRISE}:manager");
        bed.patch(&kim, json!([{"op": "Add", "path": manager, "value": jo}])).await;
        assert_eq!(bed.ldap.add_value(&person("kim"), "secretary", &person("jo")).await, 0);
        assert_eq!(bed.ldap.add_value(&person("jo"), "manager", &person("jo")).await, 0, "one's own boss");
        assert_eq!(bed.ldap.add_value(&group("team"), "owner", &person("jo")).await, 0);
        for name in ["joan", "Joan"] {
            // the overlay may still be at work when this is answered
            let renamed = bed.try_patch(&jo, json!([{"op": "Replace", "path": "userName", "value": name}])).await;
            assert_eq!(renamed.status, 200, "{keeper:?}: {renamed:?}");
            let (joan, all) = (person(name), [person(name), person("kim")]);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let wanted: [(&str, &str, &[&str]); 6] = [
                ("team", "member", &all),
                ("team", "owner", &[&joan]),
                ("solo", "member", &[&joan]),
                ("kim", "manager", &[&joan]),
                ("kim", "secretary", &[&joan]),
                (name, "manager", &[&joan]),
            ];
            refer(&bed.directory, &format!("{keeper:?}: renamed to {name}"), &wanted).await;
            assert_eq!(bed.members(&solo).await, std::slice::from_ref(&jo), "{keeper:?}");
        }
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204, "{keeper:?}");
        let wanted: [(&str, &str, &[&str]); 5] = [
            ("team", "member", &[&person("kim")]),
            ("team", "owner", &[]),
            ("solo", "member", &[]),
            ("kim", "manager", &[]),
            ("kim", "secretary", &[]),
        ];
        refer(&bed.directory, &format!("{keeper:?}: deleted"), &wanted).await;
        assert_eq!(bed.members(&team).await, [kim], "{keeper:?}");
        assert!(bed.members(&solo).await.is_empty(), "{keeper:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_leave_nothing_behind_by_any_keeper() {
    for keeper in [Keeper::Bridge, Keeper::Both, Keeper::Directory] {
        let bed = keeper.bed(Slapd::builder(), &referring()).await;
        let [jo] = bed.create_users(["jo"]).await;
        let inner = bed.create_group(json!({"displayName": "inner", "members": [{ "value": jo }]})).await;
        bed.create_group(json!({"displayName": "outer", "members": [{ "value": inner }]})).await;
        bed.patch(&jo, json!([{"op": "Replace", "path": "active", "value": false}])).await;
        for name in ["core", "Core"] {
            bed.patch_group(&inner, json!([{"op": "Replace", "path": "displayName", "value": name}])).await;
            let wanted: [(&str, &str, &[&str]); 3] = [
                ("outer", "member", &[&group(name)]),
                ("jo", "scimSavedMember", &[&group(name)]),
                (name, "member", &[]),
            ];
            refer(&bed.directory, &format!("{keeper:?}: renamed to {name}"), &wanted).await;
        }
        assert_eq!(bed.http.delete(&format!("/Groups/{inner}")).await.status, 204, "{keeper:?}");
        let wanted: [(&str, &str, &[&str]); 2] = [("outer", "member", &[]), ("jo", "scimSavedMember", &[])];
        refer(&bed.directory, &format!("{keeper:?}: deleted"), &wanted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_groups_are_followed_whoever_keeps_the_rest() {
    for directory in ["", "referential_integrity = true\n"] {
        let slapd = Style::Posix.directory().start().unwrap();
        let mapping = Style::Posix.mapping();
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).directory(directory).groups("")).await;
        let [jo, kim] = bed.create_users(["jo@example.com", "jo@example.org"]).await;
        let all = [json!({ "value": jo }), json!({ "value": kim })];
        let team = bed.create_group(json!({"displayName": "team", "members": all})).await;
        assert_eq!(bed.stored(Style::Posix, &team).await, ["jo", "jo2"], "made from the `userName`");
        bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan@example.com"}])).await;
        assert_eq!(bed.stored(Style::Posix, &team).await, ["jo2", "joan"]);
        bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan@example.net"}])).await;
        assert_eq!(bed.stored(Style::Posix, &team).await, ["jo2", "joan"], "another mail address, the same name");
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
        assert_eq!(bed.stored(Style::Posix, &team).await, ["jo2"]);
        bed.holds(Style::Posix, &team, &[&kim], &[], "one is left").await;
    }
}

/// Groups that have `jo` as their only member beside the placeholder, and `jo`, as LDIF.
fn many(count: usize) -> String {
    let mut text = format!("dn: {}\nobjectClass: inetOrgPerson\nuid: jo\ncn: Jo\nsn: Doe\n", person("jo"));
    for n in 0..count {
        let dn = group(&format!("g{n:03}"));
        text.push_str(&format!(
            "\ndn: {dn}\nobjectClass: groupOfNames\ncn: g{n:03}\nmember: {}\nmember: {}\n",
            super::style::PLACEHOLDER,
            person("jo")
        ));
    }
    text
}

/// How many groups have a member of this name.
async fn groups_with(slapd: &Slapd, name: &str) -> usize {
    Ldap::admin(slapd).await.search_one_level(&slapd.groups(), &format!("(member={})", person(name))).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_more_groups_than_one_plan_takes_goes_whole_and_keeps_the_name() {
    for (count, overlays) in [(251, false), (300, true), (600, false)] {
        let builder = Slapd::builder().entries(&many(count));
        let keeper = if overlays { Keeper::Both } else { Keeper::Bridge };
        let mut bed = keeper.bed(builder, MAPPING).await;
        let jo = bed.named("jo").await[0]["id"].as_str().unwrap().to_owned();
        let before = bed.entry(&jo).await;
        let title_too = json!([{"op": "Replace", "path": "userName", "value": "joan"}, {"op": "Add", "path": "title", "value": "x"}]);
        let refused = bed.try_patch(&jo, title_too).await;
        crate::support::bed::is_error(&refused, 409, None);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("referential_integrity"), "{detail}");
        let after = bed.entry(&jo).await;
        assert_eq!((&after.dn, &after.attrs), (&before.dn, &before.attrs), "nothing changed");
        assert_eq!((groups_with(&bed.directory, "jo").await, groups_with(&bed.directory, "joan").await), (count, 0));
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204, "{count}");
        assert_eq!(groups_with(&bed.directory, "jo").await, 0, "{count}");
        assert!(bed.named("jo").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_as_many_groups_as_one_plan_takes_is_renamed_in_all() {
    let bed = Keeper::Bridge.bed(Slapd::builder().entries(&many(250)), MAPPING).await;
    let jo = bed.named("jo").await[0]["id"].as_str().unwrap().to_owned();
    bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
    assert_eq!((groups_with(&bed.directory, "jo").await, groups_with(&bed.directory, "joan").await), (0, 250));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_leaves_more_groups_than_one_plan_takes_and_comes_back() {
    let mut bed = Keeper::Bridge.bed(Slapd::builder().entries(&many(600)), &referring()).await;
    let jo = bed.named("jo").await[0]["id"].as_str().unwrap().to_owned();
    bed.patch(&jo, json!([{"op": "Replace", "path": "active", "value": false}])).await;
    assert_eq!(groups_with(&bed.directory, "jo").await, 0);
    assert_eq!(values(&bed.entry(&jo).await, "scimSavedMember").len(), 600);
    bed.patch(&jo, json!([{"op": "Replace", "path": "active", "value": true}])).await;
    assert_eq!(groups_with(&bed.directory, "jo").await, 600);
    assert!(values(&bed.entry(&jo).await, "scimSavedMember").is_empty());
}
