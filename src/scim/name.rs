//! URNs of schemas and messages, and the names of attributes.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::Error;
use super::filter::fault::shorten;

/// The core user schema, RFC 7643 section 4.1.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core group schema, RFC 7643 section 4.2.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of the user, RFC 7643 section 4.3.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What answers `/ServiceProviderConfig`, RFC 7643 section 5.
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// What answers `/ResourceTypes`, RFC 7643 section 6.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// What answers `/Schemas`, RFC 7643 section 7.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// A page of resources, RFC 7644 section 3.4.2.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The body of `/.search`, RFC 7644 section 3.4.3.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The body of a PATCH, RFC 7644 section 3.5.2.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The body of an error, RFC 7644 section 3.12.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Where all core schemas live; attributes of these stand at the top of a resource.
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";

/// Whether a schema is a core schema, whose attributes stand at the top of a resource.
pub fn is_core(schema: &str) -> bool {
    schema.get(..CORE.len()).is_some_and(|head| head.eq_ignore_ascii_case(CORE))
}

/// The name of an attribute or sub-attribute; compares case-blind, RFC 7643 section 2.1.
#[derive(Clone, Debug)]
pub struct AttrName(String);

impl AttrName {
    /// Takes a name of letters, digits, `-`, `_` and `$`, beginning with a letter (or `$`, for `$ref`).
    pub fn new(text: &str) -> Result<AttrName, Error> {
        if AttrName::is_valid(text) {
            Ok(AttrName(text.to_owned()))
        } else {
            Err(Error::invalid_path(format!("`{}` is not an attribute name", shorten(text, 80))))
        }
    }

    /// The name as it was spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text has the form of a name, RFC 7643 section 2.1.
    pub(super) fn is_valid(text: &str) -> bool {
        let mut chars = text.chars();
        chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '$')
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
    }

    /// A name that comes from a schema and needs no check.
    pub(super) fn known(text: &str) -> AttrName {
        AttrName(text.to_owned())
    }
}

impl PartialEq for AttrName {
    fn eq(&self, other: &AttrName) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AttrName {}

impl PartialEq<str> for AttrName {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for AttrName {
    fn eq(&self, other: &&str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl Hash for AttrName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for AttrName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_blind_and_keep_their_spelling() {
        let name = AttrName::new("DisplayName").unwrap();
        assert_eq!(name, AttrName::new("displayname").unwrap());
        assert_eq!(name.to_string(), "DisplayName");
        assert_eq!(name, "displayName");
        let set: std::collections::HashSet<_> = [name, AttrName::new("DISPLAYNAME").unwrap()].into();
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn only_names_are_names() {
        for good in ["a", "userName", "$ref", "x509Certificates", "a-b_c"] {
            assert!(AttrName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a.b", "a:b", "é", "a\0"] {
            assert!(AttrName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn core_schemas_are_told_from_extensions() {
        assert!(is_core(USER) && is_core(GROUP) && is_core(&USER.to_uppercase()));
        assert!(!is_core(ENTERPRISE_USER) && !is_core("é") && !is_core(""));
    }
}
