//! The folder that holds everything of a server.

use super::Error;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where a server lives.
pub(super) enum Home {
    /// Goes with the server.
    Temporary(TempDir),
    /// Given by the caller, who keeps it.
    Kept(PathBuf),
}

impl Home {
    /// The folder that the caller gives, or a new one of our own.
    pub(super) fn new(given: Option<PathBuf>, server: &str) -> Result<Home, Error> {
        if let Some(folder) = given {
            make(&folder)?;
            return Ok(Home::Kept(folder));
        }
        let folder = TempDir::with_prefix(format!("scim-ldap-bridge-{server}-"));
        Ok(Home::Temporary(folder.map_err(Error::io("make a temporary folder"))?))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        match self {
            Home::Temporary(dir) => dir.path(),
            Home::Kept(path) => path,
        }
    }

    /// The folder if it goes with the server.
    pub(super) fn temporary(&self) -> Option<&Path> {
        match self {
            Home::Temporary(dir) => Some(dir.path()),
            Home::Kept(_) => None,
        }
    }
}

/// Makes a folder and those above it.
pub(super) fn make(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(Error::io(format!("make `{}`", folder.display())))
}

/// Writes a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(Error::io(format!("write `{}`", path.display())))
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::io(format!("read `{}`", path.display())))
}
