//! Plain SCIM requests, for what Entra would never send.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde_json::Value;
use std::sync::Arc;

/// An HTTP client for one tenant URL.
pub(crate) struct Http {
    client: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, `null` when there is none.
    pub(crate) body: Value,
}

impl Http {
    /// A client that trusts this authority alone and keeps its connections.
    pub(crate) fn new(base: &str, token: Option<&str>, ca: &str) -> Http {
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls(ca)).build().unwrap();
        Http { client, base: base.to_owned(), token: token.map(str::to_owned) }
    }

    /// A request before it is sent, with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// GET of anything that is no JSON.
    pub(crate) async fn get_text(&self, path: &str) -> (u16, String) {
        let answer = self.request(Method::GET, path).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    /// POST of a body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// PUT of a body.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    /// PATCH with these operations.
    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send(Method::PATCH, path, &serde_json::json!({ "schemas": schemas, "Operations": operations })).await
    }

    /// PATCH with this body.
    pub(crate) async fn patch_raw(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, body).await
    }

    /// DELETE.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Any method with a body.
    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header(CONTENT_TYPE, "application/scim+json");
        send(request.body(body.to_string())).await
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.bytes().await.expect("a body");
    let body = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => Value::Null,
        Ok(body) => body,
        Err(error) => panic!("{error} in an answer {status}: {:?}", String::from_utf8_lossy(&bytes)),
    };
    Answer { status, headers, body }
}

/// TLS that trusts one authority.
fn tls(ca: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    builder.with_root_certificates(roots).with_no_client_auth()
}
