//! What the private 389 Directory Server does when things go wrong.

use super::*;

#[test]
fn nothing_is_left_when_its_owner_is_killed() {
    let mut server = Ds389::builder().start().unwrap();
    let (folder, semaphore) = (server.folder().to_owned(), server.semaphore());
    assert!(semaphore.exists());
    let mut process = server.process.take().unwrap();
    process.abandon();
    assert!(process.is_gone(&[&folder, &semaphore]));
}

#[test]
fn it_takes_other_ports_when_its_own_are_taken() {
    let mut server = Ds389::builder().start().unwrap();
    server.stop();
    let taken = std::net::TcpListener::bind(("127.0.0.1", server.ports.1)).unwrap();
    server.start_somewhere().unwrap();
    assert_ne!(server.ports.1, taken.local_addr().unwrap().port());
}
