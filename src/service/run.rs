//! Gather, plan, lint, apply.
//!
//! One request uses one server throughout. A read that lost its server is tried once more, on another one if there is
//! one; a write whose outcome is unknown is settled by planning again from fresh facts, which finds either nothing left
//! to do or the same thing to do.

use futures_util::future::try_join_all;

use super::trail::Trail;
use super::{Context, Endpoint, Error};
use crate::directory::{self, Session};
use crate::ldap::{AttrType, Entry, Facts, Query, ResultCode};
use crate::plan::{self, Answer, Next, Plan, Request, Site, Step};

/// How often a request is planned again because another writer changed what it was planned from.
const MAX_REPLANS: u32 = 3;

/// How many rounds of questions one plan may ask.
const MAX_ROUNDS: u32 = 4;

/// A request that was carried out.
pub(super) struct Completed {
    /// What the answer is made of.
    pub(super) outcome: Outcome,
    /// The connection it was carried out on, for what the answer still needs.
    pub(super) session: Session,
}

/// What the answer is made of.
pub(super) enum Outcome {
    /// Entries, among which the caller still chooses.
    Entries(Vec<Entry>),
    /// The entry as it is now.
    Entry(Box<Entry>),
    /// Nothing is left.
    Gone,
}

/// How far the steps of a plan came.
enum Applied {
    /// All are done; the entry as the last one left it, if the server told.
    All(Option<Entry>),
    /// What the plan was made from has changed.
    Raced(Error),
    /// A uniqueness check of the directory says that another entry has a value. It may have met our own entry, which
    /// another request has moved meanwhile.
    Taken(Error),
    /// A step was sent and not answered.
    Unknown(directory::Error),
}

impl Endpoint {
    /// Carries out `request` and says how it ended.
    pub(super) async fn carry_out(
        &self,
        ctx: &Context,
        site: &Site<'_>,
        mut request: Request,
        trail: &mut Trail,
    ) -> Result<Completed, Error> {
        let (mut last, mut unsure, mut doubted) = (None, false, false);
        for attempt in 0..=MAX_REPLANS {
            if attempt > 0 {
                self.metrics().replan(self.name());
            }
            let session = self.directory().session(ctx.deadline).await?;
            let plan = match self.gather(&session, site, &request).await {
                Err(Error::Directory(lost)) if attempt == 0 && is_lost(&lost) => {
                    last = Some(Error::Directory(lost));
                    continue;
                }
                // what we deleted without an answer is gone as it should be
                Err(Error::Plan(plan::Error::NotFound)) if unsure && matches!(request, Request::Delete { .. }) => {
                    return Ok(Completed { outcome: Outcome::Gone, session });
                }
                planned => planned?,
            };
            plan::lint(site, &plan)?;
            trail.planned(&plan);
            match self.apply(&session, &plan, site, trail).await? {
                Applied::All(entry) => {
                    let outcome = outcome(&session, site, plan, entry).await?;
                    self.yield_to_twin(&session, site, &request, &outcome, trail).await?;
                    return Ok(Completed { outcome, session });
                }
                Applied::Raced(error) => last = Some(error),
                Applied::Taken(error) => {
                    let is_plain = matches!(request, Request::Create { unsure: false, .. });
                    if doubted || is_plain {
                        return Err(error);
                    }
                    doubted = true;
                    last = Some(error);
                }
                Applied::Unknown(error) => {
                    unsure = true;
                    be_unsure(&mut request);
                    last = Some(Error::Directory(error));
                }
            }
        }
        Err(last.unwrap_or(Error::Rounds))
    }

    /// Plans `request` from what the directory holds now.
    pub(super) async fn gather(&self, session: &Session, site: &Site<'_>, request: &Request) -> Result<Plan, Error> {
        let mut facts = Facts::default();
        for _ in 0..=MAX_ROUNDS {
            match plan::next(site, request, &facts)? {
                Next::Done(plan) => return Ok(plan),
                Next::Ask(queries) => answer(session, &mut facts, queries).await?,
            }
        }
        Err(Error::Rounds)
    }

