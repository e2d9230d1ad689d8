//! Finds the programs and files that a directory server brings along.

use super::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where servers are installed though it may not be in an ordinary user's `PATH`.
const SYSTEM: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/sbin"];

/// Where slapd's packages keep the standard schemas (Debian, Red Hat, source builds).
const SCHEMAS: [&str; 3] = ["/etc/ldap/schema", "/etc/openldap/schema", "/usr/local/etc/openldap/schema"];

/// Where slapd's packages keep loadable backends and overlays; none of them when they are compiled in.
const MODULES: [&str; 4] = ["/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap", "/usr/local/libexec/openldap"];

/// Looks for a program in `PATH` and in the system's folders.
pub(super) fn find(program: &'static str, package: &'static str) -> Result<PathBuf, Error> {
    #[allow(clippy::disallowed_methods, reason = "`PATH` is no setting of the bridge, it says where programs are")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(SYSTEM.map(PathBuf::from)).collect();
    find_in(&folders, program, package)
}

/// The folder of the standard schemas.
pub(super) fn schemas() -> Result<PathBuf, Error> {
    let found = SCHEMAS.iter().map(PathBuf::from).find(|dir| dir.join("core.schema").is_file());
    found.ok_or_else(|| Error::NoSchemas { looked: SCHEMAS.join(", ") })
}

/// The folder of loadable modules, if this slapd has one.
pub(super) fn modules() -> Option<PathBuf> {
    MODULES.iter().map(PathBuf::from).find(|dir| has_module(dir, "back_mdb"))
}

/// Whether a folder holds a loadable module.
pub(super) fn has_module(dir: &Path, module: &str) -> bool {
    dir.join(format!("{module}.so")).is_file() || dir.join(format!("{module}.la")).is_file()
}

/// The name of the user who runs this.
pub(super) fn user() -> Result<String, Error> {
    output("id", Command::new("id").arg("-un"))
}

/// Runs a program to its end; what it said is the error when it fails.
pub(super) fn run(program: &'static str, command: &mut Command) -> Result<(), Error> {
    output(program, command).map(drop)
}

/// Runs a program to its end and returns what it printed; what it said is the error when it fails.
pub(super) fn output(program: &'static str, command: &mut Command) -> Result<String, Error> {
    let output = command.stdin(Stdio::null()).output().map_err(Error::io(format!("run {program}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Error::Failed { program, output: said.trim().to_owned() })
}

/// The first of some folders that has the program.
fn find_in(folders: &[PathBuf], program: &'static str, package: &'static str) -> Result<PathBuf, Error> {
    let found = folders.iter().map(|dir| dir.join(program)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let looked: Vec<String> = folders.iter().map(|dir| dir.display().to_string()).collect();
        Error::NotInstalled { program, package, looked: looked.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_program_says_what_to_install() {
        let error = find_in(&[PathBuf::from("/nowhere")], "slapd", "slapd").unwrap_err();
        assert_eq!(error.to_string(), "slapd is not installed (looked in /nowhere); hint: `apt-get install slapd`");
    }

    #[test]
    fn a_failing_program_is_quoted() {
        let error = run("sh", Command::new("sh").args(["-c", "echo no such thing >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "sh failed: no such thing");
    }
}
