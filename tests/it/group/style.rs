//! The ways in which groups keep their members, each with a directory and a mapping for it.

use crate::support::bed::Bed;
use crate::support::bridge::MAPPING;
use crate::support::ldap::values;
use ldap3::SearchEntry;
use scim_ldap_bridge::lab::{Builder, Slapd};
use std::collections::BTreeSet;

/// The shipped mapping for Unix.
pub(super) const POSIX: &str = include_str!("../../../config/mappings/openldap-posix.toml");

/// The member who is nobody, and who stands in every group whose class demands one.
pub(super) const PLACEHOLDER: &str = "cn=nobody,dc=example,dc=com";

/// One way to keep members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `groupOfNames` with a placeholder.
    Names,
    /// `groupOfUniqueNames` with a placeholder.
    UniqueNames,
    /// `groupOfMembers`, which may be empty.
    Members,
    /// `posixGroup` with `memberUid` (RFC 2307).
    Posix,
    /// `posixGroup` beside `groupOfMembers` (RFC 2307bis).
    PosixBis,
}

/// All of them.
pub(super) const STYLES: [Style; 5] = [Style::Names, Style::UniqueNames, Style::Members, Style::Posix, Style::PosixBis];

impl Style {
    /// A directory for it.
    pub(super) fn directory(self) -> Builder {
        let builder = Slapd::builder().counter("uid", 20_000).counter("gid", 30_000);
        match self {
            Style::Names | Style::Posix => builder,
            Style::UniqueNames => builder.references(&["uniqueMember", "manager"]),
            Style::Members | Style::PosixBis => builder.rfc2307bis(),
        }
    }

    /// A mapping for it.
    pub(super) fn mapping(self) -> String {
        match self {
            Style::Names => MAPPING.to_owned(),
            Style::UniqueNames => MAPPING
                .replace("\"groupOfNames\"", "\"groupOfUniqueNames\"")
                .replace("ldap = \"member\"", "ldap = \"uniqueMember\""),
            Style::Members => without_placeholder(&MAPPING.replace("\"groupOfNames\"", "\"groupOfMembers\"")),
            Style::Posix => POSIX.to_owned(),
            Style::PosixBis => {
                let (numbers, example) = POSIX.rsplit_once("\n# [group]\n").expect("the example at the end");
                let (users, _) = numbers.split_once("\n[group]\n").expect("a table of groups");
                let example = example.replace("\n# ", "\n").replace("\n#\n", "\n\n");
                let example = example.strip_prefix("# ").unwrap_or(&example);
                format!(
                    "{users}\n[group]\n{example}\n[group.attributes]\ndisplayName = {{ ldap = \"cn\", required = true }}\n\
                     [group.numbers]\ngidNumber = {{ counter = \"cn=gid,ou=counters,dc=example,dc=com\", last = 59999 }}\n"
                )
            }
        }
    }

    /// A bridge with groups of this style before a directory for it.
    pub(super) async fn bed(self) -> Bed {
        Bed::with(self.directory().start().unwrap(), |setup| setup.mapping(&self.mapping()).groups("")).await
    }

    /// The object classes of a group that somebody else makes.
    pub(super) fn classes(self) -> &'static [&'static str] {
        match self {
            Style::Names => &["groupOfNames"],
            Style::UniqueNames => &["groupOfUniqueNames"],
            Style::Members => &["groupOfMembers"],
            Style::Posix => &["posixGroup"],
            Style::PosixBis => &["groupOfMembers", "posixGroup"],
        }
    }

    /// The attribute that holds members.
    pub(super) fn attr(self) -> &'static str {
        match self {
            Style::UniqueNames => "uniqueMember",
            Style::Posix => "memberUid",
            Style::Names | Style::Members | Style::PosixBis => "member",
        }
    }

    /// Whether groups have numbers.
    pub(super) fn has_numbers(self) -> bool {
        matches!(self, Style::Posix | Style::PosixBis)
    }

    /// Whether groups may be in groups.
    pub(super) fn is_nested(self) -> bool {
        self != Style::Posix
    }

    /// What stands in every group.
    pub(super) fn placeholder(self) -> Option<&'static str> {
        matches!(self, Style::Names | Style::UniqueNames).then_some(PLACEHOLDER)
    }

    /// The value by which an entry is a member.
    pub(super) fn value_of(self, entry: &SearchEntry) -> String {
        if self == Style::Posix { values(entry, "uid")[0].to_owned() } else { entry.dn.clone() }
    }

    /// Members that are no resource of the endpoint.
    pub(super) fn foreign(self) -> [&'static str; 2] {
        match self {
            Style::Posix => ["root", "ghost"],
            _ => ["cn=scim-bridge,ou=services,dc=example,dc=com", "uid=ghost,ou=people,dc=example,dc=com"],
        }
    }
}

/// A mapping whose groups may be empty.
pub(super) fn without_placeholder(mapping: &str) -> String {
    mapping.lines().filter(|line| !line.starts_with("placeholder")).map(|line| format!("{line}\n")).collect()
}

impl Bed {
    /// The values that are stored as members of a group, sorted.
    pub(super) async fn stored(&mut self, style: Style, id: &str) -> Vec<String> {
        let group = self.entry(id).await;
        values(&group, style.attr()).into_iter().map(str::to_owned).collect()
    }

    /// Checks who is in a group: `ids` for the client, and in the directory these with the placeholder and `others`.
    pub(super) async fn holds(&mut self, style: Style, id: &str, ids: &[&str], others: &[&str], when: &str) {
        let mut shown: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        shown.sort();
        assert_eq!(self.members(id).await, shown, "{style:?}: {when}");
        let mut wanted: Vec<String> = others.iter().map(|value| (*value).to_owned()).collect();
        for id in ids {
            wanted.push(style.value_of(&self.entry(id).await));
        }
        let stored = self.stored(style, id).await;
        // a DN in another letter case is the same, a name is not
        let spelled = |values: Vec<String>| {
            let fold = |value: String| if style == Style::Posix { value } else { value.to_lowercase() };
            values.into_iter().map(fold).collect::<BTreeSet<String>>()
        };
        assert_eq!(stored.len(), wanted.len(), "{style:?}: {when}: {stored:?}");
        assert_eq!(spelled(stored), spelled(wanted), "{style:?}: {when}");
    }
}
