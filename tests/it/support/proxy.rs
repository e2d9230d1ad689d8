//! A man in the middle who loses answers and holds requests back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

/// The answers to writes (RFC 4511 section 4): the tag of each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lost {
    /// `AddResponse`
    Add = 0x69,
    /// `DelResponse`
    Delete = 0x6b,
    /// `ModifyResponse`
    Modify = 0x67,
    /// `ModifyDNResponse`
    Rename = 0x6d,
}

/// The requests for changes (RFC 4511 section 4): the tag of each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    /// `ModifyRequest`
    Modify = 0x66,
    /// `ModifyDNRequest`
    Rename = 0x6c,
}

/// Passes LDAP without TLS on to a server, until it is told to lose an answer and the connection with it, or to hold a
/// request back.
pub(crate) struct Proxy {
    port: u16,
    armed: Arc<Armed>,
}

/// The tags of what is to be lost and to be held back; 0 for nothing.
#[derive(Default)]
struct Armed {
    lose: AtomicU8,
    hold: AtomicU8,
    /// How many requests for changes there are until one is held back; 0 for none.
    writes: AtomicUsize,
    holding: AtomicBool,
    discards: AtomicBool,
}

/// The tags of all requests for changes: modify, add, delete, rename, and extended ones, as a new password is.
const WRITES: [u8; 5] = [0x66, 0x68, 0x4a, 0x6c, 0x77];

impl Proxy {
    /// A proxy before the server with this `ldap://` URL.
    pub(crate) fn before(url: &str) -> Proxy {
        let target = url.strip_prefix("ldap://").expect("a plain URL").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(Armed::default());
        let shared = armed.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&target) else { continue };
                connect(client, server, shared.clone());
            }
        });
        Proxy { port, armed }
    }

    /// Its own URL.
    pub(crate) fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// The next answer of this kind is lost.
    pub(crate) fn lose(&self, what: Lost) {
        self.armed.lose.store(what as u8, Ordering::SeqCst);
    }

    /// Whether an answer was lost since.
    pub(crate) fn has_lost(&self) -> bool {
        self.armed.lose.load(Ordering::SeqCst) == 0
    }

    /// The next request of this kind is held back until it is released.
    pub(crate) fn hold(&self, what: Held) {
        self.armed.hold.store(what as u8, Ordering::SeqCst);
    }

    /// The request for a change that is the `number`th from now, counted from 1, is held back.
    pub(crate) fn hold_write(&self, number: usize) {
        self.armed.writes.store(number, Ordering::SeqCst);
    }

    /// The request that is held back never arrives, and nothing else of its connection does.
    pub(crate) fn discard(&self) {
        self.armed.discards.store(true, Ordering::SeqCst);
        self.release();
    }

    /// Whether a request is held back.
    pub(crate) fn is_holding(&self) -> bool {
        self.armed.holding.load(Ordering::SeqCst)
    }

    /// Lets the request go that is held back.
    pub(crate) fn release(&self) {
        self.armed.holding.store(false, Ordering::SeqCst);
    }
}

/// Copies both ways, message by message.
fn connect(client: TcpStream, server: TcpStream, armed: Arc<Armed>) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let holds = armed.clone();
    std::thread::spawn(move || {
        while let Ok(message) = message(&mut from_client) {
            if takes(&holds.hold, &message) || counts(&holds.writes, &message) {
                holds.holding.store(true, Ordering::SeqCst);
                while holds.holding.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                if holds.discards.swap(false, Ordering::SeqCst) {
                    break;
                }
            }
            if to_server.write_all(&message).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let (mut from_server, mut to_client) = (server, client);
        while let Ok(message) = message(&mut from_server) {
            if takes(&armed.lose, &message) || to_client.write_all(&message).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
}

/// Whether this is the message that is waited for; it is waited for no longer then.
fn takes(armed: &AtomicU8, message: &[u8]) -> bool {
    let tag = tag(message);
    tag != 0 && armed.compare_exchange(tag, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}

/// Whether this is the request for a change that is waited for.
fn counts(writes: &AtomicUsize, message: &[u8]) -> bool {
    let count = |left: usize| left.checked_sub(1);
    WRITES.contains(&tag(message)) && writes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1)
}

/// One `LDAPMessage` with its header.
fn message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 2];
    stream.read_exact(&mut message)?;
    let mut length = usize::from(message[1]);
    if length >= 0x80 {
        let mut long = vec![0; length - 0x80];
        stream.read_exact(&mut long)?;
        length = long.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
        message.extend(long);
    }
    let at = message.len();
    message.resize(at + length, 0);
    stream.read_exact(&mut message[at..])?;
    Ok(message)
}

/// The tag of the operation, behind the message's id.
fn tag(message: &[u8]) -> u8 {
    let header = if message[1] < 0x80 { 2 } else { 2 + usize::from(message[1] - 0x80) };
    let id = message.get(header + 1).copied().map_or(0, usize::from);
    message.get(header + 2 + id).copied().unwrap_or(0)
}
