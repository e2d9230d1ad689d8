//! Both listeners, put together from the settings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use super::auth::Guard;
use super::files::Files;
use super::listen::{Listener, Transport};
use super::tls::Certificate;
use super::token::TokenStore;
use super::{Error, Limits, Settings, admin, router};
use crate::ops::{Clock, Metrics};
use crate::service::Service;

/// How many connections the admin listener takes: enough for probes and a few scrapers.
const ADMIN_CONNECTIONS: usize = 32;

/// How long a stop waits for the admin listener's answers.
const ADMIN_DRAIN: Duration = Duration::from_secs(1);

/// Both listeners, bound and ready to serve.
pub struct Server {
    scim: (Listener, Router),
    admin: (Listener, Router),
    files: Files,
    scheme: &'static str,
    drain: Duration,
}

impl Server {
    /// Reads certificate and tokens, and listens on both addresses.
    pub async fn bind(
        settings: Settings,
        service: Arc<Service>,
        metrics: Metrics,
        clock: Clock,
    ) -> Result<Server, Error> {
        let certificate = certificate(&settings)?;
        let tokens = Arc::new(TokenStore::open(settings.token_file)?);
        let endpoints = service.endpoints().iter().map(|e| e.name().to_owned()).collect();
        let files = Files::new(tokens.clone(), certificate.clone(), endpoints, metrics.clone());
        let (scheme, transport) = match certificate {
            Some(certificate) => ("https", Transport::Tls(certificate)),
            None => ("http", Transport::Plain),
        };
        let limits = settings.limits;
        let guard = Guard { tokens, metrics: metrics.clone(), clock, public_url: settings.public_url, scheme };
        let scim_router = router::router(&service, &guard, &limits);
        let counted = Some(metrics.clone());
        let scim = Listener::bind(settings.listen, transport, limits.clone(), counted).await?;
        let admin_limits = Limits { connections: ADMIN_CONNECTIONS, ..limits };
        let admin = Listener::bind(settings.admin_listen, Transport::Plain, admin_limits, None).await?;
        let admin_router = admin::router(service, metrics);
        Ok(Server {
            scim: (scim, scim_router),
            admin: (admin, admin_router),
            files,
            scheme,
            drain: settings.drain_timeout,
        })
    }

    /// The address on which SCIM is served.
    pub fn scim_addr(&self) -> SocketAddr {
        self.scim.0.addr()
    }

    /// The address of the admin listener.
    pub fn admin_addr(&self) -> SocketAddr {
        self.admin.0.addr()
    }

    /// `https`, or `http` when the dangerous option is set.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The files that may change while serving.
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// Serves until `stop`, then finishes what is in flight and calls `drained`. The admin listener stays open until
    /// that is done, so that a probe can watch the draining.
    pub async fn serve(self, stop: CancellationToken, drained: impl Future<Output = ()>) {
        let gone = CancellationToken::new();
        let (admin, admin_router) = self.admin;
        let (scim, scim_router) = self.scim;
        let scim = async {
            scim.serve(scim_router, stop, self.drain).await;
            drained.await;
            gone.cancel();
        };
        tokio::join!(scim, admin.serve(admin_router, gone.clone(), ADMIN_DRAIN));
    }
}

/// The certificate, unless plain HTTP is both asked for and harmless.
fn certificate(settings: &Settings) -> Result<Option<Arc<Certificate>>, Error> {
    if settings.danger_plain_http {
        if !settings.listen.ip().is_loopback() {
            return Err(Error::PlainHttp { addr: settings.listen });
        }
        return Ok(None);
    }
    let files = settings.tls.clone().ok_or(Error::NoTls)?;
    Ok(Some(Arc::new(Certificate::open(files)?)))
}

#[cfg(test)]
mod tests {
    use tokio_util::task::TaskTracker;

    use super::*;

    async fn bind(settings: Settings) -> Result<Server, Error> {
        let service = Service::new(Vec::new(), Vec::new(), TaskTracker::new());
        Server::bind(settings, Arc::new(service), Metrics::new(), Clock::system()).await
    }

    #[tokio::test]
    async fn plain_http_is_for_loopback_only_and_never_by_default() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::loopback(dir.path().join("tokens.toml"));
        let open = Settings { listen: "0.0.0.0:0".parse().unwrap(), ..settings.clone() };
        let error = bind(open).await.err().unwrap();
        assert!(matches!(error, Error::PlainHttp { .. }), "{error}");
        let safe = Settings { danger_plain_http: false, ..settings.clone() };
        let error = bind(safe).await.err().unwrap();
        assert!(matches!(error, Error::NoTls), "{error}");
        assert_eq!(bind(settings).await.unwrap().scheme(), "http");
    }
}
