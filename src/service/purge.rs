//! `purge`: the end of what was deleted by mark long ago, one entry after the other.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::Instant;

use super::run::{Show, answer};
use super::trail::Trail;
use super::{Caller, Context, Endpoint, Error, ResourceKind, answer as replies};
use crate::ldap::{Facts, ResultCode};
use crate::plan::{self, Marked, Request, Site};
use crate::scim;

/// How long one entry may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which entries are to go.
#[derive(Clone, Copy, Debug)]
pub struct PurgeOrder {
    /// Those deleted longer ago than this; `None` for what the mapping says.
    pub older_than: Option<Duration>,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// What became of the entries of one resource type.
#[derive(Debug, Default, Serialize)]
pub struct PurgeReport {
    /// The endpoint.
    pub endpoint: String,
    /// The resource type.
    pub resource_type: &'static str,
    /// Those that are gone or, in a dry run, would be.
    pub deleted: Vec<PurgedEntry>,
    /// Those that stay although they are due, and why.
    pub left: Vec<PurgedEntry>,
    /// Those with which something failed.
    pub failed: Vec<PurgedEntry>,
    /// How many are not due yet.
    pub not_due: usize,
    /// Whether nobody says when entries are due, so that none is.
    pub without_age: bool,
}

/// One entry.
#[derive(Clone, Debug, Serialize)]
pub struct PurgedEntry {
    /// Its name.
    pub dn: String,
    /// Its id.
    pub id: Option<String>,
    /// When it was deleted.
    pub since: Option<String>,
    /// Why it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How it ended with one entry.
enum Ended {
    Deleted,
    Left(String),
    Failed(String),
    /// Somebody came back, or went, meanwhile.
    Other,
}

impl Endpoint {
    /// Deletes for good what was deleted by mark long ago; one report for each resource type that is deleted so.
    pub async fn purge(self: &Arc<Self>, order: PurgeOrder) -> Result<Vec<PurgeReport>, scim::Error> {
        let mut reports = Vec::new();
        for kind in [ResourceKind::User, ResourceKind::Group] {
            let Some(site) = self.site(kind).filter(|site| site.mapping.delete.mark().is_some()) else { continue };
            let purged = self.purge_type(&site, kind, order).await;
            reports.push(purged.map_err(|error| error.to_scim(site.mapping))?);
        }
        Ok(reports)
    }

    async fn purge_type(&self, site: &Site<'_>, kind: ResourceKind, order: PurgeOrder) -> Result<PurgeReport, Error> {
        let mut report =
            PurgeReport { endpoint: self.name().to_owned(), resource_type: kind.name(), ..PurgeReport::default() };
        let Some(before) = due_before(site, order) else {
            return Ok(PurgeReport { without_age: true, ..report });
        };
        for marked in self.marked(site).await? {
            let entry = |reason| PurgedEntry::new(&marked, reason);
            match (&marked.id, marked.since) {
                (_, None) => report.left.push(entry(Some("its mark is no time".to_owned()))),
                (_, Some(since)) if since >= before => report.not_due += 1,
                (None, _) => report.left.push(entry(Some("the directory does not show its id".to_owned()))),
                (Some(id), _) => match self.purge_entry(site, kind, id, before, order.dry_run).await {
                    Ended::Deleted => report.deleted.push(entry(None)),
                    Ended::Left(reason) => report.left.push(entry(Some(reason))),
                    Ended::Failed(reason) => report.failed.push(entry(Some(reason))),
                    Ended::Other => {}
                },
            }
        }
        Ok(report)
    }

    async fn marked(&self, site: &Site<'_>) -> Result<Vec<Marked>, Error> {
        let session = self.directory().session(Instant::now() + PATIENCE).await?;
        let mut facts = Facts::default();
        answer(&session, &mut facts, plan::ask_for_marked(site)).await?;
        Ok(plan::marked(site, &facts))
    }

    /// Plans and, unless it is a dry run, carries out the end of one entry.
    async fn purge_entry(
        &self,
        site: &Site<'_>,
        kind: ResourceKind,
        id: &str,
        before: Timestamp,
        dry_run: bool,
    ) -> Ended {
        let ctx = Context {
            caller: Caller("purge".to_owned()),
            request_id: format!("purge-{id}"),
            deadline: Instant::now() + PATIENCE,
            base_url: String::new(),
        };
        let request = Request::Purge { id: id.to_owned(), before };
        if dry_run {
            return Ended::of(self.plan_only(&ctx, site, &request).await.err(), site);
        }
        let mut trail = Trail::new(self.audit(), self.name(), &ctx, kind, &request, &[]);
        let done = self.carry_out(&ctx, site, request, &Show::Nothing, &mut trail).await;
        if let Err(error) = &done {
            self.note_protected(error);
        }
        let reply = match &done {
            Ok(_) => Ok(replies::nothing()),
            Err(error) => Err(error.to_scim(site.mapping)),
        };
        let outcome = trail.finish(&reply);
        self.metrics().plan_finished(self.name(), "purge", outcome);
        Ended::of(done.err(), site)
    }
}

impl Ended {
    fn of(error: Option<Error>, site: &Site<'_>) -> Self {
        match error {
            None => Self::Deleted,
            Some(Error::Plan(plan::Error::NotFound)) => Self::Other,
            Some(Error::Plan(plan::Error::Children(_)))
            | Some(Error::Refused { code: ResultCode::NotAllowedOnNonLeaf, .. }) => {
                Self::Left("it has entries below it".to_owned())
            }
            Some(error) => Self::Failed(error.to_scim(site.mapping).detail().to_owned()),
        }
    }
}

impl PurgedEntry {
    fn new(marked: &Marked, reason: Option<String>) -> Self {
        Self {
            dn: marked.dn.to_string(),
            id: marked.id.clone(),
            since: marked.since.map(|since| since.to_string()),
            reason,
        }
    }
}

/// Entries that were deleted before this time are to go.
fn due_before(site: &Site<'_>, order: PurgeOrder) -> Option<Timestamp> {
    let days = site.mapping.delete.purge_after_days().map(|days| Duration::from_secs(u64::from(days) * 86400));
    let age = SignedDuration::try_from(order.older_than.or(days)?).ok()?;
    site.now.checked_sub(age).ok()
}
