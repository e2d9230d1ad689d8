//! Wires the layers: configuration in, a running bridge out.
//!
//! The only place that knows every layer and the order in which they start and stop. Starting fails only for faults of
//! this machine (files, addresses); a directory that is down is no reason not to serve.

mod running;
#[cfg(test)]
mod tests;

use std::io::{self, Write as _};
use std::sync::Arc;

use indexmap::IndexMap;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::directory::{self, Directory};
use crate::http::{self, Server};
use crate::ops::audit::Sink;
use crate::ops::{AuditLog, Clock, Metrics};
use crate::service::{Endpoint, MemberLists, Service, Shared};

pub use self::running::{Addresses, Running};
use self::running::{Inside, Signals};

/// Why the bridge cannot start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Listeners, certificate or tokens.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// What was said about a directory cannot be used.
    #[error("directory `{name}` cannot be used")]
    Directory {
        /// The directory's name.
        name: String,
        /// What its layer says.
        source: directory::Error,
    },
    /// An endpoint names a directory that is not there.
    #[error("endpoint `{endpoint}` names directory `{directory}`, which is not configured")]
    NoDirectory {
        /// The endpoint's name.
        endpoint: String,
        /// The directory's name.
        directory: String,
    },
    /// The audit file.
    #[error("the audit file cannot be opened")]
    Audit(#[source] io::Error),
    /// The signals of the process.
    #[error("signals cannot be listened to")]
    Signals(#[source] io::Error),
    /// The ready line.
    #[error("the ready line cannot be written")]
    Stdout(#[source] io::Error),
    /// The task that serves ended by itself.
    #[error("the bridge failed while it was running")]
    Task(#[source] tokio::task::JoinError),
}

/// Runs the bridge until SIGTERM or SIGINT. Once it is listening, one line on stdout says where.
pub async fn run(config: Config) -> Result<(), Error> {
    let signals = Signals::listen().map_err(Error::Signals)?;
    let running = start(config).await?;
    let line = running.addresses().ready_line();
    tracing::info!("{line}");
    writeln!(io::stdout(), "{line}").map_err(Error::Stdout)?;
    running.until_signalled(signals).await
}

/// Starts the bridge and returns once it is listening.
pub async fn start(config: Config) -> Result<Running, Error> {
    let (metrics, clock) = (Metrics::new(), Clock::system());
    metrics.build_info(env!("CARGO_PKG_VERSION"));
    metrics.started(clock.now());
    say_what_is_risky(&config, &metrics);
    let audit = AuditLog::open(config.audit_sink(), metrics.clone(), clock).map_err(Error::Audit)?;
    let shared = Shared {
        metrics: metrics.clone(),
        audit: audit.clone(),
        clock,
        tasks: TaskTracker::new(),
        lists: MemberLists::new(),
    };
    let directories = directories(&config, &metrics)?;
    let endpoints = endpoints(&config, &directories, &shared)?;
    let directories: Vec<Arc<Directory>> = directories.into_values().collect();
    let service = Arc::new(Service::new(endpoints, directories.clone(), shared.tasks));
    let patience = config.http.drain_timeout;
    let server = Server::bind(config.http, service.clone(), metrics, clock).await?;
    // only now, so that a start that fails leaves nobody connected
    for directory in &directories {
        directory.start();
    }
    Ok(Running::new(server, Inside { service, directories, audit, patience }))
}

/// The endpoints without anything that listens, for commands that ask the directory themselves.
pub fn endpoints_alone(config: &Config) -> Result<Vec<Arc<Endpoint>>, Error> {
    endpoints_with(config, Sink::Log)
}

/// The same, for commands that change something: with the audit trail where the configuration has it.
pub fn endpoints_that_write(config: &Config) -> Result<Vec<Arc<Endpoint>>, Error> {
    endpoints_with(config, config.audit_sink())
}

fn endpoints_with(config: &Config, sink: Sink) -> Result<Vec<Arc<Endpoint>>, Error> {
    let (metrics, clock) = (Metrics::new(), Clock::system());
    let audit = AuditLog::open(sink, metrics.clone(), clock).map_err(Error::Audit)?;
    let directories = directories(config, &metrics)?;
    endpoints(
        config,
        &directories,
        &Shared { metrics, audit, clock, tasks: TaskTracker::new(), lists: MemberLists::new() },
    )
}

/// Warnings of the configuration go to the log, dangerous options to the metrics as well.
fn say_what_is_risky(config: &Config, metrics: &Metrics) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for option in config.dangers() {
        metrics.danger_option(&option);
    }
}

/// The directories by name; nothing is connected yet.
fn directories(config: &Config, metrics: &Metrics) -> Result<IndexMap<String, Arc<Directory>>, Error> {
    let one = |settings: directory::Settings| {
        let name = settings.name.clone();
        match Directory::new(settings, metrics.clone()) {
            Ok(directory) => Ok((name, directory)),
            Err(source) => Err(Error::Directory { name, source }),
        }
    };
    config.directory_settings().into_iter().map(one).collect()
}

/// The endpoints, each over its directory.
fn endpoints(
    config: &Config,
    directories: &IndexMap<String, Arc<Directory>>,
    shared: &Shared,
) -> Result<Vec<Arc<Endpoint>>, Error> {
    let one = |(directory, settings): (String, crate::service::EndpointSettings)| match directories.get(&directory) {
        Some(found) => Ok(Endpoint::new(settings, found.clone(), shared.clone())),
        None => Err(Error::NoDirectory { endpoint: settings.name, directory }),
    };
    config.endpoint_settings().into_iter().map(one).collect()
}
