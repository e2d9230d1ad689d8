//! The body of a POST or PUT, read as if everything in it were added to an empty resource: the same names, shapes and
//! oddities are understood in both, and there is one place for each.

use serde_json::Value;

use super::super::patch::{Verb, apply, dialect::Dialect};
use super::super::{Error, Incoming, Resource};
use super::ResourceType;

impl ResourceType {
    /// Reads a body. What is unmapped is left out and listed, what is read-only is left out (RFC 7644 section
    /// 3.3), and only a whole read-only attribute is listed; required attributes
    /// are not looked for, see [`ResourceType::check_required`].
    pub fn read(&self, body: Value) -> Result<Incoming, Error> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax(format!(
                "the body must be a JSON object that describes a {}",
                self.name
            )));
        };
        for (name, value) in &body {
            if name.eq_ignore_ascii_case("schemas") {
                self.check_schemas(value)?;
            }
        }
        let mut dialect = Dialect::lenient(self);
        dialect.attributes(Verb::Add, None, body)?;
        let patch = dialect.finish();
        let resource = apply::run(self, &patch.ops, &Resource::new())?;
        let active_sent = resource.get(None, "active").is_some();
        Ok(Incoming { resource, ignored: patch.ignored, active_sent })
    }

    /// Refuses a body that says it is something else; one that lists no schema is taken as it is, and so are URNs
    /// nobody knows (Entra's groups come with one).
    fn check_schemas(&self, value: &Value) -> Result<(), Error> {
        let listed = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let known = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&self.schema.id));
        if listed.is_empty() || listed.iter().any(known) {
            return Ok(());
        }
        Err(Error::invalid_syntax(format!(
            "`schemas` does not list `{}`, which `{}` holds",
            self.schema.id, self.endpoint
        )))
    }
}

#[cfg(test)]
mod tests;
