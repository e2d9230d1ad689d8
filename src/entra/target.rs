//! A SCIM path as an Entra attribute mapping spells it, and the place in a resource that it names.
//!
//! A reading of RFC 7644 §3.5.2 of its own, just large enough for mappings: shared code would share mistakes.

use serde_json::{Map, Value, json};
use std::fmt;

/// The URN of the enterprise extension.
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A target attribute of a mapping, such as `emails[type eq "work"].value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    text: String,
    form: Form,
}

/// The forms that mappings use.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `title`
    Simple(String),
    /// `name.givenName`
    Sub(String, String),
    /// `emails[type eq "work"].value`
    Element { attr: String, key: String, value: String, sub: String },
    /// `urn:…:User:department`
    Extension(String, String),
}

impl Target {
    /// Reads a path; `None` when no mapping could hold it.
    pub fn parse(text: &str) -> Option<Target> {
        let form = if let Some((attr, rest)) = text.split_once('[') {
            let (filter, sub) = rest.split_once("].")?;
            let (key, value) = filter.split_once(" eq ")?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            let [attr, key, value, sub] = [attr, key, value, sub].map(str::to_owned);
            Form::Element { attr, key, value, sub }
        } else if let Some((urn, attr)) = text.rsplit_once(':') {
            Form::Extension(urn.to_owned(), attr.to_owned())
        } else if let Some((attr, sub)) = text.split_once('.') {
            Form::Sub(attr.to_owned(), sub.to_owned())
        } else {
            Form::Simple(text.to_owned())
        };
        (!text.is_empty()).then(|| Target { text: text.to_owned(), form })
    }

    /// The path as it is written in a PATCH.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether dialect B gathers replacements of it in an operation without path.
    pub(super) fn is_simple(&self) -> bool {
        !matches!(self.form, Form::Element { .. })
    }

    /// The value at this place of a resource; names are looked up without regard to case.
    pub fn get<'a>(&self, resource: &'a Value) -> Option<&'a Value> {
        match &self.form {
            Form::Simple(attr) => member(resource, attr),
            Form::Sub(attr, sub) => member(member(resource, attr)?, sub),
            Form::Extension(urn, attr) => member(member(resource, urn)?, attr),
            Form::Element { attr, key, value, sub } => {
                let elements = member(resource, attr)?.as_array()?;
                member(elements.iter().find(|element| says(member(element, key), value))?, sub)
            }
        }
    }

    /// Puts a value at this place of a body for POST.
    pub(super) fn put(&self, body: &mut Map<String, Value>, value: Value) {
        match &self.form {
            Form::Simple(attr) => {
                body.insert(attr.clone(), value);
            }
            Form::Sub(attr, sub) | Form::Extension(attr, sub) => {
                body.entry(attr).or_insert_with(|| json!({}))[sub] = value;
            }
            Form::Element { attr, key, value: wanted, sub } => {
                let Some(elements) = body.entry(attr).or_insert_with(|| json!([])).as_array_mut() else { return };
                match elements.iter_mut().find(|element| says(member(element, key), wanted)) {
                    Some(element) => element[sub] = value,
                    None => elements.push(json!({ key: wanted, sub: value })),
                }
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A member of an object, whatever the case of its name.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether a value reads as this text; a boolean reads as `True` or `False`.
fn says(value: Option<&Value>, text: &str) -> bool {
    match value {
        Some(Value::String(string)) => string.eq_ignore_ascii_case(text),
        Some(Value::Bool(flag)) => text.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 5] = [
        "title",
        "name.givenName",
        "phoneNumbers[type eq \"fax\"].value",
        "roles[primary eq \"True\"].Value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ];

    #[test]
    fn what_is_put_is_found_again() {
        let mut body = Map::new();
        for path in PATHS {
            Target::parse(path).unwrap().put(&mut body, json!(path));
        }
        let body = Value::Object(body);
        for path in PATHS {
            assert_eq!(Target::parse(path).unwrap().get(&body), Some(&json!(path)), "{path} in {body}");
        }
        assert_eq!(body["phoneNumbers"], json!([{"type": "fax", "value": PATHS[2]}]));
    }

    #[test]
    fn names_are_case_blind_and_booleans_read_as_text() {
        let resource = json!({"Roles": [{"primary": false, "value": "a"}, {"primary": true, "value": "b"}]});
        assert_eq!(Target::parse(PATHS[3]).unwrap().get(&resource), Some(&json!("b")));
        assert_eq!(Target::parse("emails[type eq \"work\"].value").unwrap().get(&resource), None);
        assert_eq!(Target::parse("emails[type pr].value"), None);
        assert_eq!(Target::parse(""), None);
    }
}
