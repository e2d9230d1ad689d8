//! What the HTTP layer must be told; built by `config`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything the HTTP layer must be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where SCIM is served; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where `/livez`, `/readyz` and `/metrics` are served, in plain HTTP.
    pub admin_listen: SocketAddr,
    /// Certificate and key; absent only together with `danger_plain_http`.
    pub tls: Option<TlsFiles>,
    /// Serve SCIM without TLS; refused on any address that is not loopback.
    pub danger_plain_http: bool,
    /// Scheme, host and port as clients see them (`https://scim.example.com`); else taken from the request.
    pub public_url: Option<String>,
    /// The file with the hashes of the bearer tokens.
    pub token_file: PathBuf,
    /// What one client may use up.
    pub limits: Limits,
    /// How long a stop waits for requests in flight.
    pub drain_timeout: Duration,
}

/// Certificate chain and private key, each in a PEM file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// What one client may use up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body: usize,
    /// The largest request head, in bytes.
    pub header: usize,
    /// How long a request may take before it is answered 503.
    pub request_timeout: Duration,
    /// How long a client may take to send a whole request head, the first one counted from the accept.
    pub header_timeout: Duration,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long a connection may stay open between requests, or without taking any of an answer.
    pub idle_timeout: Duration,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many requests may be in flight on one HTTP/2 connection.
    pub streams: u32,
}

impl Settings {
    /// Plain HTTP on a loopback port chosen by the system, for tests and for `demo` to build on.
    pub fn loopback(token_file: PathBuf) -> Settings {
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Settings {
            listen: loopback,
            admin_listen: loopback,
            tls: None,
            danger_plain_http: true,
            public_url: None,
            token_file,
            limits: Limits::default(),
            drain_timeout: Duration::from_secs(25),
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body: 1024 * 1024,
            header: 32 * 1024,
            request_timeout: Duration::from_secs(20),
            header_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            connections: 1024,
            streams: 100,
        }
    }
}
