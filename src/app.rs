//! Wires the layers.
