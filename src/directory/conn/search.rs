//! One search on a connection, or one page of it.

use std::sync::Arc;

use ldap3::controls::{Control, ControlType, PagedResults, RawControl};
use ldap3::{LdapError, ResultEntry, SearchStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::decode::{self, Part};
use super::guard::Guard;
use super::{Broken, Conn, UNBIND_TIMEOUT, encode, finish};
use crate::directory::Settings;
use crate::ldap::{AttrType, Entry, Query, ResultCode};

/// How many searches go in pages at once on one connection. Active Directory and Samba keep 10 open for each and forget
/// the oldest for a further one.
pub(super) const TURNS: u32 = 8;

/// A search, or a part of it.
pub(in crate::directory) struct Ask<'a> {
    /// The question.
    pub(in crate::directory) query: &'a Query,
    /// In place of the attributes of the question: the values of this one from that number on.
    pub(in crate::directory) from: Option<(&'a AttrType, u64)>,
    /// How many entries and bytes may come.
    pub(in crate::directory) most: (u32, usize),
    /// How many entries and bytes of them came before.
    pub(in crate::directory) used: (usize, usize),
    /// How many entries to answer at once, and where to go on (RFC 2696).
    pub(in crate::directory) page: Option<(u32, Vec<u8>)>,
}

/// What a search brought.
pub(in crate::directory) struct Found {
    /// The entries.
    pub(in crate::directory) entries: Vec<Entry>,
    /// The attributes of which ranges of values came, each with the place of its entry.
    pub(in crate::directory) parts: Vec<(usize, Part)>,
    /// How many bytes came.
    pub(in crate::directory) bytes: usize,
    /// The result code.
    pub(in crate::directory) code: ResultCode,
    /// The server's text.
    pub(in crate::directory) text: String,
    /// The limit that made us stop before the server did.
    pub(in crate::directory) stopped: Option<Limit>,
    /// Where the next page begins; empty when there is none.
    pub(in crate::directory) cookie: Vec<u8>,
}

/// A limit of our own on what a search brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::directory) enum Limit {
    /// So many entries.
    Entries(u32),
    /// So many bytes.
    Bytes(usize),
}

impl<'a> Ask<'a> {
    /// The whole question at once, within the limits that it or the settings name.
    pub(in crate::directory) fn new(query: &'a Query, settings: &Settings) -> Self {
        let most = (query.limit.unwrap_or(settings.max_entries), settings.max_bytes);
        Self { query, from: None, most, used: (0, 0), page: None }
    }

    fn attrs(&self) -> Vec<String> {
        match self.from {
            Some((attr, first)) => vec![encode::range(attr, first)],
            None => encode::attrs(&self.query.attrs),
        }
    }
}

impl Found {
    /// Nothing yet.
    pub(in crate::directory) fn nothing() -> Self {
        let (entries, parts, cookie) = (Vec::new(), Vec::new(), Vec::new());
        Self { entries, parts, bytes: 0, code: ResultCode::Success, text: String::new(), stopped: None, cookie }
    }

    /// This and then the next page.
    pub(in crate::directory) fn and(mut self, mut page: Self) -> Self {
        let before = self.entries.len();
        self.entries.append(&mut page.entries);
        self.parts.extend(page.parts.drain(..).map(|(at, part)| (before + at, part)));
        Self { entries: self.entries, parts: self.parts, bytes: self.bytes + page.bytes, ..page }
    }
}

impl Conn {
    /// Searches. Referrals to other servers are left out (RFC 4511 §4.5.3).
    pub(in crate::directory) async fn search(&self, ask: &Ask<'_>, deadline: Instant) -> Result<Found, Broken> {
        let _held = self.begin();
        let seconds = deadline.saturating_duration_since(Instant::now()).as_secs().saturating_add(1);
        let mut ldap = self.ldap.clone();
        ldap.with_search_options(encode::limits(ask.query.limit.filter(|_| ask.page.is_none()), seconds));
        if let Some((size, cookie)) = &ask.page {
            ldap.with_controls(page_control(*size, cookie.clone()));
        }
        let (base, filter) = (ask.query.base.to_string(), ask.query.filter.to_string());
        let start = ldap.streaming_search(&base, encode::scope(ask.query.scope), &filter, ask.attrs());
        let mut stream = finish(timeout_at(deadline, Guard::new(start)).await)?;
        let outcome = finish(timeout_at(deadline, Guard::new(collect(&mut stream, ask))).await);
        // this also frees the message id, which the library keeps otherwise
        let result = stream.finish().await;
        let ended = matches!(&outcome, Ok(found) if found.stopped.is_none() || ask.page.is_some());
        if !ended {
            self.abandon(stream.ldap_handle().last_id());
        }
        let mut found = outcome?;
        if ended {
            found.cookie = cookie(&result.ctrls)?;
        }
        if found.stopped.is_none() {
            (found.code, found.text) = (result.rc.into(), result.text);
        }
        Ok(found)
    }
}

