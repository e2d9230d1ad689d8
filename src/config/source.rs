//! Layers the sources: the main file, the files in `conf.d` beside it, the environment.
//!
//! figment merges them, later over earlier: tables key by key, arrays as a whole. The place of every key is kept beside
//! it, because merged values forget where they came from. Variables stay text here; what they mean is for the key that
//! takes them to say, so that a name that looks like a number stays a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use crate::fault::{Document, Fault, Faults, Places, key_path};

/// What the variables that are part of the configuration start with.
pub const PREFIX: &str = "SCIM_LDAP_BRIDGE_";

/// Environment variables, of the process or of a test.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process. What is not UTF-8 is kept readable enough to be refused.
    #[allow(clippy::disallowed_methods, reason = "here the environment is read")]
    pub fn of_process() -> Self {
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect())
    }

    /// One variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The configuration's variables: name, the levels of the key, value.
    fn settings(&self) -> impl Iterator<Item = (&str, Vec<String>, &str)> {
        self.0.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            Some((name.as_str(), key.split("__").map(str::to_lowercase).collect(), value.as_str()))
        })
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// One layer for figment, whose own `toml` feature would bring a second TOML parser.
struct Layer {
    name: String,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

/// The merged sources, or what could not be read of them.
pub(super) fn layers(file: &Path, environment: &Environment) -> Result<Document, Faults> {
    let mut faults = Vec::new();
    let mut figment = Figment::new();
    let mut places = Places::default();
    let drop_ins = drop_ins(file).unwrap_or_else(|found| {
        faults.extend(found.iter().cloned());
        Vec::new()
    });
    for file in std::iter::once(file.to_owned()).chain(drop_ins) {
        match file_layer(&file) {
            Ok((layer, written)) => {
                figment = figment.merge(layer);
                places.overlay(written);
            }
            Err(found) => faults.extend(found.iter().cloned()),
        }
    }
    figment = figment.merge(environment_layer(environment, &mut places));
    let table = figment.extract().map_err(|error| internal(file, &error));
    match table {
        Ok(table) if faults.is_empty() => Ok(Document::merged(file, table, places)),
        Ok(_) => Err(Faults::from(faults)),
        Err(fault) => Err(fault.into()),
    }
}

/// The `*.toml` files in `conf.d` beside the main file, by name.
fn drop_ins(file: &Path) -> Result<Vec<PathBuf>, Faults> {
    let directory = file.parent().unwrap_or(Path::new("")).join("conf.d");
    let unreadable = |error: io::Error| {
        let name = directory.display().to_string();
        Faults::from(Fault::of_file(name, error.to_string(), "a directory that can be read"))
    };
    let entries = match fs::read_dir(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn file_layer(file: &Path) -> Result<(Layer, Places), Faults> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file)
        .map_err(|error| Fault::of_file(&name, error.to_string(), "a readable file of UTF-8 text"))?;
    let (table, places) = Places::parse(&name, &text)?;
    match Value::serialize(table).map(Value::into_dict) {
        Ok(Some(dict)) => Ok((Layer { name, dict }, places)),
        Ok(None) => Err(Fault::of_file(name, "no table", "TOML").into()),
        Err(error) => Err(internal(file, &error).into()),
    }
}

fn environment_layer(environment: &Environment, places: &mut Places) -> Layer {
    let mut dict = Dict::new();
    for (variable, levels, value) in environment.settings() {
        let key = levels.iter().fold(String::new(), |path, level| key_path(&path, level));
        places.set_environment(key, variable);
        put(&mut dict, &levels, value);
    }
    Layer { name: "environment".to_owned(), dict }
}

/// Sets a value some levels down. A variable for a table and one for a key in it contradict each other; the table wins.
fn put(dict: &mut Dict, levels: &[String], value: &str) {
    match levels {
        [] => {}
        [key] => {
            dict.entry(key.clone()).or_insert_with(|| Value::from(value));
        }
        [key, below @ ..] => {
            let mut inner = dict.remove(key).and_then(Value::into_dict).unwrap_or_default();
            put(&mut inner, below, value);
            dict.insert(key.clone(), Value::from(inner));
        }
    }
}

/// figment only copies values about here, so this is not expected; its text may hold a value and is not printed.
fn internal(file: &Path, error: &figment::Error) -> Fault {
    let key = error.path.join(".");
    Fault { key, ..Fault::of_file(file.display().to_string(), "a value of no TOML type", "TOML") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(directory: &Path, name: &str, text: &str) {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn later_sources_win_and_keep_their_place() {
        let directory = tempfile::tempdir().unwrap();
        let main = directory.path().join("bridge.toml");
        write(directory.path(), "bridge.toml", "[server]\nlisten = \"a\"\ntokens = \"t\"\n[log]\nfilter = \"info\"\n");
        write(directory.path(), "conf.d/20.toml", "[server]\nlisten = \"c\"\nbad = 1\n");
        write(directory.path(), "conf.d/10.toml", "[server]\nlisten = \"b\"\n");
        write(directory.path(), "conf.d/30.toml.bak", "nonsense");
        let variables = Environment::from([("SCIM_LDAP_BRIDGE_LOG__FILTER", "389"), ("SCIM_LDAP", "x")]);
        let document = layers(&main, &variables).unwrap();
        let mut reader = document.reader();
        let mut server = reader.table("server").unwrap();
        assert_eq!(server.take_str("listen").as_deref(), Some("c"));
        assert_eq!(server.take_str("tokens").as_deref(), Some("t"));
        server.finish();
        let mut log = reader.table("log").unwrap();
        assert_eq!(log.take_str("filter").as_deref(), Some("389"));
        log.fault("filter", Some("389"), "a filter", None);
        let faults = document.into_faults().to_string();
        assert!(faults.contains("conf.d/20.toml:3: `server.bad`"), "{faults}");
        assert!(faults.contains("environment variable SCIM_LDAP_BRIDGE_LOG__FILTER: `log.filter`"), "{faults}");
    }

    #[test]
    fn every_unreadable_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "conf.d/1.toml", "a = = 1");
        write(directory.path(), "conf.d/2.toml", "b = 'x");
        let faults = layers(&directory.path().join("bridge.toml"), &Environment::default()).unwrap_err();
        assert_eq!(faults.len(), 3, "{faults}");
    }
}
