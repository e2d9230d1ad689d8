//! The shipped mappings against entries and resources, without IO.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::*;
use crate::fault::Document;
use crate::ldap::{AttrType, Dn, Entry, Filter as Ldap, ModOp, Value};
use crate::scim::{Filter, Resource};
use crate::vendor;

/// Compiles `text`; the faults if it has any.
fn compiled(text: &str) -> Result<Mapping, String> {
    let document = Document::parse(Path::new("mapping.toml"), text).map_err(|fault| fault.to_string())?;
    let profile = vendor::profile("openldap").expect("a known vendor");
    let mapping = compile(&mut document.reader(), profile);
    let faults = document.into_faults();
    if faults.is_empty() { Ok(mapping.expect("a mapping without faults")) } else { Err(faults.to_string()) }
}

fn openldap() -> ResourceMapping {
    compiled(include_str!("../../config/mappings/openldap.toml")).expect("the shipped mapping compiles").user
}

fn entry(dn: &str, attrs: &[(&'static str, &[&str])]) -> Entry {
    let entry = Entry::new(Dn::parse(dn).expect("a DN"));
    let with = |entry: Entry, (attr, values): &(&'static str, &[&str])| {
        entry.with(AttrType::known(attr), values.iter().map(|v| Value::from(*v)))
    };
    attrs.iter().fold(entry, with)
}

fn jo() -> Entry {
    let dn = "uid=jo,ou=people,dc=example,dc=com";
    let attrs: &[(&'static str, &[&str])] = &[
        ("entryUUID", &["6f1c1f6e-0000-4000-8000-000000000001"]),
        ("objectClass", &["inetOrgPerson"]),
        ("uid", &["jo"]),
        ("cn", &["Jo Doe"]),
        ("sn", &["jo"]),
        ("displayName", &["Jo"]),
        ("mail", &["jo@example.com", "jo.doe@example.com"]),
        ("telephoneNumber", &["+31 1"]),
        ("l", &["Delft"]),
        ("co", &["Netherlands"]),
        ("manager", &["UID=boss, ou=people,dc=example,dc=com"]),
    ];
    entry(dn, attrs)
}

fn resource(body: Json) -> Resource {
    Resource::from_map(body.as_object().cloned().expect("an object"))
}

fn get<'r>(resource: &'r Resource, pointer: &str) -> Option<&'r Json> {
    let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    let value = resource.as_map().get(first)?;
    if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
}

#[test]
fn shipped_mappings_compile() {
    openldap();
    compiled(include_str!("../../config/mappings/openldap-stock.toml")).expect("the stock mapping compiles");
}

#[test]
fn an_entry_reads_as_a_resource_and_its_filler_is_hidden() {
    let mapping = openldap();
    let reading = mapping.read(&jo());
    let boss = Dn::parse("uid=boss,ou=people,dc=example,dc=com").expect("a DN");
    assert_eq!(reading.references, std::slice::from_ref(&boss));
    let resource = mapping.complete(&reading.resource, &HashMap::from([(boss.key(), "42".to_owned())]));
    assert_eq!(get(&resource, "userName"), Some(&json!("jo")));
    assert_eq!(get(&resource, "name"), Some(&json!({"formatted": "Jo Doe"})), "`sn` holds the filler");
    let emails = json!([
        {"value": "jo@example.com", "type": "work", "primary": true},
        {"value": "jo.doe@example.com", "type": "work", "primary": false},
    ]);
    assert_eq!(get(&resource, "emails"), Some(&emails));
    let address = json!([{"locality": "Delft", "type": "work", "country": "Netherlands"}]);
    assert_eq!(get(&resource, "addresses"), Some(&address));
    let manager = resource.get(Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), "manager");
    assert_eq!(manager, Some(&json!({"value": "42"})));
    assert_eq!(get(&resource, "active"), Some(&json!(true)));
}

#[test]
fn a_reference_without_an_id_is_not_shown() {
    let mapping = openldap();
    let resource = mapping.complete(&mapping.read(&jo()).resource, &HashMap::new());
    assert!(!resource.as_map().keys().any(|key| key.contains("enterprise")), "{resource:?}");
}

#[test]
fn a_minimal_user_gets_what_the_object_class_demands() {
    let mapping = openldap();
    let attrs = mapping.create(&resource(json!({"userName": "jo"})), &Lookup::default()).expect("an entry");
    let names: Vec<String> = attrs.iter().map(|(attr, _)| attr.to_string()).collect();
    assert_eq!(names, ["objectClass", "uid", "cn", "sn"]);
    assert_eq!(mapping.name(&attrs).expect("a name").to_string(), "uid=jo");
}

