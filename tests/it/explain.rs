//! `explain` shows what a request would write, writes nothing, and the request then writes exactly that.

mod groups;

use crate::support::bridge::{Bridge, Setup};
use crate::support::http::{Answer, send};
use crate::support::ldap::Ldap;
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};

/// The steps that `explain` prints, without the searches: reason and LDIF, as the audit trail has them.
fn explained(bridge: &Bridge, method: &str, path: &str, body: Option<&Value>) -> Vec<(String, Vec<String>)> {
    let file = bridge.folder().join("request.json");
    let mut args = vec!["explain", "--method", method, "--path", path];
    if let Some(body) = body {
        std::fs::write(&file, body.to_string()).unwrap();
        args.push(file.to_str().unwrap());
    }
    let (stdout, stderr, code) = bridge.run(&args);
    assert_eq!(code, 0, "{method} {path}: {stderr}");
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for line in stdout.lines().filter(|line| !line.is_empty()) {
        let numbered = line.strip_prefix(&format!("# {}. ", steps.len() + 1));
        match (numbered, steps.last_mut()) {
            (Some(why), _) => steps.push((why.to_owned(), Vec::new())),
            (None, Some((_, ldif))) => ldif.push(line.to_owned()),
            (None, None) => assert!(line.starts_with("# "), "not a comment before the first step: {line}"),
        }
    }
    steps
}

/// The steps in the last line of the audit trail, which must say that all were done.
fn recorded(bridge: &Bridge) -> Vec<(String, Vec<String>)> {
    let last = bridge.audit().pop().expect("a line");
    assert_eq!(last["phase"], "outcome", "{last}");
    let step = |step: &Value| {
        assert_eq!(step["outcome"], "success", "{last}");
        let lines = step["change"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
        (step["why"].as_str().unwrap().to_owned(), lines.filter(|line| !line.is_empty()).collect())
    };
    last["steps"].as_array().unwrap().iter().map(step).collect()
}

/// Everything in the directory, operational attributes included.
async fn everything(slapd: &Slapd) -> String {
    let mut entries = Ldap::admin(slapd).await.search(slapd.suffix(), "(objectClass=*)").await;
    entries.sort_by(|a, b| a.dn.cmp(&b.dn));
    let line = |entry: &ldap3::SearchEntry| {
        let mut attrs: Vec<_> = entry.attrs.iter().map(|(name, values)| format!("{name}={values:?}")).collect();
        attrs.sort();
        format!("{} {attrs:?}", entry.dn)
    };
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Explains a request, sends it, and compares; returns the answer and how many steps there were.
async fn same(bridge: &Bridge, slapd: &Slapd, method: Method, path: &str, body: Option<Value>) -> (Answer, usize) {
    let (before, lines) = (everything(slapd).await, bridge.audit().len());
    let planned = explained(bridge, method.as_str(), path, body.as_ref());
    assert_eq!(everything(slapd).await, before, "{method} {path} was only to be explained");
    assert_eq!(bridge.audit().len(), lines, "explaining leaves no trail");
    let request = bridge.http().request(method.clone(), path).header("content-type", "application/scim+json");
    let answer = send(request.body(body.map(|body| body.to_string()).unwrap_or_default())).await;
    assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
    assert_eq!(recorded(bridge), planned, "{method} {path}");
    (answer, planned.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_is_what_is_done() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let chief = bridge.http().post("/Users", &json!({"userName": "chief"})).await;
    let jo = json!({
        "userName": "jo@example.org", "displayName": "Jö Doe", "title": "Engineer",
        "name": {"givenName": "Jö", "familyName": "Doe"},
        "emails": [{"type": "work", "value": "jo@example.org"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": chief.body["id"]}},
    });
    let (created, steps) = same(&bridge, &slapd, Method::POST, "/Users", Some(jo.clone())).await;
    assert_eq!((created.status, steps), (201, 1));
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    let patch = json!({"Operations": [
        {"op": "Replace", "path": "title", "value": "Lead"},
        {"op": "Replace", "path": "userName", "value": "jo.roe@example.org"},
        {"op": "Replace", "path": "active", "value": "False"},
    ]});
    let (_, steps) = same(&bridge, &slapd, Method::PATCH, &path, Some(patch.clone())).await;
    assert_eq!(steps, 2, "a modify and a rename");
    let (put, steps) = same(&bridge, &slapd, Method::PUT, &path, Some(jo)).await;
    assert_eq!((put.body["title"].as_str(), steps), (Some("Engineer"), 2));
    assert_eq!(put.body["active"], false, "PUT without `active` leaves it");
    let (_, steps) = same(&bridge, &slapd, Method::DELETE, &path, None).await;
    assert_eq!(steps, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_change_nothing_or_be_refused_is_said() {
    let slapd = Slapd::builder().start().unwrap();
    let bridge = Setup::new(&slapd).start();
    let jo = json!({"userName": "jo", "title": "Lead", "colour": "red"});
    let created = bridge.http().post("/Users", &jo).await;
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    let file = bridge.folder().join("request.json");
    let explain = |method: &str, path: &str, body: &Value| {
        std::fs::write(&file, body.to_string()).unwrap();
        bridge.run(&["explain", "--method", method, "--path", path, file.to_str().unwrap()])
    };
    let (stdout, _, code) = explain("PUT", &path, &jo);
    assert!(code == 0 && stdout.contains("# nothing would change"), "{stdout}");
    assert!(stdout.contains("colour"), "what is ignored is named: {stdout}");
    let (_, stderr, code) = explain("POST", "/Users", &jo);
    assert!(code == 2 && stderr.contains("409") && stderr.contains("userName"), "{stderr}");
    let (_, stderr, code) = explain("PATCH", "/Users/00000000-0000-0000-0000-000000000000", &json!({"Operations": []}));
    assert!(code == 2 && stderr.contains("404"), "{stderr}");
    let (_, stderr, code) = explain("POST", "/Users", &json!({"title": "nobody"}));
    assert!(code == 2 && stderr.contains("400") && stderr.contains("userName"), "{stderr}");
}
