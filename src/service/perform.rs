//! Carrying requests out: reads where they are asked, writes in tasks of their own.

use std::sync::Arc;

use super::answer::{self, Page};
use super::endpoint::no_such;
use super::intake::Intake;
use super::run::{Completed, Outcome, Show};
use super::trail::Trail;
use super::{Context, Endpoint, Error, Reply, ResourceKind};
use crate::plan::{self, Effect, Request, Site, UnresolvedMembers};
use crate::scim;

impl Endpoint {
    /// Carries out a read. Whoever asked may go away meanwhile: nothing is lost.
    pub(super) async fn read<'a, F, A>(
        &'a self,
        ctx: &'a Context,
        kind: ResourceKind,
        request: Request,
        answer: F,
    ) -> Result<Reply, scim::Error>
    where
        F: FnOnce(Page<'a>, Completed) -> A,
        A: Future<Output = Result<Reply, Error>>,
    {
        let site = self.site(kind).ok_or_else(no_such)?;
        let mut trail = Trail::silent();
        let answered = match self.carry_out(ctx, &site, request, &Show::Nothing, &mut trail).await {
            Ok(completed) => answer(Page { endpoint: self, ctx, site }, completed).await,
            Err(error) => Err(error),
        };
        answered.map_err(|error| error.to_scim(site.mapping))
    }

    /// Carries out a write in a task of its own, which nobody's going away stops.
    pub(super) async fn write(
        self: &Arc<Self>,
        ctx: &Context,
        kind: ResourceKind,
        intake: Intake,
        show: Show,
    ) -> Result<Reply, scim::Error> {
        let (endpoint, ctx) = (Arc::clone(self), ctx.clone());
        let span = tracing::Span::current();
        let task = async move { endpoint.write_here(&ctx, kind, intake, show).await };
        let handle = self.tasks().spawn(tracing::Instrument::instrument(task, span));
        handle.await.unwrap_or_else(|error| {
            Err(scim::Error::internal("the bridge failed while it carried out the request")
                .with_context(error.to_string()))
        })
    }

    async fn write_here(
        &self,
        ctx: &Context,
        kind: ResourceKind,
        intake: Intake,
        show: Show,
    ) -> Result<Reply, scim::Error> {
        let site = self.site(kind).ok_or_else(no_such)?;
        let mut trail = Trail::new(self.audit(), self.name(), ctx, kind, &intake.request, &intake.ignored);
        self.metrics().ignored_attribute(self.name(), intake.ignored.len() as u64);
        let verb = intake.request.verb();
        let answered = match self.carry_out(ctx, &site, intake.request, &show, &mut trail).await {
            Ok(completed) => self.answer(ctx, site, verb, &completed, show, &mut trail).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &answered {
            self.note_protected(error);
        }
        let reply = answered.map_err(|error| error.to_scim(site.mapping));
        let outcome = trail.finish(&reply);
        self.metrics().plan_finished(self.name(), verb, outcome);
        self.count(kind, &trail);
        reply
    }

    /// What the client is told of a write that was carried out.
    async fn answer(
        &self,
        ctx: &Context,
        site: Site<'_>,
        verb: &str,
        completed: &Completed,
        show: Show,
        trail: &mut Trail,
    ) -> Result<Reply, Error> {
        let left_out = &completed.unresolved;
        if let Outcome::Entry(entry) = &completed.outcome {
            trail.resource(site.mapping.id(entry));
        }
        if verb == "patch" && !left_out.is_empty() && site.realm.unresolved_members == UnresolvedMembers::Retry {
            return Err(Error::LeftOut { ids: left_out.clone() });
        }
        match (&completed.outcome, show) {
            (Outcome::Entry(entry), Show::Entry(projection, status)) => {
                Page { endpoint: self, ctx, site }.one(&completed.session, entry, &projection, status).await
            }
            _ => Ok(answer::nothing()),
        }
    }

    /// Says and counts that a request would have changed what is protected.
    pub(super) fn note_protected(&self, error: &Error) {
        if let Error::Plan(error @ plan::Error::Protected { .. }) = error {
            self.metrics().protected(self.name(), &error.to_string());
        }
    }

    /// Counts what was done, also where the answer is an error for what was not.
    fn count(&self, kind: ResourceKind, trail: &Trail) {
        let (metrics, name) = (self.metrics(), self.name());
        for effect in trail.done() {
            match (*effect, kind) {
                (Effect::MembersAdded(count), _) => metrics.membership_change(name, count as u64, 0),
                (Effect::MembersRemoved(count), _) => metrics.membership_change(name, 0, count as u64),
                (effect, ResourceKind::User) => metrics.user_change(name, effect.label()),
                (effect, ResourceKind::Group) => metrics.group_change(name, effect.label()),
            }
        }
        metrics.unresolved_members(name, trail.unresolved() as u64);
    }
}
