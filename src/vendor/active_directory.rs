//! Active Directory Domain Services, Windows Server 2012 R2 and later, and Samba's domain controller.
//!
//! Sources: MS-ADTS, MS-ADA1 to 3 and MS-ERREF for Windows, whose texts begin with the number of the error in
//! hexadecimal; a running Samba for Samba, whose texts are its own.

use super::{IdCodec, Lock, PasswordForm, Profile};
use crate::ldap::{ChangeKind, Reading, ResultCode, Sign};

/// Active Directory.
pub(super) const PROFILE: Profile = Profile {
    name: "active-directory",
    id_attr: "objectGUID",
    id_codec: IdCodec::ObjectGuid,
    created: "whenCreated",
    modified: "whenChanged",
    version: Some("uSNChanged"),
    // all of these come without being asked for as well; what counts is that asking for them brings them
    operational: &[
        "objectGUID",
        "objectSid",
        "whenCreated",
        "whenChanged",
        "uSNChanged",
        "uSNCreated",
        "distinguishedName",
        "canonicalName",
        "memberOf",
        "directReports",
        "name",
        "sAMAccountType",
        "instanceType",
        "primaryGroupID",
    ],
    // ERROR_DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST, ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST; Samba
    uniqueness_texts: &["000021c8", "000021c7", "is already in use"],
    // ERROR_USER_EXISTS, ERROR_GROUP_EXISTS, ERROR_ALIAS_EXISTS; Samba. What Samba says of a sAMAccountName that is
    // implied by a userPrincipalName comes first, since no other sAMAccountName would help
    taken_texts: &[
        ("implied by userprincipalname", "userPrincipalName"),
        ("00000524", "sAMAccountName"),
        ("00000526", "sAMAccountName"),
        ("00000563", "sAMAccountName"),
        ("samaccountname", "sAMAccountName"),
    ],
    unique_in_domain: &["sAMAccountName"],
    // a read-only domain controller answers with a referral
    read_only_texts: &[],
    no_equality: &[],
    // ADS_UF_ACCOUNTDISABLE; new ones are ADS_UF_NORMAL_ACCOUNT
    lock: Some(Lock::Bit { attr: "userAccountControl", bit: 0x2, usual: 0x200 }),
    dn_attr: "distinguishedName",
    permissive_modify: true,
    // links (MS-ADTS section 3.1.1.1.6), `member` and `manager` among them
    keeps_references: true,
    member_required: &[],
    max_rdn: 255,
    // rangeUpper of `cn`
    max_rdn_chars: Some(64),
    // LDAP_CAP_ACTIVE_DIRECTORY_OID
    signs: &[Sign { attr: "supportedCapabilities", value: Some("1.2.840.113556.1.4.800") }],
    readings: READINGS,
    // MaxPageSize of the domain's query policy
    page_size: Some(1000),
    password: PasswordForm::UnicodePwd,
    password_unlocks: false,
    needs_tls: true,
    advice: ADVICE,
    // members of the built-in administrative groups, as AdminSDHolder marks them
    // and what the domain cannot do without (MS-ADA1)
    protected: &[("adminCount", "1"), ("isCriticalSystemObject", "TRUE")],
    // LDAP_MATCHING_RULE_TRANSITIVE_EVAL
    nested_rule: Some("1.2.840.113556.1.4.1941"),
};

