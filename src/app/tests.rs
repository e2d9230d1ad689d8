//! A whole bridge over real sockets, in front of a directory that is down.

use std::path::Path;

use reqwest::{Method, Response};
use serde_json::Value;

use super::*;
use crate::config::{Environment, Purpose};
use crate::http::token::{Allow, NewToken, TokenName, TokenText, update};

const WRITE: u8 = 1;
const READ: u8 = 2;
const EXPIRED: u8 = 3;
const OTHER: u8 = 4;
const LATE: u8 = 5;

/// A bridge with one endpoint `hr` at `/api/scim` whose directory does not answer.
struct Bench {
    running: Running,
    client: reqwest::Client,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let root = write_files(dir.path());
        for (n, endpoint, allow, expires) in [
            (WRITE, "hr", Allow::Write, None),
            (READ, "hr", Allow::Read, None),
            (EXPIRED, "hr", Allow::Write, Some("2020-01-01T00:00:00Z")),
            (OTHER, "shop", Allow::Write, None),
        ] {
            add_token(dir.path(), n, endpoint, allow, expires);
        }
        let config = Config::load(&dir.path().join("bridge.toml"), &Environment::default(), Purpose::Serve);
        let running = start(config.unwrap_or_else(|faults| panic!("{faults}"))).await.unwrap();
        // an error says that another test was first
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
        Bench { running, client, dir }
    }

    async fn call(&self, bearer: Option<u8>, method: &str, path: &str, body: &'static str) -> Response {
        let url = format!("https://{}{path}", self.running.addresses().scim);
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).body(body);
        if let Some(n) = bearer {
            request = request.bearer_auth(token(n).expose());
        }
        request.send().await.unwrap()
    }

    async fn admin(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.running.addresses().admin);
        let answer = self.client.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

fn token(n: u8) -> TokenText {
    TokenText::from_random([n; 32])
}

fn add_token(dir: &Path, n: u8, endpoint: &str, allow: Allow, expires: Option<&str>) {
    let name = TokenName::new(&format!("t{n}")).unwrap();
    let expires = expires.map(|at| at.parse().unwrap());
    let new = NewToken { name, endpoint: endpoint.into(), allow, description: None, expires };
    update(&dir.join("tokens.toml"), |set| set.add(new, &token(n), Clock::system().now())).unwrap();
}

/// Certificate, key and configuration.
fn write_files(dir: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(dir.join("c.pem"), made.cert.pem()).unwrap();
    std::fs::write(dir.join("k.pem"), made.signing_key.serialize_pem()).unwrap();
    let mapping = concat!(env!("CARGO_MANIFEST_DIR"), "/config/mappings/openldap.toml");
    let config = format!(
        r#"
        [server]
        listen = "127.0.0.1:0"
        certificate = "c.pem"
        private_key = "k.pem"
        [admin]
        listen = "127.0.0.1:0"
        [directory.main]
        vendor = "openldap"
        servers = ["ldap://127.0.0.1:1"]
        bind.method = "anonymous"
        [endpoint.hr]
        path = "/api/scim"
        directory = "main"
        mapping = "{mapping}"
        users.base = "ou=people,dc=example,dc=com"
        "#
    );
    std::fs::write(dir.join("bridge.toml"), config).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

/// Asserts that the answer is the SCIM error of this status.
async fn error(answer: Response, status: u16) -> Value {
    assert_eq!(answer.status(), status, "{answer:?}");
    assert_eq!(answer.headers()["content-type"], "application/scim+json; charset=utf-8");
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], status.to_string());
    body
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let bench = Bench::start().await;
    for path in ["/api/scim", "/api/scim/Users", "/api/scim/Nonsense/x", "/api/scim/Schemas"] {
        let answer = bench.call(None, "GET", path, "").await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"scim\"");
        error(answer, 401).await;
    }
    error(bench.call(None, "PATCH", "/api/scim/Schemas", "").await, 401).await;
    for n in [EXPIRED, OTHER, LATE] {
        let answer = bench.call(Some(n), "GET", "/api/scim/Schemas", "").await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"scim\", error=\"invalid_token\"");
        error(answer, 401).await;
    }
    error(bench.call(None, "GET", "/elsewhere/Users", "").await, 404).await;
    add_token(bench.dir.path(), LATE, "hr", Allow::Read, Some("2099-01-01T00:00:00Z"));
    bench.running.reload();
    assert_eq!(bench.call(Some(LATE), "GET", "/api/scim/Schemas", "").await.status(), 200);
    let (_, metrics) = bench.admin("/metrics").await;
    for part in ["token=\"t5\"} 4070908800", "app_certificate_expiry_timestamp_seconds ", "reason=\"expired_token\"} 1"]
    {
        assert!(metrics.contains(part), "{metrics}");
    }
}

#[tokio::test]
async fn every_answer_is_scim() {
    let bench = Bench::start().await;
    let read = async |method: &str, path: &str| bench.call(Some(READ), method, path, "").await;
    for path in
        ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Groups?filter=a+eq+%22b%22"]
    {
        let answer = read("GET", &format!("/api/scim{path}?aadOptscim062020")).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/scim+json; charset=utf-8");
    }
    error(read("GET", "/api/scim/Nonsense").await, 404).await;
    error(read("GET", "/api/scim/Users?filter=userName+zz+%22x%22").await, 400).await;
    error(read("POST", "/api/scim/Users/.search").await, 501).await;
    let answer = read("DELETE", "/api/scim/Users/").await;
    assert_eq!(answer.headers()["allow"], "GET,HEAD,POST");
    error(answer, 405).await;
    for method in ["PUT", "PATCH", "DELETE"] {
        error(read(method, "/api/scim/Users/1").await, 403).await;
    }
    let (_, metrics) = bench.admin("/metrics").await;
    let line = "requests_total{endpoint=\"hr\",method=\"PATCH\",route=\"/Users/{id}\",status=\"403\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn a_directory_that_is_down_is_a_matter_of_time() {
    let bench = Bench::start().await;
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"jo"}"#;
    let id = "/api/scim/Users/6f0e3c2a-6f3c-103f-8c39-1b1b1b1b1b1b";
    for (method, path, body) in [
        ("GET", "/api/scim/Users?filter=userName+eq+%22jo%22", ""),
        ("GET", id, ""),
        ("DELETE", id, ""),
        ("POST", "/api/scim/Users", user),
        ("PUT", id, user),
    ] {
        let answer = bench.call(Some(WRITE), method, path, body).await;
        assert!(answer.headers().contains_key("retry-after"), "{method} {answer:?}");
        error(answer, 503).await;
    }
    let (status, ready) = bench.admin("/readyz").await;
    assert_eq!((status, ready.contains("\"ready\":false")), (503, true), "{ready}");
    assert_eq!(bench.admin("/livez").await, (200, "ok\n".into()));
    let addr = bench.running.addresses().scim;
    bench.running.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}
