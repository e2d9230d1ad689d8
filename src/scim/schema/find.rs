//! From a path as a client wrote it to the attribute that it means.

use serde_json::Value;

use super::super::{AttrName, Error, Path, Resource};
use super::{Attribute, ResourceType, Schema, catalog};

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The schema that has the attribute.
    pub schema: &'a Schema,
    /// The attribute.
    pub attr: &'a Attribute,
    /// The sub-attribute, if the path names one.
    pub sub: Option<&'a Attribute>,
    /// Whether the schema is an extension.
    pub extension: bool,
}

impl<'a> Found<'a> {
    /// What the path ends at: the sub-attribute, else the attribute.
    pub fn target(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attr)
    }

    /// The schema as [`Resource::get`] wants it: `None` for core attributes.
    pub fn schema_key(&self) -> Option<&'a str> {
        self.extension.then_some(self.schema.id.as_str())
    }
}

impl ResourceType {
    /// The attribute that a path means, and its sub-attribute; the path's filter is not looked at. A name without
    /// URN is looked up among the core attributes, then in the extensions (Entra sends a bare `manager`).
    pub fn find(&self, path: &Path) -> Option<Found<'_>> {
        let attr_name = path.attr.as_str();
        let (schema, attr, extension) = match path.schema.as_deref() {
            None => self.find_core(attr_name).or_else(|| self.find_extension(attr_name))?,
            Some(urn) if urn.eq_ignore_ascii_case(&self.schema.id) => self.find_core(attr_name)?,
            Some(urn) => {
                let schema = self.extension(urn)?;
                (schema, schema.attribute(attr_name)?, true)
            }
        };
        let sub = match &path.sub {
            Some(sub) => Some(attr.sub_attribute(sub.as_str())?),
            None => None,
        };
        Some(Found { schema, attr, sub, extension })
    }

    /// The path with canonical spelling and with the URN exactly where the attribute is an extension's; its filter is
    /// kept as it is.
    pub fn resolve(&self, path: &Path) -> Option<Path> {
        let found = self.find(path)?;
        Some(Path {
            schema: found.schema_key().map(str::to_owned),
            attr: AttrName::known(&found.attr.name),
            filter: path.filter.clone(),
            sub: found.sub.map(|sub| AttrName::known(&sub.name)),
        })
    }

    /// The extension with that URN, case-blind.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The core schema or the extension with that URN, case-blind.
    pub fn schema_of(&self, urn: &str) -> Option<&Schema> {
        self.schemas().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The core schema and the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.schema).chain(&self.extensions)
    }

    /// Refuses a resource that lacks a required attribute or sub-attribute, RFC 7643 section 2.2.
    pub fn check_required(&self, resource: &Resource) -> Result<(), Error> {
        for schema in self.schemas() {
            for attr in &schema.attributes {
                let value = resource.get(Some(&schema.id), &attr.name);
                match value {
                    None if attr.required => return Err(missing(&attr.name)),
                    Some(value) => check_sub_attributes(attr, value)?,
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn find_core(&self, attr: &str) -> Option<(&Schema, &Attribute, bool)> {
        let own = self.schema.attribute(attr);
        let found = own.or_else(|| catalog::built_in().attribute(attr))?;
        Some((&self.schema, found, false))
    }

    fn find_extension(&self, attr: &str) -> Option<(&Schema, &Attribute, bool)> {
        self.extensions.iter().find_map(|schema| Some((schema, schema.attribute(attr)?, true)))
    }
}

fn check_sub_attributes(attr: &Attribute, value: &Value) -> Result<(), Error> {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        one => std::slice::from_ref(one),
    };
    for sub in attr.sub_attributes.iter().filter(|sub| sub.required) {
        let lacking = |element: &Value| element.as_object().is_some_and(|map| !map.contains_key(&sub.name));
        if elements.iter().any(lacking) {
            return Err(missing(&format!("{}.{}", attr.name, sub.name)));
        }
    }
    Ok(())
}

fn missing(what: &str) -> Error {
    Error::invalid_value(format!(
        "required attribute `{what}` is missing; map it in the client's attribute mapping and make sure it has a value"
    ))
}
