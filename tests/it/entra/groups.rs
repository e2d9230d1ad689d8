//! The whole life with groups, in every way in which Entra sends it.

use super::has_no_fault;
use crate::support::bridge::Setup;
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::entra::story::{self, Chapter};
use scim_ldap_bridge::entra::{Dialect, Job, Mapping, MemberPatches};
use scim_ldap_bridge::lab::{Directory, Kind, Overlay, Slapd};

/// The chapters of the story.
const CHAPTERS: usize = 26;

/// How one life is played.
struct Life {
    /// The dialect, and both by turns when there is none.
    dialect: Option<Dialect>,
    member_patches: MemberPatches,
    /// Further lines of `[endpoint.….groups]`.
    groups: &'static str,
    /// The status of a changed group's answer.
    patched: u16,
}

/// As the documentation says that it should be set.
const USUAL: Life =
    Life { dialect: Some(Dialect::A), member_patches: MemberPatches::Parallel, groups: "", patched: 204 };

/// Answers that show the group.
const FULL: Life = Life { groups: "patch_response = 'full'", patched: 200, ..USUAL };

impl Life {
    /// Plays it before this directory and looks at what is left there.
    async fn play(self, directory: impl Directory) {
        let bridge = Setup::new(&directory).groups(self.groups).start();
        let mut job = bridge.job(self.dialect.unwrap_or(Dialect::A), Mapping::default_users());
        job.member_patches = self.member_patches;
        let chapters = self.tell(&mut job).await;
        has_no_fault(&chapters, &bridge);
        assert_eq!(chapters.len(), CHAPTERS);
        self.answered_as_set(&chapters);
        is_left(&directory).await;
    }

    async fn tell(&self, job: &mut Job) -> Vec<Chapter> {
        match self.dialect {
            Some(_) => story::play_with_groups(job, "example.org", |_| {}).await,
            None => story::play_mixed(job, "example.org", |_| {}).await,
        }
    }

    /// Checks the status with which changes of groups were answered, of which there are many.
    fn answered_as_set(&self, chapters: &[Chapter]) {
        let writes = chapters.iter().flat_map(|chapter| chapter.report.writes());
        let patches = writes.filter(|exchange| exchange.method == "PATCH" && exchange.url.contains("/Groups/"));
        let statuses: Vec<Option<u16>> = patches.map(|exchange| exchange.status).collect();
        assert!(statuses.len() >= 15, "{}", statuses.len());
        assert!(statuses.iter().all(|status| *status == Some(self.patched)), "{statuses:?}");
    }
}

/// Checks that what the story ends with is in the directory, and nothing else.
async fn is_left(directory: &dyn Directory) {
    let mut admin = Ldap::admin(directory).await;
    let people = admin.search_one_level(&directory.people(), "(objectClass=*)").await;
    assert_eq!(people.len(), 2, "{people:?}");
    let name = if directory.kind() == Kind::ActiveDirectory { "userPrincipalName" } else { "uid" };
    let jo = admin.person(directory, &format!("({name}=jo.doe@example.org)")).await.dn;
    let mut groups = admin.search_one_level(&directory.groups(), "(objectClass=*)").await;
    groups.sort_by(|a, b| values(a, "cn").cmp(&values(b, "cn")));
    let [department, team] = &groups[..] else { panic!("{groups:?}") };
    assert_eq!(values(team, "cn"), ["Team Den Haag & Zoë's"]);
    assert_eq!(values(department, "cn"), ["Research + Development (NL), all"]);
    // where the class demands a member, the placeholder stays beside the others
    let nobody = (directory.kind() == Kind::OpenLdap).then_some("cn=nobody,dc=example,dc=com");
    assert_eq!(values(team, "member"), sorted(nobody.into_iter().chain([jo.as_str()])));
    assert_eq!(values(department, "member"), sorted(nobody.into_iter().chain([jo.as_str(), team.dn.as_str()])));
}

fn sorted<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut values: Vec<&str> = values.collect();
    values.sort_unstable();
    values
}

/// The usual directory.
fn usual() -> Slapd {
    Slapd::builder().start().unwrap()
}

/// A directory that follows no reference.
fn careless() -> Slapd {
    Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf).start().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_flag_one_member_at_a_time() {
    USUAL.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_flag_one_member_at_a_time() {
    Life { dialect: Some(Dialect::B), ..USUAL }.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_flag_members_gathered() {
    Life { member_patches: MemberPatches::Gathered(100), ..USUAL }.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_flag_members_gathered() {
    Life { dialect: Some(Dialect::B), member_patches: MemberPatches::Gathered(2), ..USUAL }.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_dialects_by_turns() {
    Life { dialect: None, ..USUAL }.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_dialects_by_turns_members_gathered_and_the_group_in_every_answer() {
    Life { dialect: None, member_patches: MemberPatches::Gathered(100), ..FULL }.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_in_every_answer() {
    FULL.play(usual()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_follows_no_reference() {
    USUAL.play(careless()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_follows_no_reference_members_gathered() {
    Life { dialect: Some(Dialect::B), member_patches: MemberPatches::Gathered(100), ..FULL }.play(careless()).await;
}

/// The other kinds of directories, each as the lab makes it.
mod ds389 {
    use super::*;
    use scim_ldap_bridge::lab::Ds389;

    fn usual() -> Ds389 {
        Ds389::builder().start().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_the_flag_one_member_at_a_time() {
        USUAL.play(usual()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn with_the_flag_members_gathered() {
        Life { dialect: Some(Dialect::B), member_patches: MemberPatches::Gathered(100), ..FULL }.play(usual()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_dialects_by_turns() {
        Life { dialect: None, ..USUAL }.play(usual()).await;
    }
}

/// Samba stands in for Active Directory.
mod active_directory {
    use super::*;
    use scim_ldap_bridge::lab::Samba;

    fn usual() -> Samba {
        Samba::builder().start().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_the_flag_one_member_at_a_time() {
        USUAL.play(usual()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn with_the_flag_members_gathered() {
        Life { dialect: Some(Dialect::B), member_patches: MemberPatches::Gathered(100), ..FULL }.play(usual()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_dialects_by_turns() {
        Life { dialect: None, ..USUAL }.play(usual()).await;
    }
}
