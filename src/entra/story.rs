//! One whole life of a tenant in chapters: what the demo tells, what a rehearsal plays and what the tests assert.

mod groups;
mod users;

use super::dialect::Dialect;
use super::job::Job;
use super::report::Report;
use super::tenant::Tenant;

/// A part of the story.
pub struct Chapter {
    /// What it is about.
    pub title: &'static str,
    /// What happened.
    pub report: Report,
}

/// What happens in a chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    TestConnection,
    InitialCycle,
    SecondCycle,
    Changed,
    Overwritten,
    Managers,
    OnDemand,
    Renamed,
    Cleared,
    Disabled,
    Enabled,
    Discovery,
    GroupsCreated,
    MembersAdded,
    Nested,
    MemberRemoved,
    AddedAndRemoved,
    GroupRenamed,
    MemberRenamed,
    MemberDisabled,
    SetReplaced,
    SentAgain,
    GroupOnDemand,
    Purged,
    GroupDeleted,
    End,
}

/// The chapters with users alone.
const USERS: [Scene; 12] = [
    Scene::TestConnection,
    Scene::InitialCycle,
    Scene::SecondCycle,
    Scene::Changed,
    Scene::Overwritten,
    Scene::Managers,
    Scene::OnDemand,
    Scene::Renamed,
    Scene::Cleared,
    Scene::Disabled,
    Scene::Enabled,
    Scene::Discovery,
];

/// The chapters about groups, which come after those.
pub(super) const GROUPS: [Scene; 11] = [
    Scene::GroupsCreated,
    Scene::MembersAdded,
    Scene::Nested,
    Scene::MemberRemoved,
    Scene::AddedAndRemoved,
    Scene::GroupRenamed,
    Scene::MemberRenamed,
    Scene::MemberDisabled,
    Scene::SetReplaced,
    Scene::SentAgain,
    Scene::GroupOnDemand,
];

/// Plays the whole life of [`sample`](super::sample) users; `told` hears each chapter as it ends.
pub async fn play(job: &mut Job, domain: &str, told: impl FnMut(&Chapter)) -> Vec<Chapter> {
    let scenes = [&USERS[..], &[Scene::Purged, Scene::End]].concat();
    act(job, domain, &scenes, told).await
}

/// Plays the same life with groups.
///
/// What is left are jo.doe and svc-scan, a group with jo.doe in it, and another with jo.doe and the first group in it.
pub async fn play_with_groups(job: &mut Job, domain: &str, told: impl FnMut(&Chapter)) -> Vec<Chapter> {
    act(job, domain, &everything(), told).await
}

/// Plays that with groups in both dialects: the administrator sets the flag and takes it away between the chapters.
pub async fn play_mixed(job: &mut Job, domain: &str, told: impl FnMut(&Chapter)) -> Vec<Chapter> {
    act_in(&[Dialect::A, Dialect::B], job, domain, &everything(), told).await
}

/// The chapters about users and groups.
fn everything() -> Vec<Scene> {
    [&USERS[..], &GROUPS, &[Scene::Purged, Scene::GroupDeleted, Scene::End]].concat()
}

/// Plays some scenes.
pub(super) async fn act(job: &mut Job, domain: &str, scenes: &[Scene], told: impl FnMut(&Chapter)) -> Vec<Chapter> {
    act_in(&[job.dialect], job, domain, scenes, told).await
}

/// Plays some scenes, in these dialects by turns.
async fn act_in(
    dialects: &[Dialect],
    job: &mut Job,
    domain: &str,
    scenes: &[Scene],
    mut told: impl FnMut(&Chapter),
) -> Vec<Chapter> {
    let mut tenant = super::sample(domain);
    let mut chapters = Vec::new();
    for (scene, dialect) in scenes.iter().zip(dialects.iter().cycle()) {
        job.dialect = *dialect;
        let report = scene.play(job, &mut tenant, domain).await;
        let chapter = Chapter { title: scene.title(), report };
        told(&chapter);
        chapters.push(chapter);
    }
    chapters
}

