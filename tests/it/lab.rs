//! The laboratory itself: what its slapd promises to the other tests, and below it what the other directories do.

mod ds389;
mod samba;

use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::{Overlay, Slapd};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[tokio::test]
async fn the_bridges_account_writes_in_its_units_and_nowhere_else() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Ldap::bridge(&slapd).await;
    assert_eq!(bridge.add_person(&slapd, "jo", &[("scimExternalId", &["Jo"]), ("co", &["the Netherlands"])]).await, 0);
    let dn = format!("uid=jo,{}", slapd.people());
    assert_eq!(bridge.replace(&dn, "pwdAccountLockedTime", &["000001010000Z"]).await, 0);
    assert_eq!(bridge.replace(&dn, "userPassword", &["correct horse"]).await, 0);
    let group = format!("cn=team,{}", slapd.groups());
    let members = [dn.as_str()];
    assert_eq!(
        bridge.add(&group, &[("objectClass", &["groupOfNames"]), ("cn", &["team"]), ("member", &members)]).await,
        0
    );
    let jo = bridge.person(&slapd, "(scimExternalId=Jo)").await;
    assert_eq!(values(&jo, "memberOf"), [group.as_str()]);
    assert_eq!(values(&jo, "entryUUID").len(), 1);
    assert!(bridge.search(&slapd.people(), "(scimExternalId=jo)").await.is_empty(), "externalId is case-exact");
    assert_eq!(bridge.delete(&format!("cn=default,ou=policies,{}", slapd.suffix())).await, 50);
    assert_eq!(bridge.delete(&dn).await, 0);
    let nobody = format!("cn=nobody,{}", slapd.suffix());
    // the overlay follows a delete in the background
    for _ in 0..200 {
        let teams = bridge.search(&slapd.groups(), "(cn=team)").await;
        if values(&teams[0], "member") == [nobody.as_str()] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the deleted member stays in the group");
}

#[tokio::test]
async fn of_twins_added_at_once_one_is_refused() {
    let slapd = Slapd::builder().start().unwrap();
    let (mut one, mut two) = (Ldap::bridge(&slapd).await, Ldap::bridge(&slapd).await);
    for round in 0..40 {
        let mail = format!("m{round}@example.com");
        let attrs: [(&str, &[&str]); 1] = [("mail", &[&mail])];
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let codes = tokio::join!(one.add_person(&slapd, &a, &attrs), two.add_person(&slapd, &b, &attrs));
        assert!(matches!(codes, (0, 19) | (19, 0)), "round {round}: {codes:?}");
    }
}

#[tokio::test]
async fn a_locked_account_cannot_bind() {
    let slapd = Slapd::builder().start().unwrap();
    let mut admin = Ldap::admin(&slapd).await;
    assert_eq!(admin.add_person(&slapd, "jo", &[("userPassword", &["correct horse"])]).await, 0);
    let dn = format!("uid=jo,{}", slapd.people());
    assert!(Ldap::bind(&slapd, &dn, "correct horse").await.is_ok());
    assert_eq!(admin.replace(&dn, "pwdAccountLockedTime", &["000001010000Z"]).await, 0);
    assert_eq!(Ldap::bind(&slapd, &dn, "correct horse").await.err(), Some(49));
}

