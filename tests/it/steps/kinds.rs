//! The same before each kind of directory, over TLS, and for accounts with passwords. After a kill comes what Entra does
//! next: the same request, and where a create is answered with 409, a search for the name and a PATCH.

use crate::password::SECRET;
use crate::support::bed::encoded;
use crate::support::bridge::{Bridge, Setup, mapping_of};
use crate::support::http::{Answer, Http};
use crate::support::ldap::{Ldap, values};
use crate::support::tls::TlsProxy;
use crate::support::wait::until;
use scim_ldap_bridge::lab::{Directory, Kind};
use serde_json::{Value, json};

/// The most writes that a plan here takes; more mean that it does not end.
const MOST: usize = 30;

/// What Jo is called before a rename and after it.
const NAME: &str = "jo@example.com";
const NEW_NAME: &str = "joan@example.com";

/// What of an entry is the same in each run.
const SHOWN: [&str; 11] = [
    "cn",
    "uid",
    "sn",
    "displayName",
    "userPrincipalName",
    "sAMAccountName",
    "userAccountControl",
    "nsAccountLock",
    "pwdAccountLockedTime",
    "member",
    "memberOf",
];

/// One kind of plan.
struct Story {
    kind: Kind,
    /// The lines of `[user.password]`.
    password: &'static str,
    request: Asked,
}

/// A request about Jo.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Create(bool),
    Active(bool),
    Rename,
}

/// A directory with a proxy before it and a bridge before that. Jo, unless to be created, and Kim are in a group.
struct Stage {
    id: String,
    bridge: Bridge,
    front: TlsProxy,
    admin: Ldap,
    directory: Box<dyn Directory>,
}

fn person(name: &str, shown: &str, active: bool) -> Value {
    json!({"userName": name, "displayName": shown, "password": SECRET, "active": active})
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "Replace", "path": path, "value": value.into()})
}

impl Asked {
    async fn send(self, http: &Http, id: &str) -> Answer {
        let path = format!("/Users/{id}");
        match self {
            Self::Create(active) => http.post("/Users", &person(NAME, "Jo", active)).await,
            Self::Active(value) => http.patch(&path, json!([replace("active", value)])).await,
            Self::Rename => {
                http.patch(&path, json!([replace("userName", NEW_NAME), replace("displayName", "Joan")])).await
            }
        }
    }

    /// What Jo is called then, and whether Jo is enabled.
    fn wanted(self) -> (&'static str, bool) {
        match self {
            Self::Create(active) | Self::Active(active) => (NAME, active),
            Self::Rename => (NEW_NAME, true),
        }
    }
}

impl Story {
    /// The shipped mapping with this source of passwords. For Active Directory the name of an entry is what the client
    /// says, not what a template makes of it.
    fn mapping(&self) -> String {
        let shipped = mapping_of(self.kind);
        if self.kind != Kind::ActiveDirectory {
            return format!("{shipped}\n[user.password]\n{}\n", self.password);
        }
        let given = shipped.replace("\nsource = \"random\"", &format!("\n{}", self.password));
        let named = given.replace("displayName = \"displayName\"", "displayName = { ldap = \"cn\", required = true }");
        let lines: Vec<&str> = named.lines().filter(|line| !line.starts_with("cn = { template")).collect();
        lines.join("\n")
    }

