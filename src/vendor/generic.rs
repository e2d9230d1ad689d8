//! A directory of a kind that is not known here, with what most have in common. Configuration says how it differs.

use super::{IdCodec, PasswordForm, Profile, openldap};

/// The name by which configuration picks it.
pub const GENERIC: &str = "generic";

/// What a directory is like of which nothing more is said.
pub const DEFAULTS: Profile = Profile {
    name: GENERIC,
    // RFC 4530
    id_attr: "entryUUID",
    id_codec: IdCodec::Uuid,
    // RFC 4512 section 3.4
    created: "createTimestamp",
    modified: "modifyTimestamp",
    version: None,
    operational: &["entryUUID", "createTimestamp", "modifyTimestamp", "entryDN", "memberOf"],
    uniqueness_texts: &[],
    taken_texts: &[],
    unique_in_domain: &[],
    read_only_texts: &[],
    no_equality: openldap::NO_EQUALITY,
    lock: None,
    // RFC 5020
    dn_attr: "entryDN",
    permissive_modify: false,
    keeps_references: false,
    member_required: &["groupOfNames", "groupOfUniqueNames"],
    max_rdn: 240,
    max_rdn_chars: None,
    signs: &[],
    readings: &[],
    page_size: None,
    password: PasswordForm::Attribute("userPassword"),
    password_unlocks: false,
    needs_tls: false,
    advice: &[],
    protected: &[],
    nested_rule: None,
};
