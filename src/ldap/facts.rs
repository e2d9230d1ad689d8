//! What the directory has answered so far.

use indexmap::IndexMap;

use super::{Entry, Query};

/// Questions with their answers, in the order in which they were put.
#[derive(Clone, Debug, Default)]
pub struct Facts(IndexMap<Query, Vec<Entry>>);

impl Facts {
    /// Notes an answer; a later answer to the same question takes the place of an earlier one.
    pub fn insert(&mut self, query: Query, entries: Vec<Entry>) {
        self.0.insert(query, entries);
    }

    /// The answer to a question, if it was put.
    pub fn get(&self, query: &Query) -> Option<&[Entry]> {
        self.0.get(query).map(Vec::as_slice)
    }

    /// How many questions were answered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The questions.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.0.keys()
    }
}
