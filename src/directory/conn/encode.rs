//! Hands queries and changes to the library in the forms that it takes.

use std::collections::HashSet;

use ldap3::controls::{PostRead, RawControl};
use ldap3::exop::PasswordModify;
use ldap3::result::ExopResult;
use ldap3::{Ldap, LdapError, LdapResult, SearchOptions};

use crate::ldap::{AttrType, Change, Mod, ModOp, PERMISSIVE_MODIFY, Scope, Value};

/// Asks for no attribute at all (RFC 4511 §4.5.1.8).
const NO_ATTRIBUTES: &str = "1.1";

/// Sends a change and waits for its result.
pub(super) async fn change(ldap: &mut Ldap, change: &Change, post_read: &[AttrType]) -> Result<LdapResult, LdapError> {
    let mut controls = Vec::new();
    if !post_read.is_empty() {
        controls.push(post_read_control(post_read));
    }
    if let Change::Modify { permissive: true, .. } = change {
        controls.push(RawControl { ctype: PERMISSIVE_MODIFY.to_owned(), crit: true, val: None });
    }
    if !controls.is_empty() {
        ldap.with_controls(controls);
    }
    match change {
        Change::Add { dn, attrs } => {
            let attrs = attrs.iter().filter(|(_, values)| !values.is_empty());
            ldap.add(&dn.to_string(), attrs.map(|(attr, values)| (name(attr), set(values))).collect()).await
        }
        Change::Modify { dn, mods, .. } => {
            ldap.modify(&dn.to_string(), mods.iter().filter_map(modification).collect()).await
        }
        Change::ModifyDn { dn, new_rdn, delete_old_rdn, new_superior } => {
            let above = new_superior.as_ref().map(ToString::to_string);
            ldap.modifydn(&dn.to_string(), &new_rdn.to_string(), *delete_old_rdn, above.as_deref()).await
        }
        Change::Delete { dn } => ldap.delete(&dn.to_string()).await,
        Change::SetPassword { dn, password } => {
            // without one the server would make a password up and send it back
            let password = password.as_str().unwrap_or_default();
            let dn = dn.to_string();
            let new = PasswordModify { user_id: Some(&dn), old_pass: None, new_pass: Some(password) };
            ldap.extended(new).await.map(|ExopResult(_, result)| result)
        }
    }
}

/// The attributes to ask for: an empty list would mean all of them.
pub(super) fn attrs(attrs: &[AttrType]) -> Vec<String> {
    if attrs.is_empty() { vec![NO_ATTRIBUTES.to_owned()] } else { attrs.iter().map(ToString::to_string).collect() }
}

/// Asks for the values of an attribute from this number on (MS-ADTS 3.1.1.3.1.3.3).
pub(super) fn range(attr: &AttrType, first: u64) -> String {
    format!("{attr};range={first}-*")
}

/// The scope in the library's words.
pub(super) fn scope(scope: Scope) -> ldap3::Scope {
    match scope {
        Scope::Base => ldap3::Scope::Base,
        Scope::One => ldap3::Scope::OneLevel,
        Scope::Sub => ldap3::Scope::Subtree,
    }
}

/// Limits for the server to keep: so many entries, so many seconds. Without a number of entries its own limit holds:
/// OpenLDAP answers adminLimitExceeded to a larger one, however little there is.
pub(super) fn limits(entries: Option<u32>, seconds: u64) -> SearchOptions {
    let clamp = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    SearchOptions::new().sizelimit(clamp(entries.unwrap_or(0).into())).timelimit(clamp(seconds))
}

fn post_read_control(attrs: &[AttrType]) -> RawControl {
    PostRead::new(attrs.iter().map(AttrType::as_str).collect())
}

/// A modification; adding no value is none.
fn modification(m: &Mod) -> Option<ldap3::Mod<Vec<u8>>> {
    match m.op {
        ModOp::Add if m.values.is_empty() => None,
        ModOp::Add => Some(ldap3::Mod::Add(name(&m.attr), set(&m.values))),
        ModOp::Delete => Some(ldap3::Mod::Delete(name(&m.attr), set(&m.values))),
        ModOp::Replace => Some(ldap3::Mod::Replace(name(&m.attr), set(&m.values))),
        ModOp::Increment => m.values.first().map(|by| ldap3::Mod::Increment(name(&m.attr), by.as_bytes().to_vec())),
    }
}

fn name(attr: &AttrType) -> Vec<u8> {
    attr.as_str().as_bytes().to_vec()
}

fn set(values: &[Value]) -> HashSet<Vec<u8>> {
    values.iter().map(|value| value.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::{ASNTag, PL, StructureTag};
    use proptest::prelude::*;

    use crate::ldap::Filter;

    use super::*;

    fn leaves(tag: &StructureTag, out: &mut Vec<Vec<u8>>) {
        match &tag.payload {
            PL::P(octets) => out.push(octets.clone()),
            PL::C(parts) => parts.iter().for_each(|part| leaves(part, out)),
        }
    }

    fn parsed(filter: &Filter) -> Vec<Vec<u8>> {
        let tag = ldap3::parse_filter(filter.to_string()).expect("filter").into_structure();
        let mut out = Vec::new();
        leaves(&tag, &mut out);
        out
    }

    proptest! {
        #[test]
        fn a_filter_reaches_the_wire_octet_by_octet(a in prop::collection::vec(any::<u8>(), 0..20), b in ".{0,20}") {
            let attr = || AttrType::known("cn");
            let both = Filter::and([Filter::eq(attr(), a.clone()), Filter::negate(Filter::eq(attr(), b.clone()))]);
            let b = b.into_bytes();
            prop_assert_eq!(parsed(&both), [b"cn".to_vec(), a.clone(), b"cn".to_vec(), b.clone()]);
            prop_assert_eq!(parsed(&Filter::Ge(attr(), a.clone().into())), [b"cn".to_vec(), a.clone()]);
            prop_assert_eq!(parsed(&Filter::Le(attr(), b.clone().into())), [b"cn".to_vec(), b.clone()]);
            if !a.is_empty() && !b.is_empty() {
                let any = vec![Value::from(b.clone())];
                let parts = Filter::Substring { attr: attr(), initial: Some(a.clone().into()), any, finale: Some(a.clone().into()) };
                prop_assert_eq!(parsed(&parts), [b"cn".to_vec(), a.clone(), b.clone(), a.clone()]);
            }
            let rule = Some(AttrType::known("caseExactMatch"));
            let by_rule = Filter::Extensible { attr: Some(attr()), rule, dn: false, value: a.clone().into() };
            prop_assert!(parsed(&by_rule).contains(&a));
        }
    }

    #[test]
    fn every_filter_without_values_is_understood() {
        for filter in [Filter::and([]), Filter::or([]), Filter::Present(AttrType::known("cn;lang-de"))] {
            assert!(ldap3::parse_filter(filter.to_string()).is_ok(), "{filter}");
        }
    }
}
