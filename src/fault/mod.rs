//! Faults in files the administrator wrote, and typed reading of the TOML tables they occur in.
//!
//! A [`Document`] is one TOML file (or several, merged) with the place of every key. Its [`Reader`] takes keys one at
//! a time, notes every fault it meets and goes on, so that all faults are reported at once. This is a leaf: nothing
//! here may know what a configuration or a mapping is.

mod document;
mod reader;
mod text;

use std::fmt;

pub use self::document::{Document, Place, Places, key_path};
pub use self::reader::Reader;
pub use self::text::{nearest, parse_duration, parse_size, show_duration, show_size};

/// One fault in a file (or an environment variable) that the administrator wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file's name, or `environment variable NAME`.
    pub file: Option<String>,
    /// The line in the file, counted from 1.
    pub line: Option<usize>,
    /// The key path, such as `endpoint.hr.users.base`; empty when the fault concerns the file as a whole.
    pub key: String,
    /// What was found, ready to print; `None` when the key is missing. Never a value that may be secret.
    pub found: Option<String>,
    /// What was expected instead.
    pub expected: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault of a whole file, such as one that cannot be read.
    pub fn of_file(file: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            file: Some(file.into()),
            line: None,
            key: String::new(),
            found: Some(found.into()),
            expected: expected.into(),
            hint: None,
        }
    }

    /// The same fault with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": ")?;
        }
        let (key, expected) = (&self.key, &self.expected);
        match &self.found {
            Some(found) if key.is_empty() => write!(f, "found {found}, expected {expected}")?,
            Some(found) => write!(f, "`{key}`: found {found}, expected {expected}")?,
            None => write!(f, "`{key}` is missing, expected {expected}")?,
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// All faults of one reading, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one fault.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds the faults of another reading.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults, one at a time.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl From<Vec<Fault>> for Faults {
    /// Keeps files in the order they were first met and sorts each file's faults by line.
    fn from(mut faults: Vec<Fault>) -> Self {
        let mut files: Vec<Option<String>> = Vec::new();
        for fault in &faults {
            if !files.contains(&fault.file) {
                files.push(fault.file.clone());
            }
        }
        faults.sort_by_key(|fault| (files.iter().position(|file| *file == fault.file), fault.line));
        faults.dedup();
        Self(faults)
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> Fault {
        Fault {
            file: Some("bridge.toml".into()),
            line: Some(3),
            key: "server.listen".into(),
            found: Some("`here`".into()),
            expected: "an address and a port".into(),
            hint: None,
        }
    }

    #[test]
    fn prints_the_fact_first_then_the_hint() {
        assert_eq!(
            fault().with_hint("try `0.0.0.0:8443`").to_string(),
            "bridge.toml:3: `server.listen`: found `here`, expected an address and a port\n  hint: try `0.0.0.0:8443`"
        );
        let missing = Fault { found: None, line: None, ..fault() };
        assert_eq!(missing.to_string(), "bridge.toml: `server.listen` is missing, expected an address and a port");
    }

    #[test]
    fn sorts_by_line_within_a_file() {
        let faults = Faults::from(vec![
            fault(),
            Fault { file: Some("other.toml".into()), ..fault() },
            Fault { line: Some(1), ..fault() },
            fault(),
        ]);
        let places: Vec<_> = faults.iter().map(|f| (f.file.as_deref().unwrap_or(""), f.line)).collect();
        assert_eq!(places, [("bridge.toml", Some(1)), ("bridge.toml", Some(3)), ("other.toml", Some(3))]);
    }
}
