//! Who may do what: the only way from a request to the service.
//!
//! The endpoint is private to [`Gate`]; a handler gets at its use cases only through [`Authorized`], which has
//! authenticated the caller and checked the permission that the handler states. One that forgets does not compile,
//! and one that states `Read` finds no use case that writes.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::reply::Problem;
use super::request::Stage;
use super::token::{Refusal, TokenStore};
use crate::ops::{Clock, Metrics};
use crate::scim::{self, ListQuery, Projection};
use crate::service::{Caller, Context, Endpoint, Permission, Reply, ResourceKind};

/// Guards one endpoint.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

/// What only this module may touch.
struct Inner {
    endpoint: Arc<Endpoint>,
    guard: Guard,
}

/// What every endpoint's gate is made with.
#[derive(Clone)]
pub(super) struct Guard {
    /// The tokens in use.
    pub(super) tokens: Arc<TokenStore>,
    /// Counts refusals.
    pub(super) metrics: Metrics,
    /// Decides what has expired.
    pub(super) clock: Clock,
    /// Scheme and authority as clients see them, when they are known beforehand.
    pub(super) public_url: Option<String>,
    /// The scheme that is served.
    pub(super) scheme: &'static str,
}

impl Gate {
    /// The gate before this endpoint.
    pub(super) fn new(endpoint: Arc<Endpoint>, guard: Guard) -> Gate {
        Gate(Arc::new(Inner { endpoint, guard }))
    }
}

/// A permission that a handler states by its type.
pub(super) trait Needed {
    /// The same permission as a value.
    const PERMISSION: Permission;
}

/// The handler changes nothing.
pub(super) enum Read {}

/// The handler may change something.
pub(super) enum Write {}

impl Needed for Read {
    const PERMISSION: Permission = Permission::Read;
}

impl Needed for Write {
    const PERMISSION: Permission = Permission::Write;
}

/// A request whose caller is known and has permission `P`.
pub(super) struct Authorized<P> {
    gate: Gate,
    context: Context,
    permission: PhantomData<P>,
}

impl<P: Needed> FromRequestParts<Gate> for Authorized<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        let Inner { endpoint, guard } = &*gate.0;
        let caller = authorize(endpoint.name(), guard, &parts.headers, P::PERMISSION)?;
        let stage = Stage::of(&parts.extensions)?;
        stage.caller(&caller.0);
        let context = Context {
            caller,
            request_id: stage.request_id().to_owned(),
            deadline: stage.deadline(),
            base_url: base_url(guard, parts, endpoint.path()),
        };
        Ok(Authorized { gate: gate.clone(), context, permission: PhantomData })
    }
}

impl Authorized<Read> {
    /// Reads one resource.
    pub(super) async fn get(
        &self,
        kind: ResourceKind,
        id: &str,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.get(&self.context, kind, id, projection).await
    }

    /// Finds resources.
    pub(super) async fn find(&self, kind: ResourceKind, query: ListQuery) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.find(&self.context, kind, query).await
    }

    /// What the server can do, RFC 7643 section 5.
    pub(super) fn service_provider_config(&self) -> Reply {
        self.gate.0.endpoint.service_provider_config(&self.context)
    }

    /// The resource types, or one of them.
    pub(super) fn resource_types(&self, name: Option<&str>) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.resource_types(&self.context, name)
    }

    /// The schemas, or one of them.
    pub(super) fn schemas(&self, urn: Option<&str>) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.schemas(&self.context, urn)
    }
}

impl Authorized<Write> {
    /// Creates a resource.
    pub(super) async fn create(
        &self,
        kind: ResourceKind,
        body: Value,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.create(&self.context, kind, body, projection).await
    }

    /// Replaces a resource.
    pub(super) async fn replace(
        &self,
        kind: ResourceKind,
        id: &str,
        body: Value,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.replace(&self.context, kind, id, body, projection).await
    }

    /// Changes a resource.
    pub(super) async fn patch(
        &self,
        kind: ResourceKind,
        id: &str,
        body: Value,
        projection: &Projection,
    ) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.patch(&self.context, kind, id, body, projection).await
    }

    /// Deletes a resource.
    pub(super) async fn delete(&self, kind: ResourceKind, id: &str) -> Result<Reply, scim::Error> {
        self.gate.0.endpoint.delete(&self.context, kind, id).await
    }
}