impl Scene {
    /// What it is about.
    fn title(self) -> &'static str {
        match self {
            Scene::TestConnection => "Test Connection: names that nobody has",
            Scene::InitialCycle => "the initial cycle creates everyone in scope",
            Scene::SecondCycle => "a second cycle compares everyone and sends nothing",
            Scene::Changed => "changes at the source arrive as differences",
            Scene::Overwritten => "every value once more, as a replacement even of what is absent",
            Scene::Managers => "managers follow, once both ends exist",
            Scene::OnDemand => "on demand, in the default dialect whatever the flag says",
            Scene::Renamed => "a renamed user keeps its id",
            Scene::Cleared => "emptied attributes go, by `\"\"` and by `null`",
            Scene::Disabled => "unassigned: disabled, and still to be found",
            Scene::Enabled => "assigned again: enabled",
            Scene::Discovery => "account discovery reads everyone page by page",
            Scene::GroupsCreated => "groups are created without members",
            Scene::MembersAdded => "members follow, one in each PATCH, all at the same time, now and then one twice",
            Scene::Nested => "a group becomes a member of a group",
            Scene::MemberRemoved => "one member leaves, the others stay",
            Scene::AddedAndRemoved => "one joins and one leaves in the same PATCH",
            Scene::GroupRenamed => "a renamed group keeps its id and its members",
            Scene::MemberRenamed => "a renamed user stays a member",
            Scene::MemberDisabled => "a disabled user stays a member, and is one when enabled again",
            Scene::SetReplaced => "the set of members is replaced as a whole",
            Scene::SentAgain => "a full restart sends every member once more, which changes nothing",
            Scene::GroupOnDemand => "a group on demand, with members that are there already",
            Scene::Purged => "purged: deleted for good",
            Scene::GroupDeleted => "an unassigned group is deleted, and made anew when it is assigned again",
            Scene::End => "at the end a cycle sends nothing",
        }
    }

    /// Plays it.
    async fn play(self, job: &mut Job, tenant: &mut Tenant, domain: &str) -> Report {
        let jo = format!("jo.doe@{domain}");
        let scan = format!("svc-scan@{domain}");
        let zoe = format!("zoe.muller@{domain}");
        match self {
            Scene::TestConnection => job.probe().await,
            Scene::InitialCycle => job.cycle(tenant).await,
            Scene::SecondCycle | Scene::End => again(job, tenant).await,
            Scene::Changed => job.cycle(users::changed(tenant, &jo)).await,
            Scene::Overwritten => users::overwritten(job, tenant).await,
            Scene::Managers => users::managers(job, tenant, &jo, &zoe).await,
            Scene::OnDemand => users::on_demand(job, tenant, &zoe).await,
            Scene::Renamed => users::renamed(job, tenant, &jo, domain).await,
            Scene::Cleared => users::cleared(job, tenant, &zoe).await,
            Scene::Disabled => users::disabled(job, tenant, &zoe).await,
            Scene::Enabled => users::enabled(job, tenant, &zoe).await,
            Scene::Discovery => job.discover().await,
            Scene::GroupsCreated => groups::created(job, tenant).await,
            Scene::MembersAdded => groups::members_added(job, tenant, [&jo, &scan, &zoe]).await,
            Scene::Nested => groups::nested(job, tenant).await,
            Scene::MemberRemoved => groups::member_removed(job, tenant, &scan).await,
            Scene::AddedAndRemoved => groups::added_and_removed(job, tenant, &scan, &zoe).await,
            Scene::GroupRenamed => groups::renamed(job, tenant).await,
            Scene::MemberRenamed => groups::member_renamed(job, tenant, &jo, domain).await,
            Scene::MemberDisabled => groups::member_disabled(job, tenant, &scan).await,
            Scene::SetReplaced => groups::set_replaced(job, tenant, &jo, &zoe).await,
            Scene::SentAgain => groups::sent_again(job, tenant).await,
            Scene::GroupOnDemand => groups::on_demand(job, tenant).await,
            Scene::Purged => users::purged(job, tenant, &zoe).await,
            Scene::GroupDeleted => groups::deleted(job, tenant).await,
        }
    }
}

/// A cycle that compares everyone must find nothing to send.
async fn again(job: &mut Job, tenant: &Tenant) -> Report {
    job.restart();
    let mut report = job.cycle(tenant).await;
    let writes: Vec<String> = report.writes().map(|exchange| exchange.why.clone()).collect();
    if !writes.is_empty() {
        report.faults.push(format!("the cycle should send nothing, and sends {writes:?}"));
    }
    report
}
