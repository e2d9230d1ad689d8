//! Sends requests the way Entra's provisioning service does.

use super::Error;
use super::dialect::Dialect;
use super::raw;
use super::report::Exchange;
use super::target::Target;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The media type of bodies, as it was seen on the wire.
const MEDIA_TYPE: &str = "application/scim+json; charset=utf-8";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An HTTP client for one tenant URL and secret token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    authorization: HeaderValue,
    tls: ClientConfig,
}

/// A request before it is sent.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    /// Path below the tenant URL, such as `/Users`.
    pub(super) path: String,
    /// Query pairs, encoded already.
    pub(super) query: Vec<String>,
    pub(super) body: Option<&'a Value>,
    pub(super) why: String,
}

impl Client {
    /// A client for this tenant URL; `ca` is the PEM of the only authorities to trust instead of the system's.
    pub fn new(base_url: &str, token: &str, ca: Option<&str>) -> Result<Client, Error> {
        let base = base_url.trim_end_matches('/').to_owned();
        Url::parse(&base).map_err(|_| Error::Url(base.clone()))?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::Token)?;
        authorization.set_sensitive(true);
        // .NET's client speaks HTTP/1.1 unless told otherwise
        let tls = tls(ca)?;
        let builder = reqwest::Client::builder().tls_backend_preconfigured(tls.clone()).http1_only();
        let http = builder.timeout(PATIENCE).build().map_err(Error::Http)?;
        Ok(Client { http, base, authorization, tls })
    }

    /// The tenant URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request; an answer that did not come is a fault of the exchange.
    pub(super) async fn send(&self, dialect: Dialect, request: Request<'_>) -> Exchange {
        let url = self.url(dialect, &request);
        let mut exchange = Exchange::new(request.why, &request.method, &url, request.body.cloned());
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())]);
        headers.insert(ACCEPT, HeaderValue::from_static("application/scim+json"));
        let mut sending = self.http.request(request.method, url).headers(headers);
        if let Some(body) = request.body {
            sending = sending.header(CONTENT_TYPE, MEDIA_TYPE).body(body.to_string());
        }
        let start = Instant::now();
        if let Err(error) = receive(sending, &mut exchange).await {
            exchange.fault(format!("no answer: {}", chain(&error)));
        }
        exchange.took = start.elapsed();
        exchange
    }

    /// Sends a GET with the quotes of its query as they are, over a connection of its own.
    pub(super) async fn send_raw(&self, dialect: Dialect, request: Request<'_>) -> Exchange {
        let url = self.url(dialect, &request).replace("%22", "\"");
        let mut exchange = Exchange::new(request.why, &request.method, &url, None);
        let start = Instant::now();
        let target = format!("/{}", url.splitn(4, '/').nth(3).unwrap_or_default());
        let sent = match (Url::parse(&self.base), self.authorization.to_str()) {
            (Ok(base), Ok(token)) => {
                let get = raw::get(&base, &target, token, self.tls.clone());
                tokio::time::timeout(PATIENCE, get).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            }
            _ => Err(std::io::ErrorKind::InvalidInput.into()),
        };
        match sent {
            Ok(answer) => read(&mut exchange, answer.status, |name| answer.header(name), &answer.body),
            Err(error) => exchange.fault(format!("no answer: {}", chain(&error))),
        }
        exchange.took = start.elapsed();
        exchange
    }

    /// The URL of a request, with the dialect's flag as an administrator adds it.
    fn url(&self, dialect: Dialect, request: &Request<'_>) -> String {
        let flag = dialect.flag().map(str::to_owned);
        let query: Vec<String> = flag.into_iter().chain(request.query.iter().cloned()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", self.base, request.path, query.join("&"))
    }
}

/// `filter=<path>+eq+"<value>"`, encoded as Entra does: `+` for a space, `%40` for `@`.
pub(super) fn filter(target: &Target, value: &str) -> String {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    // brackets and quotes of a value path stay as they are, here the URL's own rules encode what must be
    let path = target.as_str().replace(' ', "+");
    let value: String = form_urlencoded::byte_serialize(quoted.as_bytes()).collect();
    format!("filter={path}+eq+%22{value}%22")
}

/// Waits for the answer and reads it.
async fn receive(sending: reqwest::RequestBuilder, exchange: &mut Exchange) -> Result<(), reqwest::Error> {
    let answer = sending.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await?;
    read(exchange, status, |name| headers.get(name)?.to_str().ok(), &body);
    Ok(())
}

/// Notes an answer, and what is wrong with its form.
fn read<'a>(exchange: &mut Exchange, status: u16, header: impl Fn(&str) -> Option<&'a str>, body: &[u8]) {
    exchange.status = Some(status);
    exchange.request_id = header("x-request-id").map(str::to_owned);
    if body.is_empty() {
        return;
    }
    let media_type = header("content-type").unwrap_or_default();
    if !media_type.starts_with("application/scim+json") {
        exchange.fault(format!("the answer's media type is `{media_type}` instead of `application/scim+json`"));
    }
    match serde_json::from_slice(body) {
        Ok(value) => exchange.response = Some(value),
        Err(error) => exchange.fault(format!("the answer is no JSON: {error}")),
    }
}

/// TLS that trusts the given authorities, else the system's.
fn tls(ca: Option<&str>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|error| Error::Ca(error.to_string()))?;
                roots.add(certificate).map_err(|error| Error::Ca(error.to_string()))?;
            }
        }
        None => {
            // one that cannot be read takes nothing from the others
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(Error::Ca("no certificate found".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::Ca(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ca() -> String {
        crate::lab::Ca::new("a test").unwrap().pem()
    }

    #[test]
    fn filters_are_encoded_as_entra_does() {
        let name = Target::parse("userName").unwrap();
        assert_eq!(filter(&name, "a b@x"), "filter=userName+eq+%22a+b%40x%22");
        assert_eq!(filter(&name, "a\"\\+"), "filter=userName+eq+%22a%5C%22%5C%5C%2B%22");
        let mail = Target::parse("emails[type eq \"work\"].value").unwrap();
        assert_eq!(filter(&mail, "x"), "filter=emails[type+eq+\"work\"].value+eq+%22x%22");
    }

    #[test]
    fn the_flag_comes_with_every_request_of_dialect_b() {
        let ca = ca();
        let client = Client::new("https://localhost:1/scim/v2/", "t", Some(&ca)).unwrap();
        let query = vec!["count=1".to_owned()];
        let request = Request { method: Method::GET, path: "/Users".into(), query, body: None, why: String::new() };
        assert_eq!(client.url(Dialect::A, &request), "https://localhost:1/scim/v2/Users?count=1");
        assert_eq!(client.url(Dialect::B, &request), "https://localhost:1/scim/v2/Users?aadOptscim062020&count=1");
    }

    #[tokio::test]
    async fn no_answer_is_a_fault_of_the_exchange() {
        let client = Client::new("https://127.0.0.1:1", "t", Some(&ca())).unwrap();
        let request =
            Request { method: Method::GET, path: "/Users".into(), query: Vec::new(), body: None, why: "a test".into() };
        let exchange = client.send(Dialect::A, request).await;
        assert_eq!(exchange.status, None);
        assert!(exchange.faults[0].starts_with("no answer: "), "{:?}", exchange.faults);
    }

    #[test]
    fn bad_settings_are_refused() {
        assert!(matches!(Client::new("no url", "t", None), Err(Error::Url(_))));
        assert!(matches!(Client::new("https://h", "a\nb", None), Err(Error::Token)));
        assert!(matches!(Client::new("https://h", "t", Some("no pem")), Err(Error::Ca(_))));
    }
}
