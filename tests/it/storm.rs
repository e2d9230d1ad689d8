//! The directory is killed or halted and comes back while many clients write: what was answered is there, and the rest can be
//! sent again.

mod caller;
mod crowd;
mod members;
mod references;
mod renames;

use crate::support::bridge::Setup;
use crate::support::ldap::{Ldap, values};
use caller::{Caller, progress};
use reqwest::Method;
use scim_ldap_bridge::lab::Slapd;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How many clients write at once.
const CLIENTS: usize = 16;

/// How often something is done to the directory.
const BLOWS: usize = 4;

/// A user as the answers say that it is: title, and whether it is enabled.
type People = BTreeMap<String, (String, bool)>;

/// What is done to the directory, again and again.
type Blow = fn(&mut Slapd, usize);

/// Killed and started again; the second half of the outages is long enough to be noticed by everybody.
fn kill(slapd: &mut Slapd, number: usize) {
    slapd.kill();
    std::thread::sleep(Duration::from_millis(if number < BLOWS / 2 { 5 } else { 700 }));
    slapd.start().unwrap();
}

/// Halted for longer than an operation may take, then let go on: what was sent meanwhile is done late or never.
fn halt(slapd: &mut Slapd, number: usize) {
    slapd.pause();
    std::thread::sleep(Duration::from_millis(if number < BLOWS / 2 { 800 } else { 2500 }));
    slapd.resume();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_kills_and_the_rest_converges() {
    storm("", kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_halts_and_the_rest_converges() {
    storm("operation_timeout = '500ms'\nprobe_timeout = '500ms'\nprobe_interval = '500ms'", halt).await;
}

async fn storm(directory: &str, blow: Blow) {
    let mut slapd = Slapd::builder().start().unwrap();
    let mut bridge = Setup::new(&slapd).directory(directory).start();
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| Client::new(Caller::new(bridge.http(), &answered), number))
        .map(|client| tokio::spawn(client.run(stop.clone())))
        .collect();
    for number in 0..BLOWS {
        progress(&answered, 150).await;
        tokio::task::block_in_place(|| blow(&mut slapd, number));
    }
    progress(&answered, 150).await;
    stop.store(true, Ordering::Relaxed);
    let (mut expected, mut repeats) = (People::new(), 0);
    for client in clients {
        let client = client.await.expect("a client without a complaint");
        expected.extend(client.people);
        repeats += client.caller.repeats();
    }
    assert!(repeats >= BLOWS, "{repeats} requests met an outage");
    assert_eq!(in_directory(&slapd).await, expected);
    assert!(bridge.process().is_running());
    assert!(!bridge.log().contains("panic"), "{}", bridge.log());
    bridge.readiness(200).await;
}

/// Everybody in the directory.
async fn in_directory(slapd: &Slapd) -> People {
    let entries = Ldap::admin(slapd).await.search(&slapd.people(), "(objectClass=inetOrgPerson)").await;
    let person = |entry| {
        let one = |attr| values(entry, attr).join("|");
        (one("uid"), (one("title"), one("pwdAccountLockedTime").is_empty()))
    };
    entries.iter().map(person).collect()
}

/// A client that leads its users through their lives, one request after the other.
struct Client {
    caller: Caller,
    number: usize,
    people: People,
}

impl Client {
    fn new(caller: Caller, number: usize) -> Client {
        Client { caller, number, people: People::new() }
    }

    /// Writes until it is told to stop.
    async fn run(mut self, stop: Arc<AtomicBool>) -> Client {
        for count in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            self.life(count).await;
        }
        self
    }

    /// One user: created, changed, and then disabled, renamed, both, deleted or left as it is.
    async fn life(&mut self, count: usize) {
        let name = format!("c{}-{count}", self.number);
        let id = self.create(&name).await;
        let path = format!("/Users/{id}");
        let title = |title: &str| json!([{"op": "Replace", "path": "title", "value": title}]);
        self.patch(&path, title(&name)).await;
        let disable = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        let other = format!("{name}-renamed");
        match count % 5 {
            0 => {
                self.patch(&path, disable).await;
                self.people.insert(name.clone(), (name, false));
            }
            1 => {
                self.patch(&path, json!([{"op": "Replace", "path": "userName", "value": other}])).await;
                self.people.insert(other, (name, true));
            }
            2 => {
                let both = json!([{"op": "Replace", "value": {"userName": other, "title": "moved", "active": false}}]);
                self.patch(&path, both).await;
                self.people.insert(other, ("moved".to_owned(), false));
            }
            3 => self.delete(&path).await,
            _ => {
                self.people.insert(name.clone(), (name, true));
            }
        }
    }

    /// Creates a user; one that an unanswered request made is found, as Entra would.
    async fn create(&mut self, name: &str) -> String {
        let body = json!({"userName": name, "displayName": name});
        let (answer, repeated) = self.caller.certainly(Method::POST, "/Users", Some(body)).await;
        if answer.status == 201 {
            return answer.body["id"].as_str().expect("an id").to_owned();
        }
        assert!(answer.status == 409 && repeated, "create {name}: {answer:?}");
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let (found, _) = self.caller.certainly(Method::GET, &path, None).await;
        assert_eq!(found.body["totalResults"], 1, "{name} is taken and not there: {found:?}");
        assert_eq!(found.body["Resources"][0]["displayName"], name);
        found.body["Resources"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Changes a user.
    async fn patch(&mut self, path: &str, operations: Value) {
        let (answer, _) = self.caller.certainly(Method::PATCH, path, Some(json!({"Operations": operations}))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Deletes a user; that it is gone already is fine when an unanswered request may have done it.
    async fn delete(&mut self, path: &str) {
        let (answer, repeated) = self.caller.certainly(Method::DELETE, path, None).await;
        assert!(answer.status == 204 || answer.status == 404 && repeated, "delete: {answer:?}");
    }
}
