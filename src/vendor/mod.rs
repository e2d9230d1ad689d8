//! The `vendor` layer.
