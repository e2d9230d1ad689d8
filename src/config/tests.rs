//! Every example passes, nothing unknown does, and what is printed reads back.

mod graveyard;
mod groups;
mod places;
mod profile;
mod protect;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;

const EXAMPLES: &[&str] = &["bridge.toml", "minimal.toml"];

/// A directory with everything that the examples name.
struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        site.write("tls/server.pem", &pair.cert.pem());
        site.write("tls/server.key", &pair.signing_key.serialize_pem());
        let password = site.write("secrets/ldap-password", "hunter2\n");
        fs::set_permissions(password, fs::Permissions::from_mode(0o600)).unwrap();
        for file in fs::read_dir(source("mappings")).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            site.write(&format!("mappings/{name}"), &fs::read_to_string(path).unwrap());
        }
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn load(&self, text: &str) -> Result<Config, Faults> {
        Config::load(&self.write("test.toml", text), &Environment::default(), Purpose::Serve)
    }

    fn faults(&self, text: &str) -> String {
        self.load(text).unwrap_err().to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)
}

fn example(name: &str) -> String {
    fs::read_to_string(source(name)).unwrap()
}

/// The smallest example with this mapping, for the kind of directory that the mapping's name begins with.
fn minimal_with(mapping: &str) -> String {
    let vendor = crate::vendor::names().find(|vendor| mapping.starts_with(vendor)).unwrap();
    let text = example("minimal.toml").replace("mappings/openldap.toml", &format!("mappings/{mapping}"));
    text.replace("vendor = \"openldap\"", &format!("vendor = \"{vendor}\""))
}

/// Values by key path.
fn flat(text: &str) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                table.iter().for_each(|(key, value)| walk(&crate::fault::key_path(path, key), value, into));
            }
            other => {
                into.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let mut all = BTreeMap::new();
    walk("", &toml::Value::Table(toml::from_str(text).unwrap()), &mut all);
    all
}

/// The same document with `bogus_key` in each of its tables in turn.
fn bogus(table: &toml::Table) -> Vec<toml::Table> {
    let mut with_one = table.clone();
    with_one.insert("bogus_key".to_owned(), toml::Value::Boolean(true));
    let mut all = vec![with_one];
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        for inner in bogus(inner) {
            let mut outer = table.clone();
            outer.insert(key.clone(), toml::Value::Table(inner));
            all.push(outer);
        }
    }
    all
}

#[test]
fn every_example_passes() {
    let site = Site::new();
    for name in EXAMPLES {
        let config = site.load(&example(name)).unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
        assert_eq!(config.endpoint_settings().len(), 1);
        assert_eq!(config.directory_settings().len(), 1);
        assert!(config.dangers().is_empty());
        assert_eq!(config.warnings.len(), 1, "the token is missing: {:?}", config.warnings);
    }
}

#[test]
fn every_mapping_passes() {
    let site = Site::new();
    for file in fs::read_dir(source("mappings")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        site.load(&minimal_with(&name)).unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
    }
}

#[test]
fn an_unknown_key_is_refused_in_every_table() {
    let site = Site::new();
    for name in EXAMPLES {
        for table in bogus(&toml::from_str(&example(name)).unwrap()) {
            let text = table.to_string();
            assert!(site.faults(&text).contains("bogus_key"), "{text}");
        }
    }
    for file in fs::read_dir(source("mappings")).unwrap() {
        let file = file.unwrap();
        let (name, text) = (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap());
        for table in bogus(&toml::from_str(&text).unwrap()) {
            site.write("mappings/bogus.toml", &table.to_string());
            let text = minimal_with(&name).replace(&format!("mappings/{name}"), "mappings/bogus.toml");
            let faults = site.faults(&text);
            assert!(faults.contains("bogus_key"), "{faults}\n{table}");
        }
    }
}

#[test]
fn what_is_printed_reads_back() {
    let site = Site::new();
    for name in EXAMPLES {
        let printed = site.load(&example(name)).unwrap().print();
        assert_eq!(site.load(&printed).unwrap().print(), printed);
        assert!(!printed.contains("hunter2"));
    }
}

