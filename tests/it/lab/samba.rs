//! What the private domain controller promises.

use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::lab::{Kind, Samba};

/// A user who has no password yet.
async fn add_user(ldap: &mut Ldap, dn: &str, name: &str) -> u32 {
    ldap.add(dn, &[("objectClass", &["user"]), ("sAMAccountName", &[name])]).await
}

#[tokio::test]
async fn the_bridges_account_writes_in_its_units_and_nowhere_else() {
    let server = Kind::ActiveDirectory.start().unwrap();
    let mut bridge = Ldap::bridge(server.as_ref()).await;
    let dn = |name: &str| format!("cn={name},{}", server.people());
    assert_eq!(add_user(&mut bridge, &dn("jo"), "jo").await, 0);
    assert_eq!(bridge.replace_bytes(&dn("jo"), "unicodePwd", &quoted("weak")).await, 19);
    assert_eq!(bridge.replace_bytes(&dn("jo"), "unicodePwd", &quoted("Correct horse 1")).await, 0);
    assert_eq!(bridge.replace(&dn("jo"), "userAccountControl", &["512"]).await, 0);
    assert!(Ldap::bind(server.as_ref(), &dn("jo"), "Correct horse 1").await.is_ok());
    let (team, jo) = (format!("cn=team,{}", server.groups()), dn("jo"));
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["group"]), ("sAMAccountName", &["team"]), ("member", &[&jo])];
    assert_eq!(bridge.add(&team, &attrs).await, 0);
    assert_eq!(bridge.rename(&jo, "cn=Joan").await, 0);
    let found = bridge.search(&server.groups(), "(cn=team)").await;
    assert!(values(&found[0], "member")[0].eq_ignore_ascii_case(&dn("Joan")), "{found:?}");
    for dn in [server.people(), server.bridge().0, server.suffix().to_owned()] {
        assert_eq!(bridge.replace(&dn, "description", &["1"]).await, 50, "{dn}");
    }
    for dn in [server.people(), server.bridge().0] {
        assert_eq!(bridge.delete(&dn).await, 50, "{dn}");
    }
    assert_eq!(add_user(&mut bridge, &format!("cn=al,cn=Users,{}", server.suffix()), "al").await, 50);
    assert_eq!(bridge.delete(&dn("Joan")).await, 0);
}

#[tokio::test]
async fn two_at_once_survive_a_stop_and_a_kill() {
    let mut one = Samba::builder().start().unwrap();
    let unit = "dn: ou=more,dc=example,dc=com\nobjectClass: organizationalUnit";
    let two = Samba::builder().entries(unit).start().unwrap();
    assert_ne!(one.tls_url(), two.tls_url());
    let more = Ldap::admin(&two).await.search_one_level(two.suffix(), "(ou=more)").await;
    assert_eq!(more.len(), 1);
    let mut admin = Ldap::admin(&one).await;
    assert!(admin.search_one_level(one.suffix(), "(ou=more)").await.is_empty());
    assert_eq!(add_user(&mut admin, &format!("cn=jo,{}", one.people()), "jo").await, 0);
    let (url, first) = (one.url(), one.pid());
    one.stop();
    assert_eq!(one.pid(), None);
    one.start().unwrap();
    assert_eq!(add_user(&mut Ldap::admin(&one).await, &format!("cn=al,{}", one.people()), "al").await, 0);
    one.kill();
    one.start().unwrap();
    assert_eq!(one.url(), url);
    assert_ne!(one.pid(), first);
    assert_eq!(Ldap::bridge(&one).await.search(&one.people(), "(objectClass=user)").await.len(), 2);
    let folder = one.folder().to_owned();
    drop(one);
    assert!(!folder.exists());
}

#[tokio::test]
async fn each_has_passwords_of_its_own_and_takes_none_without_tls() {
    let server = Samba::builder().start().unwrap();
    let (dn, password) = server.bridge();
    assert_eq!(Ldap::bind(&server, &dn, "First-Passw0rd-of-a-snapshot").await.err(), Some(49));
    assert_eq!(Ldap::bind(&server, &server.admin().0, "First-Passw0rd-of-a-snapshot").await.err(), Some(49));
    let (driver, mut plain) = ldap3::LdapConnAsync::new(&server.url()).await.unwrap();
    ldap3::drive!(driver);
    assert_eq!(plain.simple_bind(&dn, password).await.unwrap().rc, 8);
}

/// A password as `unicodePwd` wants it.
fn quoted(password: &str) -> Vec<u8> {
    format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect()
}
