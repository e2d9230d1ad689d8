//! The shipped mapping for Unix against a slapd with the schemas and counters that it needs.

mod race;

use crate::support::bed::Bed;
use crate::support::bridge::Setup;
use crate::support::ldap::values;
use ldap3::SearchEntry;
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// The mapping as it is shipped.
const POSIX: &str = include_str!("../../config/mappings/openldap-posix.toml");

/// What the entry of an account says to Unix.
fn account(entry: &SearchEntry) -> [&str; 4] {
    let first = |attr: &str| entry.attrs.get(attr).map_or("", |values| values[0].as_str());
    ["uid", "uidNumber", "homeDirectory", "loginShell"].map(first)
}

/// The shipped mapping, with names and numbers that nobody in the whole directory may have.
fn unique_everywhere() -> String {
    let within = "within = \"dc=example,dc=com\"";
    let mapping = POSIX.replace("unique = true }", &format!("unique = true, {within} }}"));
    mapping.replace("last = 59999 }", &format!("last = 59999, {within} }}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_elsewhere_keeps_its_name_and_its_number() {
    let service = "dn: uid=jo,ou=services,dc=example,dc=com\nobjectClass: account\nobjectClass: posixAccount\nuid: jo\n\
        cn: jo\nuidNumber: 20000\ngidNumber: 100\nhomeDirectory: /home/jo\n";
    for (mapping, expected) in [
        (POSIX.to_owned(), ["jo", "20000", "/home/jo", "/bin/bash"]),
        (unique_everywhere(), ["jo2", "20001", "/home/jo2", "/bin/bash"]),
    ] {
        let slapd = Slapd::builder().counter("uid", 20_000).counter("gid", 30_000).entries(service).start().unwrap();
        let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups("")).await;
        let jo = bed.create(json!({"userName": "jo@example.com"})).await;
        assert_eq!(account(&bed.entry(&jo).await), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_unique_must_be_looked_for_among_the_endpoints_own() {
    let slapd = Slapd::builder().start().unwrap();
    let mapping = unique_everywhere().replace("within = \"dc=", "within = \"ou=services,dc=");
    let (faults, code) = Setup::new(&slapd).mapping(&mapping).groups("").fails("check");
    assert_eq!(code, 1, "{faults}");
    for key in ["user.derived.uid.within", "user.numbers.uidNumber.within", "group.numbers.gidNumber.within"] {
        assert!(faults.contains(&format!("`{key}` is `ou=")), "{key}: {faults}");
    }
}

#[tokio::test]
async fn accounts_and_groups_are_what_unix_expects() {
    let slapd = Slapd::builder().counter("uid", 20_000).counter("gid", 30_000).start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.mapping(POSIX).groups("")).await;
    let jo = bed.create(json!({"userName": "Jo@a.example", "displayName": "Jo Doe"})).await;
    let al = bed.create(json!({"userName": "jo@b.example", "active": false})).await;
    assert_eq!(account(&bed.entry(&jo).await), ["jo", "20000", "/home/jo", "/bin/bash"]);
    assert_eq!(account(&bed.entry(&al).await), ["jo2", "20001", "/home/jo2", "/usr/sbin/nologin"]);
    let members = json!([{"value": jo}, {"value": al}]);
    let team = bed.create_group(json!({"displayName": "Team", "externalId": "e1", "members": members})).await;
    let empty = bed.create_group(json!({"displayName": "Empty"})).await;
    assert_eq!(values(&bed.entry(&team).await, "memberUid"), ["jo", "jo2"]);
    for (group, number) in [(&team, "30000"), (&empty, "30001")] {
        assert_eq!(values(&bed.entry(group).await, "gidNumber"), [number]);
    }
    let mut both = vec![jo.clone(), al.clone()];
    both.sort();
    assert_eq!(bed.members(&team).await, both);

    bed.patch(&al, json!([{"op": "Replace", "path": "userName", "value": "al@b.example"}])).await;
    bed.patch(&al, json!([{"op": "Replace", "path": "active", "value": "True"}])).await;
    assert_eq!(account(&bed.entry(&al).await), ["al", "20001", "/home/al", "/bin/bash"]);
    assert_eq!(values(&bed.entry(&team).await, "memberUid"), ["al", "jo"]);
    assert_eq!(bed.members(&team).await, both);

    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    assert_eq!(values(&bed.entry(&team).await, "memberUid"), ["al"]);
    assert_eq!(bed.members(&team).await, std::slice::from_ref(&al));
    let nested = json!([{"op": "Add", "path": "members", "value": [{"value": empty}]}]);
    let answer = bed.http.patch(&format!("/Groups/{team}"), nested).await;
    assert_eq!(answer.status, 400, "names are of users: {}", answer.body);
}
