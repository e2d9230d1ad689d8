//! Active Directory as far as it is stricter than Samba: a man in the middle before a private Samba.
//!
//! Everything is Samba's but this, which Samba is laxer in: 1,500 values of an attribute at once, 1,000 entries at once,
//! 20 characters of a user's sAMAccountName, no enabled account without a password, no password without TLS, a permissive
//! modify that is heeded for members, and the texts of refused members. It is what MS-ADTS says, not what a Windows server
//! was seen to do.

mod message;
mod rules;

use self::message::{answer, decode, encode, next};
use self::rules::{Rules, as_told_by_ad};
use crate::support::ldap::{Ldap, trusting};
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{LdapMsg, LdapOp, LdapPartialAttribute, LdapResultCode};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use scim_ldap_bridge::lab::{Ca, Directory, Error, Kind, Samba, Signal};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, WriteHalf, split};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// MaxValRange and MaxPageSize (MS-ADTS 3.1.1.3.4.6).
const MAX_VALUES: usize = 1500;
const MAX_ENTRIES: usize = 1000;

/// A domain controller that is as strict as Active Directory.
pub(crate) struct StrictAd {
    /// The Samba behind it.
    pub(crate) samba: Samba,
    folder: TempDir,
    ca_file: std::path::PathBuf,
    ports: [u16; 2],
}

/// What was asked and is not answered yet.
enum Asked {
    /// A search, and how many entries came, where it asks for no page.
    Search(Option<usize>),
    /// A rename from and to these names.
    Rename(String, String),
}

type Waiting = Arc<Mutex<HashMap<i32, Asked>>>;
type ToClient<S> = Arc<tokio::sync::Mutex<WriteHalf<S>>>;

impl StrictAd {
    /// A domain with units for people and groups, and the bridge's account.
    pub(crate) async fn start() -> StrictAd {
        let samba = Samba::builder().start().unwrap();
        let folder = TempDir::with_prefix("strict-ad-").unwrap();
        let ca = Ca::new("strict-ad").unwrap();
        let (chain, key) = ca.local().unwrap().write(folder.path(), "server").unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, ca.pem()).unwrap();
        let rules = Arc::new(Rules::new(Ldap::admin(&samba).await));
        let acceptor = acceptor(&chain, &key);
        let upstream = Arc::new((samba.tls_url(), TlsConnector::from(trusting(samba.ca_file()))));
        let plain = listen(None, rules.clone(), upstream.clone()).await;
        let tls = listen(Some(acceptor), rules, upstream).await;
        StrictAd { samba, folder, ca_file, ports: [plain, tls] }
    }
}

impl Directory for StrictAd {
    fn kind(&self) -> Kind {
        Kind::ActiveDirectory
    }

    fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.ports[0])
    }

    fn tls_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.ports[1])
    }

    fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    fn suffix(&self) -> &str {
        self.samba.suffix()
    }

    fn admin(&self) -> (String, &str) {
        self.samba.admin()
    }

    fn bridge(&self) -> (String, &str) {
        self.samba.bridge()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn pid(&self) -> Option<u32> {
        self.samba.pid()
    }

    fn start(&mut self) -> Result<(), Error> {
        self.samba.start()
    }

    fn stop(&mut self) {
        self.samba.stop();
    }

    fn kill(&mut self) {
        self.samba.kill();
    }

    fn pause(&mut self) {
        self.samba.pause();
    }

    fn signal(&mut self, signal: Signal) {
        self.samba.signal(signal);
    }
}

/// What takes TLS off with this certificate.
pub(crate) fn acceptor(chain: &Path, key: &Path) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = CertificateDer::pem_file_iter(chain).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()))
}

/// Listens with or without TLS; returns the port.
async fn listen(tls: Option<TlsAcceptor>, rules: Arc<Rules>, upstream: Arc<(String, TlsConnector)>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (tls, rules, upstream) = (tls.clone(), rules.clone(), upstream.clone());
            tokio::spawn(async move {
                match tls {
                    Some(tls) => between(tls.accept(client).await?, true, rules, &upstream).await,
                    None => between(client, false, rules, &upstream).await,
                }
            });
        }
    });
    port
}

/// Serves one client until one side closes.
async fn between<S: AsyncRead + AsyncWrite + Send + 'static>(
    client: S,
    tls: bool,
    rules: Arc<Rules>,
    upstream: &(String, TlsConnector),
) -> io::Result<()> {
    let host = upstream.0.strip_prefix("ldaps://").expect("a URL with TLS").to_owned();
    let name = ServerName::try_from(host.clone()).expect("an address");
    let server = upstream.1.connect(name, TcpStream::connect((host, 636)).await?).await?;
    let (mut from_server, mut to_server) = split(server);
    let (mut from_client, to_client) = split(client);
    let to_client: ToClient<S> = Arc::new(tokio::sync::Mutex::new(to_client));
    let waiting = Waiting::default();
    let answers = async {
        loop {
            let octets = next(&mut from_server).await?;
            if let Some(octets) = answered(octets, &waiting, &rules) {
                to_client.lock().await.write_all(&octets).await?;
            }
        }
    };
    let requests = async {
        loop {
            let octets = next(&mut from_client).await?;
            match asked(octets, &waiting, &rules, tls).await {
                Ok(octets) => to_server.write_all(&octets).await?,
                Err(refusal) => to_client.lock().await.write_all(&refusal).await?,
            }
        }
    };
    tokio::select! {
        ended = answers => ended,
        ended = requests => ended,
    }
}

