//! What Active Directory refuses and Samba accepts, and the other way round.

use super::message::answer;
use crate::support::ldap::{Ldap, values};
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapAddRequest, LdapModify, LdapModifyRequest, LdapModifyType, LdapPartialAttribute, LdapResult, LdapResultCode,
};
use std::collections::HashSet;

/// LDAP_SERVER_PERMISSIVE_MODIFY (MS-ADTS 3.1.1.3.4.1.8).
const PERMISSIVE_MODIFY: &str = "1.2.840.113556.1.4.1413";

/// The longest sAMAccountName of a user.
const MAX_NAME: usize = 20;

/// ADS_UF_ACCOUNTDISABLE and ADS_UF_PASSWD_NOTREQD: without both an account needs a password.
const NEEDS_NONE: i64 = 0x2 | 0x20;

/// ERROR_INVALID_ACCOUNT_NAME
const BAD_NAME: &str = "00000523: SysErr: DSID-031A1256, problem 22 (Invalid argument), data 0";

/// ERROR_GEN_FAILURE, as a password without TLS is answered.
const NO_TLS: &str = "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0";

/// ERROR_PASSWORD_RESTRICTION
const NO_PASSWORD: &str = "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0";

/// What Samba says of members who are not there, never were or no longer.
const ABSENT: [&str; 2] = ["Attribute member doesn't exist", "Attribute member already deleted"];

/// Looks at writes before Samba does.
pub(super) struct Rules {
    admin: tokio::sync::Mutex<Ldap>,
    /// The entries that were given a password, in lower case.
    passwords: std::sync::Mutex<HashSet<String>>,
}

impl Rules {
    pub(super) fn new(admin: Ldap) -> Rules {
        Rules { admin: tokio::sync::Mutex::new(admin), passwords: std::sync::Mutex::default() }
    }

    /// The refusal of a new entry.
    pub(super) fn add(&self, request: &LdapAddRequest, tls: bool) -> Option<LdapResult> {
        let attrs = &request.attributes;
        let user = attrs.iter().filter(|attr| is(attr, "objectClass")).any(|attr| has(attr, "user"));
        let named = attrs.iter().filter(|attr| is(attr, "sAMAccountName")).flat_map(texts).next();
        let password = attrs.iter().any(|attr| is(attr, "unicodePwd"));
        if user && named.is_some_and(|name| name.chars().count() > MAX_NAME) {
            return Some(answer(LdapResultCode::ConstraintViolation, BAD_NAME));
        }
        if password && !tls {
            return Some(answer(LdapResultCode::UnwillingToPerform, NO_TLS));
        }
        let enabled = attrs.iter().filter(|attr| is(attr, "userAccountControl")).flat_map(texts).any(enables);
        if user && enabled && !password {
            return Some(answer(LdapResultCode::UnwillingToPerform, NO_PASSWORD));
        }
        if password {
            self.note(&request.dn);
        }
        None
    }

    /// The refusal of a change.
    pub(super) async fn modify(&self, request: &LdapModifyRequest, tls: bool) -> Option<LdapResult> {
        let set = |name: &'static str| {
            let changes = request.changes.iter().filter(|change| change.operation != LdapModifyType::Delete);
            changes.map(|change| &change.modification).filter(move |attr| is(attr, name))
        };
        let password = set("unicodePwd").next().is_some();
        if password && !tls {
            return Some(answer(LdapResultCode::UnwillingToPerform, NO_TLS));
        }
        let long = set("sAMAccountName").flat_map(texts).any(|name| name.chars().count() > MAX_NAME);
        if long && self.is_user(&request.dn).await {
            return Some(answer(LdapResultCode::ConstraintViolation, BAD_NAME));
        }
        let enabled = set("userAccountControl").flat_map(texts).any(enables);
        if enabled && !password && !self.has_password(&request.dn).await {
            return Some(answer(LdapResultCode::UnwillingToPerform, NO_PASSWORD));
        }
        if password {
            self.note(&request.dn);
        }
        None
    }

    /// An entry has another name.
    pub(super) fn renamed(&self, old: &str, new: &str) {
        let mut passwords = self.passwords.lock().unwrap();
        if passwords.remove(&old.to_lowercase()) {
            passwords.insert(new.to_lowercase());
        }
    }

    /// Takes what is done already out of a permissive change of members: Samba offers the control and refuses that.
    pub(super) async fn heed(&self, request: &mut LdapModifyRequest, controls: &[LdapControl]) {
        let permissive =
            |control: &LdapControl| matches!(control, LdapControl::Unknown { oid, .. } if oid == PERMISSIVE_MODIFY);
        let members = request.changes.iter().any(|change| is(&change.modification, "member"));
        if !members || !controls.iter().any(permissive) {
            return;
        }
        let found = self.admin.lock().await.entry(&request.dn).await;
        let mut there: HashSet<String> = found
            .map(|entry| values(&entry, "member").into_iter().map(str::to_lowercase).collect())
            .unwrap_or_default();
        for LdapModify { operation, modification } in &mut request.changes {
            if is(modification, "member") && !modification.vals.is_empty() {
                let adds = *operation == LdapModifyType::Add;
                modification.vals.retain(|value| {
                    let key = String::from_utf8_lossy(value).to_lowercase();
                    if adds { there.insert(key) } else { there.remove(&key) }
                });
            }
        }
        request.changes.retain(|change| !is(&change.modification, "member") || !change.modification.vals.is_empty());
    }

    fn note(&self, dn: &str) {
        self.passwords.lock().unwrap().insert(dn.to_lowercase());
    }

    async fn is_user(&self, dn: &str) -> bool {
        let found = self.admin.lock().await.entry(dn).await;
        found.is_some_and(|entry| values(&entry, "objectClass").contains(&"user"))
    }

    /// Samba stamps the time when a password is set, unless it must be changed at once.
    async fn has_password(&self, dn: &str) -> bool {
        let noted = self.passwords.lock().unwrap().contains(&dn.to_lowercase());
        let found = self.admin.lock().await.entry(dn).await;
        noted || found.is_some_and(|entry| values(&entry, "pwdLastSet") != ["0"])
    }
}

/// What Active Directory answers where Samba says that a member is there already, or is not there.
pub(super) fn as_told_by_ad(result: LdapResult) -> LdapResult {
    match result.code {
        LdapResultCode::EntryAlreadyExists if result.message.contains("Attribute member already exists") => answer(
            LdapResultCode::EntryAlreadyExists,
            "00000562: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0",
        ),
        LdapResultCode::UnwillingToPerform if ABSENT.iter().any(|text| result.message.contains(text)) => answer(
            LdapResultCode::UnwillingToPerform,
            "00000561: SvcErr: DSID-031A120C, problem 5003 (WILL_NOT_PERFORM), data 0",
        ),
        _ => result,
    }
}

fn is(attr: &LdapPartialAttribute, name: &str) -> bool {
    attr.atype.eq_ignore_ascii_case(name)
}

fn texts(attr: &LdapPartialAttribute) -> impl Iterator<Item = &str> {
    attr.vals.iter().filter_map(|value| std::str::from_utf8(value).ok())
}

fn has(attr: &LdapPartialAttribute, text: &str) -> bool {
    texts(attr).any(|value| value.eq_ignore_ascii_case(text))
}

/// Whether this userAccountControl enables an account that needs a password.
fn enables(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|bits| bits & NEEDS_NONE == 0)
}
