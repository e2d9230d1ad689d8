//! Where a mapping puts entries, against an endpoint's bases.

use super::*;

/// A mapping of users with these tables.
fn mapping(tables: &str) -> String {
    format!(
        "[user]\nobject_classes = [\"account\"]\nrdn = \"uid\"\n[user.attributes]\nuserName = \"uid\"\ntitle = \"title\"\n\
         {tables}\n"
    )
}

/// What is said of such a mapping for users in this place.
fn faults(tables: &str, place: &str) -> String {
    let site = Site::new();
    site.write("mappings/places.toml", &mapping(tables));
    let text = example("minimal.toml").replace("openldap.toml", "places.toml");
    let text = text.split("\n[endpoint.hr.users]").next().unwrap();
    let text = format!("{text}\n[endpoint.hr.users]\n{}\n", place.replace("; ", "\n"));
    site.load(&text).map_or_else(|faults| faults.to_string(), |_| String::new())
}

#[test]
fn places_lie_below_the_base_and_the_scope_reaches_them() {
    let placement =
        "[user.placement]\nrules = [{ when = 'title pr', base = 'ou=y,ou=p,dc=a' }]\nbase = 'ou={{ title }},ou=p,dc=a'";
    let away = "[user.active]\nstrategy = 'move'\nto = 'ou=off,ou=p,dc=a'";
    assert_eq!(faults(placement, "base = 'ou=p,dc=a'; scope = 'sub'"), "");
    assert_eq!(faults(away, "base = 'ou=p,dc=a'; scope = 'sub'"), "");
    for (tables, place, said) in [
        (placement, "base = 'ou=p,dc=a'; scope = 'one'", "expected `sub`, since the mapping has `user.placement`"),
        (placement, "base = 'ou=q,dc=a'; scope = 'sub'", "whose `user.placement.rules[0].base` is `ou=q,dc=a`"),
        (placement, "base = 'ou=q,dc=a'; scope = 'sub'", "whose `user.placement.base` is `ou=q,dc=a`"),
        (away, "base = 'ou=p,dc=a'; scope = 'one'", "expected `sub`, since the mapping has `user.active`"),
        (away, "base = 'ou=off,ou=p,dc=a'; scope = 'sub'", "whose strategy `move` leads below `ou=off,ou=p,dc=a`"),
    ] {
        let found = faults(tables, place);
        assert!(found.contains(said), "{said}: {found}");
    }
    let both = format!("[user.placement]\nbase = 'ou=x,ou=off,ou=p,dc=a'\n{away}");
    let found = faults(&both, "base = 'ou=p,dc=a'; scope = 'sub'");
    assert!(found.contains("lies elsewhere than below `ou=off,ou=p,dc=a`, where the disabled are"), "{found}");
}
