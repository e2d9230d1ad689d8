//! The audit trail of one write: an intent before the first step, an outcome before the answer.

use super::{Context, Reply, ResourceKind};
use crate::ldap::{Change, ldif};
use crate::ops::audit::{AuditLog, AuditRecord, AuditStep, Phase};
use crate::plan::{self, Effect, Plan, Request};
use crate::scim;

/// Follows one request through planning and application.
pub(super) struct Trail {
    audit: Option<AuditLog>,
    record: AuditRecord,
    ignored: Vec<String>,
    effects: Vec<Effect>,
    done: Vec<Effect>,
}

impl Trail {
    /// The trail of a read, which leaves none.
    pub(super) fn silent() -> Self {
        Self { audit: None, record: AuditRecord::default(), ignored: Vec::new(), effects: Vec::new(), done: Vec::new() }
    }

    /// The trail of a write.
    pub(super) fn new(
        audit: &AuditLog,
        endpoint: &str,
        ctx: &Context,
        kind: ResourceKind,
        request: &Request,
        ignored: &[String],
    ) -> Self {
        let record = AuditRecord {
            request_id: ctx.request_id.clone(),
            caller: ctx.caller.0.clone(),
            endpoint: endpoint.to_owned(),
            verb: request.verb(),
            resource_type: kind.name(),
            resource_id: request.id().map(str::to_owned),
            ignored: ignored.to_vec(),
            ..AuditRecord::default()
        };
        Self { audit: Some(audit.clone()), record, ignored: ignored.to_vec(), effects: Vec::new(), done: Vec::new() }
    }

    /// A plan was made. Steps of an earlier plan that were carried out stay on record.
    pub(super) fn planned(&mut self, plan: &Plan) {
        if self.audit.is_none() {
            return;
        }
        self.record.steps.retain(|step| step.outcome.is_some());
        self.record.steps.extend(plan::show(plan).into_iter().map(|shown| AuditStep {
            why: shown.why,
            change: shown.ldif.lines().map(str::to_owned).collect(),
            outcome: None,
        }));
        let dropped = plan.dropped.iter().map(|dropped| format!("{dropped} (no such resource)"));
        self.record.ignored = self.ignored.iter().cloned().chain(dropped).collect();
        self.record.unresolved.clone_from(&plan.unresolved);
        self.effects = plan.effects.clone();
    }

    /// Says what will be done, before it is.
    pub(super) fn intent(&mut self) {
        self.write(Phase::Intent);
    }

    /// The first step of the current plan without an outcome got one.
    pub(super) fn step(&mut self, outcome: &str) {
        if let Some(step) = self.record.steps.iter_mut().find(|step| step.outcome.is_none()) {
            step.outcome = Some(outcome.to_owned());
        }
    }

    /// All steps of the current plan were carried out.
    pub(super) fn carried_out(&mut self) {
        self.done.append(&mut self.effects);
    }

    /// A step of the current plan was taken back.
    pub(super) fn taken_back(&mut self, change: &Change, outcome: &str) {
        self.further("take back what was made of the refused name", change, outcome);
    }

    /// What was begun for a refused step was withdrawn.
    pub(super) fn withdrawn(&mut self, change: &Change, outcome: &str) {
        self.further("withdraw what was begun, since the directory refused it", change, outcome);
    }

    /// Another write took the place of a step.
    pub(super) fn instead(&mut self, change: &Change, outcome: &str) {
        self.further("the same, with the placeholder that the class demands", change, outcome);
    }

    fn further(&mut self, why: &str, change: &Change, outcome: &str) {
        self.record.steps.push(AuditStep {
            why: why.to_owned(),
            change: ldif::change_record(change).lines().map(str::to_owned).collect(),
            outcome: Some(outcome.to_owned()),
        });
    }

    /// The id of a resource that had none before.
    pub(super) fn resource(&mut self, id: Option<String>) {
        self.record.resource_id = id.or(self.record.resource_id.take());
    }

    /// What was done.
    pub(super) fn done(&self) -> &[Effect] {
        &self.done
    }

    /// How many members were left out.
    pub(super) fn unresolved(&self) -> usize {
        self.record.unresolved.len()
    }

    /// Says how it ended, before the client is told; the label of that in the metrics.
    pub(super) fn finish(&mut self, reply: &Result<Reply, scim::Error>) -> &'static str {
        match reply {
            Ok(reply) => self.record.status = Some(reply.status),
            Err(error) => {
                self.record.status = Some(error.status());
                self.record.error = Some(error.detail().to_owned());
            }
        }
        self.write(Phase::Outcome);
        match reply {
            Ok(_) if self.record.steps.is_empty() => "unchanged",
            Ok(_) => "done",
            Err(error) if error.status() >= 500 => "failed",
            Err(_) => "refused",
        }
    }

    fn write(&mut self, phase: Phase) {
        self.record.phase = phase;
        if let Some(audit) = &self.audit {
            audit.record(&self.record);
        }
    }
}
