//! Memberships of disabled users: kept on the user's own entry where the mapping says so, and back with the user.

use super::style::{PLACEHOLDER, Style};
use crate::support::bed::{Bed, is_error};
use crate::support::bridge::MAPPING;
use crate::support::ldap::{Ldap, values};
use crate::support::proxy::{Held, Proxy};
use crate::support::wait::until;
use scim_ldap_bridge::lab::{Builder, Overlay};
use serde_json::{Value, json};

/// A mapping of this style that keeps memberships.
fn saving(style: Style) -> String {
    style.mapping().replace("\n[user.active]\n", "\n[user.active]\nsaved_memberships = \"scimSavedMember\"\n")
}

/// Without the overlays that follow renames and deletes.
fn bare(style: Style) -> Builder {
    style.directory().without(Overlay::MemberOf).without(Overlay::RefInt)
}

/// A bridge that keeps memberships.
async fn bed(style: Style) -> Bed {
    Bed::with(bare(style).start().unwrap(), |setup| setup.mapping(&saving(style)).groups("")).await
}

/// The request that sets `active`.
fn active(state: bool) -> Value {
    json!([{"op": "Replace", "path": "active", "value": if state { "True" } else { "False" }}])
}

/// One operation with one member.
fn on_member(op: &str, id: &str) -> Value {
    json!([{ "op": op, "path": "members", "value": [{ "value": id }] }])
}

/// The groups that are kept for a user, by name.
async fn kept(bed: &mut Bed, id: &str) -> Vec<String> {
    let user = bed.entry(id).await;
    let names = values(&user, "scimSavedMember").into_iter();
    names.map(|dn| dn.split(',').next().unwrap().trim_start_matches("cn=").to_owned()).collect()
}

