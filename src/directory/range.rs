//! Values that come in ranges (MS-ADTS 3.1.1.3.1.3.3): Active Directory sends 1,500 of them unasked, and the rest on
//! request.
//!
//! The values may change between two requests, and then those that follow move to other numbers. So the last value that
//! is known is asked for once more with those that follow it; if another one comes, it all begins again.

use std::collections::HashSet;

use tokio::time::Instant;

use super::conn::{Ask, Found, Limit, Part};
use super::{Error, Session};
use crate::ldap::{AttrType, Dn, Filter, Query, ResultCode, Value};

/// How often the values are read from the first one on while others change them. Then what comes is taken as it is.
const ATTEMPTS: u32 = 4;

/// What a server sent of an attribute's values.
enum Sent {
    /// The entry is gone.
    Gone,
    /// None from there on.
    Nothing,
    /// All of them.
    All(Vec<Value>),
    /// A range.
    Range(Part, Vec<Value>),
}

/// The values of one attribute, as far as they are known.
struct Values {
    known: Vec<Value>,
    /// Whether the last range was the last of all.
    whole: bool,
    attempt: u32,
}

impl Session {
    /// Brings the values that are missing. False when an entry is gone meanwhile; it is left out then.
    pub(super) async fn complete(&self, found: &mut Found) -> Result<bool, Error> {
        let mut gone = HashSet::new();
        for (at, part) in std::mem::take(&mut found.parts) {
            if part.is_whole() {
                continue;
            }
            let entry = &mut found.entries[at];
            let first = entry.take(&part.attr);
            match self.rest(&entry.dn, part.clone(), first, &mut found.bytes).await? {
                Some(values) => entry.insert(part.attr, values),
                None => drop(gone.insert(at)),
            }
        }
        let mut at = 0..;
        found.entries.retain(|_| at.next().is_some_and(|at| !gone.contains(&at)));
        Ok(gone.is_empty())
    }

    /// All values of an attribute of which a range came; none when the entry is gone.
    async fn rest(
        &self,
        dn: &Dn,
        part: Part,
        first: Vec<Value>,
        bytes: &mut usize,
    ) -> Result<Option<Vec<Value>>, Error> {
        let attr = part.attr.clone();
        let mut values = Values { known: Vec::new(), whole: false, attempt: 1 };
        values.take(Sent::Range(part, first), 0);
        while !values.whole {
            let from = values.next();
            let sent = self.range(dn, &attr, from, bytes).await?;
            if matches!(sent, Sent::Gone) {
                return Ok(None);
            }
            values.take(sent, from);
        }
        Ok(Some(values.known))
    }

    /// Asks for the values from this number on.
    async fn range(&self, dn: &Dn, attr: &AttrType, from: u64, bytes: &mut usize) -> Result<Sent, Error> {
        let everybody = Filter::Present(AttrType::known("objectClass"));
        let query = Query::entry(dn.clone(), everybody, vec![attr.clone()]);
        let (settings, started) = (&self.server.settings, Instant::now());
        let conn = self.connection(self.operation_deadline()).await?;
        let ask = Ask { from: Some((attr, from)), used: (0, *bytes), ..Ask::new(&query, settings) };
        let mut found = self.ask(&conn, &ask).await.map_err(|broken| self.unread(broken, started))?;
        *bytes += found.bytes;
        if let Some(Limit::Bytes(limit)) = found.stopped {
            return Err(self.too_many(format!("{limit} bytes")));
        }
        match (found.code, found.entries.pop()) {
            (ResultCode::NoSuchObject, _) | (ResultCode::Success, None) => Ok(Sent::Gone),
            (ResultCode::Success, Some(mut entry)) => {
                let values = entry.take(attr);
                let part = found.parts.pop().map(|(_, part)| part).filter(|part| part.attr == *attr);
                Ok(match part {
                    Some(part) => Sent::Range(part, values),
                    None if values.is_empty() => Sent::Nothing,
                    None => Sent::All(values),
                })
            }
            // what Active Directory answers when there are fewer
            (ResultCode::OperationsError, _) if from > 0 => Ok(Sent::Nothing),
            (code, _) => {
                self.heed(code, None);
                Err(Error::Refused { server: self.server().to_owned(), code, text: found.text })
            }
        }
    }
}

