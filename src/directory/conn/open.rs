//! Opens a connection: socket, TLS, bind, root DSE.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult};
use secrecy::ExposeSecret;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::driver::Driver;
use super::guard::Guard;
use super::search::TURNS;
use super::{Ask, Broken, Conn, stream, tls};
use crate::directory::failure::{Failure, Reason};
use crate::directory::url::Place;
use crate::directory::{Bind, Capabilities, ServerUrl, Settings, kind};
use crate::ldap::{Dn, Entry, ResultCode};
use crate::ops::Metrics;

/// Stands for an IPv6 address in the URL that the library is given; it is neither resolved nor sent.
const ADDRESS_NAME: &str = "ipv6.invalid";

/// Opens a connection within the time that the settings give.
pub(in crate::directory) async fn open(
    settings: &Settings,
    url: &ServerUrl,
    metrics: &Metrics,
    wake: &Arc<Notify>,
) -> Result<Conn, Failure> {
    let deadline = Instant::now() + settings.connect_timeout;
    let socket = stream::connect(url.place(), deadline).await?;
    let (library, name) = library_settings(settings, url).await?;
    let connect = LdapConnAsync::with_settings(library.set_std_stream(socket), &name);
    let (conn, ldap) = match timeout_at(deadline, Guard::new(connect)).await {
        Ok(Ok(Ok(pair))) => pair,
        Ok(Ok(Err(error))) => return Err(connect_failure(&error)),
        Ok(Err(panic)) => return Err(Failure::new(Reason::Protocol, panic)),
        Err(_) => return Err(Failure::new(Reason::Timeout, "TLS was not set up in time")),
    };
    let driver = Driver::start(conn, &settings.name, url.as_str(), metrics.clone(), wake.clone());
    let started = Instant::now();
    let bound = bind(&ldap, &settings.bind, deadline).await;
    let label = match &bound {
        Ok(()) => ResultCode::Success.label(),
        Err(failure) => failure.label(),
    };
    metrics.operation(&settings.name, url.as_str(), "bind", label, started.elapsed());
    bound?;
    let mut conn = Conn {
        ldap,
        driver,
        capabilities: Arc::new(Capabilities::new(Entry::new(Dn::root()))),
        opened: Instant::now(),
        operations: AtomicU64::new(0),
        turns: Arc::new(Semaphore::new(TURNS as usize)),
    };
    conn.capabilities = Arc::new(capabilities(&conn, settings, deadline).await?);
    kind::check(settings, &conn.capabilities)?;
    if conn.driver.bound() { Ok(conn) } else { Err(Failure::new(Reason::Lost, "connection lost after bind")) }
}

/// The library's settings, and the URL from which it takes the scheme and the name to check.
async fn library_settings(settings: &Settings, url: &ServerUrl) -> Result<(LdapConnSettings, String), Failure> {
    let library = LdapConnSettings::new();
    let Place::Tcp { tls, host, port } = url.place() else {
        return Ok((library, "ldapi:///".to_owned()));
    };
    let scheme = if *tls { "ldaps" } else { "ldap" };
    let name = if host.contains(':') { ADDRESS_NAME } else { host };
    let name = format!("{scheme}://{name}:{port}");
    if !*tls && !settings.start_tls {
        return Ok((library, name));
    }
    let (trust, host) = (settings.tls.clone(), host.clone());
    let config = tokio::task::spawn_blocking(move || tls::config(&trust, &host)).await;
    let config = config.map_err(|error| Failure::new(Reason::Tls, error.to_string()))??;
    Ok((library.set_config(config).set_starttls(!*tls), name))
}

fn connect_failure(error: &LdapError) -> Failure {
    match error {
        LdapError::Io { source } if source.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            Failure::new(Reason::Tls, source.to_string())
        }
        LdapError::Io { source } => Failure::new(Reason::Lost, source.to_string()),
        LdapError::Rustls { source } => Failure::new(Reason::Tls, source.to_string()),
        LdapError::DNSName { source } => Failure::new(Reason::Tls, source.to_string()),
        LdapError::LdapResult { result } => Failure::new(
            Reason::Tls,
            format!("StartTLS was answered with {}: {}", ResultCode::from(result.rc), result.text),
        ),
        other => Failure::new(Reason::Lost, other.to_string()),
    }
}

/// Authenticates (RFC 4511 §4.2). An empty password would bind anonymously and succeed (RFC 4513 §5.1.2), so it is
/// never sent.
async fn bind(ldap: &Ldap, bind: &Bind, deadline: Instant) -> Result<(), Failure> {
    let mut ldap = ldap.clone();
    let outcome = match bind {
        Bind::Anonymous => return Ok(()),
        Bind::Simple { password, .. } if password.expose_secret().is_empty() => {
            return Err(Failure::bind(ResultCode::InvalidCredentials, "the password is empty, so it was not sent"));
        }
        Bind::Simple { dn, password } => {
            let dn = dn.to_string();
            timeout_at(deadline, Guard::new(ldap.simple_bind(&dn, password.expose_secret()))).await
        }
        Bind::External => timeout_at(deadline, Guard::new(ldap.sasl_external_bind())).await,
    };
    let result: LdapResult = super::finish(outcome).map_err(broken)?;
    match ResultCode::from(result.rc) {
        ResultCode::Success => Ok(()),
        code => Err(Failure::bind(code, result.text)),
    }
}

/// Reads the root DSE; a server that hides it offers nothing that we know of.
async fn capabilities(conn: &Conn, settings: &Settings, deadline: Instant) -> Result<Capabilities, Failure> {
    let signs = settings.kinds.iter().flat_map(|kind| kind.signs).chain(settings.signs);
    let query = Capabilities::query(signs);
    let found = conn.search(&Ask::new(&query, settings), deadline).await.map_err(broken)?;
    if found.code.is_outage() {
        return Err(Failure::new(Reason::Busy, format!("root DSE was answered with {}", found.code)));
    }
    let root = found.entries.into_iter().next().unwrap_or_else(|| Entry::new(Dn::root()));
    Ok(Capabilities::new(root))
}

/// What a broken operation means while a connection is being opened.
pub(in crate::directory) fn broken(broken: Broken) -> Failure {
    match broken {
        Broken::NotSent | Broken::Lost => Failure::new(Reason::Lost, "connection lost"),
        Broken::Timeout => Failure::new(Reason::Timeout, "no answer in time"),
        Broken::Malformed(what) => Failure::new(Reason::Protocol, what),
    }
}

impl Conn {
    /// Asks for the root DSE, to see whether the server answers.
    pub(in crate::directory) async fn probe(&self, settings: &Settings, limit: Duration) -> Result<(), Failure> {
        capabilities(self, settings, Instant::now() + limit).await.map(drop)
    }
}
