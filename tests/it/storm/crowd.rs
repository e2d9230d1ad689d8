//! Many users, a group, and two bridges before one directory, for those who write all at once.

use super::caller::Caller;
use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use reqwest::Method;
use scim_ldap_bridge::lab::{Builder, Slapd};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Users and two bridges before one directory.
pub(super) struct Crowd {
    pub(super) slapd: Slapd,
    pub(super) bridges: [Bridge; 2],
    /// How many requests were answered as they should be.
    pub(super) answered: Arc<AtomicUsize>,
    /// The ids of the users, in the order of their names.
    pub(super) users: Vec<String>,
}

impl Crowd {
    /// So many users called `u0000`, `u0001` and so on, in a directory that is built like this.
    pub(super) async fn gather(builder: Builder, count: usize) -> Crowd {
        let mut people = String::new();
        for name in (0..count).map(name) {
            let _ = write!(
                people,
                "dn: uid={name},ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\n\
                 sn: {name}\n\n"
            );
        }
        let slapd = builder.entries(&people).start().unwrap();
        let bridges = [(); 2].map(|()| Setup::new(&slapd).groups("").start());
        let mut crowd = Crowd { slapd, bridges, answered: Arc::default(), users: Vec::new() };
        let by_id = crowd.by_id().await;
        let by_name: BTreeMap<&String, &String> = by_id.iter().map(|(id, uid)| (uid, id)).collect();
        crowd.users = by_name.into_values().cloned().collect();
        assert_eq!(crowd.users.len(), count);
        crowd
    }

    /// A client of each bridge.
    pub(super) fn callers(&self) -> [Caller; 2] {
        [0, 1].map(|number| Caller::new(self.bridges[number].http(), &self.answered))
    }

    /// Creates a group with these members.
    pub(super) async fn group(&self, name: &str, members: &[String]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let answer = self.bridges[0].http().post("/Groups", &json!({"displayName": name, "members": members})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// The users' ids with their names, as they are now.
    pub(super) async fn by_id(&self) -> BTreeMap<String, String> {
        let mut admin = Ldap::admin(&self.slapd).await;
        let found = admin.search(&self.slapd.people(), "(objectClass=inetOrgPerson)").await;
        found.iter().map(|entry| (values(entry, "entryUUID").concat(), values(entry, "uid").concat())).collect()
    }

    /// The names of a group's members as the directory has them, by its `member` values.
    pub(super) async fn member_names(&self, group: &str) -> BTreeSet<String> {
        let mut admin = Ldap::admin(&self.slapd).await;
        let found = admin.search(&self.slapd.groups(), &format!("(entryUUID={group})")).await;
        let members = found.iter().flat_map(|entry| values(entry, "member"));
        let members = members.filter(|dn| *dn != "cn=nobody,dc=example,dc=com");
        members.map(|dn| name_in(dn).to_owned()).collect()
    }

    /// Checks that the directory, and each bridge, has exactly these members, by their ids.
    pub(super) async fn are_members(&self, group: &str, expected: &BTreeSet<String>) {
        let by_id = self.by_id().await;
        let names: BTreeSet<String> = expected.iter().map(|id| by_id[id].clone()).collect();
        let found = self.member_names(group).await;
        let missing: Vec<&String> = names.difference(&found).collect();
        let more: Vec<&String> = found.difference(&names).collect();
        assert!(missing.is_empty() && more.is_empty(), "missing: {missing:?}, too many: {more:?}");
        for bridge in &self.bridges {
            let shown = bridge.http().get(&format!("/Groups/{group}")).await.body["members"].clone();
            let shown: Vec<&str> = shown.as_array().unwrap().iter().map(|m| m["value"].as_str().unwrap()).collect();
            assert_eq!(shown.len(), expected.len(), "each once");
            assert!(shown.iter().all(|id| expected.contains(*id)));
            assert!(!bridge.log().contains("panic"), "{}", bridge.log());
        }
    }
}

/// The name of a user.
fn name(number: usize) -> String {
    format!("u{number:04}")
}

/// The value of the first RDN, as it stands in a DN.
fn name_in(dn: &str) -> &str {
    let end = dn.find(",ou=").expect("a name below a unit");
    dn[..end].split_once('=').expect("a type and a value").1
}

/// Adds a member or removes one, in one of the spellings that were seen, and is certain of it.
pub(super) async fn change(caller: &Caller, group: &str, id: &str, present: bool, spelling: usize) {
    let value = json!([{"$ref": null, "value": id}]);
    let operation = match (present, spelling % 2) {
        (true, 0) => json!({"op": "Add", "path": "members", "value": value}),
        (true, _) => json!({"op": "add", "value": {"members": value}}),
        (false, 0) => json!({"op": "Remove", "path": "members", "value": value}),
        (false, _) => json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}),
    };
    let body = json!({"Operations": [operation]});
    let (answer, _) = caller.certainly(Method::PATCH, &format!("/Groups/{group}"), Some(body)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// Numbers that look like chance and are the same each time.
pub(super) struct Chance(u64);

impl Chance {
    /// Those of one client.
    pub(super) fn of(number: usize) -> Chance {
        Chance((number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
