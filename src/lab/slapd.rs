//! A private OpenLDAP server in a directory of its own.

use super::builder::Builder;
use super::conf::{Conf, RFC2307BIS, SCHEMA};
use super::home::{Home, write};
use super::process::{Process, Signal};
use super::{Ca, Certified, Error, port, ready, tool};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A private slapd: its data stays while this exists, whether it runs or not.
pub struct Slapd {
    // ends before its folder goes
    process: Option<Process>,
    conf: Conf,
    home: Home,
    ca_file: PathBuf,
    ports: (u16, u16),
}

impl Slapd {
    /// A slapd with the usual overlays, equality indexes and the shipped schema.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// `ldap://` URL; StartTLS is offered.
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.ports.0)
    }

    /// `ldaps://` URL.
    pub fn tls_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.ports.1)
    }

    /// `ldapi://` URL; SASL EXTERNAL there makes this process's user the bridge's account.
    pub fn socket_url(&self) -> String {
        format!("ldapi://{}", self.socket().display().to_string().replace('/', "%2F"))
    }

    /// The certificate of the authority that signed the server's certificate.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The naming context.
    pub fn suffix(&self) -> &str {
        &self.conf.suffix
    }

    /// Where people are.
    pub fn people(&self) -> String {
        format!("ou=people,{}", self.conf.suffix)
    }

    /// Where groups are.
    pub fn groups(&self) -> String {
        format!("ou=groups,{}", self.conf.suffix)
    }

    /// Where counters are.
    pub fn counters(&self) -> String {
        format!("ou=counters,{}", self.conf.suffix)
    }

    /// DN of a counter, and the attribute that holds its next number.
    pub fn counter(&self, name: &str) -> (String, &'static str) {
        self.conf.counter(name)
    }

    /// DN and password of the administrator, who passes all access control and the password policy.
    pub fn admin(&self) -> (String, &str) {
        (self.conf.admin_dn(), &self.conf.admin_password)
    }

    /// DN and password of the account for the bridge: it may write below people, groups and counters, and read the rest.
    pub fn bridge(&self) -> (String, &str) {
        (self.conf.bridge_dn(), &self.conf.bridge_password)
    }

    /// The folder that holds everything of this server.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Where the log goes.
    pub fn log_file(&self) -> PathBuf {
        self.home.path().join("slapd.log")
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Starts the server on the data and ports it had; returns once it answers.
    pub fn start(&mut self) -> Result<(), Error> {
        let program = tool::find("slapd", "slapd")?;
        let log = self.log_file();
        let file = std::fs::File::create(&log).map_err(Error::io(format!("write `{}`", log.display())))?;
        let errors = file.try_clone().map_err(Error::io(format!("write `{}`", log.display())))?;
        // `-d` keeps it in the foreground, whatever the level
        let mut command = Command::new(program);
        command.args(["-s", "0", "-d", &self.conf.log]).arg("-f").arg(self.conf_file());
        command.args(["-h", &format!("{}/ {}/ {}/", self.url(), self.tls_url(), self.socket_url())]);
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let mut process = Process::spawn(&mut command, self.home.temporary())?;
        ready::wait("slapd", &mut process, &log, PATIENCE, || ready::answers(&self.socket()))?;
        self.process = Some(process);
        Ok(())
    }

    /// Stops the server in order; its data stays.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop(Duration::from_secs(10));
        }
    }

    /// Kills the server as `kill -9` does; its data stays as it was.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Halts the server (SIGSTOP): connections stay open and nothing is answered. Returns once it has come to a halt.
    pub fn pause(&mut self) {
        self.signal(Signal::STOP);
        if let Some(pid) = self.pid() {
            ready::wait_halted(pid, PATIENCE);
        }
    }

    /// Lets a halted server go on.
    pub fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Sends a signal to the running server.
    pub fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }

    /// Makes the database of a server and starts it.
    pub(super) fn create(
        conf: Conf,
        folder: Option<PathBuf>,
        certificates: Option<(String, Certified)>,
    ) -> Result<Slapd, Error> {
        let home = Home::new(folder, "slapd")?;
        let ca_file = home.path().join("tls/ca.pem");
        let mut slapd = Slapd { process: None, conf, home, ca_file, ports: port::two_free()? };
        slapd.prepare(certificates)?;
        // another process may take a port between the probe and the start
        for _ in 0..4 {
            match slapd.start() {
                Err(Error::NotReady { output, .. }) if output.contains("already in use") => {
                    slapd.ports = port::two_free()?;
                }
                other => return other.map(|()| slapd),
            }
        }
        slapd.start().map(|()| slapd)
    }

    /// Writes the server's files and fills the database with the first entries, unless the folder has one already.
    fn prepare(&self, certificates: Option<(String, Certified)>) -> Result<(), Error> {
        let home = self.home.path();
        let (tls, db) = (home.join("tls"), home.join("db"));
        for folder in [&tls, &db] {
            std::fs::create_dir_all(folder).map_err(Error::io(format!("make `{}`", folder.display())))?;
        }
        let (ca, certificate) = match certificates {
            Some(given) => given,
            None => {
                let ca = Ca::new("scim-ldap-bridge lab")?;
                (ca.pem(), ca.local()?)
            }
        };
        certificate.write(&tls, "server")?;
        let conf = self.conf.slapd_conf(home, &tool::schemas()?, tool::modules().as_deref());
        write(&self.ca_file, &ca)?;
        write(&home.join("scim-ldap-bridge.schema"), SCHEMA)?;
        write(&home.join("rfc2307bis.schema"), RFC2307BIS)?;
        write(&self.conf_file(), &conf)?;
        if db.join("data.mdb").exists() {
            return Ok(());
        }
        let entries = home.join("first.ldif");
        write(&entries, &self.conf.first_entries())?;
        let mut slapadd = Command::new(tool::find("slapadd", "slapd")?);
        slapadd.arg("-q").arg("-f").arg(self.conf_file()).args(["-b", self.suffix()]).arg("-l").arg(&entries);
        tool::run("slapadd", &mut slapadd)
    }

    /// The socket for local clients.
    fn socket(&self) -> PathBuf {
        self.home.path().join("ldapi")
    }

    /// The configuration file.
    fn conf_file(&self) -> PathBuf {
        self.home.path().join("slapd.conf")
    }
}
