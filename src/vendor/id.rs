//! Immutable identifiers: the octets in the directory, and the text that clients keep as `id`.

use crate::ldap::Value;

/// How an entry's identifier is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdCodec {
    /// A UUID as text (entryUUID, RFC 4530).
    Uuid,
    /// Four groups of eight hexadecimal digits as text (nsUniqueId).
    NsUniqueId,
    /// Text of up to 128 letters, digits and `-._~`, as it is: what a URL's path can hold.
    Text,
    /// Sixteen octets, the first three fields little-endian (objectGUID).
    ObjectGuid,
}

/// The order in which objectGUID's octets appear in its text.
const GUID_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// The longest identifier that is any text.
const MAX_TEXT: usize = 128;

const UUID: &[usize] = &[8, 4, 4, 4, 12];
const NS_UNIQUE_ID: &[usize] = &[8, 8, 8, 8];

impl IdCodec {
    /// The text of an identifier, in lower case unless it is any text; `None` when the octets are not one.
    pub fn decode(self, value: &Value) -> Option<String> {
        match self {
            Self::Uuid => grouped(value.as_str()?, UUID),
            Self::NsUniqueId => grouped(value.as_str()?, NS_UNIQUE_ID),
            Self::Text => plain(value.as_str()?),
            Self::ObjectGuid => {
                let octets: [u8; 16] = value.as_bytes().try_into().ok()?;
                let hex: String = GUID_ORDER.iter().map(|at| format!("{:02x}", octets[*at])).collect();
                Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
            }
        }
    }

    /// The octets to search for; `None` when the text is not an identifier, so that no entry can have it.
    pub fn encode(self, text: &str) -> Option<Value> {
        match self {
            Self::Uuid => grouped(text, UUID).map(Value::from),
            Self::NsUniqueId => grouped(text, NS_UNIQUE_ID).map(Value::from),
            Self::Text => plain(text).map(Value::from),
            Self::ObjectGuid => {
                let hex = grouped(text, UUID)?.replace('-', "");
                let mut octets = vec![0; 16];
                for (from, to) in GUID_ORDER.iter().enumerate() {
                    octets[*to] = u8::from_str_radix(hex.get(from * 2..from * 2 + 2)?, 16).ok()?;
                }
                Some(Value::from(octets))
            }
        }
    }
}

/// The text, when it is made of characters that mean nothing in a URL (RFC 3986 section 2.3).
fn plain(text: &str) -> Option<String> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let fits = (1..=MAX_TEXT).contains(&text.len()) && text.bytes().all(is_plain) && text != "." && text != "..";
    fits.then(|| text.to_owned())
}

/// The text in lower case, when it is hexadecimal digits in groups of these lengths.
fn grouped(text: &str, lengths: &[usize]) -> Option<String> {
    let groups: Vec<&str> = text.split('-').collect();
    let fits = groups.len() == lengths.len()
        && groups.iter().zip(lengths).all(|(group, length)| group.len() == *length)
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_identifiers_are_checked_and_folded() {
        let uuid = "AABBCCDD-0011-2233-4455-66778899AABB";
        assert_eq!(IdCodec::Uuid.encode(uuid).unwrap().as_str(), Some(uuid.to_lowercase().as_str()));
        assert_eq!(IdCodec::Uuid.decode(&uuid.into()).unwrap(), uuid.to_lowercase());
        let ns = "66446001-1dd211b2-66225011-2ee211db";
        assert_eq!(IdCodec::NsUniqueId.decode(&ns.into()).unwrap(), ns);
        assert!(IdCodec::Uuid.encode(ns).is_none());
    }

    #[test]
    fn any_text_is_one_that_a_url_can_hold() {
        let longest = "x".repeat(MAX_TEXT);
        for good in ["Jo.Doe-1_~", "4711", &longest] {
            assert_eq!(IdCodec::Text.encode(good), Some(Value::from(good)));
            assert_eq!(IdCodec::Text.decode(&good.into()).as_deref(), Some(good));
        }
        for bad in ["", "a/b", "a b", "..", "é", "a?b", "a%62", &format!("{longest}x")] {
            assert!(IdCodec::Text.encode(bad).is_none() && IdCodec::Text.decode(&bad.into()).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for bad in ["", "*", "aabbccdd-0011-2233-4455-66778899aab)", "aabbccdd00112233445566778899aabb", "é-é-é-é-é"]
        {
            for codec in [IdCodec::Uuid, IdCodec::NsUniqueId, IdCodec::ObjectGuid] {
                assert!(codec.encode(bad).is_none(), "{bad:?}");
            }
        }
        assert!(IdCodec::ObjectGuid.decode(&Value::from(vec![0; 15])).is_none());
    }

    #[test]
    fn object_guid_swaps_its_first_fields() {
        let octets: Vec<u8> = (0..16).collect();
        let text = IdCodec::ObjectGuid.decode(&Value::from(octets.clone())).unwrap();
        assert_eq!(text, "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(IdCodec::ObjectGuid.encode(&text), Some(Value::from(octets)));
    }
}
