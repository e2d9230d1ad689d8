//! What plans make of facts that changed while they were gathered.

mod realm;

use realm::{SEED, realm};
use scim_ldap_bridge::fault::Document;
use scim_ldap_bridge::ldap::{AttrType, Change, Dn, Entry, Facts, Query, ResultCode, Scope, Value};
use scim_ldap_bridge::mapping::{Mapping, compile};
use scim_ldap_bridge::plan::{Answer, Error, Next, Plan, Request, Site, next};
use scim_ldap_bridge::scim::Patch;
use scim_ldap_bridge::vendor;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const KIM: &str = "6f1c1f6e-0000-4000-8000-000000000002";
const TEAM: &str = "6f1c1f6e-0000-4000-8000-0000000000a1";

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
    gather(&realm.users(now, SEED), request, answer)
}

/// Plans a request about a group.
fn plan_group(mapping: &Arc<Mapping>, request: &Request, answer: impl Fn(&Query) -> Vec<Entry>) -> Result<Plan, Error> {
    let realm = realm(mapping, "ou=people,dc=example,dc=com", Scope::One);
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    gather(&realm.groups(now, SEED).expect("groups"), request, answer)
}

fn gather(site: &Site<'_>, request: &Request, answer: impl Fn(&Query) -> Vec<Entry>) -> Result<Plan, Error> {
    let mut facts = Facts::default();
    loop {
        match next(site, request, &facts)? {
            Next::Done(plan) => return Ok(plan),
            Next::Draw(counter) => {
                let number = facts.number(&counter).map_or(59_998, |last| last + 1);
                facts.draw(counter, number);
            }
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

/// The group, with these members by their DNs.
fn team(members: &[&str]) -> Entry {
    let attrs: [(&'static str, &[&str]); 4] = [
        ("entryUUID", &[TEAM]),
        ("objectClass", &["groupOfNames", "scimResource"]),
        ("cn", &["Team"]),
        ("member", members),
    ];
    let entry = Entry::new(Dn::parse("cn=Team,ou=groups,dc=example,dc=com").expect("a DN"));
    attrs.iter().fold(entry, |entry, (attr, values)| {
        entry.with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    })
}

/// Finds jo and kim by their ids and names, and the group by its id, by its DN, and by what it refers to.
fn usual(query: &Query) -> Vec<Entry> {
    let (filter, base) = (query.filter.to_string(), query.base.to_string());
    let found = |id: &str, name: &str| filter.contains(id) || filter.contains(&format!("entryDN=uid={name},"));
    let mut entries = Vec::new();
    if base.contains("ou=people") {
        entries.extend(found(JO, "jo").then(|| entry("jo", JO, &[])));
        entries.extend(found(KIM, "kim").then(|| entry("kim", KIM, &[])));
    } else if found(TEAM, "") || base.starts_with("cn=Team") || filter.contains("member=uid=jo,") {
        let jo = "uid=jo,ou=people,dc=example,dc=com";
        entries.push(team(&["cn=nobody,dc=example,dc=com", jo]));
    }
    entries
}

fn patch_members(mapping: &Mapping, op: &str, ids: &[&str]) -> Request {
    let value: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    let operations = json!({"Operations": [{"op": op, "path": "members", "value": value}]});
    let groups = &mapping.group.as_ref().expect("groups").resource_type;
    Request::Patch { id: TEAM.to_owned(), patch: Patch::parse(groups, operations).expect("a patch") }
}

#[test]
fn members_that_came_or_went_meanwhile_are_no_failure_and_a_group_that_went_is_noticed() {
    let mapping = shipped();
    for (op, ids, settled) in [
        ("add", &[KIM][..], Some(ResultCode::AttributeOrValueExists)),
        ("remove", &[JO], Some(ResultCode::NoSuchAttribute)),
        ("replace", &[JO, KIM], Some(ResultCode::AttributeOrValueExists)),
        ("add", &[JO, KIM], None),
        ("remove", &[JO, KIM], None),
        ("replace", &[KIM], None),
    ] {
        let plan = plan_group(&mapping, &patch_members(&mapping, op, ids), usual).expect("a plan");
        let [step] = &plan.steps[..] else { panic!("{op} {ids:?}: {plan:?}") };
        let Change::Modify { permissive, .. } = &step.change else { panic!("{step:?}") };
        assert!(step.raced.contains(&ResultCode::NoSuchObject), "{op} {ids:?}");
        assert!(!step.expect.accepts(ResultCode::NoSuchObject), "{op} {ids:?}");
        // of one value the answer says it; of several the server is told to go on
        assert_eq!(*permissive, settled.is_none(), "{op} {ids:?}");
        assert!(settled.is_none_or(|code| step.expect.accepts(code)), "{op} {ids:?}");
    }
}

#[test]
fn references_that_went_meanwhile_are_out_of_the_way_of_a_delete() {
    let mapping = shipped();
    let plan = plan(&mapping, Scope::One, &Request::Delete { id: JO.to_owned() }, usual).expect("a plan");
    let [reference, last] = &plan.steps[..] else { panic!("{plan:?}") };
    for gone in [ResultCode::NoSuchAttribute, ResultCode::NoSuchObject] {
        assert!(reference.expect.accepts(gone) && !last.expect.accepts(gone));
    }
    assert!(last.raced.contains(&ResultCode::NoSuchObject), "found anew, wherever it is by then");
}

#[test]
fn a_group_whose_add_had_no_answer_gets_its_members_again() {
    let mapping = shipped();
    let groups = &mapping.group.as_ref().expect("groups").resource_type;
    let body = json!({"displayName": "Team", "members": [{"value": JO}, {"value": KIM}]});
    let resource = groups.read(body).expect("a resource").resource;
    let by_name = |query: &Query| match query.filter.to_string().contains("(cn=Team)") {
        true => vec![team(&["cn=nobody,dc=example,dc=com"])],
        false => usual(query),
    };
    let create = |unsure| Request::Create { resource: resource.clone(), unsure };
    let plan = plan_group(&mapping, &create(true), by_name).expect("a plan");
    let [step] = &plan.steps[..] else { panic!("{plan:?}") };
    let Change::Modify { mods, permissive: true, .. } = &step.change else { panic!("{step:?}") };
    assert_eq!(mods[0].values.len(), 2);
    let mut foreign = resource.clone();
    foreign.set(None, "externalId", json!("another"));
    let foreign = Request::Create { resource: foreign, unsure: true };
    let taken = plan_group(&mapping, &foreign, by_name);
    assert!(matches!(taken, Err(Error::Taken { .. })), "somebody else's: {taken:?}");
}

#[test]
fn a_number_that_somebody_took_is_passed_over_until_there_are_none() {
    let mapping = mapping(include_str!("../config/mappings/openldap-posix.toml"));
    let groups = &mapping.group.as_ref().expect("groups").resource_type;
    let resource = groups.read(json!({"displayName": "New"})).expect("a resource").resource;
    let create = Request::Create { resource, unsure: false };
    let taken = |numbers: &'static [&str]| {
        move |query: &Query| {
            let filter = query.filter.to_string();
            let of = |number: &&&str| filter.contains(&format!("(gidNumber={number})"));
            numbers.iter().filter(of).map(|_| team(&[])).collect()
        }
    };
    let number = |plan: Plan| match &plan.steps[0].change {
        Change::Add { attrs, .. } => {
            let found = attrs.iter().find(|(attr, _)| *attr == AttrType::known("gidNumber")).expect("a number");
            found.1[0].as_str().expect("text").to_owned()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(number(plan_group(&mapping, &create, taken(&[])).expect("a plan")), "59998");
    assert_eq!(number(plan_group(&mapping, &create, taken(&["59998"])).expect("a plan")), "59999");
    let none = plan_group(&mapping, &create, taken(&["59998", "59999"]));
    assert!(matches!(none, Err(Error::UsedUp { last: 59_999, .. })), "{none:?}");
}
