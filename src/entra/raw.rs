//! A GET whose URL goes out byte for byte: Entra was seen to send `"` as it is, which URL libraries encode.

use reqwest::Url;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The most that an answer may have.
const LIMIT: u64 = 16 << 20;

/// The parts of an answer that matter.
pub(super) struct RawAnswer {
    pub(super) status: u16,
    /// Header names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    /// A header's value; its name is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a GET of `target` (path and query as they shall be on the wire) to the host of `base`.
pub(super) async fn get(base: &Url, target: &str, authorization: &str, tls: ClientConfig) -> io::Result<RawAnswer> {
    let host = base.host_str().unwrap_or_default();
    let port = base.port_or_known_default().unwrap_or(443);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let head = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {authorization}\r\n\
         Accept: application/scim+json\r\nConnection: close\r\n\r\n"
    );
    if base.scheme() != "https" {
        return exchange(stream, &head).await;
    }
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
    exchange(TlsConnector::from(Arc::new(tls)).connect(name, stream).await?, &head).await
}

/// Sends the head and reads the answer to the end of the connection.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, head: &str) -> io::Result<RawAnswer> {
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    let mut bytes = Vec::new();
    match stream.take(LIMIT).read_to_end(&mut bytes).await {
        // a server may close without TLS's own farewell
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    parse(&bytes).ok_or_else(|| io::Error::other("the answer is no HTTP"))
}

/// Takes an answer apart.
fn parse(bytes: &[u8]) -> Option<RawAnswer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = RawAnswer { status, headers, body: body.to_vec() };
    if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        answer.body = dechunk(body)?;
    }
    Some(answer)
}

/// Joins the chunks of a body (RFC 9112 §7.1).
fn dechunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        bytes = &bytes[end + 2..];
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart_with_and_without_chunks() {
        let plain = parse(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        assert_eq!((plain.status, plain.header("content-type"), &plain.body[..]), (200, Some("a/b"), &b"{}"[..]));
        let chunked = parse(b"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
        assert_eq!(chunked.unwrap().body, b"abcd");
        assert!(parse(b"nonsense").is_none());
    }
}
