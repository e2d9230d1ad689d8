//! TLS towards directory servers, with everything said explicitly: the provider of cryptography, the certificates to
//! trust, the name to check.

use std::net::Ipv6Addr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::directory::TlsTrust;
use crate::directory::failure::{Failure, Reason};

/// Reads the files and makes a configuration for a host. They are read for each connection, so that renewed
/// certificates are used without a restart.
pub(in crate::directory) fn config(trust: &TlsTrust, host: &str) -> Result<Arc<ClientConfig>, Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = Arc::new(roots(trust)?);
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed("protocol versions", error))?;
    let address = host.parse::<Ipv6Addr>().ok();
    let builder = match address {
        Some(address) => builder.dangerous().with_custom_certificate_verifier(Named::new(address, roots, provider)?),
        None => builder.with_root_certificates(roots),
    };
    let mut config = match &trust.client_cert {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(key.display(), error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| failed("client certificate", error))?
        }
    };
    config.enable_sni = address.is_none();
    Ok(Arc::new(config))
}

/// The certificates to trust; of the system's, a bad one is left out rather than all.
fn roots(trust: &TlsTrust) -> Result<RootCertStore, Failure> {
    let mut store = RootCertStore::empty();
    match &trust.ca_file {
        Some(path) => {
            for certificate in certificates(path)? {
                store.add(certificate).map_err(|error| failed(path.display(), error))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            let (_, ignored) = store.add_parsable_certificates(found.certs);
            for error in &found.errors {
                tracing::debug!(%error, "system certificate left out");
            }
            tracing::trace!(trusted = store.len(), ignored, "system certificates read");
        }
    }
    if store.is_empty() {
        return Err(failed("certificates to trust", "there are none"));
    }
    Ok(store)
}

fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found: Vec<_> = read.map_err(|error| failed(path.display(), error))?;
    if found.is_empty() { Err(failed(path.display(), "there is no certificate in it")) } else { Ok(found) }
}

fn failed(place: impl std::fmt::Display, cause: impl std::fmt::Display) -> Failure {
    Failure::new(Reason::Tls, format!("{place}: {cause}"))
}

/// Checks a certificate against an IPv6 address, whatever name it is asked to check: the LDAP library passes the
/// brackets of a URL on as part of the name, which is then none.
#[derive(Debug)]
struct Named {
    name: ServerName<'static>,
    inner: Arc<WebPkiServerVerifier>,
}

impl Named {
    fn new(address: Ipv6Addr, roots: Arc<RootCertStore>, provider: Arc<CryptoProvider>) -> Result<Arc<Self>, Failure> {
        let inner = WebPkiServerVerifier::builder_with_provider(roots, provider)
            .build()
            .map_err(|error| failed("certificates to trust", error))?;
        Ok(Arc::new(Self { name: ServerName::from(address), inner }))
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.inner.verify_server_cert(end_entity, intermediates, &self.name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
