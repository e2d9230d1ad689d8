//! Attribute descriptions (RFC 4512 §2.5): a short name or an OID, with options.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Why a text is not an attribute description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an LDAP attribute name", .0.escape_default())]
pub struct AttrTypeError(String);

/// An attribute description such as `uid`, `2.5.4.3` or `userCertificate;binary`.
///
/// Names are compared without regard to case (RFC 4512 §2.5), and print as they were spelled.
#[derive(Clone)]
pub struct AttrType(Box<str>);

/// Names, aliases and OIDs of attributes of people and of DNs (RFC 4514 §3, RFC 4519, RFC 4524), the name under which
/// servers answer first. Servers take any of them and answer under one.
#[rustfmt::skip] // one attribute a line reads as the table it is
const ALIASES: &[&[&str]] = &[
    &["cn", "commonName", "2.5.4.3"],
    &["sn", "surname", "2.5.4.4"],
    &["serialNumber", "2.5.4.5"],
    &["c", "countryName", "2.5.4.6"],
    &["l", "localityName", "2.5.4.7"],
    &["st", "stateOrProvinceName", "2.5.4.8"],
    &["street", "streetAddress", "2.5.4.9"],
    &["o", "organizationName", "2.5.4.10"],
    &["ou", "organizationalUnitName", "2.5.4.11"],
    &["title", "2.5.4.12"],
    &["facsimileTelephoneNumber", "fax", "2.5.4.23"],
    &["givenName", "gn", "2.5.4.42"],
    &["uid", "userid", "0.9.2342.19200300.100.1.1"],
    &["mail", "rfc822Mailbox", "0.9.2342.19200300.100.1.3"],
    &["homePhone", "homeTelephoneNumber", "0.9.2342.19200300.100.1.20"],
    &["dc", "domainComponent", "0.9.2342.19200300.100.1.25"],
    &["mobile", "mobileTelephoneNumber", "0.9.2342.19200300.100.1.41"],
    &["pager", "pagerTelephoneNumber", "0.9.2342.19200300.100.1.42"],
    &["co", "friendlyCountryName", "0.9.2342.19200300.100.1.43"],
];

impl AttrType {
    /// Parses an attribute description; an underscore is tolerated, since some servers have such names.
    pub fn new(text: &str) -> Result<Self, AttrTypeError> {
        let mut parts = text.split(';');
        let base = parts.next().unwrap_or_default();
        if (is_descr(base) || is_oid(base)) && parts.all(is_option) {
            Ok(Self(text.into()))
        } else {
            Err(AttrTypeError(text.to_owned()))
        }
    }

    /// An attribute whose name is a literal in this program.
    pub fn known(text: &'static str) -> Self {
        debug_assert!(Self::new(text).is_ok(), "`{text}` is not an attribute name");
        Self(text.into())
    }

    /// The description as it was spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One name for all aliases and OIDs of an attribute, in lower case; other names just in lower case.
    pub fn canonical(&self) -> String {
        let name = self.names().map_or(self.as_str(), |names| names[0]);
        name.to_ascii_lowercase()
    }

    /// All names of the attribute, when it is known to have several.
    pub(super) fn names(&self) -> Option<&'static [&'static str]> {
        ALIASES.iter().find(|names| names.iter().any(|name| name.eq_ignore_ascii_case(&self.0))).copied()
    }
}

/// The octets of a name as names are compared.
fn lower(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

fn is_descr(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(is_key_char)
}

fn is_oid(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|arc| {
            !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
        })
}

fn is_option(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_key_char)
}

fn is_key_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

impl PartialEq for AttrType {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AttrType {}

impl PartialOrd for AttrType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AttrType {
    fn cmp(&self, other: &Self) -> Ordering {
        lower(&self.0).cmp(lower(&other.0))
    }
}

impl Hash for AttrType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        lower(&self.0).for_each(|byte| state.write_u8(byte));
        state.write_u8(0xff);
    }
}

impl fmt::Display for AttrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AttrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_oids_and_options_are_accepted() {
        for good in ["uid", "x-a1", "2.5.4.3", "0.9.2342", "userCertificate;binary", "cn;lang-de;x-y", "ns_odd"] {
            assert!(AttrType::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in
            ["", "1uid", "2", "2.", "2..5", "2.05", "a b", "a=b", "cn;", ";x", "é", "cn)(uid=*", "a\0", "-a", "*"]
        {
            assert!(AttrType::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn case_does_not_matter_but_is_kept() {
        let set: HashSet<AttrType> = [AttrType::known("userPassword"), AttrType::known("USERPASSWORD")].into();
        assert_eq!(set.len(), 1);
        assert_eq!(AttrType::known("givenName").to_string(), "givenName");
        assert_eq!(AttrType::known("A").cmp(&AttrType::known("a")), Ordering::Equal);
    }

    #[test]
    fn aliases_have_one_canonical_name() {
        for name in ["uid", "userID", "0.9.2342.19200300.100.1.1"] {
            assert_eq!(AttrType::known(name).canonical(), "uid");
        }
        assert_eq!(AttrType::known("employeeNumber").canonical(), "employeenumber");
    }
}
