//! The reference pass over groups: members, after both ends exist.

use super::check;
use super::dialect::{Dialect, MemberPatches};
use super::group::Group;
use super::job::Job;
use super::membership::Membership;
use super::object::Object;
use super::report::{Exchange, Report};
use futures_util::stream::{self, StreamExt};
use indexmap::IndexSet;
use reqwest::Method;
use serde_json::Value;

/// How many PATCHes are on their way at the same time.
const AT_ONCE: usize = 16;

/// Every how many members one is sent twice.
const TWICE: usize = 3;

/// A member, by its `id`, that shall be there or shall not.
#[derive(Clone)]
struct Change {
    id: String,
    present: bool,
}

impl Job {
    /// Sends the members that were added and removed since they were last sent; one that is not linked is not sent.
    ///
    /// Objects that are deleted in this cycle are not removed before: their groups lose them by that.
    pub(super) async fn refer_members(&mut self, group: &Group, deleted: &[String], report: &mut Report) {
        let wanted = self.linked_members(group);
        let leaving: IndexSet<&str> = deleted.iter().filter_map(|object_id| self.link_of(object_id)).collect();
        let known = self.members.get(&group.object_id);
        let added = known.map_or_else(|| wanted.iter().cloned().collect(), |known| known.added(&wanted));
        let removed = known.map(|known| known.removed(&wanted)).unwrap_or_default();
        let removed = removed.into_iter().filter(|id| !leaving.contains(id.as_str())).collect();
        self.change_members(group, self.dialect, added, removed, report).await;
    }

    /// Adds and removes members, by their `id`s, and compares what is then there.
    pub(super) async fn change_members(
        &mut self,
        group: &Group,
        dialect: Dialect,
        added: Vec<String>,
        removed: Vec<String>,
        report: &mut Report,
    ) {
        let Some(id) = self.group_link(group).map(str::to_owned) else { return };
        let added = added.into_iter().map(|id| Change { id, present: true });
        let changes: Vec<Change> = added.chain(removed.into_iter().map(|id| Change { id, present: false })).collect();
        if changes.is_empty() {
            return;
        }
        let (patches, at_once) = self.spread(changes);
        let this = &*self;
        let sending = patches.into_iter().map(|patch| this.send_members(group, &id, dialect, patch));
        let sent: Vec<(Vec<Change>, Exchange)> = stream::iter(sending).buffered(at_once).collect().await;
        self.acknowledge(group, &sent);
        report.exchanges.extend(sent.into_iter().map(|(_, exchange)| exchange));
        self.read_members(group, &id, report).await;
    }

    /// Reads a group back with its members, and compares them and every mapped value.
    pub(super) async fn read_members(&self, group: &Group, id: &str, report: &mut Report) {
        let Some(read) = self.read_again(group, id, Vec::new(), report).await else { return };
        if let Some(exchange) = report.exchanges.last_mut() {
            self.check_members(exchange, group, &read);
        }
    }

    /// Compares the members that a group shows with those that were sent.
    pub(super) fn check_members(&self, exchange: &mut Exchange, group: &Group, read: &Value) {
        let nobody = Membership::default();
        let known = self.members.get(&group.object_id).unwrap_or(&nobody);
        known.check(exchange, read, group.foreign_members);
    }

    /// The `id`s of a group's members, those that are linked.
    pub(super) fn linked_members(&self, group: &Group) -> IndexSet<String> {
        group.members.iter().filter_map(|member| self.link_of(member)).map(str::to_owned).collect()
    }

    /// Spreads changes over PATCHes; how many of these are sent at the same time.
    fn spread(&mut self, changes: Vec<Change>) -> (Vec<Vec<Change>>, usize) {
        let MemberPatches::Gathered(most) = self.member_patches else {
            let mut patches = Vec::new();
            for change in changes {
                if self.sent_alone.is_multiple_of(TWICE) {
                    patches.push(vec![change.clone()]);
                }
                self.sent_alone += 1;
                patches.push(vec![change]);
            }
            return (patches, AT_ONCE);
        };
        (changes.chunks(most.max(1)).map(<[Change]>::to_vec).collect(), 1)
    }

    /// Sends one PATCH of members.
    async fn send_members(
        &self,
        group: &Group,
        id: &str,
        dialect: Dialect,
        changes: Vec<Change>,
    ) -> (Vec<Change>, Exchange) {
        let those = |present| changes.iter().filter(move |change| change.present == present);
        let ids = |present| those(present).map(|change| change.id.as_str()).collect::<Vec<&str>>();
        let body = dialect.members(&ids(true), &ids(false));
        let why = format!("members of {}", group.label());
        let request = self.request(Method::PATCH, group.kind().path_of(id), Some(&body), &why);
        let mut exchange = self.client.send(dialect, request).await;
        if check::status(&mut exchange, &[200, 204]) && exchange.status == Some(200) {
            let resource = exchange.body().clone();
            self.compare(&mut exchange, group, id, &resource);
        }
        (changes, exchange)
    }

    /// Notes which changes were acknowledged; a member with which anything went wrong is in doubt.
    fn acknowledge(&mut self, group: &Group, sent: &[(Vec<Change>, Exchange)]) {
        let known = self.members.entry(group.object_id.clone()).or_default();
        let changes = |good| sent.iter().filter(move |(_, exchange)| exchange.is_good() == good);
        for change in changes(true).flat_map(|(changes, _)| changes) {
            known.settle(&change.id, change.present);
        }
        for change in changes(false).flat_map(|(changes, _)| changes) {
            known.doubt(&change.id);
        }
    }
}
