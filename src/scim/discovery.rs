//! What the service says about itself: `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas`, RFC 7644 section 4 and
//! RFC 7643 sections 5 to 7. All of it comes from the resource types, so it says exactly what round-trips.

use serde_json::{Map, Value, json};

use super::list::list_response;
use super::{Attribute, Kind, Mutability, ResourceType, Returned, Schema, Uniqueness, name};

/// What the service can do, for `/ServiceProviderConfig`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// The most resources that one page may hold.
    pub max_results: u64,
    /// The most operations of one `/Bulk` request; `None` if there is no bulk.
    pub bulk_operations: Option<u64>,
    /// The longest body, in bytes.
    pub max_payload: u64,
    /// Whether lists can be sorted.
    pub sort: bool,
    /// Whether answers have versions that requests can be made to depend on.
    pub etag: bool,
    /// Whether passwords can be set.
    pub change_password: bool,
    /// Where help is found.
    pub documentation: Option<String>,
}

/// The body of `/ServiceProviderConfig`, RFC 7643 section 5.
pub fn service_provider_config(limits: &Limits, base: &str) -> Value {
    let mut body = json!({
        "schemas": [name::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": limits.bulk_operations.is_some(),
            "maxOperations": limits.bulk_operations.unwrap_or(0),
            "maxPayloadSize": limits.max_payload,
        },
        "filter": {"supported": true, "maxResults": limits.max_results},
        "changePassword": {"supported": limits.change_password},
        "sort": {"supported": limits.sort},
        "etag": {"supported": limits.etag},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A bearer token in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    });
    if let (Some(help), Some(body)) = (&limits.documentation, body.as_object_mut()) {
        body.insert("documentationUri".into(), json!(help));
    }
    body
}

/// The body of `/ResourceTypes`.
pub fn resource_types(types: &[&ResourceType], base: &str) -> Value {
    all(types.iter().map(|rt| describe_type(rt, base)).collect())
}

/// The body of `/ResourceTypes/{name}`.
pub fn resource_type(types: &[&ResourceType], name: &str, base: &str) -> Option<Value> {
    types.iter().find(|rt| rt.name.eq_ignore_ascii_case(name)).map(|rt| describe_type(rt, base))
}

/// The body of `/Schemas`.
pub fn schemas(types: &[&ResourceType], base: &str) -> Value {
    all(distinct(types).into_iter().map(|schema| describe_schema(schema, base)).collect())
}

/// The body of `/Schemas/{urn}`.
pub fn schema(types: &[&ResourceType], urn: &str, base: &str) -> Option<Value> {
    let found = distinct(types).into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))?;
    Some(describe_schema(found, base))
}

/// The whole list on one page; discovery is never paged or filtered, RFC 7644 section 4.
fn all(resources: Vec<Value>) -> Value {
    list_response(resources.len() as u64, 1, resources)
}

/// The schemas of all types, each once.
fn distinct<'a>(types: &[&'a ResourceType]) -> Vec<&'a Schema> {
    let mut schemas: Vec<&Schema> = Vec::new();
    for schema in types.iter().flat_map(|rt| rt.schemas()) {
        if !schemas.iter().any(|known| known.id == schema.id) {
            schemas.push(schema);
        }
    }
    schemas
}

fn describe_type(rt: &ResourceType, base: &str) -> Value {
    let extensions: Vec<Value> =
        rt.extensions.iter().map(|schema| json!({"schema": schema.id, "required": false})).collect();
    json!({
        "schemas": [name::RESOURCE_TYPE],
        "id": rt.name,
        "name": rt.name,
        "endpoint": rt.endpoint,
        "description": rt.description,
        "schema": rt.schema.id,
        "schemaExtensions": extensions,
        "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", rt.name)},
    })
}

fn describe_schema(schema: &Schema, base: &str) -> Value {
    let attributes: Vec<Value> = schema.attributes.iter().map(describe_attribute).collect();
    json!({
        "schemas": [name::SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)},
    })
}

/// RFC 7643 section 7; characteristics that the kind does not have are left out.
fn describe_attribute(attr: &Attribute) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("name", json!(attr.name));
    put("type", json!(attr.kind.as_str()));
    put("multiValued", json!(attr.multi_valued));
    put("description", json!(attr.description));
    put("required", json!(attr.required));
    if !attr.canonical_values.is_empty() {
        put("canonicalValues", json!(attr.canonical_values));
    }
    if matches!(attr.kind, Kind::String | Kind::Reference | Kind::Binary) {
        put("caseExact", json!(attr.case_exact));
    }
    put("mutability", json!(attr.mutability.as_str()));
    put("returned", json!(attr.returned.as_str()));
    put("uniqueness", json!(attr.uniqueness.as_str()));
    if attr.kind == Kind::Reference {
        put("referenceTypes", json!(attr.reference_types));
    }
    if attr.kind == Kind::Complex {
        put("subAttributes", attr.sub_attributes.iter().map(describe_attribute).collect());
    }
    Value::Object(body)
}

impl Kind {
    /// The keyword of RFC 7643 section 7.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Boolean => "boolean",
            Kind::Decimal => "decimal",
            Kind::Integer => "integer",
            Kind::DateTime => "dateTime",
            Kind::Reference => "reference",
            Kind::Binary => "binary",
            Kind::Complex => "complex",
        }
    }
}

impl Mutability {
    /// The keyword of RFC 7643 section 7.
    pub fn as_str(self) -> &'static str {
        match self {
            Mutability::ReadOnly => "readOnly",
            Mutability::ReadWrite => "readWrite",
            Mutability::Immutable => "immutable",
            Mutability::WriteOnly => "writeOnly",
        }
    }
}

impl Returned {
    /// The keyword of RFC 7643 section 7.
    pub fn as_str(self) -> &'static str {
        match self {
            Returned::Always => "always",
            Returned::Never => "never",
            Returned::Default => "default",
            Returned::Request => "request",
        }
    }
}

impl Uniqueness {
    /// The keyword of RFC 7643 section 7.
    pub fn as_str(self) -> &'static str {
        match self {
            Uniqueness::None => "none",
            Uniqueness::Server => "server",
            Uniqueness::Global => "global",
        }
    }
}

#[cfg(test)]
mod tests;
