//! The reads and writes of one request, all on one server.

use std::sync::Arc;

use tokio::time::Instant;

use super::conn::{Applied, Broken, Conn};
use super::draw::Counters;
use super::failure::Reason;
use super::server::Server;
use super::{Capabilities, Error};
use crate::ldap::{AttrType, Change, ChangeKind, Reading, ResultCode};

/// A request's use of a directory, pinned to one server until its deadline.
#[derive(Clone)]
pub struct Session {
    pub(super) server: Arc<Server>,
    pub(super) counters: Arc<Counters>,
    pub(super) deadline: Instant,
    pub(super) capabilities: Arc<Capabilities>,
    alone: bool,
}

impl Session {
    /// A session on a server; `alone` says that there is no other to fail over to.
    pub(super) fn new(
        server: Arc<Server>,
        conn: &Conn,
        counters: Arc<Counters>,
        deadline: Instant,
        alone: bool,
    ) -> Self {
        Self { server, counters, deadline, capabilities: conn.capabilities().clone(), alone }
    }

    /// What the server offers.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The server's address, for logs.
    pub fn server(&self) -> &str {
        self.server.url.as_str()
    }

    /// Writes. Every result code that the server answers is `Ok`; an error means that there is no answer. A permissive
    /// modify succeeds whatever is done already, even where the server is strict about it.
    pub async fn apply(&self, change: &Change, post_read: &[AttrType]) -> Result<Applied, Error> {
        match change {
            Change::Modify { dn, mods, permissive: true } => self.apply_permissive(dn, mods, post_read).await,
            Change::SetPassword { .. } if !self.capabilities.password_modify() => {
                Err(Error::NoPasswordModify { server: self.server().to_owned() })
            }
            Change::SetPassword { password, .. } if password.as_str().is_none_or(str::is_empty) => {
                Ok(Applied::not_sent("a password that is empty or not UTF-8 is not sent"))
            }
            change => self.write(change, post_read).await,
        }
    }

    /// Sends one write as it is.
    pub(super) async fn write(&self, change: &Change, post_read: &[AttrType]) -> Result<Applied, Error> {
        let deadline = self.operation_deadline();
        let op = change.kind();
        let post_read = if op == ChangeKind::Delete { &[] } else { post_read };
        let mut resent = false;
        loop {
            let conn = self.connection(deadline).await?;
            let started = Instant::now();
            let outcome = conn.write(change, post_read, deadline).await;
            let label = outcome.as_ref().map_or_else(Broken::label, |applied| applied.code.label());
            self.count(op.label(), label, started);
            match outcome {
                Ok(answered) => {
                    let applied = self.as_meant(op, answered);
                    self.heed(applied.code, Some(&applied.text));
                    return Ok(applied);
                }
                Err(Broken::NotSent) if !resent => resent = true,
                Err(broken) => return Err(self.unwritten(broken, op.label())),
            }
        }
    }

    /// An answer with the code that is meant. Metrics count the one that came.
    fn as_meant(&self, kind: ChangeKind, answered: Applied) -> Applied {
        let code = Reading::of(self.server.settings.readings, kind, answered.code, &answered.text);
        if code != answered.code {
            tracing::debug!(op = kind.label(), answered = %answered.code, means = %code, text = answered.text, "answer read");
        }
        Applied { code, ..answered }
    }

    /// The deadline of an operation that starts now.
    pub(super) fn operation_deadline(&self) -> Instant {
        self.deadline.min(Instant::now() + self.server.settings.operation_timeout)
    }

    pub(super) async fn connection(&self, deadline: Instant) -> Result<Arc<Conn>, Error> {
        self.server.connection(deadline).await.map_err(|failure| self.server.error(failure))
    }

    /// Why another server should be asked, when a server's answer says so.
    pub(super) fn passes_on(&self, code: ResultCode, of_write: Option<&str>) -> Option<Reason> {
        match (code, of_write) {
            (ResultCode::Referral, Some(_)) => Some(Reason::ReadOnly),
            (ResultCode::UnwillingToPerform, Some(text)) if self.server.settings.means_read_only(text) => {
                Some(Reason::ReadOnly)
            }
            (code, _) => code.is_outage().then_some(Reason::Busy),
        }
    }

    /// Passes the server over when it says that another one should be asked.
    pub(super) fn heed(&self, code: ResultCode, of_write: Option<&str>) {
        if let Some(reason) = self.passes_on(code, of_write).filter(|_| !self.alone) {
            self.server.pass_over(reason);
        }
    }

    fn unwritten(&self, broken: Broken, op: &'static str) -> Error {
        let server = self.server().to_owned();
        let unknown = |cause: &str| Error::OutcomeUnknown { server: server.clone(), op, cause: cause.to_owned() };
        match broken {
            Broken::NotSent => Error::Lost { server, op },
            Broken::Lost => unknown("the connection was lost"),
            Broken::Malformed(what) => unknown(&what),
            Broken::Timeout => {
                self.server.wake.notify_one();
                unknown("there was no answer in time")
            }
        }
    }

    pub(super) fn count(&self, op: &'static str, label: &'static str, started: Instant) {
        let server = &self.server;
        server.metrics.operation(&server.settings.name, server.url.as_str(), op, label, started.elapsed());
    }
}
