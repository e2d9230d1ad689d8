//! What the layer has to be told.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::ServerUrl;
use crate::ldap::{Dn, Reading, Sign};

/// One directory: its servers and how to use them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory's name, for metrics and logs.
    pub name: String,
    /// Its servers, the preferred one first. They hold the same data.
    pub servers: Vec<ServerUrl>,
    /// Whether `ldap://` connections are secured by StartTLS (RFC 4511 §4.14) before anything else is sent.
    pub start_tls: bool,
    /// Whom to trust, and what to show.
    pub tls: TlsTrust,
    /// As whom to work.
    pub bind: Bind,
    /// How many connections to keep to the active server; operations share them.
    pub connections: usize,
    /// How long it may take to connect, secure and bind.
    pub connect_timeout: Duration,
    /// How long one operation may take; the request's deadline may cut it shorter.
    pub operation_timeout: Duration,
    /// After what age a connection is replaced.
    pub max_age: Duration,
    /// After how many operations a connection is replaced.
    pub max_operations: u64,
    /// How often the active server is probed, and a preferred one while another is active.
    pub probe_interval: Duration,
    /// How long a probe may take.
    pub probe_timeout: Duration,
    /// How long a preferred server must have been well before it becomes the active one again.
    pub fail_back_after: Duration,
    /// Parts of the diagnostic text, in lower case, by which a server that takes no writes is known to have answered
    /// unwillingToPerform (53).
    pub read_only_texts: &'static [&'static str],
    /// Answers to writes that mean something else than RFC 4511 says.
    pub readings: &'static [Reading],
    /// Whether the control is sent by which a modify takes what is done already as done. Either way, such a modify goes
    /// in pieces when it is refused because of what is done already.
    pub permissive_control: bool,
    /// What tells the servers from others, in their root DSE: any of these. Without any, every server will do.
    pub signs: &'static [Sign],
    /// All kinds of servers that there are settings for, to say what a server seems to be that has none of the signs.
    pub kinds: Vec<Kind>,
    /// How many entries a search without a limit asks for at once (RFC 2696); all of them when absent.
    pub page_size: Option<u32>,
    /// How many entries a search may bring when it does not say so itself.
    pub max_entries: u32,
    /// How many bytes of entries a search may bring.
    pub max_bytes: usize,
}

/// A kind of servers.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name by which the configuration picks it.
    pub name: &'static str,
    /// What tells its servers from others: any of these.
    pub signs: &'static [Sign],
}

/// Whom TLS trusts, and what it shows.
#[derive(Clone, Debug, Default)]
pub struct TlsTrust {
    /// The certificates to trust, as PEM; those of the system when absent.
    pub ca_file: Option<PathBuf>,
    /// The client certificate chain and its key, as PEM.
    pub client_cert: Option<(PathBuf, PathBuf)>,
}

/// How to authenticate (RFC 4513 §5).
#[derive(Clone, Debug)]
pub enum Bind {
    /// Not at all.
    Anonymous,
    /// By name and password.
    Simple {
        /// The name.
        dn: Dn,
        /// The password.
        password: SecretString,
    },
    /// By what the connection shows already: the peer of a Unix socket, or a TLS client certificate.
    External,
}

impl Settings {
    /// The usual settings for some servers.
    pub fn new(name: impl Into<String>, servers: Vec<ServerUrl>, bind: Bind) -> Self {
        Self {
            name: name.into(),
            servers,
            start_tls: false,
            tls: TlsTrust::default(),
            bind,
            connections: 2,
            connect_timeout: Duration::from_secs(3),
            operation_timeout: Duration::from_secs(5),
            max_age: Duration::from_secs(15 * 60),
            max_operations: 50_000,
            probe_interval: Duration::from_secs(2),
            probe_timeout: Duration::from_secs(2),
            fail_back_after: Duration::from_secs(30),
            read_only_texts: &[],
            readings: &[],
            permissive_control: true,
            signs: &[],
            kinds: Vec::new(),
            page_size: None,
            max_entries: 20_000,
            max_bytes: 64 << 20,
        }
    }

    /// Whether the text of an unwillingToPerform (53) says that the server takes no writes.
    pub(super) fn means_read_only(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.read_only_texts.iter().any(|part| text.contains(part))
    }

    /// Whether any connection uses TLS.
    pub fn uses_tls(&self) -> bool {
        self.servers.iter().any(|url| url.is_tls() || (self.start_tls && !url.is_local()))
    }
}
