//! What is Active Directory's way and not Samba's: ranges of members, pages of entries, permissive modifies.

use crate::support::ad::StrictAd;
use crate::support::bed::Bed;
use crate::support::ldap::Ldap;
use scim_ldap_bridge::lab::Directory;
use serde_json::{Value, json};
use std::collections::HashSet;

/// More than twice as many as come in one page, and more than come in one range.
const CROWD: usize = 2500;

const MAPPING: &str = r#"
[user]
object_classes = ["user"]
match_classes = ["user"]
rdn = "cn"
[user.attributes]
userName = { ldap = "cn", required = true }
[user.active]
strategy = "lock"
[user.password]
source = "random"
[user.delete]
policy = "remove"
[group]
object_classes = ["group"]
match_classes = ["group"]
rdn = "cn"
[group.attributes]
displayName = { ldap = "cn", required = true }
[group.members]
ldap = "member"
"#;

/// Before a domain with a crowd, all of whom but the last are in the group `all`.
async fn crowded() -> Bed<StrictAd> {
    let ad = StrictAd::start().await;
    let mut ldap = Ldap::admin(&ad.samba).await;
    let people: Vec<String> = (0..CROWD).map(|n| format!("CN=u{n},{}", ad.people())).collect();
    for (n, dn) in people.iter().enumerate() {
        let name = format!("u{n}");
        assert_eq!(ldap.add(dn, &[("objectClass", &["user"]), ("sAMAccountName", &[&name])]).await, 0, "{dn}");
    }
    let members: Vec<&str> = people[..CROWD - 1].iter().map(String::as_str).collect();
    let attrs: [(&str, &[&str]); 3] = [("objectClass", &["group"]), ("sAMAccountName", &["all"]), ("member", &members)];
    assert_eq!(ldap.add(&format!("CN=all,{}", ad.groups()), &attrs).await, 0);
    Bed::with(ad, |setup| setup.mapping(MAPPING).groups("")).await
}

/// The id of the user of this name.
async fn id(bed: &Bed<StrictAd>, name: &str) -> String {
    let found = bed.named(name).await;
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0]["id"].as_str().expect("an id").to_owned()
}

fn values(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_groups_are_whole_and_members_come_and_go() {
    let bed = crowded().await;
    let list = bed.http.get("/Users?attributes=userName&count=5").await;
    assert_eq!((list.status, &list.body["totalResults"]), (200, &json!(CROWD)), "{}", list.body["detail"]);

    let found = bed.http.get("/Groups?filter=displayName+eq+%22all%22&excludedAttributes=members").await;
    let group = found.body["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let before: HashSet<String> = bed.members(&group).await.into_iter().collect();
    assert_eq!(before.len(), CROWD - 1);

    let [there, comes, goes] = [id(&bed, "u7").await, id(&bed, "u2499").await, id(&bed, "u1777").await];
    assert!(before.contains(&there) && before.contains(&goes) && !before.contains(&comes));
    for _ in 0..2 {
        let change = json!([
            {"op": "add", "path": "members", "value": values(&[&there, &comes])},
            {"op": "remove", "path": "members", "value": values(&[&goes])},
        ]);
        bed.patch_group(&group, change).await;
        let mut after: HashSet<String> = bed.members(&group).await.into_iter().collect();
        assert!(after.remove(&comes) && !after.contains(&goes));
        after.insert(goes.clone());
        assert_eq!(after, before);
    }
    // one value at a time is not permissive, and read as what it means
    for op in ["add", "remove"] {
        let member = if op == "add" { &comes } else { &goes };
        bed.patch_group(&group, json!([{"op": op, "path": "members", "value": values(&[member])}])).await;
    }
    assert_eq!(bed.members(&group).await.len(), CROWD - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_peer_is_as_strict_as_active_directory() {
    let ad = StrictAd::start().await;
    let mut ldap = Ldap::bridge(&ad).await;
    let dn = |name: &str| format!("CN={name},{}", ad.people());
    let user = |name: &'static str, further: &[(&'static str, &'static str)]| {
        let attrs = [("objectClass", "user"), ("sAMAccountName", name)].into_iter().chain(further.iter().copied());
        attrs.collect::<Vec<(&str, &str)>>()
    };
    let mut add = async |name: &'static str, further: &[(&'static str, &'static str)]| {
        let attrs = user(name, further);
        let values: Vec<[&str; 1]> = attrs.iter().map(|(_, value)| [*value]).collect();
        let attrs: Vec<(&str, &[&str])> =
            attrs.iter().zip(&values).map(|((name, _), value)| (*name, &value[..])).collect();
        ldap.add(&dn(name), &attrs).await
    };
    assert_eq!(add("a-name-of-21-letters-", &[]).await, 19);
    assert_eq!(add("a-name-of-20-letters", &[]).await, 0);
    assert_eq!(add("al", &[("userAccountControl", "512")]).await, 53);
    assert_eq!(add("al", &[("userAccountControl", "514")]).await, 0);
    assert_eq!(ldap.replace(&dn("al"), "userAccountControl", &["512"]).await, 53);
    let password: Vec<u8> = "\"Correct horse 1\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ldap.replace_bytes(&dn("al"), "unicodePwd", &password).await, 0);
    assert_eq!(ldap.replace(&dn("al"), "userAccountControl", &["512"]).await, 0);
    assert_eq!(ldap.replace(&dn("al"), "sAMAccountName", &["another-name-of-21-let"]).await, 19);
    let team = format!("CN=team,{}", ad.groups());
    let attrs: [(&str, &[&str]); 3] =
        [("objectClass", &["group"]), ("sAMAccountName", &["team"]), ("member", &[&dn("al")])];
    assert_eq!(ldap.add(&team, &attrs).await, 0);
    assert_eq!(ldap.add_value(&team, "member", &dn("al")).await, 68);
}
