//! 389 Directory Server 1.4 and later, and what is made of it: Red Hat Directory Server, FreeIPA's directory.

use super::{IdCodec, Lock, PasswordForm, Profile};
use crate::ldap::Sign;

/// 389 Directory Server.
pub(super) const PROFILE: Profile = Profile {
    name: "389ds",
    id_attr: "nsUniqueId",
    id_codec: IdCodec::NsUniqueId,
    created: "createTimestamp",
    modified: "modifyTimestamp",
    version: None,
    operational: &[
        "nsUniqueId",
        "entryUUID",
        "entryDN",
        "createTimestamp",
        "creatorsName",
        "modifyTimestamp",
        "modifiersName",
        "memberOf",
        "nsAccountLock",
        "numSubordinates",
        "hasSubordinates",
        "parentid",
        "entryid",
        "passwordExpirationTime",
        "passwordHistory",
        "passwordRetryCount",
        "pwdChangedTime",
        "accountUnlockTime",
    ],
    uniqueness_texts: &["another entry with the same attribute value already exists"],
    read_only_texts: &["database is read-only", "read-only"],
    no_equality: &["audio", "jpegPhoto", "photo", "userSMIMECertificate"],
    ordered: &["createTimestamp", "gidNumber", "modifyTimestamp", "uidNumber"],
    lock: Some(Lock::Value { attr: "nsAccountLock", value: "true" }),
    dn_attr: "entryDN",
    permissive_modify: false,
    // its plugin has a list of attributes, without `manager` as it comes
    keeps_references: false,
    member_required: &[],
    max_rdn: 240,
    max_rdn_chars: None,
    signs: &[Sign { attr: "vendorName", value: Some("389 Project") }],
    readings: &[],
    page_size: Some(500),
    password: PasswordForm::Attribute("userPassword"),
    needs_tls: false,
    advice: &[],
    protected: &[],
};
