//! scim-ldap-bridge: Microsoft Entra ID speaks SCIM 2.0 to it, and people appear, change, are disabled and are
//! removed in an on-premises LDAP directory.
//!
//! A request is gathered, planned and applied: only [`directory`] touches a socket to the directory, and deciding
//! ([`scim`], [`mapping`], [`plan`]) never does. From the client inwards:
//!
//! | module | what is here | may use |
//! |---|---|---|
//! | [`scim`] | RFC 7643 and 7644 as data: paths, filters, PATCH, schemas, errors | – |
//! | [`ldap`] | the LDAP vocabulary: DNs, filters, entries, changes, LDIF | – |
//! | [`fault`] | a fault in a file the administrator wrote, and typed reading of TOML tables | – |
//! | [`entra`] | the client's side: plays Microsoft Entra over HTTP | – |
//! | [`lab`] | private throw-away directories and certificates, as child processes | – |
//! | [`ops`] | metrics, log, audit trail, clock, randomness | `scim` `ldap` |
//! | [`vendor`] | how directories differ, as data | `ldap` |
//! | [`mapping`] | rules between SCIM and LDAP | `scim` `ldap` `vendor` `fault` |
//! | [`plan`] | decides every LDAP operation | `scim` `ldap` `vendor` `mapping` |
//! | [`directory`] | the only layer that speaks LDAP | `ldap` `ops` |
//! | [`service`] | use cases: gather, plan, apply, read back | all above but `fault` `entra` `lab` |
//! | [`http`] | HTTPS, routes, authentication, limits, admin listener | `scim` `service` `ops` |
//! | [`config`] | reads and checks configuration files | `fault` and the layers whose settings it makes |
//! | [`app`] | wires the layers, starts listeners, drains on a signal | all but `cli` `entra` `lab` |
//! | [`cli`] | the commands | everything |
//!
//! `tests/layering.rs` enforces the last column.

pub mod app;
pub mod cli;
pub mod config;
pub mod directory;
pub mod entra;
pub mod fault;
pub mod http;
pub mod lab;
pub mod ldap;
pub mod mapping;
pub mod ops;
pub mod plan;
pub mod scim;
pub mod service;
pub mod vendor;
