//! Writes what a private slapd reads at its start: `slapd.conf` and the first entries.

use super::tool;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The optional schema that the bridge ships, in the form for `slapd.conf`.
pub const SCHEMA: &str = include_str!("../../config/schema/scim-ldap-bridge.schema");

/// The same schema in the form for `cn=config`.
pub const SCHEMA_LDIF: &str = include_str!("../../config/schema/scim-ldap-bridge.ldif");

/// A part of slapd that stands between the request and the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// Keeps `memberOf` in step with `member`.
    MemberOf,
    /// Follows renames and deletes in `member` and `manager`.
    RefInt,
    /// Password policy; its default policy locks accounts.
    PPolicy,
    /// Refuses a second entry with the same value.
    Unique,
    /// Replication provider, and with it `contextCSN`.
    SyncProv,
    /// Server-side sort and virtual list views.
    Sort,
}

/// What a slapd shall be like.
#[derive(Clone)]
pub(super) struct Conf {
    /// The naming context; its first part is a `dc`.
    pub(super) suffix: String,
    /// Whether it has only what every OpenLDAP has: neither the shipped schema nor what overlays bring along.
    pub(super) stock: bool,
    /// Which overlays stand before the database.
    pub(super) overlays: Vec<Overlay>,
    /// Attributes of which no two people have the same value.
    pub(super) unique: Vec<String>,
    /// Whether every write waits for the disk.
    pub(super) durable: bool,
    /// What slapd writes to its log.
    pub(super) log: String,
    /// Further lines for the database's section, before its overlays.
    pub(super) lines: Vec<String>,
    /// Further entries, as LDIF.
    pub(super) entries: String,
    /// Password of the administrator.
    pub(super) admin_password: String,
    /// Password of the bridge's account.
    pub(super) bridge_password: String,
}

/// Indexes for what the shipped mappings search: equality only.
const INDEXES: &str = "\
index objectClass,entryUUID,entryCSN,createTimestamp eq
index uid,cn,mail,member,uniqueMember,memberUid,manager,employeeNumber,uidNumber,gidNumber eq
";

/// Indexes on attributes of the shipped schema and of overlays.
const FURTHER_INDEXES: &str = "\
index memberOf,scimExternalId,scimOwner eq
index scimDeletedAt pres,eq
";

/// The backend, and then what brings overlays along.
const MODULES: [&str; 7] = ["back_mdb", "memberof", "refint", "ppolicy", "unique", "syncprov", "sssvlv"];

/// Overlays and what each needs, in the order in which they are stacked.
const STACK: [Overlay; 6] =
    [Overlay::SyncProv, Overlay::MemberOf, Overlay::RefInt, Overlay::PPolicy, Overlay::Unique, Overlay::Sort];

impl Conf {
    /// DN of the administrator, who passes all access control.
    pub(super) fn admin_dn(&self) -> String {
        format!("cn=admin,{}", self.suffix)
    }

    /// DN of the account that the bridge uses.
    pub(super) fn bridge_dn(&self) -> String {
        format!("cn=scim-bridge,ou=services,{}", self.suffix)
    }

    /// The text of `slapd.conf` for a server that lives in `home`.
    pub(super) fn slapd_conf(&self, home: &Path, schemas: &Path, modules: Option<&Path>) -> String {
        let mut text = String::new();
        for schema in ["core", "cosine", "nis", "inetorgperson"] {
            line(&mut text, "include", &quoted(&schemas.join(format!("{schema}.schema"))));
        }
        if !self.stock {
            line(&mut text, "include", &quoted(&home.join("scim-ldap-bridge.schema")));
        }
        if let Some(dir) = modules {
            text.push_str(&load(dir, if self.stock { &MODULES[..1] } else { &MODULES }));
        }
        text.push_str(&self.global(home));
        text.push_str(&self.database(home));
        for overlay in STACK.iter().filter(|overlay| self.overlays.contains(overlay)) {
            text.push_str(&self.overlay(*overlay));
        }
        text
    }

    /// The entries that are there from the start, as LDIF.
    pub(super) fn first_entries(&self) -> String {
        let suffix = &self.suffix;
        let dc = suffix.split(',').next().and_then(|rdn| rdn.strip_prefix("dc=")).unwrap_or("example");
        let mut text =
            format!("dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: {dc}\n\n");
        for unit in ["people", "groups", "services", "policies"] {
            let _ = write!(text, "dn: ou={unit},{suffix}\nobjectClass: organizationalUnit\nou: {unit}\n\n");
        }
        let policy = if self.stock {
            String::new()
        } else {
            text.push_str(&self.policies());
            format!("pwdPolicySubentry: cn=services,ou=policies,{suffix}\n")
        };
        let _ = write!(
            text,
            "dn: {}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: scim-bridge\n\
             userPassword: {}\n{policy}\n",
            self.bridge_dn(),
            self.bridge_password
        );
        text.push_str(&self.entries);
        text
    }

