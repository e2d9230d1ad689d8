//! The settings that each layer is told, and the dangerous options among them.

use std::sync::Arc;

use crate::ops::{audit, log};
use crate::{directory, service};

use super::source::Environment;
use super::types::{Bind, Config, Directory, Endpoint};

/// The variable by which systemd says which stream is the journal (systemd.exec(5)).
const JOURNAL_STREAM: &str = "JOURNAL_STREAM";

impl Config {
    /// What the log is told.
    pub fn log_settings(&self, environment: &Environment) -> log::Settings {
        let style = match self.log.json {
            true => log::Style::Json,
            false if log::is_journal(environment.get(JOURNAL_STREAM)) => log::Style::Journal,
            false => log::Style::Text,
        };
        log::Settings { style, filter: self.log.filter.clone() }
    }

    /// Where the audit trail goes.
    pub fn audit_sink(&self) -> audit::Sink {
        self.audit_file.clone().map_or(audit::Sink::Log, audit::Sink::File)
    }

    /// What each directory is told, with its secret. One whose secret was not fetched is left out; loading for `serve`
    /// fetches all.
    pub fn directory_settings(&self) -> Vec<directory::Settings> {
        self.directories.iter().filter_map(Directory::settings).collect()
    }

    /// What each endpoint is told, with the name of its directory.
    pub fn endpoint_settings(&self) -> Vec<(String, service::EndpointSettings)> {
        let settings = |endpoint: &Endpoint| {
            Some((endpoint.directory.clone(), endpoint.settings(self.directory(&endpoint.directory)?)?))
        };
        self.endpoints.iter().filter_map(settings).collect()
    }

    /// The key paths of the dangerous options that are switched on.
    pub fn dangers(&self) -> Vec<String> {
        let http = self.http.danger_plain_http.then(|| "server.danger_plain_http".to_owned());
        let risky = self.directories.iter().filter(|directory| directory.danger_plain_ldap);
        let ldap = risky.map(|directory| format!("directory.{}.danger_plain_ldap", directory.settings.name));
        http.into_iter().chain(ldap).collect()
    }
}

impl Directory {
    /// What the directory layer is told; `None` until the secret was fetched.
    pub fn settings(&self) -> Option<directory::Settings> {
        let bind = match &self.bind {
            Bind::Anonymous => directory::Bind::Anonymous,
            Bind::External => directory::Bind::External,
            Bind::Simple { dn, password } => {
                directory::Bind::Simple { dn: dn.clone(), password: password.value.clone()? }
            }
        };
        Some(directory::Settings { bind, ..self.settings.clone() })
    }
}

impl Endpoint {
    /// What the service layer is told; `None` until the mapping was compiled.
    pub fn settings(&self, directory: &Directory) -> Option<service::EndpointSettings> {
        let groups = self.groups.as_ref();
        let realm = service::Realm {
            mapping: self.mapping.clone()?,
            users: self.users.clone(),
            groups: groups.map(|groups| groups.place.clone()),
            unresolved_members: groups.map(|groups| groups.unresolved_members).unwrap_or_default(),
            default_groups: groups.map(|groups| groups.default.clone()).unwrap_or_default(),
            integrity: directory.integrity,
            protection: directory.protection.clone(),
        };
        Some(service::EndpointSettings {
            name: self.name.clone(),
            path: self.path.clone(),
            realm: Arc::new(realm),
            group_patch: groups.map(|groups| groups.patch_response).unwrap_or_default(),
            unmapped: self.unmapped,
        })
    }
}
