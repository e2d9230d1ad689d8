//! Numbers drawn by several bridges, from counters good and bad.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use super::*;
use crate::directory::Error;
use crate::ldap::{Counter, Mod, ResultCode};

fn counter(slapd: &Slapd, name: &str) -> Counter {
    let (name, attribute) = slapd.counter(name);
    Counter { dn: dn(&name), attr: attr(attribute) }
}

/// Sets what a counter's entry holds, past the bridge.
async fn set(session: &Session, counter: &Counter, values: &[&str]) {
    let values = values.iter().map(|value| Value::from(*value)).collect();
    let change = Change::modify(counter.dn.clone(), vec![Mod::replace(counter.attr.clone(), values)]);
    let applied = session.apply(&change, &[]).await.unwrap();
    assert_eq!(applied.code, ResultCode::Success, "{}", applied.text);
}

/// What is wrong with a counter.
fn fault<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Counter { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bridges_draw_every_number_once() {
    let slapd = Slapd::builder().counter("gid", 10_000).start().unwrap();
    let counter = counter(&slapd, "gid");
    let mut draws = JoinSet::new();
    for directory in [directory(&slapd), directory(&slapd)] {
        for _ in 0..50 {
            let (directory, counter) = (directory.clone(), counter.clone());
            draws.spawn(async move { directory.session(soon(30)).await.unwrap().draw(&counter).await.unwrap() });
        }
    }
    let drawn: BTreeSet<u64> = draws.join_all().await.into_iter().collect();
    assert_eq!(drawn, (10_000..10_100).collect());
    let session = session(&slapd).await;
    assert_eq!(session.peek(&counter).await, Ok(10_100));
    assert_eq!(session.peek(&counter).await, Ok(10_100));
}

#[tokio::test]
async fn a_counter_that_others_move_is_read_again() {
    for builder in [Slapd::builder(), Slapd::builder().stock()] {
        let slapd = builder.counter("gid", 7).start().unwrap();
        let (session, counter) = (session(&slapd).await, counter(&slapd, "gid"));
        assert_eq!(session.draw(&counter).await, Ok(7));
        assert_eq!(session.draw(&counter).await, Ok(8));
        set(&session, &counter, &["500"]).await;
        assert_eq!(session.draw(&counter).await, Ok(500));
        set(&session, &counter, &["100"]).await;
        assert_eq!(session.draw(&counter).await, Ok(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_gives_no_number_twice() {
    let mut slapd = Slapd::builder().counter("gid", 1).start().unwrap();
    let (counter, stop) = (counter(&slapd, "gid"), Arc::new(AtomicBool::new(false)));
    let drawn = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut bridges = JoinSet::new();
    for directory in [directory(&slapd), directory(&slapd)] {
        for _ in 0..8 {
            let (directory, counter) = (directory.clone(), counter.clone());
            let (drawn, stop) = (drawn.clone(), stop.clone());
            bridges.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = match directory.session(soon(5)).await {
                        Ok(session) => session.draw(&counter).await,
                        Err(error) => Err(error),
                    };
                    match number {
                        Ok(number) => drawn.lock().unwrap().push(number),
                        Err(Error::Counter { counter, what }) => panic!("{counter}: {what}"),
                        Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                }
            });
        }
    }
    for round in 1..=4 {
        let enough = async || drawn.lock().unwrap().len() >= 100 * round;
        until("drawn", Duration::from_secs(20), enough).await;
        slapd.kill();
        slapd.start().unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    bridges.join_all().await;
    let drawn = drawn.lock().unwrap().clone();
    let different: BTreeSet<u64> = drawn.iter().copied().collect();
    assert_eq!(different.len(), drawn.len());
    let next = session(&slapd).await.peek(&counter).await.unwrap();
    assert!(different.last().is_some_and(|last| *last < next), "{different:?} {next}");
}

#[tokio::test]
async fn a_counter_that_cannot_be_used_says_why() {
    let slapd = Slapd::builder().stock().counter("gid", 1).start().unwrap();
    let (session, counter) = (session(&slapd).await, counter(&slapd, "gid"));
    let missing = Counter { dn: dn(&format!("cn=gone,{}", slapd.counters())), attr: counter.attr.clone() };
    assert!(fault(session.draw(&missing).await).starts_with("there is no such entry"));
    let cases: [(&[&str], &str); 6] = [
        (&[], "it has no value"),
        (&["1", "2"], "it has 2 values"),
        (&["one"], "its value \"one\" is no whole number"),
        (&["-1"], "its value \"-1\" is no whole number"),
        (&["007"], "its value \"007\" is no whole number"),
        (&["18446744073709551615"], "there is no number after its last"),
    ];
    for (values, what) in cases {
        set(&session, &counter, values).await;
        let said = fault(session.draw(&counter).await);
        assert!(said.starts_with(what), "{values:?}: {said}");
    }
    set(&session, &counter, &["3"]).await;
    assert_eq!(session.draw(&counter).await, Ok(3));
}

#[tokio::test]
async fn a_counter_out_of_reach_says_so() {
    let rule = |who: &str| format!("access to dn.subtree=\"cn=gid,ou=counters,dc=example,dc=com\" by * {who}");
    for (access, what) in [
        ("read", "moving it on was answered with insufficientAccessRights (50)"),
        ("none", "there is no such entry, or the bridge's account may not read it"),
    ] {
        let slapd = Slapd::builder().counter("gid", 1).line(&rule(access)).start().unwrap();
        let said = fault(session(&slapd).await.draw(&counter(&slapd, "gid")).await);
        assert!(said.starts_with(what), "{said}");
    }
}

#[tokio::test]
async fn a_silent_server_keeps_nobody_waiting_beyond_the_deadline() {
    let mut slapd = Slapd::builder().counter("gid", 1).start().unwrap();
    let (directory, counter) = (directory(&slapd), counter(&slapd, "gid"));
    let session = directory.session(soon(10)).await.unwrap();
    assert_eq!(session.draw(&counter).await, Ok(1));
    let deadline = Instant::now() + Duration::from_millis(400);
    let hasty = directory.session(deadline).await.unwrap();
    slapd.pause();
    // the first waits for the server, the second for the first
    let (one, two) = tokio::join!(hasty.draw(&counter), hasty.draw(&counter));
    let late = deadline.elapsed();
    slapd.resume();
    for outcome in [one, two] {
        assert!(matches!(outcome, Err(Error::Timeout { op: "draw", .. })), "{outcome:?}");
    }
    assert!(late < Duration::from_secs(2), "{late:?}");
    // the move that was sent may have been done, so 2 is nobody's
    let drawn = session.draw(&counter).await.unwrap();
    assert!((2..=3).contains(&drawn), "{drawn}");
    assert_eq!(session.draw(&counter).await, Ok(drawn + 1));
}
