//! The four applications that this project was modelled on, each an endpoint with its own mapping and path.

mod groups;

use crate::support::bridge::{Bridge, Setup};
use crate::support::http::Http;
use crate::support::ldap::{Ldap, values};
use crate::support::wait::until;
use scim_ldap_bridge::entra::{Dialect, Job, Mapping, Report, Source, Tenant, User};
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::{Value, json};
use std::fmt::Write as _;

const USER_NAME: (Source, &str) = (Source::Attribute("userPrincipalName"), "userName");
const ACTIVE: (Source, &str) = (Source::Active, "active");
const DISPLAY_NAME: (Source, &str) = (Source::Attribute("displayName"), "displayName");
const NICKNAME: (Source, &str) = (Source::Attribute("mailNickname"), "externalId");
const GIVEN_NAME: (Source, &str) = (Source::Attribute("givenName"), "name.givenName");
const FAMILY_NAME: (Source, &str) = (Source::Attribute("surname"), "name.familyName");

/// An application: where it is, what its mapping file says, and which attributes Entra sends it.
struct Application {
    name: &'static str,
    path: &'static str,
    mapping: &'static str,
    rows: &'static [(Source, &'static str)],
    has_groups: bool,
}

static CONNECTER: Application = Application {
    name: "connecter",
    path: "/scim/v2",
    mapping: include_str!("applications/connecter.toml"),
    has_groups: false,
    rows: &[USER_NAME, ACTIVE, DISPLAY_NAME, NICKNAME],
};

static WORKTEAM: Application = Application {
    name: "workteam",
    path: "/workteam/scim",
    mapping: include_str!("applications/workteam.toml"),
    has_groups: true,
    rows: &[
        USER_NAME,
        ACTIVE,
        DISPLAY_NAME,
        NICKNAME,
        (Source::Attribute("jobTitle"), "title"),
        (Source::Attribute("mail"), "emails[type eq \"work\"].value"),
        GIVEN_NAME,
        FAMILY_NAME,
        (Source::FullName, "name.formatted"),
    ],
};

static CONFIGCAT: Application = Application {
    name: "configcat",
    path: "/configcat/scim",
    mapping: include_str!("applications/configcat.toml"),
    has_groups: true,
    rows: &[(Source::ObjectId, "externalId"), USER_NAME, DISPLAY_NAME, ACTIVE],
};

static PROMAPP: Application = Application {
    name: "promapp",
    path: "/api/scim",
    mapping: include_str!("applications/promapp.toml"),
    has_groups: false,
    rows: &[USER_NAME, ACTIVE, DISPLAY_NAME, NICKNAME, GIVEN_NAME, FAMILY_NAME],
};

impl Application {
    /// The attribute mapping that its administrator makes in Entra.
    fn mapping(&self) -> Mapping {
        Mapping::new(self.rows.iter().cloned())
    }

    /// A bridge with this endpoint alone.
    fn start(&self, slapd: &Slapd) -> Bridge {
        let bridge = Setup::new(slapd).mapping(self.mapping).path(self.path).start();
        assert!(bridge.tenant_url().ends_with(self.path), "{}", bridge.tenant_url());
        bridge
    }
}

/// Two users: one whose names differ from each other, and one with little more than a name.
fn tenant() -> Tenant {
    let jo = User::new("jo.doe@example.org").with("mailNickname", "jo.doe").with("displayName", "Jo Doe");
    let jo = jo.with("givenName", "Jo").with("surname", "Doe").with("mail", "Jo.Doe@example.org");
    let scan = User::new("svc-scan@example.org").with("mailNickname", "svc").with("displayName", "Scans (2nd floor)");
    Tenant::new([jo.with("jobTitle", "Engineer"), scan])
}

/// One cycle without a fault; how much it wrote.
async fn cycle(job: &mut Job, tenant: &Tenant, bridge: &Bridge) -> Vec<String> {
    let report: Report = job.cycle(tenant).await;
    assert!(report.faults().is_empty(), "{}\n{}", report.faults().join("\n"), bridge.log());
    report.writes().map(|exchange| format!("{} {}", exchange.method, exchange.why)).collect()
}

