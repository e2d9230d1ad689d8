//! The `service` layer.
