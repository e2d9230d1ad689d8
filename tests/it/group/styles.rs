//! One life of a group, in every style: whatever the class and the attribute, the client sees the same.

use super::style::{STYLES, Style};
use crate::support::bed::{Bed, is_error};
use serde_json::{Value, json};

/// `[{"value": …}, …]`
fn list(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// One operation on members.
fn on_members(op: &str, ids: &[&str]) -> Value {
    json!([{ "op": op, "path": "members", "value": list(ids) }])
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_added_removed_and_replaced() {
    for style in STYLES {
        let mut bed = style.bed().await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim, lee, max] = bed.create_users(["jo", "kim", "lee", "max"]).await;
        let empty = bed.create_group(json!({"displayName": "Empty", "members": []})).await;
        bed.holds(style, &empty, &[], &nobody, "created empty").await;
        let body = json!({"displayName": "Team", "members": list(&[&jo, &kim, &jo])});
        let team = bed.create_group(body).await;
        bed.holds(style, &team, &[&jo, &kim], &nobody, "created with members, one named twice").await;
        let steps: [(&str, &[&str], &[&str]); 12] = [
            ("Add", &[&lee], &[&jo, &kim, &lee]),
            ("Add", &[&lee, &max], &[&jo, &kim, &lee, &max]),
            ("Add", &[&jo, &kim], &[&jo, &kim, &lee, &max]),
            ("Remove", &[&max], &[&jo, &kim, &lee]),
            ("Remove", &[&max], &[&jo, &kim, &lee]),
            ("Remove", &[&lee, &max], &[&jo, &kim]),
            ("Add", &[&lee, &max], &[&jo, &kim, &lee, &max]),
            ("Remove", &[&jo, &max], &[&kim, &lee]),
            ("Replace", &[&jo, &kim], &[&jo, &kim]),
            ("Replace", &[&kim, &jo], &[&jo, &kim]),
            ("Remove", &[&jo, &kim], &[]),
            ("Remove", &[&jo, &kim], &[]),
        ];
        for (op, ids, left) in steps {
            bed.patch_group(&team, on_members(op, ids)).await;
            bed.holds(style, &team, left, &nobody, &format!("{op} {ids:?}")).await;
        }
        whole_sets(style, &mut bed, &team, [&jo, &kim, &lee], &nobody).await;
        assert_eq!(bed.http.delete(&format!("/Groups/{team}")).await.status, 204, "{style:?}");
        is_error(&bed.http.get(&format!("/Groups/{team}")).await, 404, None);
    }
}

/// PUT, `replace` with nothing, and `remove` without a value.
async fn whole_sets(style: Style, bed: &mut Bed, team: &str, [jo, kim, lee]: [&str; 3], nobody: &[&str]) {
    let path = format!("/Groups/{team}");
    let put = bed.http.put(&path, &json!({"displayName": "Team", "members": list(&[kim, lee])})).await;
    assert_eq!(put.status, 200, "{put:?}");
    bed.holds(style, team, &[kim, lee], nobody, "PUT").await;
    let one = json!([{"op": "remove", "path": format!("members[value eq \"{kim}\"]")},
        {"op": "add", "path": "members", "value": list(&[jo])}, {"op": "remove", "path": "members", "value": list(&[jo])}]);
    bed.patch_group(team, one).await;
    bed.holds(style, team, &[lee], nobody, "added and removed in one request").await;
    bed.patch_group(team, json!([{"op": "replace", "path": "members", "value": []}])).await;
    bed.holds(style, team, &[], nobody, "replaced with nobody").await;
    bed.patch_group(team, json!([{"op": "Add", "value": {"displayName": "Team", "members": list(&[jo, kim])}}])).await;
    bed.holds(style, team, &[jo, kim], nobody, "without a path").await;
    bed.patch_group(team, json!([{"op": "remove", "path": "members"}])).await;
    bed.holds(style, team, &[], nobody, "all removed").await;
    bed.patch_group(team, on_members("Add", &[jo])).await;
    let put = bed.http.put(&path, &json!({"displayName": "Team"})).await;
    assert_eq!(put.status, 200, "{put:?}");
    bed.holds(style, team, &[], nobody, "PUT without members").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_members_are_renamed_and_go() {
    for style in STYLES {
        let mut bed = style.bed().await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let team = bed.create_group(json!({"displayName": "Team", "members": list(&[&jo, &kim])})).await;
        bed.patch_group(&team, json!([{"op": "Replace", "path": "displayName", "value": "Crew, \"+1\" ä"}])).await;
        let read = bed.http.get(&format!("/Groups/{team}")).await;
        assert_eq!(read.body["displayName"], "Crew, \"+1\" ä", "{style:?}");
        bed.holds(style, &team, &[&jo, &kim], &nobody, "the group has another name").await;
        let both = json!([{"op": "Replace", "path": "displayName", "value": "Crew"},
            {"op": "Remove", "path": "members", "value": list(&[&kim])}]);
        bed.patch_group(&team, both).await;
        bed.holds(style, &team, &[&jo], &nobody, "another name and a member less at once").await;
        bed.patch_group(&team, on_members("Add", &[&kim])).await;
        for name in ["kimberly", "Kimberly"] {
            bed.patch(&kim, json!([{"op": "Replace", "path": "userName", "value": name}])).await;
            bed.holds(style, &team, &[&jo, &kim], &nobody, name).await;
        }
        assert_eq!(bed.http.delete(&format!("/Users/{kim}")).await.status, 204, "{style:?}");
        bed.holds(style, &team, &[&jo], &nobody, "a member is deleted").await;
        assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204, "{style:?}");
        bed.holds(style, &team, &[], &nobody, "the last member is deleted").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_members_where_the_style_has_it() {
    for style in STYLES {
        let mut bed = style.bed().await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo] = bed.create_users(["jo"]).await;
        let inner = bed.create_group(json!({"displayName": "Inner", "members": list(&[&jo])})).await;
        let outer = bed.create_group(json!({"displayName": "Outer"})).await;
        let nest = on_members("Add", &[&jo, &inner]);
        if !style.is_nested() {
            let refused = bed.http.patch(&format!("/Groups/{outer}"), nest).await;
            is_error(&refused, 400, Some("invalidValue"));
            assert!(refused.body["detail"].as_str().unwrap().contains(&inner), "{refused:?}");
            bed.holds(style, &outer, &[&jo], &nobody, "no nesting").await;
            continue;
        }
        bed.patch_group(&outer, nest).await;
        bed.holds(style, &outer, &[&jo, &inner], &nobody, "nested").await;
        bed.patch_group(&inner, json!([{"op": "Replace", "path": "displayName", "value": "Core"}])).await;
        bed.holds(style, &outer, &[&jo, &inner], &nobody, "the inner one is renamed").await;
        bed.patch_group(&outer, on_members("Add", &[&outer])).await;
        bed.holds(style, &outer, &[&jo, &inner, &outer], &nobody, "a member of itself").await;
        bed.patch_group(&outer, json!([{"op": "Replace", "path": "displayName", "value": "Shell"}])).await;
        bed.holds(style, &outer, &[&jo, &inner, &outer], &nobody, "renamed as a member of itself").await;
        bed.patch_group(&outer, on_members("Remove", &[&outer])).await;
        assert_eq!(bed.http.delete(&format!("/Groups/{inner}")).await.status, 204, "{style:?}");
        bed.holds(style, &outer, &[&jo], &nobody, "the inner one is deleted").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_are_no_resources_are_neither_shown_nor_touched() {
    for style in STYLES {
        let mut bed = style.bed().await;
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let foreign = style.foreign();
        let present = [style.value_of(&bed.entry(&jo).await), foreign[0].to_owned(), foreign[1].to_owned()];
        let team = adopt(style, &mut bed, "theirs", &present).await;
        bed.holds(style, &team, &[&jo], &foreign, "as it was made").await;
        bed.patch_group(&team, json!([{"op": "replace", "path": "members", "value": list(&[&kim])}])).await;
        bed.holds(style, &team, &[&kim], &foreign, "replaced").await;
        let both = json!({"displayName": "theirs", "members": list(&[&jo, &kim])});
        assert_eq!(bed.http.put(&format!("/Groups/{team}"), &both).await.status, 200);
        bed.holds(style, &team, &[&jo, &kim], &foreign, "PUT").await;
        bed.patch_group(&team, on_members("Remove", &[&jo])).await;
        bed.patch_group(&team, json!([{"op": "remove", "path": "members"}])).await;
        bed.holds(style, &team, &[], &foreign, "all removed").await;
        let put = bed.http.put(&format!("/Groups/{team}"), &json!({"displayName": "theirs", "members": []})).await;
        assert_eq!(put.status, 200, "{put:?}");
        bed.holds(style, &team, &[], &foreign, "PUT without any").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_placeholder_comes_with_the_last_member_to_go() {
    for style in STYLES {
        let mut bed = style.bed().await;
        let nobody: Vec<&str> = style.placeholder().into_iter().collect();
        let [jo, kim] = bed.create_users(["jo", "kim"]).await;
        let (one, other) = (style.value_of(&bed.entry(&jo).await), style.value_of(&bed.entry(&kim).await));
        let ways = [
            ("one", on_members("Remove", &[&jo]), vec![one.clone()]),
            ("several", on_members("Remove", &[&jo, &kim]), vec![one.clone(), other]),
            ("one and one absent", on_members("Remove", &[&jo, &kim]), vec![one.clone()]),
            ("all", json!([{"op": "remove", "path": "members"}]), vec![one.clone()]),
            ("replaced", json!([{"op": "replace", "path": "members", "value": []}]), vec![one]),
        ];
        for (way, operations, present) in ways {
            let team = adopt(style, &mut bed, way, &present).await;
            bed.patch_group(&team, operations).await;
            bed.holds(style, &team, &[], &nobody, way).await;
        }
        let one = style.value_of(&bed.entry(&jo).await);
        let team = adopt(style, &mut bed, "swapped", &[one]).await;
        bed.patch_group(&team, json!([{"op": "replace", "path": "members", "value": list(&[&kim])}])).await;
        bed.holds(style, &team, &[&kim], &[], "another one in its place: no need of anybody else").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_puts_into_an_empty_group_is_nobody_either() {
    let style = Style::Names;
    let mapping = style.mapping().replace("placeholder = \"cn=nobody,", "placeholder = \"cn=placeholder,");
    let mut bed = Bed::with(style.directory().start().unwrap(), |setup| setup.mapping(&mapping).groups("")).await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let dn = bed.entry(&jo).await.dn;
    let team = adopt(style, &mut bed, "theirs", std::slice::from_ref(&dn)).await;
    // the overlay `refint` follows the delete, and the group must not be empty
    assert_eq!(bed.ldap.delete(&dn).await, 0);
    let group = format!("cn=theirs,{}", bed.directory.groups());
    let nobody = [super::style::PLACEHOLDER];
    crate::support::wait::until("the overlay", async || {
        let mut ldap = crate::support::ldap::Ldap::admin(&bed.directory).await;
        let found = ldap.search(&group, "(objectClass=*)").await;
        crate::support::ldap::values(&found[0], "member") == nobody
    })
    .await;
    bed.holds(style, &team, &[], &nobody, "emptied by the directory").await;
    bed.patch_group(&team, on_members("Add", &[&kim])).await;
    bed.patch_group(&team, json!([{"op": "replace", "path": "members", "value": []}])).await;
    bed.holds(style, &team, &[], &nobody, "filled and emptied").await;
}

/// Somebody else makes a group with these member values; its id.
async fn adopt(style: Style, bed: &mut Bed, name: &str, members: &[String]) -> String {
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let mut attrs: Vec<(&str, &[&str])> = vec![("objectClass", style.classes()), (style.attr(), &members)];
    let cn = [name];
    attrs.push(("cn", &cn));
    if style.has_numbers() {
        attrs.push(("gidNumber", &["77"]));
    }
    let dn = format!("cn={name},{}", bed.directory.groups());
    assert_eq!(bed.ldap.add(&dn, &attrs).await, 0, "{style:?}: {name}");
    let filter = crate::support::bed::encoded(&format!("displayName eq \"{name}\""));
    let found = bed.http.get(&format!("/Groups?filter={filter}&excludedAttributes=members")).await;
    found.body["Resources"][0]["id"].as_str().unwrap_or_else(|| panic!("{style:?}: {found:?}")).to_owned()
}
