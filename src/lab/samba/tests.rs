//! What the private domain controller is made of, and what it leaves.

use super::*;

#[test]
fn a_password_is_quoted_utf_16() {
    assert_eq!(encoded("a€"), "IgBhAKwgIgA=");
}

#[test]
fn nothing_is_left_when_its_owner_is_killed() {
    let mut server = Samba::builder().start().unwrap();
    let folder = server.folder().to_owned();
    let mut process = server.process.take().unwrap();
    process.abandon();
    assert!(process.is_gone(&[&folder]));
}

#[test]
fn the_snapshot_depends_on_the_suffix() {
    let ingredients = |suffix: &str| Domain { suffix: suffix.to_owned() }.ingredients().unwrap();
    assert_eq!(ingredients("dc=example,dc=com"), ingredients("dc=example,dc=com"));
    assert_ne!(ingredients("dc=example,dc=com"), ingredients("dc=example,dc=org"));
}
