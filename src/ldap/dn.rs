//! Distinguished names: their parts, their one text form (RFC 4514 §2) and their comparison.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::dn_parse::{self, DnError};
use super::{AttrType, Value};

/// An attribute and the value it has in an RDN.
#[derive(Clone, Debug)]
pub struct Ava {
    /// The attribute.
    pub attr: AttrType,
    /// Its value.
    pub value: Value,
}

/// A relative distinguished name: one attribute value, or several joined by `+`.
#[derive(Clone)]
pub struct Rdn(Vec<Ava>);

/// A distinguished name, the leaf first. Names are equal when their keys are.
#[derive(Clone, Default)]
pub struct Dn(Vec<Rdn>);

/// A name made comparable: attribute aliases resolved, case folded, spaces squashed, multi-valued RDNs sorted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnKey(Vec<RdnKey>);

type RdnKey = Vec<(String, Vec<u8>)>;

impl Rdn {
    /// An RDN of one attribute value.
    pub fn new(attr: AttrType, value: impl Into<Value>) -> Self {
        Self(vec![Ava { attr, value: value.into() }])
    }

    /// An RDN of several attribute values; `None` when there is none.
    pub fn of(avas: Vec<Ava>) -> Option<Self> {
        (!avas.is_empty()).then_some(Self(avas))
    }

    /// The attribute values, at least one.
    pub fn avas(&self) -> &[Ava] {
        &self.0
    }

    /// The value that an attribute has in this RDN; aliases of the attribute count.
    pub fn value(&self, attr: &AttrType) -> Option<&Value> {
        let name = attr.canonical();
        self.0.iter().find(|ava| ava.attr.canonical() == name).map(|ava| &ava.value)
    }

    fn key(&self) -> RdnKey {
        let mut key: RdnKey = self.0.iter().map(|ava| (ava.attr.canonical(), fold(&ava.value))).collect();
        key.sort_unstable();
        key
    }
}

impl Rdn {
    /// Whether this name holds `value` of `attr`, as DNs compare values.
    pub fn has_value(&self, attr: &AttrType, value: &Value) -> bool {
        let wanted = Self::new(attr.clone(), value.clone());
        self.0.iter().any(|ava| Self(vec![ava.clone()]) == wanted)
    }

    /// The same name with another value of `attr`.
    pub fn with_value(&self, attr: &AttrType, value: Value) -> Self {
        let change = |ava: &Ava| match ava.attr == *attr {
            true => Ava { attr: ava.attr.clone(), value: value.clone() },
            false => ava.clone(),
        };
        Self(self.0.iter().map(change).collect())
    }
}

impl Dn {
    /// Parses RFC 4514 text, tolerating the older forms of RFC 2253 §4 (`;`, spaces, quotes, `OID.`).
    pub fn parse(text: &str) -> Result<Self, DnError> {
        dn_parse::parse(text).map(Self)
    }

    /// The name of the root DSE: no RDN at all.
    pub fn root() -> Self {
        Self(Vec::new())
    }

    /// A name from its RDNs, the leaf first.
    pub fn from_rdns(rdns: Vec<Rdn>) -> Self {
        Self(rdns)
    }

    /// The RDNs, the leaf first.
    pub fn rdns(&self) -> &[Rdn] {
        &self.0
    }

    /// The leaf's RDN; the root DSE has none.
    pub fn rdn(&self) -> Option<&Rdn> {
        self.0.first()
    }

    /// The name above; the root DSE has none.
    pub fn parent(&self) -> Option<Self> {
        (!self.is_root()).then(|| Self(self.0[1..].to_vec()))
    }

    /// The name of the domain that this name lies in (RFC 2247 section 3): its last parts, as far as they are `dc`.
    pub fn domain(&self) -> Option<Self> {
        let is_dc = |rdn: &&Rdn| matches!(rdn.avas(), [ava] if ava.attr == AttrType::known("dc"));
        let depth = self.0.iter().rev().take_while(is_dc).count();
        (depth > 0).then(|| Self(self.0[self.0.len() - depth..].to_vec()))
    }

    /// The name directly below this one with this RDN.
    pub fn child(&self, rdn: Rdn) -> Self {
        Self(std::iter::once(rdn).chain(self.0.iter().cloned()).collect())
    }

