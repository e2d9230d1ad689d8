//! Reads entries from the library's BER trees. Every step may fail, and none panics: the octets come from outside.

use ldap3::asn1::{PL, StructureTag, parse_tag};

use crate::ldap::{AttrType, Dn, Entry, Value};

/// What is wrong with an entry that a server sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct DecodeError(String);

/// A range of an attribute's values (MS-ADTS 3.1.1.3.1.3.3), as a server tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::directory) struct Part {
    /// The attribute.
    pub(in crate::directory) attr: AttrType,
    /// The number of the first value.
    pub(in crate::directory) first: u64,
    /// The number of the last value; none when that is the last of all.
    pub(in crate::directory) last: Option<u64>,
}

impl Part {
    /// Whether it is all that there is.
    pub(in crate::directory) fn is_whole(&self) -> bool {
        self.first == 0 && self.last.is_none()
    }
}

/// SearchResultEntry (RFC 4511 §4.5.2).
const ENTRY: u64 = 4;

/// Reads a SearchResultEntry. An attribute of which a range came has the values under its own name, and is told.
pub(super) fn entry(tag: StructureTag) -> Result<(Entry, Vec<Part>), DecodeError> {
    let id = tag.id;
    let mut parts = children(tag, "entry")?.into_iter();
    if id != ENTRY {
        return Err(DecodeError(format!("expected an entry, found element {id}")));
    }
    let name = text(parts.next(), "name of an entry")?;
    let dn = Dn::parse(&name).map_err(|error| DecodeError(error.to_string()))?;
    let (mut entry, mut ranges) = (Entry::new(dn), Vec::new());
    for attribute in children(parts.next().ok_or_else(|| missing("attributes"))?, "attributes")? {
        let mut parts = children(attribute, "attribute")?.into_iter();
        let name = text(parts.next(), "name of an attribute")?;
        let values = children(parts.next().ok_or_else(|| missing("values"))?, "values")?;
        let values: Vec<Value> =
            values.into_iter().map(|v| octets(v, "value").map(Value::from)).collect::<Result<_, _>>()?;
        let part = part(&name);
        ranges.extend(part.clone());
        match part.map_or_else(|| AttrType::new(&name), |part| Ok(part.attr)) {
            Ok(attr) => entry.insert(attr, values),
            Err(error) => tracing::debug!(%error, "attribute left out"),
        }
    }
    Ok((entry, ranges))
}

/// The range that an attribute's name tells, such as `member;range=0-1499`.
fn part(name: &str) -> Option<Part> {
    let is_range = |option: &&str| option.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("range="));
    let (first, last) = name.split(';').skip(1).find(is_range)?.get(6..)?.split_once('-')?;
    let plain: Vec<&str> = name.split(';').filter(|option| !is_range(option)).collect();
    let attr = AttrType::new(&plain.join(";")).ok()?;
    let last = if last == "*" { None } else { Some(last.parse().ok()?) };
    Some(Part { attr, first: first.parse().ok()?, last })
}

/// Reads the value of a paged results control (RFC 2696 section 2): the cookie in it.
pub(super) fn cookie(value: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let (_, tag) = parse_tag(value).map_err(|_| DecodeError("malformed BER".to_owned()))?;
    let cookie = children(tag, "paged results")?.into_iter().nth(1);
    octets(cookie.ok_or_else(|| missing("cookie"))?, "cookie")
}

/// Reads the value of a pre- or post-read response control (RFC 4527 §3.1): a SearchResultEntry as BER. One that holds
/// ranges is none.
pub(super) fn read_entry(value: &[u8]) -> Result<Option<Entry>, DecodeError> {
    let (_, tag) = parse_tag(value).map_err(|_| DecodeError("malformed BER".to_owned()))?;
    let (entry, parts) = entry(tag)?;
    Ok(parts.iter().all(Part::is_whole).then_some(entry))
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
        let (entry, parts) = entry(node(4, vec![leaf(b"uid=jo,dc=a"), attributes])).unwrap();
        assert_eq!(parts, []);
        assert_eq!(entry.first_str(&AttrType::known("uid")), Some("jo"));
        assert_eq!(entry.get(&AttrType::known("photo")), [Value::from(vec![0xff, 0]), "text".into()]);
    }

    #[test]
    fn an_attribute_without_a_proper_name_is_left_out() {
        let attributes = node(16, vec![attribute(b"a b", &[b"x"]), attribute(b"cn", &[])]);
        let (entry, _) = entry(node(4, vec![leaf(b""), attributes])).unwrap();
        assert_eq!(entry.iter().count(), 1);
    }

    #[test]
    fn ranges_come_under_the_attribute_s_own_name() {
        let attributes = vec![attribute(b"member", &[]), attribute(b"Member;Range=0-1", &[b"a", b"b"])];
        let (entry, parts) = entry(node(4, vec![leaf(b"cn=a"), node(16, attributes)])).unwrap();
        assert_eq!(entry.get(&AttrType::known("member")), ["a".into(), "b".into()]);
        assert_eq!(parts, [Part { attr: AttrType::known("member"), first: 0, last: Some(1) }]);
        let whole = part("userCertificate;range=0-*;binary").unwrap();
        assert_eq!((whole.attr.as_str(), whole.is_whole()), ("userCertificate;binary", true));
        for name in ["member", "member;range=", "member;range=x-*", "member;range=1", "range=0-*", "a b;range=0-*"] {
            assert_eq!(part(name), None, "{name}");
        }
    }

    #[test]
    fn a_cookie_is_read_from_its_control() {
        assert_eq!(cookie(&[0x30, 7, 2, 1, 0, 4, 2, b'a', b'b']).unwrap(), b"ab");
        for bad in [&[][..], &[0x30, 3, 2, 1, 0], &[4, 1, 0], &[0x30, 5, 2, 1, 0, 0x30, 0]] {
            assert!(cookie(bad).is_err(), "{bad:?}");
        }
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
            let _ = (read_entry(&octets), cookie(&octets));
        }
    }
}
