//! Where a directory server is: `ldap://host`, `ldaps://host:port`, `ldapi://%2Fpath` (RFC 4516 §2, scheme and host
//! only).

use std::fmt;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

/// The address of a directory server. It has no credentials in it, so that it may be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    text: String,
    place: Place,
}

/// What to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// TCP; an IPv6 address stands without brackets.
    Tcp {
        /// Whether TLS starts at once.
        tls: bool,
        /// A host name or an address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

/// Why a text is not the address of a directory server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It does not start as it should.
    #[error("expected `ldap://`, `ldaps://` or `ldapi://`")]
    Scheme,
    /// There is more than scheme, host and port.
    #[error("expected a host and at most a port, without user, path or query")]
    Surplus,
    /// The host is missing or malformed.
    #[error("expected a host name, an IPv4 address or an IPv6 address in brackets")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("expected a port from 1 to 65535")]
    Port,
    /// The path of the socket is missing or not absolute.
    #[error("expected an absolute path with `/` written as `%2F`")]
    Path,
}

impl ServerUrl {
    /// Parses an address.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let place = match scheme.to_ascii_lowercase().as_str() {
            "ldap" => tcp(rest, false)?,
            "ldaps" => tcp(rest, true)?,
            "ldapi" => unix(rest)?,
            _ => return Err(UrlError::Scheme),
        };
        Ok(Self { text: text.to_owned(), place })
    }

    /// Whether this is a Unix socket.
    pub fn is_local(&self) -> bool {
        matches!(self.place, Place::Unix(_))
    }

    /// Whether TLS starts at once.
    pub fn is_tls(&self) -> bool {
        matches!(self.place, Place::Tcp { tls: true, .. })
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn tcp(rest: &str, tls: bool) -> Result<Place, UrlError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@']) {
        return Err(UrlError::Surplus);
    }
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or(UrlError::Host)?;
            host.parse::<Ipv6Addr>().map_err(|_| UrlError::Host)?;
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or(UrlError::Host)?) })
        }
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(UrlError::Host);
    }
    let port = match port {
        None if tls => 636,
        None => 389,
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(UrlError::Port)?,
    };
    Ok(Place::Tcp { tls, host: host.to_owned(), port })
}

fn unix(rest: &str) -> Result<Place, UrlError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@']) {
        return Err(UrlError::Surplus);
    }
    let path = percent_encoding::percent_decode_str(rest).decode_utf8().map_err(|_| UrlError::Path)?;
    let absolute = Path::new(path.as_ref()).is_absolute() && !path.contains('\0');
    absolute.then(|| Place::Unix(PathBuf::from(path.into_owned()))).ok_or(UrlError::Path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(tls: bool, host: &str, port: u16) -> Place {
        Place::Tcp { tls, host: host.into(), port }
    }

    #[test]
    fn addresses_are_read() {
        let cases = [
            ("ldap://a.example", place(false, "a.example", 389)),
            ("LDAPS://a.example/", place(true, "a.example", 636)),
            ("ldap://127.0.0.1:1389", place(false, "127.0.0.1", 1389)),
            ("ldaps://[::1]:1636", place(true, "::1", 1636)),
            ("ldaps://[fe80::1]", place(true, "fe80::1", 636)),
            ("ldapi://%2Frun%2Fslapd%2Fldapi", Place::Unix("/run/slapd/ldapi".into())),
        ];
        for (text, want) in cases {
            assert_eq!(*ServerUrl::parse(text).unwrap().place(), want, "{text}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        let cases = [
            ("a.example", UrlError::Scheme),
            ("http://a", UrlError::Scheme),
            ("ldap://", UrlError::Host),
            ("ldap://a b", UrlError::Host),
            ("ldap://[::1", UrlError::Host),
            ("ldap://[a]", UrlError::Host),
            ("ldap://[::1]x", UrlError::Host),
            ("ldap://a:0", UrlError::Port),
            ("ldap://a:65536", UrlError::Port),
            ("ldap://::1", UrlError::Host),
            ("ldap://u:p@a", UrlError::Surplus),
            ("ldap://a/dc=b", UrlError::Surplus),
            ("ldapi:///run/slapd", UrlError::Surplus),
            ("ldapi://", UrlError::Path),
            ("ldapi://run", UrlError::Path),
        ];
        for (text, want) in cases {
            assert_eq!(ServerUrl::parse(text), Err(want), "{text}");
        }
    }
}
