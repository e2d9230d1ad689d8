//! Member lists: read whole, turned into ids page by page, and never too many large ones at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::run::answer;
use super::{Endpoint, Error};
use crate::directory::Session;
use crate::ldap::{Dn, Facts, Value};
use crate::ops::metrics::Held;
use crate::plan::{self, Site};

/// How many lists are read from the directory at once.
const READS: usize = 4;

/// How many large answers are made at once.
const LARGE_ANSWERS: usize = 2;

/// From how many values on a list is large.
const LARGE: usize = 5_000;

/// How many values are turned into ids at once.
const PAGE: usize = 800;

/// Keeps the memory that member lists take within bounds, for all endpoints together.
#[derive(Clone, Debug)]
pub struct MemberLists {
    reads: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// The values of a group's member attribute, and what keeps others waiting as long as it is held.
pub(super) struct MemberList {
    values: Vec<Value>,
    _turn: Option<(OwnedSemaphorePermit, Held)>,
}

impl MemberLists {
    /// Nothing is being read.
    #[allow(clippy::new_without_default, reason = "a default would be another one, and there must be one")]
    pub fn new() -> Self {
        Self { reads: Arc::new(Semaphore::new(READS)), large: Arc::new(Semaphore::new(LARGE_ANSWERS)) }
    }
}

impl Endpoint {
    /// Reads the member list of the group at `dn`. A large one waits for its turn, and is read anew then.
    pub(super) async fn member_list(&self, session: &Session, site: &Site<'_>, dn: &Dn) -> Result<MemberList, Error> {
        let values = self.read_values(session, site, dn).await?;
        if values.len() < LARGE {
            return Ok(MemberList { values, _turn: None });
        }
        let held = self.metrics().large_answer_started(self.name());
        let large = Arc::clone(&self.lists().large);
        if let Ok(permit) = Arc::clone(&large).try_acquire_owned() {
            return Ok(MemberList { values, _turn: Some((permit, held)) });
        }
        drop(values);
        let turn = large.acquire_owned().await.ok().map(|permit| (permit, held));
        let values = self.read_values(session, site, dn).await?;
        Ok(MemberList { values, _turn: turn })
    }

    async fn read_values(&self, session: &Session, site: &Site<'_>, dn: &Dn) -> Result<Vec<Value>, Error> {
        let _turn = self.lists().reads.acquire().await.ok();
        let entries = session.query(&plan::ask_for_members(site, dn)).await?;
        Ok(plan::member_values(site, entries))
    }
}

impl MemberList {
    /// Gives the ids of the members, those that are resources of the endpoint and of which `shows` is true, to `write`
    /// page by page.
    pub(super) async fn ids(
        &self,
        session: &Session,
        site: &Site<'_>,
        shows: impl Fn(&str) -> bool,
        mut write: impl FnMut(&[String]),
    ) -> Result<(), Error> {
        for page in self.values.chunks(PAGE) {
            let mut facts = Facts::default();
            let ids = loop {
                plan::check_shown(site, &facts)?;
                match plan::member_ids(site, page, &facts) {
                    Ok(ids) => break ids,
                    Err(queries) => answer(session, &mut facts, queries).await?,
                }
            };
            write(&ids.into_iter().flatten().filter(|id| shows(id)).collect::<Vec<_>>());
        }
        Ok(())
    }
}
