//! Takes tables within a table.

use toml::Value;

use super::{Reader, type_name};

impl Reader<'_> {
    /// Whether a key was written as a table and not taken yet.
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Value::is_table)
    }

    /// Takes a table that may be absent.
    pub fn table(&mut self, key: &str) -> Option<Self> {
        match self.value(key)? {
            Value::Table(table) => Some(Self::new(self.document, self.key(key), table)),
            other => self.wrong_type(key, &other, "a table"),
        }
    }

    /// Takes a table; an absent one reads as empty.
    pub fn table_or_empty(&mut self, key: &str) -> Self {
        self.table(key).unwrap_or_else(|| Self::new(self.document, self.key(key), toml::Table::new()))
    }

    /// Takes a table of named tables (`[key.name]`), in the order they were written.
    pub fn tables(&mut self, key: &str) -> Vec<(String, Self)> {
        let Some(mut outer) = self.table(key) else {
            return Vec::new();
        };
        let names = outer.keys();
        names.into_iter().filter_map(|name| outer.table(&name).map(|table| (name, table))).collect()
    }

    /// Takes a table that may be written as a string, which then stands for a table with the one key `only`.
    pub fn table_or_shorthand(&mut self, key: &str, only: &str) -> Option<Self> {
        match self.value(key)? {
            Value::Table(table) => Some(Self::new(self.document, self.key(key), table)),
            text @ Value::String(_) => {
                let table = toml::Table::from_iter([(only.to_owned(), text)]);
                Some(Self::new(self.document, self.key(key), table))
            }
            other => self.wrong_type(key, &other, "a string or a table"),
        }
    }

    /// Takes a list of tables (`[[key]]`).
    pub fn table_list(&mut self, key: &str) -> Vec<Self> {
        let list = match self.value(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.wrong_type::<()>(key, &other, "a list of tables");
                return Vec::new();
            }
        };
        let mut tables = Vec::new();
        for (index, item) in list.into_iter().enumerate() {
            let path = format!("{}[{index}]", self.key(key));
            match item {
                Value::Table(table) => tables.push(Self::new(self.document, path, table)),
                other => self.document.note(path, Some(type_name(&other).to_owned()), "a table".to_owned(), None),
            }
        }
        tables
    }
}
