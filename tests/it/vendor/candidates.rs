//! Names that are made by a template and numbered: whoever has one, the next is taken.

use super::replace;
use crate::support::bed::Bed;
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Ds389, Samba, Slapd};
use serde_json::json;

/// `uid` is made of the mail address that `userName` is.
const SHORT_NAMES: &str = include_str!("../../short-names.toml");

/// A unit of its own below the people.
const STAFF: &str = "dn: ou=staff,ou=people,dc=example,dc=com\nobjectClass: organizationalUnit\nou: staff";

/// A group elsewhere in the domain, and below the people what is no user.
async fn bed() -> Bed<Samba> {
    let mut bed = Bed::with(Samba::builder().start().unwrap(), |setup| setup.groups("")).await;
    let group = format!("CN=elsewhere,CN=Users,{}", bed.directory.suffix());
    let contact = format!("CN=Jo Doe,{}", bed.directory.people());
    assert_eq!(bed.ldap.add(&group, &[("objectClass", &["group"]), ("sAMAccountName", &["JO"])]).await, 0);
    assert_eq!(bed.ldap.add(&contact, &[("objectClass", &["contact"])]).await, 0);
    bed
}

#[tokio::test]
async fn a_name_that_anything_has_is_passed_over() {
    let mut bed = bed().await;
    let first = bed.create(json!({"userName": "jo@a.example", "displayName": "Jo Doe"})).await;
    let second = bed.create(json!({"userName": "jo@b.example", "displayName": "jo doe"})).await;
    for (id, cn, account) in [(&first, "Jo Doe 2", "jo2"), (&second, "jo doe 3", "jo3")] {
        let entry = bed.entry(id).await;
        assert_eq!((values(&entry, "cn"), values(&entry, "sAMAccountName")), (vec![cn], vec![account]));
    }
    let kim = bed.create(json!({"userName": "kim@example.com", "displayName": "Kim"})).await;
    bed.patch(&kim, replace("displayName", "JO DOE")).await;
    bed.patch(&kim, replace("userName", "jo@example.net")).await;
    let entry = bed.entry(&kim).await;
    assert_eq!((values(&entry, "cn"), values(&entry, "sAMAccountName")), (vec!["JO DOE 4"], vec!["jo4"]));
    let group = bed.create_group(json!({"displayName": "jo"})).await;
    let entry = bed.entry(&group).await;
    assert_eq!((values(&entry, "cn"), values(&entry, "sAMAccountName")), (vec!["jo"], vec!["jo5"]));
}

#[tokio::test]
async fn names_fit_into_what_windows_takes() {
    let mut bed = bed().await;
    let long = format!("Johannes+Gensfleisch/{}", "x".repeat(80));
    for (domain, number) in [("com", ""), ("org", "2"), ("net", "3")] {
        let user = json!({"userName": format!("johannes.gensfleisch+zum@example.{domain}"), "displayName": long});
        let id = bed.create(user).await;
        let entry = bed.entry(&id).await;
        let account = format!("{}{number}", &"johannes.gensfleischzum"[..20 - number.len()]);
        assert_eq!(values(&entry, "sAMAccountName"), [account]);
        let suffix = if number.is_empty() { String::new() } else { format!(" {number}") };
        assert_eq!(values(&entry, "cn"), [format!("{}{suffix}", &long[..64 - suffix.len()])]);
        assert_eq!(bed.read(&id).await["displayName"], json!(long));
    }
}

/// The ligature and the two letters are the same to OpenLDAP, and not to the bridge.
#[tokio::test]
async fn a_name_that_only_the_directory_takes_for_the_same_is_passed_over() {
    let slapd = Slapd::builder().start().unwrap();
    let mapping = SHORT_NAMES.replace("\"mail\"", "\"displayName\"");
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping)).await;
    for (name, uid) in
        [("fin@a.example", "fin"), ("\u{fb01}n@b.example", "\u{fb01}n2"), ("\u{fb01}n@c.example", "\u{fb01}n3")]
    {
        let id = bed.create(json!({"userName": name})).await;
        assert_eq!(values(&bed.entry(&id).await, "uid"), [uid]);
    }
    let kim = bed.create(json!({"userName": "kim@a.example"})).await;
    bed.patch(&kim, replace("userName", "\u{fb01}n@d.example")).await;
    assert_eq!(values(&bed.entry(&kim).await, "uid"), ["\u{fb01}n4"]);
}

/// The plug-in of 389 Directory Server looks further than the endpoint's base.
#[tokio::test]
async fn a_name_that_only_the_directory_sees_is_passed_over() {
    let mut bed = {
        let directory = Ds389::builder().entries(STAFF).start().unwrap();
        let base = format!("ou=staff,{}", directory.people());
        Bed::with(directory, |setup| setup.mapping(SHORT_NAMES).base(&base)).await
    };
    assert_eq!(bed.ldap.add_person(&bed.directory, "jo", &[]).await, 0);
    let id = bed.create(json!({"userName": "jo@a.example"})).await;
    assert_eq!(values(&bed.entry(&id).await, "uid"), ["jo2"]);
}
