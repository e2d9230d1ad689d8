//! Users get other names and are deleted while they join groups and leave them, and nothing but the bridges follows
//! references: whoever is left is in the groups that the answers imply, and no group has a member that is nobody.

use super::caller::Caller;
use super::crowd::{Chance, Crowd, change};
use crate::support::ldap::{Ldap, values};
use reqwest::Method;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How many users there are: by thirds those who are renamed and deleted, those who are renamed, and those who stay.
const USERS: usize = 48;

/// How often each user joins a group or leaves it.
const CHANGES: usize = 8;

/// How often a user gets another name.
const NAMES: usize = 4;

/// A user of the test.
struct User {
    id: String,
    number: usize,
}

impl User {
    fn is_deleted(&self) -> bool {
        self.number.is_multiple_of(3)
    }

    fn is_renamed(&self) -> bool {
        self.number % 3 < 2
    }

    /// Joins groups, and leaves them unless it is renamed meanwhile: then a removal may come between the two steps by
    /// which a group follows, unseen. The groups of the last answers, by whether the user is in them.
    async fn roam(self, callers: [Caller; 2], groups: [String; 2]) -> BTreeMap<(String, String), bool> {
        let mut chance = Chance::of(self.number);
        let mut last = BTreeMap::new();
        for count in 0..CHANGES {
            let (group, present) = (&groups[chance.below(2)], self.is_renamed() || chance.below(3) > 0);
            let caller = &callers[chance.below(2)];
            if self.is_deleted() {
                self.try_to_join(caller, group).await;
            } else {
                change(caller, group, &self.id, present, count).await;
                last.insert((group.clone(), self.id.clone()), present);
            }
        }
        last
    }

    /// Joins a group unless there is no such user any more.
    async fn try_to_join(&self, caller: &Caller, group: &str) {
        let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": self.id}]}]});
        let (answer, _) = caller.certainly(Method::PATCH, &format!("/Groups/{group}"), Some(add)).await;
        assert!([204, 400, 404].contains(&answer.status), "{answer:?}");
    }

    /// Gets other names, and is deleted, if it is one of those.
    async fn change(self, caller: Caller) {
        let path = format!("/Users/{}", self.id);
        for count in (0..NAMES).filter(|_| self.is_renamed()) {
            let name = format!("n{}-{count}", self.number);
            let body = json!({"Operations": [{"op": "Replace", "path": "userName", "value": name}]});
            let (answer, _) = caller.certainly(Method::PATCH, &path, Some(body)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        if self.is_deleted() {
            let (answer, repeated) = caller.certainly(Method::DELETE, &path, None).await;
            assert!(answer.status == 204 || repeated && answer.status == 404, "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_renamed_stays_a_member_and_whoever_is_deleted_is_none() {
    let slapd = Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf);
    let crowd = Crowd::gather(slapd, USERS).await;
    let groups = [crowd.group("Team", &[]).await, crowd.group("All", &[]).await];
    let (mut roaming, mut changing) = (Vec::new(), Vec::new());
    for (number, id) in crowd.users.iter().enumerate() {
        let user = || User { id: id.clone(), number };
        roaming.push(tokio::spawn(user().roam(crowd.callers(), groups.clone())));
        let [one, other] = crowd.callers();
        changing.push(tokio::spawn(user().change(if number % 2 == 0 { one } else { other })));
    }
    let mut implied = BTreeMap::new();
    for task in roaming {
        implied.extend(task.await.expect("a client without a complaint"));
    }
    for task in changing {
        task.await.expect("a client without a complaint");
    }
    let mut expected = groups.clone().map(|group| (group, BTreeSet::new())).into_iter().collect::<BTreeMap<_, _>>();
    for ((group, id), _) in implied.into_iter().filter(|(_, present)| *present) {
        expected.get_mut(&group).unwrap().insert(id);
    }
    has_no_stranger(&crowd).await;
    for (group, members) in expected {
        crowd.are_members(&group, &members).await;
    }
}

/// Checks that every member of every group is an entry.
async fn has_no_stranger(crowd: &Crowd) {
    let mut admin = Ldap::admin(&crowd.slapd).await;
    let people = admin.search(&crowd.slapd.people(), "(objectClass=inetOrgPerson)").await;
    let people: BTreeSet<&str> = people.iter().map(|entry| entry.dn.as_str()).collect();
    for group in admin.search(&crowd.slapd.groups(), "(objectClass=groupOfNames)").await {
        let members = values(&group, "member").into_iter().filter(|dn| *dn != "cn=nobody,dc=example,dc=com");
        let strangers: Vec<&str> = members.filter(|dn| !people.contains(dn)).collect();
        assert!(strangers.is_empty(), "{}: {strangers:?}", group.dn);
    }
}
