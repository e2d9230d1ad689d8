//! The `fault` layer.