#[tokio::test]
async fn data_and_ports_survive_a_stop_and_a_kill() {
    let mut slapd = Slapd::builder().start().unwrap();
    let (url, first) = (slapd.url(), slapd.pid());
    assert_eq!(Ldap::admin(&slapd).await.add_person(&slapd, "jo", &[]).await, 0);
    slapd.stop();
    assert_eq!(slapd.pid(), None);
    slapd.start().unwrap();
    assert_eq!(Ldap::admin(&slapd).await.add_person(&slapd, "al", &[]).await, 0);
    slapd.kill();
    slapd.start().unwrap();
    assert_eq!(slapd.url(), url);
    assert_ne!(slapd.pid(), first);
    assert_eq!(Ldap::admin(&slapd).await.search(&slapd.people(), "(uid=*)").await.len(), 2);
    let folder = slapd.folder().to_owned();
    drop(slapd);
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_paused_server_is_silent_and_goes_on() {
    let mut slapd = Slapd::builder().start().unwrap();
    let mut admin = Ldap::admin(&slapd).await;
    slapd.pause();
    let silent = tokio::time::timeout(Duration::from_millis(300), admin.search(slapd.suffix(), "(ou=people)")).await;
    assert!(silent.is_err());
    slapd.resume();
    assert_eq!(Ldap::admin(&slapd).await.search(slapd.suffix(), "(ou=people)").await.len(), 1);
}

#[tokio::test]
async fn overlays_can_be_chosen_and_a_folder_kept() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("data");
    let plain = Slapd::builder().without(Overlay::Unique).with(Overlay::SyncProv).with(Overlay::Sort);
    let slapd = plain.suffix("dc=lab").durable().folder(&home).log("stats").start().unwrap();
    let mut bridge = Ldap::bridge(&slapd).await;
    for uid in ["jo", "al"] {
        assert_eq!(bridge.add_person(&slapd, uid, &[("mail", &["same@example.com"])]).await, 0);
    }
    assert!(std::fs::read_to_string(slapd.log_file()).unwrap().contains("ADD dn=\"uid=jo,ou=people,dc=lab\""));
    drop(slapd);
    let again = Slapd::builder().suffix("dc=lab").folder(&home).start().unwrap();
    assert_eq!(Ldap::admin(&again).await.search("dc=lab", "(mail=same@example.com)").await.len(), 2);
}

#[tokio::test]
async fn groups_of_rfc_2307bis_may_be_empty_and_have_a_number() {
    let slapd = Slapd::builder().rfc2307bis().start().unwrap();
    let mut bridge = Ldap::bridge(&slapd).await;
    assert_eq!(bridge.add_person(&slapd, "jo", &[]).await, 0);
    let (jo, group) = (format!("uid=jo,{}", slapd.people()), format!("cn=team,{}", slapd.groups()));
    let classes = ["groupOfMembers", "posixGroup"];
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &classes), ("cn", &["team"]), ("gidNumber", &["10000"])];
    assert_eq!(bridge.add(&group, &attrs).await, 0);
    let named = format!("cn=named,{}", slapd.groups());
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["named"]), ("member", &[&jo])];
    assert_eq!(bridge.add(&named, &attrs).await, 0);
    assert_eq!(bridge.add_value(&group, "member", &jo).await, 0);
    assert_eq!(values(&bridge.person(&slapd, "(uid=jo)").await, "memberOf"), [named.as_str(), group.as_str()]);
    assert_eq!(bridge.replace(&group, "member", &[]).await, 0);
    assert_eq!(values(&bridge.person(&slapd, "(uid=jo)").await, "memberOf"), [named.as_str()]);
    assert_eq!(bridge.replace(&named, "member", &[]).await, 65);
    let renamed = [("uidNumber", &["1"][..]), ("gidNumber", &["1"]), ("homeDirectory", &["/home/al"])];
    let account = ["inetOrgPerson", "posixAccount"];
    let mut attrs: Vec<(&str, &[&str])> = vec![("objectClass", &account), ("cn", &["al"]), ("sn", &["al"])];
    attrs.extend(renamed);
    assert_eq!(bridge.add(&format!("uid=al,{}", slapd.people()), &attrs).await, 0);
}

#[tokio::test]
async fn no_two_groups_have_the_same_name() {
    let slapd = Slapd::builder().start().unwrap();
    let mut bridge = Ldap::bridge(&slapd).await;
    let attrs: [(&str, &[&str]); 2] = [("objectClass", &["organizationalRole"]), ("cn", &["team"])];
    assert_eq!(bridge.add(&format!("cn=team,{}", slapd.groups()), &attrs).await, 0);
    let twin: [(&str, &[&str]); 2] = [("objectClass", &["organizationalRole"]), ("cn", &["squad", "Team"])];
    assert_eq!(bridge.add(&format!("cn=squad,{}", slapd.groups()), &twin).await, 19);
    assert_eq!(bridge.add(&format!("cn=team,{}", slapd.people()), &attrs).await, 0);
}

