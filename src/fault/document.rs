//! A TOML document with the place of every key.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Fault, Faults, Reader};

/// Where a key was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file's name as it was given.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// The position in the file, to keep keys in the order they were written.
        offset: usize,
    },
    /// In an environment variable.
    Environment {
        /// The variable's name.
        variable: String,
    },
}

/// The place of every key path of a document.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<String, Written>);

/// One key as it was written.
#[derive(Clone, Debug)]
struct Written {
    place: Place,
    is_table: bool,
}

impl Places {
    /// Parses a TOML text and notes where each key is.
    pub fn parse(file: &str, text: &str) -> Result<(toml::Table, Self), Faults> {
        let wrong = |error: &toml::de::Error| syntax_fault(file, text, error);
        let spanned = DeTable::parse(text).map_err(|error| wrong(&error))?;
        let table = toml::from_str(text).map_err(|error| wrong(&error))?;
        let mut places = Self::default();
        let lines = Lines::of(text);
        places.note_table("", spanned.get_ref(), &|offset| Place::File {
            name: file.to_owned(),
            line: lines.at(offset),
            offset,
        });
        Ok((table, places))
    }

    /// Lets the keys of a later document take precedence; a table in both keeps its first place.
    pub fn overlay(&mut self, later: Self) {
        for (key, written) in later.0 {
            match self.0.get(&key) {
                Some(earlier) if earlier.is_table && written.is_table => {}
                _ => {
                    self.0.insert(key, written);
                }
            }
        }
    }

    /// Says that a key's value came from an environment variable.
    pub fn set_environment(&mut self, key: impl Into<String>, variable: impl Into<String>) {
        let place = Place::Environment { variable: variable.into() };
        self.0.insert(key.into(), Written { place, is_table: false });
    }

    /// The place of exactly this key.
    pub fn get(&self, key: &str) -> Option<&Place> {
        self.0.get(key).map(|written| &written.place)
    }

    fn note_table(&mut self, path: &str, table: &DeTable<'_>, place: &dyn Fn(usize) -> Place) {
        for (key, value) in table {
            let path = key_path(path, key.get_ref());
            let is_table = value.get_ref().is_table();
            self.0.insert(path.clone(), Written { place: place(key.span().start), is_table });
            self.note_value(&path, value.get_ref(), place);
        }
    }

    fn note_value(&mut self, path: &str, value: &DeValue<'_>, place: &dyn Fn(usize) -> Place) {
        match value {
            DeValue::Table(table) => self.note_table(path, table, place),
            DeValue::Array(array) => {
                for (index, value) in array.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    self.0.insert(path.clone(), Written { place: place(value.span().start), is_table: false });
                    self.note_value(&path, value.get_ref(), place);
                }
            }
            _ => {}
        }
    }
}

