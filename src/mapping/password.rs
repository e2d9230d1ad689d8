//! Passwords: where that of a user comes from, and how one is made.

use std::fmt;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::ResourceMapping;
use super::template::Template;
use super::write::Error;
use crate::ldap::{AttrType, Value};
use crate::scim::{self, Resource};

/// The kinds of characters, without those that people confuse (`0` and `O`, `1`, `l` and `I`) and those that shells,
/// URLs, LDIF and CSV want quoted.
const CLASSES: [&[u8]; 4] = [b"abcdefghijkmnpqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"23456789", b"+-.:=@_"];

/// The randomness of one request: whatever is random in its plan comes from it, so that planning again gives the same.
/// Not shown anywhere, since the passwords follow from it.
#[derive(Clone, Copy)]
pub struct Seed([u8; 32]);

/// Where the password of a user comes from.
#[derive(Debug)]
pub enum Password {
    /// From the client, as the SCIM attribute `password`.
    Given,
    /// From nobody: each new user gets one that nobody knows.
    Random(Recipe),
    /// From a template, whose text is no password but says by its scheme who checks it: stored as it is.
    Verbatim(Box<Template>),
}

/// How a random password is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// How many characters it has.
    pub length: usize,
    /// How many kinds of characters it has: lower case, upper case, digits and others, in this order.
    pub classes: usize,
}

impl Seed {
    /// The seed with these octets.
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

impl ResourceMapping {
    /// The password that the server is to hash for a new user; `None` where the mapping has none, or the client sent
    /// none.
    pub fn new_password(&self, resource: &Resource, seed: &Seed) -> Option<Value> {
        match self.password.as_ref()? {
            Password::Given => given(resource),
            Password::Random(recipe) => Some(recipe.make(seed)),
            Password::Verbatim(_) => None,
        }
    }

    /// The password that the server is to hash for a user who has one already: what the client sends.
    pub fn changed_password(&self, resource: &Resource) -> Option<Value> {
        if matches!(self.password, Some(Password::Given)) { given(resource) } else { None }
    }

    /// Whether there are passwords that the server is to hash.
    pub fn makes_passwords(&self) -> bool {
        matches!(self.password, Some(Password::Given | Password::Random(_)))
    }

    /// The value that stands for a password and is stored as it is; `None` where the mapping has none.
    pub fn verbatim_password(&self, resource: &Resource) -> Result<Option<Value>, Error> {
        let Some(Password::Verbatim(template)) = &self.password else { return Ok(None) };
        let attr = || AttrType::known(self.profile.password.attr());
        let text = template.render(resource).map_err(|source| Error::Template { attr: attr(), source })?;
        Ok(text.map(Value::secret))
    }

    /// The attribute that holds passwords, if the mapping writes any.
    pub fn password_attr(&self) -> Option<AttrType> {
        self.password.as_ref().map(|_| AttrType::known(self.profile.password.attr()))
    }
}

/// The password in a resource: never empty, since what is empty is not in it.
fn given(resource: &Resource) -> Option<Value> {
    resource.get(None, scim::PASSWORD)?.as_str().map(Value::secret)
}

impl Default for Recipe {
    fn default() -> Self {
        Self { length: 24, classes: CLASSES.len() }
    }
}

impl Recipe {
    /// The password that this recipe makes of `seed`. All that have the right length and a character of each kind are
    /// equally likely.
    pub fn make(&self, seed: &Seed) -> Value {
        let kinds = &CLASSES[..self.classes.clamp(1, CLASSES.len())];
        let alphabet = kinds.concat();
        let mut random = StdRng::from_seed(seed.0);
        loop {
            let drawn = (0..self.length.max(kinds.len())).map(|_| alphabet[random.random_range(0..alphabet.len())]);
            let password: Vec<u8> = drawn.collect();
            if kinds.iter().all(|kind| password.iter().any(|character| kind.contains(character))) {
                return Value::secret(password);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn seeds() -> impl Iterator<Item = Seed> {
        (0..500_u16).map(|number| {
            let mut octets = [0; 32];
            octets[..2].copy_from_slice(&number.to_le_bytes());
            Seed::new(octets)
        })
    }

    #[test]
    fn every_password_has_its_length_and_all_its_kinds() {
        for (length, classes) in [(8, 1), (8, 2), (8, 3), (8, 4), (24, 4), (128, 3)] {
            let recipe = Recipe { length, classes };
            for seed in seeds() {
                let password = recipe.make(&seed);
                assert_eq!(password.as_bytes().len(), length);
                let has = |kind: &&&[u8]| password.as_bytes().iter().any(|character| kind.contains(character));
                assert_eq!(CLASSES.iter().filter(has).count(), classes, "{:?}", password.as_str());
            }
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_password_and_others_make_others() {
        let made: HashSet<Value> = seeds().map(|seed| Recipe::default().make(&seed)).collect();
        assert_eq!(made.len(), seeds().count());
        assert_eq!(seeds().map(|seed| Recipe::default().make(&seed)).collect::<HashSet<_>>(), made);
    }

    #[test]
    fn every_character_comes_up_about_as_often_as_the_others() {
        let recipe = Recipe { length: 128, classes: 3 };
        let mut counts = [0_u32; 256];
        seeds().for_each(|seed| recipe.make(&seed).as_bytes().iter().for_each(|c| counts[usize::from(*c)] += 1));
        let alphabet = CLASSES[..3].concat();
        let mean = 500 * 128 / u32::try_from(alphabet.len()).unwrap();
        for character in &alphabet {
            let count = counts[usize::from(*character)];
            assert!(count > mean * 8 / 10 && count < mean * 12 / 10, "{}: {count}", char::from(*character));
        }
        assert_eq!(counts.iter().sum::<u32>(), 500 * 128);
    }

    #[test]
    fn nothing_that_is_confused_or_quoted_is_in_a_password() {
        let all = CLASSES.concat();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        for confused in b"0O1lIo \"'`\\$&|;<>(){}[]*?~!#%^,/" {
            assert!(!all.contains(confused), "{}", char::from(*confused));
        }
    }

    #[test]
    fn neither_a_seed_nor_its_password_is_printed() {
        let seed = Seed::new([0xab; 32]);
        assert_eq!(format!("{seed:?} {:?}", Recipe::default().make(&seed)), "Seed <redacted>");
    }
}
