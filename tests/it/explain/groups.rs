//! The same for groups, whose members and numbers come from elsewhere.

use super::{everything, explained, same};
use crate::support::bridge::Setup;
use crate::support::ldap::Ldap;
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_of_groups_is_what_is_done() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).groups("").start();
    let mut users = Vec::new();
    for name in ["jo", "kim"] {
        let created = bridge.http().post("/Users", &json!({"userName": name})).await;
        users.push(created.body["id"].as_str().unwrap().to_owned());
    }
    let [jo, kim] = &users[..] else { panic!("two users") };
    let team = json!({"displayName": "Team", "externalId": "e", "members": [{"value": jo}]});
    let (created, steps) = same(&bridge, &slapd, Method::POST, "/Groups", Some(team.clone())).await;
    assert_eq!((created.status, steps), (201, 1));
    let path = format!("/Groups/{}", created.body["id"].as_str().unwrap());
    let outer = json!({"displayName": "Outer", "members": [{"value": created.body["id"]}]});
    assert_eq!(bridge.http().post("/Groups", &outer).await.status, 201);
    let change = |operations: Value| Some(json!({ "Operations": operations }));
    for (operations, expected) in [
        (json!([{"op": "Add", "path": "members", "value": [{"value": kim}]}]), 1),
        (json!([{"op": "Remove", "path": "members", "value": [{"value": jo}, {"value": kim}]}]), 1),
        (json!([{"op": "Replace", "path": "members", "value": [{"value": kim}]}]), 1),
        // before and after in the other group, and the rename itself
        (json!([{"op": "Replace", "path": "displayName", "value": "Crew"}]), 3),
    ] {
        let (answer, steps) = same(&bridge, &slapd, Method::PATCH, &path, change(operations.clone())).await;
        assert_eq!((answer.status, steps), (204, expected), "{operations}");
    }
    let (_, steps) = same(&bridge, &slapd, Method::PUT, &path, Some(team)).await;
    assert_eq!(steps, 4, "a rename with what goes before and after, and the members");
    let (_, steps) = same(&bridge, &slapd, Method::DELETE, &path, None).await;
    assert_eq!(steps, 2, "out of the other group, and gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_is_named() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).groups("").start();
    let created = bridge.http().post("/Groups", &json!({"displayName": "Team"})).await;
    let path = format!("/Groups/{}", created.body["id"].as_str().unwrap());
    let file = bridge.folder().join("request.json");
    let add = json!({"Operations": [{"op": "Add", "path": "members", "value": [{"value": "nobody-here"}]}]});
    std::fs::write(&file, add.to_string()).unwrap();
    let (stdout, stderr, code) = bridge.run(&["explain", "--method", "PATCH", "--path", &path, file.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("# left out, since there is no such resource: nobody-here"), "{stdout}");
    assert!(stdout.contains("# nothing would change"), "{stdout}");
    let (_, stderr, code) = bridge.run(&["explain", "--method", "DELETE", "--path", "/Groups/no-such-id"]);
    assert!(code == 2 && stderr.contains("404"), "{stderr}");
    let without = Setup::new(&slapd).start();
    let (_, stderr, code) = without.run(&["explain", "--method", "DELETE", "--path", &path]);
    assert!(code == 2 && stderr.contains("404"), "{stderr}");
}

/// A number is shown and not drawn: the request then gets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_shown_and_stays() {
    let slapd = Slapd::builder().counter("uid", 20_000).counter("gid", 30_000).start().unwrap();
    let posix = include_str!("../../../config/mappings/openldap-posix.toml");
    let bridge = Setup::new(&slapd).mapping(posix).groups("").start();
    // the number that would come next is in use already
    let taken = format!("cn=by-hand,{}", slapd.groups());
    let attrs: [(&str, &[&str]); 3] =
        [("objectClass", &["posixGroup"]), ("cn", &["by-hand"]), ("gidNumber", &["30000"])];
    assert_eq!(Ldap::admin(&slapd).await.add(&taken, &attrs).await, 0);
    let team = json!({"displayName": "Team"});
    let before = everything(&slapd).await;
    for _ in 0..3 {
        let steps = explained(&bridge, "POST", "/Groups", Some(&team));
        assert!(steps[0].1.contains(&"gidNumber: 30001".to_owned()), "{steps:?}");
    }
    assert_eq!(everything(&slapd).await, before);
    let (created, steps) = same(&bridge, &slapd, Method::POST, "/Groups", Some(team)).await;
    assert_eq!((created.status, steps), (201, 1));
    let path = format!("/Groups/{}", created.body["id"].as_str().unwrap());
    let (user, _) = same(&bridge, &slapd, Method::POST, "/Users", Some(json!({"userName": "jo@a.example"}))).await;
    let add = json!({"Operations": [{"op": "Add", "path": "members", "value": [{"value": user.body["id"]}]}]});
    let (_, steps) = same(&bridge, &slapd, Method::PATCH, &path, Some(add)).await;
    assert_eq!(steps, 1);
    let (_, steps) = same(&bridge, &slapd, Method::DELETE, &path, None).await;
    assert_eq!(steps, 1);
}
