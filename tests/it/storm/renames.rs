//! A group gets one name after the other while members come and go: nobody is lost, and the group is the same.

use super::caller::Caller;
use super::crowd::{Chance, Crowd, change};
use reqwest::Method;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;
use std::collections::BTreeSet;

/// How many clients change members.
const CLIENTS: usize = 24;

/// How many members each adds; it removes every third again.
const OWN: usize = 6;

/// How often each bridge renames the group.
const NAMES: usize = 10;

/// A client that adds its users, and removes some of them again.
async fn fill(callers: [Caller; 2], group: String, own: Vec<String>, mut chance: Chance) {
    for (index, id) in own.iter().enumerate() {
        change(&callers[chance.below(2)], &group, id, true, index).await;
        if index % 3 == 2 {
            change(&callers[chance.below(2)], &group, id, false, index).await;
        }
    }
}

/// Names of its own, one after the other, each seen as soon as it is answered or overtaken by another one.
async fn rename(caller: Caller, group: String, number: usize) {
    let path = format!("/Groups/{group}");
    for count in 0..NAMES {
        let name = format!("Team {number}-{count} (R&D)");
        let body = json!({"Operations": [{"op": "Replace", "path": "displayName", "value": name}]});
        let (answer, _) = caller.certainly(Method::PATCH, &path, Some(body)).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let (read, _) = caller.certainly(Method::GET, &format!("{path}?excludedAttributes=members"), None).await;
        assert_eq!((read.status, read.body["id"].as_str()), (200, Some(group.as_str())), "{read:?}");
    }
}

async fn renamed_while_it_fills(slapd: scim_ldap_bridge::lab::Builder) {
    let crowd = Crowd::gather(slapd, CLIENTS * OWN + 1).await;
    let (stays, others) = crowd.users.split_last().unwrap();
    let group = crowd.group("Team", std::slice::from_ref(stays)).await;
    // a group of groups, in which it must be by its last name only
    let above = crowd.group("All", std::slice::from_ref(&group)).await;
    let clients = others
        .chunks(OWN)
        .enumerate()
        .map(|(number, own)| tokio::spawn(fill(crowd.callers(), group.clone(), own.to_vec(), Chance::of(number))));
    let names = crowd.callers().into_iter().enumerate();
    let renames = names.map(|(number, caller)| tokio::spawn(rename(caller, group.clone(), number)));
    for task in clients.chain(renames).collect::<Vec<_>>() {
        task.await.expect("a client without a complaint");
    }
    let left = others.chunks(OWN).flat_map(|own| own.iter().enumerate());
    let left = left.filter(|(index, _)| index % 3 != 2).map(|(_, id)| id.clone());
    let expected: BTreeSet<String> = left.chain([stays.clone()]).collect();
    crowd.are_members(&group, &expected).await;

    let http = crowd.bridges[1].http();
    let shown = http.get(&format!("/Groups/{group}?excludedAttributes=members")).await.body;
    let name = shown["displayName"].as_str().unwrap().to_owned();
    assert!(name.ends_with(&format!("-{} (R&D)", NAMES - 1)), "the last name of one of the two: {name}");
    assert_eq!(crowd.member_names(&above).await, BTreeSet::from([name]), "by no other name");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_while_a_group_is_renamed() {
    renamed_while_it_fills(Slapd::builder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_while_a_group_is_renamed_and_the_directory_follows_nothing() {
    renamed_while_it_fills(Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf)).await;
}
