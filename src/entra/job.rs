//! A provisioning job: its links, its watermark and its cycles.

use super::client::{Client, Request};
use super::dialect::{Dialect, ManagerRemoval, ManagerShape, MemberPatches};
use super::group::Group;
use super::mapping::Mapping;
use super::membership::Membership;
use super::object::{Kind, Link, Object};
use super::report::Report;
use super::tenant::Tenant;
use super::user::User;
use indexmap::IndexMap;
use reqwest::Method;
use serde_json::Value;
use std::collections::HashMap;

/// A provisioning job of one enterprise application.
pub struct Job {
    pub(super) client: Client,
    pub(super) dialect: Dialect,
    pub(super) mapping: Mapping,
    /// Which resource stands for which user or group, by object id.
    pub(super) links: IndexMap<String, Link>,
    /// Users as they were when they were last taken over without a fault.
    pub(super) done: HashMap<String, User>,
    /// Groups as they were when they were last taken over without a fault.
    pub(super) done_groups: HashMap<String, Group>,
    /// The members of each group as they were sent, by object id.
    pub(super) members: HashMap<String, Membership>,
    /// The shape in which managers are set.
    pub manager_shape: ManagerShape,
    /// The shape in which managers are removed.
    pub manager_removal: ManagerRemoval,
    /// The mapping of groups, beside their members.
    pub group_mapping: Mapping,
    /// Whether the tenant's groups are provisioned.
    pub provision_groups: bool,
    /// How changes of members are spread over PATCHes.
    pub member_patches: MemberPatches,
    /// How many users and groups were created, to take turns between spellings that were seen.
    pub(super) created: usize,
    pub(super) created_groups: usize,
    /// How many members were sent in a PATCH of their own.
    pub(super) sent_alone: usize,
}

impl Job {
    /// A new job that has not run yet.
    pub fn new(client: Client, dialect: Dialect, mapping: Mapping) -> Job {
        let manager_shape = if dialect == Dialect::A { ManagerShape::Text } else { ManagerShape::Object };
        Job {
            client,
            dialect,
            mapping,
            links: IndexMap::new(),
            done: HashMap::new(),
            done_groups: HashMap::new(),
            members: HashMap::new(),
            manager_shape,
            manager_removal: ManagerRemoval::Remove,
            group_mapping: Mapping::default_groups(),
            provision_groups: true,
            member_patches: MemberPatches::Parallel,
            created: 0,
            created_groups: 0,
            sent_alone: 0,
        }
    }

    /// The `id` of the resource that stands for a user.
    pub fn link(&self, user: &User) -> Option<&str> {
        self.link_of(&user.object_id)
    }

    /// The `id` of the resource that stands for a group.
    pub fn group_link(&self, group: &Group) -> Option<&str> {
        self.link_of(&group.object_id)
    }

    /// One cycle: probes, then users and groups that changed since the last one, then references: managers and
    /// members; then what was deleted.
    pub async fn cycle(&mut self, tenant: &Tenant) -> Report {
        let mut report = self.probe().await;
        if !report.faults().is_empty() {
            return report; // a job whose probe fails goes into quarantine
        }
        let users: Vec<&User> = tenant.users().filter(|user| self.done.get(&user.object_id) != Some(user)).collect();
        let groups = tenant.groups().filter(|group| self.done_groups.get(&group.object_id) != Some(group));
        let groups: Vec<&Group> = groups.filter(|_| self.provision_groups).collect();
        let users = self.provision_all(&users, &mut report).await;
        let groups = self.provision_all(&groups, &mut report).await;
        for (user, clean) in users {
            let start = report.exchanges.len();
            self.refer(user, &mut report).await;
            if clean && report.is_good_since(start) {
                self.done.insert(user.object_id.clone(), user.clone());
            }
        }
        for (group, _) in groups.into_iter().filter(|(_, clean)| *clean) {
            let start = report.exchanges.len();
            self.refer_members(group, tenant.deleted(), &mut report).await;
            if report.is_good_since(start) {
                self.done_groups.insert(group.object_id.clone(), group.clone());
            }
        }
        self.delete_all(tenant, &mut report).await;
        report
    }

    /// Provisions one user on demand, which speaks dialect A whatever the flag says.
    pub async fn on_demand(&mut self, user: &User) -> Report {
        let mut report = self.probe().await;
        self.provision(user, Dialect::A, &mut report).await;
        report
    }

    /// Provisions one group on demand, with the first five of its members that are linked.
    pub async fn on_demand_group(&mut self, group: &Group) -> Report {
        let mut report = self.probe().await;
        self.provision(group, Dialect::A, &mut report).await;
        if report.is_good_since(0) {
            let chosen = self.linked_members(group).into_iter().take(5).collect();
            self.change_members(group, Dialect::A, chosen, Vec::new(), &mut report).await;
        }
        report
    }

    /// Forgets the watermark, so that the next cycle compares everything; links are kept.
    pub fn restart(&mut self) {
        self.done.clear();
        self.done_groups.clear();
    }

    /// Forgets the watermark and the links, so that the next cycle looks for everything again.
    ///
    /// Members are not read, so all are added once more, and those that left meanwhile stay.
    pub fn restart_fully(&mut self) {
        self.restart();
        self.links.clear();
        self.members.clear();
    }

    /// A request below the tenant URL.
    pub(super) fn request<'a>(&self, method: Method, path: String, body: Option<&'a Value>, why: &str) -> Request<'a> {
        Request { method, path, query: Vec::new(), body, why: why.to_owned() }
    }

    /// The mapping of users or of groups.
    pub(super) fn mapping_of(&self, kind: Kind) -> &Mapping {
        match kind {
            Kind::User => &self.mapping,
            Kind::Group => &self.group_mapping,
        }
    }

    /// The `id` of the resource that stands for an object.
    pub(super) fn link_of(&self, object_id: &str) -> Option<&str> {
        self.links.get(object_id).map(|link| link.id.as_str())
    }

    /// Takes objects over, one after the other; each comes back with whether that went without a fault.
    async fn provision_all<'a, T: Object>(&mut self, objects: &[&'a T], report: &mut Report) -> Vec<(&'a T, bool)> {
        let mut clean = Vec::new();
        for object in objects {
            let start = report.exchanges.len();
            self.provision(*object, self.dialect, report).await;
            clean.push((*object, report.is_good_since(start)));
        }
        clean
    }
}
