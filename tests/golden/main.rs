//! What the shipped mappings make of requests, as LDIF: compared with the files beside this one.
//!
//! No server is needed: the searches that a plan asks for are answered from a few entries. After a change that is meant,
//! `UPDATE_GOLDEN=1 cargo test --test golden` writes the files anew; read the difference before committing it.

mod active_directory;
mod directory;
mod ds389;
mod groups;
mod passwords;
mod placement;
#[path = "../realm/mod.rs"]
mod realm;
mod record;
mod states;
mod unique;
mod users;
mod vendors;

/// The message that carries the operations of a PATCH.
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The shipped mapping.
const SHIPPED: &str = include_str!("../../config/mappings/openldap.toml");
