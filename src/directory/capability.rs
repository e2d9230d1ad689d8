//! What a server offers, as its root DSE says (RFC 4512 §5.1).

use crate::ldap::{AttrType, Dn, Entry, Filter, Query, Sign, Value};

const PRE_READ: &str = "1.3.6.1.1.13.1";
const POST_READ: &str = "1.3.6.1.1.13.2";
const ASSERTION: &str = "1.3.6.1.1.12";
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
const TREE_DELETE: &str = "1.2.840.113556.1.4.805";
const INCREMENT: &str = "1.3.6.1.1.14";
const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";

const ATTRS: [&str; 8] = [
    "supportedControl",
    "supportedExtension",
    "supportedFeatures",
    "supportedSASLMechanisms",
    "supportedLDAPVersion",
    "namingContexts",
    "vendorName",
    "vendorVersion",
];

/// What a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    root: Entry,
}

impl Capabilities {
    /// Reads a root DSE.
    pub(super) fn new(root: Entry) -> Self {
        Self { root }
    }

    /// The question that brings the root DSE, with what these signs are in: some of it comes only when asked for by name.
    pub(super) fn query<'s>(signs: impl Iterator<Item = &'s Sign>) -> Query {
        let mut attrs = ATTRS.map(AttrType::known).to_vec();
        for attr in signs.map(|sign| AttrType::known(sign.attr)) {
            if !attrs.contains(&attr) {
                attrs.push(attr);
            }
        }
        Query::entry(Dn::root(), Filter::Present(AttrType::known("objectClass")), attrs)
    }

    /// Whether a write can bring the entry as it was before (RFC 4527).
    pub fn pre_read(&self) -> bool {
        self.control(PRE_READ)
    }

    /// Whether a write can bring the entry as it is after (RFC 4527).
    pub fn post_read(&self) -> bool {
        self.control(POST_READ)
    }

    /// Whether an operation can be made to depend on a filter (RFC 4528).
    pub fn assertion(&self) -> bool {
        self.control(ASSERTION)
    }

    /// Whether searches can be answered in pages (RFC 2696).
    pub fn paged(&self) -> bool {
        self.control(PAGED_RESULTS)
    }

    /// Whether an entry can be deleted with everything below it.
    pub fn tree_delete(&self) -> bool {
        self.control(TREE_DELETE)
    }

    /// Whether numbers can be incremented (RFC 4525).
    pub fn increment(&self) -> bool {
        self.has("supportedFeatures", INCREMENT)
    }

    /// Whether passwords can be set by an extended operation (RFC 3062). A server that does not say what extended
    /// operations it offers may offer it.
    pub fn password_modify(&self) -> bool {
        self.extension(PASSWORD_MODIFY) || self.texts("supportedExtension").next().is_none()
    }

    /// Whether a control is offered.
    pub fn control(&self, oid: &str) -> bool {
        self.has("supportedControl", oid)
    }

    /// Whether an extended operation is offered.
    pub fn extension(&self, oid: &str) -> bool {
        self.has("supportedExtension", oid)
    }

    /// Whether a version of LDAP is offered.
    pub fn version(&self, version: &str) -> bool {
        self.has("supportedLDAPVersion", version)
    }

    /// The tops of the server's trees.
    pub fn naming_contexts(&self) -> Vec<Dn> {
        self.texts("namingContexts").filter_map(|text| Dn::parse(text).ok()).collect()
    }

    /// Who made the server, where it says so.
    pub fn vendor_name(&self) -> Option<&str> {
        self.texts("vendorName").next()
    }

    /// Which version it is, where it says so.
    pub fn vendor_version(&self) -> Option<&str> {
        self.texts("vendorVersion").next()
    }

    /// Whether the root DSE can be read at all.
    pub(super) fn are_shown(&self) -> bool {
        self.root.iter().next().is_some()
    }

    /// Whether there is one of these signs.
    pub(super) fn show(&self, signs: &[Sign]) -> bool {
        signs.iter().any(|sign| match sign.value {
            Some(value) => self.texts(sign.attr).any(|text| text.eq_ignore_ascii_case(value)),
            None => !self.root.get(&AttrType::known(sign.attr)).is_empty(),
        })
    }

    /// The values of an attribute that are text.
    pub(super) fn texts(&self, attr: &'static str) -> impl Iterator<Item = &str> {
        self.root.get(&AttrType::known(attr)).iter().filter_map(Value::as_str)
    }

    fn has(&self, attr: &'static str, value: &str) -> bool {
        self.texts(attr).any(|text| text == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_dse_says_what_is_offered() {
        let root = Entry::new(Dn::root())
            .with(AttrType::known("supportedControl"), [POST_READ.into(), PAGED_RESULTS.into()])
            .with(AttrType::known("namingContexts"), ["dc=a".into(), "".into(), "nonsense".into()])
            .with(AttrType::known("supportedLDAPVersion"), ["3".into()]);
        let offered = Capabilities::new(root);
        assert!(offered.post_read() && offered.paged() && offered.version("3"));
        assert!(offered.password_modify(), "nothing is said about it");
        assert!(!offered.pre_read() && !offered.assertion() && !offered.increment());
        assert_eq!(offered.naming_contexts(), [Dn::parse("dc=a").unwrap(), Dn::root()]);
        assert_eq!(offered.vendor_name(), None);
        let start_tls = |oid: &str| Entry::new(Dn::root()).with(AttrType::known("supportedExtension"), [oid.into()]);
        assert!(!Capabilities::new(start_tls("1.3.6.1.4.1.1466.20037")).password_modify());
        assert!(Capabilities::new(start_tls(PASSWORD_MODIFY)).password_modify());
    }
}
