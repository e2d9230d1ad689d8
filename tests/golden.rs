//! What the shipped mappings make of requests, as LDIF: compared with the files in `tests/golden/`.
//!
//! No directory is needed: the facts that a plan asks for are given. After a change that is meant,
//! `UPDATE_GOLDEN=1 cargo test --test golden` writes the files anew; read the difference before committing it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod realm;

use realm::realm;
use scim_ldap_bridge::fault::Document;
use scim_ldap_bridge::ldap::{AttrType, Dn, Entry, Facts, Query, Scope, Value};
use scim_ldap_bridge::mapping::{Mapping, compile};
use scim_ldap_bridge::plan::{Error, Next, Plan, Request, lint, next, show};
use scim_ldap_bridge::scim::Patch;
use scim_ldap_bridge::vendor;
use serde_json::{Value as Json, json};

const JO: &str = "6f1c1f6e-0000-4000-8000-000000000001";
const BOSS: &str = "6f1c1f6e-0000-4000-8000-000000000002";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One request and the entry it meets.
struct Case {
    name: &'static str,
    method: &'static str,
    body: Json,
    entry: Entry,
}

fn cases() -> Vec<Case> {
    let patch = |name, operations| Case {
        name,
        method: "PATCH",
        body: json!({"schemas": [PATCH], "Operations": operations}),
        entry: jo(),
    };
    let with = |attr: &'static str, values: &[&str]| {
        jo().with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    };
    vec![
        Case { name: "create-full", method: "POST", body: full(), entry: jo() },
        Case { name: "create-minimal", method: "POST", body: json!({"userName": "jo@example.com"}), entry: jo() },
        Case {
            name: "create-disabled",
            method: "POST",
            body: json!({"userName": "jo", "active": "False"}),
            entry: jo(),
        },
        Case {
            name: "create-hostile-name",
            method: "POST",
            body: json!({"userName": " a,b+c\"d\\e<f>g;h=i#\u{1F600} "}),
            entry: jo(),
        },
        patch(
            "patch-dialect-a",
            json!([
                {"op": "Replace", "path": "displayName", "value": "Jo D."},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+31 6"},
                {"op": "Add", "path": "phoneNumbers[type eq \"fax\"].value", "value": "+31 9"},
                {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "IT"},
            ]),
        ),
        patch(
            "patch-dialect-b",
            json!([{"op": "replace", "value": {
                "displayName": "Jo D.",
                "name.givenName": "Jo",
                (format!("{ENTERPRISE}:employeeNumber")): "7",
            }}]),
        ),
        patch("patch-clear", json!([{"op": "Replace", "path": "title", "value": ""}])),
        patch("patch-nothing", json!([{"op": "Replace", "path": "displayName", "value": "Jo"}])),
        patch("rename", json!([{"op": "Replace", "path": "userName", "value": "joan"}])),
        patch(
            "rename-and-change",
            json!([
                {"op": "Replace", "path": "userName", "value": "joan"},
                {"op": "Replace", "path": "title", "value": "Lead"},
            ]),
        ),
        patch("rename-case-only", json!([{"op": "Replace", "path": "userName", "value": "Jo"}])),
        patch("disable", json!([{"op": "Replace", "path": "active", "value": "False"}])),
        Case {
            entry: with("pwdAccountLockedTime", &["000001010000Z"]),
            ..patch("enable", json!([{"op": "replace", "path": "active", "value": true}]))
        },
        // a lock is only ever lifted by `true`
        Case {
            entry: with("pwdAccountLockedTime", &["000001010000Z"]),
            ..patch("active-removed", json!([{"op": "remove", "path": "active"}]))
        },
        patch("manager-set", json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": BOSS}])),
        Case {
            entry: with("manager", &["uid=boss,ou=people,dc=example,dc=com"]),
            ..patch("manager-cleared", json!([{"op": "Replace", "path": "manager", "value": {"value": ""}}]))
        },
        Case { name: "replace", method: "PUT", body: json!({"userName": "jo", "displayName": "Jo"}), entry: jo() },
        Case { name: "delete", method: "DELETE", body: Json::Null, entry: jo() },
    ]
}

#[test]
fn openldap_plans_are_as_recorded() {
    let text = include_str!("../config/mappings/openldap.toml");
    check("openldap", text, cases());
}

#[test]
fn deletion_by_mark_keeps_and_revives_the_entry() {
    let text = include_str!("../config/mappings/openldap.toml");
    let text = text.replace("policy = \"remove\"", "policy = \"mark\"\nmark = \"scimDeletedAt\"");
    let marked = jo().with(AttrType::known("scimDeletedAt"), [Value::from("20261122010203Z")]);
    let marked = marked.with(AttrType::known("pwdAccountLockedTime"), [Value::from("000001010000Z")]);
    let revived = json!({"userName": "jo", "displayName": "Jo again"});
    check(
        "openldap-mark",
        &text,
        vec![
            Case { name: "delete", method: "DELETE", body: Json::Null, entry: jo() },
            Case { name: "revive", method: "POST", body: revived, entry: marked },
        ],
    );
}

