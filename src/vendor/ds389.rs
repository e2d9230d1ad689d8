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
    // the USN plug-in counts, and is off unless somebody switched it on
    version: None,
    // `memberOf` is a user attribute here, and like the others nobody's to write
    operational: &[
        "nsUniqueId",
        "entryUUID",
        "entryDN",
        "dsEntryDN",
        "entryid",
        "entryusn",
        "parentid",
        "createTimestamp",
        "creatorsName",
        "modifyTimestamp",
        "modifiersName",
        "memberOf",
        "nsAccountLock",
        "numSubordinates",
        "hasSubordinates",
        "accountUnlockTime",
        "passwordExpirationTime",
        "passwordExpWarned",
        "passwordGraceUserTime",
        "passwordHistory",
        "passwordRetryCount",
        "pwdUpdateTime",
    ],
    // the plug-in "attribute uniqueness"
    uniqueness_texts: &["another entry with the same attribute value already exists"],
    taken_texts: &[],
    unique_in_domain: &[],
    // `nsslapd-readonly` of a database and of the server; a consumer answers with a referral
    read_only_texts: &["database is read-only", "server is read-only", "cannot update referral"],
    // values of attributes without an equality rule are compared by their syntax all the same
    no_equality: &[],
    // free text that is not in `*`; any spelling of the word locks, and nothing else does
    lock: Some(Lock::Value { attr: "nsAccountLock", value: "true" }),
    // answered from the index of names, which needs no index of its own
    dn_attr: "entryDN",
    permissive_modify: false,
    // its plugin has a list of attributes, without `manager` as it comes
    keeps_references: false,
    // `member` and `uniqueMember` are optional here, unlike in RFC 4519
    member_required: &[],
    max_rdn: 1000,
    max_rdn_chars: None,
    signs: &[Sign { attr: "vendorName", value: Some("389 Project") }],
    readings: &[],
    // candidates of a search are limited (`nsslapd-lookthroughlimit`) unless it is paged
    page_size: Some(500),
    // the extended operation hides why a password is refused
    password: PasswordForm::Attribute("userPassword"),
    password_unlocks: false,
    needs_tls: false,
    advice: &[
        (
            "not 7-bit clean",
            "the directory allows ASCII letters only in this attribute; hint: its plug-in `7-bit check` (NS7bitAttr) says in \
             which, and can be switched off",
        ),
        (
            "passwords with storage scheme are not allowed",
            "the directory takes no hashed passwords from the bridge's account; hint: `nsslapd-allow-hashed-passwords`",
        ),
        (
            "invalid password syntax",
            "the password does not meet the directory's policy; hint: raise `length` and `classes` in the mapping, or relax \
             the policy",
        ),
        ("password in history", "the password was used before, and the directory's policy refuses it"),
    ],
    protected: &[],
    nested_rule: None,
};
