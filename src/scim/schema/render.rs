//! A resource as the body of an answer, RFC 7643 section 3.

use serde_json::{Map, Value, json};

use super::super::{Projection, Resource};
use super::ResourceType;

impl ResourceType {
    /// The resource as the client sees it: `schemas` first, naming the extensions that are there, `meta` completed
    /// and last.
    pub fn to_json(&self, mut resource: Resource, location: &str, projection: &Projection) -> Value {
        let mut meta = Map::from_iter([("resourceType".to_owned(), json!(self.name))]);
        if let Some(Value::Object(known)) = resource.get(None, "meta") {
            meta.extend(known.clone());
        }
        meta.insert("location".to_owned(), json!(location));
        resource.remove(None, "meta");
        resource.set(None, "meta", Value::Object(meta));
        let shown = projection.apply(self, resource).into_map();
        let extensions = self.extensions.iter().filter(|schema| shown.contains_key(&schema.id));
        let schemas: Vec<&str> =
            std::iter::once(&self.schema).chain(extensions).map(|schema| schema.id.as_str()).collect();
        let mut body = Map::from_iter([("schemas".to_owned(), json!(schemas))]);
        body.extend(shown);
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::name::{ENTERPRISE_USER, USER};
    use super::super::super::{Projection, Resource, catalog};
    use super::*;

    #[test]
    fn an_answer_names_its_schemas_and_place() {
        let mut resource = Resource::new();
        resource.set(None, "meta", json!({"created": "2026-01-31T12:00:00Z"}));
        resource.set(None, "id", json!("1"));
        resource.set(Some(ENTERPRISE_USER), "department", json!("IT"));
        let show = |attributes| {
            let projection = Projection::parse(attributes, None).unwrap();
            catalog::user_type().to_json(resource.clone(), "https://h/Users/1", &projection).to_string()
        };
        assert_eq!(
            show(None),
            json!({
                "schemas": [USER, ENTERPRISE_USER], "id": "1", ENTERPRISE_USER: {"department": "IT"},
                "meta": {"resourceType": "User", "created": "2026-01-31T12:00:00Z", "location": "https://h/Users/1"},
            })
            .to_string()
        );
        assert_eq!(show(Some("title")), json!({"schemas": [USER], "id": "1"}).to_string());
    }
}
