//! Members of groups: how they stand in the directory.
//!
//! They are no two-way rule. A group's member list may hold a hundred thousand values, and is neither read nor written
//! as a whole where a request names single members.

use crate::ldap::{AttrType, Dn, Entry, Value};
use crate::vendor::Profile;

/// How a group keeps its members.
#[derive(Clone, Debug)]
pub struct Members {
    /// The attribute, such as `member`.
    pub attr: AttrType,
    /// What its values are.
    pub form: MemberForm,
    /// The value that stands in every group since the object class demands one. It is nobody: it is never shown, and
    /// no change takes it away.
    pub placeholder: Option<Value>,
    /// Whether groups may be members.
    pub nested: bool,
}

/// What the values of a member attribute are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberForm {
    /// DNs (RFC 4519 sections 2.17 and 2.40, RFC 2307bis).
    Dn,
    /// Values of this attribute of users' entries (`memberUid`, RFC 2307), spelled as stored.
    Name(AttrType),
}

impl Members {
    /// The value by which `entry` is a member; `None` when it lacks the attribute that gives it, and when it has the name
    /// of nobody.
    pub fn value_of(&self, entry: &Entry) -> Option<Value> {
        match &self.form {
            MemberForm::Dn => Some(Value::from(entry.dn.to_string())).filter(|value| !self.is_placeholder(value)),
            MemberForm::Name(attr) => name_of(entry, attr).cloned(),
        }
    }

    /// The DN in a value of the attribute, where its values are DNs; that of a placeholder is nobody's.
    pub fn dn_in(&self, value: &Value) -> Option<Dn> {
        if self.is_placeholder(value) {
            return None;
        }
        Dn::parse(value.as_str()?).ok()
    }

    /// Whether a value stands for nobody.
    pub fn is_placeholder(&self, value: &Value) -> bool {
        let Some(placeholder) = &self.placeholder else { return false };
        let dn = |value: &Value| value.as_str().and_then(|text| Dn::parse(text).ok());
        value == placeholder || (self.form == MemberForm::Dn && dn(value).is_some_and(|a| dn(placeholder) == Some(a)))
    }

    /// What must be asked for of an entry, so that [`Members::value_of`] and its id are known.
    pub fn attrs(&self, profile: &Profile) -> Vec<AttrType> {
        let name = match &self.form {
            MemberForm::Dn => None,
            MemberForm::Name(attr) => Some(attr.clone()),
        };
        std::iter::once(AttrType::known(profile.id_attr)).chain(name).collect()
    }
}

/// The value of a naming attribute: the one in the entry's name, where it is there.
fn name_of<'e>(entry: &'e Entry, attr: &AttrType) -> Option<&'e Value> {
    let values = entry.get(attr);
    let named = values.iter().find(|value| entry.dn.rdn().is_some_and(|rdn| rdn.has_value(attr, value)));
    named.or_else(|| values.first())
}
