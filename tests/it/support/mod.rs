//! What the tests share.

pub(crate) mod bridge;
pub(crate) mod http;
pub(crate) mod ldap;
