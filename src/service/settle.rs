//! The second look at what a plan did, and what follows from it.

use super::apply::Applied;
use super::run::{Show, answer};
use super::trail::Trail;
use super::{Endpoint, Error};
use crate::directory::Session;
use crate::ldap::Facts;
use crate::plan::{self, Doubt, Next, Plan, Site};

/// How often is looked, each time because something was found.
const MAX_LOOKS: u32 = 8;

impl Endpoint {
    /// Looks at `doubts` until nothing is left to do. Members that went meanwhile are added to `unresolved`.
    pub(super) async fn settle(
        &self,
        session: &Session,
        site: &Site<'_>,
        mut doubts: Vec<Doubt>,
        unresolved: &mut Vec<String>,
        trail: &mut Trail,
    ) -> Result<(), Error> {
        for _ in 0..MAX_LOOKS {
            let mut further = Vec::new();
            for doubt in doubts {
                let mut plan = self.look(session, site, &doubt).await?;
                unresolved.append(&mut plan.unresolved);
                if plan.steps.is_empty() {
                    continue;
                }
                plan.unresolved.clone_from(unresolved);
                plan::lint(site, &plan)?;
                trail.planned(&plan);
                match self.apply(session, &plan, site, &Show::Nothing, trail).await? {
                    Applied::All(_) => further.append(&mut plan.doubts),
                    Applied::Raced(_)
                    | Applied::Begun(_)
                    | Applied::Passed(..)
                    | Applied::Taken(_)
                    | Applied::Unknown(_) => further.push(doubt),
                }
            }
            if further.is_empty() {
                return Ok(());
            }
            doubts = further;
        }
        Err(Error::Unsettled)
    }

    async fn look(&self, session: &Session, site: &Site<'_>, doubt: &Doubt) -> Result<Plan, Error> {
        let mut facts = Facts::default();
        loop {
            match plan::settle(site, doubt, &facts)? {
                Next::Done(plan) => return Ok(plan),
                Next::Ask(queries) => answer(session, &mut facts, queries).await?,
                Next::Draw(_) => return Err(Error::Rounds),
            }
        }
    }
}
