//! The listener over real sockets.

mod quote;

use std::path::Path;

use axum::routing::{any, get};
use http::{StatusCode, Uri, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;
use crate::http::TlsFiles;

/// A listener that is serving.
struct Serving {
    addr: SocketAddr,
    stop: CancellationToken,
    metrics: Metrics,
    slow: Slow,
    task: JoinHandle<()>,
}

/// A route that says when it was called and answers when it may.
#[derive(Clone)]
struct Slow {
    called: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
}

impl Slow {
    fn new() -> Slow {
        Slow { called: Arc::new(Semaphore::new(0)), may_answer: Arc::new(Semaphore::new(0)) }
    }

    async fn answer(self) -> &'static str {
        self.called.add_permits(1);
        self.may_answer.acquire().await.unwrap().forget();
        "slow"
    }

    async fn wait_for_calls(&self, calls: u32) {
        let calls = self.called.acquire_many(calls);
        timeout(Duration::from_secs(10), calls).await.expect("called").unwrap().forget();
    }
}

impl Serving {
    async fn start(transport: Transport, limits: Limits) -> Serving {
        let metrics = Metrics::new();
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(loopback, transport, limits, Some(metrics.clone())).await.unwrap();
        let (addr, stop, slow) = (listener.addr(), CancellationToken::new(), Slow::new());
        let task = tokio::spawn(listener.serve(routes(slow.clone()), stop.clone(), DRAIN));
        Serving { addr, stop, metrics, slow, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    fn count(&self, line: &str) -> bool {
        self.metrics.render().lines().any(|l| l == format!("scim_ldap_bridge_http_{line}"))
    }
}

/// How long a stop waits.
const DRAIN: Duration = Duration::from_secs(2);

/// Says what arrived.
fn routes(slow: Slow) -> Router {
    let version = |version: Version| async move { format!("{version:?}") };
    let echo = |uri: Uri, body: String| async move { format!("<{}|{body}>", uri.query().unwrap_or("")) };
    Router::new()
        .route("/slow", get(move || slow.clone().answer()))
        .route("/version", get(version))
        .route("/unread", any(|| async { (StatusCode::UNAUTHORIZED, "no") }))
        .fallback(any(echo))
}

fn short() -> Limits {
    let ms = Duration::from_millis;
    Limits {
        header_timeout: ms(150),
        handshake_timeout: ms(150),
        idle_timeout: ms(1500),
        header: 2048,
        ..Limits::default()
    }
}

/// Reads until the text was seen; what else came before is left out of the account.
async fn expect(socket: &mut TcpStream, text: &str) {
    let mut seen = String::new();
    let read = async {
        while !seen.contains(text) {
            let mut chunk = [0; 1024];
            let n = socket.read(&mut chunk).await.unwrap();
            seen.push_str(std::str::from_utf8(&chunk[..n]).unwrap());
            assert!(n > 0, "closed before `{text}`, only: {seen}");
        }
    };
    timeout(Duration::from_secs(5), read).await.expect(text);
}

/// How long it takes until the server closes.
async fn closed_after(socket: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    let _ = timeout(Duration::from_secs(5), socket.read_to_end(&mut rest)).await.expect("not closed");
    began.elapsed()
}

/// Waits until something is so.
async fn eventually(so: impl AsyncFn() -> bool) {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(5), wait).await.expect("so in the end");
}

fn certificate(dir: &Path) -> (Arc<Certificate>, reqwest::Certificate) {
    let (files, root) = write_certificate(dir);
    (Arc::new(Certificate::open(files).unwrap()), root)
}

fn write_certificate(dir: &Path) -> (TlsFiles, reqwest::Certificate) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let files = TlsFiles { certificate: dir.join("c.pem"), key: dir.join("k.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    (files, reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap())
}

fn client(root: &reqwest::Certificate) -> reqwest::ClientBuilder {
    // an error says that another test was first
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().tls_certs_only([root.clone()])
}

#[tokio::test]
async fn a_silent_or_slow_client_is_closed_after_the_header_timeout() {
    let server = Serving::start(Transport::Plain, short()).await;
    let mut silent = server.connect().await;
    let took = closed_after(&mut silent).await;
    assert!(took >= Duration::from_millis(140), "{took:?}");
    let mut slow = server.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    let took = closed_after(&mut slow).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_connection_kept_open_outlives_the_header_timeout_but_not_the_idle_timeout() {
    let server = Serving::start(Transport::Plain, short()).await;
    let mut socket = server.connect().await;
    for text in ["<a|>", "<b|>"] {
        let query = &text[1..2];
        let request = format!("GET /?{query} HTTP/1.1\r\nhost: x\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        expect(&mut socket, text).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let took = closed_after(&mut socket).await;
    assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(4), "{took:?}");
}

#[tokio::test]
async fn a_slow_handshake_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let server = Serving::start(Transport::Tls(certificate(dir.path()).0), short()).await;
    closed_after(&mut server.connect().await).await;
    let mut plain = server.connect().await;
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    closed_after(&mut plain).await;
    assert!(server.count("tls_handshake_failures_total 2"), "{}", server.metrics.render());
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused() {
    let server = Serving::start(Transport::Plain, short()).await;
    let mut socket = server.connect().await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(4096));
    socket.write_all(head.as_bytes()).await.unwrap();
    expect(&mut socket, "431").await;
}

#[tokio::test]
async fn both_protocols_over_both_tls_versions() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, root) = certificate(dir.path());
    let server = Serving::start(Transport::Tls(certificate), Limits::default()).await;
    let url = format!("https://{}/version", server.addr);
    for tls in [reqwest::tls::Version::TLS_1_2, reqwest::tls::Version::TLS_1_3] {
        let builder = || client(&root).tls_version_min(tls).tls_version_max(tls);
        let both = builder().build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(both.text().await.unwrap(), "HTTP/2.0");
        let one = builder().http1_only().build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(one.text().await.unwrap(), "HTTP/1.1");
    }
}

#[tokio::test]
async fn a_new_certificate_is_used_by_new_connections() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, first) = certificate(dir.path());
    let server = Serving::start(Transport::Tls(certificate.clone()), Limits::default()).await;
    let url = format!("https://{}/", server.addr);
    let old = client(&first).build().unwrap();
    old.get(&url).send().await.unwrap();
    let (_, second) = write_certificate(dir.path());
    assert!(certificate.refresh().unwrap());
    client(&second).build().unwrap().get(&url).send().await.unwrap();
    assert!(client(&first).build().unwrap().get(&url).send().await.is_err());
    old.get(&url).send().await.expect("the open connection goes on");
}

