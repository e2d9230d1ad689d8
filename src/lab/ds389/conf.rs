//! What a private 389 Directory Server shall be like, as its settings (`dse.ldif`) and its first entries.

use super::dse::Dse;
use crate::lab::Error;
use crate::lab::home::read;
use std::fmt::Write;
use std::path::Path;

/// The optional schema that the bridge ships, in the form for 389 Directory Server.
pub const SCHEMA_389DS: &str = include_str!("../../../config/schema/scim-ldap-bridge-389ds.ldif");

/// DN of the administrator.
pub(super) const ADMIN: &str = "cn=Directory Manager";

/// The units below the suffix that the bridge's account may write to.
const WRITABLE: [&str; 3] = ["people", "groups", "counters"];

/// The settings of the database.
const DATABASE: &str = "cn=config,cn=ldbm database,cn=plugins,cn=config";

/// Attributes that the shipped mappings search by equality and that have no index of their own.
const INDEXES: [&str; 7] =
    ["manager", "employeeNumber", "entryUUID", "createTimestamp", "scimExternalId", "scimOwner", "scimDeletedAt"];

/// What a server shall be like.
#[derive(Clone)]
pub(super) struct Conf {
    /// The naming context; its first part is a `dc`.
    pub(super) suffix: String,
    /// Whether it has neither the shipped schema nor plug-ins beyond those that are on from the start.
    pub(super) stock: bool,
    /// Attributes of which no two people have the same value.
    pub(super) unique: Vec<String>,
    /// Attributes of which no two groups have the same value.
    pub(super) unique_groups: Vec<String>,
    /// Attributes in which renames and deletes are followed.
    pub(super) references: Vec<String>,
    /// Whether every write waits for the disk.
    pub(super) durable: bool,
    /// Further settings: entry, attribute, values.
    pub(super) settings: Vec<(String, String, Vec<String>)>,
    /// Counters, each with the number that is drawn first.
    pub(super) counters: Vec<(String, u64)>,
    /// Further entries, as LDIF.
    pub(super) entries: String,
    /// Password of the administrator.
    pub(super) admin_password: String,
    /// Password of the bridge's account.
    pub(super) bridge_password: String,
}

impl Conf {
    /// DN of the account that the bridge uses.
    pub(super) fn bridge_dn(&self) -> String {
        format!("cn=scim-bridge,ou=services,{}", self.suffix)
    }

    /// DN of a counter, and its attribute.
    pub(super) fn counter(&self, name: &str) -> (String, &'static str) {
        let attr = if self.stock { "serialNumber" } else { "scimNextNumber" };
        (format!("cn={name},ou=counters,{}", self.suffix), attr)
    }

    /// The settings of a server that lives in `home` and runs as `user`, from the packaged templates in `templates`.
    pub(super) fn dse(&self, home: &Path, config: &Path, templates: &Path, user: &str) -> Result<Dse, Error> {
        let place = |name: &str| home.join(name).display().to_string();
        let (config, schema) = (config.display().to_string(), config.join("schema").display().to_string());
        let paths = ["lock", "tmp", "ldif", "bak", "run", "inst", "log", "db", "ldapi"].map(|name| (name, place(name)));
        let path = |name: &str| paths.iter().find(|(known, _)| *known == name).map_or("", |(_, path)| path.as_str());
        let values = [
            ("schema_dir", schema.as_str()),
            ("config_dir", &config),
            ("cert_dir", &config),
            ("lock_dir", path("lock")),
            ("tmp_dir", path("tmp")),
            ("ldif_dir", path("ldif")),
            ("bak_dir", path("bak")),
            ("run_dir", path("run")),
            ("inst_dir", path("inst")),
            ("log_dir", path("log")),
            ("db_dir", path("db")),
            ("db_home_dir", path("db")),
            ("db_lib", "bdb"),
            ("ldapi_enabled", "on"),
            ("ldapi", path("ldapi")),
            ("ldapi_autobind", "off"),
            ("ds_user", user),
            ("fqdn", "localhost"),
            ("rootdn", ADMIN),
            ("ds_suffix", &self.suffix),
            ("ds_bename", "userRoot"),
        ];
        let mut dse = Dse::from_template(&read(&templates.join("template-dse.ldif"))?, &values);
        dse.append(Dse::from_template(&read(&templates.join("template-suffix-db.ldif"))?, &values));
        self.adjust(&mut dse);
        Ok(dse)
    }