    /// Whether this is the empty name.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this name is below the other one, at any depth; no name is below itself.
    pub fn is_below(&self, other: &Self) -> bool {
        let Some(depth) = self.0.len().checked_sub(other.0.len()).filter(|depth| *depth > 0) else {
            return false;
        };
        self.0[depth..].iter().zip(&other.0).all(|(a, b)| a == b)
    }

    /// The form to compare and to use in maps.
    pub fn key(&self) -> DnKey {
        DnKey(self.0.iter().map(Rdn::key).collect())
    }
}

/// Escapes text for use as a value in a DN (RFC 4514 §2.4).
pub fn escape_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    for (at, c) in text.char_indices() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => out.extend(['\\', c]),
            '#' if at == 0 => out.push_str("\\#"),
            ' ' if at == 0 || at == last => out.push_str("\\ "),
            c if c.is_ascii_control() => out.push_str(&format!("\\{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn escape(value: &Value) -> String {
    match value.as_str() {
        Some(text) => escape_value(text),
        None => value.as_bytes().iter().map(|b| format!("\\{b:02X}")).collect(),
    }
}

/// Case-folds and squashes spaces as caseIgnoreMatch does (RFC 4518 §2.6.1), without its compatibility mappings.
fn fold(value: &Value) -> Vec<u8> {
    let Some(text) = value.as_str() else {
        return value.as_bytes().to_vec();
    };
    let words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join(" ").into_bytes()
}

impl PartialEq for Rdn {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Rdn {}

impl Hash for Rdn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialEq for Dn {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Dn {}

impl Hash for Dn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, ava) in self.0.iter().enumerate() {
            let plus = if at == 0 { "" } else { "+" };
            write!(f, "{plus}{}={}", ava.attr, escape(&ava.value))?;
        }
        Ok(())
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, rdn) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{rdn}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rdn({self})")
    }
}

impl fmt::Debug for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dn({self})")
    }
}

impl std::str::FromStr for Dn {
    type Err = DnError;

    fn from_str(text: &str) -> Result<Self, DnError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap()
    }

    #[test]
    fn every_special_character_is_escaped() {
        assert_eq!(escape_value("a,b+c\"d\\e<f>g;h=i"), "a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i");
        assert_eq!(escape_value("#a#"), "\\#a#");
        assert_eq!(escape_value("  a  "), "\\  a \\ ");
        assert_eq!(escape_value(" "), "\\ ");
        assert_eq!(escape_value("a\0\n\u{7f}é😀"), "a\\00\\0A\\7Fé😀");
    }

    #[test]
    fn a_domain_is_the_last_parts_of_a_name() {
        for (name, domain) in [
            ("cn=jo,ou=people,dc=a,DC=b", Some("dc=a,dc=b")),
            ("dc=x,ou=people,dc=b", Some("dc=b")),
            ("dc=b", Some("dc=b")),
            ("ou=people,o=acme", None),
            ("", None),
        ] {
            assert_eq!(dn(name).domain(), domain.map(dn), "{name}");
        }
    }

    #[test]
    fn names_are_equal_whatever_case_spaces_and_aliases() {
        assert_eq!(dn("UID=Jo  Ann, OU=People"), dn("userid=jo ann,organizationalUnitName=people"));
        assert_eq!(dn("cn=a+uid=b"), dn("uid=B+CN=A"));
        assert_ne!(dn("cn=a,cn=b"), dn("cn=a+cn=b"));
        assert_ne!(dn("cn=ab"), dn("cn=a b"));
        assert_eq!(dn("cn=ÄÖ"), dn("cn=äö"));
    }

    #[test]
    fn below_is_strict_and_counts_whole_rdns() {
        let base = dn("ou=people,dc=example,dc=com");
        assert!(dn("uid=a,OU=People,dc=example,dc=com").is_below(&base));
        assert!(dn("uid=a,ou=x,ou=people,dc=example,dc=com").is_below(&base));
        assert!(!base.is_below(&base));
        assert!(!dn("uid=a\\,ou=people,dc=example,dc=com").is_below(&base));
        assert!(!dn("dc=example,dc=com").is_below(&base));
        assert!(base.is_below(&Dn::root()));
    }

    #[test]
    fn parts_can_be_taken_and_put_together() {
        let name = dn("uid=a,dc=example");
        assert_eq!(name.parent().unwrap().child(name.rdn().unwrap().clone()), name);
        assert_eq!(Dn::root().parent(), None);
        assert_eq!(name.rdn().unwrap().value(&AttrType::known("userid")), Some(&Value::from("a")));
    }
}