#[tokio::test]
async fn the_bridges_account_moves_counters() {
    for builder in [Slapd::builder(), Slapd::builder().stock()] {
        let slapd = builder.counter("gid", 10_000).start().unwrap();
        let mut bridge = Ldap::bridge(&slapd).await;
        let (dn, attr) = slapd.counter("gid");
        assert_eq!(bridge.replace(&dn, attr, &["10001"]).await, 0);
        let found = bridge.search(&slapd.counters(), "(cn=gid)").await;
        assert_eq!(values(&found[0], attr), ["10001"]);
    }
}

#[tokio::test]
async fn references_are_followed_where_asked_and_lines_reach_the_whole_server() {
    let slapd = Slapd::builder().references(&["uniqueMember"]).global("sortvals uniqueMember").start().unwrap();
    let mut bridge = Ldap::bridge(&slapd).await;
    let names: Vec<String> = ["c", "b", "a"].iter().map(|uid| format!("uid={uid},{}", slapd.people())).collect();
    for uid in ["a", "b", "c"] {
        assert_eq!(bridge.add_person(&slapd, uid, &[]).await, 0);
    }
    let group = format!("cn=team,{}", slapd.groups());
    let attrs: [(&str, &[&str]); 3] =
        [("objectClass", &["groupOfUniqueNames"]), ("cn", &["team"]), ("uniqueMember", &[&names[0]])];
    assert_eq!(bridge.add(&group, &attrs).await, 0);
    for name in &names[1..] {
        assert_eq!(bridge.add_value(&group, "uniqueMember", name).await, 0);
    }
    let found = bridge.search(&slapd.groups(), "(cn=team)").await;
    assert!(found[0].attrs["uniqueMember"].is_sorted(), "{found:?}");
    assert_eq!(bridge.delete(&names[0]).await, 0);
    for _ in 0..200 {
        let found = bridge.search(&slapd.groups(), "(cn=team)").await;
        if values(&found[0], "uniqueMember") == [names[2].as_str(), names[1].as_str()] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the deleted member stays in the group");
}

#[test]
fn all_forms_of_the_schema_say_the_same_and_cn_config_takes_it() {
    use scim_ldap_bridge::lab::{SCHEMA, SCHEMA_389DS, SCHEMA_LDIF};
    let expected = definitions(SCHEMA, "attributetype ", "objectclass ");
    assert_eq!(definitions(SCHEMA_LDIF, "olcAttributeTypes: ", "olcObjectClasses: "), expected);
    let with_origin = definitions(SCHEMA_389DS, "attributeTypes: ", "objectClasses: ");
    let plain: Vec<String> = with_origin.iter().map(|one| one.replace(" X-ORIGIN 'scim-ldap-bridge'", "")).collect();
    assert_eq!(plain, expected);
    let dir = tempfile::tempdir().unwrap();
    let (conf, tree, ldif) = (dir.path().join("slapd.conf"), dir.path().join("slapd.d"), dir.path().join("our.ldif"));
    let schemas = "/etc/ldap/schema";
    std::fs::write(&conf, format!("include {schemas}/core.schema\ninclude {schemas}/cosine.schema\n")).unwrap();
    std::fs::create_dir(&tree).unwrap();
    std::fs::write(&ldif, SCHEMA_LDIF).unwrap();
    succeed(Command::new("/usr/sbin/slaptest").arg("-f").arg(&conf).arg("-F").arg(&tree));
    succeed(Command::new("/usr/sbin/slapadd").args(["-n", "0", "-F"]).arg(&tree).arg("-l").arg(&ldif));
    assert!(holds(&tree, "scimExternalId") && holds(&tree, "scimCounter"));
}

/// The definitions of a schema file, without layout.
fn definitions(text: &str, attribute: &str, class: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let text = lines.join(" ").replace(attribute, "\n").replace(class, "\n");
    let squashed = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    squashed.filter(|line| line.starts_with('(')).collect()
}

/// Runs a program that must succeed.
fn succeed(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether a file below a folder holds some text.
fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| match entry.path() {
        path if path.is_dir() => holds(&path, text),
        path => std::fs::read_to_string(path).unwrap_or_default().contains(text),
    })
}
