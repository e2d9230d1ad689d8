//! A peer that answers as a test says, octet by octet.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the peer answers to one operation: the octets after the message id, or nothing at all.
pub(super) type Answer = fn(Op) -> Option<Vec<u8>>;

/// The operations that a peer tells apart, by the tag of the request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Bind,
    Search,
    Modify,
    Abandon,
    Other,
}

/// Starts a peer; returns its URL.
pub(super) async fn start(answer: Answer) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer));
        }
    });
    url
}

/// An LDAPResult with a code, for the response with this tag (RFC 4511 §4.1.9).
pub(super) fn result(tag: u8, code: u8) -> Vec<u8> {
    vec![tag, 7, 10, 1, code, 4, 0, 4, 0]
}

/// A search answered with one entry that has one value.
pub(super) fn entry(dn: &str, attr: &str, value: &str) -> Vec<u8> {
    let node = |tag: u8, parts: &[Vec<u8>]| {
        let content = parts.concat();
        [vec![tag, u8::try_from(content.len()).expect("a short element")], content].concat()
    };
    let text = |text: &str| node(4, &[text.as_bytes().to_vec()]);
    node(0x64, &[text(dn), node(0x30, &[node(0x30, &[text(attr), node(0x31, &[text(value)])])])])
}

/// Answers as a server does that knows nothing and allows everything.
pub(super) fn usual(op: Op) -> Option<Vec<u8>> {
    match op {
        Op::Bind => Some(result(0x61, 0)),
        Op::Search => Some(result(0x65, 0)),
        Op::Modify => Some(result(0x67, 0)),
        Op::Abandon | Op::Other => None,
    }
}

async fn serve(mut stream: TcpStream, answer: Answer) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
        while let Some((id, op, length)) = message(&bytes) {
            bytes.drain(..length);
            let Some(body) = answer(op) else { continue };
            // a body that starts with a zero is sent as it is, without an envelope
            let mut out = body.strip_prefix(&[0]).map(<[u8]>::to_vec).unwrap_or_default();
            if out.is_empty() {
                // the result follows an entry by itself
                let done = (body[0] == 0x64).then(|| result(0x65, 0));
                for body in [Some(body), done].into_iter().flatten() {
                    out.extend([0x30, u8::try_from(2 + id.len() + body.len()).ok()?, 2, u8::try_from(id.len()).ok()?]);
                    out.extend(&id);
                    out.extend(body);
                }
            }
            stream.write_all(&out).await.ok()?;
        }
    }
}

/// The message id, operation and length of the first whole message.
fn message(bytes: &[u8]) -> Option<(Vec<u8>, Op, usize)> {
    let (length, header) = match *bytes.get(1)? {
        short @ 0..=0x7f => (usize::from(short), 2),
        0x81 => (usize::from(*bytes.get(2)?), 3),
        _ => (usize::from(*bytes.get(2)?) << 8 | usize::from(*bytes.get(3)?), 4),
    };
    let body = bytes.get(header..header + length)?;
    let digits = usize::from(body[1]);
    let op = match body[2 + digits] {
        0x60 => Op::Bind,
        0x63 => Op::Search,
        0x66 => Op::Modify,
        0x50 => Op::Abandon,
        _ => Op::Other,
    };
    Some((body[2..2 + digits].to_vec(), op, header + length))
}
