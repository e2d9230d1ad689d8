//! The route table, RFC 7644 section 3.2, and a handler of a few lines for each route.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::auth::{Authorized, Gate, Guard, Read, Write};
use super::body::ScimJson;
use super::front::{Mount, front};
use super::param::{Last, Query};
use super::reply::{Answer, Problem};
use super::request::{Surroundings, panicked, surround};
use super::settings::Limits;
use crate::ops::Metrics;
use crate::scim::{self, ListQuery};
use crate::service::{ResourceKind, Service};

/// What a handler answers.
type Answered = Result<Answer, Problem>;

/// Every route, as metrics and log name them.
pub(super) const ROUTES: [&str; 12] = [
    "/Users",
    "/Users/.search",
    "/Users/{id}",
    "/Groups",
    "/Groups/.search",
    "/Groups/{id}",
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/ResourceTypes/{name}",
    "/Schemas",
    "/Schemas/{urn}",
    "/.search",
];

/// The routes of one endpoint, relative to its path.
fn routes() -> Router<Gate> {
    Router::new()
        .route("/Users", get(find::<User>).post(create::<User>))
        .route("/Users/.search", post(search))
        .route("/Users/{id}", get(read::<User>).put(replace::<User>).patch(patch::<User>).delete(delete::<User>))
        .route("/Groups", get(find::<Group>).post(create::<Group>))
        .route("/Groups/.search", post(search))
        .route("/Groups/{id}", get(read::<Group>).put(replace::<Group>).patch(patch::<Group>).delete(delete::<Group>))
        .route("/ServiceProviderConfig", get(service_provider_config))
        .route("/ResourceTypes", get(resource_types))
        .route("/ResourceTypes/{name}", get(resource_type))
        .route("/Schemas", get(schemas))
        .route("/Schemas/{urn}", get(schema))
        .route("/.search", post(search))
}

/// All endpoints below their paths, and SCIM errors for everything else.
pub(super) fn router(service: &Service, guard: &Guard, limits: &Limits) -> Router {
    let around = |endpoint: &str, router: Router| surrounded(endpoint, &guard.metrics, limits, router);
    let mount = |endpoint: &Arc<_>| {
        let endpoint: &Arc<crate::service::Endpoint> = endpoint;
        let routes = routes().fallback(no_route).method_not_allowed_fallback(no_method);
        let routes = routes.with_state(Gate::new(Arc::clone(endpoint), guard.clone()));
        Mount::new(endpoint.path(), around(endpoint.name(), routes))
    };
    let mounts = service.endpoints().iter().map(mount).collect();
    front(mounts, around("none", Router::new().fallback(no_endpoint)))
}

/// The router within the surroundings of requests.
pub(super) fn surrounded(endpoint: &str, metrics: &Metrics, limits: &Limits, router: Router) -> Router {
    let around = Surroundings {
        endpoint: endpoint.to_owned(),
        metrics: metrics.clone(),
        timeout: limits.request_timeout,
        body_limit: limits.body,
    };
    // the panic net is inside, so that a panic is counted as the 500 it is answered with
    router.layer(CatchPanicLayer::custom(panicked)).layer(from_fn_with_state(around, surround))
}

/// A resource type as a type, so that one handler serves both.
trait Kind: Send + Sync + 'static {
    /// The same as a value.
    const KIND: ResourceKind;
}

/// `/Users`.
enum User {}

/// `/Groups`.
enum Group {}

impl Kind for User {
    const KIND: ResourceKind = ResourceKind::User;
}

impl Kind for Group {
    const KIND: ResourceKind = ResourceKind::Group;
}

async fn find<K: Kind>(caller: Authorized<Read>, query: Query) -> Answered {
    let query = ListQuery::parse(query.pairs())?;
    Ok(Answer(caller.find(K::KIND, query).await?))
}

async fn create<K: Kind>(caller: Authorized<Write>, query: Query, ScimJson(body): ScimJson) -> Answered {
    Ok(Answer(caller.create(K::KIND, body, &query.projection()?).await?))
}

async fn read<K: Kind>(caller: Authorized<Read>, Last(id): Last, query: Query) -> Answered {
    Ok(Answer(caller.get(K::KIND, &id, &query.projection()?).await?))
}

async fn replace<K: Kind>(
    caller: Authorized<Write>,
    Last(id): Last,
    query: Query,
    ScimJson(body): ScimJson,
) -> Answered {
    Ok(Answer(caller.replace(K::KIND, &id, body, &query.projection()?).await?))
}

async fn patch<K: Kind>(caller: Authorized<Write>, Last(id): Last, query: Query, ScimJson(body): ScimJson) -> Answered {
    Ok(Answer(caller.patch(K::KIND, &id, body, &query.projection()?).await?))
}

async fn delete<K: Kind>(caller: Authorized<Write>, Last(id): Last) -> Answered {
    Ok(Answer(caller.delete(K::KIND, &id).await?))
}

async fn service_provider_config(caller: Authorized<Read>) -> Answered {
    Ok(Answer(caller.service_provider_config()))
}

async fn resource_types(caller: Authorized<Read>) -> Answered {
    Ok(Answer(caller.resource_types(None)?))
}

async fn resource_type(caller: Authorized<Read>, Last(name): Last) -> Answered {
    Ok(Answer(caller.resource_types(Some(&name))?))
}

async fn schemas(caller: Authorized<Read>) -> Answered {
    Ok(Answer(caller.schemas(None)?))
}

async fn schema(caller: Authorized<Read>, Last(urn): Last) -> Answered {
    Ok(Answer(caller.schemas(Some(&urn))?))
}

async fn search(_: Authorized<Read>) -> Answered {
    let detail = "searching with POST is not supported: use GET with `filter`";
    Err(scim::Error::not_implemented(detail).into())
}

async fn no_route(_: Authorized<Read>) -> Answered {
    Err(scim::Error::not_found("no such resource type").into())
}

/// axum adds the `Allow` header that goes with the status.
async fn no_method(_: Authorized<Read>) -> Answered {
    Err(scim::Error::method_not_allowed("the method is not possible here").into())
}

async fn no_endpoint() -> Answered {
    Err(scim::Error::not_found("no endpoint has this path: check the tenant URL").into())
}