    /// Takes a new entry back when another with the same name came into being at the same time, and is older.
    async fn yield_to_twin(
        &self,
        session: &Session,
        site: &Site<'_>,
        request: &Request,
        outcome: &Outcome,
        trail: &mut Trail,
    ) -> Result<(), Error> {
        let (Request::Create { resource, .. }, Outcome::Entry(entry)) = (request, outcome) else { return Ok(()) };
        let Some(query) = plan::twins(site, resource)? else { return Ok(()) };
        let twins = session.query(&query).await?;
        let Some(plan) = plan::yield_to(site, entry, &twins) else { return Ok(()) };
        plan::lint(site, &plan)?;
        trail.planned(&plan);
        self.apply(session, &plan, site, trail).await?;
        Err(plan::Error::Taken { attr: site.mapping.name_attr().to_owned() }.into())
    }

    async fn apply(
        &self,
        session: &Session,
        plan: &Plan,
        site: &Site<'_>,
        trail: &mut Trail,
    ) -> Result<Applied, Error> {
        if plan.steps.is_empty() {
            return Ok(Applied::All(None));
        }
        trail.intent();
        let mut entry = None;
        for (index, step) in plan.steps.iter().enumerate() {
            let is_last = index + 1 == plan.steps.len();
            let post_read: &[AttrType] = if is_last { &site.mapping.attrs } else { &[] };
            let applied = match session.apply(&step.change, post_read).await {
                Ok(applied) => applied,
                Err(error) => {
                    return match error {
                        directory::Error::OutcomeUnknown { .. } => {
                            trail.step("unknown");
                            Ok(Applied::Unknown(error))
                        }
                        other => {
                            trail.step("not sent");
                            Err(other.into())
                        }
                    };
                }
            };
            trail.step(applied.code.label());
            self.metrics().step(self.name(), step.change.kind().label(), applied.code.label());
            if !step.expect.accepts(applied.code) {
                self.take_back(session, &plan.steps[..index], trail).await;
                return refused(site, step, applied);
            }
            entry = applied.entry;
        }
        Ok(Applied::All(entry))
    }

    /// Takes back what means nothing without the step that was refused after these.
    async fn take_back(&self, session: &Session, done: &[Step], trail: &mut Trail) {
        for undo in done.iter().rev().filter_map(|step| step.undo.as_ref()) {
            let outcome = session.apply(undo, &[]).await.map(|applied| applied.code.label());
            if let Err(error) = &outcome {
                tracing::warn!(error = %error, "values made for a refused name stay");
            }
            let label = outcome.unwrap_or("unknown");
            self.metrics().step(self.name(), undo.kind().label(), label);
            trail.taken_back(undo, label);
        }
    }
}

/// Answers `queries`, at once, into `facts`.
pub(super) async fn answer(session: &Session, facts: &mut Facts, queries: Vec<Query>) -> Result<(), Error> {
    let answers = try_join_all(queries.iter().map(|query| session.query(query))).await?;
    for (query, entries) in queries.into_iter().zip(answers) {
        facts.insert(query, entries);
    }
    Ok(())
}

/// A step that was not done: planned again when that may help, since the facts have changed or since another server
/// may take what this one, being read-only, did not.
fn refused(site: &Site<'_>, step: &Step, applied: directory::Applied) -> Result<Applied, Error> {
    let (profile, code) = (site.mapping.profile, applied.code);
    let raced = step.raced.contains(&code) || profile.is_read_only(code, &applied.text);
    let taken = code == ResultCode::ConstraintViolation && profile.is_uniqueness(&applied.text);
    let error = Error::Refused { kind: step.change.kind(), code: applied.code, text: applied.text };
    match (raced, taken) {
        (true, _) => Ok(Applied::Raced(error)),
        (false, true) => Ok(Applied::Taken(error)),
        (false, false) => Err(error),
    }
}

/// Whether a read may be tried again on another connection.
fn is_lost(error: &directory::Error) -> bool {
    matches!(error, directory::Error::Lost { .. } | directory::Error::Timeout { .. })
}

fn be_unsure(request: &mut Request) {
    if let Request::Create { unsure, .. } = request {
        *unsure = true;
    }
}

async fn outcome(session: &Session, site: &Site<'_>, plan: Plan, entry: Option<Entry>) -> Result<Outcome, Error> {
    Ok(match (plan.answer, entry) {
        (Answer::Gone, _) => Outcome::Gone,
        (Answer::Entries(entries), _) => Outcome::Entries(entries),
        (Answer::Entry(entry), _) => Outcome::Entry(entry),
        (Answer::Written(_), Some(entry)) => Outcome::Entry(Box::new(entry)),
        (Answer::Written(dn), None) => {
            let entries = session.query(&plan::read_back(site, &dn)).await?;
            Outcome::Entry(Box::new(entries.into_iter().next().ok_or(plan::Error::NotFound)?))
        }
    })
}
