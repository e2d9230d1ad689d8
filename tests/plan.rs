//! What plans make of facts that changed while they were gathered.

mod realm;

use realm::realm;
use scim_ldap_bridge::fault::Document;
use scim_ldap_bridge::ldap::{AttrType, Dn, Entry, Facts, Query, ResultCode, Scope, Value};
use scim_ldap_bridge::mapping::{Mapping, compile};
use scim_ldap_bridge::plan::{Answer, Error, Next, Plan, Request, next};
use scim_ldap_bridge::scim::Patch;
use scim_ldap_bridge::vendor;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const KIM: &str = "6f1c1f6e-0000-4000-8000-000000000002";

/// The short name is made from the `userName`, which is kept whole in `mail`.
const SHORT_NAMES: &str = include_str!("short-names.toml");

fn mapping(text: &str) -> Arc<Mapping> {
    let document = Document::parse(Path::new("mapping.toml"), text).expect("TOML");
    let mapping = compile(&mut document.reader(), vendor::profile("openldap").expect("a vendor"));
    let faults = document.into_faults();
    assert!(faults.is_empty(), "{faults}");
    Arc::new(mapping.expect("a mapping"))
}

fn shipped() -> Arc<Mapping> {
    mapping(include_str!("../config/mappings/openldap.toml"))
}

fn entry(uid: &str, id: &str, attrs: &[(&'static str, &str)]) -> Entry {
    let entry = Entry::new(Dn::parse(&format!("uid={uid},ou=people,dc=example,dc=com")).expect("a DN"));
    let usual = [("entryUUID", id), ("objectClass", "inetOrgPerson"), ("objectClass", "scimResource"), ("uid", uid)];
    usual.iter().chain(attrs).fold(entry, |entry, (attr, value)| {
        let attr = AttrType::known(attr);
        let values: Vec<Value> = entry.get(&attr).iter().cloned().chain([Value::from(*value)]).collect();
        entry.with(attr, values)
    })
}

/// Plans with whatever `answer` says to each question.
fn plan(
    mapping: &Arc<Mapping>,
    scope: Scope,
    request: &Request,
    answer: impl Fn(&Query) -> Vec<Entry>,
) -> Result<Plan, Error> {
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    let realm = realm(mapping, "ou=people,dc=example,dc=com", scope);
    let site = realm.users(now);
    let mut facts = Facts::default();
    loop {
        match next(&site, request, &facts)? {
            Next::Done(plan) => return Ok(plan),
            Next::Draw(counter) => facts.draw(counter, 10_000),
            Next::Ask(queries) => queries.into_iter().for_each(|query| {
                let found = answer(&query);
                facts.insert(query, found);
            }),
        }
    }
}

fn rename(mapping: &Mapping) -> Request {
    let operations = json!({"Operations": [{"op": "replace", "path": "userName", "value": "joan"}]});
    Request::Patch { id: JO.to_owned(), patch: Patch::parse(&mapping.user.resource_type, operations).expect("a patch") }
}

fn create(mapping: &Mapping, name: &str, unsure: bool) -> Request {
    let resource = mapping.user.resource_type.read(json!({"userName": name})).expect("a resource").resource;
    Request::Create { resource, unsure }
}

#[test]
fn an_entry_that_moved_meanwhile_is_not_in_its_own_way() {
    let mapping = shipped();
    let rename = rename(&mapping);
    let answer = |found: Entry| {
        move |query: &Query| {
            if query.filter.to_string().contains(JO) { vec![entry("jo", JO, &[])] } else { vec![found.clone()] }
        }
    };
    let plan_of = |found| plan(&mapping, Scope::Sub, &rename, answer(found));
    let moved = plan_of(entry("joan", JO, &[])).expect("a plan, which then meets nothing at the old name");
    assert!(moved.steps.last().is_some_and(|step| step.raced.contains(&ResultCode::NoSuchObject)));
    assert!(matches!(plan_of(entry("joan", KIM, &[])), Err(Error::Taken { .. })));
}

#[test]
fn an_add_without_an_answer_is_not_in_its_own_way() {
    let mapping = mapping(SHORT_NAMES);
    let name = "jo@example.com";
    let written = entry("jo", JO, &[("mail", name), ("cn", name), ("sn", name)]);
    let there = |_: &Query| vec![written.clone()];
    let done = plan(&mapping, Scope::Sub, &create(&mapping, name, true), there).expect("a plan");
    assert!(done.steps.is_empty() && matches!(done.answer, Answer::Entry(_)), "{done:?}");
    let taken = plan(&mapping, Scope::Sub, &create(&mapping, name, false), there);
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
}

#[test]
fn an_add_that_comes_late_is_looked_at() {
    let mapping = shipped();
    let raced = |unsure| {
        let plan = plan(&mapping, Scope::One, &create(&mapping, "jo", unsure), |_| Vec::new()).expect("a plan");
        plan.steps[0].raced.contains(&ResultCode::EntryAlreadyExists)
    };
    assert!(raced(true), "it may be our own");
    assert!(!raced(false), "the add itself says that the name is taken");
}
