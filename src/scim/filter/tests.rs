//! Tables of filters that can be read, and of texts that cannot.

use super::super::ScimType;
use super::*;

/// Each text is read and prints as the second one.
const VALID: &[(&str, &str)] = &[
    (r#"userName eq "a@b""#, r#"userName eq "a@b""#),
    (r#"userName Eq "john""#, r#"userName eq "john""#),
    (r#"  DisplayName   EQ   "x"  "#, r#"DisplayName eq "x""#),
    (r#"title pr"#, "title pr"),
    (r#"title PR and active eq TRUE"#, "title pr and active eq true"),
    (r#"active eq False"#, "active eq false"),
    (r#"manager eq null"#, "manager eq null"),
    (r#"x eq 1"#, "x eq 1"),
    (r#"x ge -1.5"#, "x ge -1.5"),
    (r#"externalId eq jdoe"#, r#"externalId eq "jdoe""#),
    (r#"externalId eq 007"#, r#"externalId eq "007""#),
    (r#"externalId eq 1234567890123456789012345678901"#, r#"externalId eq "1234567890123456789012345678901""#),
    (r#"externalId eq 5d41402a-bc4b-2a76"#, r#"externalId eq "5d41402a-bc4b-2a76""#),
    (r#"userName eq a.b+c@example.org and title pr"#, r#"userName eq "a.b+c@example.org" and title pr"#),
    (r#"(userName eq jo)"#, r#"userName eq "jo""#),
    (r#"a eq "q\"\\\u0041\n""#, r#"a eq "q\"\\A\n""#),
    (r#"a eq "ü)(]" "#, r#"a eq "ü)(]""#),
    (r#"a eq """#, r#"a eq """#),
    (r#"a pr and b pr and c pr"#, "a pr and b pr and c pr"),
    (r#"a pr or b pr and c pr"#, "a pr or b pr and c pr"),
    (r#"(a pr or b pr) and c pr"#, "(a pr or b pr) and c pr"),
    (r#"(a pr and b pr) and c pr"#, "(a pr and b pr) and c pr"),
    (r#"((((a pr))))"#, "a pr"),
    (r#"not(a pr)"#, "not (a pr)"),
    (r#"NOT  ( a pr or b pr ) and c pr"#, "not (a pr or b pr) and c pr"),
    (r#"not (not (a pr))"#, "not (not (a pr))"),
    (r#"not pr"#, "not pr"),
    (r#"emails[type eq "work"]"#, r#"emails[type eq "work"]"#),
    (r#"emails[type eq "work" and value co "@x"]"#, r#"emails[type eq "work" and value co "@x"]"#),
    (r#"emails[not (type eq "work")] or a pr"#, r#"emails[not (type eq "work")] or a pr"#),
    (r#"emails[type eq "work"].value eq "a@b""#, r#"emails[type eq "work"].value eq "a@b""#),
    (r#"emails[type eq "work"] pr"#, r#"emails[type eq "work"] pr"#),
    (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, r#"meta.lastModified gt "2011-05-13T04:42:34Z""#),
    (
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    ),
    (r#"id eq "x" and manager eq "y""#, r#"id eq "x" and manager eq "y""#),
];

/// Each text is refused at that character.
const INVALID: &[(&str, usize)] = &[
    ("", 1),
    ("   ", 4),
    ("userName", 9),
    ("userName eq", 12),
    ("userName eq ", 13),
    ("userName zz \"x\"", 10),
    ("userName eq\"x\"", 10),
    ("userName \"x\"", 10),
    ("userName eq 'bjensen'", 13),
    ("userName eq \"a", 13),
    ("userName eq \"a\\\"", 13),
    ("userName eq \"\\x\"", 13),
    ("userName eq \"a\tb\"", 13),
    ("userName eq \"a\" b", 17),
    ("userName eq [1]", 13),
    ("userName pr \"bjensen\"", 13),
    ("userName pr and", 16),
    ("userName pr or or", 18),
    ("and userName pr", 5),
    ("not userName pr", 5),
    ("(userName pr", 13),
    ("userName pr)", 12),
    ("()", 2),
    ("not ()", 6),
    ("userName eq a)(", 14),
    ("emails[type eq \"work\"", 22),
    ("emails[type eq \"work\"].value", 29),
    ("emails[a[b pr]]", 9),
    ("emails[].value eq 1", 8),
    ("user name eq 1", 6),
    ("user:Name: eq 1", 11),
    ("größe eq 1", 3),
    ("a eq \"x\"y", 9),
];

#[test]
fn valid_filters_are_read() {
    for (text, printed) in VALID {
        assert_eq!(Filter::parse(text).map(|filter| filter.to_string()), Ok((*printed).to_owned()), "{text}");
        assert_eq!(Filter::parse(printed), Filter::parse(text), "{text}");
    }
}

#[test]
fn invalid_filters_are_refused_with_a_place() {
    for (text, at) in INVALID {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{text}");
        assert!(error.detail().contains(&format!("at character {at}:")), "{text}: {error}");
    }
}

#[test]
fn the_message_says_what_was_found() {
    let error = Filter::parse("userName zz \"x\"").unwrap_err();
    assert_eq!(
        error.detail(),
        "cannot read filter `userName zz \"x\"` at character 10: expected an operator (`eq`, `ne`, `co`, `sw`, `ew`, \
         `gt`, `ge`, `lt`, `le` or `pr`), found `zz`"
    );
}

#[test]
fn and_binds_closer_than_or() {
    let filter = Filter::parse("a pr or b pr and c pr").unwrap();
    assert!(matches!(&filter, Filter::Or(parts) if matches!(&parts[1], Filter::And(both) if both.len() == 2)));
}

#[test]
fn bombs_are_refused() {
    let nested = |n: usize| format!("{}a pr{}", "(".repeat(n), ")".repeat(n));
    assert!(Filter::parse(&nested(parse::MAX_DEPTH)).is_ok());
    assert!(Filter::parse(&nested(parse::MAX_DEPTH + 1)).is_err());
    assert!(Filter::parse(&"(".repeat(parse::MAX_LENGTH)).is_err());
    assert!(Filter::parse(&"not(".repeat(2000)).is_err());
    assert!(Filter::parse(&"a[".repeat(4000)).is_err());
    assert!(Filter::parse(&format!("a eq \"{}\"", "x".repeat(parse::MAX_LENGTH))).is_err());
    let wide = vec!["a pr"; 900].join(" or ");
    assert!(matches!(Filter::parse(&wide), Ok(Filter::Or(parts)) if parts.len() == 900));
}
