//! Reads entries from the library's BER trees. Every step may fail, and none panics: the octets come from outside.

use ldap3::asn1::{PL, StructureTag, parse_tag};

use crate::ldap::{AttrType, Dn, Entry, Value};

/// What is wrong with an entry that a server sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct DecodeError(String);

/// SearchResultEntry (RFC 4511 §4.5.2).
const ENTRY: u64 = 4;

/// Reads a SearchResultEntry.
pub(super) fn entry(tag: StructureTag) -> Result<Entry, DecodeError> {
    let id = tag.id;
    let mut parts = children(tag, "entry")?.into_iter();
    if id != ENTRY {
        return Err(DecodeError(format!("expected an entry, found element {id}")));
    }
    let name = text(parts.next(), "name of an entry")?;
    let dn = Dn::parse(&name).map_err(|error| DecodeError(error.to_string()))?;
    let mut entry = Entry::new(dn);
    for attribute in children(parts.next().ok_or_else(|| missing("attributes"))?, "attributes")? {
        let mut parts = children(attribute, "attribute")?.into_iter();
        let name = text(parts.next(), "name of an attribute")?;
        let values = children(parts.next().ok_or_else(|| missing("values"))?, "values")?;
        let values: Vec<Value> =
            values.into_iter().map(|v| octets(v, "value").map(Value::from)).collect::<Result<_, _>>()?;
        match AttrType::new(&name) {
            Ok(attr) => entry.insert(attr, values),
            Err(error) => tracing::debug!(%error, "attribute left out"),
        }
    }
    Ok(entry)
}

/// Reads the value of a pre- or post-read response control (RFC 4527 §3.1): a SearchResultEntry as BER.
pub(super) fn read_entry(value: &[u8]) -> Result<Entry, DecodeError> {
    let (_, tag) = parse_tag(value).map_err(|_| DecodeError("malformed BER".to_owned()))?;
    entry(tag)
}

/// How many octets of content a tree holds.
pub(super) fn size(tag: &StructureTag) -> usize {
    match &tag.payload {
        PL::P(octets) => octets.len(),
        PL::C(parts) => parts.iter().map(|part| size(part) + size_of::<StructureTag>()).sum(),
    }
}

fn children(tag: StructureTag, what: &str) -> Result<Vec<StructureTag>, DecodeError> {
    tag.expect_constructed().ok_or_else(|| DecodeError(format!("{what} is not a sequence or set")))
}

fn octets(tag: StructureTag, what: &str) -> Result<Vec<u8>, DecodeError> {
    tag.expect_primitive().ok_or_else(|| DecodeError(format!("{what} is not an octet string")))
}

fn text(tag: Option<StructureTag>, what: &str) -> Result<String, DecodeError> {
    let octets = octets(tag.ok_or_else(|| missing(what))?, what)?;
    String::from_utf8(octets).map_err(|_| DecodeError(format!("{what} is not UTF-8")))
}

fn missing(what: &str) -> DecodeError {
    DecodeError(format!("{what} missing"))
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::TagClass;
    use proptest::prelude::*;

    use super::*;

    fn leaf(octets: &[u8]) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(octets.to_vec()) }
    }

    fn node(id: u64, parts: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id, payload: PL::C(parts) }
    }

    fn attribute(name: &[u8], values: &[&[u8]]) -> StructureTag {
        node(16, vec![leaf(name), node(17, values.iter().map(|v| leaf(v)).collect())])
    }

    #[test]
    fn an_entry_is_read_whatever_its_values() {
        let attributes = node(16, vec![attribute(b"uid", &[b"jo"]), attribute(b"photo", &[b"\xff\0", b"text"])]);
        let entry = entry(node(4, vec![leaf(b"uid=jo,dc=a"), attributes])).unwrap();
        assert_eq!(entry.first_str(&AttrType::known("uid")), Some("jo"));
        assert_eq!(entry.get(&AttrType::known("photo")), [Value::from(vec![0xff, 0]), "text".into()]);
    }

    #[test]
    fn an_attribute_without_a_proper_name_is_left_out() {
        let attributes = node(16, vec![attribute(b"a b", &[b"x"]), attribute(b"cn", &[])]);
        let entry = entry(node(4, vec![leaf(b""), attributes])).unwrap();
        assert_eq!(entry.iter().count(), 1);
    }

    #[test]
    fn malformed_entries_are_refused() {
        let bad = [
            leaf(b""),
            node(4, vec![]),
            node(5, vec![leaf(b""), node(16, vec![])]),
            node(4, vec![leaf(b"\xff"), node(16, vec![])]),
            node(4, vec![leaf(b"nonsense"), node(16, vec![])]),
            node(4, vec![leaf(b"cn=a")]),
            node(4, vec![leaf(b"cn=a"), leaf(b"")]),
            node(4, vec![leaf(b"cn=a"), node(16, vec![leaf(b"")])]),
            node(4, vec![leaf(b"cn=a"), node(16, vec![node(16, vec![leaf(b"cn")])])]),
            node(4, vec![leaf(b"cn=a"), node(16, vec![node(16, vec![leaf(b"cn"), node(17, vec![node(1, vec![])])])])]),
        ];
        for tag in bad {
            assert!(entry(tag.clone()).is_err(), "{tag:?}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_entry(&octets);
        }
    }
}
