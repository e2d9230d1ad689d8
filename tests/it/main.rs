//! Everything that needs real parts: a private slapd, the real binary, an Entra-shaped client.

mod lab;
mod support;
