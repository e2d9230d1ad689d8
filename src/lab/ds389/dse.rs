//! `dse.ldif`, in which 389 Directory Server keeps its settings: entries with lines, made from the packaged template.

use std::fmt::{Display, Formatter};

/// The settings as entries.
pub(super) struct Dse(Vec<Entry>);

/// An entry: its DN and its lines, unfolded.
struct Entry {
    dn: String,
    lines: Vec<String>,
}

impl Dse {
    /// Reads a template and puts values in the places named `%name%`.
    pub(super) fn from_template(template: &str, values: &[(&str, &str)]) -> Dse {
        let mut text = String::new();
        for line in template.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix(' ') {
                Some(folded) => text.push_str(folded),
                None => {
                    text.push('\n');
                    text.push_str(line);
                }
            }
        }
        for (name, value) in values {
            text = text.replace(&format!("%{name}%"), value);
        }
        Dse(text.split("\n\n").filter_map(Entry::read).collect())
    }

    /// Adds the entries of another template.
    pub(super) fn append(&mut self, other: Dse) {
        self.0.extend(other.0);
    }

    /// Gives an attribute of an entry just these values; the entry is made when it is absent.
    pub(super) fn set(&mut self, dn: &str, attr: &str, values: &[&str]) {
        let entry = self.entry(dn);
        entry.lines.retain(|line| !line.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case(attr)));
        entry.lines.extend(values.iter().map(|value| format!("{attr}: {value}")));
    }

    /// Adds an entry with these lines, in place of one of the same name.
    pub(super) fn put(&mut self, dn: &str, lines: Vec<String>) {
        self.entry(dn).lines = lines;
    }

    /// The entry with this DN, new or not.
    fn entry(&mut self, dn: &str) -> &mut Entry {
        let place = self.0.iter().position(|entry| squashed(&entry.dn) == squashed(dn)).unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push(Entry { dn: dn.to_owned(), lines: Vec::new() });
        }
        &mut self.0[place]
    }
}

impl Entry {
    /// Reads an entry, unless there is none.
    fn read(text: &str) -> Option<Entry> {
        let mut lines = text.lines().filter(|line| !line.is_empty()).map(str::to_owned);
        let dn = lines.next()?.strip_prefix("dn:")?.trim().to_owned();
        Some(Entry { dn, lines: lines.collect() })
    }
}

impl Display for Dse {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for Entry { dn, lines } in &self.0 {
            writeln!(f, "dn: {dn}\n{}\n", lines.join("\n"))?;
        }
        Ok(())
    }
}

/// A DN for comparison: the template writes some with spaces after commas.
fn squashed(dn: &str) -> String {
    dn.replace(", ", ",").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "# a note\ndn: cn=config\ncn: config\nnsslapd-port: %port%\naci: (one\n  two)\n\n\n\
                            dn: cn=default indexes, cn=config\ncn: default indexes\n";

    #[test]
    fn a_template_is_filled_and_changed() {
        let mut dse = Dse::from_template(TEMPLATE, &[("port", "389")]);
        dse.set("cn=config", "NSSLAPD-port", &["390", "391"]);
        dse.set("cn=default indexes,cn=config", "x", &["1"]);
        dse.put("cn=new", vec!["cn: new".to_owned()]);
        let expected = "dn: cn=config\ncn: config\naci: (one two)\nNSSLAPD-port: 390\nNSSLAPD-port: 391\n\n\
                        dn: cn=default indexes, cn=config\ncn: default indexes\nx: 1\n\ndn: cn=new\ncn: new\n\n";
        assert_eq!(dse.to_string(), expected);
    }
}
