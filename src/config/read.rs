//! Reads every key once, with its default. A key that is not read here is unknown.

mod directory;
mod endpoint;
mod groups;
mod profile;
mod protect;
mod server;

use std::path::Path;

use crate::fault::{Document, Reader};
use crate::ops::log;

use super::types::{Config, Log};

pub(super) use self::profile::ID_FORMS;

/// Reads the whole document. With faults noted, the result is not to be used.
pub(super) fn config(document: &Document, file: &Path) -> Config {
    let mut reader = document.reader();
    let http = server::settings(&mut reader);
    let config = Config {
        file: file.to_owned(),
        http,
        log: log(reader.table_or_empty("log")),
        audit_file: audit(reader.table_or_empty("audit")),
        directories: named(&mut reader, "directory", directory::one),
        endpoints: named(&mut reader, "endpoint", endpoint::one),
        warnings: Vec::new(),
    };
    reader.finish();
    config
}

fn log(mut table: Reader<'_>) -> Log {
    let json = table.one_of("format", &[("text", false), ("json", true)]).unwrap_or(false);
    let check = |text: &str| log::filter(text).map(|_| text.to_owned());
    let filter = table
        .opt_parse("filter", "a level, or levels by target", check)
        .unwrap_or_else(|| log::Settings::default().filter);
    table.finish();
    Log { json, filter }
}

fn audit(mut table: Reader<'_>) -> Option<std::path::PathBuf> {
    let file = table.opt_path("file");
    table.finish();
    file
}

/// Reads `[kind.<name>]` tables; there must be at least one.
fn named<T>(reader: &mut Reader<'_>, kind: &str, read: impl Fn(&str, &mut Reader<'_>) -> Option<T>) -> Vec<T> {
    if !reader.has(kind) {
        let hint = format!("add a table `[{kind}.<name>]`");
        reader.fault(kind, None, format!("at least one {kind}"), Some(&hint));
    }
    let mut all = Vec::new();
    for (name, mut table) in reader.tables(kind) {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_plain) {
            table.fault_here(&name, "a name of 1 to 64 lower-case letters, digits, `-` and `_`");
        }
        all.extend(read(&name, &mut table));
        table.finish();
    }
    all
}
