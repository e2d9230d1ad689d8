//! How directories differ, as data: one [`Profile`] for each kind of directory.
//!
//! A profile says what a kind of directory is like, never what an administrator wants of it: no bases, no mapping, no
//! connection. A further directory is a further row in the table here; one that is not in the table is `generic`, and
//! configuration says what it is like.

mod active_directory;
mod ds389;
mod generic;
mod id;
mod openldap;
mod password;

pub use generic::{DEFAULTS as GENERIC_DEFAULTS, GENERIC};
pub use id::IdCodec;
pub use password::Unfinished;

use crate::ldap::{AttrType, Reading, ResultCode, Sign};

/// What one kind of directory is like.
#[derive(Debug)]
pub struct Profile {
    /// The name by which configuration picks it.
    pub name: &'static str,
    /// The attribute that holds the entry's immutable identifier.
    pub id_attr: &'static str,
    /// How that identifier becomes text and back.
    pub id_codec: IdCodec,
    /// The attribute that holds when the entry was made.
    pub created: &'static str,
    /// The attribute that holds when the entry was last changed.
    pub modified: &'static str,
    /// The attribute that changes with every write to the entry, if there is one that is finer than a second.
    pub version: Option<&'static str>,
    /// Operational attributes: they come only when they are asked for by name (RFC 4512 §3.4).
    pub operational: &'static [&'static str],
    /// Parts of the diagnostic text by which a uniqueness check, rather than the schema, is known to have answered
    /// constraintViolation (19).
    pub uniqueness_texts: &'static [&'static str],
    /// By a part of the diagnostic text of an entryAlreadyExists (68): the attribute of which another entry has the value.
    /// Without one of these, it is the name in the tree that is taken.
    pub taken_texts: &'static [(&'static str, &'static str)],
    /// Attributes of which no two entries of the whole domain have the same value, wherever they are.
    pub unique_in_domain: &'static [&'static str],
    /// Parts of the diagnostic text by which a server that takes no writes, rather than one that dislikes this one, is
    /// known to have answered unwillingToPerform (53).
    pub read_only_texts: &'static [&'static str],
    /// Attributes without an equality rule: a value cannot be deleted by itself (18) nor be searched for.
    pub no_equality: &'static [&'static str],
    /// The attribute that locks an account and the value that does so for good, where there are any.
    pub lock: Option<Lock>,
    /// The attribute by which an entry can be searched for by its DN, so that many are found with one search.
    pub dn_attr: &'static str,
    /// Whether the control is sent by which a modify takes values that are there already, or are not there, as done.
    /// Without it, or where the server does not keep its promise, values go one by one when the modify is refused.
    pub permissive_modify: bool,
    /// Whether the directory itself keeps references right when an entry is renamed or goes, always, and takes none to an
    /// entry that is not there.
    pub keeps_references: bool,
    /// Object classes that demand a member.
    pub member_required: &'static [&'static str],
    /// The longest RDN, in bytes of its text.
    pub max_rdn: usize,
    /// The longest value in an RDN, in characters, where the directory sets a limit of its own.
    pub max_rdn_chars: Option<usize>,
    /// What tells servers of this kind from others, in their root DSE (RFC 4512 section 5.1): any of these.
    pub signs: &'static [Sign],
    /// Answers to writes that mean something else than RFC 4511 says.
    pub readings: &'static [Reading],
    /// How many entries a search asks for at once (RFC 2696), where the server's limit would cut it off otherwise.
    pub page_size: Option<u32>,
    /// How passwords are written.
    pub password: PasswordForm,
    /// Whether a new password takes the lock away.
    pub password_unlocks: bool,
    /// Whether the server refuses some writes without TLS, so that no connection may be without.
    pub needs_tls: bool,
    /// What to do about a refusal, by a part of its diagnostic text in lower case.
    pub advice: &'static [(&'static str, &'static str)],
    /// Attributes with a value that protects an entry from every change, whatever the mapping says.
    pub protected: &'static [(&'static str, &'static str)],
    /// The matching rule that follows memberships at any depth, where there is one.
    pub nested_rule: Option<&'static str>,
}

/// How an account is locked by an administrator, until unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// By a value of an attribute. Any other value of it is none of our business.
    Value {
        /// The attribute.
        attr: &'static str,
        /// The value.
        value: &'static str,
    },
    /// By a bit of a number; its other bits are none of our business.
    Bit {
        /// The attribute.
        attr: &'static str,
        /// The bit that means: locked.
        bit: u32,
        /// The number of a new entry that is not locked.
        usual: u32,
    },
}

impl Lock {
    /// The attribute.
    pub fn attr(&self) -> &'static str {
        match self {
            Self::Value { attr, .. } | Self::Bit { attr, .. } => attr,
        }
    }
}

