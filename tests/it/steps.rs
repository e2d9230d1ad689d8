//! The bridge is killed between any two steps of a plan: the entry is usable, and the same request ends in the state
//! that it would have ended in at once.
//!
//! A further kind of plan is a further story at the end, and a variant of `Asked` if its request is new.

mod kinds;

use crate::support::bed::ENTERPRISE;
use crate::support::bridge::{Bridge, MAPPING, Setup};
use crate::support::http::{Answer, Http};
use crate::support::ldap::{Ldap, values};
use crate::support::proxy::Proxy;
use crate::support::wait::until;
use scim_ldap_bridge::lab::Slapd;
use serde_json::json;

/// The most writes that a plan here takes; more mean that it does not end.
const MOST: usize = 30;

/// A mapping in which everything takes several steps.
const SEVERAL: &str = r#"strategy = "lock"
saved_memberships = "scimSavedMember"
[user.active.also.shell]
strategy = "attribute"
ldap = "employeeType"
disabled = "nobody"
saved_in = "scimSavedValue"
[user.active.also.room]
strategy = "attribute"
ldap = "roomNumber"
disabled = "none"
enabled = "some"
saved_in = "scimSavedValue"
[user.active.also.blocked]
strategy = "group"
add_to = "cn=blocked,ou=groups,dc=example,dc=com"
[user.active.also.vpn]
strategy = "group"
remove_from = "cn=vpn,ou=counters,dc=example,dc=com""#;

/// What is moved away when it is deleted.
const GRAVEYARD: &str = r#"policy = "graveyard"
mark = "scimDeletedAt"
to = "ou=deleted,ou=counters,dc=example,dc=com""#;

/// The mapping that disables by moving, beside the lock.
const AWAY: &str = r#"strategy = "lock"
[user.active.also.place]
strategy = "move"
to = "ou=disabled,ou=people,dc=example,dc=com"
saved_in = "scimSavedValue""#;

/// The mapping that puts users where their departments are.
const PLACED: &str = r#"strategy = "lock"
[user.placement]
base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com"
create = ["organizationalUnit"]"#;

/// Both: whoever is disabled waits elsewhere for the department.
const PLACED_AWAY: &str = r#"strategy = "lock"
[user.active.also.place]
strategy = "move"
to = "ou=disabled,ou=people,dc=example,dc=com"
saved_in = "scimSavedValue"
[user.placement]
base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com"
create = ["organizationalUnit"]"#;

/// One kind of plan.
struct Story {
    name: &'static str,
    /// How `active` is kept, and what DELETE does.
    active: &'static str,
    delete: &'static str,
    /// The requests that come before, and the one that is killed.
    before: &'static [Asked],
    request: Asked,
    /// Statuses of the repetition that mean that it is done.
    done: &'static [u16],
}

