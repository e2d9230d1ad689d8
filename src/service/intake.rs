//! A request as it comes in, read against the schema before anything is asked of the directory.

use serde_json::Value as Json;

use super::Unmapped;
use crate::plan::Request;
use crate::scim::{self, Patch, ResourceType};

/// A request as it came in, read against the schema.
pub(super) struct Intake {
    /// What is asked for.
    pub(super) request: Request,
    /// What the client sent and nothing maps.
    pub(super) ignored: Vec<String>,
}

impl Intake {
    /// Reads `method` with `body` on the resource `id`, or on the collection.
    pub(super) fn read(
        resource_type: &ResourceType,
        unmapped: Unmapped,
        method: &str,
        id: Option<&str>,
        body: Json,
    ) -> Result<Self, scim::Error> {
        let intake = match (method, id) {
            ("POST", None) => {
                let incoming = resource_type.read(body)?;
                let request = Request::Create { resource: incoming.resource, unsure: false };
                Self { request, ignored: incoming.ignored }
            }
            ("PUT", Some(id)) => {
                let incoming = resource_type.read(body)?;
                let request = Request::Replace { id: id.to_owned(), resource: incoming.resource };
                Self { request, ignored: incoming.ignored }
            }
            ("PATCH", Some(id)) => {
                let patch = Patch::parse(resource_type, body)?;
                let ignored = patch.ignored.clone();
                Self { request: Request::Patch { id: id.to_owned(), patch }, ignored }
            }
            ("DELETE", Some(id)) => Self { request: Request::Delete { id: id.to_owned() }, ignored: Vec::new() },
            _ => return Err(scim::Error::method_not_allowed(format!("`{method}` changes nothing at this place"))),
        };
        match (unmapped, intake.ignored.first()) {
            (Unmapped::Reject, Some(first)) => Err(scim::Error::invalid_value(format!(
                "`{first}` is not in the mapping of this endpoint; remove it from Entra's attribute mapping"
            ))),
            _ => Ok(intake),
        }
    }
}
