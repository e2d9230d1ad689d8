//! One bound connection to a server, shared by any number of operations. The only folder that knows the LDAP library.
//!
//! The library's driver runs in a task of its own. Each operation clones the handle, waits no longer than its
//! deadline, and tells the server to abandon what is no longer waited for (RFC 4511 §4.11).

mod decode;
mod driver;
mod encode;
mod guard;
mod open;
mod stream;
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ldap3::controls::{Control, ControlType};
use ldap3::{Ldap, LdapError, LdapResult, ResultEntry, SearchStream};
use tokio::time::{Instant, timeout, timeout_at};

use self::driver::Driver;
use self::guard::Guard;
use super::{Capabilities, Settings};
use crate::ldap::{AttrType, Change, Entry, Query, ResultCode};

pub(super) use self::open::open;
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

/// What a search brought.
pub(super) struct Found {
    /// The entries.
    pub(super) entries: Vec<Entry>,
    /// The result code.
    pub(super) code: ResultCode,
    /// The server's text.
    pub(super) text: String,
    /// The limit that made us stop before the server did.
    pub(super) stopped: Option<Limit>,
}

/// A limit of our own on what a search brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// So many entries.
    Entries(u32),
    /// So many bytes.
    Bytes(usize),
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

    /// Searches. Referrals to other servers are left out (RFC 4511 §4.5.3).
    pub(super) async fn search(&self, query: &Query, settings: &Settings, deadline: Instant) -> Result<Found, Broken> {
        let _held = self.begin();
        let seconds = deadline.saturating_duration_since(Instant::now()).as_secs().saturating_add(1);
        let mut ldap = self.ldap.clone();
        ldap.with_search_options(encode::limits(query.limit, seconds));
        let (base, filter) = (query.base.to_string(), query.filter.to_string());
        let start = ldap.streaming_search(&base, encode::scope(query.scope), &filter, encode::attrs(&query.attrs));
        let mut stream = finish(timeout_at(deadline, Guard::new(start)).await)?;
        let limits = (query.limit.unwrap_or(settings.max_entries), settings.max_bytes);
        let outcome = finish(timeout_at(deadline, Guard::new(collect(&mut stream, limits))).await);
        // this also frees the message id, which the library keeps otherwise
        let result = stream.finish().await;
        if !matches!(&outcome, Ok(found) if found.stopped.is_none()) {
            self.abandon(stream.ldap_handle().last_id());
        }
        let mut found = outcome?;
        if found.stopped.is_none() {
            (found.code, found.text) = (result.rc.into(), result.text);
        }
        Ok(found)
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

type Stream<'a> = SearchStream<'a, &'a str, Vec<&'a str>>;

/// Reads entries until the server says that there are no more, or a limit is met.
async fn collect(stream: &mut Stream<'_>, limits: (u32, usize)) -> Result<Found, LdapError> {
    let mut found = Found { entries: Vec::new(), code: ResultCode::Success, text: String::new(), stopped: None };
    let mut bytes = 0;
    while let Some(item) = stream.next().await? {
        if item.is_ref() || item.is_intermediate() {
            tracing::debug!(kind = item.0.id, "search reference left out");
            continue;
        }
        bytes += decode::size(&item.0);
        if found.entries.len() >= usize::try_from(limits.0).unwrap_or(usize::MAX) {
            found.stopped = Some(Limit::Entries(limits.0));
            break;
        }
        if bytes > limits.1 {
            found.stopped = Some(Limit::Bytes(limits.1));
            break;
        }
        found.entries.push(read(item)?);
    }
    Ok(found)
}

fn read(item: ResultEntry) -> Result<Entry, LdapError> {
    decode::entry(item.0).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error).into())
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
    decode::read_entry(raw.val.as_deref()?).inspect_err(|error| tracing::warn!(%error, "entry after a write")).ok()
}
