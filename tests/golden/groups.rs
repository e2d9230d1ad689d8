//! Requests about groups, and what they mean for users and the other way round.

use crate::directory::entry;
use crate::record::{Case, Id, check};
use crate::{PATCH, SHIPPED};
use scim_ldap_bridge::ldap::Entry;
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const KIM: &str = "6f1c1f6e-0000-4000-8000-000000000002";
const LEE: &str = "6f1c1f6e-0000-4000-8000-000000000003";
const TEAM: &str = "6f1c1f6e-0000-4000-8000-0000000000a1";
const OUTER: &str = "6f1c1f6e-0000-4000-8000-0000000000a2";
const ABSENT: &str = "6f1c1f6e-0000-4000-8000-00000000ffff";

const JO_DN: &str = "uid=jo,ou=people,dc=example,dc=com";
const KIM_DN: &str = "uid=kim,ou=people,dc=example,dc=com";
const LEE_DN: &str = "uid=lee,ou=people,dc=example,dc=com";
const TEAM_DN: &str = "cn=Team,ou=groups,dc=example,dc=com";
const NOBODY: &str = "cn=nobody,dc=example,dc=com";
const PRINTERS: &str = "cn=printers,ou=devices,dc=example,dc=com";

/// The users, the group with its members, and a group that the first is in.
fn directory() -> Vec<Entry> {
    let user = |dn, id, name: &str| {
        let class = ["inetOrgPerson", "scimResource"];
        entry(dn, &[("entryUUID", &[id]), ("objectClass", &class), ("uid", &[name]), ("cn", &[name]), ("sn", &[name])])
    };
    let group = |dn, id, name: &str, members: &[&str]| {
        let class = ["groupOfNames", "scimResource"];
        entry(dn, &[("entryUUID", &[id]), ("objectClass", &class), ("cn", &[name]), ("member", members)])
    };
    vec![
        user(JO_DN, JO, "jo"),
        user(KIM_DN, KIM, "kim"),
        user(LEE_DN, LEE, "lee"),
        group(TEAM_DN, TEAM, "Team", &[NOBODY, JO_DN, KIM_DN, PRINTERS]),
        group("cn=Outer,ou=groups,dc=example,dc=com", OUTER, "Outer", &[NOBODY, TEAM_DN, JO_DN]),
    ]
}

fn case(name: &'static str, method: &'static str, id: Id, body: Json) -> Case {
    Case { name, method, id, body, entries: directory() }
}

fn patch_of(id: Id, name: &'static str, operations: Json) -> Case {
    case(name, "PATCH", id, json!({"schemas": [PATCH], "Operations": operations}))
}

fn patch(name: &'static str, operations: Json) -> Case {
    patch_of(Id::Group(TEAM), name, operations)
}

fn members(op: &str, ids: &[&str]) -> Json {
    let value: Vec<Json> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": op, "path": "members", "value": value}])
}

fn cases() -> Vec<Case> {
    let post = |name, body| case(name, "POST", Id::Group(TEAM), body);
    let rename = |name: &str| json!([{"op": "Replace", "path": "displayName", "value": name}]);
    vec![
        post("create-empty", json!({"displayName": "New, <team>", "externalId": "e-1", "members": []})),
        post("create-with-members", json!({"displayName": "New", "members": [{"value": JO}, {"value": TEAM}]})),
        post("create-unresolved", json!({"displayName": "New", "members": [{"value": JO}, {"value": ABSENT}]})),
        patch("add-one", members("Add", &[LEE])),
        patch("add-several", members("Add", &[JO, LEE, OUTER])),
        patch("add-unresolved", members("Add", &[ABSENT, LEE])),
        patch("add-nobody", members("Add", &[ABSENT])),
        patch("remove-one", json!([{"op": "remove", "path": format!("members[value eq \"{JO}\"]")}])),
        patch("remove-several", members("Remove", &[JO, KIM, ABSENT])),
        patch("add-and-remove", Json::Array([members("Add", &[LEE]), members("Remove", &[JO])].map(first).into())),
        patch("replace-members", members("replace", &[KIM, LEE])),
        patch("replace-members-same", members("replace", &[KIM, JO])),
        patch("clear-members", json!([{"op": "remove", "path": "members"}])),
        patch("change-and-add", Json::Array([rename("Crew"), members("Add", &[LEE])].map(first).into())),
        patch("rename", rename("Crew")),
        patch("external-id", json!([{"op": "replace", "value": {"externalId": "e-2"}}])),
        case("put", "PUT", Id::Group(TEAM), json!({"displayName": "Team", "members": [{"value": LEE}]})),
        case("delete", "DELETE", Id::Group(TEAM), Json::Null),
        case("delete-user", "DELETE", Id::User(JO), Json::Null),
        patch_of(Id::User(JO), "rename-user", json!([{"op": "Replace", "path": "userName", "value": "joan"}])),
        patch_of(Id::User(JO), "disable-user", json!([{"op": "Replace", "path": "active", "value": "False"}])),
    ]
}

