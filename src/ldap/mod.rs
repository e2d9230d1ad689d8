//! The LDAP vocabulary: names, values, entries, filters, queries, changes and their text forms.
//!
//! Everything here is plain data without input or output: no socket, no clock, no settings, and nothing of any other
//! module of this crate. Text is made in one place for each notation, and nowhere else: a DN by [`Dn`]'s `Display`
//! (RFC 4514), a filter by [`Filter`]'s `Display` (RFC 4515), LDIF by [`ldif`] (RFC 2849).

mod attr;
mod change;
mod code;
mod counter;
mod dn;
mod dn_parse;
mod entry;
mod expect;
mod facts;
mod filter;
pub mod ldif;
mod query;
mod reading;
mod value;

pub use attr::{AttrType, AttrTypeError};
pub use change::{Change, ChangeKind, Mod, ModOp, PERMISSIVE_MODIFY};
pub use code::ResultCode;
pub use counter::Counter;
pub use dn::{Ava, Dn, DnKey, Rdn, escape_value};
pub use dn_parse::{DnError, DnFault};
pub use entry::Entry;
pub use expect::Expect;
pub use facts::Facts;
pub use filter::Filter;
pub use query::{Query, Scope};
pub use reading::{Reading, Sign};
pub use value::Value;
