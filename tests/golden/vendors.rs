//! Requests that every kind of directory gets: their plans can be compared file by file.

use crate::PATCH;
use crate::record::{Case, Id};
use scim_ldap_bridge::ldap::Entry;
use serde_json::{Value as Json, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The resources of a directory, by their SCIM ids. Jo and Kim are in the team, which is in the outer group, as Jo is.
#[derive(Clone)]
pub(crate) struct Ids {
    /// An enabled user.
    pub(crate) jo: &'static str,
    /// Another one.
    pub(crate) kim: &'static str,
    /// One who is disabled and in no group.
    pub(crate) lee: &'static str,
    /// A group of users.
    pub(crate) team: &'static str,
    /// A group of a group.
    pub(crate) outer: &'static str,
}

/// Requests, and the directory that they meet.
pub(crate) struct Requests {
    ids: Ids,
    entries: Vec<Entry>,
}

impl Requests {
    /// Requests about these in a directory of these entries.
    pub(crate) const fn new(ids: Ids, entries: Vec<Entry>) -> Self {
        Self { ids, entries }
    }

    fn case(&self, name: &'static str, method: &'static str, id: Id, body: Json) -> Case {
        Case { name, method, id, body, entries: self.entries.clone() }
    }

    /// A new user.
    pub(crate) fn create(&self, name: &'static str, user: Json) -> Case {
        self.case(name, "POST", Id::User(self.ids.jo), user)
    }

    fn create_group(&self, name: &'static str, group: Json) -> Case {
        self.case(name, "POST", Id::Group(self.ids.team), group)
    }

    /// Changes of Jo.
    pub(crate) fn patch(&self, name: &'static str, operations: &[Json]) -> Case {
        self.patch_of(Id::User(self.ids.jo), name, operations)
    }

    /// Changes of a resource.
    pub(crate) fn patch_of(&self, id: Id, name: &'static str, operations: &[Json]) -> Case {
        self.case(name, "PATCH", id, json!({"schemas": [PATCH], "Operations": operations}))
    }

    fn patch_group(&self, name: &'static str, operations: &[Json]) -> Case {
        self.patch_of(Id::Group(self.ids.team), name, operations)
    }

    /// Requests about users.
    pub(crate) fn users(&self) -> Vec<Case> {
        let Ids { jo, kim, lee, .. } = self.ids;
        vec![
            self.create("create", full(kim)),
            self.create("create-minimal", json!({"userName": "new@example.com"})),
            self.create("create-disabled", json!({"userName": "new@example.com", "active": "False"})),
            self.patch("disable", &[replace("active", "False")]),
            self.patch("disable-and-change", &[replace("active", "False"), replace("title", "Lead")]),
            self.patch_of(Id::User(lee), "disable-again", &[replace("active", "False")]),
            self.patch_of(Id::User(lee), "enable", &[replace("active", "True")]),
            self.patch("change", &[replace("title", "Lead"), replace("emails[type eq \"work\"].value", "")]),
            self.patch("rename", &[replace("userName", "joan@example.com")]),
            self.patch("change-display-name", &[replace("displayName", "Joan Doe")]),
            self.patch("manager", &[replace(&format!("{ENTERPRISE}:manager"), kim)]),
            self.case("delete", "DELETE", Id::User(jo), Json::Null),
        ]
    }

    /// Requests about groups.
    pub(crate) fn groups(&self) -> Vec<Case> {
        let Ids { jo, kim, lee, team, outer } = self.ids;
        let with =
            json!({"displayName": "New, <team>", "externalId": "e-1", "members": [{"value": jo}, {"value": team}]});
        vec![
            self.create_group("group-create", json!({"displayName": "New"})),
            self.create_group("group-create-with-members", with),
            self.patch_group("group-add-one", &[members("Add", &[lee])]),
            self.patch_group("group-add-several", &[members("Add", &[jo, lee, outer])]),
            self.patch_group(
                "group-remove-one",
                &[json!({"op": "Remove", "path": format!("members[value eq \"{jo}\"]")})],
            ),
            self.patch_group("group-remove-several", &[members("Remove", &[jo, kim])]),
            self.patch_group("group-add-and-remove", &[members("Add", &[lee]), members("Remove", &[jo])]),
            self.patch_group("group-replace-members", &[members("Replace", &[kim, lee])]),
            self.patch_group("group-clear-members", &[json!({"op": "Remove", "path": "members"})]),
            self.patch_group("group-rename", &[replace("displayName", "Crew")]),
            self.patch_group("group-rename-and-add", &[replace("displayName", "Crew"), members("Add", &[lee])]),
            self.case("group-delete", "DELETE", Id::Group(team), Json::Null),
        ]
    }
}

/// A PATCH operation that gives an attribute a value.
pub(crate) fn replace(path: &str, value: &str) -> Json {
    json!({"op": "Replace", "path": path, "value": value})
}

/// One that moves a user to a department.
pub(crate) fn department(name: &str) -> Json {
    replace(&format!("{ENTERPRISE}:department"), name)
}

/// A new user of a department.
pub(crate) fn of_department(name: &str) -> Json {
    json!({"userName": "new@example.com", (ENTERPRISE): {"department": name}})
}

fn members(op: &str, ids: &[&str]) -> Json {
    let value: Vec<Json> = ids.iter().map(|id| json!({"value": id})).collect();
    json!({"op": op, "path": "members", "value": value})
}

/// A user with all that Entra sends by default.
fn full(manager: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "max", "userName": "max.m@example.com", "active": true, "displayName": "Max M.",
        "title": "Engineer", "preferredLanguage": "nl", "meta": {"resourceType": "User"},
        "emails": [{"primary": true, "type": "work", "value": "max.m@example.com"}],
        "name": {"formatted": "Max M.", "givenName": "Max", "familyName": "Muster"},
        "addresses": [{"type": "work", "formatted": "B2", "streetAddress": "1 Main St", "locality": "Delft",
            "region": "ZH", "postalCode": "2600", "country": "The Netherlands"}],
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "mobile", "value": "+31 6"},
            {"type": "fax", "value": "+31 9"}],
        (ENTERPRISE): {"employeeNumber": "7", "department": "IT", "manager": {"value": manager}},
        "roles": [],
    })
}
