//! The files that a configuration names: certificates, tokens, secrets.

use std::io;
use std::path::Path;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Purpose;
use crate::config::source::Environment;
use crate::config::types::{Bind, Config, Directory};
use crate::fault::Document;
use crate::http::token::TokenSet;
use crate::http::{Error, tls};

/// Checks every file but the mappings, and fetches the secrets.
pub(in crate::config) fn files(document: &Document, config: &mut Config, environment: &Environment, purpose: Purpose) {
    server_certificate(document, config);
    tokens(document, config);
    let mut warnings = Vec::new();
    for directory in &mut config.directories {
        trust(document, directory);
        warnings.extend(password(document, directory, environment, purpose));
    }
    config.warnings.extend(warnings);
}

fn server_certificate(document: &Document, config: &Config) {
    let Some(files) = &config.http.tls else { return };
    let at = |path: &Path, reason: String| {
        let (key, kind) =
            if *path == files.key { ("private_key", "private key") } else { ("certificate", "certificate") };
        let expected = format!("the PEM file of a {kind} ({reason})");
        document.fault(&format!("server.{key}"), Some(&path.display().to_string()), expected, None);
    };
    let mut readable = true;
    for path in [&files.certificate, &files.key] {
        if let Err(error) = std::fs::File::open(path) {
            at(path, error.to_string());
            readable = false;
        }
    }
    match tls::Certificate::open(files.clone()) {
        Err(_) if !readable => {}
        Ok(_) => {}
        Err(Error::Pem { path, fault }) => at(&path, fault),
        Err(other) => {
            let expected = format!("the key of `server.certificate` ({other})");
            document.fault("server.private_key", Some(&files.key.display().to_string()), expected, None);
        }
    }
}

/// An endpoint without a token works, and refuses everyone.
fn tokens(document: &Document, config: &mut Config) {
    let path = &config.http.token_file;
    let written = path.display().to_string();
    let set = match TokenSet::read(path) {
        Ok(set) => set,
        Err(Error::Tokens { faults, .. }) => {
            for fault in faults {
                document.fault("server.tokens", Some(&written), format!("a token file without faults ({fault})"), None);
            }
            return;
        }
        Err(error) => {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            document.fault("server.tokens", Some(&written), format!("a readable token file ({reason})"), None);
            return;
        }
    };
    for endpoint in &config.endpoints {
        let name = &endpoint.name;
        if !set.list().iter().any(|token| token.endpoint == *name) {
            let hint = format!("scim-ldap-bridge token create --name entra-{name} --endpoint {name}");
            config.warnings.push(format!("endpoint `{name}` has no token and refuses every request\n  hint: {hint}"));
        }
    }
    for token in set.list() {
        if !config.endpoints.iter().any(|endpoint| endpoint.name == token.endpoint) {
            let (name, endpoint) = (&token.name, &token.endpoint);
            config.warnings.push(format!("token `{name}` is for endpoint `{endpoint}`, which does not exist"));
        }
    }
}

fn trust(document: &Document, directory: &Directory) {
    let settings = &directory.settings;
    let check = |key: &str, path: &Path, kind: &str, found: Result<usize, String>| {
        let reason = match found {
            Ok(0) => "it holds none".to_owned(),
            Ok(_) => return,
            Err(reason) => reason,
        };
        let key = format!("directory.{}.{key}", settings.name);
        document.fault(&key, Some(&path.display().to_string()), format!("the PEM file of {kind} ({reason})"), None);
    };
    if let Some(path) = &settings.tls.ca_file {
        check("ca_file", path, "certificates", certificates(path));
    }
    if let Some((certificate, key)) = &settings.tls.client_cert {
        check("client_certificate", certificate, "a certificate", certificates(certificate));
        check("client_key", key, "a private key", private_key(key));
    }
}

fn certificates(path: &Path) -> Result<usize, String> {
    let bytes = std::fs::read(path).map_err(|error: io::Error| error.to_string())?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    all.map(|all| all.len()).map_err(|error| error.to_string())
}

fn private_key(path: &Path) -> Result<usize, String> {
    let bytes = std::fs::read(path).map_err(|error: io::Error| error.to_string())?;
    PrivateKeyDer::from_pem_slice(&bytes).map(|_| 1).map_err(|error| error.to_string())
}

/// Fetches the bind password. What only the running service gets is a warning when checking.
fn password(
    document: &Document,
    directory: &mut Directory,
    environment: &Environment,
    purpose: Purpose,
) -> Option<String> {
    let Bind::Simple { password, .. } = &mut directory.bind else { return None };
    let refused = password.fetch(environment).err()?;
    let key = format!("directory.{}.bind.password.{}", directory.settings.name, refused.key);
    if refused.only_in_service && purpose == Purpose::Check {
        return Some(format!("`{key}`: `{}` is not set here and was not checked", refused.written));
    }
    document.fault(&key, Some(&refused.written), refused.expected, refused.hint.as_deref());
    None
}
