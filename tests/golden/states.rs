//! Requests about `active`, under each strategy and several together, and deletes.

use crate::directory::entry;
use crate::record::{Case, Id, check};
use crate::{PATCH, SHIPPED};
use scim_ldap_bridge::ldap::{AttrType, Entry, Value};
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const JO_DN: &str = "uid=jo,ou=people,dc=example,dc=com";
const TEAM_DN: &str = "cn=Team,ou=groups,dc=example,dc=com";
const NOBODY: &str = "cn=nobody,dc=example,dc=com";
const DISABLED: &str = "cn=disabled,ou=state,dc=example,dc=com";
const VPN: &str = "cn=vpn,ou=groups,dc=example,dc=com";

/// The shipped mapping with these lines about `active`.
fn with_state(lines: &str) -> String {
    let text = SHIPPED.replace("strategy = \"lock\"", lines);
    text.replace("object_classes = [\"inetOrgPerson\"]", "object_classes = [\"inetOrgPerson\", \"posixAccount\"]")
}

/// A user with these attributes beside the usual ones.
fn jo(attrs: &[(&'static str, &[&str])]) -> Entry {
    let class = ["inetOrgPerson", "scimResource"];
    let usual: &[(&'static str, &[&str])] =
        &[("entryUUID", &[JO]), ("objectClass", &class), ("uid", &["jo"]), ("cn", &["jo"]), ("sn", &["jo"])];
    attrs.iter().fold(entry(JO_DN, usual), |entry, (attr, values)| {
        entry.with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    })
}

/// A directory of this user, a group, and two that say who is enabled.
fn directory(jo: Entry) -> Vec<Entry> {
    let is_in = |dn: &&str| jo.get(&AttrType::known("memberOf")).contains(&Value::from(*dn));
    let group = |dn: &str, id, members: &[&str]| {
        let own = [JO_DN].into_iter().filter(|_| is_in(&dn));
        let members: Vec<&str> = members.iter().copied().chain(own).collect();
        entry(dn, &[("entryUUID", &[id]), ("objectClass", &["groupOfNames"]), ("member", &members)])
    };
    vec![
        group(TEAM_DN, "6f1c1f6e-0000-4000-8000-0000000000a1", &[NOBODY, JO_DN]),
        group(DISABLED, "6f1c1f6e-0000-4000-8000-0000000000a2", &[NOBODY]),
        group(VPN, "6f1c1f6e-0000-4000-8000-0000000000a3", &[]),
        jo,
    ]
}

fn case(name: &'static str, method: &'static str, body: Json, entries: Vec<Entry>) -> Case {
    Case { name, method, id: Id::User(JO), body, entries }
}

fn patch(name: &'static str, jo: Entry, operations: &[Json]) -> Case {
    case(name, "PATCH", json!({"schemas": [PATCH], "Operations": operations}), directory(jo))
}

fn active(value: bool) -> Json {
    json!({"op": "Replace", "path": "active", "value": value})
}

fn rename() -> Json {
    json!({"op": "Replace", "path": "userName", "value": "joan"})
}

fn created(name: &'static str, active: bool) -> Case {
    let empty = directory(jo(&[])).into_iter().filter(|entry| entry.dn.to_string() != JO_DN).collect();
    case(name, "POST", json!({"userName": "kim", "active": active}), empty)
}

const SHELL: &str = "strategy = \"login-shell\"\nsaved_in = \"scimSavedValue\"";

#[test]
fn the_shell_and_the_expiry() {
    let lines = format!(
        "{SHELL}\n[user.active.also.expiry]\nstrategy = \"shadow-expire\"\nsaved_in = \"scimSavedValue\"\n\
         [user.active.also.lock]\nstrategy = \"lock\""
    );
    let enabled = || jo(&[("loginShell", &["/bin/zsh"]), ("shadowExpire", &["20000"])]);
    let disabled = || {
        jo(&[
            ("loginShell", &["/usr/sbin/nologin"]),
            ("shadowExpire", &["1"]),
            ("pwdAccountLockedTime", &["000001010000Z"]),
            ("scimSavedValue", &["loginShell: /bin/zsh", "shadowExpire: 20000"]),
        ])
    };
    let in_part = jo(&[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", &["loginShell: /bin/zsh"])]);
    check(
        "openldap-states",
        &with_state(&lines),
        vec![
            patch("disable", enabled(), &[active(false)]),
            patch("disable-again", disabled(), &[active(false)]),
            patch("disable-in-part", in_part, &[active(false)]),
            patch("enable", disabled(), &[active(true)]),
            patch("enable-again", enabled(), &[active(true)]),
            created("create-disabled", false),
        ],
    );
}

#[test]
fn groups_that_say_who_is_enabled() {
    let lines = format!(
        "strategy = \"lock\"\nsaved_memberships = \"scimSavedMember\"\n\
         [user.active.also.blocked]\nstrategy = \"group\"\nadd_to = \"{DISABLED}\"\n\
         [user.active.also.vpn]\nstrategy = \"group\"\nremove_from = \"{VPN}\""
    );
    let enabled = || jo(&[("memberOf", &[TEAM_DN, VPN])]);
    let disabled = || {
        jo(&[("memberOf", &[DISABLED]), ("pwdAccountLockedTime", &["000001010000Z"]), ("scimSavedMember", &[TEAM_DN])])
    };
    check(
        "openldap-state-groups",
        &with_state(&lines),
        vec![
            patch("disable", enabled(), &[active(false)]),
            patch("disable-in-part", jo(&[("memberOf", &[VPN])]), &[active(false)]),
            patch("enable", disabled(), &[active(true)]),
            patch("enable-again", enabled(), &[active(true)]),
            patch("enable-and-rename", disabled(), &[active(true), rename()]),
            patch("disable-and-rename", enabled(), &[active(false), rename()]),
            patch("rename", disabled(), &[rename()]),
            case("delete", "DELETE", Json::Null, directory(disabled())),
            created("create", true),
            created("create-disabled", false),
        ],
    );
}

/// The shipped mapping with these lines about deletion.
fn with_delete(lines: &str) -> String {
    with_state(&format!(
        "strategy = \"lock\"\n[user.active.also.blocked]\nstrategy = \"group\"\nadd_to = \"{DISABLED}\""
    ))
    .replace("\npolicy = \"remove\"", &format!("\n{lines}"))
}

#[test]
fn a_graveyard() {
    let graveyard = "ou=deleted,dc=example,dc=com";
    let text = with_delete(&format!("policy = \"graveyard\"\nmark = \"scimDeletedAt\"\nto = \"{graveyard}\""));
    let state: &[(&'static str, &[&str])] = &[
        ("pwdAccountLockedTime", &["000001010000Z"]),
        ("memberOf", &[DISABLED]),
        ("scimDeletedAt", &["20261101000000Z"]),
    ];
    let buried = |name: &str, id: &str, time: &str| {
        let class = ["inetOrgPerson", "scimResource"];
        let attrs: [(&'static str, &[&str]); 8] = [
            ("entryUUID", &[id]),
            ("objectClass", &class),
            ("uid", &[name, id]),
            ("cn", &[name]),
            ("sn", &[name]),
            ("pwdAccountLockedTime", &["000001010000Z"]),
            ("memberOf", &[DISABLED]),
            ("scimDeletedAt", &[time]),
        ];
        entry(&format!("uid={id},{graveyard}"), &attrs)
    };
    let there = || {
        entry(
            graveyard,
            &[("entryUUID", &["6f1c1f6e-0000-4000-8000-0000000000b1"]), ("objectClass", &["organizationalUnit"])],
        )
    };
    let with = |entries: Vec<Entry>, further: Vec<Entry>| [vec![there()], entries, further].concat();
    let empty = || directory(jo(&[])).into_iter().filter(|entry| entry.dn.to_string() != JO_DN).collect::<Vec<_>>();
    let two = || {
        vec![
            buried("jo", "6f1c1f6e-0000-4000-8000-000000000009", "20251101000000Z"),
            buried("Jo", JO, "20261101000000Z"),
        ]
    };
    let post = |name, body, entries| case(name, "POST", body, entries);
    check(
        "openldap-graveyard",
        &text,
        vec![
            case("delete", "DELETE", Json::Null, with(directory(jo(&[("memberOf", &[TEAM_DN])])), two())),
            case("delete-in-part", "DELETE", Json::Null, with(directory(jo(state)), Vec::new())),
            case("delete-again", "DELETE", Json::Null, with(empty(), two())),
            case("no-graveyard", "DELETE", Json::Null, directory(jo(&[]))),
            post("revive", json!({"userName": "jo", "title": "Back"}), with(empty(), two())),
            post("revive-disabled", json!({"userName": "jo", "active": false}), with(empty(), two())),
            post("revive-in-part", json!({"userName": "jo"}), with(directory(jo(state)), Vec::new())),
            post("create-living", json!({"userName": "jo"}), with(directory(jo(&[])), two())),
            post("create-by-id", json!({"userName": JO}), with(empty(), two())),
        ],
    );
}

#[test]
fn deletes_that_only_disable() {
    check(
        "openldap-delete-disables",
        &with_delete("policy = \"disable\""),
        vec![
            case("delete", "DELETE", Json::Null, directory(jo(&[("memberOf", &[TEAM_DN])]))),
            case(
                "delete-again",
                "DELETE",
                Json::Null,
                directory(jo(&[("memberOf", &[DISABLED]), ("pwdAccountLockedTime", &["000001010000Z"])])),
            ),
        ],
    );
}