    async fn set(&self) -> Stage {
        let directory = self.kind.start().unwrap();
        let front = TlsProxy::before(&*directory).await;
        let setup = Setup::new(&*directory).servers(&[front.url()]).ca_file(&front.ca_file());
        let bridge = setup.groups("").mapping(&self.mapping()).start();
        let http = bridge.http();
        let mut ids = Vec::new();
        for (name, shown) in [("kim@example.com", "Kim"), (NAME, "Jo")] {
            if name != NAME || !matches!(self.request, Asked::Create(_)) {
                let answer = http.post("/Users", &person(name, shown, true)).await;
                ids.push(answer.body["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned());
            }
        }
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        let team = http.post("/Groups", &json!({"displayName": "Team", "members": members})).await;
        assert_eq!(team.status, 201, "{team:?}");
        let id = ids.get(1).cloned().unwrap_or_default();
        Stage { id, bridge, front, admin: Ldap::admin(&*directory).await, directory }
    }

    /// Kills the bridge before the `at`th write of the request; whether there was one.
    async fn kill(&self, stage: &mut Stage, at: usize) -> bool {
        let proxy = &stage.front.proxy;
        proxy.hold_write(at);
        let (http, id, request) = (stage.bridge.http(), stage.id.clone(), self.request);
        // the client's task panics when the bridge goes away
        let asking = tokio::spawn(async move { request.send(&http, &id).await.status });
        until("a write or the end", async || proxy.is_holding() || asking.is_finished()).await;
        let held = proxy.is_holding();
        if held {
            stage.bridge.process().kill();
            proxy.discard();
        }
        let status = asking.await.ok();
        assert!(held || status.is_some_and(|status| status < 300), "{request:?} at {at}: {status:?}");
        held
    }

    /// What Entra does after a request without an answer.
    async fn go_on(&self, stage: &Stage) {
        let http = stage.bridge.http();
        let again = self.request.send(&http, &stage.id).await;
        let Asked::Create(active) = self.request else {
            assert_eq!(again.status, 200, "{again:?}");
            return;
        };
        if again.status == 201 {
            return;
        }
        assert_eq!(again.status, 409, "{again:?}");
        let id = find(&http, NAME).await["id"].as_str().expect("an id").to_owned();
        let patched = Asked::Active(active).send(&http, &id).await;
        assert_eq!(patched.status, 200, "{patched:?}");
    }

    /// Jo is there once, in the wanted state, and can log in if and only if enabled.
    async fn is_done(&self, stage: &Stage) {
        let (name, active) = self.request.wanted();
        let http = stage.bridge.http();
        let found = find(&http, name).await;
        assert_eq!(found["active"], active, "{found}");
        let jo = stage.admin_entry(name).await;
        if self.password.contains("scim") {
            assert_eq!(Ldap::bind(&*stage.directory, &jo, SECRET).await.is_ok(), active, "{jo}");
        } else {
            let mut admin = Ldap::admin(&*stage.directory).await;
            let with = admin.search(&jo, "(userPassword=*)").await;
            assert_eq!(with.len(), 1, "{jo} has a password");
        }
    }
}

/// The one user of this name.
async fn find(http: &Http, name: &str) -> Value {
    let answer = http.get(&format!("/Users?filter={}", encoded(&format!("userName eq {}", json!(name))))).await;
    let found = answer.body["Resources"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(found.len(), 1, "{answer:?}");
    found[0].clone()
}

impl Stage {
    /// The name of the entry of a user.
    async fn admin_entry(&self, name: &str) -> String {
        let mut admin = Ldap::admin(&*self.directory).await;
        let filter = format!("(|(uid={name})(userPrincipalName={name}))");
        admin.person(&*self.directory, &filter).await.dn
    }

    /// What people and groups are like. A reference to nobody does not count: it is nobody's.
    async fn everything(&mut self) -> Vec<String> {
        let mut entries = self.admin.search(&self.directory.people(), "(objectClass=*)").await;
        entries.extend(self.admin.search(&self.directory.groups(), "(objectClass=*)").await);
        let names: Vec<String> = entries.iter().map(|entry| entry.dn.to_lowercase()).collect();
        let people = self.directory.people().to_lowercase();
        let mut lines = Vec::new();
        for entry in &entries {
            for attr in SHOWN {
                let mut values: Vec<String> = values(entry, attr).into_iter().map(str::to_lowercase).collect();
                values.retain(|value| !value.ends_with(&people) || names.contains(value));
                lines.push(format!("{}: {attr}: {}", entry.dn.to_lowercase(), values.join("|")));
            }
        }
        lines.sort();
        lines
    }

    /// Jo is there at most once and, if there before, still; Kim is in the group.
    async fn is_usable(&mut self, at: usize) {
        let filter = "(|(uid=jo*@*)(userPrincipalName=jo*@*))";
        let jo = self.admin.search(&self.directory.people(), filter).await;
        assert!(jo.len() == 1 || self.id.is_empty() && jo.is_empty(), "at {at}: {jo:?}");
        let kim = self.admin_entry("kim@example.com").await.to_lowercase();
        let team = self.admin.search(&self.directory.groups(), "(cn=Team)").await;
        let members = values(&team[0], "member");
        assert!(members.iter().any(|member| member.to_lowercase() == kim), "at {at}: {team:?}");
    }
}

/// Kills the bridge at every step of the story, each time before a fresh directory; how many steps there were.
async fn ends_after_a_kill_at_any_step(story: Story) -> usize {
    let mut whole = story.set().await;
    assert!(!story.kill(&mut whole, MOST).await, "{:?}: too many writes", story.request);
    story.is_done(&whole).await;
    let wanted = whole.everything().await;
    let mut at = 1;
    loop {
        let mut stage = story.set().await;
        if !story.kill(&mut stage, at).await {
            return at - 1;
        }
        stage.is_usable(at).await;
        stage.bridge.start();
        story.go_on(&stage).await;
        story.is_done(&stage).await;
        let ended = stage.everything().await;
        let missing: Vec<&String> = wanted.iter().filter(|line| !ended.contains(line)).collect();
        let odd: Vec<&String> = ended.iter().filter(|line| !wanted.contains(line)).collect();
        assert!(missing.is_empty() && odd.is_empty(), "{:?} at {at}: {missing:#?} became {odd:#?}", story.request);
        at += 1;
    }
}

const GIVEN: &str = "source = 'scim'";

#[tokio::test(flavor = "multi_thread")]
async fn creating_with_a_password() {
    for (password, active) in [(GIVEN, true), (GIVEN, false), ("source = 'random'", true)] {
        let story = Story { kind: Kind::OpenLdap, password, request: Asked::Create(active) };
        assert!(ends_after_a_kill_at_any_step(story).await > 1, "{password} takes several steps");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_an_account_of_active_directory() {
    let story = Story { kind: Kind::ActiveDirectory, password: GIVEN, request: Asked::Create(true) };
    assert_eq!(ends_after_a_kill_at_any_step(story).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_elsewhere() {
    for kind in [Kind::ActiveDirectory, Kind::Ds389] {
        let story = Story { kind, password: GIVEN, request: Asked::Active(false) };
        assert!(ends_after_a_kill_at_any_step(story).await > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_a_member_before_389_directory_server() {
    let story = Story { kind: Kind::Ds389, password: GIVEN, request: Asked::Rename };
    assert!(ends_after_a_kill_at_any_step(story).await > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_an_account_of_active_directory() {
    let story = Story { kind: Kind::ActiveDirectory, password: GIVEN, request: Asked::Rename };
    assert!(ends_after_a_kill_at_any_step(story).await > 1);
}