    /// Sets what is not as the template has it.
    fn adjust(&self, dse: &mut Dse) {
        dse.set("cn=config", "nsslapd-rootpwstoragescheme", &["CLEAR"]);
        dse.set("cn=config", "nsslapd-rootpw", &[&format!("{{CLEAR}}{}", self.admin_password)]);
        for attr in ["nsslapd-listenhost", "nsslapd-securelistenhost"] {
            dse.set("cn=config", attr, &["127.0.0.1"]);
        }
        dse.set("cn=config", "nsslapd-security", &["on"]);
        dse.set("cn=encryption,cn=config", "sslVersionMin", &["TLS1.2"]);
        // else the caches take a share of the machine's memory
        dse.set(DATABASE, "nsslapd-cache-autosize", &["0"]);
        dse.set(DATABASE, "nsslapd-dbcachesize", &["33554432"]);
        let durable = if self.durable { "on" } else { "off" };
        dse.set(DATABASE, "nsslapd-db-durable-transaction", &[durable]);
        // the server adds these by itself too, but then they work only from its second start on
        plugin(dse, "entryuuid_syntax", ["libentryuuid-syntax-plugin", "entryuuid_syntax_plugin_init", "syntax"], &[]);
        plugin(dse, "entryuuid", ["libentryuuid-plugin", "entryuuid_plugin_init", "betxnpreoperation"], &[]);
        if !self.stock {
            self.plugins(dse);
            dse.set("cn=config", "passwordCheckSyntax", &["on"]);
            for attr in INDEXES.into_iter().chain(self.references.iter().map(String::as_str)) {
                index(dse, attr);
            }
        }
        for (dn, attr, values) in &self.settings {
            dse.set(dn, attr, &values.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    /// Switches on what keeps memberships, references and uniqueness.
    fn plugins(&self, dse: &mut Dse) {
        let dn = |name: &str| format!("cn={name},cn=plugins,cn=config");
        let (member_of, references) = (dn("MemberOf Plugin"), dn("referential integrity postoperation"));
        dse.set(&member_of, "nsslapd-pluginEnabled", &["on"]);
        dse.set(&member_of, "memberOfAutoAddOC", &["nsMemberOf"]);
        dse.set(&references, "nsslapd-pluginEnabled", &["on"]);
        dse.set(&references, "referint-update-delay", &["0"]);
        let attrs: Vec<&str> = self.references.iter().map(String::as_str).collect();
        dse.set(&references, "referint-membership-attr", &attrs);
        for (unit, attributes) in [("people", &self.unique), ("groups", &self.unique_groups)] {
            for attr in attributes {
                let settings = [
                    "nsslapd-plugin-depends-on-type: database".to_owned(),
                    format!("uniqueness-attribute-name: {attr}"),
                    format!("uniqueness-subtrees: ou={unit},{}", self.suffix),
                ];
                let code = ["libattr-unique-plugin", "NSUniqueAttr_Init", "betxnpreoperation"];
                plugin(dse, &format!("{attr} of {unit}"), code, &settings);
            }
        }
    }

    /// The suffix, its units with who may do what, the bridge's account, counters, and what else was asked for.
    pub(super) fn first_entries(&self) -> String {
        let (suffix, bridge) = (&self.suffix, self.bridge_dn());
        let dc = suffix.split(',').next().and_then(|rdn| rdn.strip_prefix("dc=")).unwrap_or("example");
        let mut text = format!(
            "dn: {suffix}\nobjectClass: domain\ndc: {dc}\n\
             aci: (targetattr != \"userPassword || aci\")(version 3.0; acl \"users read\"; \
             allow (read, search, compare) userdn = \"ldap:///all\";)\n\
             aci: (targetattr = \"userPassword\")(version 3.0; acl \"own password\"; \
             allow (write) userdn = \"ldap:///self\";)\n\n"
        );
        for unit in WRITABLE {
            let _ = write!(
                text,
                "dn: ou={unit},{suffix}\nobjectClass: organizationalUnit\nou: {unit}\n\
                 aci: (targetattr != \"aci\")(version 3.0; acl \"scim-bridge writes\"; \
                 allow (read, search, compare, write, add, delete) userdn = \"ldap:///{bridge}\";)\n\
                 aci: (target_to = \"ldap:///ou={unit},{suffix}\")(target_from = \"ldap:///ou={unit},{suffix}\")\
                 (version 3.0; acl \"scim-bridge moves\"; allow (moddn) userdn = \"ldap:///{bridge}\";)\n\n"
            );
        }
        let _ = write!(
            text,
            "dn: ou=services,{suffix}\nobjectClass: organizationalUnit\nou: services\n\n\
             dn: {bridge}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: scim-bridge\n\
             userPassword: {}\n\n",
            self.bridge_password
        );
        for (name, next) in &self.counters {
            let (dn, attr) = self.counter(name);
            let class = if self.stock { "device" } else { "scimCounter" };
            let _ = write!(text, "dn: {dn}\nobjectClass: {class}\ncn: {name}\n{attr}: {next}\n\n");
        }
        text.push_str(&self.entries);
        text
    }
}

/// An equality index.
fn index(dse: &mut Dse, attr: &str) {
    let dn = format!("cn={attr},cn=default indexes,{DATABASE}");
    dse.set(&dn, "objectClass", &["top", "nsIndex"]);
    dse.set(&dn, "cn", &[attr]);
    dse.set(&dn, "nsSystemIndex", &["false"]);
    dse.set(&dn, "nsIndexType", &["eq", "pres"]);
}

/// A plug-in that is on, from its library, its entry point and its type, and its own settings.
fn plugin(dse: &mut Dse, name: &str, [library, init, kind]: [&str; 3], settings: &[String]) {
    let mut lines = ["top", "nsSlapdPlugin", "extensibleObject"].map(|class| format!("objectClass: {class}")).to_vec();
    lines.push(format!("cn: {name}"));
    lines.push(format!("nsslapd-pluginPath: {library}"));
    lines.push(format!("nsslapd-pluginInitfunc: {init}"));
    lines.push(format!("nsslapd-pluginType: {kind}"));
    lines.push("nsslapd-pluginEnabled: on".to_owned());
    for fact in ["Id", "Version", "Vendor", "Description"] {
        lines.push(format!("nsslapd-plugin{fact}: {name}"));
    }
    lines.extend_from_slice(settings);
    dse.put(&format!("cn={name},cn=plugins,cn=config"), lines);
}
