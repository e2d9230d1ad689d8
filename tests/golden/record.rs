//! Plans as text, compared with what is recorded.

use crate::directory::answer;
use crate::realm::{SEED, realm};
use scim_ldap_bridge::fault::Document;
use scim_ldap_bridge::ldap::{Change, Entry, Facts, Query, Scope, ldif};
use scim_ldap_bridge::mapping::{Mapping, compile};
use scim_ldap_bridge::plan::{Next, Plan, Request, lint, next, show};
use scim_ldap_bridge::scim::{Patch, ResourceType};
use scim_ldap_bridge::vendor;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One request, and the directory that it meets.
pub(crate) struct Case {
    /// The name of its file.
    pub(crate) name: &'static str,
    /// The method.
    pub(crate) method: &'static str,
    /// The resource, where there is one.
    pub(crate) id: Id,
    /// The body.
    pub(crate) body: Json,
    /// All entries of the directory.
    pub(crate) entries: Vec<Entry>,
}

/// Whom a request is about.
#[derive(Clone, Copy)]
pub(crate) enum Id {
    /// A user.
    User(&'static str),
    /// A group.
    Group(&'static str),
}

/// The mapping in a text, which must have no fault.
pub(crate) fn compiled(mapping: &str) -> Arc<Mapping> {
    compiled_for("openldap", mapping)
}

/// The same for a directory of this kind.
fn compiled_for(vendor: &str, mapping: &str) -> Arc<Mapping> {
    let document = Document::parse(Path::new("mapping.toml"), mapping).expect("TOML");
    let mapping = compile(&mut document.reader(), vendor::profile(vendor).expect("a vendor"));
    let faults = document.into_faults();
    assert!(faults.is_empty(), "{faults}");
    Arc::new(mapping.expect("a mapping"))
}

/// Plans each case and compares it with its file.
pub(crate) fn check(folder: &str, mapping: &str, cases: Vec<Case>) {
    check_for("openldap", folder, mapping, cases);
}

/// The same for a directory of this kind.
pub(crate) fn check_for(vendor: &str, folder: &str, mapping: &str, cases: Vec<Case>) {
    let mapping = compiled_for(vendor, mapping);
    let mut differing = Vec::new();
    for case in cases {
        let shown = shown(&mapping, &case);
        let path = golden(folder, case.name);
        if update() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("make the folder");
            std::fs::write(&path, &shown).expect("write the file");
        }
        let recorded = std::fs::read_to_string(&path).unwrap_or_default();
        if recorded != shown {
            differing.push(format!("{}:\n--- recorded\n{recorded}\n--- planned\n{shown}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The request of a case.
pub(crate) fn request(mapping: &Mapping, case: &Case) -> Request {
    let (resource_type, id) = resource(mapping, case.id);
    let (id, body) = (id.to_owned(), case.body.clone());
    match case.method {
        "POST" => Request::Create { resource: resource_type.read(body).expect("a resource").resource, unsure: false },
        "PUT" => Request::Replace { id, resource: resource_type.read(body).expect("a resource").resource },
        "PATCH" => Request::Patch { id, patch: Patch::parse(resource_type, body).expect("a patch") },
        _ => Request::Delete { id },
    }
}

fn resource(mapping: &Mapping, id: Id) -> (&ResourceType, &'static str) {
    match id {
        Id::User(id) => (&mapping.user.resource_type, id),
        Id::Group(id) => (&mapping.group.as_ref().expect("groups").resource_type, id),
    }
}

fn golden(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder).join(format!("{name}.ldif"))
}

#[allow(clippy::disallowed_methods, reason = "a switch for whoever runs this test by hand")]
fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn shown(mapping: &Arc<Mapping>, case: &Case) -> String {
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    let scope = if mapping.user.has_places() { Scope::Sub } else { Scope::One };
    let realm = realm(mapping, "ou=people,dc=example,dc=com", scope);
    let site = match case.id {
        Id::User(_) => realm.users(now, SEED),
        Id::Group(_) => realm.groups(now, SEED).expect("groups"),
    };
    let request = request(mapping, case);
    let mut facts = Facts::default();
    let mut text = String::new();
    let plan = loop {
        match next(&site, &request, &facts) {
            Ok(Next::Done(plan)) => break plan,
            Ok(Next::Ask(queries)) => {
                for query in queries {
                    let found = answer(&case.entries, &query);
                    let _ = writeln!(text, "# ask: {}", question(&query));
                    facts.insert(query, found);
                }
            }
            Ok(Next::Draw(counter)) => {
                let _ = writeln!(text, "# draw: {counter}");
                let number = facts.number(&counter).map_or(10_000, |number| number + 1);
                facts.draw(counter, number);
            }
            Err(error) => return format!("{text}# refused: {error}\n"),
        }
    };
    lint(&site, &plan).expect("no plan breaks an invariant");
    text + &steps(&plan)
}

fn question(query: &Query) -> String {
    format!("{} {} {}", query.base, query.scope.label(), query.filter)
}

/// The steps, and what is written instead where the directory refuses one with a certain answer.
fn steps(plan: &Plan) -> String {
    let mut text: String = plan.unresolved.iter().map(|id| format!("# left out: {id}\n")).collect();
    if plan.steps.is_empty() {
        text += "# nothing to do\n";
    }
    for (step, shown) in plan.steps.iter().zip(show(plan)) {
        let _ = write!(text, "\n{shown}");
        if let Some((code, change)) = &step.otherwise {
            let _ = write!(text, "# instead, after {code}:\n{}", comment(change));
        }
        if let Some(change) = &step.on_refusal {
            let _ = write!(text, "# when it is refused:\n{}", comment(change));
        }
    }
    text
}

fn comment(change: &Change) -> String {
    ldif::change_record(change).lines().map(|line| format!("#   {line}\n")).collect()
}
