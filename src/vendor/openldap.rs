//! OpenLDAP 2.5 and later, with the schemas core, cosine, nis and inetOrgPerson.

use super::{IdCodec, Lock, PasswordForm, Profile};
use crate::ldap::{ChangeKind, Reading, ResultCode, Sign};

/// OpenLDAP.
pub(super) const PROFILE: Profile = Profile {
    name: "openldap",
    id_attr: "entryUUID",
    id_codec: IdCodec::Uuid,
    created: "createTimestamp",
    modified: "modifyTimestamp",
    version: Some("entryCSN"),
    operational: &[
        "entryUUID",
        "entryCSN",
        "createTimestamp",
        "creatorsName",
        "modifyTimestamp",
        "modifiersName",
        "structuralObjectClass",
        "subschemaSubentry",
        "hasSubordinates",
        "entryDN",
        "memberOf",
        "pwdAccountLockedTime",
        "pwdChangedTime",
        "pwdFailureTime",
        "pwdGraceUseTime",
        "pwdHistory",
        "pwdPolicySubentry",
        "pwdReset",
    ],
    // slapo-unique: up to 2.4, and since 2.5, where the filter that found the other entry follows
    uniqueness_texts: &["some attributes not unique", "non-unique attributes found"],
    taken_texts: &[],
    unique_in_domain: &[],
    // a consumer without `updateref`, and `readonly on`
    read_only_texts: &["shadow context", "operation restricted"],
    no_equality: NO_EQUALITY,
    // slapo-ppolicy: this value never expires (draft-behera-ldap-password-policy §5.3.3)
    lock: Some(Lock::Value { attr: "pwdAccountLockedTime", value: "000001010000Z" }),
    // answered from the tree of names, without an index
    dn_attr: "entryDN",
    permissive_modify: true,
    keeps_references: false,
    member_required: &["groupOfNames", "groupOfUniqueNames"],
    // back-mdb keeps RDNs as keys; beyond this an add answers other (80)
    max_rdn: 240,
    max_rdn_chars: None,
    signs: &[Sign { attr: "objectClass", value: Some("OpenLDAProotDSE") }],
    readings: &[
        // slapo-ppolicy, where it keeps a history: the user has this very password already
        Reading {
            kind: ChangeKind::SetPassword,
            code: ResultCode::ConstraintViolation,
            text: "password is not being changed from existing value",
            means: ResultCode::Success,
        },
    ],
    // its limits are the administrator's, and its pages are bound to a connection
    page_size: None,
    password: PasswordForm::ExtendedOperation("userPassword"),
    password_unlocks: true,
    needs_tls: false,
    advice: &[],
    protected: &[],
    nested_rule: None,
};

/// Attributes of the schemas core, cosine, nis and inetOrgPerson that have no equality rule.
pub(super) const NO_EQUALITY: &[&str] = &[
    "audio",
    "authorityRevocationList",
    "bootParameter",
    "certificateRevocationList",
    "crossCertificatePair",
    "deltaRevocationList",
    "dSAQuality",
    "enhancedSearchGuide",
    "facsimileTelephoneNumber",
    "fax",
    "jpegPhoto",
    "mailPreferenceOption",
    "nisNetgroupTriple",
    "otherMailbox",
    "personalSignature",
    "photo",
    "preferredDeliveryMethod",
    "searchGuide",
    "singleLevelQuality",
    "subtreeMaximumQuality",
    "subtreeMinimumQuality",
    "supportedAlgorithms",
    "teletexTerminalIdentifier",
    "telexNumber",
    "userPKCS12",
    "userSMIMECertificate",
];
