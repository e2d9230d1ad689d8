//! Certificate and key from PEM files, exchanged while running.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::stamp::Stamp;
use super::{Error, TlsFiles};

/// The certificate in use.
pub struct Certificate {
    files: TlsFiles,
    current: ArcSwap<Loaded>,
    seen: Mutex<[Stamp; 2]>,
}

/// What one reading of the two files gave.
struct Loaded {
    config: Arc<ServerConfig>,
    expires: i64,
}

impl Certificate {
    /// Reads both files; a certificate and key that do not belong together are refused.
    pub fn open(files: TlsFiles) -> Result<Certificate, Error> {
        let seen = Mutex::new(stamps(&files));
        let current = ArcSwap::from_pointee(load(&files)?);
        Ok(Certificate { files, current, seen })
    }

    /// What a new connection is to use.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.current.load().config.clone()
    }

    /// When the leaf certificate ends, in seconds since 1970.
    pub fn expires(&self) -> i64 {
        self.current.load().expires
    }

    /// Reads the files again when either has changed; true when the certificate was exchanged.
    ///
    /// The old certificate stays in use when the new files are faulty. Files replaced one after the other are
    /// faulty for a moment, and are read again when the second one changes.
    pub fn refresh(&self) -> Result<bool, Error> {
        let stamps = stamps(&self.files);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamps {
            return Ok(false);
        }
        *seen = stamps;
        drop(seen);
        self.reload().map(|()| true)
    }

    /// Reads the files again whether they have changed or not.
    pub fn reload(&self) -> Result<(), Error> {
        self.current.store(Arc::new(load(&self.files)?));
        Ok(())
    }
}

/// The state of both files.
fn stamps(files: &TlsFiles) -> [Stamp; 2] {
    [Stamp::of(&files.certificate), Stamp::of(&files.key)]
}

/// Reads both files and builds what rustls needs.
fn load(files: &TlsFiles) -> Result<Loaded, Error> {
    let chain = read_chain(&files.certificate)?;
    let expires = expiry(&files.certificate, &chain)?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|e| pem(&files.key, format!("no usable private key: {e}")))?;
    let wrong = |source| Error::Tls { certificate: files.certificate.clone(), key: files.key.clone(), source };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(wrong)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(wrong)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), expires })
}

/// Every certificate of the chain file.
fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<_, _>>()
        .map_err(|e| pem(path, format!("not a PEM file: {e}")))?;
    if chain.is_empty() {
        return Err(pem(path, "holds no certificate".into()));
    }
    Ok(chain)
}

/// When the leaf certificate ends.
fn expiry(path: &Path, chain: &[CertificateDer<'_>]) -> Result<i64, Error> {
    let leaf = chain.first().map(|leaf| leaf.as_ref()).unwrap_or_default();
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf)
        .map_err(|e| pem(path, format!("the first certificate cannot be read: {e}")))?;
    Ok(leaf.validity().not_after.timestamp())
}

/// The bytes of a file.
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::File { what: "read", path: path.to_owned(), source })
}

/// A fault of what a PEM file holds.
fn pem(path: &Path, fault: String) -> Error {
    Error::Pem { path: path.to_owned(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, (certificate, key): (&str, &str)) -> TlsFiles {
        let files = TlsFiles { certificate: dir.join("c.pem"), key: dir.join("k.pem") };
        std::fs::write(&files.certificate, certificate).unwrap();
        std::fs::write(&files.key, key).unwrap();
        files
    }

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let ((certificate, _), (_, key)) = (pair(), pair());
        let error = Certificate::open(write(dir.path(), (&certificate, &key))).err().unwrap();
        assert!(matches!(error, Error::Tls { .. }), "{error}");
    }

    #[test]
    fn faulty_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = pair();
        let fault = |c: &str, k: &str| {
            let error = Certificate::open(write(dir.path(), (c, k))).err().unwrap();
            error.to_string().replace(&dir.path().display().to_string(), "")
        };
        assert_eq!(fault("", &key), "`/c.pem`: holds no certificate");
        assert!(fault(&certificate, "").starts_with("`/k.pem`: no usable private key"));
        std::fs::remove_file(dir.path().join("k.pem")).unwrap();
        let files = TlsFiles { certificate: dir.path().join("c.pem"), key: dir.path().join("k.pem") };
        assert!(matches!(Certificate::open(files).err().unwrap(), Error::File { .. }));
    }

    #[test]
    fn new_files_take_effect_and_broken_ones_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (pair(), pair());
        let in_use = Certificate::open(write(dir.path(), (&first.0, &first.1))).unwrap();
        let before = in_use.config();
        assert!(in_use.expires() > 0);
        assert!(!in_use.refresh().unwrap());
        write(dir.path(), (&second.0, &first.1));
        assert!(in_use.refresh().is_err());
        assert!(Arc::ptr_eq(&before, &in_use.config()));
        write(dir.path(), (&second.0, &second.1));
        assert!(in_use.refresh().unwrap());
        assert!(!Arc::ptr_eq(&before, &in_use.config()));
    }
}