fn first(operations: Json) -> Json {
    operations[0].clone()
}

#[test]
fn groups_with_members_by_dn() {
    check("openldap-groups", SHIPPED, cases());
}

/// Users who are disabled leave their groups until they are enabled.
#[test]
fn groups_that_disabled_users_leave() {
    let text = SHIPPED.replace("# saved_memberships", "saved_memberships");
    let state = |value| json!([{"op": "replace", "path": "active", "value": value}]);
    let disabled = |mut case: Case| {
        let lock = [("pwdAccountLockedTime", &["000001010000Z"][..]), ("scimSavedMember", &[TEAM_DN])];
        for (attr, values) in lock {
            let values = values.iter().map(|value| (*value).into());
            case.entries[2].insert(scim_ldap_bridge::ldap::AttrType::known(attr), values);
        }
        case
    };
    check(
        "openldap-saved",
        &text,
        vec![
            patch_of(Id::User(JO), "disable", state(false)),
            disabled(patch_of(Id::User(LEE), "enable", state(true))),
            disabled(patch_of(
                Id::User(LEE),
                "enable-and-rename",
                Json::Array(vec![first(state(true)), json!({"op": "replace", "path": "userName", "value": "leah"})]),
            )),
            disabled(patch("rename-group", json!([{"op": "replace", "path": "displayName", "value": "Crew"}]))),
            disabled(case("delete-group", "DELETE", Id::Group(TEAM), Json::Null)),
            disabled(patch_of(Id::Group(OUTER), "add-disabled", members("Add", &[LEE, KIM]))),
            disabled(patch("remove-disabled", members("Remove", &[LEE]))),
            disabled(patch("replace-members", members("Replace", &[KIM]))),
            disabled(patch(
                "rename-and-remove-disabled",
                Json::Array(vec![
                    json!({"op": "replace", "path": "displayName", "value": "Crew"}),
                    first(members("Remove", &[LEE])),
                ]),
            )),
        ],
    );
}

/// Members by name, and numbers from counters.
#[test]
fn groups_of_unix() {
    let user = |id, name: &str, number: &str| {
        let class = ["inetOrgPerson", "posixAccount", "scimResource"];
        let attrs: [(&'static str, &[&str]); 9] = [
            ("entryUUID", &[id]),
            ("objectClass", &class),
            ("uid", &[name]),
            ("cn", &[name]),
            ("sn", &[name]),
            ("mail", &[&format!("{name}@example.com")]),
            ("uidNumber", &[number]),
            ("gidNumber", &["100"]),
            ("homeDirectory", &[&format!("/home/{name}")]),
        ];
        entry(&format!("uid={name},ou=people,dc=example,dc=com"), &attrs)
    };
    let class = ["posixGroup", "scimResource"];
    let group: [(&'static str, &[&str]); 5] = [
        ("entryUUID", &[TEAM]),
        ("objectClass", &class),
        ("cn", &["Team"]),
        ("gidNumber", &["10000"]),
        ("memberUid", &["jo", "root"]),
    ];
    let entries = vec![user(JO, "jo", "20000"), user(KIM, "kim", "20001"), entry(TEAM_DN, &group)];
    let cases = vec![
        case("create-user", "POST", Id::User(JO), json!({"userName": "jo@example.org", "active": true})),
        case("create-group", "POST", Id::Group(TEAM), json!({"displayName": "New", "members": [{"value": JO}]})),
        patch("add-one", members("Add", &[KIM])),
        patch("remove-one", members("Remove", &[JO])),
        patch("replace-members", members("Replace", &[KIM])),
        patch_of(
            Id::User(JO),
            "rename-user",
            json!([{"op": "Replace", "path": "userName", "value": "joan@x.example"}]),
        ),
        patch_of(Id::User(JO), "disable-user", json!([{"op": "Replace", "path": "active", "value": "False"}])),
        case("delete-user", "DELETE", Id::User(JO), Json::Null),
    ];
    let cases = cases.into_iter().map(|case| Case { entries: entries.clone(), ..case }).collect();
    check("openldap-posix", include_str!("../../config/mappings/openldap-posix.toml"), cases);
}
