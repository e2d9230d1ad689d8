//! The configuration: files and environment become the settings of the layers, or a list of faults.
//!
//! `bridge.toml`, the files in `conf.d` beside it and `SCIM_LDAP_BRIDGE_*` variables are layered (`source`), read key
//! by key (`read`), checked against each other and against the files they name (`check`), and turned into what each
//! layer wants to be told (`build`). Lower layers never see [`Config`].

mod build;
mod check;
mod place;
mod print;
mod read;
mod secret;
mod source;
mod types;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::fault::{Document, Faults};

pub use self::secret::{Secret, SecretSource};
pub use self::source::{Environment, PREFIX};
pub use self::types::{Bind, Config, Directory, Endpoint, Groups, Log};

/// What a configuration is loaded for, which decides how much must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Running: everything must be there.
    Serve,
    /// Checking: secrets that only the service gets (environment, systemd credentials) may be absent.
    Check,
    /// Changing tokens: the files that the configuration names are not looked at.
    Tokens,
}

impl Config {
    /// Loads the configuration, or says everything that is wrong with it.
    pub fn load(file: &Path, environment: &Environment, purpose: Purpose) -> Result<Self, Faults> {
        let document = source::layers(file, environment)?;
        let mut config = read::config(&document, file);
        check::values(&document, &config);
        let mut faults = Faults::new();
        if purpose != Purpose::Tokens {
            check::files(&document, &mut config, environment, purpose);
            faults = check::mappings(&document, &mut config);
        }
        finish(document, faults).map(|()| config)
    }
}

/// The configuration's own faults, then those of the mapping files.
fn finish(document: Document, mappings: Faults) -> Result<(), Faults> {
    let mut faults = document.into_faults();
    faults.append(mappings);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
