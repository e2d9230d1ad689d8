//! What is no mapping of groups, and what is said about it.

use super::*;

/// A mapping of users and groups in which nothing is wrong.
const SOUND: &str = r#"
[user]
object_classes = ["inetOrgPerson"]
rdn = "uid"
references = ["secretary"]
[user.attributes]
userName = "uid"
title = "title"
"groups.value" = { ldap = "memberOf", direction = "to-scim", reference = "group" }
[user.numbers]
uidNumber = { counter = "cn=uid,dc=example,dc=com", last = 9 }
[user.active]
strategy = "lock"
saved_memberships = "scimSavedMember"
[group]
object_classes = ["groupOfNames"]
rdn = "cn"
[group.attributes]
displayName = "cn"
[group.members]
ldap = "member"
placeholder = "cn=nobody,dc=example,dc=com"
"#;

/// What is wrong with [`SOUND`] once lines are taken out (`-`) and others put in their place (`+`).
const CASES: &str = include_str!("group_faults.txt");

/// The faults of a mapping, without their places in the file.
fn said(text: &str) -> String {
    let Err(faults) = compiled(text) else { return "nothing".to_owned() };
    let without_place = |line: &str| match line.split_once(": `") {
        Some((place, rest)) if place.starts_with("mapping.toml") => format!("`{rest}"),
        _ => line.to_owned(),
    };
    faults.lines().map(without_place).collect::<Vec<_>>().join("\n")
}

/// [`SOUND`] with the lines of a case in it.
fn changed(case: &[&str]) -> String {
    let mut text = SOUND.to_owned();
    let mut at = 0;
    for line in case {
        match line.split_at(2) {
            ("- ", old) => {
                at = text.find(&format!("\n{old}\n")).unwrap_or_else(|| panic!("`{old}` is not there")) + 1;
                text.replace_range(at..at + old.len() + 1, "");
            }
            (_, new) => {
                text.insert_str(at, &format!("{new}\n"));
                at += new.len() + 1;
            }
        }
    }
    text
}

#[test]
fn every_fault_has_its_text() {
    assert_eq!(said(SOUND), "nothing");
    for case in CASES.trim_end().split("\n\n") {
        let (lines, expected): (Vec<&str>, Vec<&str>) =
            case.lines().partition(|line| line.starts_with("- ") || line.starts_with("+ "));
        assert_eq!(said(&changed(&lines)), expected.join("\n"), "{case}");
    }
}

#[test]
fn what_leads_to_groups_needs_groups() {
    let (users, _) = SOUND.split_once("[group]").expect("users and groups");
    let expected = "`user.attributes.\"groups.value\".reference`: found `group`, expected `user`, since this mapping has no groups\n  \
        hint: map groups in [group]\n\
        `user.active.saved_memberships`: found `scimSavedMember`, expected nothing, since this mapping has no groups\n  \
        hint: map groups in [group]";
    assert_eq!(said(users), expected);
    let without = users.replace("\"groups.value\"", "# ").replace("saved_memberships", "# ");
    assert_eq!(said(&without), "nothing");
}
