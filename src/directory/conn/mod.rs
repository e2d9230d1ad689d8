//! One bound connection to a server, shared by any number of operations. The only folder that knows the LDAP library.
//!
//! The library's driver runs in a task of its own. Each operation clones the handle, waits no longer than its
//! deadline, and tells the server to abandon what is no longer waited for (RFC 4511 §4.11).

mod decode;
mod driver;
mod encode;
mod guard;
mod open;
mod search;
mod stream;
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ldap3::controls::{Control, ControlType};
use ldap3::{Ldap, LdapError, LdapResult};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use self::driver::Driver;
use self::guard::Guard;
use super::{Capabilities, Settings};
use crate::ldap::{AttrType, Change, Entry, ResultCode};

pub(super) use self::decode::Part;
pub(super) use self::open::open;
pub(super) use self::search::{Ask, Found, Limit, Page};
pub(super) use self::tls::config as tls_config;

/// How long a farewell may take.
const UNBIND_TIMEOUT: Duration = Duration::from_secs(1);

/// A bound connection.
pub(super) struct Conn {
    ldap: Ldap,
    driver: Arc<Driver>,
    capabilities: Arc<Capabilities>,
    opened: Instant,
    operations: AtomicU64,
    /// Turns of searches that go in pages: a server keeps few of them open for one connection.
    turns: Arc<Semaphore>,
}

/// Why an operation brought no result.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection was gone before the operation was sent.
    NotSent,
    /// The connection broke, or its driver failed, after the operation was sent.
    Lost,
    /// There was no result in time.
    Timeout,
    /// The result cannot be read.
    Malformed(String),
}

impl Broken {
    /// The label for metrics, in place of a result code's.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::NotSent | Self::Lost | Self::Malformed(_) => "lost",
        }
    }
}

/// What a server answered to a write.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The result code.
    pub code: ResultCode,
    /// The nearest name that exists, with noSuchObject.
    pub matched: String,
    /// The server's text, for logs.
    pub text: String,
    /// The entry as it is after the write, when it was asked for and the server offers it (RFC 4527).
    pub entry: Option<Entry>,
}

impl Applied {
    /// The answer in place of the server's where it would only be misunderstood.
    pub(super) fn not_sent(text: &str) -> Self {
        Self { code: ResultCode::UnwillingToPerform, matched: String::new(), text: text.to_owned(), entry: None }
    }
}

impl Conn {
    /// Whether operations can still be sent.
    pub(super) fn is_open(&self) -> bool {
        !self.driver.has_ended()
    }

    /// Whether this connection has served long enough.
    pub(super) fn is_worn(&self, settings: &Settings) -> bool {
        self.opened.elapsed() >= settings.max_age || self.operations.load(Ordering::Relaxed) >= settings.max_operations
    }

    /// What the server offers.
    pub(super) fn capabilities(&self) -> &Arc<Capabilities> {
        &self.capabilities
    }

    /// Writes, and brings the entry back when attributes are asked for.
    pub(super) async fn write(
        &self,
        change: &Change,
        post_read: &[AttrType],
        deadline: Instant,
    ) -> Result<Applied, Broken> {
        let _held = self.begin();
        let post_read = if self.capabilities.post_read() { post_read } else { &[] };
        let mut ldap = self.ldap.clone();
        let outcome = finish(timeout_at(deadline, Guard::new(encode::change(&mut ldap, change, post_read))).await);
        if matches!(outcome, Err(Broken::Timeout)) {
            self.abandon(ldap.last_id());
        }
        outcome.map(applied)
    }

    fn begin(&self) -> driver::Held<'_> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.driver.begin()
    }

    /// Tells the server, without waiting, that a result is no longer wanted.
    fn abandon(&self, id: i32) {
        if id > 0 && self.is_open() {
            let mut ldap = self.ldap.clone();
            tokio::spawn(async move { timeout(UNBIND_TIMEOUT, Guard::new(ldap.abandon(id))).await.is_ok() });
        }
    }
}

impl Drop for Conn {
    /// Says farewell when the last operation is over.
    fn drop(&mut self) {
        self.driver.close();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let mut ldap = self.ldap.clone();
            runtime.spawn(async move { timeout(UNBIND_TIMEOUT, Guard::new(ldap.unbind())).await.is_ok() });
        }
    }
}

/// Tells apart how an operation may end.
fn finish<T>(outcome: Result<Result<Result<T, LdapError>, String>, tokio::time::error::Elapsed>) -> Result<T, Broken> {
    match outcome {
        Ok(Ok(Ok(value))) => Ok(value),
        Ok(Ok(Err(LdapError::OpSend { .. }))) => Err(Broken::NotSent),
        Ok(Ok(Err(LdapError::Io { source }))) if source.kind() == std::io::ErrorKind::InvalidData => {
            Err(Broken::Malformed(source.to_string()))
        }
        Ok(Ok(Err(LdapError::FilterParsing))) => Err(Broken::Malformed("the library refuses the filter".to_owned())),
        Ok(Ok(Err(LdapError::Timeout { .. }))) | Err(_) => Err(Broken::Timeout),
        Ok(Ok(Err(_))) => Err(Broken::Lost),
        Ok(Err(panic)) => Err(Broken::Malformed(panic)),
    }
}

fn applied(result: LdapResult) -> Applied {
    let entry = result.ctrls.iter().find_map(post_read_entry);
    Applied { code: result.rc.into(), matched: result.matched, text: result.text, entry }
}

/// The entry in a post-read response control. One that cannot be read is as good as none: the write was done.
fn post_read_entry(control: &Control) -> Option<Entry> {
    let Control(Some(ControlType::PostReadResp), raw) = control else {
        return None;
    };
    let read = decode::read_entry(raw.val.as_deref()?);
    read.inspect_err(|error| tracing::warn!(%error, "entry after a write")).ok().flatten()
}
