//! Searches in pages.

use super::*;
use crate::directory::Error;
use crate::ldap::ResultCode;

/// So many people, and a session that reads 7 at once.
async fn people(slapd: &Slapd, count: usize, settings: Settings) -> Session {
    let told = Settings { page_size: Some(7), connections: 1, ..settings };
    let session = Directory::new(told, Metrics::new()).unwrap().session(soon(30)).await.unwrap();
    for number in 0..count {
        let added = session.apply(&person(slapd, &format!("p{number}")), &[]).await.unwrap();
        assert_eq!(added.code, ResultCode::Success);
    }
    session
}

fn everybody(slapd: &Slapd, limit: Option<u32>) -> Query {
    Query { filter: Filter::Present(attr("uid")), limit, ..by_uid(slapd, "") }
}

/// How many searches were sent.
fn searches(session: &Session) -> u64 {
    let text = session.server.metrics.render();
    let searches = text.lines().filter(|line| line.contains("operations_total{") && line.contains("\"search\""));
    super::fault::count(&searches.collect::<Vec<_>>().join("\n"), "search")
}

/// A server that answers no more than 10 entries at once, but any number in pages.
fn limited() -> crate::lab::Builder {
    Slapd::builder().line("limits users size=10 size.pr=10 size.prtotal=unlimited")
}

#[tokio::test]
async fn pages_bring_all_that_a_server_does_not_answer_at_once() {
    let slapd = limited().start().unwrap();
    let session = people(&slapd, 30, settings(&[slapd.url()], simple(&slapd))).await;
    let whole = super::session(&slapd).await.query(&everybody(&slapd, None)).await;
    assert!(matches!(&whole, Err(Error::TooMany { .. })), "{whole:?}");
    for (limit, pages) in [(None, 5), (Some(3), 1), (Some(7), 1), (Some(20), 3), (Some(31), 5)] {
        let before = searches(&session);
        let found = session.query(&everybody(&slapd, limit)).await.unwrap();
        let mut names: Vec<String> = found.iter().map(|entry| entry.dn.to_string()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), limit.map_or(30, |limit| limit.min(30) as usize), "{limit:?}");
        // a page is there once for each, and once more where the rest is given up
        let sent = searches(&session) - before;
        assert_eq!(sent, pages, "{limit:?}");
    }
    let none = session.query(&by_uid(&slapd, "nobody")).await;
    assert_eq!(none, Ok(vec![]));
}

#[tokio::test]
async fn limits_of_our_own_hold_over_all_pages() {
    let slapd = limited().start().unwrap();
    let few = Settings { max_entries: 16, ..settings(&[slapd.url()], simple(&slapd)) };
    let session = people(&slapd, 30, few).await;
    let many = session.query(&everybody(&slapd, None)).await;
    assert!(matches!(&many, Err(Error::TooMany { limit, .. }) if limit == "16 entries"), "{many:?}");
    let small = Settings { max_bytes: 3000, page_size: Some(7), ..settings(&[slapd.url()], simple(&slapd)) };
    let session = Directory::new(small, Metrics::new()).unwrap().session(soon(30)).await.unwrap();
    let many = session.query(&everybody(&slapd, None)).await;
    assert!(matches!(&many, Err(Error::TooMany { limit, .. }) if limit == "3000 bytes"), "{many:?}");
    // the server has forgotten the search that was given up: another one works on the same connection
    let mut one = everybody(&slapd, None);
    one.filter = Filter::eq(attr("uid"), "p1");
    assert_eq!(session.query(&one).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_search_that_a_server_forgets_begins_again() {
    let slapd = limited().start().unwrap();
    let session = people(&slapd, 30, settings(&[slapd.url()], simple(&slapd))).await;
    // slapd keeps one search in pages for each connection, so that they disturb each other
    let query = everybody(&slapd, None);
    let searches = futures_util::future::join_all((0..12).map(|_| session.query(&query))).await;
    for found in searches {
        assert_eq!(found.map(|entries| entries.len()), Ok(30));
    }
}
