//! Everything that the demo starts: a private directory, certificates, a token, a configuration, and the real `serve`.

use super::{Failure, io};
use crate::http::token::{self, Allow, NewToken, TokenName, TokenText};
use crate::lab::{Ca, Directory, Kind, Process};
use crate::ops::Clock;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The mapping that is shipped for directories of this kind.
fn mapping(kind: Kind) -> &'static str {
    match kind {
        Kind::OpenLdap => include_str!("../../../config/mappings/openldap.toml"),
        Kind::Ds389 => include_str!("../../../config/mappings/389ds.toml"),
        Kind::ActiveDirectory => include_str!("../../../config/mappings/active-directory.toml"),
    }
}

/// The endpoint's name.
const ENDPOINT: &str = "demo";

/// How long the bridge may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// The running parts and where they are. Ends and removes them when it is dropped.
pub(super) struct Bed {
    // the order of the fields is the order in which they end
    bridge: Process,
    directory: Box<dyn Directory>,
    folder: Folder,
    /// The authorities that both servers' certificates come from, as PEM.
    pub(super) ca: String,
    /// A token for the endpoint.
    pub(super) token: String,
    /// `https://HOST:PORT/scim/v2`
    pub(super) scim_url: String,
    /// `http://HOST:PORT/metrics`
    pub(super) metrics_url: String,
}

/// Where the files are.
enum Folder {
    /// Removed at the end.
    Temporary(TempDir),
    /// Kept.
    Kept(PathBuf),
}

impl Bed {
    /// Starts everything; returns once the bridge answers.
    pub(super) fn make(kind: Kind, keep: bool) -> Result<Bed, Failure> {
        let folder = Folder::make(keep)?;
        let path = folder.path();
        let ca = Ca::new("scim-ldap-bridge demo").map_err(Failure::of)?;
        ca.local().map_err(Failure::of)?.write(path, "server").map_err(Failure::of)?;
        let directory = kind.start_in(&path.join("directory")).map_err(Failure::of)?;
        let trusted = std::fs::read_to_string(directory.ca_file()).map_err(io("read the directory's authority"))?;
        let ca = format!("{}{trusted}", ca.pem());
        write(path, "ca.pem", &ca)?;
        write(path, "mapping.toml", mapping(kind))?;
        write(path, "ldap-password", directory.bridge().1)?;
        write(path, "bridge.toml", &config(&*directory))?;
        let token = make_token(&path.join("tokens.toml"))?;
        let mut bridge = serve(path, !keep)?;
        let (scim, admin) = ready(&mut bridge, path)?;
        Ok(Bed {
            bridge,
            directory,
            folder,
            ca,
            token,
            scim_url: format!("{scim}/scim/v2"),
            metrics_url: format!("{admin}/metrics"),
        })
    }

    /// The directory.
    pub(super) fn directory(&self) -> &dyn Directory {
        &*self.directory
    }

    /// The bridge's process id.
    pub(super) fn bridge_pid(&self) -> u32 {
        self.bridge.pid()
    }

    /// A file of the demo.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder, if it stays.
    pub(super) fn kept(&self) -> Option<&Path> {
        match &self.folder {
            Folder::Temporary(_) => None,
            Folder::Kept(path) => Some(path),
        }
    }

    /// Stops the bridge, which finishes what it has begun, then the directory.
    pub(super) fn stop(&mut self) {
        self.bridge.stop(PATIENCE);
        self.directory.stop();
    }
}

impl Folder {
    /// A new folder of our own.
    fn make(keep: bool) -> Result<Folder, Failure> {
        let folder = TempDir::with_prefix("scim-ldap-bridge-demo-").map_err(io("make a temporary folder"))?;
        Ok(if keep { Folder::Kept(folder.keep()) } else { Folder::Temporary(folder) })
    }

    /// Its path.
    fn path(&self) -> &Path {
        match self {
            Folder::Temporary(folder) => folder.path(),
            Folder::Kept(path) => path,
        }
    }
}

/// The configuration: as small as one can be, on ports that the system chooses.
fn config(directory: &dyn Directory) -> String {
    format!(
        "# Made by `scim-ldap-bridge demo`.\n\n\
         [server]\nlisten = \"127.0.0.1:0\"\ncertificate = \"server.pem\"\nprivate_key = \"server.key\"\n\
         tokens = \"tokens.toml\"\n\n\
         [admin]\nlisten = \"127.0.0.1:0\"\n\n\
         [audit]\nfile = \"audit.jsonl\"\n\n\
         [directory.private]\nvendor = \"{}\"\nservers = [\"{}\"]\nca_file = \"ca.pem\"\n\
         bind = {{ dn = \"{}\", password = {{ file = \"ldap-password\" }} }}\n\n\
         [endpoint.{ENDPOINT}]\npath = \"/scim/v2\"\ndirectory = \"private\"\nmapping = \"mapping.toml\"\n\
         users = {{ base = \"{}\" }}\ngroups = {{ base = \"{}\" }}\n",
        directory.vendor(),
        directory.tls_url(),
        directory.bridge().0,
        directory.people(),
        directory.groups(),
    )
}

/// Makes a token for the endpoint.
fn make_token(file: &Path) -> Result<String, Failure> {
    let text = TokenText::generate().map_err(Failure::of)?;
    let new = NewToken {
        name: TokenName::new("demo").map_err(Failure::of)?,
        endpoint: ENDPOINT.to_owned(),
        allow: Allow::Write,
        description: Some("made by `scim-ldap-bridge demo`".to_owned()),
        expires: None,
    };
    token::update(file, |set| set.add(new, &text, Clock::system().now())).map_err(Failure::of)?;
    Ok(text.expose().to_owned())
}

/// Starts the real `serve`: this same executable, as a process of its own.
fn serve(folder: &Path, remove: bool) -> Result<Process, Failure> {
    let program = std::env::current_exe().map_err(io("find the running executable"))?;
    let log = folder.join("bridge.log");
    let log = std::fs::File::create(&log).map_err(io(format!("write `{}`", log.display())))?;
    let mut command = Command::new(program);
    command.args(["serve", "--config"]).arg(folder.join("bridge.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    Process::spawn(&mut command, remove.then_some(folder)).map_err(Failure::of)
}

/// Waits for the line that says where the bridge listens: the SCIM address and the admin address.
fn ready(bridge: &mut Process, folder: &Path) -> Result<(String, String), Failure> {
    let line = bridge.first_line(PATIENCE).unwrap_or_default();
    let address = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
    address("scim=").zip(address("admin=")).ok_or_else(|| {
        let log = std::fs::read_to_string(folder.join("bridge.log")).unwrap_or_default();
        Failure::Run(format!("the bridge does not start: {}", log.trim()))
    })
}

/// Writes a file that only its owner may read.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(io(format!("write `{}`", path.display())))
}