#[test]
fn these_have_no_plan() {
    let mapping = compiled(include_str!("../config/mappings/openldap.toml"));
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    // a search below the base finds the base too, which is not the endpoint's even if it looks like a user
    let low = realm(&mapping, &jo().dn.to_string(), Scope::Sub);
    let site = low.users(now);
    for case in cases().iter().filter(|case| case.method != "POST") {
        let request = request(&mapping, case);
        let mut facts = Facts::default();
        let Ok(Next::Ask(queries)) = next(&site, &request, &facts) else { panic!("{} asks for the entry", case.name) };
        queries.into_iter().for_each(|query| facts.insert(query, vec![jo()]));
        assert!(matches!(next(&site, &request, &facts), Err(Error::NotFound)), "{}", case.name);
    }
    // the length is told, not the template that fails for it
    let long = "x".repeat(5000);
    let rename = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "userName", "value": long}]});
    let usual = realm(&mapping, "ou=people,dc=example,dc=com", Scope::One);
    let site = usual.users(now);
    for (method, body) in [("POST", json!({"userName": long})), ("PUT", json!({"userName": long})), ("PATCH", rename)] {
        let request = request(&mapping, &Case { name: "long", method, body, entry: jo() });
        let mut facts = Facts::default();
        if let Ok(Next::Ask(queries)) = next(&site, &request, &facts) {
            queries.into_iter().for_each(|query| facts.insert(query, vec![jo()]));
        }
        let Err(Error::NameTooLong { attr, .. }) = next(&site, &request, &facts) else { panic!("{method} has a plan") };
        assert_eq!(attr, "userName");
    }
}

fn compiled(mapping: &str) -> Arc<Mapping> {
    let document = Document::parse(Path::new("mapping.toml"), mapping).expect("TOML");
    let mapping = compile(&mut document.reader(), vendor::profile("openldap").expect("a vendor"));
    let faults = document.into_faults();
    assert!(faults.is_empty(), "{faults}");
    Arc::new(mapping.expect("a mapping"))
}

/// Plans each case and compares it with its file.
fn check(folder: &str, mapping: &str, cases: Vec<Case>) {
    let mapping = compiled(mapping);
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

fn golden(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder).join(format!("{name}.ldif"))
}

#[allow(clippy::disallowed_methods, reason = "a switch for whoever runs this test by hand")]
fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn shown(mapping: &Arc<Mapping>, case: &Case) -> String {
    let now = "2026-11-22T01:02:03Z".parse().expect("a time");
    let realm = realm(mapping, "ou=people,dc=example,dc=com", Scope::One);
    let site = realm.users(now);
    let request = request(mapping, case);
    let mut facts = Facts::default();
    let mut text = String::new();
    let plan = loop {
        match next(&site, &request, &facts) {
            Ok(Next::Done(plan)) => break plan,
            Ok(Next::Ask(queries)) => {
                for query in queries {
                    let found = answer(&query, &case.entry);
                    let _ = writeln!(text, "# ask: {}", question(&query));
                    facts.insert(query, found);
                }
            }
            Ok(Next::Draw(counter)) => {
                let _ = writeln!(text, "# draw: {counter}");
                facts.draw(counter, 10_000);
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

fn steps(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return "# nothing to do\n".to_owned();
    }
    show(plan).iter().fold(String::new(), |text, step| format!("{text}\n{step}"))
}

fn request(mapping: &Mapping, case: &Case) -> Request {
    let (resource_type, id, body) = (&mapping.user.resource_type, JO.to_owned(), case.body.clone());
    match case.method {
        "POST" => Request::Create { resource: resource_type.read(body).expect("a resource").resource, unsure: false },
        "PUT" => Request::Replace { id, resource: resource_type.read(body).expect("a resource").resource },
        "PATCH" => Request::Patch { id, patch: Patch::parse(resource_type, body).expect("a patch") },
        _ => Request::Delete { id },
    }
}

/// The given entry for its id and, when it is deleted by mark, for its name; the boss for hers; else nothing.
fn answer(query: &Query, entry: &Entry) -> Vec<Entry> {
    let filter = query.filter.to_string();
    let by_name = filter.contains("(uid=jo)") && !entry.get(&AttrType::known("scimDeletedAt")).is_empty();
    let itself = query.scope == Scope::Base && query.base == entry.dn;
    if filter.contains(JO) || by_name || itself {
        return vec![entry.clone()];
    }
    if filter.contains(BOSS) {
        let boss = Entry::new(Dn::parse("uid=boss,ou=people,dc=example,dc=com").expect("a DN"));
        return vec![boss.with(AttrType::known("entryUUID"), [Value::from(BOSS)])];
    }
    Vec::new()
}

fn jo() -> Entry {
    let attrs: &[(&'static str, &[&str])] = &[
        ("entryUUID", &[JO]),
        ("objectClass", &["inetOrgPerson", "scimResource"]),
        ("uid", &["jo"]),
        ("cn", &["jo"]),
        ("sn", &["jo"]),
        ("displayName", &["Jo"]),
        ("title", &["Engineer"]),
        ("mail", &["jo@example.com"]),
        ("facsimileTelephoneNumber", &["+31 8"]),
        ("departmentNumber", &["Sales"]),
    ];
    let entry = Entry::new(Dn::parse("uid=jo,ou=people,dc=example,dc=com").expect("a DN"));
    attrs.iter().fold(entry, |entry, (attr, values)| {
        entry.with(AttrType::known(attr), values.iter().map(|value| Value::from(*value)))
    })
}

fn full() -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "jdoe", "userName": "jdoe@example.com", "active": true, "displayName": "Jo Doe",
        "title": "Engineer", "preferredLanguage": "en", "meta": {"resourceType": "User"},
        "emails": [{"primary": true, "type": "work", "value": "jdoe@example.com"}],
        "name": {"formatted": "Jo Doe", "givenName": "Jo", "familyName": "Doe"},
        "addresses": [{"type": "work", "formatted": "B2", "streetAddress": "1 Main St", "locality": "Delft",
            "region": "ZH", "postalCode": "2600", "country": "The Netherlands"}],
        "phoneNumbers": [{"type": "work", "value": "+31 1"}, {"type": "mobile", "value": "+31 6"},
            {"type": "fax", "value": "+31 9"}],
        (ENTERPRISE): {"employeeNumber": "7", "department": "IT", "manager": {"value": BOSS}},
        "roles": [],
    })
}
