//! A small SCIM server in memory, good enough for the chapters about groups, that does one thing wrong if told so.

use super::{error, list, not_found};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Value, json};
use std::sync::Mutex;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    /// Members are shown though they were excluded.
    ShowsExcluded,
    /// Every group has a member of the server's own.
    Placeholder,
    /// The second of two members is acknowledged and lost.
    LosesMember,
    /// A removed member is acknowledged and stays.
    KeepsMember,
    /// A removal by a list of values takes everybody out.
    RemovesEverybody,
    /// A replaced set is added to the old one.
    AddsToSet,
    /// A member is listed twice.
    ListsTwice,
    /// A disabled user loses its memberships.
    ForgetsDisabled,
    /// A renamed group gets another `id`.
    ChangesId,
    /// `externalId` of groups is dropped.
    DropsExternalId,
    /// Names of groups are stored in lower case.
    LowersName,
    /// A filter compares names octet by octet.
    ComparesExactly,
    /// A hit is listed twice.
    FindsTwice,
    /// `totalResults` counts more than the hits.
    CountsMore,
    /// A deleted resource stays a member.
    KeepsDeleted,
    /// A deleted resource can still be read.
    ShowsDeleted,
    /// A member that is there already is refused.
    RefusesPresent,
    /// A member that is not there cannot be removed.
    RefusesAbsent,
}

/// The resources, by `id`.
pub(super) struct Server {
    flaw: Flaw,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Users and groups without members; the `id` starts with `u` or `g`.
    resources: IndexMap<String, Value>,
    members: IndexMap<String, IndexSet<String>>,
    made: usize,
    patched: usize,
}

impl Server {
    pub(super) fn new(flaw: Flaw) -> Server {
        Server { flaw, state: Mutex::default() }
    }

    /// Answers a request.
    pub(super) fn answer(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let mut state = self.state.lock().unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: IndexMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut parts = path.trim_start_matches("/scim/").split('/');
        let (kind, id) = (parts.next().unwrap(), parts.next());
        let excluded = query.get("excludedAttributes").is_some_and(|names| names == "members");
        let Some(id) = id else {
            return match method {
                "POST" => self.create(&mut state, kind, body),
                _ => self.find(&state, kind, &query, excluded),
            };
        };
        if !state.resources.contains_key(id) {
            return not_found();
        }
        match method {
            "GET" => (200, self.show(&state, id, excluded)),
            "PATCH" => self.patch(&mut state, id, &body),
            _ => self.delete(&mut state, id),
        }
    }

    fn create(&self, state: &mut State, kind: &str, mut body: Value) -> (u16, Value) {
        state.made += 1;
        let id = format!("{}{}", if kind == "Users" { "u" } else { "g" }, state.made);
        let object = body.as_object_mut().unwrap();
        for name in ["roles", "members"] {
            object.shift_remove(name);
        }
        object["schemas"].as_array_mut().unwrap().retain(|urn| urn.as_str().unwrap().starts_with("urn:ietf:"));
        object.insert("id".to_owned(), json!(id));
        if let Some(active) = object.get_mut("active") {
            *active = truth(active);
        }
        let body = body.clone();
        state.resources.insert(id.clone(), body);
        self.spoil(state, &id);
        (201, self.show(state, &id, false))
    }

    fn find(&self, state: &State, kind: &str, query: &IndexMap<String, String>, excluded: bool) -> (u16, Value) {
        let filter = query.get("filter").map(|filter| filter.split_once(" eq ").unwrap());
        let matches = |resource: &Value| {
            let Some((attr, value)) = filter else { return true };
            let (read, value) = (resource[attr].as_str().unwrap_or_default(), value.trim_matches('"'));
            read == value || (self.flaw != Flaw::ComparesExactly && read.to_lowercase() == value.to_lowercase())
        };
        let prefix = if kind == "Users" { 'u' } else { 'g' };
        let hits = state.resources.iter().filter(|(id, resource)| id.starts_with(prefix) && matches(resource));
        let mut hits: Vec<Value> = hits.map(|(id, _)| self.show(state, id, excluded)).collect();
        if query.contains_key("startIndex") {
            let number = |key: &str| query[key].parse::<usize>().unwrap();
            let page: Vec<Value> = hits.iter().skip(number("startIndex") - 1).take(number("count")).cloned().collect();
            let (status, mut answer) = list(&page);
            answer["totalResults"] = json!(hits.len());
            return (status, answer);
        }
        if self.flaw == Flaw::FindsTwice && prefix == 'g' {
            hits.extend(hits.clone());
        }
        let (status, mut answer) = list(&hits);
        if self.flaw == Flaw::CountsMore && prefix == 'g' && !hits.is_empty() {
            answer["totalResults"] = json!(hits.len() + 1);
        }
        (status, answer)
    }

