//! `[server]` and `[admin]`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::fault::Reader;
use crate::http::{Limits, Settings, TlsFiles};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// The port for SCIM, on every address: Entra comes from elsewhere.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);

/// Health and metrics have no authentication, so they stay on this machine unless told otherwise.
const ADMIN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

pub(super) fn settings(reader: &mut Reader<'_>) -> Settings {
    let mut admin = reader.table_or_empty("admin");
    let admin_listen = listen(&mut admin, ADMIN_LISTEN);
    admin.finish();
    let mut table = reader.table_or_empty("server");
    let danger_plain_http = table.bool_or("danger_plain_http", false);
    let settings = Settings {
        listen: listen(&mut table, LISTEN),
        admin_listen,
        tls: tls(&mut table, danger_plain_http),
        danger_plain_http,
        public_url: table.opt_parse("public_url", "a URL such as `https://scim.example.com`", public_url),
        token_file: table.path_or("tokens", "tokens.toml"),
        limits: limits(&mut table),
        drain_timeout: table.duration_or("drain_timeout", Duration::from_secs(25), SECOND..=HOUR),
    };
    table.finish();
    settings
}

fn listen(table: &mut Reader<'_>, default: SocketAddr) -> SocketAddr {
    let expected = format!("an address and a port such as `{default}`");
    table.opt_parse("listen", &expected, str::parse::<SocketAddr>).unwrap_or(default)
}

/// Both files, or neither and plain HTTP.
fn tls(table: &mut Reader<'_>, danger_plain_http: bool) -> Option<TlsFiles> {
    let certificate = table.opt_path("certificate");
    let key = table.opt_path("private_key");
    let missing = |name: &str, file: &Option<PathBuf>| match file {
        None if !danger_plain_http => {
            table.fault(name, None, "the path of a PEM file", None);
        }
        Some(path) if danger_plain_http => {
            let written = path.display().to_string();
            let hint = "leave it out, or leave out `danger_plain_http`";
            table.fault(name, Some(&written), "nothing, since `danger_plain_http` switches TLS off", Some(hint));
        }
        _ => {}
    };
    missing("certificate", &certificate);
    missing("private_key", &key);
    Some(TlsFiles { certificate: certificate?, key: key? })
}

/// Scheme, host and port; no path, since each endpoint has its own.
fn public_url(text: &str) -> Result<String, &'static str> {
    let url: ::http::Uri = text.parse().map_err(|_| "it is not a URL")?;
    let authority = url.authority().ok_or("it has no host")?;
    match url.scheme_str() {
        _ if !matches!(url.path(), "" | "/") || url.query().is_some() => Err("it has a path"),
        _ if authority.as_str().contains('@') => Err("it has a user"),
        Some(scheme @ ("https" | "http")) => Ok(format!("{scheme}://{authority}")),
        _ => Err("its scheme is not `https`"),
    }
}

fn limits(table: &mut Reader<'_>) -> Limits {
    let default = Limits::default();
    Limits {
        body: size(table, "body_limit", default.body, 1 << 30),
        header: size(table, "header_limit", default.header, 1 << 20),
        request_timeout: table.duration_or("request_timeout", default.request_timeout, SECOND..=HOUR),
        header_timeout: table.duration_or("header_timeout", default.header_timeout, SECOND..=HOUR),
        handshake_timeout: table.duration_or("handshake_timeout", default.handshake_timeout, SECOND..=HOUR),
        idle_timeout: table.duration_or("idle_timeout", default.idle_timeout, SECOND..=HOUR),
        connections: count(table, "connection_limit", default.connections, 1 << 20),
        streams: table.u64_or("stream_limit", default.streams.into(), 1..=10_000).try_into().unwrap_or(default.streams),
    }
}

fn size(table: &mut Reader<'_>, key: &str, default: usize, most: u64) -> usize {
    table.size_or(key, default as u64, 1024..=most).try_into().unwrap_or(default)
}

fn count(table: &mut Reader<'_>, key: &str, default: usize, most: u64) -> usize {
    table.u64_or(key, default as u64, 1..=most).try_into().unwrap_or(default)
}
