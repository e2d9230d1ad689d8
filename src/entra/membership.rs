//! The members of a group as far as the client knows: what was sent, and what must be there when the group is read.

use super::report::Exchange;
use indexmap::IndexSet;
use serde_json::Value;
use std::collections::HashSet;

/// What is known of a group's members at the target, by their `id`s.
#[derive(Debug, Default)]
pub(super) struct Membership {
    /// Those that were added and acknowledged.
    certain: IndexSet<String>,
    /// Those of which a change failed: they may be there or not.
    doubtful: IndexSet<String>,
}

impl Membership {
    /// A group that has exactly these members.
    pub(super) fn of(certain: IndexSet<String>) -> Membership {
        Membership { certain, doubtful: IndexSet::new() }
    }

    /// The members that must be added so that the group has the wanted ones.
    pub(super) fn added(&self, wanted: &IndexSet<String>) -> Vec<String> {
        let settled = |id: &String| self.certain.contains(id) && !self.doubtful.contains(id);
        wanted.iter().filter(|id| !settled(id)).cloned().collect()
    }

    /// The members that must be removed so that the group has only the wanted ones.
    pub(super) fn removed(&self, wanted: &IndexSet<String>) -> Vec<String> {
        self.certain.union(&self.doubtful).filter(|id| !wanted.contains(*id)).cloned().collect()
    }

    /// Notes that a member was added or removed without a fault.
    pub(super) fn settle(&mut self, id: &str, present: bool) {
        self.doubtful.shift_remove(id);
        if present {
            self.certain.insert(id.to_owned());
        } else {
            self.certain.shift_remove(id);
        }
    }

    /// Notes that a change of a member failed, or was not answered.
    pub(super) fn doubt(&mut self, id: &str) {
        self.doubtful.insert(id.to_owned());
    }

    /// Notes that a resource is gone; whether it was a member.
    pub(super) fn forget(&mut self, id: &str) -> bool {
        let doubtful = self.doubtful.shift_remove(id);
        self.certain.shift_remove(id) || doubtful
    }

    /// Compares with the members that a group shows, in whatever order; `foreign` allows others beside.
    pub(super) fn check(&self, exchange: &mut Exchange, group: &Value, foreign: bool) {
        let mut seen = HashSet::new();
        let mut unknown = Vec::new();
        for element in group["members"].as_array().into_iter().flatten() {
            let Some(id) = element["value"].as_str() else {
                exchange.fault(format!("the member {element} has no `value`"));
                continue;
            };
            if !seen.insert(id) {
                exchange.fault(format!("the member `{id}` is listed twice"));
            }
            if element["$ref"].as_str().is_some_and(|reference| !reference.ends_with(&format!("/{id}"))) {
                exchange.fault(format!("`$ref` of the member {element} leads elsewhere"));
            }
            if !foreign && !self.certain.contains(id) && !self.doubtful.contains(id) {
                unknown.push(id);
            }
        }
        let missing = self.certain.iter().map(String::as_str);
        let missing = missing.filter(|id| !self.doubtful.contains(*id) && !seen.contains(id));
        blame(exchange, "were never added, or were removed, and are there", &unknown);
        blame(exchange, "were added and are absent", &missing.collect::<Vec<&str>>());
    }
}

/// Notes a fault of some members, the first few by `id`.
fn blame(exchange: &mut Exchange, what: &str, ids: &[&str]) {
    if let Some(few) = ids.get(..ids.len().min(5)).filter(|few| !few.is_empty()) {
        exchange.fault(format!("{} members {what}: {}", ids.len(), few.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::answered;
    use super::*;
    use serde_json::json;

    fn ids(ids: &[&str]) -> IndexSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    /// 1 and 2 were added; an addition of 3 and a removal of 4 failed.
    fn membership() -> Membership {
        let mut membership = Membership::of(ids(&["1", "2", "4"]));
        membership.doubt("3");
        membership.doubt("4");
        membership
    }

    /// The faults of a group that shows these members.
    fn faults(members: Value, foreign: bool) -> Vec<String> {
        let mut exchange = answered(200, json!({}));
        membership().check(&mut exchange, &json!({ "members": members }), foreign);
        exchange.faults
    }

    #[test]
    fn what_is_in_doubt_is_sent_again() {
        let mut membership = membership();
        assert_eq!(membership.added(&ids(&["1", "3", "5"])), ["3", "5"]);
        assert_eq!(membership.removed(&ids(&["1", "5"])), ["2", "4", "3"]);
        membership.settle("3", true);
        membership.settle("4", false);
        assert_eq!(membership.added(&ids(&["1", "2", "3"])), [""; 0]);
        assert_eq!(membership.removed(&ids(&["1", "2", "3"])), [""; 0]);
        assert!(membership.forget("3") && !membership.forget("4"));
    }

    #[test]
    fn members_are_compared_as_a_set() {
        assert_eq!(faults(json!([{"value": "2"}, {"value": "1", "$ref": "https://h/Users/1"}]), false), [""; 0]);
        assert_eq!(faults(json!([{"value": "1"}, {"value": "2"}, {"value": "3"}, {"value": "4"}]), false), [""; 0]);
        assert_eq!(faults(json!([{"value": "1"}, {"value": "2"}, {"value": "9"}]), true), [""; 0]);
    }

    #[test]
    fn lost_foreign_doubled_and_unreadable_members_are_named() {
        assert_eq!(faults(json!([{"value": "1"}]), true), ["1 members were added and are absent: 2"]);
        assert_eq!(faults(Value::Null, false), ["2 members were added and are absent: 1, 2"]);
        let foreign = json!([{"value": "1"}, {"value": "2"}, {"value": "9"}]);
        assert_eq!(faults(foreign, false), ["1 members were never added, or were removed, and are there: 9"]);
        let twice = json!([{"value": "1"}, {"value": "2"}, {"value": "1"}]);
        assert_eq!(faults(twice, false), ["the member `1` is listed twice"]);
        let elsewhere = json!([{"value": "1", "$ref": "https://h/Users/2"}, {"value": "2"}, "3"]);
        let expected = [
            "`$ref` of the member {\"value\":\"1\",\"$ref\":\"https://h/Users/2\"} leads elsewhere",
            "the member \"3\" has no `value`",
        ];
        assert_eq!(faults(elsewhere, false), expected);
    }
}
