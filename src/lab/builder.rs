//! What a private slapd shall be like, before it is started.

use super::conf::{Conf, Overlay};
use super::slapd::Slapd;
use super::{Certified, Error, password};
use std::path::{Path, PathBuf};

/// Collects what a private slapd shall be like.
pub struct Builder {
    conf: Conf,
    folder: Option<PathBuf>,
    certificates: Option<(String, Certified)>,
}

impl Builder {
    /// The usual.
    pub(super) fn new() -> Builder {
        let overlays = vec![Overlay::MemberOf, Overlay::RefInt, Overlay::PPolicy, Overlay::Unique];
        let conf = Conf {
            suffix: "dc=example,dc=com".to_owned(),
            stock: false,
            rfc2307bis: false,
            overlays,
            unique: ["uid", "mail", "scimExternalId"].map(String::from).into(),
            unique_groups: ["cn"].map(String::from).into(),
            references: ["member", "manager"].map(String::from).into(),
            durable: false,
            log: "none".to_owned(),
            globals: Vec::new(),
            lines: Vec::new(),
            counters: Vec::new(),
            entries: String::new(),
            admin_password: password(),
            bridge_password: password(),
        };
        Builder { conf, folder: None, certificates: None }
    }

    /// The naming context instead of `dc=example,dc=com`; its first part must be a `dc`.
    pub fn suffix(mut self, suffix: &str) -> Builder {
        self.conf.suffix = suffix.to_owned();
        self
    }

    /// Adds an overlay to the usual ones (`memberof`, `refint`, `ppolicy`, `unique`).
    pub fn with(mut self, overlay: Overlay) -> Builder {
        self.conf.overlays.push(overlay);
        self
    }

    /// Leaves an overlay out.
    pub fn without(mut self, overlay: Overlay) -> Builder {
        self.conf.overlays.retain(|other| *other != overlay);
        self
    }

    /// Only what every OpenLDAP has: neither the shipped schema nor any overlay.
    pub fn stock(mut self) -> Builder {
        self.conf.stock = true;
        self.conf.overlays.clear();
        self
    }

    /// The attributes of which no two people have the same value, instead of `uid`, `mail` and `scimExternalId`.
    pub fn unique(mut self, attributes: &[&str]) -> Builder {
        self.conf.unique = owned(attributes);
        self
    }

    /// The attributes of which no two groups have the same value, instead of `cn`.
    pub fn unique_groups(mut self, attributes: &[&str]) -> Builder {
        self.conf.unique_groups = owned(attributes);
        self
    }

    /// The attributes in which `refint` follows renames and deletes, instead of `member` and `manager`.
    pub fn references(mut self, attributes: &[&str]) -> Builder {
        self.conf.references = owned(attributes);
        self
    }

    /// Groups as RFC 2307bis has them: `posixGroup` is auxiliary, and `groupOfMembers` may be empty.
    pub fn rfc2307bis(mut self) -> Builder {
        self.conf.rfc2307bis = true;
        self
    }

    /// A counter below `ou=counters` from which `next` is drawn first; see [`Slapd::counter`].
    pub fn counter(mut self, name: &str, next: u64) -> Builder {
        self.conf.counters.push((name.to_owned(), next));
        self
    }

    /// Lets every write wait for the disk. Without this a crash of the machine, not of slapd, may lose writes.
    pub fn durable(mut self) -> Builder {
        self.conf.durable = true;
        self
    }

    /// What slapd writes to its log: `stats` for one line per operation, `none` (usual) for faults only.
    pub fn log(mut self, level: &str) -> Builder {
        self.conf.log = level.to_owned();
        self
    }

    /// A further line for the whole server, such as `sortvals member`.
    pub fn global(mut self, line: &str) -> Builder {
        self.conf.globals.push(line.to_owned());
        self
    }

    /// A further line of the database's section, such as an index, a limit or `multival member 100,10`.
    pub fn line(mut self, line: &str) -> Builder {
        self.conf.lines.push(line.to_owned());
        self
    }

    /// Further entries that are there from the start, as LDIF.
    pub fn entries(mut self, ldif: &str) -> Builder {
        self.conf.entries.push_str(ldif);
        self.conf.entries.push_str("\n\n");
        self
    }

    /// Lives in this folder (made when absent), which stays, instead of in a temporary one.
    pub fn folder(mut self, folder: &Path) -> Builder {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Shows this certificate instead of one from an authority of its own; `ca` goes to [`Slapd::ca_file`].
    pub fn certificate(mut self, ca: &str, certificate: Certified) -> Builder {
        self.certificates = Some((ca.to_owned(), certificate));
        self
    }

    /// The password of the bridge's account, for a folder whose data was made by an earlier server.
    pub fn bridge_password(mut self, password: &str) -> Builder {
        self.conf.bridge_password = password.to_owned();
        self
    }

    /// Makes the database and starts the server; returns once it answers.
    pub fn start(self) -> Result<Slapd, Error> {
        Slapd::create(self.conf, self.folder, self.certificates)
    }
}

/// Names as the configuration keeps them.
fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
