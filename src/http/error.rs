//! What can go wrong while the HTTP layer starts or reloads; a request's own faults are `scim::Error`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A fault of the HTTP layer's own files and sockets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on `{addr}`")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Plain HTTP was asked for where others could listen in.
    #[error(
        "plain HTTP on `{addr}` refused: it is only possible on a loopback address\n\
         hint: give a certificate and key, or listen on 127.0.0.1 behind a TLS proxy"
    )]
    PlainHttp {
        /// The address asked for.
        addr: SocketAddr,
    },
    /// Neither TLS nor the dangerous plain HTTP option is set.
    #[error("no certificate and key are set\nhint: set both files, Entra speaks only HTTPS")]
    NoTls,
    /// A file cannot be read or written.
    #[error("cannot {what} `{}`", path.display())]
    File {
        /// What was tried: `read` or `write`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or the key file does not hold what it must.
    #[error("`{}`: {fault}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// Certificate and key were read but cannot be used together.
    #[error("certificate `{}` and key `{}` cannot be used: {source}", certificate.display(), key.display())]
    Tls {
        /// The certificate file.
        certificate: PathBuf,
        /// The key file.
        key: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// The token file has faults, all of them named.
    #[error("token file `{}`: {}", path.display(), faults.join("; "))]
    Tokens {
        /// The file.
        path: PathBuf,
        /// Each fault; never a hash or a token.
        faults: Vec<String>,
    },
    /// A token name is in use, not known, or not allowed.
    #[error("{0}")]
    TokenName(String),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}
