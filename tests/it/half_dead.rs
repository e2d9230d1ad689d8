//! Servers that are no LDAP servers, or only half of one.

use crate::support::bridge::{Bridge, Setup};
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// No answer takes longer: the request timeout, and room for a busy machine.
const LONGEST: Duration = Duration::from_secs(25);

/// Accepts connections and leaves each to `talk`, for as long as the test runs; returns the port.
fn peer(talk: Talk) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || talk(stream));
        }
    });
    port
}

/// Reads and never answers.
fn mute(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Closes at once.
fn closing(stream: TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

/// Answers every request with the same octets.
fn answering(mut stream: TcpStream, octets: &[u8]) {
    let mut request = [0; 4096];
    while stream.read(&mut request).is_ok_and(|read| read > 0) && stream.write_all(octets).is_ok() {}
}

/// The octets on which the LDAP library panics: a message of length nothing.
fn empty_message(stream: TcpStream) {
    answering(stream, &[0x30, 0x00]);
}

/// Another protocol.
fn http(stream: TcpStream) {
    answering(stream, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
}

/// A message that claims to be very long.
fn endless(stream: TcpStream) {
    answering(stream, &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x01]);
}

/// Accepts the bind (message 1) and answers whatever follows with an empty message.
fn binds_then_raves(mut stream: TcpStream) {
    let mut request = [0; 4096];
    let bound = [0x30, 0x0c, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00];
    if stream.read(&mut request).is_ok_and(|read| read > 0) && stream.write_all(&bound).is_ok() {
        empty_message(stream);
    }
}

/// What a peer does with a connection.
type Talk = fn(TcpStream);

/// Every kind of peer.
const PEERS: [(&str, Talk); 6] = [
    ("mute", mute),
    ("closing", closing),
    ("empty message", empty_message),
    ("http", http),
    ("endless", endless),
    ("binds then raves", binds_then_raves),
];

/// It lives, and no task of ours died without a word.
fn unharmed(bridge: &mut Bridge, name: &str) {
    assert!(bridge.process().is_running(), "{name}");
    assert!(!bridge.log().contains("the handler panicked"), "{name}: {}", bridge.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_speaks_no_ldap_costs_time_and_nothing_else() {
    let slapd = Slapd::builder().start().unwrap();
    for (name, talk) in PEERS {
        for scheme in ["ldap", "ldaps"] {
            let url = format!("{scheme}://127.0.0.1:{}", peer(talk));
            let mut bridge = Setup::new(&slapd).servers(&[url]).start();
            let (http, began) = (bridge.http(), Instant::now());
            let user = json!({"userName": "jo"});
            let (get, post) = tokio::join!(http.get("/Users"), http.post("/Users", &user));
            assert!(began.elapsed() < LONGEST, "{name} {scheme}: {:?}", began.elapsed());
            for answer in [get, post] {
                assert!(matches!(answer.status, 500 | 503), "{name} {scheme}: {answer:?}");
                assert!(answer.status == 500 || answer.headers.contains_key("retry-after"), "{name}: {answer:?}");
                assert!(!answer.body.to_string().contains("127.0.0.1"), "{name} {scheme}: {answer:?}");
            }
            bridge.readiness(503).await;
            unharmed(&mut bridge, name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_serves_while_the_first_is_half_dead() {
    let slapd = Slapd::builder().start().unwrap();
    for (name, talk) in PEERS {
        let urls = [format!("ldap://127.0.0.1:{}", peer(talk)), slapd.tls_url()];
        let mut bridge = Setup::new(&slapd).servers(&urls).start();
        let (http, began) = (bridge.http(), Instant::now());
        let user = json!({"userName": format!("jo {name}")});
        let answer = http.post("/Users", &user).await;
        assert!(began.elapsed() < LONGEST, "{name}: {:?}", began.elapsed());
        assert_eq!(answer.status, 201, "{name}: {answer:?}");
        let state = bridge.readiness(200).await;
        assert_eq!(state["directories"][0]["servers"][1]["state"], "active", "{name}: {state}");
        unharmed(&mut bridge, name);
    }
}
