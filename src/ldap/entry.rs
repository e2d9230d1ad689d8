//! A directory entry, or the part of it that was asked for.

use indexmap::IndexMap;

use super::{AttrType, Dn, Value};

/// An entry: its name, and its attributes in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The entry's name.
    pub dn: Dn,
    attrs: IndexMap<AttrType, Vec<Value>>,
}

impl Entry {
    /// An entry without attributes.
    pub fn new(dn: Dn) -> Self {
        Self { dn, attrs: IndexMap::new() }
    }

    /// Adds values to an attribute.
    pub fn insert(&mut self, attr: AttrType, values: impl IntoIterator<Item = Value>) {
        self.attrs.entry(attr).or_default().extend(values);
    }

    /// Adds values to an attribute, and returns the entry.
    pub fn with(mut self, attr: AttrType, values: impl IntoIterator<Item = Value>) -> Self {
        self.insert(attr, values);
        self
    }

    /// The values of an attribute; none when it is absent. A server may have answered under another of its names.
    pub fn get(&self, attr: &AttrType) -> &[Value] {
        self.attrs.get(attr).or_else(|| self.by_alias(attr)).map_or(&[], Vec::as_slice)
    }

    /// Takes the values of an attribute out of the entry; none when it is absent.
    pub fn take(&mut self, attr: &AttrType) -> Vec<Value> {
        let name = self.attrs.keys().find(|name| *name == attr || name.canonical() == attr.canonical()).cloned();
        name.and_then(|name| self.attrs.shift_remove(&name)).unwrap_or_default()
    }

    /// The first value of an attribute, when it is text.
    pub fn first_str(&self, attr: &AttrType) -> Option<&str> {
        self.get(attr).first().and_then(Value::as_str)
    }

    /// Whether an attribute has exactly these octets among its values.
    pub fn has_value(&self, attr: &AttrType, value: &Value) -> bool {
        self.get(attr).contains(value)
    }

    /// The attributes with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&AttrType, &[Value])> {
        self.attrs.iter().map(|(attr, values)| (attr, values.as_slice()))
    }

    /// The names of the entry's object classes, as the server spells them.
    pub fn object_classes(&self) -> impl Iterator<Item = &str> {
        self.get(&AttrType::known("objectClass")).iter().filter_map(Value::as_str)
    }

    /// Whether the entry is of an object class, whatever its case.
    pub fn is_of_class(&self, name: &str) -> bool {
        self.object_classes().any(|class| class.eq_ignore_ascii_case(name))
    }

    fn by_alias(&self, attr: &AttrType) -> Option<&Vec<Value>> {
        let names = attr.names()?;
        names.iter().find_map(|name| self.attrs.get(&AttrType::known(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_whatever_their_case() {
        let entry = Entry::new(Dn::root()).with(AttrType::known("objectClass"), ["top".into(), "Person".into()]);
        assert_eq!(entry.get(&AttrType::known("OBJECTCLASS")).len(), 2);
        assert_eq!(entry.object_classes().collect::<Vec<_>>(), ["top", "Person"]);
        assert!(entry.is_of_class("person"));
        assert_eq!(entry.first_str(&AttrType::known("uid")), None);
        assert!(entry.has_value(&AttrType::known("objectclass"), &"top".into()));
    }

    #[test]
    fn attributes_are_found_by_any_of_their_names() {
        let entry = Entry::new(Dn::root()).with(AttrType::known("facsimileTelephoneNumber"), ["1".into()]);
        assert_eq!(entry.first_str(&AttrType::known("FAX")), Some("1"));
        assert_eq!(entry.first_str(&AttrType::known("2.5.4.23")), Some("1"));
        assert_eq!(entry.first_str(&AttrType::known("gn")), None);
    }
}
