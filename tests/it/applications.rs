//! The four applications that this project was modelled on, each an endpoint with its own mapping and path.

use crate::support::bridge::{Bridge, Setup};
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::entra::{Dialect, Job, Mapping, Source, Tenant, User};
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// What Connecter and ConfigCat keep of a user.
const FEW: &str = r#"
[user]
object_classes = ["inetOrgPerson"]
auxiliary_classes = ["scimResource"]
rdn = "uid"
[user.attributes]
userName = { ldap = "uid", required = true }
displayName = { ldap = "displayName", required = true }
externalId = "scimExternalId"
[user.derived]
cn = "{{ displayName }}"
sn = "{{ displayName }}"
[user.active]
strategy = "lock"
"#;

/// Two users; one is disabled later.
fn tenant() -> Tenant {
    let user = |name: &str| {
        let user = User::new(&format!("{name}@example.org")).with("displayName", name).with("mailNickname", name);
        user.with("jobTitle", "not mapped").with("mail", &format!("{name}@example.org"))
    };
    Tenant::new([user("jo"), user("al")])
}

/// Creates, disables, and looks that a second cycle has nothing to send.
async fn live(slapd: &Slapd, job: &mut Job) {
    let mut tenant = tenant();
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    tenant.change("al@example.org", |user| user.enabled = false);
    assert_eq!(job.cycle(&tenant).await.faults(), [""; 0]);
    job.restart();
    let second = job.cycle(&tenant).await;
    assert_eq!((second.faults(), second.writes().count()), (Vec::new(), 0));
    let mut admin = Ldap::admin(slapd).await;
    let al = admin.person(slapd, "(uid=al@example.org)").await;
    assert_eq!(values(&al, "pwdAccountLockedTime"), ["000001010000Z"]);
}

/// The tenant URL ends with this path.
fn at(bridge: &Bridge, path: &str) {
    assert!(bridge.tenant_url().ends_with(path), "{}", bridge.tenant_url());
}

#[tokio::test(flavor = "multi_thread")]
async fn connecter() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(FEW).start();
    at(&bridge, "/scim/v2");
    let rows = [
        (Source::Attribute("userPrincipalName"), "userName"),
        (Source::Active, "active"),
        (Source::Attribute("displayName"), "displayName"),
        (Source::Attribute("mailNickname"), "externalId"),
    ];
    live(&slapd, &mut bridge.job(Dialect::B, Mapping::new(rows))).await;
    let http = bridge.http();
    let unnamed = http.post("/Users", &json!({"userName": "x@example.org", "active": true})).await;
    assert_eq!((unnamed.status, unnamed.body["scimType"].as_str()), (400, Some("invalidValue")), "{unnamed:?}");
    assert!(unnamed.body["detail"].as_str().unwrap().contains("displayName"));
    let found = http.get("/Users?filter=userName+eq+%22JO%40example.org%22").await;
    assert_eq!(found.body["Resources"][0]["externalId"], "jo");
}

#[tokio::test(flavor = "multi_thread")]
async fn workteam() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    at(&bridge, "/scim/v2");
    // the pair of base URL and token is all that the application hands over
    live(&slapd, &mut bridge.job(Dialect::A, Mapping::default_users())).await;
    for token in [None, Some(""), Some("another"), Some(&bridge.token[1..])] {
        let refused = bridge.http_as(token).get("/Users").await;
        assert_eq!(refused.status, 401, "{token:?}");
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn configcat() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).mapping(FEW).start();
    let rows = [
        (Source::ObjectId, "externalId"),
        (Source::Attribute("userPrincipalName"), "userName"),
        (Source::Attribute("displayName"), "displayName"),
        (Source::Active, "active"),
    ];
    // dialect A sends what the Switch gives: `"True"` and `"False"`
    live(&slapd, &mut bridge.job(Dialect::A, Mapping::new(rows))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promapp() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).path("/api/scim").start();
    at(&bridge, "/api/scim");
    live(&slapd, &mut bridge.job(Dialect::A, Mapping::default_users())).await;
    let reader = bridge.new_token("promapp-reader", &["--allow", "read", "--description", "for the report"]);
    let (listed, _, _) = bridge.run(&["token", "list"]);
    assert!(listed.contains("promapp-reader") && !listed.contains(&reader), "{listed}");
    let http = bridge.http_as(Some(&reader));
    for _ in 0..100 {
        if http.get("/Users").await.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await; // the changed file is seen without a restart
    }
    assert_eq!(http.get("/Users").await.body["totalResults"], 2);
    let id = http.get("/Users").await.body["Resources"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(http.delete(&format!("/Users/{id}")).await.status, 403);
    assert_eq!(http.post("/Users", &json!({"userName": "x@example.org"})).await.status, 403);
    assert_eq!(bridge.http().delete(&format!("/Users/{id}")).await.status, 204);
}
