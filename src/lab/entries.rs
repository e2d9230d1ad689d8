//! The entries that a private slapd has from the start, as LDIF.

use super::conf::Conf;
use std::fmt::Write;

/// The units below the suffix that the bridge's account may write to.
pub(super) const WRITABLE: [&str; 3] = ["people", "groups", "counters"];

/// The units that it may only read.
const READABLE: [&str; 2] = ["services", "policies"];

impl Conf {
    /// The suffix, its units, the bridge's account, policies, counters, and what else was asked for.
    pub(super) fn first_entries(&self) -> String {
        let suffix = &self.suffix;
        let dc = suffix.split(',').next().and_then(|rdn| rdn.strip_prefix("dc=")).unwrap_or("example");
        let mut text =
            format!("dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: {dc}\n\n");
        for unit in WRITABLE.iter().chain(&READABLE) {
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
        for (name, next) in &self.counters {
            let (dn, attr) = self.counter(name);
            let class = if self.stock { "device" } else { "scimCounter" };
            let _ = write!(text, "dn: {dn}\nobjectClass: {class}\ncn: {name}\n{attr}: {next}\n\n");
        }
        text.push_str(&self.entries);
        text
    }

    /// DN of a counter, and its attribute.
    pub(super) fn counter(&self, name: &str) -> (String, &'static str) {
        let attr = if self.stock { "serialNumber" } else { "scimNextNumber" };
        (format!("cn={name},ou=counters,{}", self.suffix), attr)
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
}
