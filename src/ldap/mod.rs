//! The `ldap` layer.