#[test]
fn a_name_of_nothing_but_space_is_missing() {
    for (name, missing) in [(" \t\u{a0}", vec!["userName"]), (" jo ", vec![])] {
        assert_eq!(openldap().missing(&resource(json!({ "userName": name }))), missing);
    }
}

#[test]
fn nothing_changes_when_nothing_differs() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let difference = mapping.difference(&jo(), &before, &before, &Lookup::default()).expect("a difference");
    assert_eq!(difference, Difference::default());
}

#[test]
fn a_new_user_name_renames_and_fills_again() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    after.set(None, "userName", json!("joan"));
    let difference = mapping.difference(&jo(), &before, &after, &Lookup::default()).expect("a difference");
    assert_eq!(difference.rdn.map(|rdn| rdn.to_string()).as_deref(), Some("uid=joan"));
    let mods: Vec<(ModOp, String)> = difference.mods.iter().map(|m| (m.op, m.attr.to_string())).collect();
    let filled =
        [(ModOp::Add, "objectClass".to_owned()), (ModOp::Delete, "sn".to_owned()), (ModOp::Add, "sn".to_owned())];
    assert_eq!(mods, filled);
}

#[test]
fn one_value_changes_without_touching_the_others() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    let emails = json!([{"value": "new@example.com", "type": "work"}, {"value": "jo.doe@example.com", "type": "work"}]);
    after.set(None, "emails", emails);
    let difference = mapping.difference(&jo(), &before, &after, &Lookup::default()).expect("a difference");
    let values = |m: &crate::ldap::Mod| m.values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
    let mods: Vec<(ModOp, String)> =
        difference.mods.iter().filter(|m| m.attr == AttrType::known("mail")).map(|m| (m.op, values(m))).collect();
    let swapped = [(ModOp::Delete, "jo@example.com".to_owned()), (ModOp::Add, "new@example.com".to_owned())];
    assert_eq!(mods, swapped);
}

#[test]
fn removing_a_reference_clears_it_and_the_same_one_again_changes_nothing() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut without = before.clone();
    without.remove(Some(urn), "manager");
    let difference = mapping.difference(&jo(), &before, &without, &Lookup::default()).expect("a difference");
    assert_eq!(difference.mods.len(), 1);
    assert_eq!(difference.mods[0].op, ModOp::Delete);
    let mut same = before.clone();
    same.set(Some(urn), "manager", json!({"value": "42"}));
    let mut lookup = Lookup::default();
    lookup.dns.insert("42".to_owned(), Dn::parse("uid=boss,ou=people,dc=example,dc=com").expect("a DN"));
    let difference = mapping.difference(&jo(), &before, &same, &lookup).expect("a difference");
    assert_eq!(difference, Difference::default());
}

#[test]
fn two_addresses_of_one_type_are_refused() {
    let mapping = openldap();
    let addresses = json!([{"type": "work", "locality": "A"}, {"type": "work", "locality": "B"}]);
    let error = mapping.create(&resource(json!({"userName": "jo", "addresses": addresses})), &Lookup::default());
    assert!(matches!(error, Err(Error::Elements { count: 2, .. })), "{error:?}");
}

#[test]
fn a_naming_value_cannot_be_taken_away() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    after.remove(None, "userName");
    let error = mapping.difference(&jo(), &before, &after, &Lookup::default());
    assert!(matches!(error, Err(Error::Naming { .. })), "{error:?}");
}

