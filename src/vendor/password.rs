//! How a new password is written, in each form.

use super::PasswordForm;
use crate::ldap::{AttrType, Change, Dn, Mod, Value};

/// What an account is like until its password is set, where the directory enables none without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// The attribute, which holds a number.
    pub attr: &'static str,
    /// Its bits that mean: disabled, and no password is required.
    pub bits: u32,
    /// The bit among them that must go when the password is set.
    pub not_required: u32,
    /// The number of an ordinary account.
    pub usual: u32,
    /// The attribute that holds when the password was set: `0` as long as it was not.
    pub set_at: &'static str,
}

impl PasswordForm {
    /// What an account is like until its password is set; `None` where an account without one is like any other.
    pub fn unfinished(&self) -> Option<Unfinished> {
        match self {
            Self::Attribute(_) | Self::ExtendedOperation(_) => None,
            // ADS_UF_ACCOUNTDISABLE and ADS_UF_PASSWD_NOTREQD, ADS_UF_NORMAL_ACCOUNT
            Self::UnicodePwd => {
                let set_at = "pwdLastSet";
                Some(Unfinished { attr: "userAccountControl", bits: 0x22, not_required: 0x20, usual: 0x200, set_at })
            }
        }
    }

    /// The value of the attribute that sets this password, where there is one: an extended operation has none.
    pub fn value(&self, password: &Value) -> Option<Value> {
        match self {
            Self::Attribute(_) => Some(Value::secret(password.as_bytes())),
            Self::ExtendedOperation(_) => None,
            Self::UnicodePwd => Some(quoted(password)),
        }
    }

    /// The part of a modify that sets this password, whatever it was before; `None` where a modify cannot.
    pub fn replacement(&self, password: &Value) -> Option<Mod> {
        let value = self.value(password)?;
        Some(Mod::replace(AttrType::known(self.attr()), vec![value]))
    }

    /// The write that does nothing but give the entry at `dn` this password, whatever it was before.
    pub fn change(&self, dn: &Dn, password: &Value) -> Change {
        match self.replacement(password) {
            Some(replacement) => Change::modify(dn.clone(), vec![replacement]),
            None => Change::SetPassword { dn: dn.clone(), password: Value::secret(password.as_bytes()) },
        }
    }
}

/// A value of `unicodePwd`: UTF-16, little-endian, between quotation marks (MS-ADTS 3.1.1.3.1.5.1).
fn quoted(password: &Value) -> Value {
    let text = String::from_utf8_lossy(password.as_bytes());
    let octets: Vec<u8> = format!("\"{text}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    Value::secret(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_directory_takes_utf_16_in_quotes() {
        let value = PasswordForm::UnicodePwd.value(&Value::secret("aé😀")).unwrap();
        assert_eq!(value.as_bytes(), b"\"\0a\0\xe9\0\x3d\xd8\x00\xde\"\0");
        assert!(value.is_secret());
    }

    #[test]
    fn each_form_has_its_write() {
        let (dn, password) = (Dn::parse("uid=jo,dc=a").unwrap(), Value::secret("pw"));
        let attr = |name: &'static str, value: &[u8]| {
            Change::modify(dn.clone(), vec![Mod::replace(AttrType::known(name), vec![Value::secret(value)])])
        };
        let write = |form: PasswordForm| form.change(&dn, &password);
        assert_eq!(write(PasswordForm::Attribute("userPassword")), attr("userPassword", b"pw"));
        assert_eq!(write(PasswordForm::UnicodePwd), attr("unicodePwd", b"\"\0p\0w\0\"\0"));
        let operation = Change::SetPassword { dn: dn.clone(), password: password.clone() };
        assert_eq!(write(PasswordForm::ExtendedOperation("userPassword")), operation);
        assert!(!format!("{:?}", write(PasswordForm::ExtendedOperation("userPassword"))).contains("pw"));
    }
}
