//! A man in the middle before directories that want TLS: it is taken off before him and put on again behind him.

use super::ad::acceptor;
use super::ldap::trusting;
use super::proxy::Proxy;
use rustls_pki_types::ServerName;
use scim_ldap_bridge::lab::{Ca, Directory};
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A proxy that is spoken to over TLS, and speaks TLS to the directory.
pub(crate) struct TlsProxy {
    /// What sees the requests.
    pub(crate) proxy: Proxy,
    folder: TempDir,
    port: u16,
}

impl TlsProxy {
    /// A proxy before this directory.
    pub(crate) async fn before(directory: &dyn Directory) -> TlsProxy {
        let folder = TempDir::with_prefix("tls-proxy-").unwrap();
        let ca = Ca::new("tls-proxy").unwrap();
        let (chain, key) = ca.local().unwrap().write(folder.path(), "server").unwrap();
        std::fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
        let behind = put_on(directory.tls_url(), TlsConnector::from(trusting(directory.ca_file()))).await;
        let proxy = Proxy::before(&format!("ldap://127.0.0.1:{behind}"));
        let port = take_off(acceptor(&chain, &key), proxy.url()).await;
        TlsProxy { proxy, folder, port }
    }

    /// Its own URL.
    pub(crate) fn url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.port)
    }

    /// The certificate of the authority that signed its own.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

/// Listens with TLS, and passes everything on without; returns the port.
async fn take_off(acceptor: TlsAcceptor, url: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (acceptor, address) = (acceptor.clone(), url.trim_start_matches("ldap://").to_owned());
            tokio::spawn(async move {
                let mut client = acceptor.accept(client).await?;
                copy_bidirectional(&mut client, &mut TcpStream::connect(address).await?).await
            });
        }
    });
    port
}

/// Listens without TLS, and passes everything on to this `ldaps://` URL; returns the port.
async fn put_on(url: String, connector: TlsConnector) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (connector, address) = (connector.clone(), url.trim_start_matches("ldaps://").to_owned());
            tokio::spawn(async move {
                let (host, port) = address.split_once(':').unwrap_or((&address, "636"));
                let name = ServerName::try_from(host.to_owned()).expect("the name of a server");
                let to = format!("{host}:{port}");
                let mut server = connector.connect(name, TcpStream::connect(to).await?).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    port
}
