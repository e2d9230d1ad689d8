//! Searches of a session, in pages where the directory wants it (RFC 2696).

use std::sync::Arc;

use tokio::time::Instant;

use super::conn::{Ask, Broken, Conn, Found, Limit, Page};
use super::{Error, Session};
use crate::ldap::{Entry, Query, ResultCode, Scope};

/// The operation's label.
pub(super) const SEARCH: &str = "search";

impl Session {
    /// Searches. A base entry that is not there is an empty answer when nothing but it was asked for; a missing base
    /// of a wider search is an error. Values that come in ranges are all there.
    pub async fn query(&self, query: &Query) -> Result<Vec<Entry>, Error> {
        let mut found = self.find(query).await?;
        if self.complete(&mut found).await? {
            return Ok(found.entries);
        }
        // an entry was renamed or deleted while its values came: another look tells which
        let mut found = self.find(query).await?;
        self.complete(&mut found).await?;
        Ok(found.entries)
    }

    /// Searches; values may come in ranges.
    async fn find(&self, query: &Query) -> Result<Found, Error> {
        let (size, started) = (self.page_size(query), Instant::now());
        let mut resent = false;
        loop {
            let conn = self.connection(self.operation_deadline()).await?;
            let outcome = match size {
                Some(size) => self.pages(conn, query, size, resent).await,
                None => self.ask(&conn, &Ask::new(query, &self.server.settings)).await,
            };
            match outcome {
                Ok(found) => return self.found(query, found),
                Err(Broken::NotSent) if !resent => resent = true,
                Err(broken) => return Err(self.unread(broken, started)),
            }
        }
    }

    /// How many entries to ask for at once; all of them where few can come, or where pages are not offered.
    fn page_size(&self, query: &Query) -> Option<u32> {
        let size = self.server.settings.page_size.filter(|_| self.capabilities.paged())?;
        let many = query.scope != Scope::Base && query.limit.is_none_or(|limit| limit > size);
        many.then_some(size)
    }

    /// Searches page by page on one connection, to which the pages are bound; `alone` when other searches in pages on it
    /// may have disturbed this one.
    async fn pages(&self, conn: Arc<Conn>, query: &Query, size: u32, alone: bool) -> Result<Found, Broken> {
        let mut page = Page::first(conn.clone(), query, alone, self.operation_deadline()).await?;
        let mut all = Found::nothing();
        loop {
            let used = (all.entries.len(), all.bytes);
            let ask =
                Ask { used, page: Some((size, page.cookie().to_vec())), ..Ask::new(query, &self.server.settings) };
            let mut found = self.ask(&conn, &ask).await?;
            // Active Directory and Samba say the first, OpenLDAP the second
            let forgotten = matches!(found.code, ResultCode::UnwillingToPerform | ResultCode::ProtocolError);
            if forgotten && !page.cookie().is_empty() {
                tracing::debug!(
                    server = self.server(),
                    text = found.text,
                    "the server forgot a search, which begins again"
                );
                page.turn_to(Vec::new());
                return Err(Broken::NotSent);
            }
            let cookie = std::mem::take(&mut found.cookie);
            let last = cookie.is_empty() || found.stopped.is_some() || found.code != ResultCode::Success;
            page.turn_to(cookie);
            all = all.and(found);
            if last {
                return Ok(all);
            }
        }
    }

    /// Sends one search.
    pub(super) async fn ask(&self, conn: &Conn, ask: &Ask<'_>) -> Result<Found, Broken> {
        let (deadline, started) = (self.operation_deadline(), Instant::now());
        let outcome = conn.search(ask, deadline).await;
        let label = outcome.as_ref().map_or_else(Broken::label, |found| found.code.label());
        self.count(SEARCH, label, started);
        outcome
    }

    /// What a search comes to that was answered.
    fn found(&self, query: &Query, found: Found) -> Result<Found, Error> {
        let nothing = found.code == ResultCode::NoSuchObject && query.scope == Scope::Base;
        let enough = query.limit.is_some_and(|limit| found.entries.len() >= limit as usize);
        match (found.stopped, found.code) {
            (Some(Limit::Entries(_)), _) if query.limit.is_some() => Ok(found),
            (Some(Limit::Entries(limit)), _) => Err(self.too_many(format!("{limit} entries"))),
            (Some(Limit::Bytes(limit)), _) => Err(self.too_many(format!("{limit} bytes"))),
            (None, ResultCode::Success) => Ok(found),
            (None, ResultCode::SizeLimitExceeded) if enough => Ok(found),
            (None, ResultCode::SizeLimitExceeded) => {
                Err(self.too_many(format!("the {} entries that the server allows", found.entries.len())))
            }
            (None, ResultCode::AdminLimitExceeded) => Err(self.too_many(format!(
                "the server looks at for this account (it came to {} entries)",
                found.entries.len()
            ))),
            (None, _) if nothing => Ok(found),
            (None, code) => {
                self.heed(code, None);
                Err(Error::Refused { server: self.server().to_owned(), code, text: found.text })
            }
        }
    }

    /// The error for more than a limit allows.
    pub(super) fn too_many(&self, limit: String) -> Error {
        Error::TooMany { server: self.server().to_owned(), limit }
    }

    /// The error for a search without a result.
    pub(super) fn unread(&self, broken: Broken, started: Instant) -> Error {
        let server = self.server().to_owned();
        match broken {
            Broken::NotSent | Broken::Lost => Error::Lost { server, op: SEARCH },
            Broken::Malformed(what) => Error::Decode { server, what },
            Broken::Timeout => {
                self.server.wake.notify_one();
                Error::Timeout { server, op: SEARCH, after: started.elapsed() }
            }
        }
    }
}
