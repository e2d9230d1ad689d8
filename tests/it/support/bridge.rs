//! The real binary in front of a private directory.

use super::http::Http;
use scim_ldap_bridge::entra::{Client, Dialect, Job, Mapping};
use scim_ldap_bridge::lab::{Ca, Directory, Kind, Process};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The mapping that the package ships for OpenLDAP.
pub(crate) const MAPPING: &str = include_str!("../../../config/mappings/openldap.toml");

/// The mapping that the package ships for directories of this kind.
pub(crate) fn mapping_of(kind: Kind) -> &'static str {
    match kind {
        Kind::OpenLdap => MAPPING,
        Kind::Ds389 => include_str!("../../../config/mappings/389ds.toml"),
        Kind::ActiveDirectory => include_str!("../../../config/mappings/active-directory.toml"),
    }
}

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a bridge shall be like, before it is started.
pub(crate) struct Setup {
    vendor: String,
    servers: Vec<String>,
    ca_file: String,
    account: String,
    password: String,
    base: String,
    path: String,
    mapping: String,
    server: String,
    directory: String,
    groups_base: String,
    groups: Option<String>,
    further: String,
    environment: Vec<(String, String)>,
}

/// A running bridge; it is killed when this is dropped.
pub(crate) struct Bridge {
    process: Option<Process>,
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// The authority of its certificate, as PEM.
    pub(crate) ca: String,
    path: String,
    /// `https://HOST:PORT`
    pub(crate) origin: String,
    /// `http://HOST:PORT` of the admin listener.
    pub(crate) admin: String,
    /// A token that may do everything.
    pub(crate) token: String,
}

impl Setup {
    /// The mapping that is shipped for it over everyone below `ou=people`, at `/scim/v2`, over ldaps with the bridge's own account.
    pub(crate) fn new(directory: &dyn Directory) -> Setup {
        let (account, password) = directory.bridge();
        Setup {
            vendor: directory.vendor().to_owned(),
            servers: vec![directory.tls_url()],
            ca_file: directory.ca_file().display().to_string(),
            account,
            password: password.to_owned(),
            base: directory.people(),
            path: "/scim/v2".to_owned(),
            mapping: mapping_of(directory.kind()).to_owned(),
            server: String::new(),
            directory: String::new(),
            groups_base: directory.groups(),
            groups: None,
            further: String::new(),
            environment: Vec::new(),
        }
    }

    /// Another kind of directory than it is.
    pub(crate) fn vendor(mut self, name: &str) -> Setup {
        self.vendor = name.to_owned();
        self
    }

    /// Another password of the bridge's account.
    pub(crate) fn password(mut self, password: &str) -> Setup {
        self.password = password.to_owned();
        self
    }

    /// Another authority for the directory's certificate.
    pub(crate) fn ca_file(mut self, path: &Path) -> Setup {
        self.ca_file = path.display().to_string();
        self
    }

    /// Further lines of `[server]`.
    pub(crate) fn server(mut self, toml: &str) -> Setup {
        self.server = toml.to_owned();
        self
    }

    /// Further lines of `[directory.lab]`.
    pub(crate) fn directory(mut self, toml: &str) -> Setup {
        self.directory = toml.to_owned();
        self
    }

    /// A variable in the environment of the process.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Setup {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another mapping.
    pub(crate) fn mapping(mut self, text: &str) -> Setup {
        self.mapping = text.to_owned();
        self
    }

    /// Another path of the endpoint.
    pub(crate) fn path(mut self, path: &str) -> Setup {
        self.path = path.to_owned();
        self
    }

    /// Other servers, the preferred one first.
    pub(crate) fn servers(mut self, urls: &[String]) -> Setup {
        self.servers = urls.to_vec();
        self
    }

    /// Another base of the users.
    pub(crate) fn base(mut self, dn: &str) -> Setup {
        self.base = dn.to_owned();
        self
    }

    /// Groups too, below `ou=groups`, with further lines of `[endpoint.lab.groups]`.
    pub(crate) fn groups(mut self, toml: &str) -> Setup {
        self.groups = Some(toml.to_owned());
        self
    }

    /// Further tables of the configuration.
    pub(crate) fn further(mut self, toml: &str) -> Setup {
        self.further = toml.to_owned();
        self
    }

    /// Writes the files, makes a token and starts the bridge; returns once it is ready.
    pub(crate) fn start(self) -> Bridge {
        let mut bridge = self.prepare();
        bridge.start();
        bridge
    }

    /// Writes the files and makes a token.
    pub(crate) fn prepare(self) -> Bridge {
        let mut bridge = self.write();
        bridge.token = bridge.new_token("test", &[]);
        bridge
    }

    /// What a command complains about, and its exit code, when no token can be made.
    pub(crate) fn fails(self, command: &str) -> (String, i32) {
        let (_, stderr, code) = self.write().run(&[command]);
        (stderr, code)
    }

