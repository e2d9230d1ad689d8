//! RFC 7643 and RFC 7644 as data, and nothing else: names, paths, filters, PATCH, schemas, resources, errors.
//!
//! Everything here is pure. What a bridge serves is described by a [`ResourceType`] which the mapping builds from
//! [`catalog`]; reading, patching, filtering, projecting and discovery all go by it, so that what it does not
//! contain is *unmapped*: never an error, never stored, always listed. Nothing here may know of LDAP, HTTP or the
//! configuration.

pub mod discovery;
pub mod error;
#[cfg(test)]
mod example;
pub mod filter;
pub mod json;
pub mod list;
pub mod name;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod text;

pub use error::{Error, ScimType};
pub use filter::{CompareOp, Filter, Literal};
pub use list::{ListQuery, list_response};
pub use name::AttrName;
pub use patch::{MemberEdit, Op, Patch, Verb};
pub use path::Path;
pub use projection::Projection;
pub use resource::{Incoming, PASSWORD, Resource};
pub use schema::{Attribute, Found, Kind, Mutability, ResourceType, Returned, Schema, Uniqueness, catalog};
pub use text::{ListText, ResourceText};
