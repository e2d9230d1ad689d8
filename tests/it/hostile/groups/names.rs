//! Names that no decent group has.

use crate::support::bed::{Bed, encoded, is_error};
use crate::support::ldap::values;
use serde_json::{Value, json};

/// What a create or a rename may be answered: the name as it was sent, or that it is no name.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        ",",
        "+",
        "\"",
        "<",
        ">",
        ";",
        "\\",
        "#",
        "=",
        "a,b+c\"d<e>f;g\\h#i",
        "\\,",
        "\\2c",
        "\\",
        "\\\\",
        "a\0b",
        "\0",
        "line\nbreak",
        "\ttab",
        "\u{7f}",
        "cn=x+ou=y",
        "x,ou=groups,dc=example,dc=com",
        "*",
        "()",
        "größe",
        "日本語",
        "e\u{301}",
        "\u{202e}sdrawkcab",
        "\u{200b}",
        "😀",
        "\u{fffd}",
        "\u{10ffff}",
        "%00",
        "null",
        "undefined",
    ]
    .map(str::to_owned)
    .into();
    names.extend([300, 255, 600].map(|length| "x".repeat(length)));
    names.push("ß".repeat(150));
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_kept_as_it_is_or_refused() {
    let mut bed = Bed::with_groups().await;
    let [jo] = bed.create_users(["jo"]).await;
    let before = bed.everything().await;
    let mut kept = 0;
    for name in names() {
        let group = json!({"displayName": name, "members": [{"value": jo}]});
        let answer = bed.http.post("/Groups", &group).await;
        if answer.status != 201 {
            is_error(&answer, 400, Some("invalidValue"));
            assert_eq!(bed.everything().await, before, "{name:?}");
            continue;
        }
        kept += 1;
        let id = answer.body["id"].as_str().expect("an id").to_owned();
        let path = format!("/Groups/{id}");
        assert_eq!((&answer.body["displayName"], &answer.body["members"]), (&json!(name), &json!([{"value": jo}])));
        assert_eq!(values(&bed.entry(&id).await, "cn"), [&name]);
        let filter = encoded(&format!("displayName eq {}", json!(name)));
        let found = bed.http.get(&format!("/Groups?filter={filter}")).await;
        if found.status == 200 {
            assert_eq!(found.body["Resources"][0]["id"], json!(id), "{name:?}: {}", found.body);
        } else {
            assert!([414, 431].contains(&found.status), "{name:?}: {}", found.body);
        }
        bed.patch_group(&id, json!([{"op": "replace", "path": "displayName", "value": "usual"}])).await;
        bed.patch_group(&id, json!([{"op": "replace", "path": "displayName", "value": name}])).await;
        assert_eq!(bed.http.get(&path).await.body["displayName"], json!(name));
        assert_eq!(bed.members(&id).await, std::slice::from_ref(&jo));
        assert_eq!(bed.http.delete(&path).await.status, 204);
        assert_eq!(bed.everything().await, before, "{name:?}");
    }
    assert!(kept > 25, "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_name_is_refused_with_a_reason() {
    let mut bed = Bed::with_groups().await;
    let id = bed.create_group(json!({"displayName": "Team"})).await;
    let before = bed.everything().await;
    for name in [json!(""), Value::Null, json!([]), json!({}), json!(["a", "b"]), json!("x".repeat(100_000))] {
        let answer = bed.http.post("/Groups", &json!({"displayName": name})).await;
        assert_eq!(answer.status, 400, "{name:.40}: {}", answer.body);
        let detail = answer.body["detail"].as_str().expect("a reason");
        assert!(detail.contains("displayName") && detail.len() < 600, "{detail}");
        let change = json!([{"op": "replace", "path": "displayName", "value": name}]);
        let answer = bed.http.patch(&format!("/Groups/{id}"), change).await;
        assert_eq!(answer.status, 400, "{name:.40}: {}", answer.body);
    }
    assert_eq!(bed.everything().await, before);
}