/// How a directory takes a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// As a value of this attribute, which the server hashes.
    Attribute(&'static str),
    /// By the password modify extended operation (RFC 3062), which hashes it into this attribute.
    ExtendedOperation(&'static str),
    /// As a value of `unicodePwd`: in quotes and UTF-16, over TLS only (MS-ADTS 3.1.1.3.1.5.1).
    UnicodePwd,
}

impl PasswordForm {
    /// The attribute that holds the password or its hash.
    pub fn attr(&self) -> &'static str {
        match self {
            Self::Attribute(attr) | Self::ExtendedOperation(attr) => attr,
            Self::UnicodePwd => "unicodePwd",
        }
    }
}

/// Every kind of directory.
const PROFILES: &[&Profile] = &[&openldap::PROFILE, &ds389::PROFILE, &active_directory::PROFILE];

/// The profile of this name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name).copied()
}

/// The names of all profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|profile| profile.name)
}

impl Profile {
    /// Whether an attribute comes only when it is asked for by name.
    pub fn is_operational(&self, attr: &AttrType) -> bool {
        has(self.operational, attr)
    }

    /// Whether single values of an attribute can be deleted and searched for.
    pub fn has_equality(&self, attr: &AttrType) -> bool {
        !has(self.no_equality, attr)
    }

    /// Whether the diagnostic text of a constraintViolation (19) means that the value is in use elsewhere.
    pub fn is_uniqueness(&self, text: &str) -> bool {
        contains(text, self.uniqueness_texts)
    }

    /// The attribute of which another entry has the value, by the diagnostic text of an entryAlreadyExists (68); `None`
    /// when it is the name in the tree.
    pub fn taken_attr(&self, text: &str) -> Option<AttrType> {
        let text = text.to_lowercase();
        self.taken_texts.iter().find(|(part, _)| text.contains(part)).map(|(_, attr)| AttrType::known(attr))
    }

    /// Whether the value of an attribute is looked for in the whole domain.
    pub fn is_unique_in_domain(&self, attr: &AttrType) -> bool {
        has(self.unique_in_domain, attr)
    }

    /// What to do about a refusal with this diagnostic text, where the profile knows better than the text.
    pub fn advice(&self, text: &str) -> Option<&'static str> {
        let text = text.to_lowercase();
        self.advice.iter().find(|(part, _)| text.contains(part)).map(|(_, advice)| *advice)
    }

    /// Whether a write was refused because the server takes none: by a referral (10), or by a text that says so.
    pub fn is_read_only(&self, code: ResultCode, text: &str) -> bool {
        match code {
            ResultCode::Referral => true,
            ResultCode::UnwillingToPerform => contains(text, self.read_only_texts),
            _ => false,
        }
    }
}

fn contains(text: &str, parts: &[&str]) -> bool {
    let text = text.to_lowercase();
    parts.iter().any(|part| text.contains(part))
}

fn has(names: &[&str], attr: &AttrType) -> bool {
    names.iter().any(|name| attr.as_str().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_by_name() {
        for name in names() {
            assert_eq!(profile(name).map(|p| p.name), Some(name));
        }
        assert!(profile("OpenLDAP").is_none());
    }

    #[test]
    fn every_name_in_a_profile_is_an_attribute() {
        for profile in PROFILES {
            let single = [profile.id_attr, profile.created, profile.modified];
            let lists = [profile.operational, profile.no_equality, profile.unique_in_domain].concat();
            let taken = profile.taken_texts.iter().map(|(_, attr)| *attr);
            let further = profile.version.into_iter().chain(taken).chain(profile.lock.map(|lock| lock.attr()));
            for name in single.into_iter().chain(lists).chain(further) {
                assert!(AttrType::new(name).is_ok(), "{}: `{name}`", profile.name);
            }
            for name in single.into_iter().chain(profile.version) {
                assert!(profile.is_operational(&AttrType::known(name)), "{}: `{name}`", profile.name);
            }
        }
    }

    #[test]
    fn texts_are_compared_in_lower_case() {
        for profile in PROFILES {
            let texts = [profile.uniqueness_texts, profile.read_only_texts].concat();
            let texts = texts.into_iter().chain(profile.advice.iter().map(|(text, _)| *text));
            let texts = texts.chain(profile.readings.iter().map(|reading| reading.text));
            let texts = texts.chain(profile.taken_texts.iter().map(|(text, _)| *text));
            for text in texts {
                assert_eq!(text, text.to_lowercase(), "{}", profile.name);
            }
        }
        assert!(openldap::PROFILE.is_uniqueness("Some attributes not unique"));
        assert!(openldap::PROFILE.is_uniqueness("non-unique attributes found with (|(uid=jo))"));
        assert!(!openldap::PROFILE.is_uniqueness("telephoneNumber: value #0 invalid per syntax"));
    }
}
