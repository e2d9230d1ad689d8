//! Takes the keys of a table one at a time, notes every fault and goes on.
//!
//! A method that finds a fault notes it and returns `None` or the default: whoever reads goes on to the next key, and
//! the result is thrown away in the end because the document has faults. Values from environment variables are text,
//! and become what the key wants.

mod list;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use toml::Value;

use super::document::{Document, Place, key_path};
use super::text::{nearest, parse_duration, parse_size, show_duration, show_size};

/// A reader of one table of a document.
#[derive(Debug)]
pub struct Reader<'a> {
    document: &'a Document,
    path: String,
    table: toml::Table,
    known: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Document, path: String, table: toml::Table) -> Self {
        Self { document, path, table, known: BTreeSet::new() }
    }

    /// The key path of this table; empty for the document's root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The full key path of a key in this table.
    pub fn key(&self, key: &str) -> String {
        key_path(&self.path, key)
    }

    /// Whether a key was written and not taken yet.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The keys not taken yet, in the order they were written.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.table.keys().cloned().collect();
        keys.sort_by_key(|key| match self.document.place(&self.key(key)) {
            Some(Place::File { name, offset, .. }) => (0, name.clone(), *offset),
            _ => (1, String::new(), 0),
        });
        keys
    }

    /// Takes a key's value whatever its type.
    pub fn value(&mut self, key: &str) -> Option<Value> {
        self.known.insert(key.to_owned());
        self.table.remove(key)
    }

    /// Takes a string that may be absent.
    pub fn opt_str(&mut self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text),
            other => self.wrong_type(key, &other, "a string"),
        }
    }

    /// Takes a string that must be there.
    pub fn take_str(&mut self, key: &str) -> Option<String> {
        self.require(key, "a string");
        self.opt_str(key)
    }

    /// Takes a string or its default.
    pub fn str_or(&mut self, key: &str, default: &str) -> String {
        self.opt_str(key).unwrap_or_else(|| default.to_owned())
    }

    /// Takes a string that may be absent and parses it; the parser's error ends up in the fault.
    pub fn opt_parse<T, E: Display>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.opt_str(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, Some(&text), format!("{expected} ({error})"), None);
                None
            }
        }
    }

    /// Takes a string that must be there and parses it.
    pub fn take_parse<T, E: Display>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.require(key, expected);
        self.opt_parse(key, expected, parse)
    }

    /// Takes a boolean or its default.
    pub fn bool_or(&mut self, key: &str, default: bool) -> bool {
        self.opt_bool(key).unwrap_or(default)
    }

    /// Takes a boolean that may be absent.
    pub fn opt_bool(&mut self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Value::Boolean(value) => Some(value),
            Value::String(text) if self.is_environment(key) && matches!(text.trim(), "true" | "false") => {
                Some(text.trim() == "true")
            }
            other => self.wrong_type(key, &other, "`true` or `false`"),
        }
    }

    /// Takes a whole number within a range, or its default.
    pub fn u64_or(&mut self, key: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.opt_u64(key, range).unwrap_or(default)
    }

    /// Takes a whole number within a range that may be absent.
    pub fn opt_u64(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let number = match self.value(key)? {
            Value::Integer(number) => number.to_string(),
            Value::String(text) if self.is_environment(key) => text.trim().to_owned(),
            other => return self.wrong_type(key, &other, &expected),
        };
        let value = number.parse().ok().filter(|number| range.contains(number));
        if value.is_none() {
            self.fault(key, Some(&number), expected, None);
        }
        value
    }

    /// Takes a duration such as `5s` within a range, or its default.
    pub fn duration_or(&mut self, key: &str, default: Duration, range: RangeInclusive<Duration>) -> Duration {
        self.opt_duration(key, range).unwrap_or(default)
    }

    /// Takes a duration within a range that may be absent.
    pub fn opt_duration(&mut self, key: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let (low, high) = (show_duration(*range.start()), show_duration(*range.end()));
        let expected = format!("a duration from `{low}` to `{high}`");
        let text = self.quantity(key, &expected)?;
        let value = parse_duration(&text).filter(|duration| range.contains(duration));
        if value.is_none() {
            self.fault(key, Some(&text), expected, Some("write a number and `ms`, `s`, `min`, `h` or `d`"));
        }
        value
    }

    /// Takes a size such as `1MiB` within a range, or its default.
    pub fn size_or(&mut self, key: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let expected = format!("a size from `{}` to `{}`", show_size(*range.start()), show_size(*range.end()));
        let Some(text) = self.quantity(key, &expected) else {
            return default;
        };
        let value = parse_size(&text).filter(|size| range.contains(size));
        if value.is_none() {
            self.fault(key, Some(&text), expected, Some("write a number and `B`, `KiB`, `MiB` or `GiB`"));
        }
        value.unwrap_or(default)
    }

    /// Takes a path that may be absent, seen from the file's directory.
    pub fn opt_path(&mut self, key: &str) -> Option<PathBuf> {
        let text = self.opt_str(key)?;
        if text.is_empty() {
            self.fault(key, Some(""), "a path", None);
            return None;
        }
        Some(self.document.resolve(&text))
    }

    /// Takes a path that must be there, seen from the file's directory.
    pub fn take_path(&mut self, key: &str) -> Option<PathBuf> {
        self.require(key, "a path");
        self.opt_path(key)
    }

    /// Takes a path or its default, seen from the file's directory.
    pub fn path_or(&mut self, key: &str, default: &str) -> PathBuf {
        self.opt_path(key).unwrap_or_else(|| self.document.resolve(default))
    }

    /// Takes a string that must be one of the given names, and returns what the name stands for.
    pub fn one_of<T: Clone>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.opt_str(key)?;
        let chosen = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| value.clone());
        if chosen.is_none() {
            let names = choices.iter().map(|(name, _)| *name);
            let hint = nearest(&text, names.clone()).map(|name| format!("did you mean `{name}`?"));
            self.fault(key, Some(&text), format!("one of {}", listed(names)), hint.as_deref());
        }
        chosen
    }

    /// Notes a fault at one item of a list.
    pub fn fault_item(&self, key: &str, index: usize, found: &str, expected: impl Into<String>) {
        self.document.fault(&format!("{}[{index}]", self.key(key)), Some(found), expected, None);
    }

    /// Notes a fault of the table itself, such as its name.
    pub fn fault_here(&self, found: &str, expected: impl Into<String>) {
        self.document.fault(&self.path, Some(found), expected, None);
    }

    /// Notes a fault at a key; `found` is what the administrator wrote, and never a value that may be secret. Without
    /// it the key is said to be missing.
    pub fn fault(&self, key: &str, found: Option<&str>, expected: impl Into<String>, hint: Option<&str>) {
        let found = found.map(|found| format!("`{found}`"));
        self.document.note(self.key(key), found, expected.into(), hint.map(str::to_owned));
    }

    /// Notes a fault at a key with a description instead of the value, for values that may be secret.
    pub fn fault_described(&self, key: &str, found: &str, expected: impl Into<String>, hint: Option<&str>) {
        self.document.note(self.key(key), Some(found.to_owned()), expected.into(), hint.map(str::to_owned));
    }

    /// Notes a fault at a key further below, whose tables have been taken already.
    pub fn fault_below(&self, keys: &[&str], found: Option<&str>, expected: impl Into<String>, hint: Option<&str>) {
        let key = keys.iter().fold(self.path.clone(), |path, key| key_path(&path, key));
        self.document.note(key, found.map(|found| format!("`{found}`")), expected.into(), hint.map(str::to_owned));
    }

    /// Reports every key that nobody took as unknown, with the known name it most resembles.
    pub fn finish(&mut self) {
        for key in self.keys() {
            self.table.remove(&key);
            let names = self.known.iter().map(String::as_str);
            let hint = nearest(&key, names.clone()).map(|name| format!("did you mean `{name}`?"));
            let expected = match self.known.len() {
                0 => "no key here".to_owned(),
                _ => format!("one of {}", listed(names)),
            };
            self.fault_described(&key, "an unknown key", expected, hint.as_deref());
        }
    }

    fn require(&mut self, key: &str, expected: &str) {
        if !self.has(key) {
            self.fault(key, None, expected, None);
        }
    }

    fn quantity(&mut self, key: &str, expected: &str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            other => self.wrong_type(key, &other, expected),
        }
    }

    fn is_environment(&self, key: &str) -> bool {
        matches!(self.document.place(&self.key(key)), Some(Place::Environment { .. }))
    }

    /// Says the type only: the value may be a secret in the wrong place.
    fn wrong_type<T>(&self, key: &str, found: &Value, expected: &str) -> Option<T> {
        self.fault_described(key, type_name(found), expected, None);
        None
    }
}

/// A value's type in words.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "a boolean",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// Names in backquotes, separated by commas.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
