//! What a request says in its path and query.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::auth::Gate;
use super::reply::Problem;
use crate::scim::{self, Projection};

/// The last segment of the path: an id, the name of a resource type or the URN of a schema.
#[derive(Debug)]
pub(super) struct Last(pub(super) String);

impl FromRequestParts<Gate> for Last {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Last, Problem> {
        match Path::<String>::from_request_parts(parts, gate).await {
            Ok(Path(last)) => Ok(Last(last)),
            // bytes that are no text name nothing that exists
            Err(_) => Err(scim::Error::not_found("no such resource").into()),
        }
    }
}

/// The query, decoded as a form: `+` is a space, as Entra sends it. Unknown keys are left to be ignored.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The pairs in their order.
    pub(super) fn pairs(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }

    /// What `attributes` and `excludedAttributes` ask for, RFC 7644 section 3.9.
    pub(super) fn projection(&self) -> Result<Projection, scim::Error> {
        let find = |key: &str| self.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
        let value = |key| find(key).map(|(_, value)| value.as_str());
        Projection::parse(value("attributes"), value("excludedAttributes"))
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Query(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn queries_are_decoded_as_forms() {
        let uri = "/Users?aadOptscim062020&filter=userName+eq+%22a%2Bb%40c%22&x=%20y";
        let mut parts = http::Request::get(uri).body(()).unwrap().into_parts().0;
        let query = Query::from_request_parts(&mut parts, &()).await.unwrap();
        let pairs: Vec<_> = query.pairs().collect();
        let expected = [("aadOptscim062020", ""), ("filter", "userName eq \"a+b@c\""), ("x", " y")];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }
}
