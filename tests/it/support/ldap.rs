//! Looks into the directory, past the bridge.

use ldap3::{LdapConnAsync, LdapConnSettings, LdapResult, Mod, Scope, SearchEntry};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use scim_ldap_bridge::lab::{Directory, Kind};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// An open, bound connection.
pub(crate) struct Ldap(ldap3::Ldap);

impl Ldap {
    /// Connects as the administrator.
    pub(crate) async fn admin(directory: &dyn Directory) -> Ldap {
        let (dn, password) = directory.admin();
        Ldap::bind(directory, &dn, password).await.expect("bind as the administrator")
    }

    /// Connects as the bridge's account.
    pub(crate) async fn bridge(directory: &dyn Directory) -> Ldap {
        let (dn, password) = directory.bridge();
        Ldap::bind(directory, &dn, password).await.expect("bind as the bridge")
    }

    /// Connects and binds; the error is the server's result code.
    pub(crate) async fn bind(directory: &dyn Directory, dn: &str, password: &str) -> Result<Ldap, u32> {
        let (driver, mut ldap) = open(directory).await.expect("connect to the directory");
        ldap3::drive!(driver);
        let result = ldap.simple_bind(dn, password).await.expect("an answer to the bind");
        if result.rc == 0 { Ok(Ldap(ldap)) } else { Err(result.rc) }
    }

    /// Adds an entry and returns the result code.
    pub(crate) async fn add(&mut self, dn: &str, attrs: &[(&str, &[&str])]) -> u32 {
        let attrs = attrs.iter().map(|(name, values)| (*name, values.iter().copied().collect::<HashSet<&str>>()));
        code(self.0.add(dn, attrs.collect()).await)
    }

    /// Adds a person below `ou=people` with `uid`, `cn` and `sn`, and further attributes.
    pub(crate) async fn add_person(
        &mut self,
        directory: &dyn Directory,
        uid: &str,
        further: &[(&str, &[&str])],
    ) -> u32 {
        let name = [uid];
        let mut attrs: Vec<(&str, &[&str])> = vec![("objectClass", &["inetOrgPerson", "scimResource"])];
        attrs.extend(["uid", "cn", "sn"].map(|attr| (attr, &name[..])));
        attrs.extend(further);
        self.add(&format!("uid={uid},{}", directory.people()), &attrs).await
    }

    /// Replaces an attribute's values and returns the result code.
    pub(crate) async fn replace(&mut self, dn: &str, attr: &str, values: &[&str]) -> u32 {
        let change = Mod::Replace(attr, values.iter().copied().collect());
        code(self.0.modify(dn, vec![change]).await)
    }

    /// Replaces an attribute's values by one that is no text and returns the result code.
    pub(crate) async fn replace_bytes(&mut self, dn: &str, attr: &str, value: &[u8]) -> u32 {
        let change = Mod::Replace(attr.as_bytes(), HashSet::from([value]));
        code(self.0.modify(dn, vec![change]).await)
    }

    /// Adds a value and returns the result code.
    pub(crate) async fn add_value(&mut self, dn: &str, attr: &str, value: &str) -> u32 {
        code(self.0.modify(dn, vec![Mod::Add(attr, HashSet::from([value]))]).await)
    }

    /// Gives an entry another name and returns the result code.
    pub(crate) async fn rename(&mut self, dn: &str, rdn: &str) -> u32 {
        code(self.0.modifydn(dn, rdn, true, None).await)
    }

    /// Moves an entry below another one and returns the result code.
    pub(crate) async fn move_below(&mut self, dn: &str, rdn: &str, superior: &str) -> u32 {
        code(self.0.modifydn(dn, rdn, true, Some(superior)).await)
    }

    /// Deletes an entry and returns the result code.
    pub(crate) async fn delete(&mut self, dn: &str) -> u32 {
        code(self.0.delete(dn).await)
    }

    /// Searches below a base; operational attributes come too.
    pub(crate) async fn search(&mut self, base: &str, filter: &str) -> Vec<SearchEntry> {
        self.search_in(base, Scope::Subtree, filter).await
    }

    /// Searches directly below a base.
    pub(crate) async fn search_one_level(&mut self, base: &str, filter: &str) -> Vec<SearchEntry> {
        self.search_in(base, Scope::OneLevel, filter).await
    }

    async fn search_in(&mut self, base: &str, scope: Scope, filter: &str) -> Vec<SearchEntry> {
        let result = self.0.search(base, scope, filter, vec!["*", "+"]).await.expect("an answer");
        let (entries, _) = result.success().expect("a search that succeeds");
        entries.into_iter().map(SearchEntry::construct).collect()
    }

    /// One entry, if it is there.
    pub(crate) async fn entry(&mut self, dn: &str) -> Option<SearchEntry> {
        let result = self.0.search(dn, Scope::Base, "(objectClass=*)", vec!["*"]).await.expect("an answer");
        result.0.into_iter().next().map(SearchEntry::construct)
    }

    /// What the server's schema says about attribute types or object classes.
    pub(crate) async fn schema(&mut self, attr: &str) -> Vec<String> {
        let result = self.0.search("cn=Subschema", Scope::Base, "(objectClass=subschema)", vec![attr]).await;
        let (entries, _) = result.expect("an answer").success().expect("a search that succeeds");
        let entry = SearchEntry::construct(entries.into_iter().next().expect("a subschema"));
        values(&entry, attr).into_iter().map(str::to_owned).collect()
    }

    /// The one entry that a filter finds below the people.
    pub(crate) async fn person(&mut self, directory: &dyn Directory, filter: &str) -> SearchEntry {
        let mut found = self.search(&directory.people(), filter).await;
        assert_eq!(found.len(), 1, "`{filter}` finds {found:?}");
        found.remove(0)
    }
}

/// The filter that finds the entry with this SCIM id.
pub(crate) fn by_id(kind: Kind, id: &str) -> String {
    match kind {
        Kind::OpenLdap => format!("(entryUUID={id})"),
        Kind::Ds389 => format!("(nsUniqueId={id})"),
        // Samba takes the text form; Active Directory would want the octets
        Kind::ActiveDirectory => format!("(objectGUID={id})"),
    }
}

/// The values of an attribute, sorted; empty when it is absent.
pub(crate) fn values<'a>(entry: &'a SearchEntry, attr: &str) -> Vec<&'a str> {
    let found = entry.attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(attr));
    let mut values: Vec<&str> =
        found.map(|(_, values)| values.iter().map(String::as_str).collect()).unwrap_or_default();
    values.sort_unstable();
    values
}

/// Connects; over TLS where no password is taken without it.
async fn open(directory: &dyn Directory) -> ldap3::result::Result<(LdapConnAsync, ldap3::Ldap)> {
    if directory.kind() != Kind::ActiveDirectory {
        return LdapConnAsync::new(&directory.url()).await;
    }
    let settings = LdapConnSettings::new().set_config(trusting(directory.ca_file()));
    LdapConnAsync::with_settings(settings, &directory.tls_url()).await
}

/// TLS that trusts one authority.
pub(crate) fn trusting(ca_file: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca_file).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.expect("TLS versions").with_root_certificates(roots).with_no_client_auth())
}

/// The result code of a write.
fn code(result: ldap3::result::Result<LdapResult>) -> u32 {
    result.expect("an answer to the write").rc
}
