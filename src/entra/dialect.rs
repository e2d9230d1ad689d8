//! The two dialects in which Entra writes a PATCH: without flag (the default), and with `?aadOptscim062020`.

use super::target::{ENTERPRISE, Target};
use serde_json::{Map, Value, json};

/// Which dialect a job speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// No flag: `Add`, `Replace`, `Remove`; booleans as text; one operation per attribute.
    A,
    /// `aadOptscim062020`: lower case, real booleans, replaced simple attributes gathered without path.
    B,
}

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// Where it goes.
    pub(super) target: Target,
    /// The value: a string or a boolean.
    pub(super) value: Value,
    /// Whether the resource has another value there.
    pub(super) replaces: bool,
}

/// The shapes in which a manager has been seen in a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagerShape {
    /// `"path": "manager", "value": [{"$ref": …, "value": …}]`
    ListWithReference,
    /// The whole URN and a plain string.
    Text,
    /// The whole URN and `{"value": …}`.
    Object,
}

/// The shapes in which the removal of a manager has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagerRemoval {
    /// `replace` with `{"value": ""}`.
    EmptyObject,
    /// `Replace` with `""`.
    EmptyText,
    /// `Remove` without value.
    Remove,
}

/// How changes of a group's members are spread over PATCHes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberPatches {
    /// One member in each, many of them at the same time, and now and then the same one twice.
    Parallel,
    /// Up to this many members in each, added and removed ones together, one PATCH after the other.
    Gathered(usize),
}

impl ManagerShape {
    /// All of them.
    pub const ALL: [ManagerShape; 3] = [ManagerShape::ListWithReference, ManagerShape::Text, ManagerShape::Object];
}

impl ManagerRemoval {
    /// All of them.
    pub const ALL: [ManagerRemoval; 3] =
        [ManagerRemoval::EmptyObject, ManagerRemoval::EmptyText, ManagerRemoval::Remove];
}

impl Dialect {
    /// The query key that an administrator adds to the tenant URL.
    pub(super) fn flag(self) -> Option<&'static str> {
        (self == Dialect::B).then_some("aadOptscim062020")
    }

    /// The body of a PATCH that writes these values.
    pub(super) fn patch(self, changes: &[Change]) -> Value {
        let mut operations = Vec::new();
        let mut gathered = Map::new();
        for change in changes {
            if self == Dialect::B && change.replaces && change.target.is_simple() && change.value.is_string() {
                // one member per attribute, its key dotted or a whole URN
                gathered.insert(change.target.to_string(), change.value.clone());
                continue;
            }
            let verb = if change.replaces { "Replace" } else { "Add" };
            operations.push(json!({
                "op": self.verb(verb), "path": change.target.as_str(), "value": self.value(&change.value),
            }));
        }
        if !gathered.is_empty() {
            operations.push(json!({ "op": self.verb("Replace"), "value": gathered }));
        }
        envelope(operations)
    }

    /// The body of a PATCH that sets a manager.
    pub(super) fn set_manager(self, shape: ManagerShape, id: &str, base: &str, replaces: bool) -> Value {
        let verb = self.verb(if replaces { "Replace" } else { "Add" });
        let path = format!("{ENTERPRISE}:manager");
        envelope(vec![match shape {
            ManagerShape::ListWithReference => {
                let reference = format!("{base}/Users/{id}");
                json!({ "op": verb, "path": "manager", "value": [{ "$ref": reference, "value": id }] })
            }
            ManagerShape::Text => json!({ "op": verb, "path": path, "value": id }),
            ManagerShape::Object => json!({ "op": verb, "path": path, "value": { "value": id } }),
        }])
    }

    /// The body of a PATCH that removes a manager.
    pub(super) fn remove_manager(self, removal: ManagerRemoval) -> Value {
        let path = format!("{ENTERPRISE}:manager");
        envelope(vec![match removal {
            ManagerRemoval::EmptyObject => {
                json!({ "op": self.verb("Replace"), "path": path, "value": { "value": "" } })
            }
            ManagerRemoval::EmptyText => json!({ "op": self.verb("Replace"), "path": path, "value": "" }),
            ManagerRemoval::Remove => json!({ "op": self.verb("Remove"), "path": path }),
        }])
    }

    /// The body of a PATCH that adds and removes these members of a group.
    pub(super) fn members(self, added: &[&str], removed: &[&str]) -> Value {
        let elements = |ids: &[&str]| ids.iter().map(|id| self.member(id)).collect::<Vec<Value>>();
        let mut operations = Vec::new();
        if !added.is_empty() {
            operations.push(json!({ "op": self.verb("Add"), "path": "members", "value": elements(added) }));
        }
        match self {
            Dialect::A if removed.is_empty() => {}
            Dialect::A => operations.push(json!({ "op": "Remove", "path": "members", "value": elements(removed) })),
            Dialect::B => operations.extend(
                removed.iter().map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })),
            ),
        }
        envelope(operations)
    }

    /// The body of a PATCH that empties an attribute with `""` or `null`.
    pub(super) fn clear(self, target: &Target, empty: &Value) -> Value {
        envelope(vec![json!({ "op": self.verb("Replace"), "path": target.as_str(), "value": empty })])
    }

    /// An element of `members`: without the flag it has a reference, which is always null.
    fn member(self, id: &str) -> Value {
        match self {
            Dialect::A => json!({ "$ref": null, "value": id }),
            Dialect::B => json!({ "value": id }),
        }
    }

    /// A verb as this dialect spells it.
    fn verb(self, verb: &str) -> String {
        if self == Dialect::B { verb.to_ascii_lowercase() } else { verb.to_owned() }
    }

    /// A value as this dialect writes it.
    fn value(self, value: &Value) -> Value {
        match (self, value) {
            (Dialect::A, Value::Bool(true)) => json!("True"),
            (Dialect::A, Value::Bool(false)) => json!("False"),
            _ => value.clone(),
        }
    }
}

