//! Changes of a name and of memberships in one request, before a directory that follows nothing by itself.

use crate::support::bed::Bed;
use crate::support::bridge::MAPPING;
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::{Value, json};

/// Users who are disabled leave their groups, and the groups are kept on their entries.
async fn bed() -> Bed {
    let slapd = Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf).start().unwrap();
    let mapping = MAPPING.replace("# saved_memberships", "saved_memberships");
    let everybody = "default = ['cn=everybody,ou=groups,dc=example,dc=com']";
    let bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups(everybody)).await;
    bed.create_group(json!({"displayName": "everybody"})).await;
    bed
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "replace", "path": path, "value": value.into()})
}

/// The members of a group as the directory has them.
async fn stored(bed: &mut Bed, id: &str) -> Vec<String> {
    values(&bed.entry(id).await, "member").into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_renamed_with_the_state_is_in_the_same_groups() {
    let mut bed = bed().await;
    let [jo] = bed.create_users(["jo"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    let nobody = "cn=nobody,dc=example,dc=com".to_owned();
    for round in 0..2 {
        let names = [format!("off{round}"), format!("on{round}")];
        bed.patch(&jo, json!([replace("active", false), replace("userName", names[0].as_str())])).await;
        assert_eq!(stored(&mut bed, &id).await, std::slice::from_ref(&nobody));
        bed.patch(&jo, json!([replace("active", true), replace("userName", names[1].as_str())])).await;
        let dn = format!("uid={},ou=people,dc=example,dc=com", names[1]);
        assert_eq!(stored(&mut bed, &id).await, [nobody.clone(), dn]);
        assert_eq!(values(&bed.entry(&jo).await, "scimSavedMember"), [""; 0]);
    }
    assert_eq!(bed.members(&id).await, [jo]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_new_and_disabled_comes_into_the_default_groups_later() {
    let mut bed = bed().await;
    let groups = bed.http.get("/Groups?excludedAttributes=members").await.body;
    let everybody = groups["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let [kim] = bed.create_users(["kim"]).await;
    let jo = bed.http.post("/Users", &json!({"userName": "jo", "active": false})).await;
    assert_eq!((jo.status, &jo.body["active"]), (201, &json!(false)), "{}", jo.body);
    assert_eq!(bed.members(&everybody).await, std::slice::from_ref(&kim));
    let jo = jo.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(values(&bed.entry(&jo).await, "scimSavedMember"), ["cn=everybody,ou=groups,dc=example,dc=com"]);
    bed.patch(&jo, json!([replace("active", true)])).await;
    let mut both = [jo, kim];
    both.sort();
    assert_eq!(bed.members(&everybody).await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_renamed_with_its_members_knows_who_is_to_come_back() {
    let mut bed = bed().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let members = json!([{"value": jo}, {"value": kim}]);
    let id = bed.create_group(json!({"displayName": "Team", "members": members})).await;
    for user in [&jo, &kim] {
        bed.patch(user, json!([replace("active", false)])).await;
    }
    assert_eq!(bed.members(&id).await, Vec::<String>::new());
    let out = json!({"op": "remove", "path": "members", "value": [{"value": jo}]});
    bed.patch_group(&id, json!([replace("displayName", "Crew"), out])).await;
    let saved = |entry: &ldap3::SearchEntry| values(entry, "scimSavedMember").join(" ");
    let everybody = "cn=everybody,ou=groups,dc=example,dc=com";
    assert_eq!(saved(&bed.entry(&jo).await), everybody);
    assert_eq!(saved(&bed.entry(&kim).await), format!("cn=Crew,ou=groups,dc=example,dc=com {everybody}"));
    for user in [&jo, &kim] {
        bed.patch(user, json!([replace("active", true)])).await;
    }
    assert_eq!(bed.members(&id).await, [kim]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_renamed_and_its_own_member_is_so_by_the_new_name() {
    let mut bed = bed().await;
    let id = bed.create_group(json!({"displayName": "Self"})).await;
    let nobody = "cn=nobody,dc=example,dc=com".to_owned();
    let own = |name: &str| format!("cn={name},ou=groups,dc=example,dc=com");
    let add = json!({"op": "add", "path": "members", "value": [{"value": id}]});
    for (name, operation) in [("One", Some(&add)), ("Two", None), ("Three", Some(&add))] {
        let operations = [Some(&replace("displayName", name)), operation];
        bed.patch_group(&id, operations.into_iter().flatten().cloned().collect()).await;
        assert_eq!(stored(&mut bed, &id).await, [own(name), nobody.clone()]);
    }
    let out = json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    bed.patch_group(&id, json!([replace("displayName", "Four"), out])).await;
    assert_eq!(stored(&mut bed, &id).await, std::slice::from_ref(&nobody));
    let put = json!({"displayName": "Five", "members": [{"value": id}]});
    assert_eq!(bed.http.put(&format!("/Groups/{id}"), &put).await.status, 200);
    assert_eq!(stored(&mut bed, &id).await, [own("Five"), nobody]);
}