/// A request as Samba gets it, or the answer in its place.
async fn asked(octets: Vec<u8>, waiting: &Waiting, rules: &Rules, tls: bool) -> Result<Vec<u8>, Vec<u8>> {
    let Some(mut message) = decode(&octets) else { return Ok(octets) };
    let note = |asked: Asked| waiting.lock().unwrap().insert(message.msgid, asked);
    let say = |op: LdapOp| encode(LdapMsg { msgid: message.msgid, op, ctrl: Vec::new() });
    match &mut message.op {
        LdapOp::SearchRequest(_) => {
            let page = message.ctrl.iter_mut().find_map(|control| match control {
                LdapControl::SimplePagedResults { size, .. } => Some(size),
                _ => None,
            });
            note(Asked::Search(page.is_none().then_some(0)));
            let Some(size) = page.filter(|size| **size > MAX_ENTRIES as i64) else { return Ok(octets) };
            *size = MAX_ENTRIES as i64;
        }
        LdapOp::AddRequest(request) => {
            return rules.add(request, tls).map_or(Ok(octets), |refused| Err(say(LdapOp::AddResponse(refused))));
        }
        LdapOp::ModifyRequest(request) => {
            if let Some(refused) = rules.modify(request, tls).await {
                return Err(say(LdapOp::ModifyResponse(refused)));
            }
            let before = request.changes.clone();
            rules.heed(request, &message.ctrl).await;
            if request.changes.is_empty() {
                return Err(say(LdapOp::ModifyResponse(answer(LdapResultCode::Success, ""))));
            }
            if request.changes == before {
                return Ok(octets);
            }
        }
        LdapOp::ModifyDNRequest(request) => {
            let above = request.new_superior.as_deref().or(request.dn.split_once(',').map(|(_, above)| above));
            note(Asked::Rename(request.dn.clone(), format!("{},{}", request.newrdn, above.unwrap_or_default())));
            return Ok(octets);
        }
        _ => return Ok(octets),
    }
    Ok(encode(message))
}

/// An answer as the client gets it; nothing where it gets none.
fn answered(octets: Vec<u8>, waiting: &Waiting, rules: &Rules) -> Option<Vec<u8>> {
    let Some(mut message) = decode(&octets) else { return Some(octets) };
    let mut waiting = waiting.lock().unwrap();
    match &mut message.op {
        LdapOp::SearchResultEntry(entry) => {
            if let Some(Asked::Search(Some(count))) = waiting.get_mut(&message.msgid) {
                *count += 1;
                if *count > MAX_ENTRIES {
                    return None;
                }
            }
            let whole = entry.attributes.len();
            entry.attributes = std::mem::take(&mut entry.attributes).into_iter().flat_map(ranged).collect();
            let long = |attr: &LdapPartialAttribute| attr.atype.contains(";range=");
            if entry.attributes.len() == whole && !entry.attributes.iter().any(long) {
                return Some(octets);
            }
        }
        LdapOp::SearchResultDone(result) => match waiting.remove(&message.msgid) {
            Some(Asked::Search(Some(count))) if count > MAX_ENTRIES => {
                *result = answer(LdapResultCode::SizeLimitExceeded, "");
            }
            _ => return Some(octets),
        },
        LdapOp::ModifyResponse(result) => *result = as_told_by_ad(result.clone()),
        LdapOp::ModifyDNResponse(result) => {
            if let (Some(Asked::Rename(old, new)), LdapResultCode::Success) =
                (waiting.remove(&message.msgid), &result.code)
            {
                rules.renamed(&old, &new);
            }
            return Some(octets);
        }
        _ => return Some(octets),
    }
    Some(encode(message))
}

/// The range of an attribute's values that is sent at once (MS-ADTS 3.1.1.3.1.3.3), beside the attribute without values
/// where no range was asked for.
fn ranged(mut attr: LdapPartialAttribute) -> Vec<LdapPartialAttribute> {
    if attr.vals.len() <= MAX_VALUES {
        return vec![attr];
    }
    attr.vals.truncate(MAX_VALUES);
    let (name, first) = match attr.atype.split_once(";range=") {
        Some((name, range)) => (name.to_owned(), range.split_once('-').and_then(|(first, _)| first.parse().ok())),
        None => (attr.atype.clone(), None),
    };
    let from = first.unwrap_or(0);
    let range =
        LdapPartialAttribute { atype: format!("{name};range={from}-{}", from + MAX_VALUES - 1), vals: attr.vals };
    let empty = LdapPartialAttribute { atype: name, vals: Vec::new() };
    if first.is_none() { vec![empty, range] } else { vec![range] }
}
