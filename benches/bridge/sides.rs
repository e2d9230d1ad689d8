//! The two sides of the comparison, and the slapd that both work on.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use ldap3::{Ldap, LdapConnAsync, Mod, Scope};
use scim_ldap_bridge::lab::{Builder, Ca, Slapd};
use serde_json::{Value as Json, json};

use super::Operation;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The slapd and the bridge before it.
pub(crate) struct Stand {
    slapd: Slapd,
    bridge: Child,
    /// Removed with this.
    _folder: tempfile::TempDir,
    base_url: String,
    admin_url: String,
    token: String,
    ca: String,
}

impl Stand {
    /// Starts both. Writes wait for the disk, as in production.
    pub(crate) async fn start(builder: Builder) -> Result<Self, String> {
        let slapd = builder.start().map_err(text)?;
        let folder = tempfile::tempdir().map_err(text)?;
        let ca = Ca::new("bench").map_err(text)?;
        ca.local().map_err(text)?.write(folder.path(), "server").map_err(text)?;
        write_config(&slapd, folder.path())?;
        let program = PathBuf::from(env!("CARGO_BIN_EXE_scim-ldap-bridge"));
        let config = folder.path().join("bridge.toml");
        let token = Command::new(&program)
            .args(["token", "create", "--name", "bench", "--endpoint", "bench", "--config"])
            .arg(&config)
            .output()
            .map_err(text)?;
        let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
        let mut bridge = Command::new(&program)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(text)?;
        let mut line = String::new();
        let stdout = bridge.stdout.take().ok_or("no stdout")?;
        BufReader::new(stdout).read_line(&mut line).map_err(text)?;
        let url = |name: &str| {
            let found = line.split_whitespace().find_map(|word| word.strip_prefix(name));
            found.map(str::to_owned).ok_or(format!("`{line}` has no `{name}`"))
        };
        let (base_url, admin_url) = (format!("{}/scim/v2", url("scim=")?), url("admin=")?);
        Ok(Self { slapd, bridge, _folder: folder, base_url, admin_url, token, ca: ca.pem() })
    }

    /// A connection as the administrator.
    pub(crate) async fn administrator(&self) -> Result<Ldap, String> {
        let (dn, password) = self.slapd.admin();
        connect(&self.slapd.url(), &dn, password).await
    }

    /// The naming context.
    pub(crate) fn suffix(&self) -> &str {
        self.slapd.suffix()
    }

    /// The bridge's resident memory, now and at most.
    pub(crate) fn memory(&self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.bridge.id())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        let mebibytes = |name| field(name).unwrap_or_default() / 1024.0;
        format!("{:.1} MiB resident, {:.1} MiB at most", mebibytes("VmRSS:"), mebibytes("VmHWM:"))
    }

    /// The CPU time that the bridge has used.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.bridge.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
        (ticks(11) + ticks(12)) / 100.0
    }

    /// How many LDAP operations one request of each kind causes, by the bridge's own metrics.
    pub(crate) async fn operations_per_request(&self, bridge: &Bridge) -> Result<String, String> {
        let mut parts = Vec::new();
        for (operation, label) in [
            (Operation::Create, "create"),
            (Operation::Lookup, "lookup"),
            (Operation::Read, "read"),
            (Operation::Patch, "patch"),
        ] {
            let before = self.operations().await?;
            for index in 0..100 {
                bridge.perform(operation, format!("o{index:07}")).await?;
            }
            parts.push(format!("{label} {:.2}", (self.operations().await? - before) / 100.0));
        }
        Ok(parts.join(", "))
    }

    /// All LDAP operations that the bridge has counted, health probes left out as far as they are known apart.
    async fn operations(&self) -> Result<f64, String> {
        let metrics = reqwest::get(format!("{}/metrics", self.admin_url)).await.map_err(text)?;
        let metrics = metrics.text().await.map_err(text)?;
        let counts = metrics.lines().filter(|line| line.starts_with("scim_ldap_bridge_directory_operations_total"));
        Ok(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let _ = self.bridge.kill();
        let _ = self.bridge.wait();
        self.slapd.kill();
    }
}