#[test]
fn the_annotated_example_has_every_key_and_every_default() {
    let site = Site::new();
    let full = site.load(&example("bridge.toml")).unwrap().print();
    let minimal = site.load(&example("minimal.toml")).unwrap().print();
    let (full, mut minimal) = (flat(&full), flat(&minimal));
    minimal.insert("directory.corp.servers".to_owned(), full["directory.corp.servers"].clone());
    assert_eq!(full, minimal, "the example shows defaults");
    let commented = example("bridge.toml").replace("\n#", "\n").lines().map(|l| format!("{l}\n")).collect::<String>();
    for key in ["public_url", "file", "ca_file", "client_certificate", "client_key"] {
        assert!(commented.contains(&format!("\n{key} = ")), "{key}");
    }
    let written = flat(&example("bridge.toml"));
    let missing: Vec<_> = full.keys().filter(|key| !written.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn all_faults_are_named_at_once() {
    let site = Site::new();
    site.write("mappings/broken.toml", "[user]\nobject_classes = [\"person\"]\nrdn = \"uid\"\nnonsense = 1\n");
    assert_eq!(format!("{}\n", site.faults(include_str!("tests/faulty.toml"))), include_str!("tests/faults.txt"));
}

#[test]
fn a_certificate_and_a_foreign_key_are_refused() {
    let site = Site::new();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    site.write("tls/server.key", &other.signing_key.serialize_pem());
    assert!(site.faults(&example("minimal.toml")).contains("`server.private_key`"));
    site.write("tls/server.key", "nonsense");
    assert!(site.faults(&example("minimal.toml")).contains("expected the PEM file of a private key"));
}

#[test]
fn transport_must_be_private() {
    let site = Site::new();
    let minimal = example("minimal.toml");
    let remote = minimal.replace("ldaps://", "ldap://");
    assert!(site.faults(&remote).contains("TLS to a server elsewhere"));
    for text in [
        minimal.replace("ldaps://ldap.example.com", "ldap://127.0.0.1:1389"),
        remote.replace("[directory.corp.bind]", "start_tls = true\n[directory.corp.bind]"),
    ] {
        assert!(site.load(&text).unwrap().dangers().is_empty());
    }
    let risky = remote.replace("[directory.corp.bind]", "danger_plain_ldap = true\n[directory.corp.bind]");
    assert_eq!(site.load(&risky).unwrap().dangers(), ["directory.corp.danger_plain_ldap"]);
    let plain = minimal
        .replace("certificate = \"tls/server.pem\"\n", "danger_plain_http = true\n")
        .replace("private_key = \"tls/server.key\"\n", "");
    assert!(site.faults(&plain).contains("a loopback address"));
    let plain = plain.replace("danger_plain_http", "listen = \"127.0.0.1:8080\"\ndanger_plain_http");
    assert_eq!(site.load(&plain).unwrap().dangers(), ["server.danger_plain_http"]);
}

#[test]
fn the_environment_overrides() {
    let site = Site::new();
    let file = site.write("bridge.toml", &example("minimal.toml"));
    let variables = Environment::from([
        ("SCIM_LDAP_BRIDGE_SERVER__LISTEN", "127.0.0.1:1"),
        ("SCIM_LDAP_BRIDGE_SERVER__CONNECTION_LIMIT", "7"),
        ("SCIM_LDAP_BRIDGE_DIRECTORY__CORP__SERVERS", "ldaps://a, ldaps://b"),
        ("SCIM_LDAP_BRIDGE_DIRECTORY__CORP__BIND__PASSWORD__ENV", "LDAP_PASSWORD"),
    ]);
    let faults = Config::load(&file, &variables, Purpose::Serve).unwrap_err().to_string();
    assert!(faults.contains("more than one place"), "the file has a password file: {faults}");
    let without = example("minimal.toml").replace("password = { file = \"secrets/ldap-password\" }", "");
    fs::write(&file, without).unwrap();
    let faults = Config::load(&file, &variables, Purpose::Serve).unwrap_err().to_string();
    assert!(
        faults.contains("a variable that is set") || faults.contains("environment variable that is set"),
        "{faults}"
    );
    let config = Config::load(&file, &variables, Purpose::Check).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:1");
    assert_eq!(config.http.limits.connections, 7);
    assert_eq!(config.directories[0].settings.servers.len(), 2);
    assert!(config.warnings.iter().any(|warning| warning.contains("LDAP_PASSWORD")), "{:?}", config.warnings);
    assert!(config.directory_settings().is_empty());
}
