//! Checks that go beyond one key: keys against each other, and the files they name.

mod files;
mod graveyard;
mod groups;
mod mapping;
mod placement;
mod protect;

use std::net::IpAddr;

use crate::directory::ServerUrl;
use crate::fault::{Document, key_path, nearest};

use super::types::{Bind, Config, Directory, Endpoint};

pub(super) use self::files::files;
pub(super) use self::mapping::mappings;

/// Checks keys against each other.
pub(super) fn values(document: &Document, config: &Config) {
    listeners(document, config);
    for directory in &config.directories {
        transport(document, directory);
        external_bind(document, directory);
    }
    for (index, endpoint) in config.endpoints.iter().enumerate() {
        known_directory(document, config, endpoint);
        own_path(document, endpoint, &config.endpoints[..index]);
        protect::protection(document, config, endpoint);
    }
}

/// Plain HTTP stays on this machine, and two listeners need two ports.
fn listeners(document: &Document, config: &Config) {
    let (listen, admin) = (config.http.listen, config.http.admin_listen);
    if config.http.danger_plain_http && !listen.ip().is_loopback() {
        let hint = "listen on `127.0.0.1:8080` behind a proxy that does TLS, or give a certificate";
        let expected = "a loopback address, since `danger_plain_http` switches TLS off";
        document.fault("server.listen", Some(&listen.to_string()), expected, Some(hint));
    }
    let same_address = listen.ip() == admin.ip() || listen.ip().is_unspecified() || admin.ip().is_unspecified();
    if listen.port() == admin.port() && listen.port() != 0 && same_address {
        document.fault("admin.listen", Some(&admin.to_string()), "another port than `server.listen`", None);
    }
}

/// A password or a person's data crosses the network only inside TLS, unless the administrator takes the risk by name.
fn transport(document: &Document, directory: &Directory) {
    let settings = &directory.settings;
    if directory.vendor.needs_tls {
        return always_tls(document, directory);
    }
    if settings.start_tls || directory.danger_plain_ldap {
        return;
    }
    for (index, server) in settings.servers.iter().enumerate().filter(|(_, server)| is_exposed(server)) {
        let key = format!("directory.{}.servers[{index}]", settings.name);
        let hint =
            "write `ldaps://`, or set `start_tls = true`; `danger_plain_ldap = true` sends everything in clear text";
        document.fault(&key, Some(server.as_str()), "TLS to a server elsewhere", Some(hint));
    }
}

/// Some directories do without TLS not even what they would do for others, wherever they are.
fn always_tls(document: &Document, directory: &Directory) {
    let settings = &directory.settings;
    let is_plain = |server: &ServerUrl| !server.is_tls() && !server.is_local() && !settings.start_tls;
    for (index, server) in settings.servers.iter().enumerate().filter(|(_, server)| is_plain(server)) {
        let key = format!("directory.{}.servers[{index}]", settings.name);
        let vendor = directory.vendor.name;
        let expected = format!("TLS, since a directory of the kind `{vendor}` refuses passwords without it");
        let hint = "write `ldaps://`, or set `start_tls = true`; `danger_plain_ldap` makes no difference to the server";
        document.fault(&key, Some(server.as_str()), expected, Some(hint));
    }
    if directory.danger_plain_ldap {
        let key = format!("directory.{}.danger_plain_ldap", settings.name);
        let expected = format!("`false`, since a directory of the kind `{}` needs TLS", directory.vendor.name);
        document.fault(&key, Some("true"), expected, None);
    }
}

fn is_exposed(server: &ServerUrl) -> bool {
    !server.is_tls() && !server.is_local() && !is_loopback(server.as_str())
}

/// Whether an `ldap://` address is on this machine, where nobody on a network can listen.
fn is_loopback(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    host.is_some_and(|host| {
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// SASL EXTERNAL needs something to show.
fn external_bind(document: &Document, directory: &Directory) {
    let settings = &directory.settings;
    let local = settings.servers.iter().all(ServerUrl::is_local);
    if matches!(directory.bind, Bind::External) && settings.tls.client_cert.is_none() && !local {
        let key = format!("directory.{}.client_certificate", settings.name);
        document.fault(
            &key,
            None,
            "a client certificate for `bind.method = \"external\"`, or only `ldapi://` servers",
            None,
        );
    }
}

fn known_directory(document: &Document, config: &Config, endpoint: &Endpoint) {
    if config.directory(&endpoint.directory).is_some()
        || document.is_written(&key_path("directory", &endpoint.directory))
    {
        return;
    }
    let names = config.directories.iter().map(|directory| directory.settings.name.as_str());
    let hint = nearest(&endpoint.directory, names).map(|name| format!("did you mean `{name}`?"));
    let key = format!("endpoint.{}.directory", endpoint.name);
    document.fault(&key, Some(&endpoint.directory), "the name of a `[directory.<name>]` table", hint.as_deref());
}

fn own_path(document: &Document, endpoint: &Endpoint, earlier: &[Endpoint]) {
    if let Some(other) = earlier.iter().find(|other| other.path == endpoint.path) {
        let key = format!("endpoint.{}.path", endpoint.name);
        let expected = format!("a path that endpoint `{}` does not have already", other.name);
        document.fault(&key, Some(&endpoint.path), expected, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["ldap://localhost", "ldap://127.0.0.1:1389/", "ldap://[::1]:389", "ldap://127.8.8.8"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["ldap://localhost.example.com", "ldap://10.0.0.1", "ldap://[fe80::1]", "ldap://127.example"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
