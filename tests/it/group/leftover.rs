//! Names that somebody left in groups: whoever gets such a name next is in none of them.

use crate::support::bed::{Bed, is_error};
use crate::support::bridge::Setup;
use crate::support::ldap::Ldap;
use crate::support::proxy::{Lost, Proxy};
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;

/// A directory that keeps no reference right by itself.
fn bare() -> Slapd {
    Slapd::builder().without(Overlay::RefInt).without(Overlay::MemberOf).start().unwrap()
}

/// The members of the group as the directory has them, the placeholder left out.
async fn stored(bed: &mut Bed, group: &str) -> Vec<String> {
    let mut members = bed.entry(group).await.attrs.remove("member").unwrap_or_default();
    members.retain(|member| !member.starts_with("cn=nobody,"));
    members.sort();
    members
}

#[tokio::test]
async fn a_new_user_inherits_nothing_and_a_refused_one_takes_nothing_away() {
    for scope in ["one", "sub"] {
        let name = "SCIM_LDAP_BRIDGE_ENDPOINT__LAB__USERS__SCOPE";
        let mut bed = Bed::with(bare(), |setup| setup.groups("").variable(name, scope)).await;
        let [kim] = bed.create_users(["kim"]).await;
        let group = bed.create_group(json!({"displayName": "Team", "members": [{"value": kim}]})).await;
        let (dn, jo) = ("cn=Team,ou=groups,dc=example,dc=com", "uid=jo,ou=people,dc=example,dc=com");
        assert_eq!(bed.ldap.add_value(dn, "member", jo).await, 0);
        let [id] = bed.create_users(["jo"]).await;
        assert_eq!(stored(&mut bed, &group).await, ["uid=kim,ou=people,dc=example,dc=com"], "{scope}");
        bed.patch_group(&group, json!([{"op": "add", "path": "members", "value": [{"value": id}]}])).await;
        let both = stored(&mut bed, &group).await;
        is_error(&bed.http.post("/Users", &json!({"userName": "jo"})).await, 409, Some("uniqueness"));
        assert_eq!(stored(&mut bed, &group).await, both, "{scope}: the name is somebody's");
    }
}

#[tokio::test]
async fn a_renamed_user_inherits_nothing() {
    let mut bed = Bed::with(bare(), |setup| setup.groups("")).await;
    let [jo] = bed.create_users(["jo"]).await;
    let own = bed.create_group(json!({"displayName": "Own", "members": [{"value": jo}]})).await;
    let other = bed.create_group(json!({"displayName": "Other"})).await;
    let joan = "uid=joan,ou=people,dc=example,dc=com";
    for group in ["Own", "Other"] {
        // the first as an earlier attempt of the rename leaves it
        assert_eq!(bed.ldap.add_value(&format!("cn={group},ou=groups,dc=example,dc=com"), "member", joan).await, 0);
    }
    bed.patch(&jo, json!([{"op": "replace", "path": "userName", "value": "joan"}])).await;
    assert_eq!(stored(&mut bed, &own).await, [joan]);
    assert_eq!(stored(&mut bed, &other).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_without_an_answer_is_followed_all_the_same() {
    let slapd = bare();
    let proxy = Proxy::before(&slapd.url());
    let bridge = Setup::new(&slapd).servers(&[proxy.url()]).groups("").start();
    let mut bed = Bed { http: bridge.http(), ldap: Ldap::admin(&slapd).await, bridge, directory: slapd };
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let manager = json!([{"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": jo}]);
    bed.patch(&kim, manager).await;
    let group = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}, {"value": kim}]})).await;
    proxy.lose(Lost::Rename);
    bed.patch(&jo, json!([{"op": "replace", "path": "userName", "value": "joan"}])).await;
    assert!(proxy.has_lost());
    let joan = "uid=joan,ou=people,dc=example,dc=com";
    assert_eq!(stored(&mut bed, &group).await, [joan, "uid=kim,ou=people,dc=example,dc=com"]);
    assert_eq!(bed.entry(&kim).await.attrs["manager"], [joan]);
}
