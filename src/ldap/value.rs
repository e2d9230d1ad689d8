//! Attribute values: octets, some of them secret.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// One value of an attribute, as octets. A secret value prints as `<redacted>` and compares like any other.
#[derive(Clone)]
pub struct Value {
    bytes: Vec<u8>,
    secret: bool,
}

impl Value {
    /// A value that must never be printed: a password or its hash.
    pub fn secret(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), secret: true }
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The value as text, when it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Whether this value must not be printed.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Whether there are no octets.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), secret: false }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self { bytes: text.into_bytes(), secret: false }
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, secret: false }
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), secret: false }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            _ if self.secret => f.write_str("<redacted>"),
            Some(text) => write!(f, "{text:?}"),
            None => {
                f.write_str("0x")?;
                self.bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Value::secret("hunter2")), "<redacted>");
    }

    #[test]
    fn a_secret_equals_the_same_octets() {
        assert_eq!(Value::secret("x"), Value::from("x"));
    }

    #[test]
    fn octets_that_are_not_text_print_as_hex() {
        assert_eq!(format!("{:?}", Value::from(vec![0xff, 0x00])), "0xff00");
        assert_eq!(Value::from(vec![0xff]).as_str(), None);
    }
}