/// A search in pages on one connection (RFC 2696): the server keeps its state until the last page, or until it is told
/// that there is no need, which happens when this is dropped.
pub(in crate::directory) struct Page {
    conn: Arc<Conn>,
    query: Query,
    cookie: Vec<u8>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Page {
    /// Waits for the turn of a search, which may have to be the only one on the connection.
    pub(in crate::directory) async fn first(
        conn: Arc<Conn>,
        query: &Query,
        alone: bool,
        deadline: Instant,
    ) -> Result<Self, Broken> {
        let turns = if alone { TURNS } else { 1 };
        let turn = timeout_at(deadline, conn.turns.clone().acquire_many_owned(turns));
        let turn = turn.await.map_err(|_| Broken::Timeout)?;
        Ok(Self { conn, query: query.clone(), cookie: Vec::new(), turn: turn.ok() })
    }

    /// Where the page begins: the first one with nothing.
    pub(in crate::directory) fn cookie(&self) -> &[u8] {
        &self.cookie
    }

    /// Goes on to the next page; without a cookie there is none.
    pub(in crate::directory) fn turn_to(&mut self, cookie: Vec<u8>) {
        self.cookie = cookie;
    }
}

impl Drop for Page {
    /// Lets the server forget a search that is not read to its end.
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.cookie.is_empty() || !self.conn.is_open() {
            return;
        }
        let (conn, query, turn) = (self.conn.clone(), self.query.clone(), self.turn.take());
        let page = Some((0, std::mem::take(&mut self.cookie)));
        runtime.spawn(async move {
            let ask = Ask { query: &query, from: None, most: (0, 0), used: (0, 0), page };
            let deadline = Instant::now() + UNBIND_TIMEOUT;
            let forgotten = timeout(UNBIND_TIMEOUT, conn.search(&ask, deadline)).await.is_ok_and(|ended| ended.is_ok());
            drop(turn);
            forgotten
        });
    }
}

fn page_control(size: u32, cookie: Vec<u8>) -> RawControl {
    PagedResults { size: i32::try_from(size).unwrap_or(i32::MAX), cookie }.into()
}

/// Where the server says that the next page begins.
fn cookie(controls: &[Control]) -> Result<Vec<u8>, Broken> {
    let value = controls.iter().find_map(|Control(kind, raw)| match kind {
        Some(ControlType::PagedResults) => raw.val.as_deref(),
        _ => None,
    });
    value.map_or(Ok(Vec::new()), decode::cookie).map_err(|error| Broken::Malformed(error.to_string()))
}

type Stream<'a> = SearchStream<'a, String, Vec<String>>;

/// Reads entries until the server says that there are no more, or a limit is met. A page is read to its end in any case,
/// where it says how the server is told to forget the rest.
async fn collect(stream: &mut Stream<'_>, ask: &Ask<'_>) -> Result<Found, LdapError> {
    let mut found = Found::nothing();
    while let Some(item) = stream.next().await? {
        if item.is_ref() || item.is_intermediate() {
            tracing::debug!(kind = item.0.id, "search reference left out");
            continue;
        }
        found.bytes += decode::size(&item.0);
        if ask.used.0 + found.entries.len() >= usize::try_from(ask.most.0).unwrap_or(usize::MAX) {
            found.stopped.get_or_insert(Limit::Entries(ask.most.0));
        } else if ask.used.1 + found.bytes > ask.most.1 {
            found.stopped.get_or_insert(Limit::Bytes(ask.most.1));
        }
        match found.stopped {
            Some(_) if ask.page.is_none() => break,
            Some(_) => {}
            None => {
                let (entry, parts) = read(item)?;
                found.parts.extend(parts.into_iter().map(|part| (found.entries.len(), part)));
                found.entries.push(entry);
            }
        }
    }
    Ok(found)
}

fn read(item: ResultEntry) -> Result<(Entry, Vec<Part>), LdapError> {
    decode::entry(item.0).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error).into())
}