fn write_config(slapd: &Slapd, folder: &std::path::Path) -> Result<(), String> {
    let (dn, password) = slapd.bridge();
    let secret = folder.join("bind-password");
    fs::write(&secret, password).map_err(text)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&secret, mode).map_err(text)?;
    fs::write(folder.join("mapping.toml"), include_str!("../../config/mappings/openldap.toml")).map_err(text)?;
    let config = format!(
        r#"
[server]
listen = "127.0.0.1:0"
certificate = "server.pem"
private_key = "server.key"
[admin]
listen = "127.0.0.1:0"
[log]
filter = "warn"
[audit]
file = "audit.log"
[directory.bench]
vendor = "openldap"
servers = ["{url}"]
[directory.bench.bind]
dn = "{dn}"
password = {{ file = "bind-password" }}
[endpoint.bench]
directory = "bench"
mapping = "mapping.toml"
[endpoint.bench.users]
base = "{people}"
scope = "one"
[endpoint.bench.groups]
base = "{groups}"
scope = "one"
"#,
        url = slapd.url(),
        people = slapd.people(),
        groups = slapd.groups()
    );
    fs::write(folder.join("bridge.toml"), config).map_err(text)
}

/// Raw LDAP with the client crate that the bridge uses, over as many connections.
pub(crate) struct Raw {
    connections: Vec<Ldap>,
    people: String,
    suffix: String,
    ids: Mutex<HashMap<String, String>>,
}

impl Raw {
    /// Connects as the bridge's account does.
    pub(crate) async fn connect(stand: &Stand) -> Result<Self, String> {
        let mut connections = Vec::new();
        for _ in 0..2 {
            let (dn, password) = stand.slapd.bridge();
            connections.push(connect(&stand.slapd.url(), &dn, password).await?);
        }
        Ok(Self { connections, people: stand.slapd.people(), suffix: stand.suffix().to_owned(), ids: Mutex::default() })
    }

    /// One operation on the user `name`, which a create has made before.
    pub(crate) async fn perform(&self, operation: Operation, name: String) -> Result<(), String> {
        let odd = name.ends_with(['1', '3', '5', '7', '9']);
        let mut ldap = self.connections[usize::from(odd)].clone();
        match operation {
            Operation::Create => {
                let attrs = attributes(&name);
                ldap.add(&self.dn(&name), attrs).await.and_then(ldap3::LdapResult::success).map_err(text)?;
            }
            Operation::Lookup => {
                let filter = format!("(&(objectClass=inetOrgPerson)(uid={name}))");
                let id = self.search(&mut ldap, &filter).await?;
                self.ids.lock().map_err(text)?.insert(name, id);
            }
            Operation::Read => {
                let id = self.ids.lock().map_err(text)?.get(&name).cloned().ok_or("no id")?;
                self.search(&mut ldap, &format!("(&(objectClass=inetOrgPerson)(entryUUID={id}))")).await?;
            }
            Operation::Patch => {
                let change = Mod::Replace("title".to_owned(), HashSet::from(["Lead".to_owned()]));
                ldap.modify(&self.dn(&name), vec![change]).await.and_then(ldap3::LdapResult::success).map_err(text)?;
            }
        }
        Ok(())
    }

    /// One of the connections.
    pub(crate) fn connection(&self, index: usize) -> Ldap {
        self.connections[index % self.connections.len()].clone()
    }

    /// The DN of the entry below `ou=unit` that has this id.
    pub(crate) async fn dn_of(&self, ldap: &mut Ldap, unit: &str, id: &str) -> Result<String, String> {
        let (base, filter) = (format!("ou={unit},{}", self.suffix), format!("(entryUUID={id})"));
        let found = ldap.search(&base, Scope::OneLevel, &filter, vec!["entryUUID"]).await.map_err(text)?;
        let (mut entries, _) = found.success().map_err(text)?;
        Ok(ldap3::SearchEntry::construct(entries.pop().ok_or("nothing found")?).dn)
    }

    /// The name of a user.
    pub(crate) fn dn(&self, name: &str) -> String {
        format!("uid={name},{}", self.people)
    }

    async fn search(&self, ldap: &mut Ldap, filter: &str) -> Result<String, String> {
        let found = ldap.search(&self.people, Scope::OneLevel, filter, vec!["*", "+"]).await.map_err(text)?;
        let (mut entries, _) = found.success().map_err(text)?;
        let entry = ldap3::SearchEntry::construct(entries.pop().ok_or("nothing found")?);
        entry.attrs.get("entryUUID").and_then(|ids| ids.first()).cloned().ok_or("no entryUUID".to_owned())
    }
}

/// The bridge over TLS.
pub(crate) struct Bridge {
    http: reqwest::Client,
    base_url: String,
    token: String,
    ids: Mutex<HashMap<String, String>>,
}