    fn show(&self, state: &State, id: &str, excluded: bool) -> Value {
        let mut resource = state.resources[id].clone();
        let members = state.members.get(id).into_iter().flatten().map(String::as_str);
        let own = (self.flaw == Flaw::Placeholder && id.starts_with('g')).then_some("cn=nobody");
        let mut members: Vec<Value> = members.chain(own).map(|id| json!({ "value": id })).collect();
        if self.flaw == Flaw::ListsTwice {
            members.extend(members.first().cloned());
        }
        if !members.is_empty() && (!excluded || self.flaw == Flaw::ShowsExcluded) {
            resource["members"] = json!(members);
        }
        resource
    }

    fn patch(&self, state: &mut State, id: &str, body: &Value) -> (u16, Value) {
        for operation in body["Operations"].as_array().unwrap() {
            let verb = operation["op"].as_str().unwrap().to_lowercase();
            let value = &operation["value"];
            let refused = match operation["path"].as_str() {
                Some("members") => {
                    let ids = value.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned());
                    self.change(state, id, &verb, ids.collect(), true)
                }
                Some(path) if path.starts_with("members[") => {
                    let one = path.split('"').nth(1).unwrap().to_owned();
                    self.change(state, id, &verb, vec![one], false)
                }
                Some(path) => self.set(state, id, path, value),
                None => value.as_object().unwrap().iter().find_map(|(path, value)| self.set(state, id, path, value)),
            };
            if let Some(detail) = refused {
                return error(400, detail);
            }
        }
        let id = self.spoil(state, id);
        state.patched += 1;
        // both answers are allowed
        if state.patched.is_multiple_of(2) { (200, self.show(state, &id, false)) } else { (204, Value::Null) }
    }

    /// Sets a simple attribute.
    fn set(&self, state: &mut State, id: &str, path: &str, value: &Value) -> Option<&'static str> {
        state.resources[id][path] = if path == "active" { truth(value) } else { value.clone() };
        if self.flaw == Flaw::ForgetsDisabled && state.resources[id]["active"] == false {
            state.members.values_mut().for_each(|members| {
                members.shift_remove(id);
            });
        }
        None
    }

    /// Changes members; why that is refused, if it is.
    fn change(
        &self,
        state: &mut State,
        group: &str,
        verb: &str,
        ids: Vec<String>,
        listed: bool,
    ) -> Option<&'static str> {
        let members = state.members.entry(group.to_owned()).or_default();
        if verb == "replace" && self.flaw != Flaw::AddsToSet {
            members.clear();
        }
        for id in ids {
            match (verb, self.flaw) {
                ("remove", Flaw::KeepsMember) => {}
                ("remove", Flaw::RemovesEverybody) if listed => members.clear(),
                ("remove", Flaw::RefusesAbsent) if !members.contains(&id) => return Some("no such member"),
                ("remove", _) => {
                    members.shift_remove(&id);
                }
                (_, Flaw::LosesMember) if members.len() == 1 => {}
                ("add", Flaw::RefusesPresent) if members.contains(&id) => return Some("a member already"),
                _ => {
                    members.insert(id);
                }
            }
        }
        None
    }

    fn delete(&self, state: &mut State, id: &str) -> (u16, Value) {
        if self.flaw != Flaw::ShowsDeleted {
            state.resources.shift_remove(id);
        }
        state.members.shift_remove(id);
        if self.flaw != Flaw::KeepsDeleted {
            state.members.values_mut().for_each(|members| {
                members.shift_remove(id);
            });
        }
        (204, Value::Null)
    }

    /// Does what it should not to a group that was just written; its `id` from now on.
    fn spoil(&self, state: &mut State, id: &str) -> String {
        let group = &mut state.resources[id];
        if id.starts_with('u') {
            return id.to_owned();
        }
        match self.flaw {
            Flaw::DropsExternalId => {
                group.as_object_mut().unwrap().shift_remove("externalId");
            }
            Flaw::LowersName => group["displayName"] = json!(group["displayName"].as_str().unwrap().to_lowercase()),
            Flaw::ChangesId if group["displayName"].as_str().unwrap().contains("Den Haag") => {
                state.made += 1;
                group["id"] = json!(format!("g{}", state.made));
            }
            _ => {}
        }
        id.to_owned()
    }
}

/// A boolean, also from text.
fn truth(value: &Value) -> Value {
    json!(value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))))
}
