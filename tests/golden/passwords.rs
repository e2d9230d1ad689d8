//! Requests that set a password, on each kind of directory.

use crate::PATCH;
use crate::directory::entry;
use crate::record::{Case, Id, check_for};
use scim_ldap_bridge::ldap::{AttrType, Entry};
use serde_json::{Value as Json, json};

const UUID: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const JO_DN: &str = "uid=jo,ou=people,dc=example,dc=com";

/// A small mapping with this source of passwords.
fn mapping(password: &str) -> String {
    format!(
        "[user]\nobject_classes = ['inetOrgPerson']\nrdn = 'uid'\n[user.attributes]\nuserName = 'uid'\ntitle = 'title'\n\
         'name.formatted' = {{ ldap = 'cn', default = '{{{{ userName }}}}' }}\n\
         'name.familyName' = {{ ldap = 'sn', default = '{{{{ userName }}}}' }}\n\
         [user.active]\nstrategy = 'lock'\n[user.password]\n{password}\n"
    )
}

/// The user with these attributes beside the usual ones.
fn jo(attrs: &[(&'static str, &[&str])]) -> Entry {
    let usual: [(&'static str, &[&str]); 5] = [
        ("entryUUID", &[UUID]),
        ("objectClass", &["inetOrgPerson"]),
        ("uid", &["jo"]),
        ("cn", &["jo"]),
        ("sn", &["jo"]),
    ];
    entry(JO_DN, &[&usual, attrs].concat())
}

fn case(name: &'static str, id: &'static str, method: &'static str, body: Json, entries: Vec<Entry>) -> Case {
    Case { name, method, id: Id::User(id), body, entries }
}

fn patch(name: &'static str, id: &'static str, entry: Entry, operations: Json) -> Case {
    case(name, id, "PATCH", json!({"schemas": [PATCH], "Operations": operations}), vec![entry])
}

/// A new password, beside these operations.
fn renewal(further: &[Json]) -> Json {
    let renewal = json!({"op": "Replace", "path": "password", "value": "Geheim-1"});
    Json::Array([&[renewal][..], further].concat())
}

fn active(value: bool) -> Json {
    json!({"op": "Replace", "path": "active", "value": value})
}

fn title() -> Json {
    json!({"op": "Replace", "path": "title", "value": "Lead"})
}

fn rename() -> Json {
    json!({"op": "Replace", "path": "userName", "value": "joan"})
}

/// A user as clients send one.
fn user(active: bool) -> Json {
    json!({"userName": "jo", "password": "Geheim-1", "active": active})
}

#[test]
fn openldap_hashes_by_an_operation_of_its_own() {
    let post = |name, body: Json, entries| case(name, UUID, "POST", body, entries);
    let locked = || jo(&[("pwdAccountLockedTime", &["000001010000Z"])]);
    let cases = vec![
        post("create", user(true), vec![]),
        post("create-disabled", user(false), vec![]),
        post("create-without", json!({"userName": "jo"}), vec![]),
        post("create-begun", user(true), vec![jo(&[])]),
        post("create-taken", user(true), vec![jo(&[("userPassword", &["{SSHA}x"])])]),
        patch("alone", UUID, jo(&[]), renewal(&[])),
        patch("with-others", UUID, jo(&[]), renewal(&[title(), rename()])),
        patch("of-disabled", UUID, locked(), renewal(&[])),
        patch("while-disabling", UUID, jo(&[]), renewal(&[active(false), title()])),
        patch("while-enabling", UUID, locked(), renewal(&[active(true)])),
    ];
    check_for("openldap", "openldap-password", &mapping("source = 'scim'"), cases);
    let random = mapping("source = 'random'");
    check_for("openldap", "openldap-password", &random, vec![post("create-random", json!({"userName": "jo"}), vec![])]);
}

#[test]
fn openldap_stores_a_template_as_it_is() {
    let locked = jo(&[("pwdAccountLockedTime", &["000001010000Z"])]);
    let cases = vec![
        case("create", UUID, "POST", json!({"userName": "jo"}), vec![]),
        patch("change", UUID, jo(&[]), json!([title()])),
        patch("rename", UUID, jo(&[]), json!([rename()])),
        patch("rename-disabled", UUID, locked, json!([rename()])),
    ];
    let template = mapping("source = 'template'\ntemplate = '{SASL}{{ userName }}'");
    check_for("openldap", "openldap-password-template", &template, cases);
}

#[test]
fn ds389_hashes_what_is_written() {
    let id = "66446001-1dd211b2-66225011-2ee211db";
    let locked = || jo(&[("nsUniqueId", &[id]), ("nsAccountLock", &["true"])]);
    let cases = vec![
        case("create", id, "POST", user(true), vec![]),
        case("create-disabled", id, "POST", user(false), vec![]),
        patch("alone", id, locked(), renewal(&[])),
        patch("while-enabling", id, locked(), renewal(&[active(true), title()])),
    ];
    check_for("389ds", "389ds-password", &mapping("source = 'scim'"), cases);
}

#[test]
fn active_directory_enables_an_account_with_its_password() {
    const GUID: &str = "6f1c1f6e-0000-4000-8000-000000000001";
    let mapping = |password: &str| {
        format!(
            "[user]\nobject_classes = ['user']\nrdn = 'cn'\n[user.attributes]\nuserName = 'cn'\ntitle = 'title'\n\
             [user.active]\nstrategy = 'lock'\n[user.password]\n{password}\n"
        )
    };
    let account_of = |state: &str, set_at: &str| {
        let guid = [0x6e, 0x1f, 0x1c, 0x6f, 0, 0, 0, 0x40, 0x80, 0, 0, 0, 0, 0, 0, 1];
        let attrs: [(&'static str, &[&str]); 4] =
            [("objectClass", &["user"]), ("cn", &["jo"]), ("userAccountControl", &[state]), ("pwdLastSet", &[set_at])];
        entry("cn=jo,ou=people,dc=example,dc=com", &attrs).with(AttrType::known("objectGUID"), [guid.to_vec().into()])
    };
    let account = |state: &str| account_of(state, if state == "546" { "0" } else { "134083728000000000" });
    let post = |name, body: Json, entries| case(name, GUID, "POST", body, entries);
    let cases = vec![
        post("create", user(true), vec![]),
        post("create-disabled", user(false), vec![]),
        post("create-without", json!({"userName": "jo"}), vec![]),
        post("create-disabled-without", json!({"userName": "jo", "active": false}), vec![]),
        post("create-begun", user(true), vec![account("546")]),
        post("create-taken", user(true), vec![account("512")]),
        patch("alone", GUID, account("512"), renewal(&[title()])),
        patch("unfinished", GUID, account("546"), renewal(&[])),
        patch("unfinished-enable", GUID, account("546"), renewal(&[active(true)])),
        patch("unfinished-enable-without", GUID, account("546"), json!([active(true)])),
        patch("enable", GUID, account("514"), json!([active(true)])),
    ];
    check_for("active-directory", "active-directory-password", &mapping("source = 'scim'"), cases);
    let cases = vec![
        post("create", json!({"userName": "jo"}), vec![]),
        patch("unfinished-enable", GUID, account("546"), json!([active(true)])),
        patch("unfinished-change", GUID, account("546"), json!([title()])),
        // another tool has given it a password, and these bits
        patch("enable-with-bits", GUID, account_of("546", "134083728000000000"), json!([active(true)])),
    ];
    check_for("active-directory", "active-directory-password-random", &mapping("source = 'random'"), cases);
}
