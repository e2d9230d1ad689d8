//! LDAP messages as octets and as values.

use bytes::BytesMut;
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::{LdapMsg, LdapResult, LdapResultCode};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::codec::{Decoder, Encoder};

/// No message is larger.
const MAX: usize = 64 << 20;

/// One `LDAPMessage` with its header (RFC 4511 section 4.1.1).
pub(super) async fn next(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut message = vec![0; 2];
    stream.read_exact(&mut message).await?;
    let mut length = usize::from(message[1]);
    if length >= 0x80 {
        let mut long = vec![0; length - 0x80];
        stream.read_exact(&mut long).await?;
        length = long.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
        message.extend(long);
    }
    let at = message.len();
    message.resize(at + length, 0);
    stream.read_exact(&mut message[at..]).await?;
    Ok(message)
}

/// What the octets mean; nothing when the crate does not understand them, such as a filter with octets that are no text.
pub(super) fn decode(octets: &[u8]) -> Option<LdapMsg> {
    LdapCodec::new(Some(MAX), None).decode(&mut BytesMut::from(octets)).ok().flatten()
}

/// The octets of a message.
pub(super) fn encode(message: LdapMsg) -> Vec<u8> {
    let mut octets = BytesMut::new();
    LdapCodec::default().encode(message, &mut octets).expect("a message that can be encoded");
    octets.to_vec()
}

/// An answer with Active Directory's way of ending its texts.
pub(super) fn answer(code: LdapResultCode, text: &str) -> LdapResult {
    let message = if text.is_empty() { String::new() } else { format!("{text}\n\0") };
    LdapResult { code, matcheddn: String::new(), message, referral: Vec::new() }
}
