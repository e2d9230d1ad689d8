//! What a private domain controller shall be like, before it is started.

use super::Samba;
use super::domain::Domain;
use crate::lab::Error;
use std::path::{Path, PathBuf};

/// Collects what a private domain controller shall be like.
pub struct SambaBuilder {
    domain: Domain,
    entries: String,
    folder: Option<PathBuf>,
}

impl SambaBuilder {
    /// The usual.
    pub(super) fn new() -> SambaBuilder {
        let domain = Domain { suffix: "dc=example,dc=com".to_owned() };
        SambaBuilder { domain, entries: String::new(), folder: None }
    }

    /// The naming context instead of `dc=example,dc=com`: at least two parts, all of them `dc`. Each that is used on a
    /// machine for the first time takes some seconds.
    pub fn suffix(mut self, suffix: &str) -> SambaBuilder {
        self.domain.suffix = suffix.to_owned();
        self
    }

    /// Further entries that are there from the start, as LDIF.
    pub fn entries(mut self, ldif: &str) -> SambaBuilder {
        self.entries.push_str(ldif);
        self.entries.push_str("\n\n");
        self
    }

    /// Lives in this folder (new or empty), which stays, instead of in a temporary one.
    pub fn folder(mut self, folder: &Path) -> SambaBuilder {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Copies a domain and starts the server; returns once it answers.
    pub fn start(self) -> Result<Samba, Error> {
        Samba::create(self.domain, &self.entries, self.folder)
    }
}
