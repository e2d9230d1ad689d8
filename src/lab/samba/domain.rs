//! What a private domain holds before it is copied: its units, the bridge's account, and what that may do.

use crate::lab::home::{make, write};
use crate::lab::{Error, tool};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

/// Passwords in the snapshot; each copy gets its own at once.
pub(super) const FIRST_PASSWORD: &str = "First-Passw0rd-of-a-snapshot";

/// The package of the tool that makes domains.
const TOOL_PACKAGE: &str = "samba-common-bin";

/// The units below the suffix that the bridge's account may write to.
const WRITABLE: [&str; 2] = ["people", "groups"];

/// What the bridge's account may do: in the unit make and delete entries, and with those everything but change who
/// may do what. `CI` hands a right down, `IO` leaves the unit itself out (MS-DTYP §2.5.1.1, MS-ADTS §5.1.3.2).
const RIGHTS: [&str; 2] = ["A;CI;CCDCLCLORPRC", "A;CIIO;SWWPCRSDDT"];

/// A domain, named after its suffix.
#[derive(Clone)]
pub(super) struct Domain {
    /// The naming context; all its parts are `dc`.
    pub(super) suffix: String,
}

impl Domain {
    /// DN of the administrator.
    pub(super) fn admin_dn(&self) -> String {
        format!("cn=Administrator,cn=Users,{}", self.suffix)
    }

    /// DN of the account that the bridge uses.
    pub(super) fn bridge_dn(&self) -> String {
        format!("cn=scim-bridge,ou=services,{}", self.suffix)
    }

    /// All that goes into a snapshot: the programs, and what is done with them.
    pub(super) fn ingredients(&self) -> Result<Vec<String>, Error> {
        let program = tool::find("samba", super::PACKAGE)?;
        let version = tool::output("samba", Command::new(&program).arg("-V"))?;
        let found = program.metadata().and_then(|found| Ok((found.len(), found.modified()?)));
        let found = found.map_err(Error::io(format!("look at `{}`", program.display())))?;
        let settings = self.settings(Path::new("/"), Ipv4Addr::LOCALHOST);
        let rest = [version, format!("{found:?}"), settings, RIGHTS.concat(), WRITABLE.concat(), FIRST_PASSWORD.into()];
        Ok(rest.into())
    }

    /// Makes the domain in an empty folder.
    pub(super) fn make(&self, home: &Path) -> Result<(), Error> {
        let (realm, workgroup) = self.names();
        // what it would otherwise read are the settings of this machine's own Samba
        let none = home.join("none.conf");
        write(&none, "")?;
        let mut provision = Command::new(tool::find("samba-tool", TOOL_PACKAGE)?);
        provision.args(["domain", "provision", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1"]);
        provision.args(["--host-ip=127.0.0.1", "--option=interfaces=127.0.0.1/8", "--option=bind interfaces only=yes"]);
        provision.arg(format!("--realm={realm}")).arg(format!("--domain={workgroup}"));
        provision.arg(format!("--adminpass={FIRST_PASSWORD}")).arg("-s").arg(&none);
        tool::run("samba-tool", provision.arg(format!("--targetdir={}", home.display())))?;
        self.configure(home, Ipv4Addr::LOCALHOST)?;
        for unit in ["people", "groups", "services"] {
            self.tool(home, &["ou", "create", &format!("OU={unit},{}", self.suffix)])?;
        }
        self.tool(home, &["user", "create", "scim-bridge", FIRST_PASSWORD, "--userou=OU=services"])?;
        let shown = self.tool(home, &["user", "show", "scim-bridge", "--attributes=objectSid"])?;
        let sid = shown.lines().find_map(|line| line.strip_prefix("objectSid: ")).unwrap_or_default();
        let rights = RIGHTS.map(|right| format!("({right};;;{sid})")).concat();
        for unit in WRITABLE {
            let dn = format!("--objectdn=OU={unit},{}", self.suffix);
            self.tool(home, &["dsacl", "set", &dn, &format!("--sddl={rights}")])?;
        }
        Ok(())
    }

    /// Writes the settings of a server that lives in `home` and listens on `address`.
    pub(super) fn configure(&self, home: &Path, address: Ipv4Addr) -> Result<(), Error> {
        for folder in ["etc", "run", "cache", "tls"] {
            make(&home.join(folder))?;
        }
        write(&home.join("etc/smb.conf"), &self.settings(home, address))
    }

    /// The settings: only the LDAP server runs, without SMB, Kerberos and DNS.
    fn settings(&self, home: &Path, address: Ipv4Addr) -> String {
        let (realm, workgroup) = self.names();
        let home = home.display();
        // without a mask the address is none of the machine's interfaces, and nothing listens;
        // a password that was replaced would be taken for another hour;
        // the files are not synced, so that a crash of the machine, not of the server, may lose writes
        format!(
            "[global]\nnetbios name = DC1\nrealm = {realm}\nworkgroup = {workgroup}\n\
             server role = active directory domain controller\nserver services = ldap\n\
             interfaces = {address}/8\nbind interfaces only = yes\nold password allowed period = 0\nldb:nosync = yes\n\
             private dir = {home}/private\nstate directory = {home}/state\ncache directory = {home}/cache\n\
             lock directory = {home}\nbinddns dir = {home}/bind-dns\npid directory = {home}/run\n\
             ncalrpc dir = {home}/run/ncalrpc\nlogging = file\nlog file = {home}/log.samba\n\
             tls enabled = yes\ntls certfile = {home}/tls/server.pem\ntls keyfile = {home}/tls/server.key\n\
             tls cafile = {home}/tls/ca.pem\ntls priority = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2\n"
        )
    }

    /// The names of the domain: the realm and the old, short one.
    fn names(&self) -> (String, String) {
        let parts: Vec<&str> = self.suffix.split(',').map(|rdn| rdn.get(3..).unwrap_or(rdn)).collect();
        (parts.join(".").to_uppercase(), parts[0].to_uppercase())
    }

    /// Calls the tool on the data of a server that does not run.
    fn tool(&self, home: &Path, arguments: &[&str]) -> Result<String, Error> {
        let mut command = Command::new(tool::find("samba-tool", TOOL_PACKAGE)?);
        command.args(arguments).arg("-H").arg(home.join("private/sam.ldb"));
        tool::output("samba-tool", command.arg("-s").arg(home.join("etc/smb.conf")))
    }
}