    /// The password policies: the default one locks accounts, that of services does not.
    fn policies(&self) -> String {
        let (mut text, suffix) = (String::new(), &self.suffix);
        for (name, rules) in [("default", "pwdLockout: TRUE\npwdMaxFailure: 5\n"), ("services", "pwdLockout: FALSE\n")]
        {
            let _ = write!(
                text,
                "dn: cn={name},ou=policies,{suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: {name}\n\
                 pwdAttribute: userPassword\npwdMinLength: 8\npwdCheckQuality: 2\n{rules}\n"
            );
        }
        text
    }

    /// What holds for the whole server: TLS, limits, who an ldapi or certificate client is.
    fn global(&self, home: &Path) -> String {
        let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        let bridge = self.bridge_dn();
        let tls = home.join("tls");
        // a backslash is eaten inside quotes, hence `[+]`; Debian's slapd is built with GnuTLS, where only the
        // priority string keeps the old versions of TLS away
        format!(
            "TLSCACertificateFile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}\nTLSVerifyClient allow\n\
             TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2\n\
             sizelimit size.soft=500 size.hard=5000 size.prtotal=unlimited\n\
             authz-regexp \"gidNumber={gid}[+]uidNumber={uid},cn=peercred,cn=external,cn=auth\" \"{bridge}\"\n\
             authz-regexp \"^cn=scim-bridge$\" \"{bridge}\"\n",
            quoted(&tls.join("ca.pem")),
            quoted(&tls.join("server.pem")),
            quoted(&tls.join("server.key")),
        )
    }

    /// The database, its indexes and who may do what.
    fn database(&self, home: &Path) -> String {
        let (suffix, admin, bridge) = (&self.suffix, self.admin_dn(), self.bridge_dn());
        let mut text = format!(
            "database mdb\nsuffix \"{suffix}\"\nrootdn \"{admin}\"\nrootpw {}\ndirectory {}\nmaxsize 1073741824\n{}{INDEXES}{}",
            self.admin_password,
            quoted(&home.join("db")),
            if self.durable { "" } else { "dbnosync\n" },
            if self.stock { "" } else { FURTHER_INDEXES },
        );
        for further in &self.lines {
            let _ = writeln!(text, "{further}");
        }
        for unit in ["people", "groups"] {
            let _ = write!(
                text,
                "access to dn.subtree=\"ou={unit},{suffix}\" attrs=userPassword\n  by dn.exact=\"{bridge}\" write\n  \
                 by self write\n  by anonymous auth\n  by * none\n\
                 access to dn.subtree=\"ou={unit},{suffix}\"\n  by dn.exact=\"{bridge}\" write\n  by users read\n  by * none\n"
            );
        }
        text.push_str("access to attrs=userPassword\n  by self write\n  by anonymous auth\n  by * none\n");
        text.push_str("access to *\n  by users read\n  by * none\n");
        text
    }

    /// One overlay with its settings.
    fn overlay(&self, overlay: Overlay) -> String {
        let suffix = &self.suffix;
        match overlay {
            Overlay::SyncProv => "overlay syncprov\nsyncprov-checkpoint 100 10\n".to_owned(),
            Overlay::MemberOf => "overlay memberof\nmemberof-group-oc groupOfNames\nmemberof-member-ad member\n\
                 memberof-memberof-ad memberOf\nmemberof-refint TRUE\nmemberof-dangling ignore\n"
                .to_owned(),
            Overlay::RefInt => {
                format!("overlay refint\nrefint_attributes member manager\nrefint_nothing \"cn=nobody,{suffix}\"\n")
            }
            Overlay::PPolicy => format!(
                "overlay ppolicy\nppolicy_default \"cn=default,ou=policies,{suffix}\"\nppolicy_use_lockout\n\
                 ppolicy_hash_cleartext\n"
            ),
            Overlay::Unique => {
                let mut text = "overlay unique\n".to_owned();
                for attr in &self.unique {
                    // without `serialize` two adds at the same moment both pass
                    let _ = writeln!(text, "unique_uri \"serialize ldap:///ou=people,{suffix}?{attr}?sub\"");
                }
                text
            }
            Overlay::Sort => "overlay sssvlv\nsssvlv-max 16\n".to_owned(),
        }
    }
}

/// Loads every module that is a file here; the others are compiled in.
fn load(dir: &Path, modules: &[&str]) -> String {
    let mut text = String::new();
    line(&mut text, "modulepath", &quoted(dir));
    for module in modules {
        if tool::has_module(dir, module) {
            line(&mut text, "moduleload", module);
        }
    }
    text
}

/// One directive.
fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} {value}");
}

/// A path as `slapd.conf` wants it.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", PathBuf::from(path).display())
}
