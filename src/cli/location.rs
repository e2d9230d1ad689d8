//! Where the configuration is, for every command that needs it.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::config::{Config, Environment, Purpose};

/// The option that every command with a configuration has.
#[derive(Args, Debug)]
pub(super) struct Location {
    /// The configuration file
    #[arg(long, short, value_name = "FILE", default_value = "/etc/scim-ldap-bridge/bridge.toml")]
    pub(super) config: PathBuf,
}

impl Location {
    /// Loads the configuration, or fails with all its faults; 2 rather than 1 when there is no file to have faults.
    pub(super) fn load(&self, environment: &Environment, purpose: Purpose) -> Result<Config, Failure> {
        if let Err(error) = std::fs::metadata(&self.config) {
            return Err(Failure::Run(format!("cannot read `{}`: {error}", self.config.display())));
        }
        Ok(Config::load(&self.config, environment, purpose)?)
    }
}
