//! Tables of filters that can be read, and of texts that cannot; the `scim_v2` crate has a second opinion on both.

use proptest::prelude::*;

use super::super::{AttrName, ScimType};
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
fn a_filter_behind_a_part_is_refused_although_the_grammar_has_it() {
    for text in ["name.formatted[a pr]", "emails[type pr].value[a pr] pr"] {
        let error = Filter::parse(text).unwrap_err();
        assert!(error.detail().ends_with(parse::SIMPLE_PART), "{error}");
    }
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

/// Whether `scim_v2` can read a filter.
fn second_opinion(text: &str) -> bool {
    text.parse::<scim_v2::filter::Filter>().is_ok()
}

/// Rows of [`VALID`] that only we can read: `true` in any case, bare words, no space behind `not`, an attribute named
/// `not`, and a filter in brackets within a comparison (Microsoft's documents have that one).
const WIDER: &[&str] = &[
    "title PR and active eq TRUE",
    "active eq False",
    "externalId eq jdoe",
    "externalId eq 007",
    "externalId eq 5d41402a-bc4b-2a76",
    "userName eq a.b+c@example.org and title pr",
    "(userName eq jo)",
    "not(a pr)",
    "not pr",
    "emails[type eq \"work\"].value eq \"a@b\"",
    "emails[type eq \"work\"] pr",
];

#[test]
fn a_second_parser_agrees_on_the_tables() {
    let refused: Vec<&str> = VALID.iter().map(|(text, _)| text.trim()).filter(|text| !second_opinion(text)).collect();
    assert_eq!(refused, WIDER);
    for (text, _) in INVALID {
        assert!(!second_opinion(text), "{text}");
    }
}

fn any_name() -> impl Strategy<Value = AttrName> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,6}".prop_map(|text| AttrName::new(&text).unwrap())
}

/// A path without a filter.
fn any_path() -> impl Strategy<Value = Path> {
    let urn = prop_oneof![Just(None), Just(Some("urn:ietf:params:scim:schemas:core:2.0:User".to_owned()))];
    (urn, any_name(), prop::option::of(any_name())).prop_map(|(schema, attr, sub)| Path {
        schema,
        attr,
        filter: None,
        sub,
    })
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        ".*".prop_map(Literal::String),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        Just(Literal::Null),
    ]
}

fn any_comparison() -> impl Strategy<Value = Filter> {
    prop_oneof![
        any_path().prop_map(|path| Filter::Present { path }),
        (any_path(), prop::sample::select(CompareOp::ALL.to_vec()), any_literal())
            .prop_map(|(path, op, value)| Filter::Compare { path, op, value }),
    ]
}

/// Trees over some leaves, as the parser makes them: `And` and `Or` of two parts or more.
fn tree(leaf: impl Strategy<Value = Filter> + 'static, depth: u32) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(depth, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let has = (any_name(), tree(any_comparison(), 2)).prop_map(|(attr, filter)| Filter::Has {
        path: Path { schema: None, attr, filter: Some(Box::new(filter)), sub: None },
    });
    tree(prop_oneof![3 => any_comparison(), 1 => has], 4)
}

proptest! {
    /// What is printed is read as the same filter, and `scim_v2` can read it too.
    #[test]
    fn filters_round_trip(filter in any_filter()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
        prop_assert!(second_opinion(&text), "{}", text);
    }

    /// Whatever `scim_v2` can read, so can we, but for what no schema can have.
    #[test]
    fn no_filter_of_the_rfc_is_refused(words in prop::collection::vec(
        prop::sample::select(vec![
            "a", "a.b", "urn:x:2.0:U:a", "e[", "]", "(", ")", "not", "and", "or", "pr", "eq", "ge", "NE", "\"x\"",
            "\"\\\"\"", "true", "null", "1", "-0.5", " ", "  ", ".", "e[a pr]", "a pr", "a eq \"x\"", "$ref",
        ]),
        0..12,
    ), gap in prop::sample::select(vec!["", " "])) {
        let text = words.join(gap);
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) if error.detail().ends_with(parse::SIMPLE_PART) => {}
            Err(error) => prop_assert!(!second_opinion(&text), "{}: {}", text, error),
        }
    }

    /// No text breaks the parsers.
    #[test]
    fn any_text_is_survived(text in ".{0,60}", start in prop::sample::select(vec!["", "a eq ", "a[", "not (", "urn:"])) {
        let text = format!("{start}{text}");
        let _ = Filter::parse(&text);
        let _ = Path::parse(&text);
    }
}
