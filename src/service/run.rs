//! Gather, plan, lint, apply, and again where that may help.
//!
//! One request uses one server throughout. A read that lost its server is tried once more, on another one if there is
//! one; a write whose outcome is unknown is settled by planning again from fresh facts, which finds either nothing left
//! to do or the same thing to do.

use futures_util::future::try_join_all;

use super::apply::Applied;
use super::trail::Trail;
use super::{Context, Endpoint, Error};
use crate::directory::{self, Session};
use crate::ldap::{AttrType, ChangeKind, Entry, Facts, Query, ResultCode, Value};
use crate::plan::{self, Answer, Hits, Next, Plan, Request, Site};
use crate::scim::Projection;

/// How often a request is planned again because another writer changed what it was planned from.
const MAX_REPLANS: u32 = 3;

/// How many rounds of questions one plan may ask.
const MAX_ROUNDS: u32 = 12;

/// A request that was carried out.
pub(super) struct Completed {
    /// What the answer is made of.
    pub(super) outcome: Outcome,
    /// The connection it was carried out on, for what the answer still needs.
    pub(super) session: Session,
    /// Members that were left out, since no resource of the endpoint is meant.
    pub(super) unresolved: Vec<String>,
}

/// What a write is answered with.
#[derive(Clone, Debug)]
pub(super) enum Show {
    /// The resource as it is then, so much of it, with this status.
    Entry(Projection, u16),
    /// 204: nothing is read for it.
    Nothing,
}

/// What the answer is made of.
pub(super) enum Outcome {
    /// Entries, among which the caller still chooses.
    Entries(Hits),
    /// The entry as it is now.
    Entry(Box<Entry>),
    /// Nothing that is to be shown.
    Nothing,
}

/// A request on its way, and what happened to it so far.
struct Pursuit {
    request: Request,
    /// Which attempt this is, from 0.
    attempt: u32,
    /// Whether an earlier attempt may have been carried out without an answer.
    unsure: bool,
    /// Whether a uniqueness check was doubted already.
    doubted: bool,
    /// The entry as an attempt met it that was to rename it.
    met: Option<Box<Entry>>,
    /// Whether the directory puts the new name of an entry in place of the old one itself, and takes none beside it.
    follows: bool,
    /// Candidates for names that the directory refused, since other entries have them.
    refused: Vec<(AttrType, Value)>,
}

/// How an attempt ended.
enum Attempted {
    /// The request is carried out.
    Completed(Completed),
    /// A part of it is carried out, as much as one plan takes.
    InPart,
    /// To be attempted again for this reason.
    Again(Error),
    /// To be attempted again with the next candidate for a name; there are only so many.
    WithNext,
}

impl Endpoint {
    /// Carries out `request` and says how it ended.
    pub(super) async fn carry_out(
        &self,
        ctx: &Context,
        site: &Site<'_>,
        request: Request,
        show: &Show,
        trail: &mut Trail,
    ) -> Result<Completed, Error> {
        let mut pursuit = Pursuit::new(request);
        loop {
            match self.attempt(ctx, site, &mut pursuit, show, trail).await? {
                Attempted::Completed(completed) => return Ok(completed),
                Attempted::InPart => continue,
                Attempted::WithNext => {}
                Attempted::Again(error) if pursuit.attempt == MAX_REPLANS => return Err(error),
                Attempted::Again(_) => pursuit.attempt += 1,
            }
            self.metrics().replan(self.name());
        }
    }

    async fn attempt(
        &self,
        ctx: &Context,
        site: &Site<'_>,
        pursuit: &mut Pursuit,
        show: &Show,
        trail: &mut Trail,
    ) -> Result<Attempted, Error> {
        let session = self.directory().session(ctx.deadline).await?;
        let mut plan = match self.gather(&session, site, pursuit).await {
            Ok(plan) => plan,
            Err(error) => return pursuit.not_planned(error, session),
        };
        plan::lint(site, &plan)?;
        trail.planned(&plan);
        if pursuit.met.is_none() {
            pursuit.met.clone_from(&plan.renames);
        }
        match self.apply(&session, &plan, site, show, trail).await? {
            Applied::All(_) if plan.more => Ok(Attempted::InPart),
            Applied::All(entry) => {
                let (doubts, mut unresolved) = (std::mem::take(&mut plan.doubts), plan.unresolved.clone());
                self.settle(&session, site, doubts, &mut unresolved, trail).await?;
                let outcome = outcome(&session, site, plan, entry, show).await?;
                self.yield_to_twin(&session, site, &pursuit.request, &outcome, trail).await?;
                Ok(Attempted::Completed(Completed { outcome, session, unresolved }))
            }
            Applied::Raced(error) => {
                pursuit.heed(&error);
                Ok(Attempted::Again(error))
            }
            Applied::Begun(error) => {
                pursuit.be_unsure();
                Ok(Attempted::Again(error))
            }
            Applied::Passed(attr, value, error) => pursuit.pass(attr, value, error),
            Applied::Taken(error) => pursuit.doubt(error),
            Applied::Unknown(error) => {
                pursuit.be_unsure();
                Ok(Attempted::Again(error.into()))
            }
        }
    }