/// A request about Jo.
#[derive(Clone, Copy)]
enum Asked {
    Active(bool),
    Rename(&'static str),
    RenameAnd(&'static str, bool),
    /// To another department.
    MoveAnd(&'static str, bool),
    Delete,
    Create,
}

/// A directory with a proxy before it and a bridge before that.
struct Stage {
    id: String,
    bridge: Bridge,
    proxy: Proxy,
    admin: Ldap,
    slapd: Slapd,
}

impl Asked {
    async fn send(self, http: &Http, id: &str) -> Answer {
        let path = format!("/Users/{id}");
        let active = |value: bool| json!({"op": "Replace", "path": "active", "value": value});
        let rename = |name: &str| json!({"op": "Replace", "path": "userName", "value": name});
        let to = |name: &str| json!({"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": name});
        match self {
            Self::Active(value) => http.patch(&path, json!([active(value)])).await,
            Self::Rename(name) => http.patch(&path, json!([rename(name)])).await,
            Self::RenameAnd(name, value) => http.patch(&path, json!([rename(name), active(value)])).await,
            Self::MoveAnd(name, value) => http.patch(&path, json!([to(name), active(value)])).await,
            Self::Delete => http.delete(&path).await,
            Self::Create => http.post("/Users", &json!({"userName": "jo", "active": true})).await,
        }
    }
}

impl Stage {
    async fn set(story: &Story) -> Stage {
        let slapd = Slapd::builder().start().unwrap();
        let mut admin = Ldap::admin(&slapd).await;
        let suffix = slapd.suffix().to_owned();
        for (unit, above) in [("deleted", "counters"), ("disabled", "people")] {
            let dn = format!("ou={unit},ou={above},{suffix}");
            assert_eq!(admin.add(&dn, &[("objectClass", &["organizationalUnit"]), ("ou", &[unit])]).await, 0);
        }
        for (name, above) in [("blocked", "groups"), ("vpn", "counters")] {
            let attrs: [(&str, &[&str]); 3] =
                [("objectClass", &["groupOfNames"]), ("cn", &[name]), ("member", &["cn=nobody,dc=example,dc=com"])];
            assert_eq!(admin.add(&format!("cn={name},ou={above},{suffix}"), &attrs).await, 0);
        }
        let proxy = Proxy::before(&slapd.url());
        let mapping = MAPPING.replace("strategy = \"lock\"", story.active).replace("userType = \"employeeType\"\n", "");
        let mapping = if story.delete.is_empty() {
            mapping
        } else {
            mapping.replace("\npolicy = \"remove\"", &format!("\n{}", story.delete))
        };
        let bridge = Setup::new(&slapd).servers(&[proxy.url()]).groups("").mapping(&mapping).start();
        let http = bridge.http();
        let jo = http.post("/Users", &json!({"userName": "jo", "title": "Lead", "active": true})).await;
        let id = jo.body["id"].as_str().unwrap_or_else(|| panic!("{jo:?}")).to_owned();
        let kim = json!({"userName": "kim", (ENTERPRISE): {"manager": {"value": id}}});
        let kim = http.post("/Users", &kim).await.body["id"].as_str().expect("an id").to_owned();
        for name in ["Team", "Crew"] {
            let members = json!({"displayName": name, "members": [{"value": id}, {"value": kim}]});
            assert_eq!(http.post("/Groups", &members).await.status, 201);
        }
        for asked in story.before {
            let answer = asked.send(&http, &id).await;
            assert!(answer.status < 300, "{}: {answer:?}", story.name);
        }
        Stage { id, bridge, proxy, admin, slapd }
    }

    /// Everything that the directory holds and that is the same in each run. A reference to nobody, which a rename leaves
    /// that is killed after the new name is there, does not count: it is nobody's.
    async fn everything(&mut self) -> Vec<String> {
        let entries = self.admin.search(self.slapd.suffix(), "(objectClass=*)").await;
        let names: Vec<String> = entries.iter().map(|entry| entry.dn.to_lowercase()).collect();
        let is_nobody = |value: &String| value.starts_with("uid=") && !names.contains(&value.to_lowercase());
        let mut lines = Vec::new();
        for unit in ["people", "groups", "counters"] {
            let below = format!("ou={unit},{}", self.slapd.suffix());
            for entry in entries.iter().filter(|entry| entry.dn.ends_with(&below)).cloned() {
                let dn = entry.dn.to_lowercase();
                for (attr, mut values) in entry.attrs {
                    values.retain(|value| !is_nobody(value));
                    values.sort();
                    let text = if is_of_one_run(&attr) { "there".to_owned() } else { values.join("|") };
                    lines.push(format!("{dn}: {attr}: {text}").replace(&self.id, "ID"));
                }
            }
        }
        lines.sort();
        lines
    }

    /// Jo is there once, whole and readable to the bridge's account, or is deleted as asked; nobody else is touched.
    async fn is_usable(&mut self, story: &Story, at: usize) {
        let found = self.admin.search(self.slapd.suffix(), &format!("(entryUUID={})", self.id)).await;
        let gone = matches!(story.request, Asked::Delete) && story.delete.is_empty();
        assert!(found.len() == 1 || gone && found.is_empty(), "{} at {at}: {found:?}", story.name);
        for jo in &found {
            let names = values(jo, "uid");
            let rdn = jo.dn.split(',').next().and_then(|rdn| rdn.strip_prefix("uid=")).expect("a name");
            assert!(names.contains(&rdn) && !values(jo, "sn").is_empty(), "{} at {at}: {jo:?}", story.name);
        }
        for name in ["Team", "Crew"] {
            let group = self.admin.search(&self.slapd.groups(), &format!("(cn={name})")).await;
            let kim = values(&group[0], "member").iter().any(|dn| dn.starts_with("uid=kim,"));
            assert!(kim, "{} at {at}: {group:?}", story.name);
        }
    }

    /// Kills the bridge before the `at`th write of the request; whether there was one.
    async fn kill(&mut self, story: &Story, at: usize) -> bool {
        self.proxy.hold_write(at);
        let (http, id, request) = (self.bridge.http(), self.id.clone(), story.request);
        // the client's task panics when the bridge goes away
        let asking = tokio::spawn(async move { request.send(&http, &id).await.status });
        until("a write or the end", async || self.proxy.is_holding() || asking.is_finished()).await;
        let held = self.proxy.is_holding();
        if held {
            self.bridge.process().kill();
            self.proxy.discard();
        }
        let status = asking.await.ok();
        assert!(
            held || status.is_some_and(|status| story.done.contains(&status)),
            "{} at {at}: {status:?}",
            story.name
        );
        held
    }
}

/// Whether an attribute differs from run to run.
fn is_of_one_run(attr: &str) -> bool {
    let names =
        ["entryUUID", "entryCSN", "createTimestamp", "modifyTimestamp", "scimDeletedAt", "modifiersName", "contextCSN"];
    names.contains(&attr)
}

/// Kills the bridge at every step of the story, each time before a fresh directory.
async fn ends_after_a_kill_at_any_step(story: Story) {
    let story = &story;
    let mut whole = Stage::set(story).await;
    assert!(!whole.kill(story, MOST).await, "{}: too many writes", story.name);
    let wanted = whole.everything().await;
    let mut at = 1;
    loop {
        let mut stage = Stage::set(story).await;
        if !stage.kill(story, at).await {
            break;
        }
        stage.is_usable(story, at).await;
        stage.bridge.start();
        let again = story.request.send(&stage.bridge.http(), &stage.id).await;
        assert!(story.done.contains(&again.status), "{} at {at}: {again:?}", story.name);
        let ended = stage.everything().await;
        let missing: Vec<&String> = wanted.iter().filter(|line| !ended.contains(line)).collect();
        let odd: Vec<&String> = ended.iter().filter(|line| !wanted.contains(line)).collect();
        assert!(missing.is_empty() && odd.is_empty(), "{} at {at}: {missing:#?} became {odd:#?}", story.name);
        at += 1;
    }
    assert!(at > 2, "{} takes several steps", story.name);
}

/// A story in which `request` comes first, and that is done with 200.
const fn story(name: &'static str, request: Asked) -> Story {
    Story { name, active: SEVERAL, delete: "", before: &[], request, done: &[200] }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling() {
    ends_after_a_kill_at_any_step(story("disable", Asked::Active(false))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling() {
    let enable = story("enable", Asked::Active(true));
    ends_after_a_kill_at_any_step(Story { before: &[Asked::Active(false)], ..enable }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming() {
    ends_after_a_kill_at_any_step(story("rename", Asked::Rename("joan"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_and_renaming() {
    ends_after_a_kill_at_any_step(story("disable and rename", Asked::RenameAnd("joan", false))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting() {
    ends_after_a_kill_at_any_step(Story { done: &[204, 404], ..story("delete", Asked::Delete) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_to_the_graveyard() {
    let bury = Story { delete: GRAVEYARD, done: &[204, 404], ..story("bury", Asked::Delete) };
    ends_after_a_kill_at_any_step(bury).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_back_from_the_graveyard() {
    let back = Story { delete: GRAVEYARD, before: &[Asked::Delete], ..story("come back", Asked::Create) };
    ends_after_a_kill_at_any_step(Story { done: &[201, 409], ..back }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_away() {
    ends_after_a_kill_at_any_step(Story { active: AWAY, ..story("move away", Asked::Active(false)) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_and_moving() {
    for active in [PLACED, PLACED_AWAY] {
        let story = Story { active, ..story("disable and move", Asked::MoveAnd("Sales", false)) };
        ends_after_a_kill_at_any_step(story).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_and_moving() {
    for active in [PLACED, PLACED_AWAY] {
        let before: &[Asked] = &[Asked::MoveAnd("Sales", false)];
        let story = Story { active, before, ..story("enable and move", Asked::MoveAnd("Trade", true)) };
        ends_after_a_kill_at_any_step(story).await;
    }
}