/// Wraps operations (RFC 7644 §3.5.2).
pub(super) fn envelope(operations: Vec<Value>) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<Change> {
        let rows = [
            ("active", json!(false), true),
            ("displayName", json!("Jo"), true),
            ("name.givenName", json!("Jo"), true),
            ("emails[type eq \"work\"].value", json!("jo@x"), true),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", json!("IT"), true),
            ("title", json!("Lead"), false),
        ];
        let rows = rows.into_iter();
        rows.map(|(path, value, replaces)| Change { target: Target::parse(path).unwrap(), value, replaces }).collect()
    }

    #[test]
    fn without_the_flag_each_attribute_has_an_operation_and_booleans_are_text() {
        let body = Dialect::A.patch(&changes());
        let operations = body["Operations"].as_array().unwrap();
        assert_eq!(operations.len(), 6);
        assert_eq!(operations[0], json!({"op": "Replace", "path": "active", "value": "False"}));
        assert_eq!(operations[5], json!({"op": "Add", "path": "title", "value": "Lead"}));
    }

    #[test]
    fn with_the_flag_replaced_simple_attributes_are_gathered() {
        let body = Dialect::B.patch(&changes());
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        let expected = json!([
            {"op": "replace", "path": "active", "value": false},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "jo@x"},
            {"op": "add", "path": "title", "value": "Lead"},
            {"op": "replace", "value": {"displayName": "Jo", "name.givenName": "Jo", department: "IT"}},
        ]);
        assert_eq!(body["Operations"], expected);
        assert_eq!(Dialect::B.flag(), Some("aadOptscim062020"));
    }

    #[test]
    fn managers_are_written_and_removed_in_every_shape_seen() {
        let list = Dialect::A.set_manager(ManagerShape::ListWithReference, "42", "https://h/scim/v2", false);
        let value = json!([{"$ref": "https://h/scim/v2/Users/42", "value": "42"}]);
        assert_eq!(list["Operations"], json!([{"op": "Add", "path": "manager", "value": value}]));
        let text = Dialect::A.set_manager(ManagerShape::Text, "42", "", true);
        assert_eq!(text["Operations"][0]["value"], json!("42"));
        let gone = Dialect::B.remove_manager(ManagerRemoval::EmptyObject);
        assert_eq!(gone["Operations"][0]["value"], json!({"value": ""}));
        assert_eq!(Dialect::A.remove_manager(ManagerRemoval::Remove)["Operations"][0]["op"], json!("Remove"));
    }

    #[test]
    fn members_are_added_and_removed_by_lists_and_with_the_flag_removed_by_filters() {
        let without = Dialect::A.members(&["1"], &["2", "3"]);
        let removed = json!([{"$ref": null, "value": "2"}, {"$ref": null, "value": "3"}]);
        let expected = json!([
            {"op": "Add", "path": "members", "value": [{"$ref": null, "value": "1"}]},
            {"op": "Remove", "path": "members", "value": removed},
        ]);
        assert_eq!(without["Operations"], expected);
        let with = Dialect::B.members(&["1", "4"], &["2", "3"]);
        let expected = json!([
            {"op": "add", "path": "members", "value": [{"value": "1"}, {"value": "4"}]},
            {"op": "remove", "path": "members[value eq \"2\"]"},
            {"op": "remove", "path": "members[value eq \"3\"]"},
        ]);
        assert_eq!(with["Operations"], expected);
        assert_eq!(Dialect::A.members(&[], &["2"])["Operations"].as_array().unwrap().len(), 1);
        assert_eq!(Dialect::B.members(&["2"], &[])["Operations"].as_array().unwrap().len(), 1);
    }
}
