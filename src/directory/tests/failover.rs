//! Two servers, of which one is active.

use super::peer::{self, Op, usual};
use super::*;
use crate::directory::{Error, Reason, ServerState};
use crate::lab::Overlay;
use crate::ldap::{Mod, ResultCode};

fn states(directory: &Directory) -> Vec<ServerState> {
    directory.status().into_iter().map(|status| status.state).collect()
}

fn pair(one: &Slapd, two: &Slapd) -> Arc<Directory> {
    let anonymous = settings(&[one.url(), two.url()], Bind::Anonymous);
    Directory::new(anonymous, Metrics::new()).unwrap()
}

#[tokio::test]
async fn the_next_server_takes_over_and_the_preferred_one_returns() {
    let (mut one, two) = (Slapd::builder().start().unwrap(), Slapd::builder().start().unwrap());
    let directory = pair(&one, &two);
    directory.start();
    assert_eq!(directory.session(soon(5)).await.unwrap().server(), one.url());
    until("watched", Duration::from_secs(2), async || states(&directory)[0] == ServerState::Active).await;
    one.kill();
    let second = until("second", Duration::from_secs(2), async || {
        directory.session(soon(5)).await.is_ok_and(|session| session.server() == two.url())
    });
    second.await;
    until("seen", Duration::from_secs(2), async || states(&directory)[0] == ServerState::Down(Reason::Connect)).await;
    assert_eq!(states(&directory)[1], ServerState::Active);
    one.start().unwrap();
    let back = until("back", Duration::from_secs(5), async || {
        directory.session(soon(5)).await.is_ok_and(|session| session.server() == one.url())
    });
    assert!(back.await >= Duration::from_millis(100));
    assert_eq!(states(&directory)[0], ServerState::Active);
    let text = directory.metrics.render();
    assert!(text.lines().any(|line| line.contains("failovers_total{") && line.ends_with(" 2")), "{text}");
    directory.shutdown().await;
}

#[tokio::test]
async fn without_a_watch_requests_find_out_themselves() {
    let (mut one, two) = (Slapd::builder().start().unwrap(), Slapd::builder().start().unwrap());
    one.kill();
    let directory = pair(&one, &two);
    assert_eq!(directory.session(soon(5)).await.unwrap().server(), two.url());
}

fn both_down() -> (String, String) {
    ("ldap://127.0.0.1:1".to_owned(), "ldap://127.0.0.1:2".to_owned())
}

#[tokio::test]
async fn an_outage_names_every_server_for_the_log() {
    let (one, two) = both_down();
    let directory = Directory::new(settings(&[one.clone(), two.clone()], Bind::Anonymous), Metrics::new()).unwrap();
    let error = directory.session(soon(5)).await.err().unwrap();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&one) && text.contains(&two), "{text}");
}

fn modify() -> Change {
    Change::modify(dn("cn=a"), vec![Mod::replace(attr("cn"), vec!["b".into()])])
}

#[tokio::test]
async fn a_server_that_refers_writes_elsewhere_or_is_busy_is_passed_over() {
    const ANSWERS: [(peer::Answer, ResultCode); 2] = [
        (|op| if op == Op::Modify { Some(peer::result(0x67, 10)) } else { usual(op) }, ResultCode::Referral),
        (|op| if op == Op::Modify { Some(peer::result(0x67, 51)) } else { usual(op) }, ResultCode::Busy),
    ];
    for (answer, code) in ANSWERS {
        let (one, two) = (peer::start(answer).await, peer::start(usual).await);
        let directory = Directory::new(settings(&[one.clone(), two.clone()], Bind::Anonymous), Metrics::new()).unwrap();
        directory.start();
        let session = directory.session(soon(5)).await.unwrap();
        assert_eq!(session.server(), one);
        assert_eq!(session.apply(&modify(), &[]).await.unwrap().code, code);
        let session = directory.session(soon(5)).await.unwrap();
        assert_eq!(session.server(), two);
        assert_eq!(session.apply(&modify(), &[]).await.unwrap().code, ResultCode::Success);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(directory.session(soon(5)).await.unwrap().server(), two, "back too soon");
    }
}

#[tokio::test]
async fn the_only_server_is_never_passed_over() {
    let url = peer::start(|op| if op == Op::Modify { Some(peer::result(0x67, 52)) } else { usual(op) }).await;
    let directory = Directory::new(settings(&[url], Bind::Anonymous), Metrics::new()).unwrap();
    for _ in 0..3 {
        let session = directory.session(soon(5)).await.unwrap();
        assert_eq!(session.apply(&modify(), &[]).await.unwrap().code, ResultCode::Unavailable);
    }
}

/// Two servers that do not replicate, so that one stays behind until it is written to itself.
#[tokio::test]
async fn the_preferred_server_returns_only_when_it_has_caught_up() {
    let start = || Slapd::builder().with(Overlay::SyncProv).start().unwrap();
    let (mut one, two) = (start(), start());
    let urls = [one.socket_url(), two.socket_url()];
    let directory = Directory::new(settings(&urls, Bind::External), Metrics::new()).unwrap();
    directory.start();
    let write = async |slapd: &Slapd, session: &Session, uid: &str| {
        assert_eq!(session.apply(&person(slapd, uid), &[]).await.unwrap().code, ResultCode::Success);
    };
    until("watched", Duration::from_secs(2), async || states(&directory)[0] == ServerState::Active).await;
    write(&one, &directory.session(soon(5)).await.unwrap(), "first").await;
    // in order, so that it notes its contextCSN; after a crash it would make one up
    one.stop();
    let second = async || directory.session(soon(5)).await.is_ok_and(|session| session.server() == urls[1]);
    until("second", Duration::from_secs(2), second).await;
    write(&two, &directory.session(soon(5)).await.unwrap(), "second").await;
    one.start().unwrap();
    until("seen", Duration::from_secs(2), async || states(&directory)[0] == ServerState::Standby).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(states(&directory), [ServerState::Standby, ServerState::Active]);
    let direct = Directory::new(settings(&urls[..1], Bind::External), Metrics::new()).unwrap();
    write(&one, &direct.session(soon(5)).await.unwrap(), "third").await;
    until("back", Duration::from_secs(3), async || states(&directory)[0] == ServerState::Active).await;
}
