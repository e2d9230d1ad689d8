//! `[endpoint.<name>]`.

use super::groups;
use crate::config::types::Endpoint;
use crate::fault::Reader;
use crate::ldap::{Dn, Scope};
use crate::service::{Place, Unmapped};

/// Path segments that SCIM itself uses (RFC 7644 §3.2); an endpoint called so could not be told from a resource.
const TAKEN: &[&str] = &["Users", "Groups", "Me", "ServiceProviderConfig", "ResourceTypes", "Schemas", "Bulk"];

pub(super) fn one(name: &str, table: &mut Reader<'_>) -> Option<Endpoint> {
    let path = match table.has("path") {
        true => table.opt_parse("path", "the path of a URL such as `/scim/v2`", url_path),
        false => Some("/scim/v2".to_owned()),
    };
    let directory = table.take_str("directory");
    let mapping_file = table.take_path("mapping");
    let choices = [("ignore", Unmapped::Ignore), ("reject", Unmapped::Reject)];
    let unmapped = table.one_of("unmapped", &choices).unwrap_or(Unmapped::Ignore);
    let users = match table.has("users") {
        true => table.table("users").and_then(users),
        false => {
            table.fault("users", None, "a table with the `base` of the users", None);
            None
        }
    };
    let groups = table.table("groups").and_then(groups::read);
    Some(Endpoint {
        name: name.to_owned(),
        path: path?,
        directory: directory?,
        mapping_file: mapping_file?,
        mapping: None,
        unmapped,
        users: users?,
        groups,
    })
}

fn users(mut table: Reader<'_>) -> Option<Place> {
    let place = place(&mut table);
    table.finish();
    place
}

/// Takes `base` and `scope`.
pub(super) fn place(table: &mut Reader<'_>) -> Option<Place> {
    let base = table.take_parse("base", "a distinguished name", base);
    let scope = table.one_of("scope", &[("one", Scope::One), ("sub", Scope::Sub)]).unwrap_or(Scope::Sub);
    Some(Place { base: base?, scope })
}

fn base(text: &str) -> Result<Dn, String> {
    match Dn::parse(text) {
        Ok(dn) if dn.is_root() => Err("it is empty, which is the whole directory".to_owned()),
        Ok(dn) => Ok(dn),
        Err(error) => Err(error.to_string()),
    }
}

/// A path that cannot be mistaken for a resource of another endpoint, so that `/scim` and `/scim/hr` may both exist.
fn url_path(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    let segments = text.strip_prefix('/').ok_or("it does not begin with `/`")?.trim_end_matches('/');
    if segments.is_empty() {
        return Err("it has no segment".to_owned());
    }
    for segment in segments.split('/') {
        if segment.is_empty() || segment == "." || segment == ".." || !segment.bytes().all(plain) {
            return Err(format!("`{segment}` is not a segment of letters, digits, `-`, `_`, `.` and `~`"));
        }
        if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(segment)) {
            return Err(format!("`{segment}` is a name of SCIM's own"));
        }
    }
    Ok(format!("/{segments}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_plain_and_not_scims_own() {
        assert_eq!(url_path("/scim/v2/").as_deref(), Ok("/scim/v2"));
        assert_eq!(url_path("/api/scim").as_deref(), Ok("/api/scim"));
        for text in ["", "/", "scim", "/a//b", "/a/../b", "/a b", "/{id}", "/scim/users", "/Me"] {
            assert!(url_path(text).is_err(), "{text}");
        }
    }
}
