//! A write to the directory (RFC 4511 §4.6 to §4.9).

use super::{AttrType, Dn, Rdn, Value};

/// The control by which a modify takes values that are there already, or are not there, as done: Microsoft's
/// LDAP_SERVER_PERMISSIVE_MODIFY (MS-ADTS 3.1.1.3.4.1.8), which OpenLDAP has too and does not list.
pub const PERMISSIVE_MODIFY: &str = "1.2.840.113556.1.4.1413";

/// One LDAP write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Makes an entry.
    Add {
        /// The new entry's name.
        dn: Dn,
        /// Its attributes, each with at least one value.
        attrs: Vec<(AttrType, Vec<Value>)>,
    },
    /// Changes attributes of an entry, all or none.
    Modify {
        /// The entry's name.
        dn: Dn,
        /// What to change, in this order.
        mods: Vec<Mod>,
        /// Adding a value that is there and removing one that is not are no errors ([`PERMISSIVE_MODIFY`]).
        permissive: bool,
    },
    /// Renames or moves an entry.
    ModifyDn {
        /// The entry's name before.
        dn: Dn,
        /// Its new RDN.
        new_rdn: Rdn,
        /// Whether the values of the old RDN go.
        delete_old_rdn: bool,
        /// The entry to move it below, when it moves.
        new_superior: Option<Dn>,
    },
    /// Removes an entry without children.
    Delete {
        /// The entry's name.
        dn: Dn,
    },
    /// Gives an entry a new password by the password modify extended operation (RFC 3062), so that the server hashes it.
    SetPassword {
        /// The entry's name.
        dn: Dn,
        /// The password, in UTF-8; a secret value.
        password: Value,
    },
}

/// The kinds of writes, as a closed set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// An entry is made.
    Add,
    /// Attributes change.
    Modify,
    /// The name changes.
    ModifyDn,
    /// The entry goes.
    Delete,
    /// The password changes.
    SetPassword,
}

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mod {
    /// What to do.
    pub op: ModOp,
    /// The attribute.
    pub attr: AttrType,
    /// The values to do it with; none with `Delete` and `Replace` means the whole attribute goes.
    pub values: Vec<Value>,
}

/// What to do with an attribute's values (RFC 4511 §4.6, RFC 4525).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModOp {
    /// Add these values.
    Add,
    /// Remove these values, or all.
    Delete,
    /// Put these values in place of all.
    Replace,
    /// Add this number to each value.
    Increment,
}

impl Change {
    /// A modify of the strict kind: RFC 4511 section 4.6 as it stands.
    pub fn modify(dn: Dn, mods: Vec<Mod>) -> Self {
        Self::Modify { dn, mods, permissive: false }
    }

    /// The name of the entry before the change.
    pub fn dn(&self) -> &Dn {
        match self {
            Self::Add { dn, .. }
            | Self::Modify { dn, .. }
            | Self::ModifyDn { dn, .. }
            | Self::Delete { dn }
            | Self::SetPassword { dn, .. } => dn,
        }
    }

    /// The kind of change.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Add { .. } => ChangeKind::Add,
            Self::Modify { .. } => ChangeKind::Modify,
            Self::ModifyDn { .. } => ChangeKind::ModifyDn,
            Self::Delete { .. } => ChangeKind::Delete,
            Self::SetPassword { .. } => ChangeKind::SetPassword,
        }
    }

    /// All values that are written.
    pub fn values(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match self {
            Self::Add { attrs, .. } => Box::new(attrs.iter().flat_map(|(_, values)| values)),
            Self::Modify { mods, .. } => Box::new(mods.iter().flat_map(|m| &m.values)),
            Self::SetPassword { password, .. } => Box::new(std::iter::once(password)),
            Self::ModifyDn { .. } | Self::Delete { .. } => Box::new(std::iter::empty()),
        }
    }

    /// The name of the entry after the change; after a delete, the name that it had.
    pub fn resulting_dn(&self) -> Dn {
        match self {
            Self::ModifyDn { dn, new_rdn, new_superior, .. } => {
                let above = new_superior.clone().or_else(|| dn.parent()).unwrap_or_default();
                above.child(new_rdn.clone())
            }
            other => other.dn().clone(),
        }
    }
}

impl ChangeKind {
    /// The label for metrics, logs and, but for the password, LDIF's `changetype` (RFC 2849).
    pub fn label(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Modify => "modify",
            Self::ModifyDn => "modrdn",
            Self::Delete => "delete",
            Self::SetPassword => "password",
        }
    }
}

impl Mod {
    /// Adds values.
    pub fn add(attr: AttrType, values: Vec<Value>) -> Self {
        Self { op: ModOp::Add, attr, values }
    }

    /// Removes values, or all when none is named.
    pub fn delete(attr: AttrType, values: Vec<Value>) -> Self {
        Self { op: ModOp::Delete, attr, values }
    }

    /// Puts these values in place of all.
    pub fn replace(attr: AttrType, values: Vec<Value>) -> Self {
        Self { op: ModOp::Replace, attr, values }
    }

    /// What takes this change back, where the attribute had the values `before`.
    pub fn undo(&self, before: &[Value]) -> Self {
        let attr = self.attr.clone();
        match self.op {
            ModOp::Add => Self::delete(attr, self.values.clone()),
            ModOp::Delete if !self.values.is_empty() => Self::add(attr, self.values.clone()),
            ModOp::Delete | ModOp::Replace | ModOp::Increment => Self::replace(attr, before.to_vec()),
        }
    }
}

impl ModOp {
    /// The operation's name in LDIF (RFC 2849, RFC 4525 §4).
    pub fn label(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Delete => "delete",
            Self::Replace => "replace",
            Self::Increment => "increment",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undone_is_as_before() {
        let mail = AttrType::known("mail");
        let (old, new) = (vec![Value::from("old")], vec![Value::from("new")]);
        let undo = |change: Mod| change.undo(&old);
        assert_eq!(undo(Mod::add(mail.clone(), new.clone())), Mod::delete(mail.clone(), new.clone()));
        assert_eq!(undo(Mod::delete(mail.clone(), old.clone())), Mod::add(mail.clone(), old.clone()));
        for change in [Mod::delete(mail.clone(), Vec::new()), Mod::replace(mail.clone(), new)] {
            assert_eq!(undo(change), Mod::replace(mail.clone(), old.clone()));
        }
    }

    #[test]
    fn a_rename_knows_where_it_ends() {
        let dn = Dn::parse("uid=a,ou=x,dc=b").unwrap();
        let new_rdn = Rdn::new(AttrType::known("uid"), "c");
        let rename = |new_superior| Change::ModifyDn {
            dn: dn.clone(),
            new_rdn: new_rdn.clone(),
            delete_old_rdn: true,
            new_superior,
        };
        assert_eq!(rename(None).resulting_dn().to_string(), "uid=c,ou=x,dc=b");
        let moved = rename(Some(Dn::parse("ou=y,dc=b").unwrap()));
        assert_eq!(moved.resulting_dn().to_string(), "uid=c,ou=y,dc=b");
        assert_eq!(moved.dn(), &dn);
        assert_eq!(Change::Delete { dn: dn.clone() }.resulting_dn(), dn);
    }
}
