//! SCIM filter to LDAP filter.

use super::*;

#[test]
fn filters_find_at_least_what_they_mean() {
    let mapping = openldap();
    let pushed = |text: &str| mapping.push_down(&Filter::parse(text).expect("a filter"), &Known::default());
    let text = |pushdown: Result<Pushdown, String>| match pushdown {
        Ok(Pushdown::Matching(filter)) => filter.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(text(pushed(r#"userName eq "jo""#)), "(uid=jo)");
    assert_eq!(text(pushed(r#"userName eq "*)(uid=*""#)), r"(uid=\2a\29\28uid=\2a)");
    assert_eq!(text(pushed(r#"emails[type eq "work"].value eq "a@b""#)), "(mail=a@b)");
    assert_eq!(text(pushed(r#"emails[type eq "work" and value eq "a@b"]"#)), "(mail=a@b)");
    assert_eq!(text(pushed(r#"phoneNumbers.value eq "1""#)).matches('=').count(), 3);
    assert_eq!(text(pushed(r#"userName eq "jo" and active eq true"#)), "(uid=jo)");
    let fax = text(pushed(r#"phoneNumbers[type eq "fax"].value eq "1""#));
    assert_eq!(fax, "(facsimileTelephoneNumber=*)", "an attribute without an equality rule");
    assert_eq!(pushed(r#"id eq "no-uuid""#), Ok(Pushdown::Nothing));
    assert!(pushed("active eq true").is_err());
    assert!(pushed(r#"not (userName eq "jo")"#).is_err());
    assert_eq!(pushed(r#"manager.value eq "42""#), Ok(Pushdown::Nothing));
    let either = pushed(r#"userName eq "a" or displayName eq "b""#);
    assert_eq!(
        either,
        Ok(Pushdown::Matching(Ldap::or([
            Ldap::eq(AttrType::known("uid"), "a"),
            Ldap::eq(AttrType::known("displayName"), "b"),
        ])))
    );
}
