//! The configuration as plain data, defaults filled in and paths made absolute.

use std::path::PathBuf;
use std::sync::Arc;

use crate::ldap::Dn;
use crate::mapping::Mapping;
use crate::service::{Integrity, PatchResponse, Place, Protection, Unmapped, UnresolvedMembers};
use crate::vendor::Profile;
use crate::{directory, http};

use super::secret::Secret;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The main file.
    pub file: PathBuf,
    /// `[server]` and `[admin]`.
    pub http: http::Settings,
    /// `[log]`
    pub log: Log,
    /// `[audit]`: the file; the log when absent.
    pub audit_file: Option<PathBuf>,
    /// `[directory.<name>]`, in the order they were written.
    pub directories: Vec<Directory>,
    /// `[endpoint.<name>]`, in the order they were written.
    pub endpoints: Vec<Endpoint>,
    /// What is allowed and yet worth saying.
    pub warnings: Vec<String>,
}

/// `[log]`
#[derive(Clone, Debug)]
pub struct Log {
    /// JSON rather than text.
    pub json: bool,
    /// What is logged.
    pub filter: String,
}

/// `[directory.<name>]`: servers that hold the same entries.
#[derive(Clone, Debug)]
pub struct Directory {
    /// What kind of directory it is.
    pub vendor: &'static Profile,
    /// Everything the directory layer is told but `bind`, which is below and has its secret fetched first.
    pub settings: directory::Settings,
    /// `[directory.<name>.bind]`
    pub bind: Bind,
    /// Who keeps references right when an entry is renamed or goes.
    pub integrity: Integrity,
    /// `[directory.<name>.protect]`: what no request changes.
    pub protection: Protection,
    /// Speak LDAP without TLS to a server elsewhere.
    pub danger_plain_ldap: bool,
}

/// `[directory.<name>.bind]`: who the bridge is to the directory.
#[derive(Clone, Debug)]
pub enum Bind {
    /// Nobody.
    Anonymous,
    /// A DN with a password.
    Simple {
        /// The DN.
        dn: Dn,
        /// The password.
        password: Secret,
    },
    /// Whoever the client certificate or the socket's peer says (SASL EXTERNAL).
    External,
}

/// `[endpoint.<name>]`: one Entra enterprise application.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// The path of its URL.
    pub path: String,
    /// The directory it writes to.
    pub directory: String,
    /// The mapping file.
    pub mapping_file: PathBuf,
    /// The compiled mapping file, once it was looked at.
    pub mapping: Option<Arc<Mapping>>,
    /// What becomes of attributes that the mapping does not name.
    pub unmapped: Unmapped,
    /// `[endpoint.<name>.users]`
    pub users: Place,
    /// `[endpoint.<name>.groups]`
    pub groups: Option<Groups>,
}

/// `[endpoint.<name>.groups]`: where groups are, and the endpoint's choices in dealing with them.
#[derive(Clone, Debug)]
pub struct Groups {
    /// Where they are.
    pub place: Place,
    /// What becomes of a member that no resource is.
    pub unresolved_members: UnresolvedMembers,
    /// What a PATCH is answered with.
    pub patch_response: PatchResponse,
    /// The groups that every new user is put into.
    pub default: Vec<Dn>,
}

impl Config {
    /// The directory of this name.
    pub fn directory(&self, name: &str) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.settings.name == name)
    }
}
