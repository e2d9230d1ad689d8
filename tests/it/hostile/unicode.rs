//! Text: every plane, and what is equal for LDAP but not for SCIM.

use crate::support::bed::{Bed, is_error};
use crate::support::ldap::values;
use serde_json::{Value, json};

/// Characters of every plane: first, last, in between, no characters at all, and the odd ones of the first planes.
fn characters() -> Vec<char> {
    let mut all: Vec<char> = Vec::new();
    for plane in 0..=16u32 {
        let places = [0x10, 0x100, 0x1F1, 0x301, 0x8000, 0xF000, 0xFFFD, 0xFFFE, 0xFFFF];
        all.extend(places.iter().filter_map(|place| char::from_u32(plane * 0x10000 + place)));
    }
    all.extend("\u{7f}\u{80}\u{a0}\u{ad}ßﬁÅÅİıſǅΣς\u{301}\u{300}\u{34f}\u{e01}中あ한\u{1100}\u{1161}".chars());
    all.extend("\u{200b}\u{200d}\u{200e}\u{202e}\u{2028}\u{2060}\u{3000}\u{fe0f}\u{feff}\u{fff9}½²™℻﷽".chars());
    all.extend("😀𝒟🂡🇳👩🏽𠀀\u{e0041}\u{e0100}\t\n\r\u{1}\u{1b}\u{b}".chars());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_character_reads_back_or_is_refused() {
    let mut bed = Bed::new().await;
    let mut created = 0;
    for (n, c) in characters().into_iter().enumerate() {
        for (side, name) in [format!("u{n} a{c}b"), format!("{c}u{n}b"), format!("u{n}c{c}")].into_iter().enumerate() {
            let user = json!({"userName": name, "displayName": name, "name": {"givenName": format!("{c}")}});
            let answer = bed.http.post("/Users", &user).await;
            if answer.status != 201 {
                let point = u32::from(c);
                assert!(c.is_control() || point & 0xFFFE == 0xFFFE, "U+{point:04X}: {}", answer.body);
                is_error(&answer, 400, Some("invalidValue"));
                continue;
            }
            created += 1;
            let id = answer.body["id"].as_str().expect("an id").to_owned();
            let shown = bed.read(&id).await;
            for found in [&answer.body, &shown] {
                assert_eq!(
                    (found["userName"].as_str(), found["displayName"].as_str()),
                    (Some(name.as_str()), Some(name.as_str()))
                );
            }
            assert_eq!(shown["name"]["givenName"], c.to_string(), "U+{:04X}", u32::from(c));
            if side == 0 {
                let entry = bed.entry(&id).await;
                assert_eq!(values(&entry, "uid"), [name.as_str()]);
                let found = bed.named(&name).await;
                assert_eq!(found.len(), 1, "U+{:04X}", u32::from(c));
                assert_eq!(found[0]["id"], id.as_str());
                let other = format!("{c}{c} {n}");
                let renamed = bed.patch(&id, json!([{"op": "replace", "path": "userName", "value": other}])).await;
                assert_eq!(renamed["userName"], other);
            }
        }
    }
    assert!(created > 500, "{created}");
    let listed = bed.ldap.search(&bed.directory.people(), "(uid=*)").await.len();
    assert_eq!(listed, created);
}

/// Pairs that LDAP's string preparation (RFC 4518) makes one and SCIM's rules do not.
const ALIKE: [(&str, &str); 8] = [
    ("proﬁt", "profit"),
    ("r\u{e9}ne", "re\u{301}ne"),
    ("two  spaces", "two spaces"),
    ("end ", "end"),
    (" begin", "begin"),
    ("so\u{ad}ft", "soft"),
    ("ﬀ", "ff"),
    ("ｆｕｌｌ", "full"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_only_ldap_takes_for_equal_is_never_a_match() {
    let mut bed = Bed::new().await;
    let mut wider = 0;
    for (one, other) in ALIKE {
        let id = bed.create(json!({"userName": one, "title": one})).await;
        assert!(bed.named(other).await.is_empty(), "{other:?} is not {one:?}");
        assert!(bed.find(&format!("title eq {}", json!(other))).await.is_empty());
        let before = bed.read(&id).await;
        let answer = bed.http.post("/Users", &json!({"userName": other, "title": "second"})).await;
        let second = match answer.status {
            201 => answer.body["id"].as_str().map(str::to_owned),
            _ => {
                is_error(&answer, 409, Some("uniqueness"));
                wider += 1;
                None
            }
        };
        assert_eq!(bed.read(&id).await, before, "{one:?} is untouched");
        assert_eq!(bed.named(one).await[0]["id"], id.as_str());
        if let Some(second) = second {
            assert_eq!(bed.named(other).await[0]["id"], second.as_str());
            assert_eq!(bed.http.delete(&format!("/Users/{second}")).await.status, 204);
        }
        // somebody else does not get the name either
        let third = bed.create(json!({"userName": "third"})).await;
        let rename = json!([{"op": "replace", "path": "userName", "value": one}]);
        is_error(&bed.try_patch(&third, rename).await, 409, Some("uniqueness"));
        assert_eq!(bed.read(&third).await["userName"], "third");
        // but the user may be spelled anew, each octet of it
        let spelled = bed
            .patch(
                &id,
                json!([{"op": "replace", "path": "userName", "value": other},
            {"op": "replace", "path": "title", "value": other}]),
            )
            .await;
        assert_eq!((&spelled["userName"], &spelled["title"]), (&json!(other), &json!(other)));
        assert_eq!(values(&bed.entry(&id).await, "uid"), [other]);
        assert_eq!(bed.named(other).await.len(), 1);
        assert!(bed.named(one).await.is_empty());
        for id in [&id, &third] {
            assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204);
        }
    }
    assert!(wider >= 6, "the directory's equality is wider in {wider} of these");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_is_no_difference_between_names_and_kept_in_values() {
    let bed = Bed::new().await;
    let id = bed.create(json!({"userName": "Jo.Größe@Example.org", "displayName": "jo"})).await;
    for name in ["jo.größe@example.org", "JO.GRÖßE@EXAMPLE.ORG", "Jo.Größe@Example.org"] {
        assert_eq!(bed.named(name).await[0]["id"], id.as_str(), "{name}");
        is_error(&bed.http.post("/Users", &json!({"userName": name})).await, 409, Some("uniqueness"));
        let renamed = bed
            .patch(
                &id,
                json!([{"op": "replace", "path": "userName", "value": name},
            {"op": "replace", "path": "displayName", "value": name}]),
            )
            .await;
        assert_eq!((&renamed["userName"], &renamed["displayName"]), (&json!(name), &json!(name)));
        assert_eq!(renamed["id"], id.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_values_that_only_differ_for_scim_are_told_apart_or_refused() {
    let bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    for (one, other) in [("a@x.example", "A@X.EXAMPLE"), ("b @x", "b  @x")] {
        let both = json!([{"type": "work", "value": one}, {"type": "work", "value": other}]);
        let answer = bed.try_patch(&id, json!([{"op": "replace", "path": "emails", "value": both}])).await;
        match answer.status {
            200 => assert!(answer.body["emails"].as_array().is_some_and(|found| found.len() <= 2), "{}", answer.body),
            _ => is_error(&answer, 400, Some("invalidValue")),
        }
        let change = |value: &str| json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": value}]);
        for value in [one, other, one] {
            assert_eq!(bed.patch(&id, change(value)).await["emails"][0]["value"], value);
        }
    }
}

/// A name that makes a DN too long for the directory, in bytes and not in characters.
#[tokio::test(flavor = "multi_thread")]
async fn long_names_are_kept_or_refused() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let before = bed.everything().await;
    for (text, longest) in [("x", 230), ("ß", 115), ("中", 76), ("😀", 57), (",", 70), ("\"", 70), ("\\", 70)] {
        let mut lengths = Vec::new();
        for length in [longest, 255, 300, 1000, 5000] {
            let name = text.repeat(length);
            let answer = bed.http.post("/Users", &json!({"userName": name})).await;
            if answer.status == 201 {
                assert_eq!(answer.body["userName"], name.as_str());
                let path = format!("/Users/{}", answer.body["id"].as_str().unwrap());
                assert_eq!(bed.named(&name).await.len(), 1);
                assert_eq!(bed.http.delete(&path).await.status, 204);
                lengths.push(length);
                continue;
            }
            is_error(&answer, 400, Some("invalidValue"));
            assert!(answer.body["detail"].as_str().unwrap().contains("userName"), "{}", answer.body);
            let rename: Value = json!([{"op": "replace", "path": "userName", "value": name}]);
            is_error(&bed.try_patch(&id, rename).await, 400, Some("invalidValue"));
        }
        assert!(lengths.contains(&longest) && !lengths.contains(&300), "{text}: {lengths:?}");
        assert_eq!(bed.everything().await, before);
    }
}

/// LDAP's string preparation leaves nothing of most of these.
#[tokio::test(flavor = "multi_thread")]
async fn names_without_anything_to_see_are_kept_or_refused() {
    let mut bed = Bed::new().await;
    let before = bed.everything().await;
    let jo = bed.create(json!({"userName": "jo"})).await;
    for name in
        [" ", "   ", "\u{ad}", "\u{200b}\u{200d}", "\u{a0}", "\u{3000}", "\u{301}", "\u{feff}", "\t", "\n", "\0"]
    {
        let answer = bed.http.post("/Users", &json!({"userName": name, "title": name})).await;
        if answer.status == 201 {
            let id = answer.body["id"].as_str().expect("an id").to_owned();
            assert_eq!(bed.read(&id).await["userName"], name, "{name:?}");
            assert_eq!(bed.named(name).await.len(), 1, "{name:?}");
            assert_eq!(values(&bed.entry(&id).await, "uid"), [name]);
            assert_eq!(bed.http.delete(&format!("/Users/{id}")).await.status, 204, "{name:?}");
        } else {
            is_error(&answer, 400, Some("invalidValue"));
            assert!(answer.body["detail"].as_str().unwrap().contains("userName"), "{name:?}: {}", answer.body);
        }
        let rename = json!([{"op": "replace", "path": "userName", "value": name}]);
        let answer = bed.try_patch(&jo, rename).await;
        match answer.status {
            200 => assert_eq!(answer.body["userName"], name),
            _ => is_error(&answer, 400, Some("invalidValue")),
        }
        bed.patch(&jo, json!([{"op": "replace", "path": "userName", "value": "jo"}])).await;
        let title = bed.try_patch(&jo, json!([{"op": "replace", "path": "title", "value": name}])).await;
        match title.status {
            200 => assert_eq!(bed.read(&jo).await["title"], name, "{name:?}"),
            _ => is_error(&title, 400, Some("invalidValue")),
        }
    }
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    assert_eq!(bed.everything().await, before);
}

/// A change that LDAP's matching rules do not see is a change, back and forth, whatever the attribute.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_spelling_of_a_value_is_written() {
    let mut bed = Bed::new().await;
    let id = bed.create(json!({"userName": "jo"})).await;
    let enterprise = crate::support::bed::ENTERPRISE;
    let number = format!("{enterprise}:employeeNumber");
    for (path, attr, spellings) in [
        ("phoneNumbers[type eq \"work\"].value", "telephoneNumber", ["+31 30-12", "+313012", "+31-30 12"]),
        ("phoneNumbers[type eq \"mobile\"].value", "mobile", ["06 12", "0612", "06-12"]),
        ("phoneNumbers[type eq \"fax\"].value", "facsimileTelephoneNumber", ["06 12", "0612", "06-12"]),
        ("emails[type eq \"work\"].value", "mail", ["Jo@x.example", "jo@X.example", "JO@x.example"]),
        ("title", "title", ["A  B", "a b", " A B "]),
        ("preferredLanguage", "preferredLanguage", ["nl-NL", "nl-nl", "NL-NL"]),
        ("name.familyName", "sn", ["van Dam", "Van Dam", "van  dam"]),
        ("addresses[type eq \"work\"].country", "co", ["NL", "nl", "Nl"]),
        ("externalId", "scimExternalId", ["X 1", "x 1", "x  1"]),
        (number.as_str(), "employeeNumber", ["a7", "A7", "a7 "]),
    ] {
        for spelling in spellings.iter().chain(&spellings) {
            bed.patch(&id, json!([{"op": "Replace", "path": path, "value": spelling}])).await;
            assert_eq!(values(&bed.entry(&id).await, attr), [*spelling], "{path}");
        }
    }
    // a name that the entry has besides, spelled in another way
    let dn = bed.entry(&id).await.dn;
    assert_eq!(bed.ldap.add_value(&dn, "uid", "second").await, 0);
    for name in ["second", "jo", "SECOND", "jo"] {
        let answer = bed.patch(&id, json!([{"op": "Replace", "path": "userName", "value": name}])).await;
        assert_eq!((&answer["userName"], &answer["id"]), (&json!(name), &json!(id)));
        assert!(bed.entry(&id).await.dn.starts_with(&format!("uid={name},")));
    }
}