/// Groups of these names that have these members.
async fn groups<const N: usize>(bed: &Bed, names: [&str; N], members: &[&str]) -> [String; N] {
    let members: Value = members.iter().map(|id| json!({ "value": id })).collect();
    let mut ids = Vec::new();
    for name in names {
        ids.push(bed.create_group(json!({"displayName": name, "members": members})).await);
    }
    ids.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_is_in_no_group_until_enabled() {
    for style in super::style::STYLES {
        let mut bed = bed(style).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let [both] = groups(&bed, ["both"], &[&jo, &kim]).await;
        let [solo] = groups(&bed, ["solo"], &[&jo]).await;
        for _ in 0..2 {
            // said twice is done once
            for _ in 0..2 {
                bed.patch(&jo, active(false)).await;
                bed.holds(style, &both, &[&kim], &nobody, "disabled").await;
                bed.holds(style, &solo, &[], &nobody, "disabled").await;
                assert_eq!(kept(&mut bed, &jo).await, ["both", "solo"], "{style:?}");
            }
            bed.patch(&jo, json!([{"op": "Replace", "path": "displayName", "value": "Jo"}])).await;
            bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
            assert_eq!(kept(&mut bed, &jo).await, ["both", "solo"], "{style:?}: other changes");
            for _ in 0..2 {
                bed.patch(&jo, active(true)).await;
                bed.holds(style, &both, &[&jo, &kim], &nobody, "enabled").await;
                bed.holds(style, &solo, &[&jo], &nobody, "enabled").await;
                assert!(kept(&mut bed, &jo).await.is_empty(), "{style:?}");
            }
            bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "jo"}])).await;
        }
        bed.patch(&jo, active(false)).await;
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
        bed.holds(style, &both, &[&kim], &nobody, "deleted while disabled").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_disables_and_enables_too() {
    let style = Style::Names;
    let mut bed = bed(style).await;
    let [jo] = bed.create_users(["jo"]).await;
    let [team] = groups(&bed, ["team"], &[&jo]).await;
    let path = format!("/Users/{jo}");
    for (state, members, saved) in [(false, &[][..], &["team"][..]), (true, &[&jo[..]], &[])] {
        let put = bed.http.put(&path, &json!({"userName": "jo", "active": state})).await;
        assert_eq!((put.status, &put.body["active"]), (200, &json!(state)), "{put:?}");
        bed.holds(style, &team, members, &[PLACEHOLDER], "PUT").await;
        let put = bed.http.put(&path, &json!({"userName": "jo", "title": "x"})).await;
        assert_eq!((put.status, &put.body["active"]), (200, &json!(state)), "{put:?}");
        assert_eq!(kept(&mut bed, &jo).await, saved, "PUT without `active` leaves it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_who_is_disabled_stays() {
    for style in [Style::Names, Style::Posix] {
        let mut bed = style.bed().await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let [team] = groups(&bed, ["team"], &[&jo]).await;
        bed.patch(&jo, active(false)).await;
        bed.holds(style, &team, &[&jo], &nobody, "disabled").await;
        bed.patch(&kim, active(false)).await;
        bed.patch_group(&team, on_member("Add", &kim)).await;
        bed.holds(style, &team, &[&jo, &kim], &nobody, "a disabled user comes").await;
        bed.patch(&jo, active(true)).await;
        bed.holds(style, &team, &[&jo, &kim], &nobody, "enabled").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_state_may_change_in_one_request() {
    for style in [Style::Names, Style::Members, Style::Posix] {
        let mut bed = bed(style).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let [team] = groups(&bed, ["team"], &[&jo, &kim]).await;
        let [solo] = groups(&bed, ["solo"], &[&jo]).await;
        for (state, name) in [(false, "joan"), (true, "joanna"), (false, "Joanna"), (true, "joanna")] {
            let both = json!([{"op": "Replace", "path": "userName", "value": name},
                {"op": "Replace", "path": "active", "value": state}]);
            bed.patch(&jo, both).await;
            let (in_team, in_solo): (&[&str], &[&str]) = if state { (&[&jo, &kim], &[&jo]) } else { (&[&kim], &[]) };
            bed.holds(style, &team, in_team, &nobody, &format!("{name} {state}")).await;
            bed.holds(style, &solo, in_solo, &nobody, &format!("{name} {state}")).await;
            assert_eq!(kept(&mut bed, &jo).await.is_empty(), state, "{style:?}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_change_while_a_member_is_disabled() {
    let style = Style::Names;
    let mut bed = bed(style).await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let [renamed, deleted, removed] = groups(&bed, ["renamed", "deleted", "removed"], &[&jo]).await;
    let [replaced, put, filtered] = groups(&bed, ["replaced", "put", "filtered"], &[&jo]).await;
    let [replaced_with, put_with, emptied] = groups(&bed, ["replaced_with", "put_with", "emptied"], &[&jo]).await;
    let [later] = groups(&bed, ["later"], &[&kim]).await;
    bed.patch(&jo, active(false)).await;
    assert_eq!(kept(&mut bed, &jo).await.len(), 9);
    bed.patch_group(&renamed, json!([{"op": "Replace", "path": "displayName", "value": "other"}])).await;
    assert_eq!(bed.http.delete(&format!("/Groups/{deleted}")).await.status, 204);
    bed.patch_group(&removed, on_member("Remove", &jo)).await;
    bed.patch_group(&filtered, json!([{"op": "Remove", "path": format!("members[value eq \"{jo}\"]")}])).await;
    bed.patch_group(&emptied, json!([{"op": "Remove", "path": "members"}])).await;
    bed.patch_group(&replaced, on_member("Replace", &kim)).await;
    bed.patch_group(&replaced_with, on_member("Replace", &jo)).await;
    for (id, name, member) in [(&put, "put", &kim), (&put_with, "put_with", &jo)] {
        let body = json!({"displayName": name, "members": [{ "value": member }]});
        assert_eq!(bed.http.put(&format!("/Groups/{id}"), &body).await.status, 200);
    }
    for _ in 0..2 {
        bed.patch_group(&later, on_member("Add", &jo)).await;
        bed.holds(style, &later, &[&kim], &[PLACEHOLDER], "not yet").await;
    }
    let [fresh] = groups(&bed, ["fresh"], &[&jo, &kim]).await;
    bed.holds(style, &fresh, &[&kim], &[PLACEHOLDER], "made meanwhile").await;
    assert_eq!(kept(&mut bed, &jo).await, ["fresh", "later", "other", "put_with", "replaced_with"]);
    bed.patch(&jo, active(true)).await;
    let expected: [(&str, &[&str]); 9] = [
        (&renamed, &[&jo]),
        (&removed, &[]),
        (&filtered, &[]),
        (&emptied, &[]),
        (&replaced, &[&kim]),
        (&replaced_with, &[&jo]),
        (&put, &[&kim]),
        (&put_with, &[&jo]),
        (&later, &[&jo, &kim]),
    ];
    for (id, members) in expected {
        bed.holds(style, id, members, &[PLACEHOLDER], "afterwards").await;
    }
    bed.holds(style, &fresh, &[&jo, &kim], &[PLACEHOLDER], "made meanwhile").await;
    assert!(kept(&mut bed, &jo).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_not_the_endpoints_are_left_alone() {
    let style = Style::Names;
    let mut bed = bed(style).await;
    let [jo] = bed.create_users(["jo"]).await;
    let [team] = groups(&bed, ["team"], &[&jo]).await;
    let dn = bed.entry(&jo).await.dn;
    let other = "cn=other,ou=services,dc=example,dc=com";
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["other"]), ("member", &[&dn])];
    assert_eq!(bed.ldap.add(other, &attrs).await, 0);
    let foreign = "cn=elsewhere,ou=services,dc=example,dc=com";
    bed.patch(&jo, active(false)).await;
    assert_eq!(bed.ldap.add_value(&dn, "scimSavedMember", foreign).await, 0);
    assert_eq!(bed.ldap.add_value(&dn, "scimSavedMember", other).await, 0);
    bed.patch(&jo, active(true)).await;
    bed.holds(style, &team, &[&jo], &[PLACEHOLDER], "enabled").await;
    let other = bed.ldap.search(other, "(objectClass=*)").await;
    assert_eq!(values(&other[0], "member"), [dn]);
}

/// What breaks in the middle.
#[derive(Clone, Copy, Debug)]
enum Broken {
    Bridge,
    Directory,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_off_anywhere_is_ended_by_the_next_request() {
    let style = Style::Names;
    for broken in [Broken::Bridge, Broken::Directory] {
        let slapd = bare(style).start().unwrap();
        let proxy = Proxy::before(&slapd.url());
        let urls = [proxy.url()];
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&saving(style)).groups("").servers(&urls)).await;
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let teams = groups(&bed, ["a", "b"], &[&jo, &kim]).await;
        // the user's own entry and the two groups, in one order or the other
        for (state, at) in [false, true].into_iter().cycle().zip([0, 0, 1, 1, 2, 2]) {
            interrupt(&mut bed, &proxy, broken, &jo, state, at).await;
            bed.patch(&jo, active(state)).await;
            for team in &teams {
                let members: &[&str] = if state { &[&jo, &kim] } else { &[&kim] };
                bed.holds(style, team, members, &[PLACEHOLDER], &format!("{broken:?} {state} {at}")).await;
            }
            let saved = kept(&mut bed, &jo).await;
            assert_eq!(saved, if state { &[][..] } else { &["a", "b"] }, "{broken:?} {state} {at}");
        }
    }
}

/// Sets `active`, which is broken off before the modify number `at`. Nobody is lost on the way.
async fn interrupt(bed: &mut Bed, proxy: &Proxy, broken: Broken, id: &str, state: bool, at: usize) {
    let (http, path) = (bed.bridge.http(), format!("/Users/{id}"));
    proxy.hold(Held::Modify);
    let request = tokio::spawn(async move { http.patch(&path, active(state)).await.status });
    for _ in 0..at {
        until("a request that is held back", async || proxy.is_holding()).await;
        proxy.hold(Held::Modify);
        proxy.release();
    }
    until("a request that is held back", async || proxy.is_holding()).await;
    match broken {
        Broken::Bridge => {
            bed.bridge.process().kill();
            proxy.release();
            assert!(request.await.is_err(), "nobody answers");
            bed.bridge.start();
            bed.http = bed.bridge.http();
        }
        Broken::Directory => {
            bed.directory.kill();
            proxy.release();
            assert_eq!(request.await.unwrap(), 503);
            bed.directory.start().unwrap();
            bed.ldap = Ldap::admin(&bed.directory).await;
            bed.bridge.readiness(200).await;
        }
    }
    let mut memberships = kept(bed, id).await;
    for name in ["a", "b"] {
        let group = bed.ldap.search(&format!("cn={name},{}", bed.directory.groups()), "(objectClass=*)").await;
        if values(&group[0], "member").iter().any(|member| member.starts_with("uid=jo,")) {
            memberships.push(name.to_owned());
        }
    }
    memberships.sort();
    memberships.dedup();
    assert_eq!(memberships, ["a", "b"], "{broken:?} {state} {at}: in the group, or kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_without_the_option_knows_no_kept_memberships() {
    let mut bed = Bed::with_groups().await;
    assert!(MAPPING.contains("# saved_memberships"));
    let [jo] = bed.create_users(["jo"]).await;
    let [team] = groups(&bed, ["team"], &[]).await;
    let dn = bed.entry(&jo).await.dn;
    let group = bed.entry(&team).await.dn;
    assert_eq!(bed.ldap.add_value(&dn, "scimSavedMember", &group).await, 0);
    bed.patch(&jo, active(true)).await;
    assert!(bed.members(&team).await.is_empty(), "somebody else's value");
    is_error(
        &bed.try_patch(&jo, json!([{"op": "Add", "path": "groups", "value": team}])).await,
        400,
        Some("mutability"),
    );
}
