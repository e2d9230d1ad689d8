//! Raw quotes in the query, over both protocols.

use super::*;

#[tokio::test]
async fn raw_quotes_in_the_query_are_let_through() {
    let server = Serving::start(Transport::Plain, Limits::default()).await;
    let mut socket = server.connect().await;
    let filter = "filter=userName+eq+\"a.b%40example.org\"";
    let body = "GET \"x\" y";
    let get = format!("GET /Users?{filter} HTTP/1.1\r\nhost: x\r\n\r\n");
    let post = format!("POST /Users?{filter} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    let seen = "filter=userName+eq+%22a.b%40example.org%22";
    for _ in 0..2 {
        socket.write_all(get.as_bytes()).await.unwrap();
        expect(&mut socket, &format!("<{seen}|>")).await;
        socket.write_all(post.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        socket.write_all(body.as_bytes()).await.unwrap();
        expect(&mut socket, &format!("<{seen}|{body}>")).await;
    }
}

#[tokio::test]
async fn raw_quotes_over_http2_are_sent_to_http1() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, _) = certificate(dir.path());
    let server = Serving::start(Transport::Tls(certificate), Limits::default()).await;
    let mut stream = tls_connect(&server, &dir.path().join("c.pem"), b"h2").await;
    let path = b"/?a=\"b\"";
    let block = [&[0x82, 0x87, 0x01, 1, b'x', 0x04, 7], &path[..]].concat();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let headers = [&[0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1], &block[..]].concat();
    let sent = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &settings[..], &headers].concat();
    stream.write_all(&sent).await.unwrap();
    let required = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0xd];
    let mut seen = Vec::new();
    let read = async {
        while !seen.ends_with(&required) {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "{seen:?}");
        }
    };
    timeout(Duration::from_secs(5), read).await.expect("a reset");
}

/// A TLS stream that trusts the certificate in this file.
async fn tls_connect(server: &Serving, pem: &Path, alpn: &[u8]) -> tokio_rustls::client::TlsStream<TcpStream> {
    use rustls_pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_file(pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), server.connect().await).await.unwrap()
}

#[tokio::test]
async fn an_unread_body_does_not_harm_the_next_request() {
    let server = Serving::start(Transport::Plain, Limits::default()).await;
    let mut socket = server.connect().await;
    let post = "POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nGET \"x\" y";
    socket.write_all(post.as_bytes()).await.unwrap();
    expect(&mut socket, "401").await;
    socket.write_all(b"GET /?next HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    expect(&mut socket, "<next|>").await;
}
