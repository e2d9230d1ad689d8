//! Drawing numbers from a counter that several bridges share.
//!
//! The counter moves by compare-and-swap: one modify deletes the number that was read and adds the next one, so that
//! of two bridges only one succeeds (RFC 4511 section 4.6: a modify is done as a whole or not at all). A number whose
//! move had no answer is not used by anybody.

use std::time::Duration;

use tokio::time::sleep;

use super::{Error, Session};
use crate::ldap::{AttrType, Change, Counter, Entry, Filter, Mod, Query, ResultCode, Scope, Value};

/// The longest wait before the counter is tried again, when another bridge was faster.
const MAX_WAIT: Duration = Duration::from_millis(20);

impl Session {
    /// Draws the next number and moves the counter on. Tried until the session's deadline.
    pub async fn draw(&self, counter: &Counter) -> Result<u64, Error> {
        loop {
            let number = self.peek(counter).await?;
            match self.move_on(counter, number).await {
                Ok(true) => return Ok(number),
                Ok(false) | Err(Error::OutcomeUnknown { .. }) => {
                    sleep(jitter()).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The number that would be drawn next.
    pub async fn peek(&self, counter: &Counter) -> Result<u64, Error> {
        let filter = Filter::Present(AttrType::known("objectClass"));
        let attrs = [counter.attr.clone()].into();
        let query = Query { base: counter.dn.clone(), scope: Scope::Base, filter, attrs, limit: None };
        let entries = self.query(&query).await?;
        number_in(counter, entries.first()).map_err(|what| Error::Counter { counter: counter.to_string(), what })
    }

    /// Whether the counter was moved from `number` to the next one; not when it stood elsewhere.
    async fn move_on(&self, counter: &Counter, number: u64) -> Result<bool, Error> {
        let value = |number: u64| vec![Value::from(number.to_string())];
        let mods = vec![
            Mod::delete(counter.attr.clone(), value(number)),
            Mod::add(counter.attr.clone(), value(number.saturating_add(1))),
        ];
        let applied = self.apply(&Change::modify(counter.dn.clone(), mods), &[]).await?;
        match applied.code {
            ResultCode::Success => Ok(true),
            ResultCode::NoSuchAttribute => Ok(false),
            code => {
                let what = format!("moving it on was answered with {code}: {}", applied.text);
                Err(Error::Counter { counter: counter.to_string(), what })
            }
        }
    }
}

/// A wait of random length, so that bridges that met once do not meet again.
fn jitter() -> Duration {
    let part = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
    MAX_WAIT.mul_f64(part)
}

fn number_in(counter: &Counter, entry: Option<&Entry>) -> Result<u64, String> {
    let entry = entry.ok_or("there is no such entry")?;
    match entry.get(&counter.attr) {
        [value] => value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| "its value is no number".to_owned()),
        values => Err(format!("it has {} values instead of one", values.len())),
    }
}