impl Values {
    /// The number to ask from: that of the last value that is known.
    fn next(&self) -> u64 {
        u64::try_from(self.known.len().saturating_sub(1)).unwrap_or(u64::MAX)
    }

    /// Takes what came when the values from this number on were asked for.
    fn take(&mut self, sent: Sent, from: u64) {
        let last_chance = self.attempt >= ATTEMPTS;
        match sent {
            Sent::All(values) => (self.known, self.whole) = (values, true),
            Sent::Nothing if self.known.is_empty() || last_chance => self.whole = true,
            Sent::Range(part, values) if part.first == from && self.goes_on(&values) => {
                let ends = part.last.is_none() || values.len() <= usize::from(!self.known.is_empty());
                let known = self.known.len().min(1);
                self.known.extend(values.into_iter().skip(known));
                self.whole = ends;
            }
            Sent::Range(part, values) if last_chance => {
                let before: HashSet<Value> = self.known.iter().cloned().collect();
                let fresh: Vec<Value> = values.into_iter().filter(|value| !before.contains(value)).collect();
                self.whole = part.last.is_none() || fresh.is_empty();
                self.known.extend(fresh);
            }
            Sent::Nothing | Sent::Range(..) | Sent::Gone => {
                self.known.clear();
                self.attempt += 1;
            }
        }
    }

    /// Whether these values begin with the last one that is known.
    fn goes_on(&self, values: &[Value]) -> bool {
        self.known.last().is_none_or(|last| values.first() == Some(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u64, last: Option<u64>, texts: &[&str]) -> Sent {
        let part = Part { attr: AttrType::known("member"), first, last };
        Sent::Range(part, texts.iter().map(|text| Value::from(*text)).collect())
    }

    /// The values that come of these answers, and how many of the answers were used.
    fn read(answers: Vec<Sent>) -> (Vec<String>, usize) {
        let mut values = Values { known: Vec::new(), whole: false, attempt: 1 };
        let mut used = 0;
        for answer in answers {
            if values.whole {
                break;
            }
            let from = values.next();
            values.take(answer, from);
            used += 1;
        }
        assert!(values.whole, "still waiting after {used}");
        (values.known.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(), used)
    }

    #[test]
    fn ranges_overlap_by_one_and_come_together() {
        let answers = vec![
            range(0, Some(1), &["a", "b"]),
            range(1, Some(2), &["b", "c"]),
            range(2, None, &["c", "d"]),
            Sent::Nothing,
        ];
        assert_eq!(read(answers), (vec!["a".into(), "b".into(), "c".into(), "d".into()], 3));
    }

    #[test]
    fn values_that_move_are_read_again() {
        // `a` went, so that `c` has the number of `b`, and would be left out
        let moved = vec![range(0, Some(1), &["a", "b"]), range(1, None, &["c", "d"]), range(0, None, &["b", "c", "d"])];
        assert_eq!(read(moved), (vec!["b".into(), "c".into(), "d".into()], 3));
        // the end went
        let shorter = vec![range(0, Some(1), &["a", "b"]), Sent::Nothing, range(0, None, &["a"])];
        assert_eq!(read(shorter), (vec!["a".into()], 3));
        let emptied = vec![range(0, Some(1), &["a", "b"]), Sent::Nothing, Sent::Nothing];
        assert_eq!(read(emptied), (vec![], 3));
    }

    #[test]
    fn a_server_that_knows_no_ranges_sends_all() {
        let all = vec![range(0, Some(0), &["a"]), Sent::All(vec!["a".into(), "b".into()])];
        assert_eq!(read(all), (vec!["a".into(), "b".into()], 2));
    }

    #[test]
    fn reading_ends_however_values_change() {
        let restless = (0..100).map(|n| {
            let text = format!("{n}");
            range(if n % 2 == 0 { 0 } else { 9 }, Some(9), &[text.as_str(), "x"])
        });
        let (values, used) = read(restless.chain([range(0, None, &[])]).collect());
        let distinct: HashSet<&String> = values.iter().collect();
        assert_eq!(distinct.len(), values.len());
        assert!(used > 4, "{used}");
        let stuck = (0..100).map(|_| range(0, Some(0), &["a"])).collect();
        assert_eq!(read(stuck), (vec!["a".into()], 2));
    }
}
