//! Request bodies: one JSON value of limited size, RFC 7644 section 3.1.

use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, HeaderName};
use http_body_util::BodyExt;
use serde_json::Value;

use super::reply::Problem;
use super::request::Stage;
use crate::scim;

/// How many times the limit is read of a body that is too long.
const READ_ON: usize = 8;

/// The body of a POST, PUT or PATCH.
#[derive(Debug)]
pub(super) struct ScimJson(pub(super) Value);

impl<S: Sync> FromRequest<S> for ScimJson {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<ScimJson, Problem> {
        check_type(request.headers())?;
        let limit = Stage::of(request.extensions())?.body_limit();
        let bytes = read(request, limit).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(scim::Error::invalid_syntax("the request has no body").into());
        }
        Ok(ScimJson(scim::json::parse(&bytes)?))
    }
}

/// Entra sends `application/scim+json; charset=utf-8`; plain JSON, or nothing said, is as good.
fn check_type(headers: &HeaderMap) -> Result<(), scim::Error> {
    let media = text(headers, &CONTENT_TYPE).split(';').next().unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    if !matches!(media.as_str(), "" | "application/scim+json" | "application/json") {
        return Err(scim::Error::unsupported_media_type("the body must be sent as `application/scim+json`"));
    }
    if !matches!(text(headers, &CONTENT_ENCODING), "" | "identity") {
        return Err(scim::Error::unsupported_media_type("the body must not be compressed"));
    }
    Ok(())
}

/// A header as text; one that is no text is as unknown as any other.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
}

/// The whole body, unless it is too long.
///
/// A body that is not much too long is read on and dropped: closing on a client that still sends would break its
/// connection before it has read the answer.
async fn read(request: Request, limit: usize) -> Result<Bytes, scim::Error> {
    let too_large = || scim::Error::payload_too_large(format!("the body is larger than {limit} bytes"));
    let told = text(request.headers(), &CONTENT_LENGTH).parse::<usize>().unwrap_or(0);
    let most = limit.saturating_mul(READ_ON);
    if told > most || (told > limit && request.headers().contains_key(EXPECT)) {
        return Err(too_large());
    }
    let mut body = request.into_body();
    let (mut kept, mut size) = (BytesMut::with_capacity(told.min(limit)), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            scim::Error::invalid_syntax("the body broke off").with_context(format!("cannot read the body: {error}"))
        })?;
        let data = frame.into_data().unwrap_or_default();
        size += data.len();
        if size > most {
            break;
        }
        if size <= limit {
            kept.extend_from_slice(&data);
        }
    }
    if size > limit { Err(too_large()) } else { Ok(kept.freeze()) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn media_types() {
        let check = |name, value: &'static str| {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            check_type(&headers).map_err(|e| e.status())
        };
        assert_eq!(check_type(&HeaderMap::new()), Ok(()));
        for good in ["application/scim+json", "Application/JSON", "application/scim+json ; charset=utf-8"] {
            assert_eq!(check(CONTENT_TYPE, good), Ok(()), "{good}");
        }
        for bad in ["text/plain", "application/xml", "application/jsonx"] {
            assert_eq!(check(CONTENT_TYPE, bad), Err(415), "{bad}");
        }
        assert_eq!(check(CONTENT_ENCODING, "gzip"), Err(415));
        assert_eq!(check(CONTENT_ENCODING, "identity"), Ok(()));
    }
}
