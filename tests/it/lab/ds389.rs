//! What the private 389 Directory Server promises.

use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::{Ds389, Kind};
use std::process::Command;

/// A group of names with one member.
async fn add_group(ldap: &mut Ldap, dn: &str, name: &str, member: &str) -> u32 {
    ldap.add(dn, &[("objectClass", &["groupOfNames"]), ("cn", &[name]), ("member", &[member])]).await
}

#[tokio::test]
async fn the_bridges_account_writes_in_its_units_and_nowhere_else() {
    let server = Ds389::builder().counter("uid", 10_000).start().unwrap();
    let mut bridge = Ldap::bridge(&server).await;
    assert_eq!(bridge.add_person(&server, "jo", &[("scimExternalId", &["Jo"]), ("co", &["the Netherlands"])]).await, 0);
    let dn = format!("uid=jo,{}", server.people());
    assert_eq!(bridge.replace(&dn, "userPassword", &["short"]).await, 19);
    assert_eq!(bridge.replace(&dn, "userPassword", &["Correct horse 1"]).await, 0);
    assert!(Ldap::bind(&server, &dn, "Correct horse 1").await.is_ok());
    assert_eq!(bridge.replace(&dn, "nsAccountLock", &["true"]).await, 0);
    assert_eq!(Ldap::bind(&server, &dn, "Correct horse 1").await.err(), Some(53));
    let (counter, attr) = server.counter("uid");
    assert_eq!(bridge.replace(&counter, attr, &["10001"]).await, 0);
    for (dn, attr) in [
        ("cn=config".to_owned(), "nsslapd-sizelimit"),
        (server.suffix().to_owned(), "description"),
        (server.bridge().0, "description"),
        (server.people(), "aci"),
    ] {
        assert_eq!(bridge.replace(&dn, attr, &["1"]).await, 50, "{dn}");
    }
    assert!(bridge.search("cn=config", "(cn=config)").await.is_empty());
    assert_eq!(bridge.delete(&server.bridge().0).await, 50);
    assert_eq!(bridge.delete(&dn).await, 0);
}

#[tokio::test]
async fn memberships_and_references_follow_renames_and_deletes() {
    let server = Kind::Ds389.start().unwrap();
    let mut bridge = Ldap::bridge(server.as_ref()).await;
    let dn = |uid: &str| format!("uid={uid},{}", server.people());
    let team = format!("cn=team,{}", server.groups());
    assert_eq!(bridge.add_person(server.as_ref(), "jo", &[]).await, 0);
    assert_eq!(bridge.add_person(server.as_ref(), "al", &[("manager", &[&dn("jo")])]).await, 0);
    assert_eq!(add_group(&mut bridge, &team, "team", &dn("jo")).await, 0);
    let jo = bridge.person(server.as_ref(), "(uid=jo)").await;
    assert_eq!(values(&jo, "memberOf"), [team.as_str()]);
    assert!(values(&jo, "objectClass").contains(&"nsMemberOf"));
    assert_eq!(values(&jo, "nsUniqueId").len(), 1);
    assert_eq!(values(&jo, "entryUUID").len(), 1);
    assert_eq!(bridge.rename(&dn("jo"), "uid=joan").await, 0);
    let al = bridge.person(server.as_ref(), "(uid=al)").await;
    assert_eq!(values(&al, "manager"), [dn("joan")]);
    let found = bridge.search(&server.groups(), "(cn=team)").await;
    assert_eq!(values(&found[0], "member"), [dn("joan")]);
    assert_eq!(bridge.delete(&dn("joan")).await, 0);
    let found = bridge.search(&server.groups(), "(cn=team)").await;
    assert!(values(&found[0], "member").is_empty(), "{found:?}");
    let al = bridge.person(server.as_ref(), "(uid=al)").await;
    assert!(values(&al, "manager").is_empty(), "{al:?}");
}

#[tokio::test]
async fn of_twins_added_at_once_one_is_refused() {
    let server = Ds389::builder().start().unwrap();
    let (mut one, mut two) = (Ldap::bridge(&server).await, Ldap::bridge(&server).await);
    for round in 0..10 {
        let mail = format!("m{round}@example.com");
        let attrs: [(&str, &[&str]); 1] = [("mail", &[&mail])];
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let codes = tokio::join!(one.add_person(&server, &a, &attrs), two.add_person(&server, &b, &attrs));
        assert!(matches!(codes, (0, 19) | (19, 0)), "round {round}: {codes:?}");
    }
    let (team, squad) = (format!("cn=team,{}", server.groups()), format!("ou=x,{}", server.groups()));
    assert_eq!(one.add(&squad, &[("objectClass", &["organizationalUnit"]), ("ou", &["x"])]).await, 0);
    assert_eq!(add_group(&mut one, &team, "team", &server.people()).await, 0);
    assert_eq!(add_group(&mut one, &format!("cn=Team,{squad}"), "Team", &server.people()).await, 19);
}

#[tokio::test]
async fn two_at_once_survive_a_stop_and_a_kill() {
    let mut one = Ds389::builder().start().unwrap();
    let limit = ("cn=config", "nsslapd-sizelimit");
    let two = Ds389::builder().suffix("dc=lab").setting(limit.0, limit.1, &["7"]).start().unwrap();
    let found = Ldap::admin(&two).await.search("cn=config", "(cn=config)").await;
    assert!(found.iter().any(|entry| values(entry, limit.1) == ["7"]), "{found:?}");
    assert_eq!(Ldap::admin(&two).await.search("dc=lab", "(ou=people)").await.len(), 1);
    let (url, first) = (one.url(), one.pid());
    assert_eq!(Ldap::admin(&one).await.add_person(&one, "jo", &[]).await, 0);
    one.stop();
    assert_eq!(one.pid(), None);
    one.start().unwrap();
    assert_eq!(Ldap::admin(&one).await.add_person(&one, "al", &[]).await, 0);
    one.kill();
    one.start().unwrap();
    assert_eq!(one.url(), url);
    assert_ne!(one.pid(), first);
    assert_eq!(Ldap::admin(&one).await.search(&one.people(), "(uid=*)").await.len(), 2);
    let folder = one.folder().to_owned();
    drop(one);
    assert!(!folder.exists());
}

#[test]
fn its_certificate_is_trusted_through_its_authority() {
    let server = Ds389::builder().start().unwrap();
    let ask = |url: &str, start_tls: &[&str], ca: &std::path::Path| {
        let mut command = Command::new("ldapsearch");
        command.env("LDAPTLS_CACERT", ca).env("LDAPTLS_REQCERT", "demand");
        let output = command.args(["-x", "-H", url, "-s", "base", "-b", ""]).args(start_tls).output().unwrap();
        output.status.success()
    };
    assert!(ask(&server.tls_url(), &[], server.ca_file()));
    assert!(ask(&server.url(), &["-ZZ"], server.ca_file()));
    let other = server.folder().join("other.pem");
    std::fs::write(&other, scim_ldap_bridge::lab::Ca::new("other").unwrap().pem()).unwrap();
    assert!(!ask(&server.tls_url(), &[], &other));
}
