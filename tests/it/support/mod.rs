//! What the tests share.

pub(crate) mod ad;
pub(crate) mod bed;
pub(crate) mod bridge;
pub(crate) mod http;
pub(crate) mod ldap;
pub(crate) mod proxy;
pub(crate) mod tls;
pub(crate) mod twin;
pub(crate) mod wait;