#[tokio::test]
async fn connections_over_the_limit_are_closed_at_once() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = Serving::start(Transport::Plain, limits).await;
    let mut first = server.connect().await;
    first.write_all(b"GET /?a HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    expect(&mut first, "<a|>").await;
    let took = closed_after(&mut server.connect().await).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(server.count("connections_refused_total{reason=\"limit\"} 1"), "{}", server.metrics.render());
    drop(first);
    eventually(async || server.count("connections 0")).await;
    let mut third = server.connect().await;
    third.write_all(b"GET /?b HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    expect(&mut third, "<b|>").await;
    assert!(server.count("connections 1"), "{}", server.metrics.render());
}

#[tokio::test]
async fn a_stop_answers_what_is_in_flight_and_lets_nobody_in() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, root) = certificate(dir.path());
    let server = Serving::start(Transport::Tls(certificate), Limits::default()).await;
    let url = format!("https://{}/slow", server.addr);
    let two = client(&root).build().unwrap();
    let one = client(&root).http1_only().build().unwrap();
    let idle = client(&root).http1_only().build().unwrap();
    idle.get(format!("https://{}/", server.addr)).send().await.unwrap();
    let asked = [two.get(&url).send(), one.get(&url).send()].map(tokio::spawn);
    server.slow.wait_for_calls(2).await;
    server.stop.cancel();
    eventually(async || TcpStream::connect(server.addr).await.is_err()).await;
    server.slow.may_answer.add_permits(2);
    for answer in asked {
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.text().await.unwrap(), "slow");
    }
    // the clients still hold their connections: it is the server that closes them
    timeout(DRAIN / 2, server.task).await.expect("drained at once").unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let server = Serving::start(Transport::Plain, Limits::default()).await;
    let mut socket = server.connect().await;
    socket.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.slow.wait_for_calls(1).await;
    server.stop.cancel();
    timeout(DRAIN * 2, server.task).await.expect("stopped").unwrap();
    closed_after(&mut socket).await;
}