impl Bridge {
    /// A client that keeps its connections.
    pub(crate) fn connect(stand: &Stand) -> Result<Self, String> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let ca = reqwest::Certificate::from_pem(stand.ca.as_bytes()).map_err(text)?;
        let http = reqwest::Client::builder().tls_certs_only([ca]).http1_only().build().map_err(text)?;
        Ok(Self { http, base_url: stand.base_url.clone(), token: stand.token.clone(), ids: Mutex::default() })
    }

    /// One operation on the user `name`, which a create has made before.
    pub(crate) async fn perform(&self, operation: Operation, name: String) -> Result<(), String> {
        match operation {
            Operation::Create => {
                let body = self.send(reqwest::Method::POST, "/Users", Some(user(&name)), 201).await?;
                self.keep(name, &body)
            }
            Operation::Lookup => {
                let path = format!("/Users?filter=userName+eq+%22{name}%22");
                let body = self.send(reqwest::Method::GET, &path, None, 200).await?;
                if body["totalResults"] == 1 { Ok(()) } else { Err(format!("`{name}` was not found")) }
            }
            Operation::Read => {
                let path = format!("/Users/{}", self.id(&name)?);
                self.send(reqwest::Method::GET, &path, None, 200).await.map(drop)
            }
            Operation::Patch => {
                let operations = json!([{"op": "Replace", "path": "title", "value": "Lead"}]);
                let patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
                let body = json!({"schemas": [patch], "Operations": operations});
                let path = format!("/Users/{}", self.id(&name)?);
                self.send(reqwest::Method::PATCH, &path, Some(body), 200).await.map(drop)
            }
        }
    }

    fn keep(&self, name: String, body: &Json) -> Result<(), String> {
        let id = body["id"].as_str().ok_or("no id")?.to_owned();
        self.ids.lock().map_err(text)?.insert(name, id);
        Ok(())
    }

    fn id(&self, name: &str) -> Result<String, String> {
        self.ids.lock().map_err(text)?.get(name).cloned().ok_or(format!("`{name}` has no id"))
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Json>, status: u16) -> Result<Json, String> {
        serde_json::from_str(&self.send_text(method, path, body, status).await?).map_err(text)
    }

    /// The body of the answer, which must have this status.
    pub(crate) async fn send_text(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Json>,
        status: u16,
    ) -> Result<String, String> {
        let mut request = self.http.request(method, format!("{}{path}", self.base_url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json; charset=utf-8").body(body.to_string());
        }
        let response = request.send().await.map_err(text)?;
        let found = response.status().as_u16();
        let body = response.text().await.map_err(text)?;
        if found != status {
            return Err(format!("{path}: {found} {body}"));
        }
        Ok(body)
    }
}

/// The same user on both sides.
fn attributes(name: &str) -> Vec<(String, HashSet<String>)> {
    let mail = format!("{name}@example.com");
    let attrs = [
        ("objectClass", "inetOrgPerson"),
        ("uid", name),
        ("scimExternalId", name),
        ("displayName", "Jo Doe"),
        ("title", "Engineer"),
        ("cn", "Jo Doe"),
        ("sn", "Doe"),
        ("givenName", "Jo"),
        ("mail", &mail),
        ("telephoneNumber", "+31 1"),
        ("departmentNumber", "IT"),
    ];
    let mut attrs: Vec<(String, HashSet<String>)> =
        attrs.iter().map(|(attr, value)| ((*attr).to_owned(), HashSet::from([(*value).to_owned()]))).collect();
    attrs[0].1.insert("scimResource".to_owned());
    attrs
}

fn user(name: &str) -> Json {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    json!({
        "schemas": [USER, enterprise], "userName": name, "externalId": name, "displayName": "Jo Doe",
        "title": "Engineer", "active": true,
        "name": {"formatted": "Jo Doe", "familyName": "Doe", "givenName": "Jo"},
        "emails": [{"type": "work", "value": format!("{name}@example.com"), "primary": true}],
        "phoneNumbers": [{"type": "work", "value": "+31 1"}],
        (enterprise): {"department": "IT"},
    })
}

/// A bound connection.
async fn connect(url: &str, dn: &str, password: &str) -> Result<Ldap, String> {
    let (driver, mut ldap) = LdapConnAsync::new(url).await.map_err(text)?;
    ldap3::drive!(driver);
    ldap.simple_bind(dn, password).await.and_then(ldap3::LdapResult::success).map_err(text)?;
    Ok(ldap)
}

pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
