//! What a request would do, without doing it.

use super::{Context, Endpoint, Error};
use crate::ldap::Facts;
use crate::plan::{self, Next, Request, Site};

/// What a request would do.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// The searches, and how many entries each found.
    pub searches: Vec<String>,
    /// The writes as annotated LDIF, in order.
    pub steps: Vec<String>,
    /// What the client sent and nothing maps.
    pub ignored: Vec<String>,
    /// References and members that no resource has.
    pub dropped: Vec<String>,
}

impl Endpoint {
    /// Plans `request` against the directory as it is, and changes nothing.
    pub(super) async fn plan_only(
        &self,
        ctx: &Context,
        site: &Site<'_>,
        request: &Request,
    ) -> Result<Explanation, Error> {
        let session = self.directory().session(ctx.deadline).await?;
        let mut facts = Facts::default();
        loop {
            match plan::next(site, request, &facts)? {
                Next::Ask(queries) => super::run::answer(&session, &mut facts, queries).await?,
                Next::Draw(counter) => {
                    // nothing is drawn: what would be drawn again is the next one
                    let number = match facts.number(&counter) {
                        Some(number) => number.saturating_add(1),
                        None => session.peek(&counter).await?,
                    };
                    facts.draw(counter, number);
                }
                Next::Done(plan) => {
                    plan::lint(site, &plan)?;
                    let found = |query| facts.get(query).map_or(0, <[_]>::len);
                    let searches = facts.queries().map(|q| format!("{q}: {} found", found(q))).collect();
                    return Ok(Explanation {
                        searches,
                        steps: plan::show(&plan).iter().map(plan::Shown::to_string).collect(),
                        ignored: Vec::new(),
                        dropped: plan.dropped.into_iter().chain(plan.unresolved).collect(),
                    });
                }
            }
        }
    }
}
