//! Everything that needs real parts: a private slapd, the real binary, an Entra-shaped client.

mod admin;
mod applications;
mod demo;
mod entra;
mod explain;
mod failover;
mod group;
mod half_dead;
mod hostile;
mod keep;
mod lab;
mod lifecycle;
mod mark;
mod names;
mod outage;
mod peers;
mod posix;
mod race;
mod reload;
mod schema;
mod settings;
mod state;
mod storm;
mod support;
mod unknown;
mod validator;
