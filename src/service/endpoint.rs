//! One endpoint and its use cases.

use std::sync::Arc;

use serde_json::Value as Json;
use tokio_util::task::TaskTracker;

use super::intake::Intake;
use super::run::{Completed, Outcome};
use super::trail::Trail;
use super::{Context, EndpointSettings, Error, Explanation, Reply, ResourceKind, answer};
use crate::directory::Directory;
use crate::mapping::ResourceMapping;
use crate::ops::audit::AuditLog;
use crate::ops::{Clock, Metrics};
use crate::plan::{Request, Site};
use crate::scim::{self, ListQuery, Projection, discovery, list_response};

/// The most resources in one list answer.
const MOST_RESULTS: u64 = 200;

/// One Entra enterprise application.
pub struct Endpoint {
    settings: EndpointSettings,
    directory: Arc<Directory>,
    metrics: Metrics,
    audit: AuditLog,
    clock: Clock,
    tasks: TaskTracker,
}

/// What the endpoints share.
#[derive(Clone)]
pub struct Shared {
    /// Counts.
    pub metrics: Metrics,
    /// Keeps the audit trail.
    pub audit: AuditLog,
    /// Tells the time.
    pub clock: Clock,
    /// Keeps the plans that are being carried out.
    pub tasks: TaskTracker,
}

