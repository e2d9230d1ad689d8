//! Filters that are bombs, or that reach for more than their value.

use crate::support::bed::{Bed, encoded, is_error};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_refused_at_once() {
    let bed = Bed::new().await;
    bed.create(json!({"userName": "jo"})).await;
    let one = "userName eq \"jo\"";
    let began = Instant::now();
    for filter in [
        "(".repeat(9000),
        format!("{}{one}{}", "(".repeat(2000), ")".repeat(2000)),
        format!("{}{one}{}", "not (".repeat(1500), ")".repeat(1500)),
        format!("{}type eq \"x\"{}", "emails[".repeat(1000), "]".repeat(1000)),
        vec![one; 1000].join(" or "),
        vec!["(userName eq a or userName eq b)"; 300].join(" and "),
        format!("userName eq \"{}", "\\".repeat(5000)),
    ] {
        let answer = bed.http.get(&format!("/Users?filter={}", encoded(&filter))).await;
        match answer.status {
            200 => assert_eq!(answer.body["totalResults"], u32::from(filter.contains("\"jo\"")), "{filter:.60}"),
            431 | 414 => assert!(filter.len() > 8000, "{filter:.60}"),
            _ => is_error(&answer, 400, Some("invalidFilter")),
        }
        let path = format!("emails[{filter}].value");
        let id = "00000000-0000-0000-0000-000000000000";
        let answer = bed.try_patch(id, json!([{"op": "replace", "path": path, "value": "x"}])).await;
        assert!([400, 404].contains(&answer.status), "{}", answer.body);
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let (status, _) = bed.http.get_text(&format!("/Users?filter={}", "x".repeat(60_000))).await;
    assert!([400, 414, 431].contains(&status), "{status}");
    assert_eq!(bed.named("jo").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_a_value() {
    let bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo", "title": "T", "emails": [{"type": "work", "value": "jo@x"}]})).await;
    for value in [
        "*",
        "j*",
        "*o",
        "jo*",
        "*)(uid=*",
        "jo)(objectClass=*",
        "jo))(|(uid=*",
        "\\6a\\6f",
        "\\2a",
        "\0",
        "jo\0",
        "\0jo",
        "jo\u{0}*",
        "(|(uid=*)(uid=jo))",
        "uid=jo",
        "jo,ou=people",
        "\u{FF0A}",
        "\u{2217}",
        "j\u{ad}o",
        "j\u{200b}o",
        " jo",
        "jo ",
        "j o",
        "jo\n",
        "ｊｏ",
        "ʲº",
    ] {
        for path in
            ["userName", "title", "externalId", "emails.value", "emails[type eq \"work\"].value", "manager", "id"]
        {
            let answer =
                bed.http.get(&format!("/Users?filter={}", encoded(&format!("{path} eq {}", json!(value))))).await;
            if answer.status != 200 {
                is_error(&answer, 400, Some("invalidFilter"));
                continue;
            }
            assert_eq!(answer.body["totalResults"], 0, "{path} eq {value:?}: {}", answer.body);
        }
        let user = bed.http.get(&format!("/Users/{}", encoded(value))).await;
        is_error(&user, 404, None);
    }
    assert_eq!(bed.find("emails.value eq \"JO@X\" and title eq \"t\" and userName eq \"JO\"").await.len(), 1);
    assert_eq!(bed.find(&format!("id eq \"{id}\"")).await.len(), 1);
}

/// The query outside of the filter.
#[tokio::test(flavor = "multi_thread")]
async fn odd_queries_are_read_or_refused() {
    let bed = Bed::new().await;
    bed.create(json!({"userName": "jo"})).await;
    for (query, status) in [
        ("filter", 200),
        ("filter=", 200),
        ("unknown=1&aadOptscim062020", 200),
        ("attributes=userName,,,", 200),
        ("attributes=*", 400),
        ("attributes=userName[", 400),
        ("excludedAttributes=id,userName", 200),
        ("filter=%ff%fe", 400),
        ("filter=userName+eq+%22%00%22", 400),
        ("filter=userName+eq+%22%5Cu0000%22", 200),
        ("%00=%00", 200),
        ("sortBy=userName", 200),
    ] {
        let answer = bed.http.get(&format!("/Users?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        if status == 200 {
            assert!(answer.body["Resources"].as_array().unwrap().iter().all(|user| user["id"].is_string()), "{query}");
        } else {
            assert_eq!(answer.body["status"], status.to_string());
        }
    }
}
