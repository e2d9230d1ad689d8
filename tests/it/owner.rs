//! Entries that are not the endpoint's own: not seen, or taken over with the first change, and their names are taken.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::bridge::MAPPING;
use crate::support::ldap::values;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// Users and groups of the endpoint have a mark.
fn mapping(adopt: bool) -> String {
    let owner = |table: &str| {
        format!("[{table}.owner]\nldap = \"scimOwner\"\nvalue = \"entra-hr\"\nadopt = {adopt}\n\n[{table}.attributes]")
    };
    let text = MAPPING.replace("[user.attributes]", &owner("user"));
    text.replace("[group.attributes]", &owner("group"))
}

/// A directory with a user and a group that nobody has marked, and a user that is somebody else's.
async fn bed(adopt: bool) -> Bed {
    let text = mapping(adopt);
    let mut bed = Bed::with(Slapd::builder().start().unwrap(), |setup| setup.mapping(&text).groups("")).await;
    assert_eq!(bed.ldap.add_person(&bed.directory, "jo", &[]).await, 0);
    assert_eq!(bed.ldap.add_person(&bed.directory, "other", &[("scimOwner", &["somebody-else"])]).await, 0);
    let jo = format!("uid=jo,{}", bed.directory.people());
    let group: [(&str, &[&str]); 3] =
        [("objectClass", &["groupOfNames"]), ("cn", &["old"]), ("member", &["cn=nobody,dc=example,dc=com", &jo])];
    assert_eq!(bed.ldap.add(&format!("cn=old,{}", bed.directory.groups()), &group).await, 0);
    bed
}

/// The id of a user, past the bridge.
async fn id(bed: &mut Bed, name: &str) -> String {
    let entry = bed.ldap.person(&bed.directory, &format!("(uid={name})")).await;
    values(&entry, "entryUUID")[0].to_owned()
}

fn title(title: &str) -> Value {
    json!([{"op": "Replace", "path": "title", "value": title}])
}

#[tokio::test]
async fn what_is_not_the_endpoints_own_is_not_seen() {
    let mut bed = bed(false).await;
    let [jo, other] = [id(&mut bed, "jo").await, id(&mut bed, "other").await];
    for id in [&jo, &other] {
        is_error(&bed.http.get(&format!("/Users/{id}")).await, 404, None);
        is_error(&bed.try_patch(id, title("x")).await, 404, None);
        is_error(&bed.http.delete(&format!("/Users/{id}")).await, 404, None);
    }
    assert!(bed.named("jo").await.is_empty());
    let kim = bed.create(json!({"userName": "kim"})).await;
    assert_eq!(values(&bed.entry(&kim).await, "scimOwner"), ["entra-hr"]);
    for name in ["jo", "JO", "other"] {
        let refused = bed.http.post("/Users", &json!({"userName": name})).await;
        is_error(&refused, 409, Some("uniqueness"));
        assert!(refused.body["detail"].as_str().unwrap().contains("not this endpoint's own"), "{}", refused.body);
    }
    let rename = json!([{"op": "Replace", "path": "userName", "value": "jo"}]);
    let refused = bed.try_patch(&kim, rename).await;
    is_error(&refused, 409, Some("uniqueness"));
    assert!(refused.body["detail"].as_str().unwrap().contains("not this endpoint's own"), "{}", refused.body);
    // neither a member nor a manager
    let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": kim }]})).await;
    assert_eq!(values(&bed.entry(&team).await, "scimOwner"), ["entra-hr"]);
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": jo}]}]);
    is_error(&bed.http.patch(&format!("/Groups/{team}"), add).await, 400, Some("invalidValue"));
    let boss = json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": jo}]);
    is_error(&bed.try_patch(&kim, boss).await, 400, Some("invalidValue"));
    is_error(&bed.http.post("/Groups", &json!({"displayName": "old"})).await, 409, Some("uniqueness"));
    assert_eq!(bed.http.delete(&format!("/Users/{kim}")).await.status, 204);
    let people = bed.directory.people();
    assert_eq!(bed.ldap.search_one_level(&people, "(objectClass=inetOrgPerson)").await.len(), 2);
}

#[tokio::test]
async fn what_is_nobodys_is_taken_over_with_the_first_change() {
    let mut bed = bed(true).await;
    let [jo, other] = [id(&mut bed, "jo").await, id(&mut bed, "other").await];
    assert_eq!(bed.named("jo").await.len(), 1);
    is_error(&bed.http.get(&format!("/Users/{other}")).await, 404, None);
    is_error(&bed.http.post("/Users", &json!({"userName": "other"})).await, 409, Some("uniqueness"));
    is_error(&bed.http.post("/Users", &json!({"userName": "jo"})).await, 409, Some("uniqueness"));
    let same = bed.named("jo").await[0]["userName"].clone();
    bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": same}])).await;
    assert!(values(&bed.entry(&jo).await, "scimOwner").is_empty(), "nothing was to be changed");
    bed.patch(&jo, title("Lead")).await;
    assert_eq!(values(&bed.entry(&jo).await, "scimOwner"), ["entra-hr"]);
    let old = bed.ldap.search(&bed.directory.groups(), "(cn=old)").await;
    let old = values(&old[0], "entryUUID")[0].to_owned();
    let kim = bed.create(json!({"userName": "kim"})).await;
    bed.patch_group(&old, json!([{"op": "Add", "path": "members", "value": [{"value": kim}]}])).await;
    assert_eq!(values(&bed.entry(&old).await, "scimOwner"), ["entra-hr"]);
    assert_eq!(bed.members(&old).await.len(), 2);
}
