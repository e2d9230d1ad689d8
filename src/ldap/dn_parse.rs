//! Reads DNs: RFC 4514 §3, and the older forms that RFC 2253 §4 asks readers to accept.

use super::{AttrType, Ava, Rdn, Value};

/// Why a text is not a DN, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a distinguished name: {fault} at byte {at}", text.escape_debug())]
pub struct DnError {
    text: String,
    at: usize,
    fault: DnFault,
}

impl DnError {
    /// What is wrong.
    pub fn fault(&self) -> DnFault {
        self.fault
    }

    /// Where, as a byte offset.
    pub fn at(&self) -> usize {
        self.at
    }
}

/// What may be wrong with a DN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnFault {
    /// An attribute name is missing or malformed.
    #[error("no attribute name")]
    Attribute,
    /// There is no `=` after an attribute name.
    #[error("no `=`")]
    Equals,
    /// A backslash is followed by neither a special character nor two hexadecimal digits.
    #[error("bad escape")]
    Escape,
    /// A `#` value is not the hexadecimal BER encoding of a string.
    #[error("bad hexadecimal value")]
    Hex,
    /// A quoted value has no closing quote, or a special character stands unescaped.
    #[error("unescaped special character")]
    Special,
}

/// Parses a whole DN into its RDNs, the leaf first.
pub(super) fn parse(text: &str) -> Result<Vec<Rdn>, DnError> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.dn().map_err(|fault| DnError { text: text.to_owned(), at: reader.at, fault })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn dn(&mut self) -> Result<Vec<Rdn>, DnFault> {
        let mut rdns = Vec::new();
        self.skip_spaces();
        if self.peek().is_none() {
            return Ok(rdns);
        }
        loop {
            let mut avas = vec![self.ava()?];
            while self.peek() == Some(b'+') {
                self.at += 1;
                avas.push(self.ava()?);
            }
            rdns.extend(Rdn::of(avas));
            match self.peek() {
                None => return Ok(rdns),
                Some(b',' | b';') => self.at += 1,
                Some(_) => return Err(DnFault::Special),
            }
        }
    }

    fn ava(&mut self) -> Result<Ava, DnFault> {
        self.skip_spaces();
        let attr = self.attr()?;
        self.skip_spaces();
        if self.peek() != Some(b'=') {
            return Err(DnFault::Equals);
        }
        self.at += 1;
        self.skip_spaces();
        let value = match self.peek() {
            Some(b'#') => self.hex_value()?,
            Some(b'"') => self.quoted_value()?,
            _ => self.string_value()?,
        };
        Ok(Ava { attr, value: Value::from(value) })
    }

    fn attr(&mut self) -> Result<AttrType, DnFault> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b';')) {
            self.at += 1;
        }
        let name = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let name = match name.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("oid.") => &name[4..],
            _ => name,
        };
        AttrType::new(name).map_err(|_| {
            self.at = start;
            DnFault::Attribute
        })
    }

    fn string_value(&mut self) -> Result<Vec<u8>, DnFault> {
        let mut out = Vec::new();
        let mut keep = 0;
        while let Some(byte) = self.peek() {
            match byte {
                b',' | b';' | b'+' => break,
                b'"' | b'<' | b'>' | 0 => return Err(DnFault::Special),
                b'\\' => {
                    out.push(self.escaped()?);
                    keep = out.len();
                }
                other => {
                    out.push(other);
                    self.at += 1;
                    if other != b' ' {
                        keep = out.len();
                    }
                }
            }
        }
        out.truncate(keep);
        Ok(out)
    }

    fn quoted_value(&mut self) -> Result<Vec<u8>, DnFault> {
        let mut out = Vec::new();
        self.at += 1;
        loop {
            match self.peek().ok_or(DnFault::Special)? {
                b'"' => break,
                b'\\' => out.push(self.escaped()?),
                other => {
                    out.push(other);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.skip_spaces();
        Ok(out)
    }

    /// A backslash with a special character, or with two hexadecimal digits for one octet.
    fn escaped(&mut self) -> Result<u8, DnFault> {
        let first = *self.bytes.get(self.at + 1).ok_or(DnFault::Escape)?;
        if matches!(first, b' ' | b'"' | b'#' | b'+' | b',' | b';' | b'<' | b'=' | b'>' | b'\\') {
            self.at += 2;
            return Ok(first);
        }
        let second = *self.bytes.get(self.at + 2).ok_or(DnFault::Escape)?;
        let octet = hex_pair(first, second).ok_or(DnFault::Escape)?;
        self.at += 3;
        Ok(octet)
    }

    fn hex_value(&mut self) -> Result<Vec<u8>, DnFault> {
        self.at += 1;
        let mut ber = Vec::new();
        while let Some(first) = self.peek().filter(u8::is_ascii_hexdigit) {
            let second = *self.bytes.get(self.at + 1).ok_or(DnFault::Hex)?;
            ber.push(hex_pair(first, second).ok_or(DnFault::Hex)?);
            self.at += 2;
        }
        self.skip_spaces();
        ber_string(&ber).map(<[u8]>::to_vec).ok_or(DnFault::Hex)
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

fn hex_pair(first: u8, second: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(first)? * 16 + digit(second)?).ok()
}

/// The content of a BER OCTET STRING, UTF8String, PrintableString, T61String or IA5String.
fn ber_string(ber: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = ber.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, content) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (octets, content) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0_usize, |sum, b| (sum << 8) | usize::from(*b)), content)
        }
        _ => return None,
    };
    (matches!(tag, 0x04 | 0x0c | 0x13 | 0x14 | 0x16) && content.len() == length).then_some(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ldap::{Dn, escape_value};

    use super::*;

    fn first(text: &str) -> Vec<u8> {
        parse(text).unwrap()[0].avas()[0].value.as_bytes().to_vec()
    }

    #[test]
    fn rfc_4514_examples() {
        assert_eq!(Dn::parse("UID=jsmith,DC=example,DC=net").unwrap().rdns().len(), 3);
        assert_eq!(Dn::parse("OU=Sales+CN=J.  Smith,DC=example,DC=net").unwrap().rdns()[0].avas().len(), 2);
        assert_eq!(first(r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#), br#"James "Jim" Smith, III"#);
        assert_eq!(first(r"CN=Before\0dAfter,DC=example"), b"Before\rAfter");
        assert_eq!(first("1.3.6.1.4.1.1466.0=#04024869"), b"Hi");
        assert_eq!(first(r"CN=Lu\C4\8Di\C4\87"), "Lučić".as_bytes());
    }

    #[test]
    fn older_forms_are_read() {
        assert_eq!(
            Dn::parse("CN=Steve ; O = \"Isode, \\\"Ltd\" ;C=GB").unwrap().to_string(),
            r#"CN=Steve,O=Isode\, \"Ltd,C=GB"#
        );
        assert_eq!(Dn::parse("OID.2.5.4.3=a").unwrap().to_string(), "2.5.4.3=a");
        assert_eq!(Dn::parse(" ").unwrap(), Dn::root());
    }

    #[test]
    fn spaces_are_kept_only_when_escaped() {
        assert_eq!(first(r"cn=  a  ,dc=b"), b"a");
        assert_eq!(first(r"cn=\ a\ ,dc=b"), b" a ");
        assert_eq!(first("cn=,dc=b"), b"");
        assert_eq!(first("cn=\\20"), b" ");
    }

    #[test]
    fn malformed_names_are_refused_with_a_place() {
        let cases = [
            ("a", DnFault::Equals, 1),
            ("=a", DnFault::Attribute, 0),
            ("cn=a,", DnFault::Attribute, 5),
            ("cn=a,,cn=b", DnFault::Attribute, 5),
            ("cn=a\\", DnFault::Escape, 4),
            ("cn=a\\zz", DnFault::Escape, 4),
            ("cn=a\\4", DnFault::Escape, 4),
            ("cn=#0", DnFault::Hex, 4),
            ("cn=#", DnFault::Hex, 4),
            ("cn=#0402", DnFault::Hex, 8),
            ("cn=#0401zz", DnFault::Hex, 8),
            ("cn=a\"b", DnFault::Special, 4),
            ("cn=\"ab", DnFault::Special, 6),
            ("cn=a\0", DnFault::Special, 4),
            ("cn=\"a\"b", DnFault::Special, 6),
        ];
        for (text, fault, at) in cases {
            let error = parse(text).unwrap_err();
            assert_eq!((error.fault(), error.at()), (fault, at), "{text:?}");
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let special = prop::sample::select(vec!['#', ' ', ',', '+', '"', '\\', '<', '>', ';', '=', '\0', '\n', '😀']);
        prop::collection::vec(prop_oneof![special, any::<char>()], 0..12).prop_map(String::from_iter)
    }

    fn octets(dn: &Dn) -> Vec<Vec<u8>> {
        dn.rdns().iter().flat_map(|r| r.avas().iter().map(|a| a.value.as_bytes().to_vec())).collect()
    }

    proptest! {
        #[test]
        fn text_survives_printing_and_parsing(values in prop::collection::vec((hostile(), hostile()), 1..4)) {
            let rdns = values.into_iter().filter_map(|(a, b)| Rdn::of(vec![
                Ava { attr: AttrType::known("cn"), value: a.into() },
                Ava { attr: AttrType::known("2.5.4.5"), value: b.into() },
            ])).collect();
            let dn = Dn::from_rdns(rdns);
            let again = Dn::parse(&dn.to_string()).unwrap();
            prop_assert_eq!(octets(&again), octets(&dn));
            prop_assert_eq!(again, dn);
        }

        #[test]
        fn octets_survive_printing_and_parsing(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let dn = Dn::from_rdns(vec![Rdn::new(AttrType::known("uid"), bytes)]);
            prop_assert_eq!(octets(&Dn::parse(&dn.to_string()).unwrap()), octets(&dn));
        }

        #[test]
        fn an_escaped_value_never_leaves_its_rdn(text in hostile()) {
            let dn = Dn::parse(&format!("uid={},ou=people", escape_value(&text))).unwrap();
            prop_assert_eq!(dn.rdns().len(), 2);
            prop_assert!(dn.is_below(&Dn::parse("ou=people").unwrap()));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>(), odd in hostile()) {
            let _ = (Dn::parse(&text), Dn::parse(&odd));
        }
    }
}
