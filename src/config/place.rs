//! What lies in the places of an endpoint's resources.

use crate::ldap::Scope;
use crate::service::Place;

/// Whether one entry could lie in both places.
pub(super) fn overlap(a: &Place, b: &Place) -> bool {
    a.base == b.base || reaches(a, b) || reaches(b, a)
}

/// Whether the entries of `inner` lie below `outer`, whose base is another one.
fn reaches(outer: &Place, inner: &Place) -> bool {
    outer.scope == Scope::Sub && inner.base.is_below(&outer.base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldap::Dn;

    fn place(base: &str, scope: Scope) -> Place {
        Place { base: Dn::parse(base).unwrap(), scope }
    }

    #[test]
    fn a_place_has_what_its_scope_reaches() {
        let in_place = |scope, dn: &str| place("ou=groups,dc=a", scope).contains(&Dn::parse(dn).unwrap());
        for scope in [Scope::One, Scope::Sub] {
            assert!(in_place(scope, "cn=x, OU=Groups, dc=a"));
            assert!(!in_place(scope, "ou=groups,dc=a"));
            assert!(!in_place(scope, "cn=x,ou=people,dc=a"));
        }
        assert!(in_place(Scope::Sub, "cn=x,ou=y,ou=groups,dc=a"));
        assert!(!in_place(Scope::One, "cn=x,ou=y,ou=groups,dc=a"));
    }

    #[test]
    fn places_overlap_when_an_entry_could_be_in_both() {
        let (top, people, deep) = ("dc=a", "ou=people,dc=a", "ou=x,ou=people,dc=a");
        for (a, b, expected) in [
            (place(people, Scope::One), place("OU=People,dc=a", Scope::Sub), true),
            (place(people, Scope::One), place(people, Scope::One), true),
            (place(top, Scope::Sub), place(deep, Scope::One), true),
            (place(people, Scope::Sub), place(deep, Scope::Sub), true),
            // an entry directly below the upper one is not below the lower one
            (place(top, Scope::One), place(people, Scope::Sub), false),
            (place(people, Scope::One), place(deep, Scope::One), false),
            (place(people, Scope::Sub), place("ou=groups,dc=a", Scope::Sub), false),
        ] {
            assert_eq!(overlap(&a, &b), expected, "{a:?} {b:?}");
            assert_eq!(overlap(&b, &a), expected, "{b:?} {a:?}");
        }
    }
}
