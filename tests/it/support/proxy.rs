//! A man in the middle who loses answers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

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

/// Passes LDAP without TLS on to a server, until it is told to lose an answer and the connection with it.
pub(crate) struct Proxy {
    port: u16,
    armed: Arc<AtomicU8>,
}

impl Proxy {
    /// A proxy before the server with this `ldap://` URL.
    pub(crate) fn before(url: &str) -> Proxy {
        let target = url.strip_prefix("ldap://").expect("a plain URL").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicU8::new(0));
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
        self.armed.store(what as u8, Ordering::SeqCst);
    }

    /// Whether an answer was lost since.
    pub(crate) fn has_lost(&self) -> bool {
        self.armed.load(Ordering::SeqCst) == 0
    }
}

/// Copies both ways; what the server sends is looked at message by message.
fn connect(client: TcpStream, server: TcpStream, armed: Arc<AtomicU8>) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let (mut from_server, mut to_client) = (server, client);
        while let Ok(message) = message(&mut from_server) {
            let tag = tag(&message);
            let lost = tag != 0 && armed.compare_exchange(tag, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            if lost || to_client.write_all(&message).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
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