    /// Writes the files.
    fn write(self) -> Bridge {
        let folder = TempDir::with_prefix("scim-ldap-bridge-test-").unwrap();
        let ca = Ca::new("test").unwrap();
        ca.local().unwrap().write(folder.path(), "server").unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("ldap-password", &self.password);
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path().join("ldap-password"), private).unwrap();
        file("mapping.toml", &self.mapping);
        file("bridge.toml", &self.config());
        Bridge {
            process: None,
            folder,
            environment: self.environment,
            ca: ca.pem(),
            path: self.path,
            origin: String::new(),
            admin: String::new(),
            token: String::new(),
        }
    }

    /// The configuration file.
    fn config(&self) -> String {
        let Setup { servers, ca_file, account, base, path, server, directory, further, .. } = self;
        let (vendor, groups_base) = (&self.vendor, &self.groups_base);
        let groups = self.groups.as_ref();
        let groups = groups.map(|toml| format!("[endpoint.lab.groups]\nbase = '{groups_base}'\n{toml}\n"));
        let groups = groups.unwrap_or_default();
        let certificate = if server.contains("danger_plain_http") {
            ""
        } else {
            "certificate = 'server.pem'\nprivate_key = 'server.key'\n"
        };
        format!(
            "[server]\nlisten = '127.0.0.1:0'\n{certificate}tokens = 'tokens.toml'\n{server}\n\
             [admin]\nlisten = '127.0.0.1:0'\n[audit]\nfile = 'audit.jsonl'\n\
             [directory.lab]\nvendor = '{vendor}'\nservers = {servers:?}\nca_file = '{ca_file}'\n\
             bind = {{ dn = '{account}', password = {{ file = 'ldap-password' }} }}\n{directory}\n\
             [endpoint.lab]\npath = '{path}'\ndirectory = 'lab'\nmapping = 'mapping.toml'\nusers = {{ base = '{base}' }}\n\
             {groups}{further}\n"
        )
    }
}

impl Bridge {
    /// The tenant URL.
    pub(crate) fn tenant_url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// A provisioning job against it.
    pub(crate) fn job(&self, dialect: Dialect, mapping: Mapping) -> Job {
        Job::new(Client::new(&self.tenant_url(), &self.token, Some(&self.ca)).unwrap(), dialect, mapping)
    }

    /// An HTTP client that shows the token.
    pub(crate) fn http(&self) -> Http {
        Http::new(&self.tenant_url(), Some(&self.token), &self.ca)
    }

    /// An HTTP client that shows this token, or none.
    pub(crate) fn http_as(&self, token: Option<&str>) -> Http {
        Http::new(&self.tenant_url(), token, &self.ca)
    }

    /// An HTTP client for another path of it.
    pub(crate) fn http_at(&self, path: &str, token: Option<&str>) -> Http {
        Http::new(&format!("{}{path}", self.origin), token, &self.ca)
    }

    /// What Entra is told for another path of it: a tenant URL and a token.
    pub(crate) fn client_at(&self, path: &str, token: &str) -> Client {
        Client::new(&format!("{}{path}", self.origin), token, Some(&self.ca)).unwrap()
    }

    /// The text of a page of the admin listener with its status.
    pub(crate) async fn admin(&self, path: &str) -> (u16, String) {
        let http = Http::new(&self.admin, None, &self.ca);
        http.get_text(path).await
    }

    /// The configuration file.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.path().join("bridge.toml")
    }

    /// The folder with all its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the bridge wrote to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The lines of the audit trail.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("an audit line")).collect()
    }

    /// Runs another command of the binary with this configuration: what it printed, and its exit code.
    pub(crate) fn run(&self, args: &[&str]) -> (String, String, i32) {
        let output = self.command(args).arg("--config").arg(self.config_file()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
    }

    /// The binary with these arguments, in the environment of the bridge.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scim-ldap-bridge"));
        command.args(args).envs(self.environment.iter().cloned());
        command
    }

    /// Makes a token for the endpoint.
    pub(crate) fn new_token(&self, name: &str, further: &[&str]) -> String {
        let args = [&["token", "create", "--name", name, "--endpoint", "lab"], further].concat();
        let (stdout, stderr, code) = self.run(&args);
        assert_eq!(code, 0, "{stderr}");
        stdout.trim().to_owned()
    }

    /// Starts it, again on other ports, and waits for the line that says where it listens.
    pub(crate) fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&["serve", "--config"]);
        command.arg(self.config_file());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut process = Process::spawn(&mut command, None).unwrap();
        let line = process.first_line(PATIENCE).unwrap_or_else(|| panic!("the bridge is not ready: {}", self.log()));
        let address = |key: &str| {
            let found = line.split(' ').find_map(|word| word.strip_prefix(key));
            found.unwrap_or_else(|| panic!("`{line}` has no `{key}`")).to_owned()
        };
        (self.origin, self.admin) = (address("scim="), address("admin="));
        self.process = Some(process);
    }

    /// The running process.
    pub(crate) fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the bridge runs")
    }
}