impl Endpoint {
    /// The endpoint with these settings over `directory`.
    pub fn new(settings: EndpointSettings, directory: Arc<Directory>, shared: Shared) -> Arc<Self> {
        let Shared { metrics, audit, clock, tasks } = shared;
        Arc::new(Self { settings, directory, metrics, audit, clock, tasks })
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The path of its URL.
    pub fn path(&self) -> &str {
        &self.settings.path
    }

    /// POST of a new resource.
    pub async fn create(
        self: &Arc<Self>,
        ctx: &Context,
        kind: ResourceKind,
        body: Json,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        if kind == ResourceKind::Group {
            return Err(no_groups());
        }
        let intake = self.take_in("POST", None, body)?;
        self.write(ctx, intake, projection, 201).await
    }

    /// PUT of a resource.
    pub async fn replace(
        self: &Arc<Self>,
        ctx: &Context,
        kind: ResourceKind,
        id: &str,
        body: Json,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        known(kind)?;
        let intake = self.take_in("PUT", Some(id), body)?;
        self.write(ctx, intake, projection, 200).await
    }

    /// PATCH of a resource.
    pub async fn patch(
        self: &Arc<Self>,
        ctx: &Context,
        kind: ResourceKind,
        id: &str,
        body: Json,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        known(kind)?;
        let intake = self.take_in("PATCH", Some(id), body)?;
        self.write(ctx, intake, projection, 200).await
    }

    /// DELETE of a resource.
    pub async fn delete(self: &Arc<Self>, ctx: &Context, kind: ResourceKind, id: &str) -> Result<Reply, scim::Error> {
        known(kind)?;
        let intake = self.take_in("DELETE", Some(id), Json::Null)?;
        self.write(ctx, intake, &Projection::default(), 204).await
    }

    /// GET of one resource.
    pub async fn get(
        &self,
        ctx: &Context,
        kind: ResourceKind,
        id: &str,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        known(kind)?;
        let request = Request::Get { id: id.to_owned() };
        self.read(ctx, request, |site, completed| async move {
            match &completed.outcome {
                Outcome::Entry(entry) => answer::one(ctx, &site, &completed.session, entry, projection, 200).await,
                Outcome::Entries(_) | Outcome::Gone => Err(crate::plan::Error::NotFound.into()),
            }
        })
        .await
    }

    /// GET of a list.
    pub async fn find(&self, ctx: &Context, kind: ResourceKind, query: ListQuery) -> Result<Reply, scim::Error> {
        if kind == ResourceKind::Group {
            let body = list_response(0, query.start_index, Vec::new());
            return Ok(Reply { status: 200, body: Some(body), location: None });
        }
        let request = Request::Find { filter: query.filter.clone() };
        let query = &query;
        self.read(ctx, request, |site, completed| async move {
            let entries = match completed.outcome {
                Outcome::Entries(entries) => entries,
                Outcome::Entry(entry) => vec![*entry],
                Outcome::Gone => Vec::new(),
            };
            answer::many(ctx, &site, &completed.session, &entries, query, MOST_RESULTS).await
        })
        .await
    }

    /// What `method` with `body` on the resource `id` (or on the collection) would do.
    pub async fn explain(
        &self,
        ctx: &Context,
        method: &str,
        id: Option<&str>,
        body: Json,
    ) -> Result<Explanation, scim::Error> {
        let intake = self.take_in(method, id, body)?;
        let site = self.site();
        let explained = self.plan_only(ctx, &site, &intake.request).await;
        let mut explanation = explained.map_err(|error| error.to_scim(site.mapping))?;
        explanation.ignored = intake.ignored;
        Ok(explanation)
    }

    /// `/ServiceProviderConfig`.
    pub fn service_provider_config(&self, ctx: &Context) -> Reply {
        let limits = discovery::Limits { max_results: MOST_RESULTS, ..discovery::Limits::default() };
        found(discovery::service_provider_config(&limits, &ctx.base_url))
    }

    /// `/ResourceTypes`, or one of them.
    pub fn resource_types(&self, ctx: &Context, name: Option<&str>) -> Result<Reply, scim::Error> {
        let types = &[&self.users().resource_type];
        match name {
            None => Ok(found(discovery::resource_types(types, &ctx.base_url))),
            Some(name) => discovery::resource_type(types, name, &ctx.base_url).map(found).ok_or_else(no_such),
        }
    }

    /// `/Schemas`, or one of them.
    pub fn schemas(&self, ctx: &Context, urn: Option<&str>) -> Result<Reply, scim::Error> {
        let types = &[&self.users().resource_type];
        match urn {
            None => Ok(found(discovery::schemas(types, &ctx.base_url))),
            Some(urn) => discovery::schema(types, urn, &ctx.base_url).map(found).ok_or_else(no_such),
        }
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn users(&self) -> &ResourceMapping {
        &self.settings.realm.mapping.user
    }

    fn site(&self) -> Site<'_> {
        self.settings.realm.users(self.clock.now())
    }

    fn take_in(&self, method: &str, id: Option<&str>, body: Json) -> Result<Intake, scim::Error> {
        Intake::read(&self.users().resource_type, self.settings.unmapped, method, id, body)
    }

    /// Carries out a read. Whoever asked may go away meanwhile: nothing is lost.
    async fn read<'a, F, A>(&'a self, ctx: &'a Context, request: Request, answer: F) -> Result<Reply, scim::Error>
    where
        F: FnOnce(Site<'a>, Completed) -> A,
        A: Future<Output = Result<Reply, Error>>,
    {
        let site = self.site();
        let mut trail = Trail::silent();
        let answered = match self.carry_out(ctx, &site, request, &mut trail).await {
            Ok(completed) => answer(site, completed).await,
            Err(error) => Err(error),
        };
        answered.map_err(|error| error.to_scim(site.mapping))
    }

    /// Carries out a write in a task of its own, which nobody's going away stops.
    async fn write(
        self: &Arc<Self>,
        ctx: &Context,
        intake: Intake,
        projection: &Projection,
        status: u16,
    ) -> Result<Reply, scim::Error> {
        let (endpoint, ctx, projection) = (Arc::clone(self), ctx.clone(), projection.clone());
        let span = tracing::Span::current();
        let task = async move { endpoint.write_here(&ctx, intake, &projection, status).await };
        let handle = self.tasks.spawn(tracing::Instrument::instrument(task, span));
        handle.await.unwrap_or_else(|error| {
            Err(scim::Error::internal("the bridge failed while it carried out the request")
                .with_context(error.to_string()))
        })
    }

    async fn write_here(
        &self,
        ctx: &Context,
        intake: Intake,
        projection: &Projection,
        status: u16,
    ) -> Result<Reply, scim::Error> {
        let site = self.site();
        let mut trail = Trail::new(&self.audit, self.name(), ctx, &intake.request, &intake.ignored);
        self.metrics.ignored_attribute(self.name(), intake.ignored.len() as u64);
        let verb = intake.request.verb();
        let answered = match self.carry_out(ctx, &site, intake.request, &mut trail).await {
            Ok(completed) => match &completed.outcome {
                Outcome::Entry(entry) => {
                    trail.resource(site.mapping.id(entry));
                    answer::one(ctx, &site, &completed.session, entry, projection, status).await
                }
                Outcome::Entries(_) | Outcome::Gone => Ok(answer::nothing()),
            },
            Err(error) => Err(error),
        };
        let reply = answered.map_err(|error| error.to_scim(site.mapping));
        let outcome = trail.finish(&reply);
        self.metrics.plan_finished(self.name(), verb, outcome);
        for effect in trail.effects().iter().filter(|_| reply.is_ok()) {
            self.metrics.user_change(self.name(), effect.label());
        }
        reply
    }
}

fn known(kind: ResourceKind) -> Result<(), scim::Error> {
    match kind {
        ResourceKind::User => Ok(()),
        ResourceKind::Group => Err(no_such()),
    }
}

fn no_such() -> scim::Error {
    scim::Error::not_found("this endpoint has no such resource")
}

fn no_groups() -> scim::Error {
    scim::Error::not_implemented("this endpoint does not provision groups; turn the group mapping off in Entra")
}

fn found(body: Json) -> Reply {
    Reply { status: 200, body: Some(body), location: None }
}