/// A key below a table's path, quoted the way TOML would have it.
pub fn key_path(parent: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let key = match key {
        _ if bare => key.to_owned(),
        _ if key.contains('"') && !key.contains('\'') => format!("'{key}'"),
        _ => format!("{key:?}"),
    };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

/// A TOML document, the places of its keys, and the faults found in it so far.
#[derive(Debug)]
pub struct Document {
    name: String,
    directory: PathBuf,
    table: toml::Table,
    places: Places,
    faults: RefCell<Vec<Fault>>,
}

impl Document {
    /// Reads and parses a file.
    pub fn read(file: &Path) -> Result<Self, Faults> {
        match fs::read_to_string(file) {
            Ok(text) => Self::parse(file, &text),
            Err(error) => {
                let name = file.display().to_string();
                Err(Fault::of_file(name, error.to_string(), "a readable file of UTF-8 text").into())
            }
        }
    }

    /// Parses the text of a file; relative paths in it are taken from the file's directory.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Faults> {
        let (table, places) = Places::parse(&file.display().to_string(), text)?;
        Ok(Self::merged(file, table, places))
    }

    /// A document that was put together from several sources; `file` is the main one.
    pub fn merged(file: &Path, table: toml::Table, places: Places) -> Self {
        Self {
            name: file.display().to_string(),
            directory: directory_of(file),
            table,
            places,
            faults: RefCell::default(),
        }
    }

    /// A reader of the whole document.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self, String::new(), self.table.clone())
    }

    /// All faults noted by readers of this document.
    pub fn into_faults(self) -> Faults {
        Faults::from(self.faults.into_inner())
    }

    /// A path as seen from the file's directory.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Notes a fault at a full key path; `found` is what the administrator wrote, and never a value that may be secret.
    pub fn fault(&self, key: &str, found: Option<&str>, expected: impl Into<String>, hint: Option<&str>) {
        let found = found.map(|found| format!("`{found}`"));
        self.note(key.to_owned(), found, expected.into(), hint.map(str::to_owned));
    }

    /// Whether a key was written at all, faulty or not.
    pub fn is_written(&self, key: &str) -> bool {
        self.places.get(key).is_some()
    }

    pub(super) fn place(&self, key: &str) -> Option<&Place> {
        self.places.get(key)
    }

    /// Notes a fault at a key, or at the nearest table around it that was written down.
    pub(super) fn note(&self, key: String, found: Option<String>, expected: String, hint: Option<String>) {
        let around = std::iter::successors(Some(key.as_str()), |key| parent(key));
        let place = around.filter(|key| !key.is_empty()).find_map(|key| self.places.get(key));
        let (file, line) = match place {
            Some(Place::File { name, line, .. }) => (name.clone(), Some(*line)),
            Some(Place::Environment { variable }) => (format!("environment variable {variable}"), None),
            None => (self.name.clone(), None),
        };
        self.faults.borrow_mut().push(Fault { file: Some(file), line, key, found, expected, hint });
    }
}

/// The key path one level up; a dot within a quoted key is no level.
fn parent(key: &str) -> Option<&str> {
    let mut quote = None;
    let mut cut = None;
    for (at, c) in key.char_indices() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if c == open && !key[..at].ends_with('\\') => quote = None,
            ('.' | '[', None) => cut = Some(at),
            _ => {}
        }
    }
    cut.map(|at| &key[..at])
}

/// The directory that a file is in, as an absolute path where the current directory is known.
fn directory_of(file: &Path) -> PathBuf {
    let parent = file.parent().unwrap_or(Path::new(""));
    std::path::absolute(Path::new(".").join(parent)).unwrap_or_else(|_| parent.to_owned())
}

/// The starts of a text's lines.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

/// A syntax error, without the offending line, which may hold a secret.
fn syntax_fault(file: &str, text: &str, error: &toml::de::Error) -> Faults {
    let line = error.span().map(|span| Lines::of(text).at(span.start));
    let found = error.message().trim().replace('\n', ", ");
    Fault { line, ..Fault::of_file(file, found, "TOML") }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_line_of_every_key() {
        let text = "a = 1\n[server]\nlisten = \"x\"\n\n[rule.\"name.given\"]\nldap = [\n  \"a\",\n  { b = 1 },\n]\n";
        let (_, places) = Places::parse("f.toml", text).unwrap();
        let line = |key: &str| match places.get(key) {
            Some(Place::File { line, .. }) => *line,
            other => panic!("{key}: {other:?}"),
        };
        assert_eq!([line("a"), line("server"), line("server.listen")], [1, 2, 3]);
        assert_eq!([line("rule.\"name.given\""), line("rule.\"name.given\".ldap")], [5, 6]);
        assert_eq!([line("rule.\"name.given\".ldap[0]"), line("rule.\"name.given\".ldap[1].b")], [7, 8]);
    }

    #[test]
    fn goes_up_past_quoted_keys() {
        assert_eq!(parent("a.\"b.c\""), Some("a"));
        assert_eq!(parent("a.'b[t eq \"x\"].c'"), Some("a"));
        assert_eq!(parent("a[0]"), Some("a"));
        assert_eq!(parent("a"), None);
    }

    #[test]
    fn a_syntax_error_has_a_line_and_no_secret() {
        let faults = Places::parse("f.toml", "a = 1\npassword = hunter2\n").unwrap_err().to_string();
        assert!(faults.starts_with("f.toml:2: ") && !faults.contains("hunter2"), "{faults}");
    }
}
