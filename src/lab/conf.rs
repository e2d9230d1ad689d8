//! Writes what a private slapd reads at its start: `slapd.conf`. The first entries are in `entries`.

use super::entries::WRITABLE;
use super::tool;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The optional schema that the bridge ships, in the form for `slapd.conf`.
pub const SCHEMA: &str = include_str!("../../config/schema/scim-ldap-bridge.schema");

/// The same schema in the form for `cn=config`.
pub const SCHEMA_LDIF: &str = include_str!("../../config/schema/scim-ldap-bridge.ldif");

/// People and groups as RFC 2307bis has them, in place of `nis.schema`.
pub(super) const RFC2307BIS: &str = include_str!("rfc2307bis.schema");

/// A part of slapd that stands between the request and the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// Keeps `memberOf` in step with `member`.
    MemberOf,
    /// Follows renames and deletes in `member` and `manager`, or other attributes that the builder names.
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
    /// Whether groups are those of RFC 2307bis: `posixGroup` is auxiliary, and `groupOfMembers` is there.
    pub(super) rfc2307bis: bool,
    /// Which overlays stand before the database.
    pub(super) overlays: Vec<Overlay>,
    /// Attributes of which no two people have the same value.
    pub(super) unique: Vec<String>,
    /// Attributes of which no two groups have the same value.
    pub(super) unique_groups: Vec<String>,
    /// Attributes in which renames and deletes are followed.
    pub(super) references: Vec<String>,
    /// Whether every write waits for the disk.
    pub(super) durable: bool,
    /// What slapd writes to its log.
    pub(super) log: String,
    /// Further lines for the whole server.
    pub(super) globals: Vec<String>,
    /// Further lines for the database's section, before its overlays.
    pub(super) lines: Vec<String>,
    /// Counters, each with the number that is drawn first.
    pub(super) counters: Vec<(String, u64)>,
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
        let include = |text: &mut String, folder: &Path, schema: &str| {
            line(text, "include", &quoted(&folder.join(format!("{schema}.schema"))));
        };
        include(&mut text, schemas, "core");
        include(&mut text, schemas, "cosine");
        let (folder, posix) = if self.rfc2307bis { (home, "rfc2307bis") } else { (schemas, "nis") };
        include(&mut text, folder, posix);
        include(&mut text, schemas, "inetorgperson");
        if !self.stock {
            include(&mut text, home, "scim-ldap-bridge");
        }
        if let Some(dir) = modules {
            text.push_str(&load(dir, if self.stock { &MODULES[..1] } else { &MODULES }));
        }
        text.push_str(&self.global(home));
        for further in &self.globals {
            let _ = writeln!(text, "{further}");
        }
        text.push_str(&self.database(home));
        for overlay in STACK.iter().filter(|overlay| self.overlays.contains(overlay)) {
            text.push_str(&self.overlay(*overlay));
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
        for unit in WRITABLE {
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
            Overlay::MemberOf => self.member_of(),
            Overlay::RefInt => {
                let references = self.references.join(" ");
                format!("overlay refint\nrefint_attributes {references}\nrefint_nothing \"cn=nobody,{suffix}\"\n")
            }
            Overlay::PPolicy => format!(
                "overlay ppolicy\nppolicy_default \"cn=default,ou=policies,{suffix}\"\nppolicy_use_lockout\n\
                 ppolicy_hash_cleartext\n"
            ),
            Overlay::Unique => {
                let mut text = "overlay unique\n".to_owned();
                for (unit, attributes) in [("people", &self.unique), ("groups", &self.unique_groups)] {
                    for attr in attributes {
                        // without `serialize` two adds at the same moment both pass
                        let _ = writeln!(text, "unique_uri \"serialize ldap:///ou={unit},{suffix}?{attr}?sub\"");
                    }
                }
                text
            }
            Overlay::Sort => "overlay sssvlv\nsssvlv-max 16\n".to_owned(),
        }
    }

    /// `memberOf` of each class of groups that has `member`: an instance follows one class.
    fn member_of(&self) -> String {
        let classes: &[&str] = if self.rfc2307bis { &["groupOfNames", "groupOfMembers"] } else { &["groupOfNames"] };
        let mut text = String::new();
        for class in classes {
            let _ = write!(
                text,
                "overlay memberof\nmemberof-group-oc {class}\nmemberof-member-ad member\n\
                 memberof-memberof-ad memberOf\nmemberof-refint TRUE\nmemberof-dangling ignore\n"
            );
        }
        text
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
