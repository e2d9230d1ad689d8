//! Finds the endpoint of a request by its path, and forgives how the path is written.
//!
//! Slashes at the end or doubled, and needless percent-encoding, make no difference. Entra appends `/Users` to
//! the tenant URL that the administrator typed, whose end may be a flag like `?aadOptscim062020`: the flag is
//! taken out wherever that leaves it.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// What a path segment is rewritten to hold unescaped: the unreserved characters and the colon of URNs.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// The flag of Entra's newer PATCH dialect; it needs no answer, since both dialects are always understood.
const FLAG: &str = "aadOptscim062020";

/// One path and what serves everything below it.
pub(super) struct Mount {
    segments: Vec<Vec<u8>>,
    router: Router,
}

impl Mount {
    /// Serves everything below `path`, which may be `/`.
    pub(super) fn new(path: &str, router: Router) -> Mount {
        Mount { segments: segments(path), router }
    }
}

/// The outermost router: the mounts, and what answers outside of all.
pub(super) fn front(mut mounts: Vec<Mount>, outside: Router) -> Router {
    // the longest path wins
    mounts.sort_by_key(|mount| std::cmp::Reverse(mount.segments.len()));
    Router::new().fallback_service(Front { mounts: mounts.into(), outside })
}

/// The service behind [`front`].
#[derive(Clone)]
struct Front {
    mounts: Arc<[Mount]>,
    outside: Router,
}

impl tower::Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = axum::routing::future::RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (path, query) = unglue(request.uri());
        let path = segments(&path);
        let mount = self.mounts.iter().find(|mount| path.starts_with(&mount.segments));
        let (router, below) = match mount {
            Some(mount) => (&mount.router, &path[mount.segments.len()..]),
            None => (&self.outside, &path[..]),
        };
        if let Some(uri) = rewritten(request.uri(), below, &query) {
            *request.uri_mut() = uri;
        }
        oneshot(router.clone(), request)
    }
}

/// Calls a router that is always ready.
fn oneshot(mut router: Router, request: Request<Body>) -> axum::routing::future::RouteFuture<Infallible> {
    tower::Service::<Request<Body>>::call(&mut router, request)
}

/// The decoded segments of a path, empty ones left out.
fn segments(path: &str) -> Vec<Vec<u8>> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(|segment| percent_decode_str(segment).collect()).collect()
}

/// The same URI with another path and query.
fn rewritten(uri: &Uri, segments: &[Vec<u8>], query: &str) -> Option<Uri> {
    let mut text = String::new();
    for segment in segments {
        text.push('/');
        text.extend(percent_encode(segment, &ESCAPED));
    }
    if text.is_empty() {
        text.push('/');
    }
    if !query.is_empty() {
        text.push('?');
        text.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// Path and query, the flag taken out of wherever joining of texts has left it.
fn unglue(uri: &Uri) -> (String, String) {
    let path = uri.path().to_owned();
    let query = uri.query().unwrap_or_default();
    let query = query.strip_suffix(FLAG).and_then(|q| q.strip_suffix('?')).unwrap_or(query);
    match query.strip_prefix(FLAG).map(|rest| (rest.as_bytes().first(), rest)) {
        // /scim/v2?flag + /Users?filter=…
        Some((Some(b'/'), rest)) => {
            let (more, query) = rest.split_once(['?', '&']).unwrap_or((rest, ""));
            (path + more, query.to_owned())
        }
        // /scim/v2/Users?flag + ?filter=…
        Some((Some(b'?'), rest)) => (path, rest[1..].to_owned()),
        _ => (path, query.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::any;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    /// The name of what served the request, and the URI it saw.
    async fn served(uri: &str) -> String {
        let say =
            |name: &'static str| Router::new().fallback(any(move |uri: Uri| async move { format!("{name} {uri}") }));
        let mounts = ["/scim", "/scim/v2", "/api/sc%69m/"];
        let mounts = mounts.map(|path| Mount::new(path, say(path))).into();
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = front(mounts, say("outside")).oneshot(request).await.unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_longest_mount_serves() {
        for (uri, expected) in [
            ("/scim/v2/Users", "/scim/v2 /Users"),
            ("/scim/v2", "/scim/v2 /"),
            ("/scim/v2/", "/scim/v2 /"),
            ("/scim/v3/Users", "/scim /v3/Users"),
            ("/scimv2/Users", "outside /scimv2/Users"),
            ("/", "outside /"),
            ("/api/scim/Users?a=b", "/api/sc%69m/ /Users?a=b"),
            ("/scim/../scim/v2/Users", "/scim /../scim/v2/Users"),
        ] {
            assert_eq!(served(uri).await, expected, "{uri}");
        }
    }

    #[tokio::test]
    async fn spelling_makes_no_difference() {
        for (uri, expected) in [
            ("/scim//v2///Users/", "/Users"),
            ("/%73cim/v2/%55sers/a%2Fb%20%41", "/Users/a%2Fb%20A"),
            ("/scim/v2/Users/%ff", "/Users/%FF"),
            ("/scim/v2/Schemas/urn:a:b", "/Schemas/urn:a:b"),
            ("https://h.example:1/scim/v2/Users", "https://h.example:1/Users"),
        ] {
            assert_eq!(served(uri).await, format!("/scim/v2 {expected}"), "{uri}");
        }
    }

    #[tokio::test]
    async fn the_flag_is_harmless_wherever_it_lands() {
        for uri in [
            "/scim/v2?aadOptscim062020/Users?filter=a",
            "/scim/v2/?aadOptscim062020/Users&filter=a",
            "/scim/v2/Users?aadOptscim062020?filter=a",
            "/scim/v2/Users?filter=a?aadOptscim062020",
        ] {
            assert_eq!(served(uri).await, "/scim/v2 /Users?filter=a", "{uri}");
        }
        let kept = served("/scim/v2/Users?filter=a&aadOptscim062020").await;
        assert_eq!(kept, "/scim/v2 /Users?filter=a&aadOptscim062020");
    }
}
