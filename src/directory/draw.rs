//! Drawing numbers from a counter that several bridges share.
//!
//! The counter moves by compare-and-swap: one modify deletes the number that was read and adds the next one, so that
//! of two bridges only one succeeds (RFC 4511 section 4.6: a modify is done as a whole or not at all). A number whose
//! move had no answer is not used by anybody. The requests of one process draw one after the other, and each takes
//! the number after the last one for the counter's until the server says otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::failure::Failure;
use super::server::chance;
use super::{Error, Session};
use crate::ldap::{AttrType, Change, Counter, Entry, Filter, Mod, Query, ResultCode, Scope, Value};

/// The longest wait before the counter is read again, when another bridge was faster.
const MAX_WAIT: Duration = Duration::from_millis(20);

/// The operation's label.
const DRAW: &str = "draw";

/// Whose turn it is to draw, and what the counter is believed to hold.
type Turn = Arc<tokio::sync::Mutex<Option<u64>>>;

/// The counters that the requests of this process draw from.
#[derive(Default)]
pub(super) struct Counters(Mutex<HashMap<Counter, Turn>>);

impl Counters {
    fn turn(&self, counter: &Counter) -> Turn {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match turns.get(counter) {
            Some(turn) => turn.clone(),
            None => turns.entry(counter.clone()).or_default().clone(),
        }
    }
}

impl Session {
    /// Draws the next number and moves the counter on. Tried until the session's deadline.
    pub async fn draw(&self, counter: &Counter) -> Result<u64, Error> {
        let started = Instant::now();
        let late = || Error::Timeout { server: self.server().to_owned(), op: DRAW, after: started.elapsed() };
        let turn = self.counters.turn(counter);
        let mut next = timeout_at(self.deadline, turn.lock()).await.map_err(|_| late())?;
        while Instant::now() < self.deadline {
            let believed = next.take();
            let number = match believed {
                Some(number) => number,
                None => self.peek(counter).await?,
            };
            match self.move_on(counter, number).await {
                Ok(Some(following)) => {
                    *next = Some(following);
                    return Ok(number);
                }
                Ok(None) if believed.is_none() => sleep(MAX_WAIT.mul_f64(chance())).await,
                Ok(None) | Err(Error::OutcomeUnknown { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(late())
    }

    /// The number that would be drawn next.
    pub async fn peek(&self, counter: &Counter) -> Result<u64, Error> {
        let filter = Filter::Present(AttrType::known("objectClass"));
        let attrs = [counter.attr.clone()].into();
        let query = Query { base: counter.dn.clone(), scope: Scope::Base, filter, attrs, limit: None };
        match self.query(&query).await {
            Ok(entries) => number_in(counter, entries.first()).map_err(|what| unusable(counter, what)),
            Err(Error::Refused { code, text, .. }) if !code.is_outage() => {
                Err(unusable(counter, format!("reading it was answered with {code}: {text}")))
            }
            Err(error) => Err(error),
        }
    }

    /// Moves the counter from `number` to the one after it, which is returned; not when it stood elsewhere.
    async fn move_on(&self, counter: &Counter, number: u64) -> Result<Option<u64>, Error> {
        let following = number.checked_add(1).ok_or_else(|| unusable(counter, "there is no number after its last"))?;
        let value = |number: u64| vec![Value::from(number.to_string())];
        let mods =
            vec![Mod::delete(counter.attr.clone(), value(number)), Mod::add(counter.attr.clone(), value(following))];
        let applied = self.apply(&Change::modify(counter.dn.clone(), mods), &[]).await?;
        let said = || format!("moving it on was answered with {}: {}", applied.code, applied.text);
        match (applied.code, self.passes_on(applied.code, Some(&applied.text))) {
            (ResultCode::Success, _) => Ok(Some(following)),
            (ResultCode::NoSuchAttribute, _) => Ok(None),
            (_, Some(reason)) => Err(self.server.error(Failure::new(reason, said()))),
            (_, None) => Err(unusable(counter, said())),
        }
    }
}

fn unusable(counter: &Counter, what: impl Into<String>) -> Error {
    Error::Counter { counter: counter.to_string(), what: what.into() }
}

/// The counter's number: one value, written as the next move writes it.
fn number_in(counter: &Counter, entry: Option<&Entry>) -> Result<u64, String> {
    let entry = entry.ok_or("there is no such entry, or the bridge's account may not read it")?;
    let value = match entry.get(&counter.attr) {
        [value] => value,
        [] => return Err("it has no value, or the bridge's account may not read it".to_owned()),
        values => return Err(format!("it has {} values instead of one", values.len())),
    };
    let number = value.as_str().and_then(|text| text.parse().ok());
    number
        .filter(|number: &u64| number.to_string().as_bytes() == value.as_bytes())
        .ok_or_else(|| format!("its value {value:?} is no whole number from 0 on, without leading zeros"))
}
