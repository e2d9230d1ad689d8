//! The client's side: plays Microsoft Entra's provisioning service over HTTP.
//!
//! Serves the demo, rehearsals and the tests. It shares no code with the server, so that it shares none of its
//! mistakes: paths, bodies and answers are written and read here a second time, from what is known of Entra's
//! behaviour rather than from this server's. Nothing of this crate may be known here.
//!
//! A [`Job`] takes a [`Tenant`] through cycles as a live job does: random probes, matching, creates, differences only,
//! the reference pass, disables and deletes, in either [`Dialect`]. Groups are created empty; their members follow in
//! the reference pass, many PATCHes at the same time, and are never read by Entra itself. After each write the job
//! reads back and compares every value and every member that it sent. [`story`] is one whole life of a tenant in
//! chapters.

mod check;
mod client;
mod create;
mod dialect;
mod group;
mod job;
mod mapping;
mod member;
mod membership;
mod object;
mod probe;
mod provision;
mod raw;
mod reference;
mod removal;
mod report;
mod sample;
mod single;
pub mod story;
mod target;
mod tenant;
#[cfg(test)]
mod tests;
mod user;

pub use client::Client;
pub use dialect::{Dialect, ManagerRemoval, ManagerShape, MemberPatches};
pub use group::Group;
pub use job::Job;
pub use mapping::{Mapping, Row, Source};
pub use report::{Exchange, Report};
pub use sample::sample;
pub use target::Target;
pub use tenant::Tenant;
pub use user::User;

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tenant URL is none.
    #[error("the tenant URL `{0}` is no URL; hint: `https://host:port/scim/v2`")]
    Url(String),
    /// The secret token cannot stand in a header.
    #[error("the secret token holds characters that cannot stand in a header")]
    Token,
    /// The authorities to trust could not be read.
    #[error("could not read the certificate authorities: {0}")]
    Ca(String),
    /// The HTTP client could not be set up.
    #[error("could not set up the HTTP client: {0}")]
    Http(reqwest::Error),
}
