//! HTTPS in front of the service: listeners, TLS, bearer tokens, routes, limits, and the admin listener.
//!
//! What a request means is decided in `service`; nothing here knows LDAP, mappings or the configuration file. A
//! handler reaches the service only through `auth::Authorized`, so one that forgets to authenticate does not
//! compile.

mod admin;
mod auth;
mod body;
mod error;
mod files;
mod front;
mod listen;
mod param;
mod reply;
mod request;
mod router;
mod server;
mod settings;
mod stamp;
pub mod tls;
pub mod token;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use files::Files;
pub use server::Server;
pub use settings::{Limits, Settings, TlsFiles};
