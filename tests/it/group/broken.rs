//! What once went wrong: members lost or let in by accident.

use crate::support::bed::{Bed, is_error};
use crate::support::bridge::MAPPING;
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;

/// A directory that keeps no reference right by itself.
fn bare() -> Slapd {
    Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf).start().unwrap()
}

/// The values of `member` in the directory, sorted.
async fn stored(bed: &mut Bed, group: &str) -> Vec<String> {
    let mut members = bed.entry(group).await.attrs.remove("member").unwrap_or_default();
    members.sort();
    members
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_nobody_is_nobodys() {
    let nobody = "cn=nobody,ou=groups,dc=example,dc=com";
    let mapping = MAPPING.replace("cn=nobody,dc=example,dc=com", nobody);
    let mut bed = Bed::with(bare(), |setup| setup.groups("").mapping(&mapping)).await;
    assert_eq!(
        bed.ldap
            .add(
                "cn=Team,ou=groups,dc=example,dc=com",
                &[("objectClass", &["groupOfNames"]), ("cn", &["Team"]), ("member", &[nobody]),]
            )
            .await,
        0
    );
    let answer = bed.http.post("/Groups", &json!({"displayName": "Nobody"})).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert!(answer.body["detail"].as_str().unwrap().contains("`placeholder`"), "{}", answer.body);
    let found = bed.http.get("/Groups?filter=displayName+eq+%22Team%22").await.body;
    let path = format!("/Groups/{}", found["Resources"][0]["id"].as_str().unwrap());
    let rename = json!([{"op": "replace", "path": "displayName", "value": "nobody"}]);
    is_error(&bed.http.patch(&path, rename).await, 400, Some("invalidValue"));

    // somebody who is called so all the same can go, and the groups keep what they must have
    assert_eq!(
        bed.ldap.add(nobody, &[("objectClass", &["groupOfNames"]), ("cn", &["nobody"]), ("member", &[nobody]),]).await,
        0
    );
    let found = bed.http.get("/Groups?filter=displayName+eq+%22nobody%22").await.body;
    let id = found["Resources"][0]["id"].as_str().unwrap().to_owned();
    for (op, status) in [("add", 400), ("remove", 204)] {
        let answer = bed.http.patch(&path, json!([{"op": op, "path": "members", "value": [{"value": id}]}])).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    assert_eq!(bed.http.delete(&format!("/Groups/{id}")).await.status, 204);
    let team = path.strip_prefix("/Groups/").unwrap();
    assert_eq!(stored(&mut bed, team).await, [nobody]);
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_without_an_id_empty_no_group() {
    let bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let group = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    let path = format!("/Groups/{group}");
    for odd in [json!([{"display": "Jo"}]), json!([{"$ref": "https://example.com/Users/1", "type": "User"}])] {
        let replace = json!([{"op": "replace", "path": "members", "value": odd}]);
        is_error(&bed.http.patch(&path, replace).await, 400, Some("invalidValue"));
        let whole = json!({"displayName": "Team", "members": odd});
        is_error(&bed.http.put(&path, &whole).await, 400, Some("invalidValue"));
        assert_eq!(bed.members(&group).await, std::slice::from_ref(&jo), "{odd}");
    }
}

/// Members that cannot be told must not look like members of somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_hidden_is_not_taken_for_a_stranger() {
    for (attr, shown) in [("entryDN", 200), ("entryUUID", 500)] {
        let account = "cn=scim-bridge,ou=services,dc=example,dc=com";
        let lines = ["people", "groups"].map(|unit| {
            format!("access to dn.subtree=\"ou={unit},dc=example,dc=com\" attrs={attr} by dn.exact=\"{account}\" none by * read")
        });
        let slapd = Slapd::builder().line(&lines[0]).line(&lines[1]).start().unwrap();
        let mut bed = Bed::with(slapd, |setup| setup.groups("")).await;
        let slapd = &bed.directory;
        assert_eq!(bed.ldap.add_person(slapd, "jo", &[]).await, 0);
        let (dn, jo) = ("cn=Team,ou=groups,dc=example,dc=com", "uid=jo,ou=people,dc=example,dc=com");
        let group = [("objectClass", &["groupOfNames"][..]), ("cn", &["Team"]), ("member", &[jo])];
        assert_eq!(bed.ldap.add(dn, &group).await, 0);
        let id = bed.ldap.search(dn, "(cn=Team)").await[0].attrs["entryUUID"][0].clone();
        let path = format!("/Groups/{id}");
        let without = bed.http.get(&format!("{path}?excludedAttributes=members")).await;
        assert_eq!(without.status, shown, "{}", without.body);
        let whole = json!({"displayName": "Team", "members": []});
        for answer in [bed.http.get(&path).await, bed.http.put(&path, &whole).await] {
            is_error(&answer, 500, None);
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("does not show `{attr}`")), "{detail}");
        }
        assert_eq!(bed.ldap.search(dn, "(cn=Team)").await[0].attrs["member"], [jo]);
    }
}

/// Who has no name for groups is told as missing, and not silently left out.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_name_for_groups_is_named() {
    let mapping = MAPPING.replace("object_classes = [\"groupOfNames\"]", "object_classes = [\"posixGroup\"]");
    let mapping = mapping.replace("match_classes = [\"groupOfNames\"]", "match_classes = [\"posixGroup\"]");
    let (frame, _) = mapping.split_once("[group.members]").unwrap();
    let numbers = "gidNumber = { counter = \"cn=gid,ou=counters,dc=example,dc=com\", last = 59999 }";
    let members = "ldap = \"memberUid\"\nname = \"employeeNumber\"";
    let frame = frame.replace("references = [\"owner\"]", "");
    let mapping = format!("{frame}[group.members]\n{members}\n[group.numbers]\n{numbers}\n");
    let mapping = mapping.replace("\"groups.value\" =", "# \"groups.value\" =");
    let slapd = Slapd::builder().counter("gid", 20_000).start().unwrap();
    let bed = Bed::with(slapd, |setup| setup.groups("").mapping(&mapping)).await;
    let [jo] = bed.create_users(["jo"]).await;
    let group = bed.create_group(json!({"displayName": "Team"})).await;
    let add = json!([{"op": "add", "path": "members", "value": [{"value": jo}]}]);
    let answer = bed.http.patch(&format!("/Groups/{group}"), add).await;
    is_error(&answer, 400, Some("invalidValue"));
    assert!(answer.body["detail"].as_str().unwrap().contains(&jo), "{}", answer.body);
}