/// Answers that mean something else than their code says.
const READINGS: &[Reading] = &[
    // ERROR_MEMBER_IN_ALIAS, ERROR_MEMBER_IN_GROUP; Samba, of members and of those whose primary group it is
    modify(ResultCode::EntryAlreadyExists, "00000562", ResultCode::AttributeOrValueExists),
    modify(ResultCode::EntryAlreadyExists, "00000528", ResultCode::AttributeOrValueExists),
    modify(ResultCode::EntryAlreadyExists, "attribute member already exists", ResultCode::AttributeOrValueExists),
    modify(ResultCode::EntryAlreadyExists, "already set via primarygroupid", ResultCode::AttributeOrValueExists),
    // ERROR_MEMBER_NOT_IN_ALIAS, ERROR_MEMBER_NOT_IN_GROUP; Samba, of entries that are there and of those that are not
    modify(ResultCode::UnwillingToPerform, "00000561", ResultCode::NoSuchAttribute),
    modify(ResultCode::UnwillingToPerform, "00000529", ResultCode::NoSuchAttribute),
    modify(ResultCode::UnwillingToPerform, "doesn't exist for target guid", ResultCode::NoSuchAttribute),
    modify(ResultCode::UnwillingToPerform, "already deleted for target guid", ResultCode::NoSuchAttribute),
    modify(ResultCode::UnwillingToPerform, "unable to find guid", ResultCode::NoSuchAttribute),
    // Samba, of a second value, which is not there already
    modify(ResultCode::AttributeOrValueExists, "single-value attribute", ResultCode::ConstraintViolation),
    // an attribute that the schema does not have: Windows, then Samba
    modify(ResultCode::NoSuchAttribute, "error in attribute conversion", ResultCode::UndefinedAttributeType),
    modify(ResultCode::NoSuchAttribute, "not found in the schema", ResultCode::UndefinedAttributeType),
    add(ResultCode::NoSuchAttribute, "", ResultCode::UndefinedAttributeType),
    // ERROR_INVALID_ACCOUNT_NAME, which comes as `other`
    add(ResultCode::Other, "00000523", ResultCode::ConstraintViolation),
    modify(ResultCode::Other, "00000523", ResultCode::ConstraintViolation),
    // ERROR_DS_NO_RIDS_ALLOCATED: the domain controller waits for identifiers to give out
    add(ResultCode::UnwillingToPerform, "00002010", ResultCode::Unavailable),
    // ERROR_GEN_FAILURE: a password over a connection without encryption
    add(ResultCode::UnwillingToPerform, "0000001f", ResultCode::ConfidentialityRequired),
    modify(ResultCode::UnwillingToPerform, "0000001f", ResultCode::ConfidentialityRequired),
    // Samba, of the entry to move below
    Reading {
        kind: ChangeKind::ModifyDn,
        code: ResultCode::Other,
        text: "parent does not exist",
        means: ResultCode::NoSuchObject,
    },
];

const fn add(code: ResultCode, text: &'static str, means: ResultCode) -> Reading {
    Reading { kind: ChangeKind::Add, code, text, means }
}

const fn modify(code: ResultCode, text: &'static str, means: ResultCode) -> Reading {
    Reading { kind: ChangeKind::Modify, code, text, means }
}

/// What to do, by the number of the error.
const ADVICE: &[(&str, &str)] = &[
    (
        "0000052d",
        "the password does not meet the domain's policy; hint: raise `length` and `classes` in the mapping, or relax the \
         policy. A user without a password cannot be enabled: set `source` in [user.password]",
    ),
    (
        "0000001f",
        "the domain controller takes passwords over TLS only; hint: write `ldaps://` in bridge.toml, or set `start_tls`",
    ),
    (
        "00000523",
        "not an account name for Windows; hint: give the template of sAMAccountName the filters `account_name` and \
         `fit(20, number)`",
    ),
    (
        "samaccountname contains invalid",
        "not an account name for Windows; hint: give the template of sAMAccountName the filter `account_name`",
    ),
    (
        "samaccountname ends with",
        "not an account name for Windows; hint: give the template of sAMAccountName the filter `account_name`",
    ),
    (
        "00002082",
        "longer than the directory's schema allows; hint: shorten it at its source, or in Entra's mapping with Mid()",
    ),
    ("00002081", "the directory holds one value of this attribute only"),
    (
        "000020b1",
        "only the directory itself writes this attribute; hint: take it out of the mapping, or map it with `to-scim`",
    ),
    (
        "00002077",
        "the directory does not let this attribute be changed or removed; hint: take it out of the mapping, or give it a \
         `default`",
    ),
    ("000020b5", "the entry that it refers to is not in the directory; hint: it may have been deleted meanwhile"),
    (
        "error in attribute conversion",
        "the directory's schema does not have an attribute of the mapping, or a value has not the attribute's form; hint: \
         attributes of Exchange, and msDS-cloudExtensionAttribute before Windows Server 2012, must be in the schema",
    ),
    (
        "not found in the schema",
        "the directory's schema does not have this attribute; hint: take it out of the mapping, or extend the schema",
    ),
    (
        "00002098",
        "the directory does not allow the bridge's account to do this; hint: delegate the rights to it on the base; \
         entries of administrators are protected by AdminSDHolder and stay out of its reach",
    ),
];