#[test]
fn account_states_can_be_undone() {
    let saved = AccountState::Attribute {
        attr: AttrType::known("loginShell"),
        disabled: "/usr/sbin/nologin".to_owned(),
        enabled: None,
        saved_in: Some(AttrType::known("scimSavedValue")),
    };
    let dn = "uid=jo,ou=people,dc=example,dc=com";
    let enabled = entry(dn, &[("loginShell", &["/bin/zsh"]), ("scimSavedValue", &["other: kept"])]);
    assert!(saved.is_active(&enabled));
    let mods = saved.set(&enabled, false);
    assert_eq!(mods[1].values, [Value::from("other: kept"), Value::from("loginShell: /bin/zsh")]);
    let lines: &[&str] = &["other: kept", "loginShell: /bin/zsh"];
    let disabled = entry(dn, &[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", lines)]);
    assert!(!saved.is_active(&disabled));
    let mods = saved.set(&disabled, true);
    assert_eq!(mods[0].values, [Value::from("/bin/zsh")]);
    assert_eq!(mods[1].values, [Value::from("other: kept")]);

    let nothing = entry(dn, &[]);
    let mods = saved.set(&nothing, false);
    assert_eq!(mods[1].values, [Value::from("loginShell:")]);
    let back =
        saved.set(&entry(dn, &[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", &["loginShell:"])]), true);
    assert!(back[0].values.is_empty() && back[1].values.is_empty(), "{back:?}");
}

#[test]
fn an_intruder_lock_is_not_a_disabled_user() {
    let profile = vendor::profile("openldap").expect("a known vendor");
    let state = AccountState::Lock(profile.lock.expect("a lock"));
    let intruder = entry("uid=jo,dc=example,dc=com", &[("pwdAccountLockedTime", &["20261122010203Z"])]);
    assert!(state.is_active(&intruder));
    assert!(state.set(&intruder, true).is_empty());
    let locked = entry("uid=jo,dc=example,dc=com", &[("pwdAccountLockedTime", &["000001010000Z"])]);
    assert!(!state.is_active(&locked));
}

#[test]
fn filters_find_at_least_what_they_mean() {
    let mapping = openldap();
    let pushed = |text: &str| mapping.push_down(&Filter::parse(text).expect("a filter"), &HashMap::new());
    let text = |pushdown: Result<Pushdown, String>| match pushdown {
        Ok(Pushdown::Matching(filter)) => filter.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(text(pushed(r#"userName eq "jo""#)), "(uid=jo)");
    assert_eq!(text(pushed(r#"userName eq "*)(uid=*""#)), r"(uid=\2a\29\28uid=\2a)");
    assert_eq!(text(pushed(r#"emails[type eq "work"].value eq "a@b""#)), "(mail=a@b)");
    assert_eq!(text(pushed(r#"emails[type eq "work" and value eq "a@b"]"#)), "(mail=a@b)");
    assert_eq!(text(pushed(r#"phoneNumbers.value eq "1""#)).matches('=').count(), 3);
    assert_eq!(text(pushed(r#"userName eq "jo" and active eq true"#)), "(uid=jo)");
    let fax = text(pushed(r#"phoneNumbers[type eq "fax"].value eq "1""#));
    assert_eq!(fax, "(facsimileTelephoneNumber=*)", "an attribute without an equality rule");
    assert_eq!(pushed(r#"id eq "no-uuid""#), Ok(Pushdown::Nothing));
    assert!(pushed("active eq true").is_err());
    assert!(pushed(r#"not (userName eq "jo")"#).is_err());
    assert_eq!(pushed(r#"manager.value eq "42""#), Ok(Pushdown::Nothing));
    let either = pushed(r#"userName eq "a" or displayName eq "b""#);
    assert_eq!(
        either,
        Ok(Pushdown::Matching(Ldap::or([
            Ldap::eq(AttrType::known("uid"), "a"),
            Ldap::eq(AttrType::known("displayName"), "b"),
        ])))
    );
}

#[test]
fn all_faults_of_a_mapping_are_reported_at_once() {
    let faults = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "cn"
        [user.attributes]
        userName = { ldap = "uid", requird = true }
        password = { ldap = "userPassword", direction = "to-ldap" }
        displayName = "uid"
        nickname2 = "x"
        "name.familyName" = { ldap = "sn", default = "{{ usrName }}" }
        emails = "mail"
        'phoneNumbers[value eq "1"].value' = "mobile"
        [user.active]
        strategy = "attribute"
        ldap = "employeeType"
        disabled = "no"
        "#,
    )
    .expect_err("faults");
    let expected = [
        "requird",
        "did you mean `required`",
        "nickname2",
        "usrName",
        "no password",
        "emails.value",
        "[type eq",
        "saved_in",
    ];
    for text in expected {
        assert!(faults.contains(text), "{text} in:\n{faults}");
    }
}

#[test]
fn what_cannot_work_or_is_not_the_clients_is_no_mapping() {
    let faults = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "uid"
        [user.attributes]
        userName = "uid"
        id = "title"
        userType = "objectClass"
        nickName = "modifyTimestamp"
        locale = { ldap = "createTimestamp", direction = "to-scim" }
        'emails[type eq "work"].value' = "mail"
        'emails[type eq "home"].value' = "carLicense"
        'emails.value' = "description"
        [user.active]
        strategy = "attribute"
        ldap = "employeeType"
        disabled = "no"
        enabled = "NO"
        saved_in = "employeeType"
        "#,
    );
    let faults = faults.expect_err("faults");
    for key in ["id", "userType", "nickName", "\"emails.value\"", "enabled", "saved_in"] {
        assert!(faults.contains(&format!("{key}`: found")), "{key}: {faults}");
    }
    assert_eq!(faults.matches("`: found").count(), 6, "{faults}");
}
