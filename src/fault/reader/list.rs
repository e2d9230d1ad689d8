//! Takes lists of strings.

use toml::Value;

use super::{Reader, type_name};

impl Reader<'_> {
    /// Takes a list of strings that may be absent; a single string is a list of one, and a variable one of what is
    /// between its commas.
    pub fn strings(&mut self, key: &str) -> Option<Vec<String>> {
        let is_variable = self.is_environment(key);
        self.list(key, |text| match is_variable {
            true => text.split(',').map(|item| item.trim().to_owned()).collect(),
            false => vec![text],
        })
    }

    /// Takes a list of strings that may be absent and may have commas in them, such as DNs; a single string, in a
    /// variable too, is a list of its lines.
    pub fn lines(&mut self, key: &str) -> Option<Vec<String>> {
        let is_written = |line: &&str| !line.is_empty();
        self.list(key, |text| text.lines().map(str::trim).filter(is_written).map(str::to_owned).collect())
    }

    fn list(&mut self, key: &str, split: impl FnOnce(String) -> Vec<String>) -> Option<Vec<String>> {
        let list = match self.value(key)? {
            Value::Array(list) => list,
            Value::String(text) => return Some(split(text)),
            other => return self.wrong_type(key, &other, "a list of strings"),
        };
        let mut strings = Vec::new();
        for (index, item) in list.into_iter().enumerate() {
            match item {
                Value::String(text) => strings.push(text),
                other => {
                    let key = format!("{}[{index}]", self.key(key));
                    self.document.note(key, Some(type_name(&other).to_owned()), "a string".to_owned(), None);
                }
            }
        }
        Some(strings)
    }
}
