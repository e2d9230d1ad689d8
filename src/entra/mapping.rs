//! The attribute mapping of an enterprise application: which Entra attribute goes to which SCIM path.

use super::object::Object;
use super::target::Target;
use serde_json::{Value, json};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A text attribute by its Entra name.
    Attribute(&'static str),
    /// The object id.
    ObjectId,
    /// `Join(" ", [givenName], [surname])`.
    FullName,
    /// `Switch([IsSoftDeleted], , "False", "True", "True", "False")`.
    Active,
}

/// One row of the mapping.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where the value comes from.
    pub source: Source,
    /// Where it goes.
    pub target: Target,
}

/// The rows for users or for groups; the first one is the matching attribute unless said otherwise.
#[derive(Clone, Debug)]
pub struct Mapping {
    rows: Vec<Row>,
    matching: Vec<Target>,
    /// Whether managers are sent.
    pub manager: bool,
}

/// The mapping of groups that a new non-gallery application has, beside the members.
const DEFAULT_GROUPS: [(Source, &str); 2] =
    [(Source::Attribute("displayName"), "displayName"), (Source::ObjectId, "externalId")];

/// The mapping of users that a new non-gallery application has.
const DEFAULT: [(Source, &str); 21] = [
    (Source::Attribute("userPrincipalName"), "userName"),
    (Source::Active, "active"),
    (Source::Attribute("displayName"), "displayName"),
    (Source::Attribute("jobTitle"), "title"),
    (Source::Attribute("mail"), "emails[type eq \"work\"].value"),
    (Source::Attribute("preferredLanguage"), "preferredLanguage"),
    (Source::Attribute("givenName"), "name.givenName"),
    (Source::Attribute("surname"), "name.familyName"),
    (Source::FullName, "name.formatted"),
    (Source::Attribute("physicalDeliveryOfficeName"), "addresses[type eq \"work\"].formatted"),
    (Source::Attribute("streetAddress"), "addresses[type eq \"work\"].streetAddress"),
    (Source::Attribute("city"), "addresses[type eq \"work\"].locality"),
    (Source::Attribute("state"), "addresses[type eq \"work\"].region"),
    (Source::Attribute("postalCode"), "addresses[type eq \"work\"].postalCode"),
    (Source::Attribute("country"), "addresses[type eq \"work\"].country"),
    (Source::Attribute("telephoneNumber"), "phoneNumbers[type eq \"work\"].value"),
    (Source::Attribute("mobile"), "phoneNumbers[type eq \"mobile\"].value"),
    (Source::Attribute("facsimileTelephoneNumber"), "phoneNumbers[type eq \"fax\"].value"),
    (Source::Attribute("mailNickname"), "externalId"),
    (Source::Attribute("employeeId"), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    (Source::Attribute("department"), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
];

impl Mapping {
    /// The whole default mapping, matching on `userName`, with the manager.
    pub fn default_users() -> Mapping {
        Mapping { manager: true, ..Mapping::new(DEFAULT.iter().cloned()) }
    }

    /// The default mapping of groups: `displayName`, on which it matches, and the object id as `externalId`.
    pub fn default_groups() -> Mapping {
        Mapping::new(DEFAULT_GROUPS)
    }

    /// A mapping of these rows, matching on the first, without the manager. A path that cannot be read is left out.
    pub fn new<'a>(rows: impl IntoIterator<Item = (Source, &'a str)>) -> Mapping {
        let rows = rows.into_iter().filter_map(|(source, path)| Some(Row { source, target: Target::parse(path)? }));
        let rows: Vec<Row> = rows.collect();
        let matching = rows.iter().take(1).map(|row| row.target.clone()).collect();
        Mapping { rows, matching, manager: false }
    }

    /// The same mapping with other matching attributes, tried in this order until one finds something.
    pub fn matching(mut self, paths: &[&str]) -> Mapping {
        self.matching = paths.iter().filter_map(|path| Target::parse(path)).collect();
        self
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The matching attributes with this object's values, in order of precedence.
    pub(super) fn matches(&self, object: &dyn Object) -> Vec<(&Target, String)> {
        let row = |target: &Target| self.rows.iter().find(|row| row.target == *target);
        let value = |target| row(target)?.value(object)?.as_str().map(str::to_owned);
        self.matching.iter().filter_map(|target| Some((target, value(target)?))).collect()
    }

    /// The first matching attribute: the one that probes ask for.
    pub(super) fn probed(&self) -> Option<&Target> {
        self.matching.first()
    }
}

impl Row {
    /// The value that this row has for an object; `None` when the source is empty, which Entra does not send.
    pub(super) fn value(&self, object: &dyn Object) -> Option<Value> {
        match self.source {
            Source::Attribute(name) => object.attribute(name).map(Value::from),
            Source::ObjectId => Some(json!(object.object_id())),
            Source::Active => Some(json!(object.is_enabled())),
            Source::FullName => {
                let names = ["givenName", "surname"].iter().filter_map(|name| object.attribute(name));
                let names: Vec<&str> = names.collect();
                (!names.is_empty()).then(|| json!(names.join(" ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Group, User};
    use super::*;

    #[test]
    fn groups_match_by_name_and_carry_their_object_id() {
        let (mapping, group) = (Mapping::default_groups(), Group::new("Team"));
        let matches = mapping.matches(&group);
        assert_eq!(matches.len(), 1);
        assert_eq!((matches[0].0.as_str(), matches[0].1.as_str()), ("displayName", "Team"));
        let values: Vec<Value> = mapping.rows().iter().filter_map(|row| row.value(&group)).collect();
        assert_eq!(values, [json!("Team"), json!(group.object_id)]);
    }

    #[test]
    fn the_default_mapping_is_complete_and_skips_empty_sources() {
        let mapping = Mapping::default_users();
        assert_eq!(mapping.rows().len(), DEFAULT.len());
        let user = User::new("jo@x").with("surname", "Doe").with("jobTitle", "");
        let sent = mapping.rows().iter().filter_map(|row| Some((row.target.as_str(), row.value(&user)?)));
        let expected = [
            ("userName", json!("jo@x")),
            ("active", json!(true)),
            ("name.familyName", json!("Doe")),
            ("name.formatted", json!("Doe")),
        ];
        assert_eq!(sent.collect::<Vec<_>>(), expected);
        assert_eq!(mapping.matches(&user).len(), 1);
        let by_object_id = Mapping::new([(Source::ObjectId, "externalId")]);
        assert_eq!(by_object_id.matches(&user)[0].1, user.object_id);
    }
}
