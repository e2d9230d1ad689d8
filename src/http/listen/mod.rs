//! The accept loop: our own, because the limits below are not to be had from a ready-made one.
//!
//! A silent client is closed after the header timeout, a connection over the limit at once, a slow handshake in
//! time; a stop lets requests in flight finish. hyper-util's protocol-detecting builder is not used: the protocol
//! is the one that ALPN chose.

mod activity;
mod connection;
mod request_line;
mod reset;
mod stream;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tls::Certificate;
use super::{Error, Limits};
use crate::ops::Metrics;
use connection::Connection;

/// What connections speak before HTTP.
#[derive(Clone)]
pub(crate) enum Transport {
    /// Nothing: the admin listener, and SCIM when the dangerous option is set.
    Plain,
    /// TLS with the certificate in use at the time of the handshake.
    Tls(Arc<Certificate>),
}

/// A socket that listens, with what it serves.
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
    transport: Transport,
    limits: Limits,
    /// Counts connections; the admin listener's are not counted.
    metrics: Option<Metrics>,
}

impl Listener {
    /// Listens; port 0 lets the system choose.
    pub(crate) async fn bind(
        addr: SocketAddr,
        transport: Transport,
        limits: Limits,
        metrics: Option<Metrics>,
    ) -> Result<Listener, Error> {
        let failed = |source| Error::Bind { addr, source };
        let socket = TcpListener::bind(addr).await.map_err(failed)?;
        let addr = socket.local_addr().map_err(failed)?;
        Ok(Listener { socket, addr, transport, limits, metrics })
    }

    /// The address really listened on.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `stop`, then waits at most `drain` for requests in flight.
    pub(crate) async fn serve(self, router: Router, stop: CancellationToken, drain: Duration) {
        let open = TaskTracker::new();
        let kill = CancellationToken::new();
        self.accept_until(&stop, &kill, &router, &open).await;
        // from here on nobody is let in: the listening socket is closed
        let addr = self.addr;
        drop(self);
        open.close();
        if tokio::time::timeout(drain, open.wait()).await.is_err() {
            tracing::warn!(%addr, connections = open.len(), "closed connections that were still busy");
            kill.cancel();
            open.wait().await;
        }
    }

    /// Accepts connections, each served by a task of its own.
    async fn accept_until(
        &self,
        stop: &CancellationToken,
        kill: &CancellationToken,
        router: &Router,
        open: &TaskTracker,
    ) {
        let free = Arc::new(Semaphore::new(self.limits.connections));
        let mut pause = Pause::default();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.socket.accept() => accepted,
            };
            let (socket, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    pause.after(&error).await;
                    continue;
                }
            };
            pause = Pause::default();
            let Ok(permit) = Arc::clone(&free).try_acquire_owned() else {
                self.refuse(socket, peer);
                continue;
            };
            let connection = Connection {
                transport: self.transport.clone(),
                router: router.clone(),
                limits: self.limits.clone(),
                metrics: self.metrics.clone(),
                peer,
                stop: stop.clone(),
                kill: kill.clone(),
            };
            open.spawn(async move {
                connection.serve(socket).await;
                drop(permit);
            });
        }
    }

    /// Closes a connection that is one too many, before it costs anything.
    fn refuse(&self, socket: TcpStream, peer: SocketAddr) {
        drop(socket);
        tracing::warn!(%peer, limit = self.limits.connections, "connection refused: too many are open");
        if let Some(metrics) = &self.metrics {
            metrics.connection_refused("limit");
        }
    }
}

/// Waits longer with each failure to accept in a row, so that a lack of file descriptors does not burn the CPU.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    /// Waits when the fault is ours; a client that went away before it was accepted is no reason to.
    async fn after(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        tracing::warn!(%error, "cannot accept connections");
        let wait = Duration::from_millis(10) * 2u32.saturating_pow(self.0.min(7));
        self.0 += 1;
        tokio::time::sleep(wait.min(Duration::from_secs(1))).await;
    }
}
