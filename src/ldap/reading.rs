//! What tells servers apart, and answers that mean something else than the standard says.

use super::{ChangeKind, ResultCode};

/// A value in the root DSE (RFC 4512 section 5.1) that only servers of one kind have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The attribute.
    pub attr: &'static str,
    /// The value, without regard to case; any when absent.
    pub value: Option<&'static str>,
}

/// An answer to a write that means something else than RFC 4511 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The kind of write.
    pub kind: ChangeKind,
    /// The code that comes.
    pub code: ResultCode,
    /// A part of the diagnostic text, in lower case; empty where the code says enough.
    pub text: &'static str,
    /// The code that is meant.
    pub means: ResultCode,
}

impl Reading {
    /// The code that is meant by an answer to a write of this kind.
    pub fn of(readings: &[Self], kind: ChangeKind, code: ResultCode, text: &str) -> ResultCode {
        let text = text.to_lowercase();
        let fits = |reading: &&Self| reading.kind == kind && reading.code == code && text.contains(reading.text);
        readings.iter().find(fits).map_or(code, |reading| reading.means)
    }
}
