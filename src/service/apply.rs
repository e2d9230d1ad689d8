//! The steps of a plan, one after the other, until one does not go as the plan expects.

use std::ops::ControlFlow;

use super::run::Show;
use super::trail::Trail;
use super::{Endpoint, Error};
use crate::directory::{self, Session};
use crate::ldap::{AttrType, Change, ChangeKind, Entry, ResultCode, Value};
use crate::plan::{self, Answer, Plan, Site, Step};

/// How far the steps of a plan came.
pub(super) enum Applied {
    /// All are done; the entry as the last one left it, if the server told.
    All(Option<Entry>),
    /// What the plan was made from has changed.
    Raced(Error),
    /// The same, after the new entry was made: the next attempt meets it.
    Begun(Error),
    /// Another entry has a value that is one of several candidates: the next may be free.
    Passed(AttrType, Value, Error),
    /// A uniqueness check of the directory says that another entry has a value. It may have met our own entry, which
    /// another request has moved meanwhile.
    Taken(Error),
    /// A step was sent and not answered.
    Unknown(directory::Error),
}

impl Endpoint {
    /// Carries out the steps of `plan`, each only when all before it went as the plan expects.
    pub(super) async fn apply(
        &self,
        session: &Session,
        plan: &Plan,
        site: &Site<'_>,
        show: &Show,
        trail: &mut Trail,
    ) -> Result<Applied, Error> {
        if plan.steps.is_empty() {
            return Ok(Applied::All(None));
        }
        trail.intent();
        let shown = plan.shown_by(site).filter(|_| matches!(show, Show::Entry(..)));
        let (mut entry, mut done) = (None, Vec::new());
        for (index, step) in plan.steps.iter().enumerate() {
            let post_read: &[AttrType] = if shown == Some(index) { &site.mapping.attrs } else { &[] };
            let applied = match self.apply_step(session, step, post_read, trail).await {
                Ok(ControlFlow::Continue(applied)) => applied,
                Ok(ControlFlow::Break(unknown)) => return Ok(unknown),
                // the new entry is there, and the rest is for the next attempt
                Err(error @ Error::Directory(_)) if makes_entry(plan, index) => {
                    return Ok(Applied::Begun(error));
                }
                Err(error) => return Err(error),
            };
            if !step.expect.accepts(applied.code) {
                // where another writer was faster, the next attempt goes on from here, or another request is there already
                if applied.code != ResultCode::NoSuchObject {
                    self.take_back(session, &done, trail).await;
                }
                return match refused(site, step, applied) {
                    Ok(Applied::Raced(error)) if makes_entry(plan, index) => Ok(Applied::Begun(error)),
                    Ok(refused) => Ok(refused),
                    Err(error) => {
                        self.withdraw(session, step, trail).await;
                        Err(error)
                    }
                };
            }
            if applied.code == ResultCode::Success {
                // what was so before is nothing of ours to take back
                done.push(step);
            }
            entry = applied.entry.or(entry);
        }
        trail.carried_out();
        Ok(Applied::All(entry))
    }

    /// Carries out one step, or what the plan has in its place for the answer that came.
    async fn apply_step(
        &self,
        session: &Session,
        step: &Step,
        post_read: &[AttrType],
        trail: &mut Trail,
    ) -> Result<ControlFlow<Applied, directory::Applied>, Error> {
        let applied = match session.apply(&step.change, post_read).await {
            Ok(applied) => applied,
            Err(error @ directory::Error::OutcomeUnknown { .. }) => {
                trail.step("unknown");
                return Ok(ControlFlow::Break(Applied::Unknown(error)));
            }
            Err(error) => {
                trail.step("not sent");
                return Err(error.into());
            }
        };
        trail.step(applied.code.label());
        self.metrics().step(self.name(), step.change.kind().label(), applied.code.label());
        let Some((_, instead)) = step.otherwise.as_ref().filter(|(code, _)| *code == applied.code) else {
            return Ok(ControlFlow::Continue(applied));
        };
        let applied = match session.apply(instead, post_read).await {
            Err(error @ directory::Error::OutcomeUnknown { .. }) => {
                trail.instead(instead, "unknown");
                return Ok(ControlFlow::Break(Applied::Unknown(error)));
            }
            applied => applied?,
        };
        trail.instead(instead, applied.code.label());
        self.metrics().step(self.name(), instead.kind().label(), applied.code.label());
        Ok(ControlFlow::Continue(applied))
    }

    /// Withdraws what was begun for a step that the directory refuses for good.
    async fn withdraw(&self, session: &Session, step: &Step, trail: &mut Trail) {
        let Some(change) = &step.on_refusal else { return };
        let outcome = session.apply(change, &[]).await.map(|applied| applied.code.label());
        if let Err(error) = &outcome {
            tracing::warn!(error = %error, "what was begun for a refused step stays");
        }
        let label = outcome.unwrap_or("unknown");
        self.metrics().step(self.name(), change.kind().label(), label);
        trail.withdrawn(change, label);
    }

    /// Takes back what means nothing without the step that was refused after these.
    async fn take_back(&self, session: &Session, done: &[&Step], trail: &mut Trail) {
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

/// How many characters of a secret in a row may stand in a server's text.
const UNTELLING: usize = 3;

/// A server's text, unless it repeats a part of a secret that it was sent.
fn without_secrets(text: String, change: &Change) -> String {
    let repeats = |secret: &Value| {
        // in `unicodePwd` every other octet is zero
        let secret = String::from_utf8_lossy(secret.as_bytes()).replace('\0', "");
        let characters: Vec<char> = secret.chars().collect();
        let tells = characters.windows(UNTELLING + 1).any(|part| text.contains(&part.iter().collect::<String>()));
        tells || text.contains(&secret) || secret.chars().any(|c| !c.is_ascii() && text.contains(c))
    };
    if change.values().any(|value| value.is_secret() && repeats(value)) { String::new() } else { text }
}

/// Whether one of the first `count` steps makes the entry that the plan is about.
fn makes_entry(plan: &Plan, count: usize) -> bool {
    let Answer::Written(dn) = &plan.answer else { return false };
    plan.steps[..count].iter().any(|step| step.change.kind() == ChangeKind::Add && step.change.dn() == dn)
}

/// A step that was not done: planned again when that may help, since the facts have changed or since another server
/// may take what this one, being read-only, did not.
fn refused(site: &Site<'_>, step: &Step, applied: directory::Applied) -> Result<Applied, Error> {
    let (profile, code) = (site.mapping.profile, applied.code);
    let raced = step.raced.contains(&code) || profile.is_read_only(code, &applied.text);
    let taken = code == ResultCode::ConstraintViolation && profile.is_uniqueness(&applied.text);
    let candidate = plan::refused_candidate(site, &step.change, code, &applied.text);
    let text = without_secrets(applied.text, &step.change);
    let error = Error::Refused { kind: step.change.kind(), code, text };
    if let Some((attr, value)) = candidate {
        return Ok(Applied::Passed(attr, value, error));
    }
    match (raced, taken) {
        (true, _) => Ok(Applied::Raced(error)),
        (false, true) => Ok(Applied::Taken(error)),
        (false, false) => Err(error),
    }
}
