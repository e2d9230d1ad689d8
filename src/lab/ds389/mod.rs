//! A private 389 Directory Server in a directory of its own.
//!
//! It is made without `dscreate`, which wants systemd and takes a quarter of a minute: the settings are written from
//! the packaged template, and the first entries are added once it answers.

mod builder;
mod conf;
mod dse;
#[cfg(test)]
mod tests;

pub use builder::Ds389Builder;
pub use conf::SCHEMA_389DS;

use super::home::{Home, make, read, write};
use super::process::{Process, Signal};
use super::{Ca, Certified, Error, port, ready, tool};
use conf::{ADMIN, Conf};
use dse::Dse;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Debian package.
const PACKAGE: &str = "389-ds-base";

/// Where the package keeps its templates.
const TEMPLATES: &str = "/usr/share/dirsrv/data";

/// The file to which the server adds schema that it is taught later.
const OWN_SCHEMA: &str =
    "dn: cn=schema\nobjectClass: top\nobjectClass: ldapSubentry\nobjectClass: subschema\ncn: schema\n";

/// Folders that it wants.
const FOLDERS: [&str; 8] = ["lock", "tmp", "ldif", "bak", "run", "log", "db", "tls"];

/// A private 389 Directory Server: its data stays while this exists, whether it runs or not.
pub struct Ds389 {
    // ends before its folder goes
    process: Option<Process>,
    conf: Conf,
    /// Its name on this machine; a semaphore is named after it.
    instance: String,
    home: Home,
    ca_file: PathBuf,
    ports: (u16, u16),
}

impl Ds389 {
    /// A server with the plug-ins for `memberOf`, referential integrity and uniqueness, and the shipped schema.
    pub fn builder() -> Ds389Builder {
        Ds389Builder::new()
    }