/// Created, compared without a difference, changed, renamed, disabled, enabled, deleted. Jo is left.
async fn life(job: &mut Job, bridge: &Bridge, http: &Http) {
    let (jo, scan) = ("jo.doe@example.org", "svc-scan@example.org");
    let mut tenant = tenant();
    let created = [format!("POST create {jo}"), format!("POST create {scan}")];
    assert_eq!(cycle(job, &tenant, bridge).await, created);
    job.restart();
    assert_eq!(cycle(job, &tenant, bridge).await, [""; 0], "every value came back as it was sent");
    tenant.change(jo, |user| {
        user.set("displayName", "Jo Roe");
        user.set("surname", "Roe");
        user.set("userPrincipalName", "jo.roe@example.org");
    });
    assert_eq!(cycle(job, &tenant, bridge).await, ["PATCH update jo.roe@example.org"]);
    for enabled in [false, true] {
        tenant.change(scan, |user| user.enabled = enabled);
        assert_eq!(cycle(job, &tenant, bridge).await, [format!("PATCH update {scan}")]);
        let found = http.get("/Users?filter=userName+eq+%22SVC-Scan%40example.org%22").await;
        assert_eq!(found.body["totalResults"], 1, "a disabled user is found, in any case: {found:?}");
        assert_eq!(found.body["Resources"][0]["active"], enabled);
    }
    job.restart_fully();
    assert_eq!(cycle(job, &tenant, bridge).await, [""; 0], "every user is found again by its matching attribute");
    tenant.purge(scan);
    assert_eq!(cycle(job, &tenant, bridge).await, ["DELETE delete", "DELETE delete again"]);
    assert_eq!(http.get("/Users").await.body["totalResults"], 1);
}

