//! Servers that die, hang, or talk nonsense.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::peer::{self, Op, usual};
use super::*;
use crate::directory::{Error, ServerState};
use crate::ldap::{Mod, ResultCode};

fn change() -> Change {
    Change::modify(dn("cn=a"), vec![Mod::replace(attr("cn"), vec!["b".into()])])
}

fn root() -> Query {
    Query::entry(Dn::root(), Filter::Present(attr("objectClass")), vec![])
}

#[tokio::test]
async fn a_directory_that_is_down_at_the_start_is_found_when_it_comes() {
    let mut slapd = Slapd::builder().start().unwrap();
    slapd.kill();
    let directory = directory(&slapd);
    assert_eq!(directory.status()[0].state, ServerState::Unknown);
    directory.start();
    let refused = directory.session(soon(5)).await.err();
    assert!(matches!(refused, Some(Error::Unavailable { .. })), "{refused:?}");
    until("down", Duration::from_secs(2), async || matches!(directory.status()[0].state, ServerState::Down(_))).await;
    let asked = Instant::now();
    assert!(directory.session(soon(5)).await.is_err());
    assert!(asked.elapsed() < Duration::from_millis(50), "{:?}", asked.elapsed());
    slapd.start().unwrap();
    until("up", Duration::from_secs(3), async || directory.session(soon(5)).await.is_ok()).await;
    assert_eq!(directory.status()[0].state, ServerState::Active);
    directory.shutdown().await;
    assert!(directory.session(soon(5)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_cut_off_by_a_crash_have_an_unknown_outcome_and_none_is_lost() {
    let mut slapd = Slapd::builder().start().unwrap();
    let directory = directory(&slapd);
    directory.start();
    let done = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    let other = Arc::new(AtomicUsize::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let (directory, done, other) = (directory.clone(), done.clone(), other.clone());
        let people = slapd.people();
        writers.spawn(async move {
            for number in 0.. {
                let uid = format!("w{writer}-{number}");
                let change = add(&people, &uid);
                let applied = match directory.session(soon(5)).await {
                    Ok(session) => session.apply(&change, &[]).await,
                    Err(error) => Err(error),
                };
                match applied {
                    Ok(applied) if applied.code == ResultCode::Success => done.lock().await.push(uid),
                    Ok(applied) => assert_eq!(applied.code, ResultCode::Busy, "{}", applied.text),
                    Err(Error::OutcomeUnknown { .. } | Error::Lost { .. } | Error::Unavailable { .. }) => {
                        other.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    until("under way", Duration::from_secs(20), async || done.lock().await.len() > 200).await;
    let killed = Instant::now();
    slapd.kill();
    writers.join_all().await;
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
    assert_eq!(other.load(Ordering::Relaxed), 16);
    slapd.start().unwrap();
    let took = until("up", Duration::from_secs(2), async || directory.session(soon(5)).await.is_ok()).await;
    assert!(took < Duration::from_secs(2));
    let session = directory.session(soon(30)).await.unwrap();
    for uid in done.lock().await.iter() {
        assert_eq!(session.query(&by_uid(&slapd, uid)).await.unwrap().len(), 1, "{uid}");
    }
}

fn add(people: &str, uid: &str) -> Change {
    let attrs = [("objectClass", "inetOrgPerson"), ("uid", uid), ("cn", "a"), ("sn", "b")];
    let attrs = attrs.map(|(name, value)| (AttrType::new(name).unwrap(), vec![value.into()])).to_vec();
    Change::Add { dn: dn(people).child(Rdn::new(attr("uid"), uid)), attrs }
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for() {
    let mut slapd = Slapd::builder().start().unwrap();
    let quick = Settings { operation_timeout: Duration::from_millis(400), ..settings(&[slapd.url()], simple(&slapd)) };
    let quick = Settings { connect_timeout: Duration::from_millis(400), ..quick };
    let directory = Directory::new(quick, Metrics::new()).unwrap();
    directory.start();
    let session = directory.session(soon(10)).await.unwrap();
    slapd.pause();
    // the signal takes a moment to reach every thread
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = Instant::now();
    let read = session.query(&by_uid(&slapd, "jo")).await;
    assert!(matches!(read, Err(Error::Timeout { .. })), "{read:?}");
    let written = session.apply(&person(&slapd, "jo"), &[]).await;
    assert!(matches!(written, Err(Error::OutcomeUnknown { .. })), "{written:?}");
    assert!(asked.elapsed() < Duration::from_secs(1));
    let short = directory.session(Instant::now() + Duration::from_millis(50)).await;
    if let Ok(session) = short {
        assert!(session.query(&by_uid(&slapd, "jo")).await.is_err());
    }
    until("down", Duration::from_secs(4), async || matches!(directory.status()[0].state, ServerState::Down(_))).await;
    let asked = Instant::now();
    assert!(directory.session(soon(5)).await.is_err());
    assert!(asked.elapsed() < Duration::from_millis(50));
    slapd.resume();
    until("up", Duration::from_secs(3), async || directory.session(soon(5)).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worn_connections_are_replaced_without_a_failure() {
    let slapd = Slapd::builder().start().unwrap();
    let directory =
        Directory::new(Settings { max_operations: 20, ..settings(&[slapd.url()], simple(&slapd)) }, Metrics::new())
            .unwrap();
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (directory, query) = (directory.clone(), by_uid(&slapd, "jo"));
        readers.spawn(async move {
            for _ in 0..100 {
                directory.session(soon(5)).await.unwrap().query(&query).await.unwrap();
            }
        });
    }
    readers.join_all().await;
    let text = directory.metrics.render();
    let opened = count(&text, "connections_opened_total");
    assert!((10..200).contains(&opened), "{opened}");
    until("old ones are closed", Duration::from_secs(2), async || {
        count(&directory.metrics.render(), "connections{") == 2
    })
    .await;
}

pub(super) fn count(text: &str, name: &str) -> u64 {
    let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains(name));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_opened_one_at_a_time() {
    let slapd = Slapd::builder().start().unwrap();
    let directory = directory(&slapd);
    let mut askers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let directory = directory.clone();
        askers.spawn(async move { directory.session(soon(5)).await.is_ok() });
    }
    assert!(askers.join_all().await.into_iter().all(|ok| ok));
    let opened = count(&directory.metrics.render(), "connections_opened_total");
    assert!(opened <= 2, "{opened}");
}

async fn against(answer: peer::Answer) -> Result<Session, Error> {
    let url = peer::start(answer).await;
    let bind = Bind::Simple { dn: dn("cn=a"), password: "b".into() };
    Directory::new(settings(&[url], bind), Metrics::new())?.session(soon(3)).await
}

/// Octets that are no message: the library's driver panics on some of them.
#[tokio::test]
async fn nonsense_is_a_lost_connection() {
    const NONSENSE: [peer::Answer; 4] = [
        |op| if op == Op::Modify { Some(vec![0, 0x30, 0]) } else { usual(op) },
        |op| if op == Op::Modify { Some(vec![0, b'H', b'T', b'T', b'P', b'\r', b'\n']) } else { usual(op) },
        |op| if op == Op::Modify { Some(vec![0x67, 0]) } else { usual(op) },
        |op| if op == Op::Modify { Some(vec![0x67, 7, 10, 1, 0, 4, 1, 0xff, 4, 0]) } else { usual(op) },
    ];
    for answer in NONSENSE {
        let session = against(answer).await.unwrap();
        let written = session.apply(&change(), &[]).await;
        assert!(matches!(written, Err(Error::OutcomeUnknown { .. })), "{written:?}");
    }
    let search: peer::Answer = |op| if op == Op::Search { Some(vec![0x70, 0]) } else { usual(op) };
    let refused = against(search).await.err();
    assert!(matches!(refused, Some(Error::Unavailable { .. })), "{refused:?}");
    let bind: peer::Answer = |op| if op == Op::Bind { Some(vec![0x61, 0]) } else { usual(op) };
    let refused = against(bind).await.err();
    assert!(matches!(refused, Some(Error::Unavailable { .. })), "{refused:?}");
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_an_error_and_no_more() {
    static SEARCHES: AtomicUsize = AtomicUsize::new(0);
    let answer: peer::Answer = |op| match op {
        // the first search is that of the root DSE
        Op::Search if SEARCHES.fetch_add(1, Ordering::Relaxed) == 1 => Some(vec![0x64, 5, 4, 1, b'x', 0x30, 0]),
        op => usual(op),
    };
    let session = against(answer).await.unwrap();
    let read = session.query(&root()).await;
    assert!(matches!(read, Err(Error::Decode { .. })), "{read:?}");
    assert_eq!(session.query(&root()).await, Ok(vec![]));
}

#[tokio::test]
async fn what_is_no_longer_waited_for_is_abandoned() {
    static ABANDONED: AtomicUsize = AtomicUsize::new(0);
    let silent: peer::Answer = |op| match op {
        Op::Modify => None,
        Op::Abandon => {
            ABANDONED.fetch_add(1, Ordering::Relaxed);
            None
        }
        op => usual(op),
    };
    let url = peer::start(silent).await;
    let quick = Settings { operation_timeout: Duration::from_millis(50), ..settings(&[url], Bind::Anonymous) };
    let session = Directory::new(quick, Metrics::new()).unwrap().session(soon(3)).await.unwrap();
    let written = session.apply(&change(), &[]).await;
    assert!(matches!(written, Err(Error::OutcomeUnknown { .. })), "{written:?}");
    until("abandoned", Duration::from_secs(2), async || ABANDONED.load(Ordering::Relaxed) == 1).await;
    assert_eq!(session.query(&root()).await, Ok(vec![]), "the connection is still of use");
}
