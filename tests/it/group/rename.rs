//! Renames that the directory refuses, or others get in the way of: nobody loses or gains a membership.

use super::style::{STYLES, Style};
use crate::support::bed::{Bed, is_error};
use crate::support::proxy::{Held, Lost, Proxy};
use crate::support::wait::until;
use scim_ldap_bridge::lab::Overlay;
use serde_json::json;

/// The bridge's account may change what is in this entry, but not its name.
const NAILED: &str = "access to dn.exact=\"uid=jo,ou=people,dc=example,dc=com\" attrs=entry by * read";

/// A directory that follows no renames by itself, reached through a proxy.
async fn behind_proxy(style: Style) -> (Bed, Proxy) {
    let slapd = style.directory().without(Overlay::MemberOf).without(Overlay::RefInt).start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let (urls, mapping) = ([proxy.url()], style.mapping());
    (Bed::with(slapd, |setup| setup.mapping(&mapping).groups("").servers(&urls)).await, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_that_the_directory_refuses_leaves_memberships_alone() {
    for style in STYLES {
        let slapd = style.directory().line(NAILED).without(Overlay::MemberOf).without(Overlay::RefInt);
        let mapping = style.mapping();
        let mut bed = Bed::with(slapd.start().unwrap(), |setup| setup.mapping(&mapping).groups("")).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [kim] = bed.create_users(["kim"]).await;
        let jo: [(&str, &[&str]); 8] = [
            ("objectClass", &["inetOrgPerson", "posixAccount"]),
            ("uid", &["jo"]),
            ("cn", &["Jo"]),
            ("sn", &["Doe"]),
            ("mail", &["jo"]),
            ("uidNumber", &["7"]),
            ("gidNumber", &["7"]),
            ("homeDirectory", &["/home/jo"]),
        ];
        assert_eq!(bed.ldap.add(&format!("uid=jo,{}", bed.directory.people()), &jo).await, 0);
        let jo = bed.named("jo").await[0]["id"].as_str().unwrap().to_owned();
        let team = bed.create_group(json!({"displayName": "team", "members": [{"value": jo}, {"value": kim}]})).await;
        let solo = bed.create_group(json!({"displayName": "solo", "members": [{ "value": jo }]})).await;
        // where the name is made in lower case, another letter case is no other name
        let names = if style.has_numbers() { ["joan", "jim", "joanna"] } else { ["joan", "Jo", "JO"] };
        for name in names {
            let refused = bed.try_patch(&jo, json!([{"op": "Replace", "path": "userName", "value": name}])).await;
            is_error(&refused, 500, None);
            bed.holds(style, &team, &[&jo, &kim], &nobody, name).await;
            bed.holds(style, &solo, &[&jo], &nobody, name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_the_name_meanwhile_keeps_own_memberships() {
    for style in [Style::Names, Style::Members] {
        let (mut bed, proxy) = behind_proxy(style).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo] = bed.create_users(["jo"]).await;
        let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": jo }]})).await;
        // the first modify puts the new name into the group
        proxy.hold(Held::Modify);
        let (http, path) = (bed.bridge.http(), format!("/Users/{jo}"));
        let request = tokio::spawn(async move {
            http.patch(&path, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await
        });
        until("a request that is held back", async || proxy.is_holding()).await;
        assert_eq!(bed.ldap.add_person(&bed.directory, "joan", &[]).await, 0);
        let dn = format!("uid=joan,{}", bed.directory.people());
        assert_eq!(bed.ldap.add_value(&format!("cn=team,{}", bed.directory.groups()), "member", &dn).await, 0);
        proxy.release();
        is_error(&request.await.unwrap(), 409, Some("uniqueness"));
        let joan = bed.named("joan").await[0]["id"].as_str().unwrap().to_owned();
        bed.holds(style, &team, &[&jo, &joan], &nobody, "two people").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_that_is_broken_off_before_it_is_done_is_ended_by_the_next() {
    let style = Style::Names;
    let slapd = style.directory().without(Overlay::MemberOf).without(Overlay::RefInt).start().unwrap();
    let proxy = Proxy::before(&slapd.url());
    let urls = [proxy.url()];
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&style.mapping()).groups("").servers(&urls)).await;
    let [jo] = bed.create_users(["jo"]).await;
    let mut groups = Vec::new();
    for name in ["a", "b", "c"] {
        groups.push(bed.create_group(json!({"displayName": name, "members": [{ "value": jo }]})).await);
    }
    // three modifies put the new name into the groups, then comes the rename
    for at in 0..3 {
        let name = format!("jo{at}");
        let rename = json!([{"op": "Replace", "path": "userName", "value": name}]);
        let (http, path, operations) = (bed.bridge.http(), format!("/Users/{jo}"), rename.clone());
        proxy.hold(Held::Modify);
        let request = tokio::spawn(async move { http.patch(&path, operations).await.status });
        for _ in 0..at {
            until("a request that is held back", async || proxy.is_holding()).await;
            proxy.hold(Held::Modify);
            proxy.release();
        }
        until("a request that is held back", async || proxy.is_holding()).await;
        bed.bridge.process().kill();
        proxy.release();
        assert!(request.await.is_err(), "nobody answers");
        bed.bridge.start();
        bed.http = bed.bridge.http();
        bed.patch(&jo, rename).await;
        assert!(bed.entry(&jo).await.dn.starts_with(&format!("uid={name},")));
        for group in &groups {
            bed.holds(style, group, &[&jo], &[super::style::PLACEHOLDER], &format!("broken off at {at}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_whose_answer_is_lost_leaves_no_old_name() {
    for style in [Style::Names, Style::Posix] {
        let (mut bed, proxy) = behind_proxy(style).await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo] = bed.create_users(["jo"]).await;
        let mut groups = Vec::new();
        for name in ["a", "b"] {
            groups.push(bed.create_group(json!({"displayName": name, "members": [{ "value": jo }]})).await);
        }
        proxy.lose(Lost::Rename);
        bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
        assert!(proxy.has_lost());
        for group in &groups {
            bed.holds(style, group, &[&jo], &nobody, "the rename was done").await;
        }
        // the answer to the first modify behind the rename
        let (http, path) = (bed.bridge.http(), format!("/Users/{jo}"));
        proxy.hold(Held::Rename);
        let request = tokio::spawn(async move {
            http.patch(&path, json!([{"op": "Replace", "path": "userName", "value": "jojo"}])).await.status
        });
        until("a request that is held back", async || proxy.is_holding()).await;
        proxy.lose(Lost::Modify);
        proxy.release();
        assert_eq!(request.await.unwrap(), 200);
        assert!(proxy.has_lost());
        for group in &groups {
            bed.holds(style, group, &[&jo], &nobody, "one old name was taken away").await;
        }
    }
}
