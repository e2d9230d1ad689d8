//! What a private 389 Directory Server shall be like, before it is started.

use super::Ds389;
use super::conf::Conf;
use crate::lab::{Certified, Error, password};
use std::path::{Path, PathBuf};

/// Collects what a private 389 Directory Server shall be like.
pub struct Ds389Builder {
    conf: Conf,
    folder: Option<PathBuf>,
    certificates: Option<(String, Certified)>,
}

impl Ds389Builder {
    /// The usual.
    pub(super) fn new() -> Ds389Builder {
        let references = ["member", "uniqueMember", "owner", "seeAlso", "manager", "secretary"];
        let conf = Conf {
            suffix: "dc=example,dc=com".to_owned(),
            stock: false,
            unique: owned(&["uid", "mail", "scimExternalId"]),
            unique_groups: owned(&["cn"]),
            references: owned(&references),
            durable: false,
            settings: Vec::new(),
            counters: Vec::new(),
            entries: String::new(),
            admin_password: password(),
            bridge_password: password(),
        };
        Ds389Builder { conf, folder: None, certificates: None }
    }

    /// The naming context instead of `dc=example,dc=com`; its first part must be a `dc`.
    pub fn suffix(mut self, suffix: &str) -> Ds389Builder {
        self.conf.suffix = suffix.to_owned();
        self
    }

    /// As it comes: neither the shipped schema nor plug-ins beyond those that are on from the start.
    pub fn stock(mut self) -> Ds389Builder {
        self.conf.stock = true;
        self
    }

    /// The attributes of which no two people have the same value, instead of `uid`, `mail` and `scimExternalId`.
    pub fn unique(mut self, attributes: &[&str]) -> Ds389Builder {
        self.conf.unique = owned(attributes);
        self
    }

    /// The attributes of which no two groups have the same value, instead of `cn`.
    pub fn unique_groups(mut self, attributes: &[&str]) -> Ds389Builder {
        self.conf.unique_groups = owned(attributes);
        self
    }

    /// The attributes in which renames and deletes are followed, instead of `member`, `uniqueMember`, `owner`,
    /// `seeAlso`, `manager` and `secretary`.
    pub fn references(mut self, attributes: &[&str]) -> Ds389Builder {
        self.conf.references = owned(attributes);
        self
    }

    /// A counter below `ou=counters` from which `next` is drawn first; see [`Ds389::counter`].
    pub fn counter(mut self, name: &str, next: u64) -> Ds389Builder {
        self.conf.counters.push((name.to_owned(), next));
        self
    }

    /// Lets every write wait for the disk. Without this a crash of the machine, not of the server, may lose writes.
    pub fn durable(mut self) -> Ds389Builder {
        self.conf.durable = true;
        self
    }

    /// Values of a setting below `cn=config`, such as `nsslapd-sizelimit` of `cn=config`; none takes it away.
    pub fn setting(mut self, dn: &str, attribute: &str, values: &[&str]) -> Ds389Builder {
        self.conf.settings.push((dn.to_owned(), attribute.to_owned(), owned(values)));
        self
    }

    /// Further entries that are there from the start, as LDIF.
    pub fn entries(mut self, ldif: &str) -> Ds389Builder {
        self.conf.entries.push_str(ldif);
        self.conf.entries.push_str("\n\n");
        self
    }

    /// Lives in this folder (new or empty), which stays, instead of in a temporary one.
    pub fn folder(mut self, folder: &Path) -> Ds389Builder {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Shows this certificate instead of one from an authority of its own; `ca` goes to [`Ds389::ca_file`].
    pub fn certificate(mut self, ca: &str, certificate: Certified) -> Ds389Builder {
        self.certificates = Some((ca.to_owned(), certificate));
        self
    }

    /// Makes the database and starts the server; returns once it answers.
    pub fn start(self) -> Result<Ds389, Error> {
        Ds389::create(self.conf, self.folder, self.certificates)
    }
}

/// Names as the configuration keeps them.
fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
