//! Bearer tokens: long random texts of which only the SHA-256 is kept, in a TOML file.
//!
//! A token belongs to one endpoint and allows reading or also writing. Several may be valid at once, so that one can
//! be replaced without a gap. Nothing here prints a token or a hash.

mod file;
mod set;
mod store;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use file::update;
pub use set::{NewToken, TokenSet};
pub use store::TokenStore;

use super::Error;
use crate::service::Permission;

/// Says whose token a text is, so that secret scanners can be taught it.
const PREFIX: &str = "slb_";

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allow {
    /// Only requests that change nothing.
    Read,
    /// Every request.
    Write,
}

impl Allow {
    /// As written in the token file.
    pub fn as_str(self) -> &'static str {
        match self {
            Allow::Read => "read",
            Allow::Write => "write",
        }
    }

    /// True when the token allows what is needed.
    pub fn permits(self, needed: Permission) -> bool {
        match needed {
            Permission::Read => true,
            Permission::Write => self == Allow::Write,
        }
    }
}

impl std::str::FromStr for Allow {
    type Err = Error;

    fn from_str(text: &str) -> Result<Allow, Error> {
        match text {
            "read" => Ok(Allow::Read),
            "write" => Ok(Allow::Write),
            _ => Err(Error::TokenName(format!(
                "`{text}` is not something a token can allow, expected `read` or `write`"
            ))),
        }
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a token: what logs, metrics and the audit trail call the caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenName(String);

impl TokenName {
    /// Accepts 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit.
    pub fn new(text: &str) -> Result<TokenName, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let good = (1..=64).contains(&text.len())
            && text.chars().all(plain)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if good {
            Ok(TokenName(text.to_owned()))
        } else {
            Err(Error::TokenName(format!(
                "`{}` cannot name a token, expected 1 to 64 letters, digits, `.`, `_` or `-`",
                text.escape_default()
            )))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One token as it is kept: everything but its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What the caller is called.
    pub name: TokenName,
    /// The endpoint it opens.
    pub endpoint: String,
    /// What it allows there.
    pub allow: Allow,
    /// A note for people.
    pub description: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
    sha256: [u8; 32],
}

impl Token {
    /// True from the moment of expiry on.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .field("allow", &self.allow)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The text of a token, shown once to the administrator.
pub struct TokenText(String);

impl TokenText {
    /// A new token from the system's random bytes.
    pub fn generate() -> Result<TokenText, Error> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|e| Error::Random(e.to_string()))?;
        Ok(TokenText::from_random(random))
    }

    /// The token that these random bytes make.
    pub fn from_random(random: [u8; 32]) -> TokenText {
        TokenText(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random)))
    }

    /// The text itself; every use of it is one place to look at.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(..)")
    }
}

/// Why a request was not let in: the closed set of reasons that metrics and logs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No `Authorization` header.
    Missing,
    /// A header that does not read `Bearer <token>`.
    Malformed,
    /// A token that nobody was given.
    Unknown,
    /// A token past its time.
    Expired,
    /// A token for another endpoint.
    OtherEndpoint,
    /// A read-only token used for writing.
    ReadOnly,
}

impl Refusal {
    /// The label of the metric and the field of the log line.
    pub fn label(self) -> &'static str {
        match self {
            Refusal::Missing => "missing",
            Refusal::Malformed => "malformed",
            Refusal::Unknown => "unknown_token",
            Refusal::Expired => "expired_token",
            Refusal::OtherEndpoint => "other_endpoint",
            Refusal::ReadOnly => "read_only",
        }
    }
}

/// The only form in which a token is kept.
fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_text_has_its_prefix_and_256_bits() {
        let text = TokenText::from_random([0xff; 32]);
        assert_eq!(text.expose(), format!("slb_{}8", "_".repeat(42)));
        assert_eq!(text.expose().len(), 4 + 43);
        assert_eq!(format!("{text:?}"), "TokenText(..)");
        let (a, b) = (TokenText::generate(), TokenText::generate());
        assert_ne!(a.unwrap().expose(), b.unwrap().expose());
    }

    #[test]
    fn names_are_safe_in_labels_and_logs() {
        for good in ["entra-hr", "a", "A.b_c-9"] {
            assert_eq!(TokenName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a b", "ü", "a\nb", &"x".repeat(65)] {
            assert!(TokenName::new(bad).is_err(), "{bad:?}");
        }
    }
}
