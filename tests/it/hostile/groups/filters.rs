//! Filters on members.

use crate::support::bed::{Bed, encoded, is_error};
use serde_json::json;

async fn find(bed: &Bed, filter: &str) -> Vec<String> {
    let answer = bed.http.get(&format!("/Groups?attributes=displayName&filter={}", encoded(filter))).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
    let groups = answer.body["Resources"].as_array().expect("a list");
    assert!(groups.iter().all(|group| group.get("members").is_none()));
    let mut names: Vec<String> = groups.iter().map(|g| g["displayName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_compared_by_their_ids() {
    let bed = Bed::with_groups().await;
    let [jo, kim] = bed.create_users(["jo", "kim"]).await;
    let both = bed.create_group(json!({"displayName": "Both", "members": [{"value": jo}, {"value": kim}]})).await;
    bed.create_group(json!({"displayName": "One", "members": [{"value": jo}]})).await;
    bed.create_group(json!({"displayName": "Outer", "members": [{"value": both}]})).await;
    bed.create_group(json!({"displayName": "Empty"})).await;
    for (filter, expected) in [
        (format!("members.value eq \"{jo}\""), vec!["Both", "One"]),
        (format!("members eq \"{kim}\""), vec!["Both"]),
        (format!("MEMBERS[Value Eq \"{kim}\"]"), vec!["Both"]),
        (format!("members eq \"{both}\""), vec!["Outer"]),
        (format!("members eq \"{jo}\" and members eq \"{kim}\""), vec!["Both"]),
        (format!("members eq \"{kim}\" or members eq \"{both}\""), vec!["Both", "Outer"]),
        (format!("displayName eq \"one\" and members.value eq \"{jo}\""), vec!["One"]),
        (format!("displayName eq \"one\" and members.value eq \"{kim}\""), vec![]),
        (format!("displayName eq \"one\" and not (members.value eq \"{kim}\")"), vec!["One"]),
        (format!("displayName eq \"one\" and not (members.value eq \"{jo}\")"), vec![]),
        (format!("displayName pr and not (members eq \"{jo}\")"), vec!["Empty", "Outer"]),
        (format!("displayName eq \"empty\" or members eq \"{kim}\""), vec!["Both", "Empty"]),
        (format!("id eq \"{both}\" and members eq \"{jo}\""), vec!["Both"]),
        ("members eq \"nobody\"".to_owned(), vec![]),
        ("members eq \"*\"".to_owned(), vec![]),
        ("members eq \"../x\" or displayName eq \"One\"".to_owned(), vec!["One"]),
        ("members.value eq \"cn=nobody,dc=example,dc=com\"".to_owned(), vec![]),
        ("members eq \"uid=jo,ou=people,dc=example,dc=com\"".to_owned(), vec![]),
        ("displayName eq \"One\" and not (members eq \"nobody\")".to_owned(), vec!["One"]),
    ] {
        assert_eq!(find(&bed, &filter).await, expected, "{filter}");
    }
    for filter in [
        format!("not (members.value eq \"{jo}\")"),
        "members pr".to_owned(),
        "displayName pr and members pr".to_owned(),
        "members ne \"x\"".to_owned(),
        "members co \"x\"".to_owned(),
        "members.display eq \"Jo\"".to_owned(),
        "members[value eq \"x\"".to_owned(),
        format!("displayName co \"o\" or members eq \"{jo}\""),
    ] {
        let answer = bed.http.get(&format!("/Groups?filter={}", encoded(&filter))).await;
        is_error(&answer, 400, Some("invalidFilter"));
    }
    let many = vec![format!("members eq \"{jo}\""); 60].join(" and ");
    assert_eq!(find(&bed, &many).await, ["Both", "One"]);
}
