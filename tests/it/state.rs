//! `active` against a real directory: the lock of the password policy, and an attribute that says it.

mod graveyard;
mod groups;

use crate::support::bridge::{Bridge, MAPPING, Setup};
use crate::support::http::Answer;
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// The password of whoever logs in.
const PASSWORD: &str = "correct horse battery";

/// The mapping that the package ships for servers that stay as they are.
const STOCK: &str = include_str!("../../config/mappings/openldap-stock.toml");

/// The code of `invalidCredentials`, which a locked account gets as well.
const REFUSED: u32 = 49;

/// The shipped mapping with another way to keep `active`.
fn with_state(lines: &str) -> String {
    MAPPING.replace("strategy = \"lock\"", lines).replace("userType = \"employeeType\"\n", "")
}

/// Switches `active`, and shows what came back.
async fn set(bridge: &Bridge, id: &str, active: bool) -> Answer {
    let operations = json!([{"op": "Replace", "path": "active", "value": if active { "True" } else { "False" }}]);
    let answer = bridge.http().patch(&format!("/Users/{id}"), operations).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["active"], active, "{answer:?}");
    let read = bridge.http().get(&format!("/Users/{id}")).await;
    assert_eq!(read.body["active"], active, "{read:?}");
    answer
}

/// The id of the user with this name.
async fn id(bridge: &Bridge, name: &str) -> String {
    let found = bridge.http().get(&format!("/Users?filter=userName%20eq%20%22{name}%22")).await;
    found.body["Resources"][0]["id"].as_str().unwrap_or_else(|| panic!("{found:?}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_user_cannot_log_in_until_it_is_unlocked() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &[("userPassword", &[PASSWORD])]).await, 0);
    let (dn, id) = (format!("uid=jo,{}", slapd.people()), id(&bridge, "jo").await);
    assert!(Ldap::bind(&slapd, &dn, PASSWORD).await.is_ok());
    set(&bridge, &id, false).await;
    assert_eq!(Ldap::bind(&slapd, &dn, PASSWORD).await.err(), Some(REFUSED));
    set(&bridge, &id, true).await;
    assert!(Ldap::bind(&slapd, &dn, PASSWORD).await.is_ok());
    let born = bridge.http().post("/Users", &json!({"userName": "kim", "active": false})).await;
    assert_eq!((born.status, &born.body["active"]), (201, &json!(false)), "{born:?}");
    assert_eq!(values(&admin.person(&slapd, "(uid=kim)").await, "pwdAccountLockedTime"), ["000001010000Z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_against_intruders_is_neither_shown_nor_opened() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &[("userPassword", &[PASSWORD])]).await, 0);
    let (dn, id) = (format!("uid=jo,{}", slapd.people()), id(&bridge, "jo").await);
    for _ in 0..5 {
        assert_eq!(Ldap::bind(&slapd, &dn, "a wrong guess").await.err(), Some(REFUSED));
    }
    let lock = async |admin: &mut Ldap| {
        let jo = admin.person(&slapd, "(uid=jo)").await;
        values(&jo, "pwdAccountLockedTime").join("|")
    };
    let intruder = lock(&mut admin).await;
    assert!(!intruder.is_empty() && intruder != "000001010000Z", "{intruder:?}");
    assert_eq!(Ldap::bind(&slapd, &dn, PASSWORD).await.err(), Some(REFUSED));
    set(&bridge, &id, true).await;
    assert_eq!(lock(&mut admin).await, intruder, "an enable of somebody enabled changes nothing");
    let put = bridge.http().put(&format!("/Users/{id}"), &json!({"userName": "jo", "active": true})).await;
    assert_eq!((put.status, &put.body["active"]), (200, &json!(true)), "{put:?}");
    assert_eq!(lock(&mut admin).await, intruder);
    set(&bridge, &id, false).await;
    assert_eq!(lock(&mut admin).await, "000001010000Z");
    set(&bridge, &id, true).await;
    assert_eq!(lock(&mut admin).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attribute_keeps_the_state_and_what_was_there_comes_back() {
    let slapd = Slapd::builder().start().unwrap();
    let lines = "strategy = \"attribute\"\nldap = \"employeeType\"\ndisabled = \"gone\"\nsaved_in = \"scimSavedValue\"";
    let bridge = Setup::new(&slapd).mapping(&with_state(lines)).start();
    let mut admin = Ldap::admin(&slapd).await;
    let several: [(&str, &[&str]); 1] = [("employeeType", &["Staff", "Zürich: 1"])];
    assert_eq!(admin.add_person(&slapd, "several", &several).await, 0);
    assert_eq!(admin.add_person(&slapd, "none", &[]).await, 0);
    for (name, before) in [("several", &["Staff", "Zürich: 1"][..]), ("none", &[])] {
        let (id, filter) = (id(&bridge, name).await, format!("(uid={name})"));
        for _ in 0..2 {
            set(&bridge, &id, false).await;
            set(&bridge, &id, false).await;
            assert_eq!(values(&admin.person(&slapd, &filter).await, "employeeType"), ["gone"], "{name}");
            set(&bridge, &id, true).await;
            let entry = admin.person(&slapd, &filter).await;
            assert_eq!(values(&entry, "employeeType"), before, "{name}");
            assert!(values(&entry, "scimSavedValue").is_empty(), "{name}: {entry:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memberships_stay_while_a_user_is_disabled() {
    let slapd = Slapd::builder().start().unwrap();
    let lines = "strategy = \"attribute\"\nldap = \"employeeType\"\ndisabled = \"gone\"\nenabled = \"here\"";
    for mapping in [MAPPING.to_owned(), with_state(lines)] {
        let bridge = Setup::new(&slapd).mapping(&mapping).start();
        let mut admin = Ldap::admin(&slapd).await;
        assert_eq!(admin.add_person(&slapd, "jo", &[]).await, 0);
        let (dn, group) = (format!("uid=jo,{}", slapd.people()), format!("cn=team,{}", slapd.groups()));
        let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["team"]), ("member", &[&dn])];
        assert_eq!(admin.add(&group, &attrs).await, 0);
        let id = id(&bridge, "jo").await;
        for active in [false, true] {
            set(&bridge, &id, active).await;
            let team = admin.search(&slapd.groups(), "(cn=team)").await;
            assert_eq!(values(&team[0], "member"), [dn.as_str()]);
            assert_eq!(values(&admin.person(&slapd, "(uid=jo)").await, "memberOf"), [group.as_str()]);
        }
        assert_eq!((admin.delete(&group).await, admin.delete(&dn).await), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_mapping_needs_neither_our_schema_nor_an_overlay() {
    let slapd = Slapd::builder().stock().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(STOCK).start();
    let mut admin = Ldap::admin(&slapd).await;
    let schema = admin.schema("attributeTypes").await;
    assert!(!schema.iter().any(|line| line.contains("scimExternalId") || line.contains("pwdAccountLockedTime")));
    let user = json!({
        "userName": "jo@example.org", "externalId": "4711", "active": true, "displayName": "Jo",
        "emails": [{"type": "work", "value": "jo@example.org"}],
        "phoneNumbers": [{"type": "work", "value": "+31 30 1"}, {"type": "fax", "value": "+31 30 2"}],
    });
    let created = bridge.http().post("/Users", &user).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.body["id"].as_str().unwrap();
    let found = bridge.http().get("/Users?filter=externalId%20eq%20%224711%22").await;
    assert_eq!(found.body["totalResults"], 1, "{found:?}");
    let state =
        async |admin: &mut Ldap| values(&admin.person(&slapd, "(carLicense=4711)").await, "employeeType").join("|");
    assert_eq!(state(&mut admin).await, "enabled");
    set(&bridge, id, false).await;
    assert_eq!(state(&mut admin).await, "disabled");
    set(&bridge, id, true).await;
    assert_eq!(state(&mut admin).await, "enabled");
    let twin = bridge.http().post("/Users", &user).await;
    assert_eq!((twin.status, &twin.body["scimType"]), (409, &json!("uniqueness")), "{twin:?}");
    let fax = json!([{"op": "Replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "+31 30 3"}]);
    assert_eq!(bridge.http().patch(&format!("/Users/{id}"), fax).await.status, 200);
    let rename = json!([{"op": "Replace", "path": "userName", "value": "jo.roe@example.org"}]);
    let renamed = bridge.http().patch(&format!("/Users/{id}"), rename).await;
    assert_eq!((renamed.status, &renamed.body["id"]), (200, &json!(id)), "{renamed:?}");
    let jo = admin.person(&slapd, "(uid=jo.roe@example.org)").await;
    assert_eq!(values(&jo, "facsimileTelephoneNumber"), ["+31 30 3"]);
    assert_eq!(bridge.http().delete(&format!("/Users/{id}")).await.status, 204);
    assert!(admin.search(&slapd.people(), "(objectClass=inetOrgPerson)").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_identifier_is_hidden_is_not_taken_for_gone() {
    let (bridge_dn, people) = ("cn=scim-bridge,ou=services,dc=example,dc=com", "ou=people,dc=example,dc=com");
    let hidden =
        format!("access to dn.subtree=\"{people}\" attrs=entryUUID by dn.exact=\"{bridge_dn}\" search by * none");
    let slapd = Slapd::builder().line(&hidden).start().unwrap();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &[]).await, 0);
    let bridge = Setup::new(&slapd).start();
    for path in ["/Users?filter=userName%20eq%20%22jo%22", "/Users"] {
        let answer = bridge.http().get(path).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert!(answer.body["detail"].as_str().unwrap().contains("does not show `entryUUID`"), "{answer:?}");
    }
}
