//! Data that takes long to make and is the same for many servers: made once per machine, then copied.
//!
//! It lies in a folder of this user below the system's temporary folder, under a name made of all that goes into it.

use super::home::make;
use super::{Error, tool};
use sha2::{Digest, Sha256};
use std::fs::{DirBuilder, File, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the snapshot of this name and ingredients into a folder; `fill` makes it when there is none yet.
pub(super) fn copy(
    name: &str,
    ingredients: &[&str],
    to: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let uid = rustix::process::getuid().as_raw();
    copy_in(&std::env::temp_dir().join(format!("scim-ldap-bridge-lab-{uid}")), name, ingredients, to, fill)
}

/// The same with a folder for snapshots.
fn copy_in(
    root: &Path,
    name: &str,
    ingredients: &[&str],
    to: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    private(root)?;
    let digest = Sha256::digest(ingredients.join("\0"));
    let key: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let snapshot = root.join(format!("{name}-{key}"));
    if !snapshot.is_dir() {
        create(root, &snapshot, fill)?;
    }
    make(to)?;
    let mut copy = Command::new("cp");
    tool::run("cp", copy.args(["-a", "--reflink=auto"]).arg(snapshot.join(".")).arg(to))
}

/// Makes a snapshot, unless another process has made it while this one waited for its turn.
fn create(root: &Path, snapshot: &Path, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let lock = snapshot.with_extension("lock");
    let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    let _held = held.map_err(Error::io(format!("lock `{}`", lock.display())))?;
    if snapshot.is_dir() {
        return Ok(());
    }
    let new: PathBuf = root.join(format!("{}.new", snapshot.file_name().unwrap_or_default().display()));
    // left behind by one that was killed
    let _ = std::fs::remove_dir_all(&new);
    make(&new)?;
    fill(&new)?;
    std::fs::rename(&new, snapshot).map_err(Error::io(format!("rename `{}`", new.display())))
}

/// Makes a folder that only this user may enter; one that another user made is refused, for it could hold anything.
fn private(folder: &Path) -> Result<(), Error> {
    let what = || format!("make the private folder `{}`", folder.display());
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(Error::io(what())(error)),
        _ => (),
    }
    let ours = |found: &Metadata| {
        found.is_dir() && found.uid() == rustix::process::getuid().as_raw() && found.mode() & 0o077 == 0
    };
    match std::fs::symlink_metadata(folder) {
        Ok(found) if ours(&found) => Ok(()),
        Ok(_) => Err(Error::io(what())(std::io::ErrorKind::PermissionDenied.into())),
        Err(error) => Err(Error::io(what())(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::home::write;
    use std::cell::Cell;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_made_once_for_the_same_ingredients() {
        let dir = tempfile::tempdir().unwrap();
        let (root, made) = (dir.path().join("root"), Cell::new(0));
        let copy = |ingredients: &[&str], to: &str| {
            copy_in(&root, "test", ingredients, &dir.path().join(to), |folder| {
                made.set(made.get() + 1);
                write(&folder.join("data"), &made.get().to_string())
            })
        };
        for (ingredients, to) in [(["a", "1"], "one"), (["a", "1"], "two"), (["a1", ""], "three")] {
            copy(&ingredients, to).unwrap();
        }
        let data = |to: &str| std::fs::read_to_string(dir.path().join(to).join("data")).unwrap();
        assert_eq!([data("one"), data("two"), data("three")], ["1", "1", "2"]);
    }

    #[test]
    fn what_failed_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let (root, to) = (dir.path().join("root"), dir.path().join("to"));
        let fail = |folder: &Path| {
            write(&folder.join("half"), "")?;
            tool::run("false", &mut Command::new("false"))
        };
        assert!(copy_in(&root, "test", &[], &to, fail).is_err());
        copy_in(&root, "test", &[], &to, |folder| write(&folder.join("whole"), "")).unwrap();
        assert!(to.join("whole").exists() && !to.join("half").exists());
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::set_permissions(&root, PermissionsExt::from_mode(0o777)).unwrap();
        let error = copy_in(&root, "test", &[], &dir.path().join("to"), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("private folder"), "{error}");
    }
}
