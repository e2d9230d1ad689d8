//! What the directory has answered so far.

use indexmap::IndexMap;

use super::{AttrType, Counter, Entry, Query, Value};

/// Questions with their answers, in the order in which they were put, the numbers that were drawn, and what an earlier
/// attempt left behind.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    answers: IndexMap<Query, Vec<Entry>>,
    numbers: IndexMap<Counter, u64>,
    met: Option<Entry>,
    follows: bool,
    refused: Vec<(AttrType, Value)>,
}

impl Facts {
    /// Notes an answer; a later answer to the same question takes the place of an earlier one.
    pub fn insert(&mut self, query: Query, entries: Vec<Entry>) {
        self.answers.insert(query, entries);
    }

    /// The answer to a question, if it was put.
    pub fn get(&self, query: &Query) -> Option<&[Entry]> {
        self.answers.get(query).map(Vec::as_slice)
    }

    /// Notes a number that was drawn from a counter, in place of one that was drawn before.
    pub fn draw(&mut self, counter: Counter, number: u64) {
        self.numbers.insert(counter, number);
    }

    /// The number that was drawn last from a counter.
    pub fn number(&self, counter: &Counter) -> Option<u64> {
        self.numbers.get(counter).copied()
    }

    /// Notes an entry as an earlier attempt of the same request met it, before that attempt renamed it.
    pub fn meet(&mut self, entry: Entry) {
        self.met = Some(entry);
    }

    /// The entry as an earlier attempt met it.
    pub fn met(&self) -> Option<&Entry> {
        self.met.as_ref()
    }

    /// Notes that the directory refused a rename since the new name stood somewhere already: it puts it there itself.
    pub fn follow(&mut self) {
        self.follows = true;
    }

    /// Whether the directory is known to put the new name of an entry in place of the old one itself.
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Notes a value that the directory refused to an earlier attempt of the same request, since another entry has it.
    pub fn refuse(&mut self, attr: AttrType, value: Value) {
        self.refused.push((attr, value));
    }

    /// The values that other entries have as the directory said, whether or not they can be seen.
    pub fn refused(&self) -> &[(AttrType, Value)] {
        &self.refused
    }

    /// How many questions were answered.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// The questions.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.answers.keys()
    }
}
