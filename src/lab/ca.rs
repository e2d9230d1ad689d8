//! A throw-away certificate authority, and the certificates that tests want: good, expired, for a client.

use super::Error;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rcgen::{KeyUsagePurpose, date_time_ymd};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A certificate authority that exists only in memory.
pub struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its private key, both as PEM.
#[derive(Clone)]
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// Its private key (PKCS #8).
    pub key: String,
}

impl Ca {
    /// A new authority with a key of its own; two with the same name do not trust each other's certificates.
    pub fn new(name: &str) -> Result<Ca, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid(&mut params, 2020, 2099);
        Ok(Ca { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// The authority's own certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server certificate for `localhost`, this machine's name, `127.0.0.1` and `::1`.
    pub fn local(&self) -> Result<Certified, Error> {
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
        // libldap checks the machine's own name where the URL says `localhost`
        if let Ok(name) = std::fs::read_to_string("/proc/sys/kernel/hostname") {
            hosts.push(name.trim().to_owned());
        }
        self.server(hosts)
    }

    /// A server certificate for these host names and addresses.
    pub fn server(&self, hosts: impl Into<Vec<String>>) -> Result<Certified, Error> {
        self.sign(CertificateParams::new(hosts)?, ExtendedKeyUsagePurpose::ServerAuth, 2099)
    }

    /// A server certificate that ran out long ago.
    pub fn expired(&self, hosts: impl Into<Vec<String>>) -> Result<Certified, Error> {
        self.sign(CertificateParams::new(hosts)?, ExtendedKeyUsagePurpose::ServerAuth, 2021)
    }

    /// A client certificate whose subject is `cn=<name>`.
    pub fn client(&self, name: &str) -> Result<Certified, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        self.sign(params, ExtendedKeyUsagePurpose::ClientAuth, 2099)
    }

    /// Signs a leaf certificate with a fresh key.
    fn sign(
        &self,
        mut params: CertificateParams,
        usage: ExtendedKeyUsagePurpose,
        until: i32,
    ) -> Result<Certified, Error> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params, 2020, until);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Certified { certificate, key: key.serialize_pem() })
    }
}

impl Certified {
    /// Writes `<name>.pem` and `<name>.key` (mode 0600) into a directory, and returns their paths.
    pub fn write(&self, dir: &Path, name: &str) -> Result<(PathBuf, PathBuf), Error> {
        let certificate = dir.join(format!("{name}.pem"));
        std::fs::write(&certificate, &self.certificate)
            .map_err(Error::io(format!("write `{}`", certificate.display())))?;
        let key = dir.join(format!("{name}.key"));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(&key)
            .and_then(|mut file| file.write_all(self.key.as_bytes()))
            .map_err(Error::io(format!("write `{}`", key.display())))?;
        Ok((certificate, key))
    }
}

/// Sets the validity, from the first day of one year to the first of another.
fn valid(params: &mut CertificateParams, from: i32, until: i32) {
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::*;

    fn der(pem: &str) -> Vec<u8> {
        parse_x509_pem(pem.as_bytes()).expect("pem").1.contents
    }

    #[test]
    fn a_server_certificate_names_its_hosts_and_is_signed_by_its_authority() {
        let (ca, other) = (Ca::new("one").unwrap(), Ca::new("one").unwrap());
        let leaf = der(&ca.local().unwrap().certificate);
        let leaf = X509Certificate::from_der(&leaf).unwrap().1;
        let names = leaf.subject_alternative_name().unwrap().unwrap();
        assert!(names.value.general_names.contains(&GeneralName::DNSName("localhost")));
        assert!(names.value.general_names.contains(&GeneralName::IPAddress(&[127, 0, 0, 1])));
        let (ca, other) = (der(&ca.pem()), der(&other.pem()));
        let key = X509Certificate::from_der(&ca).unwrap().1;
        assert_eq!(leaf.issuer(), key.subject());
        assert!(key.is_ca());
        assert_ne!(key.public_key(), X509Certificate::from_der(&other).unwrap().1.public_key());
    }

    #[test]
    fn an_expired_certificate_is_expired_and_a_client_certificate_is_for_clients() {
        let ca = Ca::new("one").unwrap();
        let expired = der(&ca.expired(["localhost".to_owned()]).unwrap().certificate);
        assert!(!X509Certificate::from_der(&expired).unwrap().1.validity().is_valid());
        let client = der(&ca.client("scim-bridge").unwrap().certificate);
        let client = X509Certificate::from_der(&client).unwrap().1;
        assert_eq!(client.subject().to_string(), "CN=scim-bridge");
        assert!(client.extended_key_usage().unwrap().unwrap().value.client_auth);
        assert!(client.validity().is_valid());
    }

    #[test]
    fn the_private_key_is_written_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (_, key) = Ca::new("one").unwrap().local().unwrap().write(dir.path(), "server").unwrap();
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
