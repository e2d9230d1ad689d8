//! Members of groups, where the class demands one and where it does not; the former with overlays that follow renames
//! and deletes too, the latter before a directory that leaves all of that to the bridge.

mod life;
mod members;

use crate::support::bed::Bed;
use crate::support::bridge::MAPPING;
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Overlay, Slapd};

/// Whom the placeholder of the shipped mapping names.
const NOBODY: &str = "cn=nobody,dc=example,dc=com";

/// A class of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// A group has at least one member.
    GroupOfNames,
    /// A group may be empty.
    GroupOfMembers,
}

/// Each behaves differently elsewhere, and the same here.
const CLASSES: [Class; 2] = [Class::GroupOfNames, Class::GroupOfMembers];

impl Class {
    /// A bed whose groups are of this class.
    async fn bed(self) -> Bed {
        match self {
            Class::GroupOfNames => Bed::with_groups().await,
            Class::GroupOfMembers => {
                let slapd = Slapd::builder().rfc2307bis().without(Overlay::RefInt).without(Overlay::MemberOf);
                let slapd = slapd.start().unwrap();
                Bed::with(slapd, |setup| setup.mapping(&optional()).groups("")).await
            }
        }
    }

    /// The name of the class.
    fn name(self) -> &'static str {
        match self {
            Class::GroupOfNames => "groupOfNames",
            Class::GroupOfMembers => "groupOfMembers",
        }
    }
}

/// The shipped mapping with groups that may be empty.
fn optional() -> String {
    let text = MAPPING.replace("[\"groupOfNames\"]", "[\"groupOfMembers\"]");
    let lines = text.lines().filter(|line| !line.starts_with("placeholder"));
    let text = lines.collect::<Vec<_>>().join("\n");
    assert_eq!((text.matches("[\"groupOfMembers\"]").count(), text.contains("\nplaceholder")), (2, false));
    text
}

/// The ids of the entries that are members of the group in the directory; the placeholder left out.
async fn stored(bed: &mut Bed, group: &str) -> Vec<String> {
    let entry = bed.entry(group).await;
    let mut ids = Vec::new();
    for dn in values(&entry, "member").into_iter().filter(|dn| *dn != NOBODY) {
        let found = bed.ldap.search(dn, "(objectClass=*)").await;
        ids.extend(values(&found[0], "entryUUID").into_iter().map(str::to_owned));
    }
    ids.sort();
    ids
}

/// Checks whom the group has: as the bridge says and as the directory has it.
async fn has(bed: &mut Bed, group: &str, members: &[&String]) {
    let mut expected: Vec<String> = members.iter().map(|id| (*id).clone()).collect();
    expected.sort();
    assert_eq!(bed.members(group).await, expected);
    assert_eq!(stored(bed, group).await, expected);
}
