//! The layer against a real slapd, and against peers that misbehave.

mod answer;
mod draw;
mod failover;
mod fault;
mod page;
mod peer;
mod permissive;
mod read;
mod secure;
mod write;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Bind, Directory, ServerUrl, Session, Settings};
use crate::lab::Slapd;
use crate::ldap::{AttrType, Change, Dn, Filter, Query, Rdn, Scope, Value};
use crate::ops::Metrics;

fn url(text: &str) -> ServerUrl {
    ServerUrl::parse(text).unwrap()
}

fn dn(text: &str) -> Dn {
    Dn::parse(text).unwrap()
}

fn attr(name: &'static str) -> AttrType {
    AttrType::known(name)
}

fn simple(slapd: &Slapd) -> Bind {
    let (name, password) = slapd.bridge();
    Bind::Simple { dn: dn(&name), password: password.into() }
}

/// Settings with which tests need not wait long.
fn settings(urls: &[String], bind: Bind) -> Settings {
    Settings {
        probe_interval: Duration::from_millis(100),
        probe_timeout: Duration::from_millis(500),
        fail_back_after: Duration::from_millis(300),
        ..Settings::new("test", urls.iter().map(|text| url(text)).collect(), bind)
    }
}

fn directory(slapd: &Slapd) -> Arc<Directory> {
    Directory::new(settings(&[slapd.url()], simple(slapd)), Metrics::new()).unwrap()
}

fn soon(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

async fn session(slapd: &Slapd) -> Session {
    directory(slapd).session(soon(10)).await.unwrap()
}

/// An add of a person whose user id is any text.
fn person(slapd: &Slapd, uid: &str) -> Change {
    let dn = dn(&slapd.people()).child(Rdn::new(attr("uid"), uid));
    let attrs = vec![
        (attr("objectClass"), vec!["inetOrgPerson".into()]),
        (attr("uid"), vec![uid.into()]),
        (attr("cn"), vec!["a".into()]),
        (attr("sn"), vec!["b".into()]),
    ];
    Change::Add { dn, attrs }
}

fn by_uid(slapd: &Slapd, uid: &str) -> Query {
    let filter = Filter::eq(attr("uid"), Value::from(uid));
    Query { base: dn(&slapd.people()), scope: Scope::Sub, filter, attrs: [attr("uid")].into(), limit: None }
}

/// Waits until something is so; fails when it takes longer than allowed.
async fn until(what: &str, limit: Duration, mut so: impl AsyncFnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !so().await {
        assert!(started.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    started.elapsed()
}
