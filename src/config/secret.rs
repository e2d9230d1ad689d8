//! Secrets: the configuration says where they are, never what they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::source::{Environment, PREFIX};
use crate::fault::Reader;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file that only the service may read.
    File(PathBuf),
    /// In an environment variable.
    Environment(String),
    /// In a systemd credential (systemd.exec(5), `LoadCredential=`).
    Credential(String),
}

/// A secret and where it is; printing shows only the latter.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Where it is.
    pub source: SecretSource,
    /// The secret; absent until it was fetched from there.
    pub value: Option<SecretString>,
}

/// Why a secret cannot be had.
pub(super) struct Unavailable {
    /// The key below the secret's table: `file`, `env` or `credential`.
    pub(super) key: &'static str,
    /// What was written there.
    pub(super) written: String,
    /// What is expected there, and why it is not.
    pub(super) expected: String,
    /// What to do.
    pub(super) hint: Option<String>,
    /// Only the running service can be expected to have it.
    pub(super) only_in_service: bool,
}

/// Takes a secret's source from the configuration; a secret itself is refused without being printed.
pub(super) fn take(reader: &mut Reader<'_>, key: &str) -> Option<Secret> {
    const EXPECTED: &str =
        "a table that says where the secret is: `{ file = … }`, `{ env = … }` or `{ credential = … }`";
    if !reader.has(key) {
        reader.fault(key, None, EXPECTED, None);
        return None;
    }
    if !reader.is_table(key) {
        reader.value(key);
        let hint =
            format!("write the secret into a file that only the service may read: {key} = {{ file = \"{key}\" }}");
        reader.fault_described(key, "the secret itself", EXPECTED, Some(&hint));
        return None;
    }
    let mut table = reader.table(key)?;
    let file = table.opt_path("file").map(SecretSource::File);
    let variable = table.opt_parse("env", "the name of an environment variable", variable_name);
    let credential = table.opt_parse("credential", "the name of a systemd credential", credential_name);
    table.finish();
    let sources = [file, variable.map(SecretSource::Environment), credential.map(SecretSource::Credential)];
    let mut sources: Vec<SecretSource> = sources.into_iter().flatten().collect();
    if sources.len() > 1 {
        reader.fault_described(key, "more than one place", EXPECTED, None);
    }
    if sources.is_empty() {
        reader.fault_described(key, "no place", EXPECTED, None);
    }
    sources.pop().map(|source| Secret { source, value: None })
}

impl Secret {
    /// Reads the secret from where it is.
    pub(super) fn fetch(&mut self, environment: &Environment) -> Result<(), Unavailable> {
        let value = match &self.source {
            SecretSource::File(path) => from_file("file", path, path.display().to_string())?,
            SecretSource::Environment(name) => environment.get(name).map(str::to_owned).ok_or_else(|| unset(name))?,
            SecretSource::Credential(name) => {
                let directory = environment.get("CREDENTIALS_DIRECTORY").ok_or_else(|| no_credentials(name))?;
                from_file("credential", &Path::new(directory).join(name), name.clone())?
            }
        };
        self.value = Some(SecretString::from(value));
        Ok(())
    }
}

/// Reads a secret's file, which nobody else may read, without the line break that editors leave at its end.
fn from_file(key: &'static str, path: &Path, written: String) -> Result<String, Unavailable> {
    let refused = |expected: String, hint: Option<String>| Unavailable {
        key,
        written: written.clone(),
        expected,
        hint,
        only_in_service: false,
    };
    let unreadable = |error: std::io::Error| refused(format!("a readable file ({error})"), None);
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o006 != 0 {
        let hint = format!("chmod o-rw {}", path.display());
        return Err(refused("a file that others may neither read nor write".to_owned(), Some(hint)));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let secret = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() {
        return Err(refused("a file with the secret in it, not an empty one".to_owned(), None));
    }
    Ok(secret.to_owned())
}

fn unset(name: &str) -> Unavailable {
    Unavailable {
        key: "env",
        written: name.to_owned(),
        expected: "an environment variable that is set".to_owned(),
        hint: None,
        only_in_service: true,
    }
}

fn no_credentials(name: &str) -> Unavailable {
    Unavailable {
        key: "credential",
        written: name.to_owned(),
        expected: "a systemd credential, but systemd handed over none".to_owned(),
        hint: Some(format!("`systemctl edit scim-ldap-bridge` and add LoadCredential={name}:/path/to/file")),
        only_in_service: true,
    }
}

fn variable_name(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("it is empty"),
        _ if text.starts_with(PREFIX) => Err("that prefix is for keys of the configuration"),
        _ => Ok(text.to_owned()),
    }
}

fn credential_name(text: &str) -> Result<String, &'static str> {
    match text {
        "" | "." | ".." => Err("it is no name"),
        _ if text.contains('/') => Err("it is a path"),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::fault::Document;

    fn taken(text: &str) -> (Option<Secret>, String) {
        let document = Document::parse(Path::new("f.toml"), text).unwrap();
        let secret = take(&mut document.reader(), "password");
        (secret, document.into_faults().to_string())
    }

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_printed() {
        for text in ["password = \"hunter2\"", "password = [\"hunter2\"]", "password = { value = \"hunter2\" }"] {
            let (secret, faults) = taken(text);
            assert!(secret.is_none());
            assert!(!faults.is_empty() && !faults.contains("hunter2"), "{faults}");
        }
        assert!(taken("password = \"x\"").1.contains("hint: write the secret into a file"));
    }

    #[test]
    fn exactly_one_place() {
        assert!(taken("password = { env = \"A\", credential = \"b\" }").1.contains("more than one place"));
        assert!(taken("password = {}").1.contains("no place"));
        assert!(taken("password = { env = \"SCIM_LDAP_BRIDGE_X\" }").1.contains("prefix"));
        assert!(taken("password = { credential = \"../x\" }").1.contains("path"));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        fs::write(&path, "hunter2\n").unwrap();
        let mut secret = Secret { source: SecretSource::File(path.clone()), value: None };
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = secret.fetch(&Environment::default()).unwrap_err();
        assert_eq!(refused.hint, Some(format!("chmod o-rw {}", path.display())));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(secret.fetch(&Environment::default()).is_ok());
        assert_eq!(secret.value.as_ref().map(ExposeSecret::expose_secret), Some("hunter2"));
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn credentials_come_from_systemds_directory() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("bind"), "hunter2").unwrap();
        fs::set_permissions(directory.path().join("bind"), fs::Permissions::from_mode(0o400)).unwrap();
        let mut secret = Secret { source: SecretSource::Credential("bind".to_owned()), value: None };
        assert!(secret.fetch(&Environment::default()).is_err_and(|refused| refused.only_in_service));
        let path = directory.path().display().to_string();
        assert!(secret.fetch(&Environment::from([("CREDENTIALS_DIRECTORY", path.as_str())])).is_ok());
        assert!(secret.value.is_some());
    }
}
