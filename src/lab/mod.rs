//! A laboratory: private throw-away directories and a certificate authority, started as child processes.
//!
//! Serves the demo, the tests and the benches. Everything listens on loopback, lives in a temporary directory and is
//! gone when its owner is gone, even when the owner was killed. Knows nothing of the rest of this crate, and talks to
//! the directories only as far as telling that they answer.
//!
//! The calls block for a moment (a start takes 0.1 s for slapd, about 1 s for the others, and some seconds for the first
//! Samba on a machine); nothing here needs a runtime.

mod builder;
mod ca;
mod conf;
mod directory;
mod ds389;
mod entries;
mod home;
mod port;
mod process;
mod ready;
mod samba;
mod slapd;
mod snapshot;
mod tool;

pub use builder::Builder;
pub use ca::{Ca, Certified};
pub use conf::{Overlay, SCHEMA, SCHEMA_LDIF};
pub use directory::{Directory, Kind};
pub use ds389::{Ds389, Ds389Builder, SCHEMA_389DS};
pub use process::{Process, Signal};
pub use samba::{Samba, SambaBuilder};
pub use slapd::Slapd;

use std::path::PathBuf;

/// Why a part of the laboratory could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that the laboratory runs is not on this machine.
    #[error("{program} is not installed (looked in {looked}); hint: `apt-get install {package}`")]
    NotInstalled {
        /// The program.
        program: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
        /// Where it was looked for.
        looked: String,
    },
    /// A program is there, but its schemas are not.
    #[error("the LDAP schemas that come with slapd are missing (looked in {looked}); hint: `apt-get install slapd`")]
    NoSchemas {
        /// Where they were looked for.
        looked: String,
    },
    /// Samba's ports are privileged.
    #[error("samba listens on ports 389 and 636 only, and this user may not; hint: run as root")]
    NeedsRoot,
    /// The operating system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Its reason.
        source: std::io::Error,
    },
    /// A program ended with an error.
    #[error("{program} failed: {output}")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it said.
        output: String,
    },
    /// A server did not come up in time.
    #[error("{program} does not answer after {seconds} s; its log `{log}` ends with: {output}")]
    NotReady {
        /// The program.
        program: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        output: String,
    },
    /// A certificate could not be made.
    #[error("could not make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl Error {
    /// Says what was tried when the operating system refused it.
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        let what = what.into();
        move |source| Error::Io { what, source }
    }
}

/// A password that nobody can guess.
fn password() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
