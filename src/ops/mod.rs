//! The `ops` layer.
