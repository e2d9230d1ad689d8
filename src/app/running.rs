//! A bridge that is running: how it is told to reload and to stop, and in which order it stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Error;
use crate::directory::Directory;
use crate::http::{Files, Server};
use crate::ops::AuditLog;
use crate::service::Service;

/// How often files are looked at for changes.
const POLL: Duration = Duration::from_secs(1);

/// Where a running bridge can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// `https`, or `http` when the dangerous option is set.
    pub scheme: &'static str,
    /// Where SCIM is served.
    pub scim: SocketAddr,
    /// Where probes and Prometheus are answered.
    pub admin: SocketAddr,
}

impl Addresses {
    /// The line that `serve` prints once everything is listening.
    pub fn ready_line(&self) -> String {
        let Addresses { scheme, scim, admin } = self;
        format!("ready scim={scheme}://{scim} admin=http://{admin}")
    }
}

/// A bridge that is running.
pub struct Running {
    addresses: Addresses,
    stop: CancellationToken,
    reload: Reload,
    serving: JoinHandle<()>,
}

/// What a stop must finish, inside out.
pub(super) struct Inside {
    /// Plans are waited for.
    pub(super) service: Arc<Service>,
    /// Connections are closed after that.
    pub(super) directories: Vec<Arc<Directory>>,
    /// Synced last.
    pub(super) audit: AuditLog,
    /// How long plans are waited for.
    pub(super) patience: Duration,
}

/// What can be read again while running.
#[derive(Clone)]
struct Reload {
    files: Files,
    audit: AuditLog,
}

impl Running {
    /// Serves in the background.
    pub(super) fn new(server: Server, inside: Inside) -> Running {
        let addresses = Addresses { scheme: server.scheme(), scim: server.scim_addr(), admin: server.admin_addr() };
        let stop = CancellationToken::new();
        let reload = Reload { files: server.files(), audit: inside.audit.clone() };
        tokio::spawn(poll(reload.files.clone(), stop.clone()));
        let serving = tokio::spawn(server.serve(stop.clone(), finish(inside)));
        Running { addresses, stop, reload, serving }
    }

    /// Where it can be reached.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Reads certificate and tokens again and opens the audit file anew.
    pub fn reload(&self) {
        self.reload.files.reload();
        if let Err(error) = self.reload.audit.reopen() {
            tracing::error!(%error, "the audit file cannot be opened anew: the old one stays in use");
        }
    }

    /// Lets nobody in, finishes what is in flight, and returns when all is done.
    pub async fn stop(self) -> Result<(), Error> {
        self.stop.cancel();
        self.serving.await.map_err(Error::Task)
    }

    /// Serves until SIGTERM or SIGINT; a second one does not wait for what is in flight. SIGHUP reloads.
    pub(super) async fn until_signalled(self, mut signals: Signals) -> Result<(), Error> {
        while let Heard::Reload = signals.next().await {
            tracing::info!("reloading on SIGHUP");
            self.reload();
        }
        tracing::info!("stopping: waiting for requests in flight");
        let stopping = self.stop();
        tokio::pin!(stopping);
        loop {
            tokio::select! {
                done = &mut stopping => return done,
                heard = signals.next() => if let Heard::Stop = heard {
                    tracing::warn!("stopping at once on the second signal");
                    return Ok(());
                }
            }
        }
    }
}

/// Looks at the files until the stop.
async fn poll(files: Files, stop: CancellationToken) {
    let refresh = async {
        loop {
            tokio::time::sleep(POLL).await;
            files.refresh();
        }
    };
    stop.run_until_cancelled(refresh).await;
}

/// Waits for plans, closes the connections to the directories, and syncs the audit trail.
async fn finish(inside: Inside) {
    let Inside { service, directories, audit, patience } = inside;
    if tokio::time::timeout(patience, service.drain()).await.is_err() {
        tracing::error!("stopped while plans were still being applied");
    }
    for directory in directories {
        directory.shutdown().await;
    }
    audit.flush();
    tracing::info!("stopped");
}

/// A signal as what it asks for.
enum Heard {
    Reload,
    Stop,
}

/// The signals that are listened to.
pub(super) struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on these signals no longer end the process by themselves.
    pub(super) fn listen() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next one.
    async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.hangup.recv() => Heard::Reload,
            _ = self.terminate.recv() => Heard::Stop,
            _ = self.interrupt.recv() => Heard::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_is_what_scripts_read() {
        let addresses = Addresses {
            scheme: "https",
            scim: SocketAddr::from(([127, 0, 0, 1], 8443)),
            admin: SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9464)),
        };
        assert_eq!(addresses.ready_line(), "ready scim=https://127.0.0.1:8443 admin=http://[::1]:9464");
    }
}
