//! Everything that needs real parts: a private slapd, the real binary, an Entra-shaped client.

mod admin;
mod applications;
mod demo;
mod entra;
mod failover;
mod lab;
mod lifecycle;
mod names;
mod outage;
mod peer;
mod reload;
mod rude;
mod settings;
mod storm;
mod support;
mod unknown;