/// The caller, when its token opens the endpoint and allows what is needed.
fn authorize(endpoint: &str, guard: &Guard, headers: &HeaderMap, needed: Permission) -> Result<Caller, Problem> {
    let refused = |refusal: Refusal| {
        guard.metrics.auth_failed(endpoint, refusal.label());
        problem(refusal)
    };
    let presented = bearer(headers).map_err(refused)?;
    let tokens = guard.tokens.current();
    let token = tokens.verify(presented, endpoint, guard.clock.now()).map_err(refused)?;
    if token.allow.permits(needed) { Ok(Caller(token.name.to_string())) } else { Err(refused(Refusal::ReadOnly)) }
}

/// The token of `Authorization: Bearer …`, RFC 6750 section 2.1; the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::Missing)?;
    if values.next().is_some() {
        return Err(Refusal::Malformed);
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Refusal::Malformed)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(Refusal::Malformed) }
}

/// What the client is told: how to authenticate, and nothing about which tokens or endpoints there are.
fn problem(refusal: Refusal) -> Problem {
    let unauthorized = |challenge, detail: &str| {
        Problem::challenged(scim::Error::unauthorized(detail), HeaderValue::from_static(challenge))
    };
    match refusal {
        Refusal::Missing | Refusal::Malformed => {
            unauthorized("Bearer realm=\"scim\"", "this needs `Authorization: Bearer` with a token of this endpoint")
        }
        Refusal::Unknown | Refusal::Expired | Refusal::OtherEndpoint => unauthorized(
            "Bearer realm=\"scim\", error=\"invalid_token\"",
            "the token is not valid here: check the secret token, or make a new one",
        ),
        Refusal::ReadOnly => scim::Error::forbidden("the token allows reading only").into(),
    }
}

/// The endpoint's URL as the client sees it; what the client claims to see is checked to be a host and port.
fn base_url(guard: &Guard, parts: &Parts, path: &str) -> String {
    let path = path.trim_end_matches('/');
    if let Some(public) = &guard.public_url {
        return format!("{}{path}", public.trim_end_matches('/'));
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = parts.uri.authority().map(Authority::as_str).or(host).unwrap_or_default();
    match host.parse::<Authority>() {
        Ok(host) if !host.as_str().contains('@') => format!("{}://{host}{path}", guard.scheme),
        // a relative reference is right wherever the client thinks it is
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use jiff::Timestamp;

    use super::super::token::{Allow, NewToken, TokenName, TokenText, update};
    use super::*;

    #[test]
    fn bearer_tokens_are_found() {
        let find = |values: &[&'static str]| {
            let values = values.iter().map(|v| (AUTHORIZATION, HeaderValue::from_static(v)));
            bearer(&HeaderMap::from_iter(values)).map(str::to_owned)
        };
        for good in ["Bearer x", "bearer x", "BEARER  x "] {
            assert_eq!(find(&[good]), Ok("x".into()), "{good}");
        }
        for bad in ["Bearer", "Bearer ", "Basic x", "x", ""] {
            assert_eq!(find(&[bad]), Err(Refusal::Malformed), "{bad}");
        }
        assert_eq!(find(&[]), Err(Refusal::Missing));
    }
    #[test]
    fn refusals_are_answered_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.toml");
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let rows = [
            (1, "hr", Allow::Write, None),
            (2, "hr", Allow::Read, None),
            (3, "hr", Allow::Write, Some(now)),
            (4, "shop", Allow::Write, None),
        ];
        for (n, endpoint, allow, expires) in rows {
            let name = TokenName::new(&format!("t{n}")).unwrap();
            let new = NewToken { name, endpoint: endpoint.into(), allow, description: None, expires };
            update(&path, |set| set.add(new, &TokenText::from_random([n; 32]), now)).unwrap();
        }
        let guard = Guard {
            tokens: Arc::new(TokenStore::open(path).unwrap()),
            metrics: Metrics::new(),
            clock: Clock::fixed(now),
            public_url: None,
            scheme: "https",
        };
        let ask = |n: u8, needed| {
            let value = format!("bearer {}", TokenText::from_random([n; 32]).expose());
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::try_from(value).unwrap())]);
            authorize("hr", &guard, &headers, needed).map_err(|problem| problem.into_response().status().as_u16())
        };
        assert_eq!(ask(1, Permission::Write), Ok(Caller("t1".into())));
        assert_eq!(ask(2, Permission::Read), Ok(Caller("t2".into())));
        assert_eq!(ask(2, Permission::Write), Err(403));
        for n in [3, 4, 5] {
            assert_eq!(ask(n, Permission::Read), Err(401));
        }
        let counted = guard.metrics.render();
        for reason in ["read_only", "expired_token", "other_endpoint", "unknown_token"] {
            let line = format!("http_auth_failures_total{{endpoint=\"hr\",reason=\"{reason}\"}} 1");
            assert!(counted.contains(&line), "{counted}");
        }
    }
}
