//! The verbs of the `service` layer.

use super::{Held, Metrics};

impl Metrics {
    /// A plan ended.
    pub fn plan_finished(&self, endpoint: &str, verb: &'static str, outcome: &'static str) {
        self.0.service_plans.with_label_values(&[endpoint, verb, outcome]).inc();
    }

    /// One LDAP change of a plan ended.
    pub fn step(&self, endpoint: &str, change: &'static str, outcome: &'static str) {
        self.0.service_steps.with_label_values(&[endpoint, change, outcome]).inc();
    }

    /// A client sent attributes that the mapping does not name.
    pub fn ignored_attribute(&self, endpoint: &str, count: u64) {
        self.0.service_ignored.with_label_values(&[endpoint]).inc_by(count);
    }

    /// A user was `created`, `updated`, `renamed`, `disabled`, `enabled`, `revived` or `deleted`.
    pub fn user_change(&self, endpoint: &str, change: &'static str) {
        self.0.service_user_changes.with_label_values(&[endpoint, change]).inc();
    }

    /// A group was `created`, `updated`, `renamed` or `deleted`.
    pub fn group_change(&self, endpoint: &str, change: &'static str) {
        self.0.service_group_changes.with_label_values(&[endpoint, change]).inc();
    }

    /// Groups gained and lost this many members.
    pub fn membership_change(&self, endpoint: &str, added: u64, removed: u64) {
        for (change, count) in [("added", added), ("removed", removed)] {
            self.0.service_membership_changes.with_label_values(&[endpoint, change]).inc_by(count);
        }
    }

    /// Members were left out because no resource of the endpoint is meant. Which ones is for the audit trail to say.
    pub fn unresolved_members(&self, endpoint: &str, count: u64) {
        if count > 0 {
            tracing::warn!(endpoint, count, "members are left out that are no resource of the endpoint");
        }
        self.0.service_unresolved_members.with_label_values(&[endpoint]).inc_by(count);
    }

    /// A request was refused since it would change a protected entry; `why` names that.
    pub fn protected(&self, endpoint: &str, why: &str) {
        tracing::warn!(endpoint, why, "refused to change a protected entry");
        self.0.service_protected.with_label_values(&[endpoint]).inc();
    }

    /// A large group is to be read for an answer; it counts, while it waits for its turn too, until the guard is
    /// dropped.
    pub fn large_answer_started(&self, endpoint: &str) -> Held {
        Held::new(self.0.service_large_answers.with_label_values(&[endpoint]))
    }

    /// A plan was made again because the directory changed meanwhile.
    pub fn replan(&self, endpoint: &str) {
        self.0.service_replans.with_label_values(&[endpoint]).inc();
    }
}