    /// Plans the request from what the directory holds now.
    async fn gather(&self, session: &Session, site: &Site<'_>, pursuit: &Pursuit) -> Result<Plan, Error> {
        let mut facts = pursuit.facts();
        let mut rounds = 0;
        while rounds <= MAX_ROUNDS {
            match plan::next(site, &pursuit.request, &facts)? {
                Next::Done(plan) => return Ok(plan),
                Next::Ask(queries) => answer(session, &mut facts, queries).await?,
                Next::Draw(counter) => {
                    let number = session.draw(&counter).await?;
                    facts.draw(counter, number);
                    // numbers are drawn until one is free, or until the deadline
                    rounds = 0;
                }
            }
            rounds += 1;
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
        self.apply(session, &plan, site, &Show::Nothing, trail).await?;
        Err(plan::Error::Taken { attr: site.mapping.name_attr().to_owned() }.into())
    }
}

impl Pursuit {
    fn new(request: Request) -> Self {
        Self { request, attempt: 0, unsure: false, doubted: false, met: None, follows: false, refused: Vec::new() }
    }

    /// What earlier attempts have taught.
    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        self.met.iter().for_each(|entry| facts.meet(Entry::clone(entry)));
        self.refused.iter().for_each(|(attr, value)| facts.refuse(attr.clone(), value.clone()));
        if self.follows {
            facts.follow();
        }
        facts
    }

    /// What a refusal teaches: 389 Directory Server's referential integrity puts the new name of an entry in place of the
    /// old one as part of the rename, and fails where it stands already.
    fn heed(&mut self, error: &Error) {
        if let Error::Refused { kind: ChangeKind::ModifyDn, code: ResultCode::AttributeOrValueExists, .. } = error {
            self.follows = true;
        }
    }

    /// There is no plan: a lost read is tried once more, and what we deleted without an answer is gone as it should be.
    fn not_planned(&self, error: Error, session: Session) -> Result<Attempted, Error> {
        let is_delete = matches!(self.request, Request::Delete { .. });
        match error {
            Error::Directory(directory::Error::Lost { .. } | directory::Error::Timeout { .. }) if self.attempt == 0 => {
                Ok(Attempted::Again(error))
            }
            Error::Plan(plan::Error::NotFound) if self.unsure && is_delete => {
                Ok(Attempted::Completed(Completed { outcome: Outcome::Nothing, session, unresolved: Vec::new() }))
            }
            error => Err(error),
        }
    }

    /// A candidate is taken: the next one, as long as it is another.
    fn pass(&mut self, attr: AttrType, value: Value, error: Error) -> Result<Attempted, Error> {
        let candidate = (attr, value);
        if self.refused.contains(&candidate) {
            return Err(error);
        }
        self.refused.push(candidate);
        Ok(Attempted::WithNext)
    }

    /// A value is said to be taken: looked at once more, unless nothing of ours can have it.
    fn doubt(&mut self, error: Error) -> Result<Attempted, Error> {
        let is_new = matches!(self.request, Request::Create { unsure: false, .. });
        if self.doubted || is_new {
            return Err(error);
        }
        self.doubted = true;
        Ok(Attempted::Again(error))
    }

    /// From here on, what is to be done may have been done already.
    fn be_unsure(&mut self) {
        self.unsure = true;
        if let Request::Create { unsure, .. } = &mut self.request {
            *unsure = true;
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

async fn outcome(
    session: &Session,
    site: &Site<'_>,
    plan: Plan,
    entry: Option<Entry>,
    show: &Show,
) -> Result<Outcome, Error> {
    Ok(match (plan.answer, entry) {
        (Answer::Gone, _) => Outcome::Nothing,
        (Answer::Entries(entries), _) => Outcome::Entries(entries),
        (Answer::Entry(entry), _) => Outcome::Entry(entry),
        (Answer::Written(_), Some(entry)) => Outcome::Entry(Box::new(entry)),
        (Answer::Written(_), None) if matches!(show, Show::Nothing) => Outcome::Nothing,
        (Answer::Written(dn), None) => {
            let entries = session.query(&plan::read_back(site, &dn)).await?;
            Outcome::Entry(Box::new(entries.into_iter().next().ok_or(plan::Error::NotFound)?))
        }
    })
}
