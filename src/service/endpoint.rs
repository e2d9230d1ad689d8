//! One endpoint and its use cases.

use std::sync::Arc;

use serde_json::Value as Json;
use tokio_util::task::TaskTracker;

use super::intake::Intake;
use super::list::MemberLists;
use super::run::{Outcome, Show};
use super::{Body, Context, EndpointSettings, Explanation, PatchResponse, Reply, ResourceKind};
use crate::directory::Directory;
use crate::mapping::Seed;
use crate::ops::audit::AuditLog;
use crate::ops::{Clock, Metrics, random};
use crate::plan::{Hits, Request, Site};
use crate::scim::{self, ListQuery, Projection, ResourceType, discovery, list_response};

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
    lists: MemberLists,
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
    /// Keeps large answers from being made all at once.
    pub lists: MemberLists,
}

impl Endpoint {
    /// The endpoint with these settings over `directory`.
    pub fn new(settings: EndpointSettings, directory: Arc<Directory>, shared: Shared) -> Arc<Self> {
        let Shared { metrics, audit, clock, tasks, lists } = shared;
        Arc::new(Self { settings, directory, metrics, audit, clock, tasks, lists })
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
        let intake = self.take_in(kind, "POST", None, body)?;
        self.write(ctx, kind, intake, Show::Entry(projection.clone(), 201)).await
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
        let intake = self.take_in(kind, "PUT", Some(id), body)?;
        self.write(ctx, kind, intake, Show::Entry(projection.clone(), 200)).await
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
        let intake = self.take_in(kind, "PATCH", Some(id), body)?;
        let show = match (kind, self.settings.group_patch) {
            (ResourceKind::Group, PatchResponse::None) => Show::Nothing,
            _ => Show::Entry(projection.clone(), 200),
        };
        self.write(ctx, kind, intake, show).await
    }

    /// DELETE of a resource.
    pub async fn delete(self: &Arc<Self>, ctx: &Context, kind: ResourceKind, id: &str) -> Result<Reply, scim::Error> {
        let intake = self.take_in(kind, "DELETE", Some(id), Json::Null)?;
        self.write(ctx, kind, intake, Show::Nothing).await
    }

    /// GET of one resource.
    pub async fn get(
        &self,
        ctx: &Context,
        kind: ResourceKind,
        id: &str,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        let request = Request::Get { id: id.to_owned() };
        self.read(ctx, kind, request, |page, completed| async move {
            match &completed.outcome {
                Outcome::Entry(entry) => page.one(&completed.session, entry, projection, 200).await,
                Outcome::Entries(_) | Outcome::Nothing => Err(crate::plan::Error::NotFound.into()),
            }
        })
        .await
    }

    /// GET of a list. An endpoint without groups has an empty list of them, which Entra asks for all the same.
    pub async fn find(&self, ctx: &Context, kind: ResourceKind, query: ListQuery) -> Result<Reply, scim::Error> {
        if self.site(kind).is_none() {
            return Ok(found(list_response(0, query.start_index, Vec::new())));
        }
        let request = Request::Find { filter: query.filter.clone() };
        let query = &query;
        self.read(ctx, kind, request, |page, completed| async move {
            let hits = match completed.outcome {
                Outcome::Entries(hits) => hits,
                Outcome::Entry(_) | Outcome::Nothing => Hits::default(),
            };
            page.many(&completed.session, &hits, query, MOST_RESULTS).await
        })
        .await
    }

    /// What `method` with `body` on the resource `id` (or on the collection) would do.
    pub async fn explain(
        &self,
        ctx: &Context,
        kind: ResourceKind,
        method: &str,
        id: Option<&str>,
        body: Json,
    ) -> Result<Explanation, scim::Error> {
        let intake = self.take_in(kind, method, id, body)?;
        let site = self.site(kind).ok_or_else(no_groups)?;
        let explained = self.plan_only(ctx, &site, &intake.request).await;
        let mut explanation = explained.map_err(|error| error.to_scim(site.mapping))?;
        explanation.ignored = intake.ignored;
        Ok(explanation)
    }

    /// `/ServiceProviderConfig`.
    pub fn service_provider_config(&self, ctx: &Context) -> Reply {
        let takes = self.types().iter().any(|kind| kind.schema.attribute(scim::PASSWORD).is_some());
        let limits = discovery::Limits { max_results: MOST_RESULTS, change_password: takes, ..Default::default() };
        found(discovery::service_provider_config(&limits, &ctx.base_url))
    }

    /// `/ResourceTypes`, or one of them.
    pub fn resource_types(&self, ctx: &Context, name: Option<&str>) -> Result<Reply, scim::Error> {
        let types = &self.types();
        match name {
            None => Ok(found(discovery::resource_types(types, &ctx.base_url))),
            Some(name) => discovery::resource_type(types, name, &ctx.base_url).map(found).ok_or_else(no_such),
        }
    }

    /// `/Schemas`, or one of them.
    pub fn schemas(&self, ctx: &Context, urn: Option<&str>) -> Result<Reply, scim::Error> {
        let types = &self.types();
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

    pub(super) fn audit(&self) -> &AuditLog {
        &self.audit
    }

    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(super) fn lists(&self) -> &MemberLists {
        &self.lists
    }

    /// Where resources of this type are, for one request; `None` when the endpoint has none.
    pub(super) fn site(&self, kind: ResourceKind) -> Option<Site<'_>> {
        let (now, seed) = (self.clock.now(), Seed::new(random::octets()));
        match kind {
            ResourceKind::User => Some(self.settings.realm.users(now, seed)),
            ResourceKind::Group => self.settings.realm.groups(now, seed),
        }
    }

    /// The resource types that there are.
    fn types(&self) -> Vec<&ResourceType> {
        let sites = [ResourceKind::User, ResourceKind::Group].into_iter().filter_map(|kind| self.site(kind));
        sites.map(|site| &site.mapping.resource_type).collect()
    }

    fn take_in(&self, kind: ResourceKind, method: &str, id: Option<&str>, body: Json) -> Result<Intake, scim::Error> {
        match self.site(kind) {
            Some(site) => Intake::read(&site.mapping.resource_type, self.settings.unmapped, method, id, body),
            None if id.is_none() => Err(no_groups()),
            None => Err(no_such()),
        }
    }
}

pub(super) fn no_such() -> scim::Error {
    scim::Error::not_found("this endpoint has no such resource")
}

fn no_groups() -> scim::Error {
    scim::Error::not_implemented("this endpoint does not provision groups; turn the group mapping off in Entra")
}

fn found(body: Json) -> Reply {
    Reply { status: 200, body: Some(Body::Tree(body)), location: None }
}