    /// `ldap://` URL; StartTLS is offered.
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.ports.0)
    }

    /// `ldaps://` URL.
    pub fn tls_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.ports.1)
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
        (ADMIN.to_owned(), &self.conf.admin_password)
    }

    /// DN and password of the account for the bridge: it may write below people, groups and counters, and read the
    /// rest of the suffix.
    pub fn bridge(&self) -> (String, &str) {
        (self.conf.bridge_dn(), &self.conf.bridge_password)
    }

    /// The folder that holds everything of this server.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Where faults are logged.
    pub fn log_file(&self) -> PathBuf {
        self.home.path().join("server.log")
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Starts the server on the data and ports it had; returns once it answers.
    pub fn start(&mut self) -> Result<(), Error> {
        let program = tool::find("ns-slapd", PACKAGE)?;
        // one that was killed leaves its semaphore, which stops a start as another user
        let _ = std::fs::remove_file(self.semaphore());
        let log = self.log_file();
        let file = std::fs::File::create(&log).map_err(Error::io(format!("write `{}`", log.display())))?;
        let errors = file.try_clone().map_err(Error::io(format!("write `{}`", log.display())))?;
        let mut command = Command::new(program);
        // `-d` keeps it in the foreground; this is the level at which it logs faults, warnings and notices
        command.arg("-D").arg(self.config()).arg("-i").arg(self.home.path().join("pid")).args(["-d", "266354688"]);
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let semaphore = self.semaphore();
        let leftovers = [semaphore.as_path()].into_iter().chain(self.home.temporary());
        let mut process = Process::spawn(&mut command, leftovers)?;
        let socket = self.home.path().join("ldapi");
        ready::wait("ns-slapd", &mut process, &log, PATIENCE, || ready::answers(&socket))?;
        self.process = Some(process);
        Ok(())
    }

    /// Stops the server in order, which takes some seconds; its data stays.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop(PATIENCE);
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

    /// Makes a server, starts it and adds its first entries.
    fn create(conf: Conf, folder: Option<PathBuf>, certificates: Option<(String, Certified)>) -> Result<Ds389, Error> {
        let home = Home::new(folder, "389ds")?;
        let ca_file = home.path().join("tls/ca.pem");
        let instance = format!("lab-{}", super::password());
        let mut server = Ds389 { process: None, conf, instance, home, ca_file, ports: port::two_free()? };
        server.prepare(certificates)?;
        server.start_somewhere()?;
        server.fill()?;
        Ok(server)
    }

    /// Starts the server for the first time; another process may take a port between the probe and the start.
    fn start_somewhere(&mut self) -> Result<(), Error> {
        for _ in 0..4 {
            match self.start() {
                Err(Error::NotReady { output, .. }) if output.contains("address is in use") => {
                    self.ports = port::two_free()?;
                    let mut dse = Dse::from_template(&read(&self.config().join("dse.ldif"))?, &[]);
                    self.set_ports(&mut dse);
                    write(&self.config().join("dse.ldif"), &dse.to_string())?;
                }
                other => return other,
            }
        }
        self.start()
    }

    /// Says where to listen.
    fn set_ports(&self, dse: &mut Dse) {
        dse.set("cn=config", "nsslapd-port", &[&self.ports.0.to_string()]);
        dse.set("cn=config", "nsslapd-securePort", &[&self.ports.1.to_string()]);
    }

    /// Writes the server's files.
    fn prepare(&self, certificates: Option<(String, Certified)>) -> Result<(), Error> {
        let (home, config) = (self.home.path(), self.config());
        for folder in FOLDERS {
            make(&home.join(folder))?;
        }
        let schema = config.join("schema");
        make(&schema)?;
        if !Path::new(TEMPLATES).is_dir() {
            return Err(Error::NotInstalled { program: "ns-slapd", package: PACKAGE, looked: TEMPLATES.to_owned() });
        }
        // the packaged ones are in a folder that only root may enter
        write(&config.join("certmap.conf"), "certmap default default\ndefault:DNComps\ndefault:FilterComps: e, uid\n")?;
        write(&config.join("slapd-collations.conf"), "")?;
        write(&schema.join("99user.ldif"), OWN_SCHEMA)?;
        if !self.conf.stock {
            write(&schema.join("98scim-ldap-bridge.ldif"), SCHEMA_389DS)?;
        }
        self.certificate(certificates)?;
        let mut dse = self.conf.dse(home, &config, Path::new(TEMPLATES), &tool::user()?)?;
        self.set_ports(&mut dse);
        write(&config.join("dse.ldif"), &dse.to_string())
    }

    /// Puts the certificate into the server's key database, under the name that the settings have for it.
    fn certificate(&self, certificates: Option<(String, Certified)>) -> Result<(), Error> {
        let (ca, certificate) = match certificates {
            Some(given) => given,
            None => {
                let ca = Ca::new("scim-ldap-bridge lab")?;
                (ca.pem(), ca.local()?)
            }
        };
        let (tls, keys) = (self.home.path().join("tls"), self.config());
        let (certificate, key) = certificate.write(&tls, "server")?;
        write(&self.ca_file, &ca)?;
        let bundle = tls.join("server.p12");
        let mut new = Command::new(tool::find("certutil", "libnss3-tools")?);
        tool::run("certutil", new.args(["-N", "--empty-password", "-d"]).arg(&keys))?;
        let mut trust = Command::new(tool::find("certutil", "libnss3-tools")?);
        trust.args(["-A", "-n", "lab", "-t", "CT,,", "-i"]).arg(&self.ca_file).arg("-d").arg(&keys);
        tool::run("certutil", &mut trust)?;
        let mut pack = Command::new(tool::find("openssl", "openssl")?);
        pack.args(["pkcs12", "-export", "-name", "Server-Cert", "-passout", "pass:", "-in"]).arg(certificate);
        tool::run("openssl", pack.arg("-inkey").arg(key).arg("-out").arg(&bundle))?;
        let mut import = Command::new(tool::find("pk12util", "libnss3-tools")?);
        tool::run("pk12util", import.arg("-i").arg(&bundle).arg("-d").arg(&keys).args(["-K", "", "-W", ""]))
    }

    /// Adds the first entries as the administrator.
    fn fill(&self) -> Result<(), Error> {
        let (entries, password) = (self.home.path().join("first.ldif"), self.home.path().join("password"));
        write(&entries, &self.conf.first_entries())?;
        write(&password, &self.conf.admin_password)?;
        let mut add = Command::new(tool::find("ldapadd", "ldap-utils")?);
        add.args(["-x", "-H", &self.url(), "-D", ADMIN, "-y"]).arg(&password).arg("-f").arg(&entries);
        let done = tool::run("ldapadd", &mut add);
        std::fs::remove_file(&password).map_err(Error::io(format!("remove `{}`", password.display())))?;
        done
    }

    /// The folder of its settings; the server takes its name from it.
    fn config(&self) -> PathBuf {
        self.home.path().join(format!("slapd-{}", self.instance))
    }

    /// The file of the semaphore that the server makes.
    fn semaphore(&self) -> PathBuf {
        PathBuf::from(format!("/dev/shm/sem.slapd-{}.stats", self.instance))
    }
}

impl Drop for Ds389 {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_file(self.semaphore());
    }
}
