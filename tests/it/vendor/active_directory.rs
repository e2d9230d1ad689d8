//! Active Directory, for which Samba's domain controller stands in.

use super::{members, replace, whole};
use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::Samba;
use serde_json::{Value, json};

/// The usual, with groups.
async fn bed() -> Bed<Samba> {
    Bed::with(Samba::builder().start().unwrap(), |setup| setup.groups("")).await
}

#[tokio::test]
async fn a_user_lives_as_elsewhere() {
    let mut bed = bed().await;
    let boss = bed.create(json!({"userName": "boss@example.com", "displayName": "The Boss"})).await;
    let mut user = whole("jo.doe@example.com");
    let addresses = user["emails"].as_array_mut().unwrap();
    addresses.push(json!({"type": "other", "value": "jd@example.com"}));
    let id = bed.create(user.clone()).await;
    let created = bed.read(&id).await;
    for (key, value) in user.as_object().unwrap() {
        assert_eq!(&created[key], value, "{key}");
    }
    let entry = bed.entry(&id).await;
    assert!(entry.dn.starts_with("CN=Jo Doe,"), "{}", entry.dn);
    for (attr, value) in
        [("sAMAccountName", "jo.doe"), ("proxyAddresses", "smtp:jd@example.com"), ("employeeNumber", "42")]
    {
        assert_eq!(values(&entry, attr), [value]);
    }
    assert_eq!(bed.ldap.add_value(&entry.dn, "proxyAddresses", "SMTP:jo@example.com").await, 0);
    bed.patch(&id, replace("emails[type eq \"other\"].value", "j@example.com")).await;
    assert_eq!(values(&bed.entry(&id).await, "proxyAddresses"), ["SMTP:jo@example.com", "smtp:j@example.com"]);

    let manager = json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss}]);
    assert_eq!(bed.patch(&id, manager).await[ENTERPRISE]["manager"]["value"], json!(boss));
    for filter in [
        "userName eq \"JO.DOE@example.com\"",
        "externalId eq \"x1\"",
        "emails[type eq \"other\"].value eq \"j@example.com\"",
        "userName eq \"jo.doe@example.com\" and active eq true",
    ] {
        assert_eq!(bed.find(filter).await.len(), 1, "{filter}");
    }

    let renamed = bed.patch(&id, replace("displayName", "Joan Doe")).await;
    assert_eq!(renamed["id"], json!(id));
    bed.patch(&id, replace("userName", "joan@example.com")).await;
    bed.patch(&boss, replace("displayName", "Chief")).await;
    let entry = bed.entry(&id).await;
    assert!(entry.dn.starts_with("CN=Joan Doe,"), "{}", entry.dn);
    assert_eq!(values(&entry, "sAMAccountName"), ["joan"]);
    assert!(values(&entry, "manager")[0].starts_with("CN=Chief,"), "{entry:?}");
    assert_eq!(bed.read(&id).await[ENTERPRISE]["manager"]["value"], json!(boss));

    assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(bed.http.get(&format!("/Users/{id}")).await.status, 404);
}

#[tokio::test]
async fn active_is_a_bit_and_the_other_bits_stay() {
    let mut bed = bed().await;
    let id = bed.create(json!({"userName": "jo@example.com"})).await;
    let dn = bed.entry(&id).await.dn;
    let quoted: Vec<u8> = "\"Correct horse 1\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(bed.ldap.replace_bytes(&dn, "unicodePwd", &quoted).await, 0);
    // the password never expires
    assert_eq!(bed.ldap.replace(&dn, "userAccountControl", &["66048"]).await, 0);
    assert_eq!(bed.patch(&id, replace("active", "False")).await["active"], json!(false));
    assert_eq!(values(&bed.entry(&id).await, "userAccountControl"), ["66050"]);
    assert_eq!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.err(), Some(49));
    assert_eq!(bed.patch(&id, replace("active", "True")).await["active"], json!(true));
    assert_eq!(values(&bed.entry(&id).await, "userAccountControl"), ["66048"]);
    assert!(Ldap::bind(&bed.directory, &dn, "Correct horse 1").await.is_ok());
    let off = bed.create(json!({"userName": "al@example.com", "active": false})).await;
    assert_eq!(values(&bed.entry(&off).await, "userAccountControl"), ["514"]);
}

