//! A private Samba as Active Directory domain controller, in a directory of its own.
//!
//! It stands in for Active Directory, but is laxer: it takes names that are too long there, returns all members of a
//! large group at once, and enables accounts without a password.

mod builder;
mod domain;
#[cfg(test)]
mod tests;

pub use builder::SambaBuilder;

use super::home::{Home, write};
use super::process::{Process, Signal};
use super::{Ca, Error, password, ready, snapshot, tool};
use base64::Engine;
use domain::{Domain, FIRST_PASSWORD};
use std::fmt::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Debian package.
const PACKAGE: &str = "samba-ad-dc";

/// The ports that it listens on; its source fixes them.
const PORTS: [u16; 4] = [389, 636, 3268, 3269];

/// A private domain controller: its data stays while this exists, whether it runs or not.
///
/// It takes no password over a connection without TLS (`strongerAuthRequired`). A new password needs 7 characters of 3
/// kinds.
pub struct Samba {
    // ends before its folder goes
    process: Option<Process>,
    domain: Domain,
    address: Ipv4Addr,
    home: Home,
    ca_file: PathBuf,
    admin_password: String,
    bridge_password: String,
}

impl Samba {
    /// A domain with units for people and groups, and the bridge's account.
    pub fn builder() -> SambaBuilder {
        SambaBuilder::new()
    }

    /// `ldap://` URL; StartTLS is offered, and needed before a bind.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// `ldaps://` URL.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// The certificate of the authority that signed the server's certificate.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The naming context, as it was asked for; the server writes `DC`.
    pub fn suffix(&self) -> &str {
        &self.domain.suffix
    }

    /// Where people are.
    pub fn people(&self) -> String {
        format!("ou=people,{}", self.domain.suffix)
    }

    /// Where groups are.
    pub fn groups(&self) -> String {
        format!("ou=groups,{}", self.domain.suffix)
    }

    /// DN and password of the administrator.
    pub fn admin(&self) -> (String, &str) {
        (self.domain.admin_dn(), &self.admin_password)
    }

    /// DN and password of the account for the bridge, to which all but access control is delegated below people and
    /// groups. Like every user it may read the rest.
    pub fn bridge(&self) -> (String, &str) {
        (self.domain.bridge_dn(), &self.bridge_password)
    }

    /// The folder that holds everything of this server.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Where the log goes.
    pub fn log_file(&self) -> PathBuf {
        self.home.path().join("samba.log")
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Starts the server on the data and address it had; returns once it answers.
    pub fn start(&mut self) -> Result<(), Error> {
        let log = self.log_file();
        let file = std::fs::File::create(&log).map_err(Error::io(format!("write `{}`", log.display())))?;
        let errors = file.try_clone().map_err(Error::io(format!("write `{}`", log.display())))?;
        let mut command = Command::new(tool::find("samba", PACKAGE)?);
        // in the foreground, and as one process
        command.args(["-i", "-M", "single", "--debuglevel=1", "-s"]).arg(self.home.path().join("etc/smb.conf"));
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let mut process = Process::spawn(&mut command, self.home.temporary())?;
        let socket = self.home.path().join("private/ldapi");
        ready::wait("samba", &mut process, &log, PATIENCE, || ready::answers(&socket))?;
        self.process = Some(process);
        Ok(())
    }

    /// Stops the server in order; its data stays.
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

    /// Copies a domain, gives it passwords and a certificate of its own, and starts it.
    fn create(domain: Domain, entries: &str, folder: Option<PathBuf>) -> Result<Samba, Error> {
        let ingredients = domain.ingredients()?;
        let address = free_address()?;
        let home = Home::new(folder, "samba")?;
        let ingredients: Vec<&str> = ingredients.iter().map(String::as_str).collect();
        snapshot::copy("samba", &ingredients, home.path(), |folder| domain.make(folder))?;
        domain.configure(home.path(), address)?;
        let (tls, ca) = (home.path().join("tls"), Ca::new("scim-ldap-bridge lab")?);
        // it does not start when others may read the key
        ca.server([address.to_string()])?.write(&tls, "server")?;
        let ca_file = tls.join("ca.pem");
        write(&ca_file, &ca.pem())?;
        // characters of three kinds
        let new = || format!("Lab-{}", password());
        let (admin_password, bridge_password) = (new(), new());
        let mut samba = Samba { process: None, domain, address, home, ca_file, admin_password, bridge_password };
        samba.start()?;
        samba.fill(entries)?;
        Ok(samba)
    }

    /// Sets the passwords, and adds entries as the administrator.
    fn fill(&self, entries: &str) -> Result<(), Error> {
        let mut passwords = String::new();
        for (dn, password) in [self.bridge(), self.admin()] {
            let value = encoded(password);
            let _ = write!(passwords, "dn: {dn}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {value}\n-\n\n");
        }
        self.change(&passwords, FIRST_PASSWORD, &[])?;
        if entries.is_empty() { Ok(()) } else { self.change(entries, &self.admin_password, &["-a"]) }
    }

    /// Applies LDIF as the administrator.
    fn change(&self, ldif: &str, password: &str, arguments: &[&str]) -> Result<(), Error> {
        let (file, secret) = (self.home.path().join("change.ldif"), self.home.path().join("password"));
        write(&file, ldif)?;
        write(&secret, password)?;
        let mut modify = Command::new(tool::find("ldapmodify", "ldap-utils")?);
        modify.env("LDAPTLS_CACERT", &self.ca_file).args(["-x", "-H", &self.tls_url(), "-D", &self.admin().0]);
        let done = tool::run("ldapmodify", modify.args(arguments).arg("-y").arg(&secret).arg("-f").arg(&file));
        for file in [file, secret] {
            std::fs::remove_file(&file).map_err(Error::io(format!("remove `{}`", file.display())))?;
        }
        done
    }
}

/// A password as `unicodePwd` wants it: in quotes, as UTF-16 (MS-ADTS §3.1.1.3.1.5), here in base64 for LDIF.
fn encoded(password: &str) -> String {
    let bytes: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// An address on loopback where nothing listens on the ports.
fn free_address() -> Result<Ipv4Addr, Error> {
    let mut last = std::io::ErrorKind::AddrInUse.into();
    for _ in 0..100 {
        let mut bytes = [0; 3];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::io("draw an address")(std::io::Error::other(error.to_string())))?;
        let [a, b, c] = bytes;
        // away from 127.0.0.0, where people and other programs choose theirs
        let address = Ipv4Addr::new(127, 64 | a, b, c.clamp(1, 254));
        match PORTS.iter().try_for_each(|port| TcpListener::bind((address, *port)).map(drop)) {
            Ok(()) => return Ok(address),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Err(Error::NeedsRoot),
            Err(error) => last = error,
        }
    }
    Err(Error::io("find a free address on loopback")(last))
}
