//! Who we are, and whom we trust.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::directory::{Error, TlsTrust};
use crate::lab::{Ca, Certified};
use crate::ldap::ResultCode;

async fn connect(settings: Settings) -> Result<Session, Error> {
    Directory::new(settings, Metrics::new())?.session(soon(10)).await
}

fn trusting(slapd: &Slapd, url: String) -> Settings {
    let tls = TlsTrust { ca_file: Some(slapd.ca_file().to_owned()), client_cert: None };
    Settings { tls, ..settings(&[url], simple(slapd)) }
}

async fn works(settings: Settings, slapd: &Slapd) {
    let session = connect(settings).await.unwrap();
    let applied = session.apply(&person(slapd, "jo"), &[attr("uid")]).await.unwrap();
    assert!(matches!(applied.code, ResultCode::Success | ResultCode::EntryAlreadyExists), "{applied:?}");
    assert_eq!(session.query(&by_uid(slapd, "jo")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn tls_works_from_the_start_and_by_start_tls() {
    let slapd = Slapd::builder().start().unwrap();
    works(trusting(&slapd, slapd.tls_url()), &slapd).await;
    works(trusting(&slapd, slapd.tls_url().replace("127.0.0.1", "localhost")), &slapd).await;
    works(Settings { start_tls: true, ..trusting(&slapd, slapd.url()) }, &slapd).await;
}

#[tokio::test]
async fn an_ipv6_address_is_checked_against_the_certificate() {
    let ca = Ca::new("v6").unwrap();
    let other = Ca::new("v6").unwrap();
    for (hosts, good) in [(vec!["::1".to_owned()], true), (vec!["127.0.0.1".to_owned()], false)] {
        let slapd = Slapd::builder().certificate(&ca.pem(), ca.server(hosts).unwrap()).start().unwrap();
        let target = slapd.tls_url().strip_prefix("ldaps://").unwrap().to_owned();
        let listener = TcpListener::bind("[::1]:0").await.unwrap();
        let url = format!("ldaps://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let mut there = TcpStream::connect(&target).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut here, &mut there).await.is_ok() });
            }
        });
        if good {
            works(trusting(&slapd, url.clone()), &slapd).await;
            let file = slapd.folder().join("other.pem");
            std::fs::write(&file, other.pem()).unwrap();
            let wrong = TlsTrust { ca_file: Some(file), client_cert: None };
            let refused = connect(Settings { tls: wrong, ..trusting(&slapd, url) }).await.err();
            assert!(matches!(refused, Some(Error::Tls { .. })), "{refused:?}");
        } else {
            let refused = connect(trusting(&slapd, url)).await.err();
            assert!(matches!(refused, Some(Error::Tls { .. })), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_ends_it() {
    let ca = Ca::new("a").unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), Ca::new("a").unwrap().pem()).unwrap();
    let bad: [(Certified, bool); 3] = [
        (ca.server(vec!["127.0.0.1".to_owned()]).unwrap(), true),
        (ca.expired(vec!["127.0.0.1".to_owned()]).unwrap(), false),
        (ca.server(vec!["elsewhere.example".to_owned()]).unwrap(), false),
    ];
    for (certificate, other_ca) in bad {
        let slapd = Slapd::builder().certificate(&ca.pem(), certificate).start().unwrap();
        for (url, start_tls) in [(slapd.tls_url(), false), (slapd.url(), true)] {
            let mut settings = Settings { start_tls, ..trusting(&slapd, url) };
            if other_ca {
                settings.tls.ca_file = Some(file.path().to_owned());
            }
            let refused = connect(settings).await.err();
            assert!(matches!(refused, Some(Error::Tls { .. })), "{refused:?}");
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_found_at_once() {
    let good = tempfile::NamedTempFile::new().unwrap();
    for tls in [
        TlsTrust { ca_file: Some("/nowhere/ca.pem".into()), client_cert: None },
        TlsTrust { ca_file: Some(good.path().to_owned()), client_cert: None },
        TlsTrust { ca_file: None, client_cert: Some(("/nowhere/a.pem".into(), "/nowhere/a.key".into())) },
    ] {
        let settings = Settings { tls, ..settings(&["ldaps://a.invalid".to_owned()], Bind::Anonymous) };
        assert!(matches!(Directory::new(settings, Metrics::new()), Err(Error::Tls { .. })));
    }
}

#[tokio::test]
async fn a_wrong_or_empty_password_is_refused_and_not_tried_again_at_once() {
    let slapd = Slapd::builder().start().unwrap();
    for password in ["wrong", ""] {
        let bind = Bind::Simple { dn: dn(&slapd.bridge().0), password: password.into() };
        let directory = Directory::new(settings(&[slapd.url()], bind), Metrics::new()).unwrap();
        for _ in 0..20 {
            let refused = directory.session(soon(10)).await.err();
            let code = ResultCode::InvalidCredentials;
            assert!(matches!(&refused, Some(Error::BindRefused { code: c, .. }) if *c == code), "{refused:?}");
        }
        let binds = directory.metrics.render();
        let line = binds.lines().find(|line| line.contains("operations_total{") && line.contains("bind")).unwrap();
        assert!(line.ends_with(" 1"), "{line}");
    }
}

#[tokio::test]
async fn a_socket_or_a_client_certificate_says_who_we_are() {
    let ca = Ca::new("a").unwrap();
    let slapd = Slapd::builder().certificate(&ca.pem(), ca.local().unwrap()).start().unwrap();
    works(Settings { bind: Bind::External, ..settings(&[slapd.socket_url()], Bind::External) }, &slapd).await;
    let shown = ca.client("scim-bridge").unwrap().write(slapd.folder(), "client").unwrap();
    let mut settings = Settings { bind: Bind::External, ..trusting(&slapd, slapd.tls_url()) };
    settings.tls.client_cert = Some(shown);
    works(settings.clone(), &slapd).await;
    settings.tls.client_cert = None;
    let refused = connect(settings).await.err();
    assert!(matches!(refused, Some(Error::BindRefused { .. })), "{refused:?}");
}
