//! HTTPS in front of the service: listeners, TLS, bearer tokens, routes, limits, and the admin listener.
//!
//! What a request means is decided in `service`; nothing here knows LDAP, mappings or the configuration file. A
//! handler reaches the service only through [`auth::Authorized`], so one that forgets to authenticate does not
//! compile.

mod error;
mod settings;
mod stamp;
pub mod tls;
pub mod token;

pub use error::Error;
pub use settings::{Limits, Settings, TlsFiles};
