//! Counters: numbers that no two entries may have are drawn from one entry that all bridges share.

use std::fmt;

use super::{AttrType, Dn};

/// The attribute of an entry that holds the next free number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// The entry.
    pub dn: Dn,
    /// The attribute: one value, an INTEGER (RFC 4517 section 3.3.16).
    pub attr: AttrType,
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.attr, self.dn)
    }
}
