//! A user of the tenant.

use super::object::{Kind, Object};
use indexmap::IndexMap;

/// A user of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The object id, a GUID.
    pub object_id: String,
    /// Text attributes by their Entra names, such as `userPrincipalName` and `jobTitle`; `""` is no value.
    attributes: IndexMap<String, String>,
    /// Whether the account is enabled and in scope: both arrive as `active`.
    pub enabled: bool,
    /// The manager's object id.
    pub manager: Option<String>,
}

impl User {
    /// An enabled user with a fresh object id.
    pub fn new(user_principal_name: &str) -> User {
        let attributes = IndexMap::from([("userPrincipalName".to_owned(), user_principal_name.to_owned())]);
        User { object_id: uuid::Uuid::new_v4().to_string(), attributes, enabled: true, manager: None }
    }

    /// The same user with one more attribute.
    pub fn with(mut self, attribute: &str, value: &str) -> User {
        self.set(attribute, value);
        self
    }

    /// Sets an attribute; `""` empties it.
    pub fn set(&mut self, attribute: &str, value: &str) {
        self.attributes.insert(attribute.to_owned(), value.to_owned());
    }

    /// An attribute's value, if it has one.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl Object for User {
    fn kind(&self) -> Kind {
        Kind::User
    }

    fn object_id(&self) -> &str {
        &self.object_id
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.get(name)
    }

    fn is_enabled(&self) -> bool {
        self.enabled
    }

    fn label(&self) -> String {
        self.get("userPrincipalName").unwrap_or(&self.object_id).to_owned()
    }
}
