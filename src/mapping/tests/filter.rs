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

#[test]
fn memberships_are_searched_for_from_both_sides() {
    let mapping = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "uid"
        [user.attributes]
        userName = "uid"
        "groups.value" = { ldap = "memberOf", direction = "to-scim", reference = "group" }
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value" = { ldap = "manager", reference = "user" }
        [group]
        object_classes = ["posixGroup"]
        rdn = "cn"
        [group.attributes]
        displayName = "cn"
        [group.members]
        ldap = "memberUid"
        name = "uid"
        "#,
    )
    .expect("a mapping");
    let (user, group) = (&mapping.user, mapping.group.as_ref().expect("groups"));
    let dn = Dn::parse("cn=a*,ou=groups,dc=example,dc=com").expect("a DN");
    let known = Known {
        dns: HashMap::from([("7".to_owned(), dn)]),
        members: HashMap::from([("8".to_owned(), Value::from("j(o"))]),
    };
    let pushed = |mapping: &ResourceMapping, text: &str| {
        let filter = Filter::parse(text).expect("a filter");
        filter.check(&mapping.resource_type).expect("a filter that makes sense");
        match mapping.push_down(&filter, &known) {
            Ok(Pushdown::Matching(filter)) => filter.to_string(),
            Ok(Pushdown::Nothing) => "nothing".to_owned(),
            Err(_) => "refused".to_owned(),
        }
    };
    let of_group = r"(memberOf=cn=a\2a,ou=groups,dc=example,dc=com)";
    for (text, expected) in [
        (r#"groups.value eq "7""#, of_group),
        (r#"groups eq "7""#, of_group),
        (r#"groups[value eq "7"]"#, of_group),
        (r#"groups.value eq "8""#, "nothing"),
        ("groups pr", "(memberOf=*)"),
    ] {
        assert_eq!(pushed(user, text), expected, "{text}");
    }
    for (text, expected) in [
        (r#"members eq "8""#, r"(memberUid=j\28o)"),
        (r#"members.value eq "8""#, r"(memberUid=j\28o)"),
        (r#"members[value eq "8"]"#, r"(memberUid=j\28o)"),
        (r#"members[value eq "8" or value eq "7"]"#, r"(memberUid=j\28o)"),
        (r#"members[value eq "7" or value eq "8"].value eq "8""#, r"(memberUid=j\28o)"),
        (r#"URN:ietf:params:scim:schemas:core:2.0:Group:Members.Value eq "8""#, r"(memberUid=j\28o)"),
        (r#"members[value eq "7"]"#, "nothing"),
        (r#"displayName eq "a" and members eq "8""#, r"(&(cn=a)(memberUid=j\28o))"),
        (r#"displayName eq "a" and not (members eq "8")"#, "(cn=a)"),
        (r#"members ne "8""#, "refused"),
        ("members pr", "refused"),
    ] {
        assert_eq!(pushed(group, text), expected, "{text}");
    }
    let all = r#"groups[value eq "1"] or (manager.value eq "2" and groups eq "3") or not (userName eq "4")"#;
    let all = Filter::parse(all).expect("a filter");
    let ids = [(Referee::Group, "1"), (Referee::User, "2"), (Referee::Group, "3")];
    assert_eq!(user.ids_in_filter(&all), ids.map(|(referee, id)| (referee, id.to_owned())));
}
