//! The `entra` layer.
