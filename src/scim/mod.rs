//! The `scim` layer.
