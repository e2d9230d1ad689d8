//! A private directory with the real binary in front of it, and the checks that most tests make.

use super::bridge::{Bridge, Setup};
use super::http::{Answer, Http, send};
use super::ldap::{Ldap, by_id};
use ldap3::SearchEntry;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use scim_ldap_bridge::lab::{Directory, Slapd};
use serde_json::{Value, json};

/// The enterprise extension.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Everything that a test of the bridge needs.
pub(crate) struct Bed<D = Slapd> {
    /// The client, with a token that may do everything.
    pub(crate) http: Http,
    /// The way past the bridge; the administrator's account.
    pub(crate) ldap: Ldap,
    /// The bridge.
    pub(crate) bridge: Bridge,
    /// The directory.
    pub(crate) directory: D,
}

impl Bed {
    /// The usual.
    pub(crate) async fn new() -> Bed {
        Bed::with(Slapd::builder().start().unwrap(), |setup| setup).await
    }

    /// The usual, and groups.
    pub(crate) async fn with_groups() -> Bed {
        Bed::with(Slapd::builder().start().unwrap(), |setup| setup.groups("")).await
    }
}

impl<D: Directory> Bed<D> {
    /// Before this directory, with changes to the usual settings.
    pub(crate) async fn with(directory: D, change: impl FnOnce(Setup) -> Setup) -> Bed<D> {
        let bridge = change(Setup::new(&directory)).start();
        Bed { http: bridge.http(), ldap: Ldap::admin(&directory).await, bridge, directory }
    }

    /// Creates a user, who must be new, and returns the id.
    pub(crate) async fn create(&self, user: Value) -> String {
        let answer = self.http.post("/Users", &user).await;
        assert_eq!(answer.status, 201, "{user}: {}", answer.body);
        answer.body["id"].as_str().expect("an id").to_owned()
    }

    /// Creates a group, which must be new, and returns the id.
    pub(crate) async fn create_group(&self, group: Value) -> String {
        let answer = self.http.post("/Groups", &group).await;
        assert_eq!(answer.status, 201, "{group}: {}", answer.body);
        answer.body["id"].as_str().expect("an id").to_owned()
    }

    /// Creates users of these names and returns their ids.
    pub(crate) async fn create_users<const N: usize>(&self, names: [&str; N]) -> [String; N] {
        let mut ids = Vec::new();
        for name in names {
            ids.push(self.create(json!({"userName": name})).await);
        }
        ids.try_into().expect("as many as names")
    }

    /// Changes a group, which must succeed without a body.
    pub(crate) async fn patch_group(&self, id: &str, operations: Value) {
        let answer = self.http.patch(&format!("/Groups/{id}"), operations.clone()).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null), "{operations}: {}", answer.body);
    }

    /// The members of a group, sorted.
    pub(crate) async fn members(&self, id: &str) -> Vec<String> {
        let answer = self.http.get(&format!("/Groups/{id}")).await;
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
        let members = answer.body["members"].as_array().map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<String> = members.iter().map(|m| m["value"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        ids
    }

    /// Reads a user, who must be there.
    pub(crate) async fn read(&self, id: &str) -> Value {
        let answer = self.http.get(&format!("/Users/{id}")).await;
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
        answer.body
    }

    /// Changes a user, which must succeed, and returns the answer: what is read afterwards, and nothing else.
    pub(crate) async fn patch(&self, id: &str, operations: Value) -> Value {
        let answer = self.try_patch(id, operations.clone()).await;
        assert_eq!(answer.status, 200, "{operations}: {}", answer.body);
        assert_eq!(self.read(id).await, answer.body, "{operations}");
        answer.body
    }

    /// Changes a user, or not.
    pub(crate) async fn try_patch(&self, id: &str, operations: Value) -> Answer {
        self.http.patch(&format!("/Users/{id}"), operations).await
    }

    /// The users that a filter finds.
    pub(crate) async fn find(&self, filter: &str) -> Vec<Value> {
        let answer = self.http.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
        let found = answer.body["Resources"].as_array().expect("a list").clone();
        assert_eq!(answer.body["totalResults"], found.len(), "{filter}");
        found
    }

    /// The users of this name.
    pub(crate) async fn named(&self, name: &str) -> Vec<Value> {
        self.find(&format!("userName eq {}", json!(name))).await
    }

    /// The answer to the search for a name.
    pub(crate) async fn named_raw(&self, name: &str) -> Answer {
        self.http.get(&format!("/Users?filter=userName+eq+{}", encoded(&json!(name).to_string()))).await
    }

    /// Sends a body as it is.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.http.request(method, path).header(CONTENT_TYPE, "application/scim+json").body(body)).await
    }

    /// The entry behind an id.
    pub(crate) async fn entry(&mut self, id: &str) -> SearchEntry {
        let filter = by_id(self.directory.kind(), id);
        let mut found = self.ldap.search(self.directory.suffix(), &filter).await;
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        found.remove(0)
    }

    /// The names of all entries of the directory.
    pub(crate) async fn everything(&mut self) -> Vec<String> {
        let entries = self.ldap.search(self.directory.suffix(), "(objectClass=*)").await;
        let mut dns: Vec<String> = entries.into_iter().map(|entry| entry.dn).collect();
        dns.sort();
        dns
    }
}

/// Checks that an answer is a SCIM error (RFC 7644 section 3.12) of this status and keyword, with a text to act on.
#[track_caller]
pub(crate) fn is_error(answer: &Answer, status: u16, keyword: Option<&str>) {
    let told = (answer.status, answer.body["scimType"].as_str());
    assert_eq!(told, (status, keyword), "{}", answer.body);
    let media = answer.headers["content-type"].to_str().unwrap();
    assert_eq!(media.split(';').next(), Some("application/scim+json"), "{}", answer.body);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.body["status"], status.to_string());
    assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", answer.body);
}

/// A text as it stands in a URL's query or path.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
