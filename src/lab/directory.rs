//! What all private directories have alike, and picking one by name.

use super::{Ds389, Error, Samba, Signal, Slapd};
use std::path::Path;
use std::str::FromStr;

/// A private directory of any kind: its data stays while this exists, whether it runs or not.
pub trait Directory: Send + Sync {
    /// What it is; its names are those that `bridge.toml` uses.
    fn kind(&self) -> Kind;

    /// `ldap://` URL; StartTLS is offered.
    fn url(&self) -> String;

    /// `ldaps://` URL.
    fn tls_url(&self) -> String;

    /// The certificate of the authority that signed the server's certificate.
    fn ca_file(&self) -> &Path;

    /// The naming context.
    fn suffix(&self) -> &str;

    /// DN and password of the administrator.
    fn admin(&self) -> (String, &str);

    /// DN and password of the account for the bridge: it may write below people and groups, and read the rest.
    fn bridge(&self) -> (String, &str);

    /// The folder that holds everything of this server.
    fn folder(&self) -> &Path;

    /// The process id while it runs.
    fn pid(&self) -> Option<u32>;

    /// Starts the server on the data and address it had; returns once it answers.
    fn start(&mut self) -> Result<(), Error>;

    /// Stops the server in order; its data stays.
    fn stop(&mut self);

    /// Kills the server as `kill -9` does; its data stays as it was.
    fn kill(&mut self);

    /// Halts the server (SIGSTOP): connections stay open and nothing is answered. Returns once it has come to a halt.
    fn pause(&mut self);

    /// Sends a signal to the running server.
    fn signal(&mut self, signal: Signal);

    /// Lets a halted server go on.
    fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    /// The name of its kind in `bridge.toml`.
    fn vendor(&self) -> &'static str {
        self.kind().vendor()
    }

    /// Where people are.
    fn people(&self) -> String {
        format!("ou=people,{}", self.suffix())
    }

    /// Where groups are.
    fn groups(&self) -> String {
        format!("ou=groups,{}", self.suffix())
    }
}

/// The kinds of directories that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Slapd`].
    OpenLdap,
    /// [`Ds389`].
    Ds389,
    /// [`Samba`], which stands in for Active Directory.
    ActiveDirectory,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::OpenLdap, Kind::Ds389, Kind::ActiveDirectory];

    /// The name in `bridge.toml`.
    pub fn vendor(self) -> &'static str {
        match self {
            Kind::OpenLdap => "openldap",
            Kind::Ds389 => "389ds",
            Kind::ActiveDirectory => "active-directory",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::OpenLdap => "OpenLDAP",
            Kind::Ds389 => "389 Directory Server",
            Kind::ActiveDirectory => "Samba domain controller",
        }
    }

    /// Like [`Kind::start`], in this folder (made when absent), which stays.
    pub fn start_in(self, folder: &Path) -> Result<Box<dyn Directory>, Error> {
        Ok(match self {
            Kind::OpenLdap => Box::new(Slapd::builder().folder(folder).start()?),
            Kind::Ds389 => Box::new(Ds389::builder().folder(folder).start()?),
            Kind::ActiveDirectory => Box::new(Samba::builder().folder(folder).start()?),
        })
    }

    /// Starts one as its builder makes it when nothing is asked for.
    pub fn start(self) -> Result<Box<dyn Directory>, Error> {
        Ok(match self {
            Kind::OpenLdap => Box::new(Slapd::builder().start()?),
            Kind::Ds389 => Box::new(Ds389::builder().start()?),
            Kind::ActiveDirectory => Box::new(Samba::builder().start()?),
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Kind, String> {
        let name = if name == "ad" { Kind::ActiveDirectory.vendor() } else { name };
        let found = Kind::ALL.into_iter().find(|kind| kind.vendor() == name);
        let names = || Kind::ALL.map(Kind::vendor).join("`, `");
        found.ok_or_else(|| format!("there is no directory `{name}`; hint: one of `{}`", names()))
    }
}

/// Hands the calls on to the methods of the same names.
macro_rules! directory {
    ($server:ty, $kind:expr) => {
        impl Directory for $server {
            fn kind(&self) -> Kind {
                $kind
            }
            fn url(&self) -> String {
                self.url()
            }
            fn tls_url(&self) -> String {
                self.tls_url()
            }
            fn ca_file(&self) -> &Path {
                self.ca_file()
            }
            fn suffix(&self) -> &str {
                self.suffix()
            }
            fn admin(&self) -> (String, &str) {
                self.admin()
            }
            fn bridge(&self) -> (String, &str) {
                self.bridge()
            }
            fn folder(&self) -> &Path {
                self.folder()
            }
            fn pid(&self) -> Option<u32> {
                self.pid()
            }
            fn start(&mut self) -> Result<(), Error> {
                self.start()
            }
            fn stop(&mut self) {
                self.stop();
            }
            fn kill(&mut self) {
                self.kill();
            }
            fn pause(&mut self) {
                self.pause();
            }
            fn signal(&mut self, signal: Signal) {
                self.signal(signal);
            }
        }
    };
}

directory!(Slapd, Kind::OpenLdap);
directory!(Ds389, Kind::Ds389);
directory!(Samba, Kind::ActiveDirectory);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_picked_by_the_names_of_the_configuration() {
        for kind in Kind::ALL {
            assert_eq!(kind.vendor().parse(), Ok(kind));
        }
        assert_eq!("ad".parse(), Ok(Kind::ActiveDirectory));
        let error = "edirectory".parse::<Kind>().unwrap_err();
        assert_eq!(error, "there is no directory `edirectory`; hint: one of `openldap`, `389ds`, `active-directory`");
    }
}
