//! Entra against the real binary and a real slapd: what it sends comes back, and then it has nothing more to send.

mod groups;

use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::entra::story::{self, Chapter};
use scim_ldap_bridge::entra::{Dialect, Mapping, Tenant, User, sample};
use scim_ldap_bridge::lab::Slapd;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_life_without_the_flag_has_no_fault() {
    whole_life(Dialect::A).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_life_with_the_flag_has_no_fault() {
    whole_life(Dialect::B).await;
}

/// Plays the story in one dialect and looks at what is left in the directory.
async fn whole_life(dialect: Dialect) {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut job = bridge.job(dialect, Mapping::default_users());
    let chapters = story::play(&mut job, "example.org", |_| {}).await;
    has_no_fault(&chapters, &bridge);
    assert_eq!(chapters.len(), 14);
    let mut admin = Ldap::admin(&slapd).await;
    let everyone = admin.search(&slapd.people(), "(objectClass=inetOrgPerson)").await;
    assert_eq!(everyone.len(), 2, "one of three was purged: {everyone:?}");
    let jo = admin.person(&slapd, "(uid=jo.doe@example.org)").await;
    assert_eq!(values(&jo, "sn"), ["Roe"]);
    assert_eq!(values(&jo, "co"), ["the Netherlands"]);
    assert_eq!(values(&jo, "scimExternalId"), ["jo.doe"]);
    assert_eq!(values(&jo, "facsimileTelephoneNumber"), ["+31 30 765 4321"]);
    assert!(values(&jo, "pwdAccountLockedTime").is_empty());
}

/// Checks that every answer was what Entra wants.
fn has_no_fault(chapters: &[Chapter], bridge: &Bridge) {
    let in_chapter = |chapter: &Chapter| {
        let faults = chapter.report.faults().into_iter();
        faults.map(|fault| format!("{}: {fault}", chapter.title)).collect::<Vec<String>>()
    };
    let faults: Vec<String> = chapters.iter().flat_map(in_chapter).collect();
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), bridge.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_locked_and_keeps_its_groups() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut job = bridge.job(Dialect::A, Mapping::default_users());
    let mut tenant = Tenant::new([User::new("jo@example.org").with("displayName", "Jo")]);
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    let mut admin = Ldap::admin(&slapd).await;
    let dn = format!("uid=jo@example.org,{}", slapd.people());
    let group = format!("cn=team,{}", slapd.groups());
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["groupOfNames"]), ("cn", &["team"]), ("member", &[&dn])];
    assert_eq!(admin.add(&group, &attrs).await, 0);
    tenant.change("jo@example.org", |user| user.enabled = false);
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    let locked = admin.person(&slapd, "(uid=jo@example.org)").await;
    assert_eq!(values(&locked, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert_eq!(values(&locked, "memberOf"), [group.as_str()]);
    tenant.change("jo@example.org", |user| user.enabled = true);
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    let open = admin.person(&slapd, "(uid=jo@example.org)").await;
    assert!(values(&open, "pwdAccountLockedTime").is_empty());
    assert_eq!(values(&open, "entryUUID"), values(&locked, "entryUUID"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_others_made_is_matched_and_its_other_values_stay() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let mut admin = Ldap::admin(&slapd).await;
    let further: [(&str, &[&str]); 2] = [("description", &["made by hand"]), ("roomNumber", &["7"])];
    assert_eq!(admin.add_person(&slapd, "jo.doe@example.org", &further).await, 0);
    let mut job = bridge.job(Dialect::B, Mapping::default_users());
    let tenant = sample("example.org");
    let report = job.cycle(&tenant).await;
    assert_eq!(report.faults(), [""; 0]);
    assert_eq!(report.writes().filter(|exchange| exchange.method == "POST").count(), 2);
    let jo = admin.person(&slapd, "(uid=jo.doe@example.org)").await;
    assert_eq!(values(&jo, "description"), ["made by hand"]);
    assert_eq!(values(&jo, "roomNumber"), ["7"]);
    assert_eq!(values(&jo, "title"), ["Engineer"]);
}
