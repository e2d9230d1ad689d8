//! The `mapping` layer.
