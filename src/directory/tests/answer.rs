//! Answers that are read before anybody looks at them, and passwords.

use super::peer::{self, Op, result, usual};
use super::*;
use crate::directory::Error;
use crate::ldap::{ChangeKind, Mod, Reading, ResultCode};

const READINGS: &[Reading] = &[
    Reading {
        kind: ChangeKind::Modify,
        code: ResultCode::EntryAlreadyExists,
        text: "",
        means: ResultCode::AttributeOrValueExists,
    },
    Reading {
        kind: ChangeKind::Modify,
        code: ResultCode::UnwillingToPerform,
        text: "00000561",
        means: ResultCode::NoSuchAttribute,
    },
];

/// The answer to a change, from a peer that answers so.
async fn read(answer: peer::Answer, change: &Change) -> ResultCode {
    let url = peer::start(answer).await;
    let told = Settings { readings: READINGS, ..settings(&[url], Bind::Anonymous) };
    let directory = Directory::new(told, Metrics::new()).unwrap();
    let code = directory.session(soon(3)).await.unwrap().apply(change, &[]).await.unwrap().code;
    let text = directory.metrics.render();
    assert!(text.contains("unwillingToPerform") || text.contains("entryAlreadyExists"), "the code that came: {text}");
    code
}

#[tokio::test]
async fn answers_mean_what_the_kind_of_directory_says() {
    let add = Change::modify(dn("cn=a"), vec![Mod::add(attr("member"), vec!["cn=b".into()])]);
    let there: peer::Answer = |op| if op == Op::Modify { Some(result(0x67, 68)) } else { usual(op) };
    assert_eq!(read(there, &add).await, ResultCode::AttributeOrValueExists);
    // the text decides where the code has other meanings
    let unwilling: peer::Answer = |op| if op == Op::Modify { Some(result(0x67, 53)) } else { usual(op) };
    assert_eq!(read(unwilling, &add).await, ResultCode::UnwillingToPerform);
    let absent: peer::Answer = |op| match op {
        Op::Modify => Some([&[0x67, 15, 10, 1, 53, 4, 0, 4, 8][..], b"00000561"].concat()),
        op => usual(op),
    };
    assert_eq!(read(absent, &add).await, ResultCode::NoSuchAttribute);
}

#[tokio::test]
async fn passwords_are_set_and_never_made_up() {
    let slapd = Slapd::builder().start().unwrap();
    let session = session(&slapd).await;
    let added = session.apply(&person(&slapd, "jo"), &[]).await.unwrap();
    assert_eq!(added.code, ResultCode::Success);
    let name = person(&slapd, "jo").dn().clone();
    let set = async |password: &[u8]| {
        let change = Change::SetPassword { dn: name.clone(), password: Value::secret(password) };
        session.apply(&change, &[]).await.unwrap().code
    };
    assert_eq!(set("pässword 1".as_bytes()).await, ResultCode::Success);
    assert_eq!(set(b"").await, ResultCode::UnwillingToPerform);
    assert_eq!(set(b"\xff").await, ResultCode::UnwillingToPerform);
    let bind = Bind::Simple { dn: name, password: "pässword 1".into() };
    let own = Directory::new(settings(&[slapd.url()], bind), Metrics::new()).unwrap();
    assert!(own.session(soon(5)).await.is_ok(), "the password is as it was set");
}

#[tokio::test]
async fn a_server_without_the_operation_is_not_given_a_password() {
    // a root DSE that offers StartTLS and nothing else
    let offers: peer::Answer = |op| match op {
        Op::Search => Some(peer::entry("", "supportedExtension", "1.3.6.1.4.1.1466.20037")),
        op => usual(op),
    };
    let url = peer::start(offers).await;
    let session = Directory::new(settings(&[url], Bind::Anonymous), Metrics::new()).unwrap();
    let session = session.session(soon(3)).await.unwrap();
    let change = Change::SetPassword { dn: dn("cn=a"), password: Value::secret("pw") };
    let refused = session.apply(&change, &[]).await;
    assert!(matches!(refused, Err(Error::NoPasswordModify { .. })), "{refused:?}");
}
