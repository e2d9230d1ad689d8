//! Why a command failed, and its exit code.

use std::fmt;
use std::process::ExitCode;

use crate::fault::Faults;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The administrator's files have faults.
    Faults(Faults),
    /// The command could not run.
    Run(String),
}

impl Failure {
    /// An error with all its causes.
    pub(super) fn of(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Run(text)
    }

    /// What the process ends with.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Faults(_) => ExitCode::from(1),
            Self::Run(_) => ExitCode::from(2),
        }
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(text) => write!(f, "scim-ldap-bridge: {text}"),
            Self::Faults(faults) => match faults.len() {
                1 => write!(f, "{faults}\n\n1 fault"),
                many => write!(f, "{faults}\n\n{many} faults"),
            },
        }
    }
}
