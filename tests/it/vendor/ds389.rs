//! 389 Directory Server.

use super::{members, replace, whole};
use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Ds389;
use serde_json::json;

/// The usual, with groups.
async fn bed() -> Bed<Ds389> {
    Bed::with(Ds389::builder().start().unwrap(), |setup| setup.groups("")).await
}

#[tokio::test]
async fn a_user_lives_as_elsewhere() {
    let mut bed = bed().await;
    let boss = bed.create(json!({"userName": "boss"})).await;
    let id = bed.create(whole("jo")).await;
    let created = bed.read(&id).await;
    for (key, value) in whole("jo").as_object().unwrap() {
        assert_eq!(&created[key], value, "{key}");
    }
    assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);

    let manager = json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss}]);
    assert_eq!(bed.patch(&id, manager).await[ENTERPRISE]["manager"]["value"], json!(boss));
    let fax = replace("phoneNumbers[type eq \"fax\"].value", "+31 3");
    bed.patch(&id, fax).await;
    for filter in [
        "userName eq \"JO\"",
        "externalId eq \"x1\"",
        "phoneNumbers[type eq \"fax\"].value eq \"+31 3\"",
        "userName eq \"jo\" and active eq true",
    ] {
        assert_eq!(bed.find(filter).await.len(), 1, "{filter}");
    }
    assert!(bed.find("externalId eq \"X1\"").await.is_empty());

    let renamed = bed.patch(&id, replace("userName", "joan")).await;
    assert_eq!((&renamed["id"], &renamed["userName"]), (&json!(id), &json!("joan")));
    bed.patch(&boss, replace("userName", "chief")).await;
    let entry = bed.entry(&id).await;
    assert!(entry.dn.starts_with("uid=joan,"), "{}", entry.dn);
    assert_eq!(values(&entry, "manager"), [format!("uid=chief,{}", bed.directory.people())]);
    assert_eq!(bed.read(&id).await[ENTERPRISE]["manager"]["value"], json!(boss));

    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(bed.http.get(&format!("/Users/{id}")).await.status, 404);
}

#[tokio::test]
async fn active_is_the_lock_of_the_directory() {
    let mut bed = bed().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let dn = bed.entry(&id).await.dn;
    assert_eq!(bed.ldap.replace(&dn, "userPassword", &["Correct horse 1"]).await, 0);
    assert_eq!(bed.patch(&id, replace("active", "False")).await["active"], json!(false));
    assert_eq!(values(&bed.entry(&id).await, "nsAccountLock"), ["true"]);
    assert_eq!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.err(), Some(53));
    assert_eq!(bed.patch(&id, replace("active", "True")).await["active"], json!(true));
    assert!(values(&bed.entry(&id).await, "nsAccountLock").is_empty());
    assert!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.is_ok());

    assert_eq!(bed.ldap.replace(&dn, "nsAccountLock", &["TRUE"]).await, 0);
    assert_eq!(bed.read(&id).await["active"], json!(false), "whoever locked it");
    assert_eq!(bed.patch(&id, replace("active", "True")).await["active"], json!(true));
    let off = bed.create(json!({"userName": "al", "active": false})).await;
    assert_eq!(values(&bed.entry(&off).await, "nsAccountLock"), ["true"]);
}

#[tokio::test]
async fn groups_have_members_and_may_be_empty() {
    let mut bed = bed().await;
    let [jo, al] = bed.create_users(["jo", "al"]).await;
    let team = bed.create_group(json!({"displayName": "Team", "externalId": "g1"})).await;
    let inner = bed.create_group(json!({"displayName": "Inner", "members": [{"value": jo}]})).await;
    assert_eq!(values(&bed.entry(&team).await, "member"), [""; 0]);
    for _ in 0..2 {
        bed.patch_group(&team, members("Add", &[&al, &inner])).await;
    }
    let mut both = vec![al.clone(), inner.clone()];
    both.sort();
    assert_eq!(bed.members(&team).await, both);
    let groups = bed.read(&al).await["groups"].clone();
    assert_eq!(groups, json!([{"value": team}]));
    assert_eq!(bed.read(&jo).await["groups"].as_array().unwrap().len(), 2, "groups of groups too");
    for _ in 0..2 {
        bed.patch_group(&team, members("Remove", &[&al, &inner])).await;
    }
    assert_eq!(bed.members(&team).await, [""; 0]);

    bed.patch_group(&team, members("Add", &[&jo, &al])).await;
    bed.patch(&jo, replace("userName", "joan")).await;
    assert_eq!(bed.http.delete(&format!("/Users/{al}")).await.status, 204);
    assert_eq!(values(&bed.entry(&team).await, "member"), [format!("uid=joan,{}", bed.directory.people())]);
    bed.patch_group(&team, replace("displayName", "Crew")).await;
    assert!(bed.entry(&team).await.dn.starts_with("cn=Crew,"));
    assert_eq!(bed.http.delete(&format!("/Groups/{team}")).await.status, 204);
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let bed = bed().await;
    bed.create(json!({"userName": "jo", "emails": [{"type": "work", "value": "jo@example.com"}]})).await;
    bed.create_group(json!({"displayName": "Team"})).await;
    let refused = [
        ("/Users", json!({"userName": "JO"}), 409, "`userName`"),
        (
            "/Users",
            json!({"userName": "al", "externalId": "e", "emails": [{"type": "work", "value": "JO@example.com"}]}),
            409,
            "emails",
        ),
        ("/Groups", json!({"displayName": "team"}), 409, "`displayName`"),
        ("/Users", json!({"userName": "jö"}), 400, "NS7bitAttr"),
        ("/Users", json!({"userName": "al", "emails": [{"type": "work", "value": "jö@example.com"}]}), 400, "emails"),
    ];
    for (path, body, status, part) in refused {
        let answer = bed.http.post(path, &body).await;
        is_error(&answer, status, Some(if status == 409 { "uniqueness" } else { "invalidValue" }));
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
}
