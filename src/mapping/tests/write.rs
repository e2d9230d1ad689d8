//! Resource to attributes and changes.

use super::*;

#[test]
fn a_minimal_user_gets_what_the_object_class_demands() {
    let mapping = openldap();
    let attrs = mapping.create(&resource(json!({"userName": "jo"})), &Lookup::default()).expect("an entry");
    let names: Vec<String> = attrs.iter().map(|(attr, _)| attr.to_string()).collect();
    assert_eq!(names, ["objectClass", "uid", "cn", "sn"]);
    assert_eq!(mapping.name(&attrs).expect("a name").to_string(), "uid=jo");
}

#[test]
fn a_name_of_nothing_but_space_is_missing() {
    for (name, missing) in [(" \t\u{a0}", vec!["userName"]), (" jo ", vec![])] {
        assert_eq!(openldap().missing(&resource(json!({ "userName": name }))), missing);
    }
}

#[test]
fn nothing_changes_when_nothing_differs() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let difference = mapping.difference(&jo(), &before, &before, &Lookup::default()).expect("a difference");
    assert_eq!(difference, Difference::default());
}

#[test]
fn a_new_user_name_renames_and_fills_again() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    after.set(None, "userName", json!("joan"));
    let difference = mapping.difference(&jo(), &before, &after, &Lookup::default()).expect("a difference");
    assert_eq!(difference.rdn.map(|rdn| rdn.to_string()).as_deref(), Some("uid=joan"));
    let mods: Vec<(ModOp, String)> = difference.mods.iter().map(|m| (m.op, m.attr.to_string())).collect();
    let filled =
        [(ModOp::Add, "objectClass".to_owned()), (ModOp::Delete, "sn".to_owned()), (ModOp::Add, "sn".to_owned())];
    assert_eq!(mods, filled);
}

#[test]
fn one_value_changes_without_touching_the_others() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    let emails = json!([{"value": "new@example.com", "type": "work"}, {"value": "jo.doe@example.com", "type": "work"}]);
    after.set(None, "emails", emails);
    let difference = mapping.difference(&jo(), &before, &after, &Lookup::default()).expect("a difference");
    let values = |m: &crate::ldap::Mod| m.values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
    let mods: Vec<(ModOp, String)> =
        difference.mods.iter().filter(|m| m.attr == AttrType::known("mail")).map(|m| (m.op, values(m))).collect();
    let swapped = [(ModOp::Delete, "jo@example.com".to_owned()), (ModOp::Add, "new@example.com".to_owned())];
    assert_eq!(mods, swapped);
}

#[test]
fn removing_a_reference_clears_it_and_the_same_one_again_changes_nothing() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut without = before.clone();
    without.remove(Some(urn), "manager");
    let difference = mapping.difference(&jo(), &before, &without, &Lookup::default()).expect("a difference");
    assert_eq!(difference.mods.len(), 1);
    assert_eq!(difference.mods[0].op, ModOp::Delete);
    let mut same = before.clone();
    same.set(Some(urn), "manager", json!({"value": "42"}));
    let mut lookup = Lookup::default();
    lookup.dns.insert("42".to_owned(), Dn::parse("uid=boss,ou=people,dc=example,dc=com").expect("a DN"));
    let difference = mapping.difference(&jo(), &before, &same, &lookup).expect("a difference");
    assert_eq!(difference, Difference::default());
}

#[test]
fn two_addresses_of_one_type_are_refused() {
    let mapping = openldap();
    let addresses = json!([{"type": "work", "locality": "A"}, {"type": "work", "locality": "B"}]);
    let error = mapping.create(&resource(json!({"userName": "jo", "addresses": addresses})), &Lookup::default());
    assert!(matches!(error, Err(Error::Elements { count: 2, .. })), "{error:?}");
}

#[test]
fn a_naming_value_cannot_be_taken_away() {
    let mapping = openldap();
    let before = mapping.read(&jo()).resource;
    let mut after = before.clone();
    after.remove(None, "userName");
    let error = mapping.difference(&jo(), &before, &after, &Lookup::default());
    assert!(matches!(error, Err(Error::Naming { .. })), "{error:?}");
}
