//! The tokens known at one moment, and the check of a presented one.

use jiff::Timestamp;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::{Allow, Error, Refusal, Token, TokenName, TokenText, sha256};

/// All tokens of the token file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenSet(pub(super) Vec<Token>);

/// What the administrator says about a token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What the caller will be called.
    pub name: TokenName,
    /// The endpoint it opens.
    pub endpoint: String,
    /// What it allows there.
    pub allow: Allow,
    /// A note for people.
    pub description: Option<String>,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
}

impl TokenSet {
    /// The tokens, in the file's order.
    pub fn list(&self) -> &[Token] {
        &self.0
    }

    /// Adds a token whose text the caller shows once; only its hash stays here.
    pub fn add(&mut self, new: NewToken, text: &TokenText, now: Timestamp) -> Result<(), Error> {
        if self.0.iter().any(|t| t.name == new.name) {
            return Err(Error::TokenName(format!(
                "a token named `{}` exists\nhint: choose another name, both are valid until the old one is revoked",
                new.name
            )));
        }
        self.0.push(Token {
            name: new.name,
            endpoint: new.endpoint,
            allow: new.allow,
            description: new.description,
            created: Some(now),
            expires: new.expires,
            sha256: sha256(text.expose()),
        });
        Ok(())
    }

    /// Removes a token by its name.
    pub fn revoke(&mut self, name: &TokenName) -> Result<Token, Error> {
        match self.0.iter().position(|t| t.name == *name) {
            Some(at) => Ok(self.0.remove(at)),
            None => Err(Error::TokenName(format!("no token is named `{name}`"))),
        }
    }

    /// The token that was presented, if it opens this endpoint now.
    pub fn verify(&self, presented: &str, endpoint: &str, now: Timestamp) -> Result<&Token, Refusal> {
        let token = self.find(presented).ok_or(Refusal::Unknown)?;
        if token.expired(now) {
            Err(Refusal::Expired)
        } else if token.endpoint != endpoint {
            Err(Refusal::OtherEndpoint)
        } else {
            Ok(token)
        }
    }

    /// Compares with every entry in constant time, so that the time taken says nothing about any hash.
    fn find(&self, presented: &str) -> Option<&Token> {
        let hash = sha256(presented);
        let mut found = Choice::from(0);
        let mut at = 0u64;
        for (i, token) in (0u64..).zip(&self.0) {
            let same = token.sha256.ct_eq(&hash);
            at.conditional_assign(&i, same);
            found |= same;
        }
        usize::try_from(at).ok().filter(|_| bool::from(found)).and_then(|at| self.0.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn new(name: &str, expires: Option<&str>) -> NewToken {
        NewToken {
            name: TokenName::new(name).unwrap(),
            endpoint: "hr".into(),
            allow: Allow::Write,
            description: None,
            expires: expires.map(time),
        }
    }

    #[test]
    fn rotation_keeps_both_tokens_until_the_old_one_is_revoked() {
        let now = time("2026-11-22T10:00:00Z");
        let (old, young) = (TokenText::from_random([1; 32]), TokenText::from_random([2; 32]));
        let mut set = TokenSet::default();
        set.add(new("old", None), &old, now).unwrap();
        set.add(new("new", None), &young, now).unwrap();
        assert!(set.add(new("new", None), &young, now).is_err());
        let name = |t: &TokenText| set.verify(t.expose(), "hr", now).map(|t| t.name.to_string());
        assert_eq!(name(&old), Ok("old".into()));
        assert_eq!(name(&young), Ok("new".into()));
        set.revoke(&TokenName::new("old").unwrap()).unwrap();
        assert!(set.revoke(&TokenName::new("old").unwrap()).is_err());
        assert_eq!(set.verify(old.expose(), "hr", now), Err(Refusal::Unknown));
        assert!(set.verify(young.expose(), "hr", now).is_ok());
    }

    #[test]
    fn refusals_have_their_reasons() {
        let text = TokenText::from_random([1; 32]);
        let mut set = TokenSet::default();
        let made = time("2026-11-22T10:00:00Z");
        set.add(new("t", Some("2026-12-01T00:00:00Z")), &text, made).unwrap();
        let at = |endpoint, now| set.verify(text.expose(), endpoint, time(now)).err();
        assert_eq!(at("hr", "2026-11-30T23:59:59Z"), None);
        assert_eq!(at("hr", "2026-12-01T00:00:00Z"), Some(Refusal::Expired));
        assert_eq!(at("shop", "2026-11-30T00:00:00Z"), Some(Refusal::OtherEndpoint));
        for wrong in ["", "slb_", &text.expose()[1..], &text.expose().to_uppercase()] {
            assert_eq!(set.verify(wrong, "hr", made).err(), Some(Refusal::Unknown));
        }
    }
}