/// The lives of an application's users in both dialects; the directory is looked at in between.
async fn lives(application: &Application, bridge: &Bridge) {
    for dialect in [Dialect::A, Dialect::B] {
        let (mut job, http) = (bridge.job(dialect, application.mapping()), bridge.http());
        life(&mut job, bridge, &http).await;
        if dialect == Dialect::A {
            let left = http.get("/Users").await.body["Resources"][0]["id"].as_str().unwrap().to_owned();
            assert_eq!(http.delete(&format!("/Users/{left}")).await.status, 204);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connecter() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = CONNECTER.start(&slapd);
    lives(&CONNECTER, &bridge).await;
    let jo = Ldap::admin(&slapd).await.person(&slapd, "(uid=jo.roe@example.org)").await;
    assert_eq!((values(&jo, "cn"), values(&jo, "sn")), (vec!["Jo Roe"], vec!["Roe"]), "MUST of inetOrgPerson");
    assert_eq!(values(&jo, "scimExternalId"), ["jo.doe"]);

    let http = bridge.http();
    for nameless in [json!({}), json!({"displayName": ""}), json!({"displayName": null})] {
        let mut user = nameless.clone();
        user["userName"] = json!("x@example.org");
        let refused = http.post("/Users", &user).await;
        assert_eq!((refused.status, refused.body["scimType"].as_str()), (400, Some("invalidValue")), "{nameless}");
        assert!(refused.body["detail"].as_str().unwrap().contains("displayName"), "{refused:?}");
    }
    let found = http.get("/Users?filter=userName+eq+%22JO.ROE%40example.org%22").await;
    assert_eq!(found.body["Resources"][0]["displayName"], "Jo Roe");
    let path = format!("/Users/{}", found.body["Resources"][0]["id"].as_str().unwrap());
    let emptied = http.patch(&path, json!([{"op": "remove", "path": "displayName"}])).await;
    assert_eq!(emptied.status, 400, "{emptied:?}");
    assert_eq!(http.get(&path).await.body["displayName"], "Jo Roe");
    let namesake = json!({"userName": "JO.ROE@example.org", "displayName": "x", "externalId": "x"});
    let same_external_id = json!({"userName": "x@example.org", "displayName": "x", "externalId": "jo.doe"});
    for (user, attribute) in [(namesake, "userName"), (same_external_id, "externalId")] {
        let taken = http.post("/Users", &user).await;
        assert_eq!((taken.status, taken.body["scimType"].as_str()), (409, Some("uniqueness")), "{taken:?}");
        assert!(taken.body["detail"].as_str().unwrap().contains(attribute), "{taken:?}");
    }
    let attributes = served(&http, "urn:ietf:params:scim:schemas:core:2.0:User").await;
    assert_eq!(attributes, ["userName", "displayName", "externalId", "active"], "these four and no others");
}

#[tokio::test(flavor = "multi_thread")]
async fn workteam() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = WORKTEAM.start(&slapd);
    // the pair that is handed over: a base URL and a token, which is printed and nothing beside it
    let args = ["token", "create", "--name", "workteam", "--endpoint", "lab"];
    let (printed, said, code) = bridge.run(&args);
    assert_eq!((code, printed.lines().count()), (0, 1), "{said}");
    let token = printed.trim();
    assert!(!said.contains(token), "it is on standard output only: {said}");
    let http = bridge.http_as(Some(token));
    until("the new token opens the endpoint", async || http.get("/Users").await.status == 200).await;
    let client = bridge.client_at(WORKTEAM.path, token);
    life(&mut Job::new(client, Dialect::A, WORKTEAM.mapping()), &bridge, &http).await;
    assert!(!bridge.log().contains(token) && !bridge.audit().iter().any(|line| line.to_string().contains(token)));
    assert!(bridge.audit().iter().all(|line| line["caller"] == "workteam"), "{:?}", bridge.audit().first());
    let jo = Ldap::admin(&slapd).await.person(&slapd, "(mail=jo.doe@example.org)").await;
    assert_eq!((values(&jo, "cn"), values(&jo, "sn")), (vec!["Jo Roe"], vec!["Roe"]));
    // half of the pair opens nothing
    for wrong in [None, Some(""), Some("another"), Some(&token[1..])] {
        let refused = bridge.http_as(wrong).get("/Users").await;
        assert_eq!(refused.status, 401, "{wrong:?}");
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    }
    assert_eq!(bridge.http_at("/scim/v2", Some(token)).get("/Users").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn configcat() {
    // the account state is in an attribute, so the password policy overlay is not needed
    let slapd = Slapd::builder().without(Overlay::PPolicy).start().unwrap();
    let bridge = CONFIGCAT.start(&slapd);
    lives(&CONFIGCAT, &bridge).await;
    let http = bridge.http();
    let listed = http.get("/Users").await.body["Resources"][0].clone();
    let object_id = listed["externalId"].as_str().unwrap();
    let found = http.get(&format!("/Users?filter=externalId+eq+%22{object_id}%22")).await;
    assert_eq!(found.body["Resources"][0]["userName"], "jo.roe@example.org");
    let mut admin = Ldap::admin(&slapd).await;
    let jo = admin.person(&slapd, &format!("(scimExternalId={object_id})")).await;
    assert_eq!(jo.dn, format!("scimExternalId={object_id},{}", slapd.people()), "no rename followed the new user name");
    // what the string switch gives, in every spelling that was seen
    let path = format!("/Users/{}", listed["id"].as_str().unwrap());
    for (spelling, active) in [("False", false), ("True", true), ("false", false), ("true", true)] {
        let changed = http.patch(&path, json!([{"op": "Replace", "path": "active", "value": spelling}])).await;
        assert_eq!((changed.status, &changed.body["active"]), (200, &json!(active)), "{spelling}");
        let jo = admin.person(&slapd, "(uid=jo.roe@example.org)").await;
        assert_eq!(values(&jo, "employeeType") == ["disabled"], !active);
    }
    let born_disabled = json!({"userName": "al@example.org", "externalId": "e-1", "active": "False"});
    assert_eq!(http.post("/Users", &born_disabled).await.body["active"], false);
    let odd = http.patch(&path, json!([{"op": "Replace", "path": "active", "value": "perhaps"}])).await;
    assert_eq!((odd.status, odd.body["scimType"].as_str()), (400, Some("invalidValue")), "{odd:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn promapp() {
    let slapd = Slapd::builder().start().unwrap();
    let other = format!(
        "[endpoint.other]\npath = '/other'\ndirectory = 'lab'\nmapping = 'mapping.toml'\nusers = {{ base = '{}' }}",
        slapd.groups()
    );
    let bridge = Setup::new(&slapd).mapping(PROMAPP.mapping).path(PROMAPP.path).further(&other).start();
    life(&mut bridge.job(Dialect::B, PROMAPP.mapping()), &bridge, &bridge.http()).await;
    let mut admin = Ldap::admin(&slapd).await;
    let jo = admin.person(&slapd, "(uid=jo.roe)").await;
    assert_eq!((values(&jo, "mail"), values(&jo, "cn")), (vec!["jo.roe@example.org"], vec!["Jo Roe"]));
    let scans = admin.person(&slapd, "(uid=svc-scan)").await;
    assert_eq!(values(&scans, "scimDeletedAt").len(), 1, "deleted, and kept with a mark");

    // named and scoped, shown once
    let token = bridge.new_token("promapp-entra", &["--allow", "read", "--description", "SAML and SCIM"]);
    let (listed, _, _) = bridge.run(&["token", "list"]);
    let line = listed.lines().find(|line| line.starts_with("promapp-entra ")).unwrap_or_else(|| panic!("{listed}"));
    let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!((cells[1], cells[2], cells[5]), ("lab", "read", "SAML and SCIM"), "{listed}");
    let stored = std::fs::read_to_string(bridge.config_file().with_file_name("tokens.toml")).unwrap();
    for text in [&listed, &stored] {
        assert!(!text.contains(&token) && !text.contains(token.trim_start_matches("slb_")), "{text}");
    }
    let hash = stored.lines().find_map(|line| line.strip_prefix("sha256 = ")).unwrap().trim_matches('"');
    assert!(!listed.contains(hash), "{listed}");
    let (again, why, code) = bridge.run(&["token", "create", "--name", "promapp-entra", "--endpoint", "lab"]);
    assert!(code != 0 && again.is_empty() && why.contains("promapp-entra"), "a name is taken once: {again}{why}");

    // what it opens, and what it does not
    let http = bridge.http_as(Some(&token));
    until("the new token opens the endpoint", async || http.get("/Users").await.status == 200).await;
    assert_eq!(http.post("/Users", &json!({"userName": "x@example.org"})).await.status, 403);
    let (foreign, why, code) = bridge.run(&["token", "create", "--name", "other", "--endpoint", "other"]);
    assert_eq!(code, 0, "{why}");
    let elsewhere = bridge.http_at("/other", Some(foreign.trim()));
    until("the other token opens the other endpoint", async || elsewhere.get("/Users").await.status == 200).await;
    assert_eq!(bridge.http_as(Some(foreign.trim())).get("/Users").await.status, 401, "a token of another endpoint");
    assert_eq!(bridge.http_at("/other", Some(&token)).get("/Users").await.status, 401);
    assert_eq!(bridge.run(&["token", "revoke", "--name", "promapp-entra"]).2, 0);
    until("the token is refused", async || http.get("/Users").await.status == 401).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_endpoints_of_one_bridge_do_not_see_each_other() {
    let all = [&CONNECTER, &WORKTEAM, &CONFIGCAT, &PROMAPP];
    let base = |application: &Application| format!("ou={},ou=people,dc=example,dc=com", application.name);
    let mut units = String::new();
    for (name, parent) in
        all.iter().flat_map(|application| [(application.name, "people"), (application.name, "groups")])
    {
        let _ = write!(
            units,
            "dn: ou={name},ou={parent},dc=example,dc=com\nobjectClass: organizationalUnit\nou: {name}\n\n"
        );
    }
    // the same people in each, so the server must not want them to be unique
    let slapd = Slapd::builder().without(Overlay::Unique).entries(&units).start().unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/applications");
    let mut endpoints = String::new();
    for application @ Application { name, path, .. } in all {
        let users = format!("users = {{ base = '{}' }}", base(application));
        let _ = writeln!(
            endpoints,
            "[endpoint.{name}]\npath = '{path}'\ndirectory = 'lab'\nmapping = '{folder}/{name}.toml'\n{users}"
        );
        if application.has_groups {
            let _ = writeln!(endpoints, "groups = {{ base = 'ou={name},ou=groups,dc=example,dc=com' }}");
        }
    }
    let bridge = Setup::new(&slapd).path("/unused").base(&slapd.groups()).further(&endpoints).start();
    let tokens = all.map(|application| token(&bridge, application.name));
    let https: Vec<Http> = all.iter().zip(&tokens).map(|(app, token)| bridge.http_at(app.path, Some(token))).collect();
    for http in &https {
        until("every token opens its endpoint", async || http.get("/Users").await.status == 200).await;
    }

    // the four live at the same time
    let lives = all.iter().zip(&tokens).zip(&https).map(async |((application, token), http)| {
        let client = bridge.client_at(application.path, token);
        let mut job = Job::new(client, Dialect::A, application.mapping());
        life(&mut job, &bridge, http).await;
        http.get("/Users").await.body["Resources"][0].clone()
    });
    let users: Vec<Value> = futures_util::future::join_all(lives).await;

    let mut admin = Ldap::admin(&slapd).await;
    for (own, application) in all.iter().enumerate() {
        let below = admin.search(&base(application), "(&(objectClass=inetOrgPerson)(!(scimDeletedAt=*)))").await;
        assert_eq!(below.len(), 1, "{}: {below:?}", application.name);
        assert!(bridge.audit().iter().any(|line| line["endpoint"] == application.name), "{}", application.name);
        let path = format!("/Users/{}", users[own]["id"].as_str().unwrap());
        for other in (0..4).filter(|other| *other != own) {
            let http = &https[other];
            assert_eq!(http.get(&path).await.status, 404, "{} at {}", application.name, all[other].name);
            let rename = json!([{"op": "replace", "path": "displayName", "value": "mine"}]);
            assert_eq!(http.patch(&path, rename).await.status, 404);
            let user = json!({"userName": "x@example.org", "displayName": "x", "externalId": "x"});
            assert_eq!(http.put(&path, &user).await.status, 404);
            assert_eq!(http.delete(&path).await.status, 404);
            let trespass = bridge.http_at(all[other].path, Some(&tokens[own]));
            assert_eq!(trespass.get("/Users").await.status, 401, "{} at {}", application.name, all[other].name);
        }
        assert_eq!(https[own].get(&path).await.body, users[own], "nothing of it has changed");
    }

    // two have groups, and neither takes in who is not its own
    for (own, (application, http)) in all.iter().zip(&https).enumerate() {
        let other = if own == 1 { 2 } else { 1 };
        let group = http.post("/Groups", &json!({"displayName": "Team", "externalId": "e"})).await;
        assert_eq!(group.status, if application.has_groups { 201 } else { 501 }, "{}: {group:?}", application.name);
        let Some(id) = group.body["id"].as_str() else { continue };
        let path = format!("/Groups/{id}");
        assert_eq!(https[other].get(&path).await.status, 404, "{}", application.name);
        for (number, user) in users.iter().enumerate() {
            let add = json!([{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]);
            let answer = http.patch(&path, add.clone()).await;
            assert_eq!(answer.status == 204, number == own, "{} takes {number}: {answer:?}", application.name);
            assert_eq!(https[other].patch(&path, add).await.status, 404);
        }
        assert_eq!(http.get(&path).await.body["members"].as_array().unwrap().len(), 1);
    }

    // a name that is gone in one is still there in the others
    assert_eq!(https[0].delete(&format!("/Users/{}", users[0]["id"].as_str().unwrap())).await.status, 204);
    for (http, left) in https.iter().zip([0, 1, 1, 1]) {
        let found = http.get("/Users?filter=userName+eq+%22jo.roe%40example.org%22").await;
        assert_eq!(found.body["totalResults"], left, "{found:?}");
    }
}

/// A token for one endpoint.
fn token(bridge: &Bridge, endpoint: &str) -> String {
    let name = format!("entra-{endpoint}");
    let (token, why, code) = bridge.run(&["token", "create", "--name", &name, "--endpoint", endpoint]);
    assert_eq!(code, 0, "{why}");
    token.trim().to_owned()
}

/// The names of the attributes that a schema promises, in its order.
async fn served(http: &Http, urn: &str) -> Vec<String> {
    let schema = http.get(&format!("/Schemas/{urn}")).await.body;
    let attributes = schema["attributes"].as_array().unwrap().iter();
    attributes.map(|attribute| attribute["name"].as_str().unwrap().to_owned()).collect()
}