#[tokio::test]
async fn groups_have_members_and_may_be_empty() {
    let mut bed = bed().await;
    let [jo, al] = bed.create_users(["jo@example.com", "al@example.com"]).await;
    let team = bed.create_group(json!({"displayName": "Team", "externalId": "g1"})).await;
    let inner = bed.create_group(json!({"displayName": "Inner", "members": [{"value": jo}]})).await;
    let entry = bed.entry(&team).await;
    assert_eq!(values(&entry, "groupType"), ["-2147483646"]);
    assert_eq!(values(&entry, "sAMAccountName"), ["Team"]);
    for _ in 0..2 {
        bed.patch_group(&team, members("Add", &[&al, &inner])).await;
    }
    let mut both = vec![al.clone(), inner.clone()];
    both.sort();
    assert_eq!(bed.members(&team).await, both);
    assert_eq!(bed.read(&al).await["groups"], json!([{"value": team}]));
    for _ in 0..2 {
        bed.patch_group(&team, members("Remove", &[&al, &inner])).await;
    }
    assert_eq!(bed.members(&team).await, [""; 0]);

    bed.patch_group(&team, members("Add", &[&jo, &al])).await;
    bed.patch(&jo, replace("displayName", "Joan")).await;
    assert_eq!(bed.http.delete(&format!("/Users/{al}")).await.status, 204);
    let entry = bed.entry(&team).await;
    assert_eq!(values(&entry, "member").len(), 1);
    assert!(values(&entry, "member")[0].starts_with("CN=Joan,"), "{entry:?}");
    assert_eq!(bed.members(&team).await, [jo]);
    bed.patch_group(&team, replace("displayName", "Crew")).await;
    let entry = bed.entry(&team).await;
    assert!(entry.dn.starts_with("CN=Crew,"), "{}", entry.dn);
    assert_eq!(values(&entry, "sAMAccountName"), ["Crew"]);
    assert_eq!(bed.http.delete(&format!("/Groups/{team}")).await.status, 204);
}

#[tokio::test]
async fn only_people_are_users() {
    let mut bed = bed().await;
    bed.create(json!({"userName": "jo@example.com"})).await;
    let dn = format!("CN=PC1,{}", bed.directory.people());
    let computer: [(&str, &[&str]); 3] =
        [("objectClass", &["computer"]), ("sAMAccountName", &["PC1$"]), ("userPrincipalName", &["pc1@example.com"])];
    assert_eq!(bed.ldap.add(&dn, &computer).await, 0);
    assert!(bed.named("pc1@example.com").await.is_empty());
    assert_eq!(bed.http.get("/Users").await.body["totalResults"], json!(1));
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let bed = bed().await;
    bed.create(json!({"userName": "jo@example.com"})).await;
    bed.create_group(json!({"displayName": "Team"})).await;
    let long = |length: usize| "x".repeat(length);
    let refused: [(&str, Value, u16, &str); 5] = [
        ("/Users", json!({"userName": "JO@example.com"}), 409, "`userName`"),
        ("/Groups", json!({"displayName": "team"}), 409, "`displayName`"),
        ("/Groups", json!({"displayName": long(65)}), 400, "65 characters in the directory, which takes at most 64"),
        ("/Users", json!({"userName": "al@example.com", "title": long(129)}), 400, "`title`"),
        ("/Users", json!({"userName": "al@example.com", "name": {"givenName": long(65)}}), 400, "`name.givenName`"),
    ];
    for (path, body, status, part) in refused {
        let answer = bed.http.post(path, &body).await;
        is_error(&answer, status, Some(if status == 409 { "uniqueness" } else { "invalidValue" }));
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
    assert!(bed.named("al@example.com").await.is_empty());
}
