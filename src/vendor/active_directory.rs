//! Active Directory Domain Services, Windows Server 2012 R2 and later, and Samba's domain controller.
//!
//! Sources: MS-ADTS and MS-ADA1 to 3. What Samba does otherwise is said where it matters.

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
    operational: &["objectGUID", "whenCreated", "whenChanged", "uSNChanged", "distinguishedName", "memberOf"],
    // ERROR_DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST, ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST
    uniqueness_texts: &["000021c8", "000021c7"],
    read_only_texts: &[],
    no_equality: &[],
    // ADS_UF_ACCOUNTDISABLE; new ones are ADS_UF_NORMAL_ACCOUNT
    lock: Some(Lock::Bit { attr: "userAccountControl", bit: 0x2, usual: 0x200 }),
    dn_attr: "distinguishedName",
    permissive_modify: true,
    // linked attributes (MS-ADTS 3.1.1.1.6)
    keeps_references: true,
    member_required: &[],
    max_rdn: 255,
    max_rdn_chars: Some(64),
    // LDAP_CAP_ACTIVE_DIRECTORY_OID
    signs: &[Sign { attr: "supportedCapabilities", value: Some("1.2.840.113556.1.4.800") }],
    readings: &[
        // ERROR_MEMBER_IN_GROUP and ERROR_MEMBER_IN_ALIAS; a modify makes no entry that could exist already
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::EntryAlreadyExists,
            text: "",
            means: ResultCode::AttributeOrValueExists,
        },
        // a member that is gone, and with it the membership; Samba's words
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::UnwillingToPerform,
            text: "unable to find guid",
            means: ResultCode::NoSuchAttribute,
        },
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::UnwillingToPerform,
            text: "doesn't exist for target guid",
            means: ResultCode::NoSuchAttribute,
        },
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::UnwillingToPerform,
            text: "already deleted for target guid",
            means: ResultCode::NoSuchAttribute,
        },
        // a second value, which is not there already
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::AttributeOrValueExists,
            text: "single-value attribute",
            means: ResultCode::ConstraintViolation,
        },
        // ERROR_MEMBER_NOT_IN_ALIAS
        Reading {
            kind: ChangeKind::Modify,
            code: ResultCode::UnwillingToPerform,
            text: "00000561",
            means: ResultCode::NoSuchAttribute,
        },
    ],
    // MaxPageSize of the domain's query policy
    page_size: Some(1000),
    password: PasswordForm::UnicodePwd,
    password_unlocks: false,
    needs_tls: true,
    advice: &[(
        "0000052d",
        "the password does not meet the domain's policy; hint: raise `length` and `classes` in the mapping, or relax the policy",
    )],
    // members of the built-in administrative groups, as AdminSDHolder marks them
    protected: &[("adminCount", "1")],
};
