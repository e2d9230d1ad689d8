//! Searches.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::*;
use crate::directory::Error;
use crate::ldap::ResultCode;

#[tokio::test]
async fn a_server_says_what_it_offers() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let offers = session.capabilities();
    assert!(offers.post_read() && offers.pre_read() && offers.assertion() && offers.paged() && offers.increment());
    assert!(offers.version("3") && !offers.tree_delete());
    assert_eq!(offers.naming_contexts(), [dn(slapd.suffix())]);
    assert_eq!(session.server(), slapd.url());
}

#[tokio::test]
async fn what_is_not_there_is_empty_and_a_missing_base_is_an_error() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let mut query = by_uid(&slapd, "nobody");
    assert_eq!(session.query(&query).await, Ok(vec![]));
    query.base = dn("ou=missing,dc=example,dc=com");
    query.scope = Scope::Base;
    assert_eq!(session.query(&query).await, Ok(vec![]));
    query.scope = Scope::One;
    let refused = session.query(&query).await;
    assert!(matches!(refused, Err(Error::Refused { code: ResultCode::NoSuchObject, .. })), "{refused:?}");
}

#[tokio::test]
async fn limits_hold_whoever_keeps_them() {
    let slapd = Slapd::builder().line("limits users size.soft=20 size.hard=25").start().unwrap();
    let directory = Directory::new(
        Settings { max_entries: 9, max_bytes: 1 << 20, ..settings(&[slapd.url()], simple(&slapd)) },
        Metrics::new(),
    )
    .unwrap();
    let session = directory.session(soon(10)).await.unwrap();
    for number in 0..30 {
        session.apply(&person(&slapd, &format!("p{number}")), &[]).await.unwrap();
    }
    let mut query = by_uid(&slapd, "");
    query.filter = Filter::Present(attr("uid"));
    let many = session.query(&query).await;
    assert!(matches!(&many, Err(Error::TooMany { limit, .. }) if limit == "9 entries"), "{many:?}");
    // so many are enough, though there are more, and though they are more than the server gives unasked
    for limit in [1, 3, 22] {
        query.limit = Some(limit);
        assert_eq!(session.query(&query).await.unwrap().len(), limit as usize);
    }
    query.limit = Some(26);
    let cut = session.query(&query).await;
    assert!(matches!(&cut, Err(Error::TooMany { limit, .. }) if limit.contains("25 entries")), "{cut:?}");

    let roomy = super::session(&slapd).await;
    query.limit = None;
    let many = roomy.query(&query).await;
    assert!(matches!(many, Err(Error::TooMany { .. })), "{many:?}");

    let tight = Settings { max_bytes: 1000, ..settings(&[slapd.url()], simple(&slapd)) };
    let tight = Directory::new(tight, Metrics::new()).unwrap().session(soon(10)).await.unwrap();
    let many = tight.query(&query).await;
    assert!(matches!(&many, Err(Error::TooMany { limit, .. }) if limit == "1000 bytes"), "{many:?}");
}

#[tokio::test]
async fn references_to_other_servers_are_left_out() {
    let reference = "dn: ou=else,ou=people,dc=example,dc=com\nobjectClass: referral\nobjectClass: extensibleObject\nou: else\nref: ldap://elsewhere.invalid/ou=else";
    let slapd = Slapd::builder().entries(reference).start().unwrap();
    let session = session(&slapd).await;
    session.apply(&person(&slapd, "jo"), &[]).await.unwrap();
    assert_eq!(session.query(&by_uid(&slapd, "jo")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn attributes_come_only_when_asked_for() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    session.apply(&person(&slapd, "jo"), &[]).await.unwrap();
    let mut query = by_uid(&slapd, "jo");
    assert_eq!(session.query(&query).await.unwrap()[0].iter().count(), 1);
    query.attrs = [attr("surname")].into();
    assert_eq!(session.query(&query).await.unwrap()[0].first_str(&attr("surname")), Some("b"));
    query.attrs = [].into();
    assert_eq!(session.query(&query).await.unwrap()[0].iter().count(), 0);
    query.attrs = [attr("entryUUID"), attr("createTimestamp")].into();
    assert_eq!(session.query(&query).await.unwrap()[0].iter().count(), 2);
}

/// Names with everything that DNs and filters give a meaning to, and any other character.
#[tokio::test]
async fn hostile_names_are_names() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let fixed = [
        "*)(uid=*",
        " a ",
        "#a",
        "a,ou=people",
        "a+b=c",
        "\"a\\\"",
        "<>;",
        "\\2c",
        "😀\u{10fffd}",
        "a\u{301}",
        "=",
        "a\tb",
    ];
    let mut runner = TestRunner::deterministic();
    let any = proptest::string::string_regex("[ ,+\"\\\\<>;=#*()\\PC]{1,12}").unwrap();
    let random: Vec<String> = (0..200).map(|_| any.new_tree(&mut runner).unwrap().current()).collect();
    let mut added = 0;
    for uid in fixed.iter().map(ToString::to_string).chain(random) {
        let change = person(&slapd, &uid);
        let applied = session.apply(&change, &[attr("uid")]).await.unwrap();
        match applied.code {
            ResultCode::Success => added += 1,
            // twins by the server's wider equality, or characters that its string preparation prohibits
            ResultCode::EntryAlreadyExists
            | ResultCode::ConstraintViolation
            | ResultCode::InvalidAttributeSyntax
            | ResultCode::InvalidDnSyntax => continue,
            code => panic!("{uid:?}: {code} {}", applied.text),
        }
        let found = session.query(&by_uid(&slapd, &uid)).await.unwrap();
        assert_eq!(found.len(), 1, "{uid:?}");
        assert!(found[0].has_value(&attr("uid"), &uid.as_str().into()), "{uid:?}: {found:?}");
        assert_eq!(found[0].dn.parent(), change.dn().parent(), "{uid:?}");
        let by_name = Query::entry(found[0].dn.clone(), Filter::Present(attr("uid")), vec![attr("uid")]);
        assert_eq!(session.query(&by_name).await.unwrap().len(), 1, "{uid:?}");
    }
    assert!(added > 150, "{added}");
}
