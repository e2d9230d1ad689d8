//! Which attributes are asked of the directory: member lists may be endless, and are read only where they are shown.

use crate::support::bed::Bed;
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// What the directory was asked for since: the attributes of each search below the groups.
struct Watch {
    seen: usize,
}

impl Watch {
    fn log(bed: &Bed) -> String {
        std::fs::read_to_string(bed.directory.log_file()).expect("the directory's log")
    }

    /// Whether a search since the last look wanted `member`; there must have been one.
    fn read_members(&mut self, bed: &Bed) -> bool {
        let log = Watch::log(bed);
        let searches: Vec<&str> =
            log[self.seen..].lines().filter_map(|line| line.split_once("SRCH attr=")).map(|(_, attrs)| attrs).collect();
        self.seen = log.len();
        assert!(!searches.is_empty(), "no search at all");
        searches.iter().any(|attrs| attrs.split(' ').any(|attr| ["member", "*", "+"].contains(&attr)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_read_only_where_they_are_shown() {
    let bed = Bed::with(Slapd::builder().log("stats").start().unwrap(), |setup| setup.groups("")).await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let id = bed.create_group(json!({"displayName": "Team", "members": [{"value": jo}]})).await;
    let mut watch = Watch { seen: Watch::log(&bed).len() };
    for (query, read) in [
        ("", true),
        ("?excludedAttributes=members", false),
        ("?excludedAttributes=Members,externalId", false),
        ("?excludedAttributes=urn:ietf:params:scim:schemas:core:2.0:Group:members", false),
        ("?attributes=displayName", false),
        ("?attributes=members", true),
        ("?attributes=members.value", true),
        ("?attributes=displayName,members", true),
    ] {
        for path in [format!("/Groups/{id}{query}"), format!("/Groups{query}")] {
            let answer = bed.http.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert_eq!(answer.body.to_string().contains(&jo), read, "{path}: {}", answer.body);
            assert_eq!(watch.read_members(&bed), read, "{path}");
        }
        let filter = format!("filter=members+eq+%22{jo}%22+and+displayName+eq+%22team%22");
        let path = format!("/Groups{query}{}{filter}", if query.is_empty() { "?" } else { "&" });
        let answer = bed.http.get(&path).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(1)), "{path}: {}", answer.body);
        assert_eq!(watch.read_members(&bed), read, "{path}");
    }
    // changes of single members, of the group itself, and of the member
    for operations in [
        json!([{"op": "add", "path": "members", "value": [{"value": jo}, {"value": kim}]}]),
        json!([{"op": "remove", "path": "members", "value": [{"value": kim}]}]),
        json!([{"op": "remove", "path": format!("members[value eq \"{jo}\"]")}]),
        json!([{"op": "replace", "path": "displayName", "value": "Crew"}]),
        json!([{"op": "replace", "path": "externalId", "value": "e"}]),
    ] {
        bed.patch_group(&id, operations.clone()).await;
        assert!(!watch.read_members(&bed), "{operations}");
    }
    // the whole set needs the whole list
    bed.patch_group(&id, json!([{"op": "replace", "path": "members", "value": [{"value": jo}]}])).await;
    assert!(watch.read_members(&bed));
    bed.patch(&jo, json!([{"op": "replace", "path": "userName", "value": "joan"}])).await;
    assert!(!watch.read_members(&bed));
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    assert!(!watch.read_members(&bed));
    assert_eq!(bed.http.delete(&format!("/Groups/{id}")).await.status, 204);
    assert!(!watch.read_members(&bed));
}
