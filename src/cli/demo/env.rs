//! What the demo tells other programs (`--env-file`) and people who want to try it by hand.

use super::bed::Bed;
use super::{Failure, io};
use crate::lab::{Directory, Kind};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Writes the env file, whole or not at all, readable by its owner only.
pub(super) fn write(path: &Path, bed: &Bed) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = lines(bed).iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{key}={value}");
        text
    });
    let failed = || io(format!("write `{}`", path.display()));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    file.write_all(text.as_bytes()).map_err(failed())?;
    file.persist(path).map_err(|error| failed()(error.error))?;
    Ok(())
}

/// Ready-to-paste commands.
pub(super) fn invitation(bed: &Bed) -> String {
    let (dn, password) = bed.directory().admin();
    let (scim, token, ca) = (&bed.scim_url, &bed.token, bed.file("ca.pem"));
    let ca = ca.display();
    format!(
        "\nStill up. Try:\n\n\
         curl --cacert {ca} -H 'Authorization: Bearer {token}' '{scim}/Users'\n\n\
         curl --cacert {ca} -H 'Authorization: Bearer {token}' -H 'Content-Type: application/scim+json' '{scim}/Users' \\\n  \
         -d '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"you@example.com\",\"active\":true}}'\n\n\
         curl --cacert {ca} -H 'Authorization: Bearer {token}' '{scim}/Groups'\n\n\
         LDAPTLS_CACERT={ca} ldapsearch -x -LLL -H {} -D '{dn}' -w {password} -b '{}' '*' '+'\n\n\
         curl {}\n\n\
         audit trail: {}\nCtrl-C ends it.\n",
        address(bed.directory()),
        bed.directory().suffix(),
        bed.metrics_url,
        bed.file("audit.jsonl").display(),
    )
}

/// Where people reach the directory by hand: without TLS where it lets them.
fn address(directory: &dyn Directory) -> String {
    match directory.kind() {
        Kind::OpenLdap | Kind::Ds389 => directory.url(),
        Kind::ActiveDirectory => directory.tls_url(),
    }
}

/// The lines of the env file.
fn lines(bed: &Bed) -> [(&'static str, String); 12] {
    let directory = bed.directory();
    let (dn, password) = directory.admin();
    let path = |name: &str| bed.file(name).display().to_string();
    [
        ("SCIM_BASE_URL", bed.scim_url.clone()),
        ("SCIM_TOKEN", bed.token.clone()),
        ("SCIM_CA_FILE", path("ca.pem")),
        ("LDAP_URL", address(directory)),
        ("LDAP_BIND_DN", dn),
        ("LDAP_BIND_PASSWORD", password.to_owned()),
        ("LDAP_BASE_DN", directory.suffix().to_owned()),
        ("METRICS_URL", bed.metrics_url.clone()),
        ("CONFIG_FILE", path("bridge.toml")),
        ("MAPPING_FILE", path("mapping.toml")),
        ("SLAPD_PID", directory.pid().unwrap_or_default().to_string()),
        ("BRIDGE_PID", bed.bridge_pid().to_string()),
    ]
}
