//! `[directory.<name>]`.

use std::time::Duration;

use super::{profile, protect};
use crate::config::secret;
use crate::config::types::{Bind, Directory};
use crate::directory::{Bind as NoBind, Kind, ServerUrl, Settings, TlsTrust};
use crate::fault::Reader;
use crate::ldap::Dn;
use crate::service::Integrity;
use crate::vendor::{self, Profile};

const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn one(name: &str, table: &mut Reader<'_>) -> Option<Directory> {
    let vendor = vendor(table);
    let servers = servers(table);
    let mut settings = settings(name, servers, table);
    if let Some(vendor) = vendor {
        told(&mut settings, vendor);
    }
    let always = vendor.is_some_and(|vendor| vendor.keeps_references);
    let covered = table.bool_or("referential_integrity", always) || always;
    let integrity = if covered { Integrity::Directory } else { Integrity::Bridge };
    let danger_plain_ldap = table.bool_or("danger_plain_ldap", false);
    let protection = protect::read(&mut table.table_or_empty("protect"));
    let bind = bind(table);
    Some(Directory { vendor: vendor?, settings, bind: bind?, integrity, protection, danger_plain_ldap })
}

/// Takes `vendor` and, where the directory is of no kind that is known, `profile`.
fn vendor(table: &mut Reader<'_>) -> Option<&'static Profile> {
    let known = vendor::names().map(|name| (name, vendor::profile(name)));
    let vendors: Vec<_> = known.chain([(vendor::GENERIC, None)]).collect();
    if !table.has("vendor") {
        let names: Vec<_> = vendors.iter().map(|(name, _)| format!("`{name}`")).collect();
        table.fault("vendor", None, format!("one of {}", names.join(", ")), None);
    }
    let known = match table.one_of("vendor", &vendors) {
        Some(None) => return Some(profile::read(table)),
        Some(Some(known)) => Some(known),
        None => None,
    };
    if table.has("profile") {
        table.value("profile");
        if let Some(known) = known {
            let hint = format!("`vendor = \"{}\"` is for directories that are spelled out", vendor::GENERIC);
            let expected = format!("nothing, since `vendor = \"{}\"` says what the directory is like", known.name);
            table.fault_described("profile", "a table", expected, Some(&hint));
        }
    }
    known
}

/// Tells the layer that speaks LDAP what it must know of the kind of directory.
fn told(settings: &mut Settings, vendor: &Profile) {
    settings.read_only_texts = vendor.read_only_texts;
    settings.readings = vendor.readings;
    settings.permissive_control = vendor.permissive_modify;
    settings.page_size = vendor.page_size;
    settings.signs = vendor.signs;
    let known = vendor::names().filter_map(vendor::profile);
    settings.kinds = known.map(|known| Kind { name: known.name, signs: known.signs }).collect();
}

fn servers(table: &mut Reader<'_>) -> Vec<ServerUrl> {
    let texts = table.strings("servers").unwrap_or_default();
    if texts.is_empty() {
        let expected = "at least one address such as `ldaps://ldap1.example.com`, the preferred one first";
        table.fault("servers", None, expected, None);
    }
    let mut servers: Vec<ServerUrl> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match ServerUrl::parse(text) {
            Ok(url) if servers.contains(&url) => {
                table.fault_item("servers", index, text, "a server that is not in the list already");
            }
            Ok(url) => servers.push(url),
            Err(error) => {
                table.fault_item("servers", index, text, format!("the address of a directory server ({error})"));
            }
        }
    }
    servers
}

fn settings(name: &str, servers: Vec<ServerUrl>, table: &mut Reader<'_>) -> Settings {
    let usual = Settings::new(name, servers, NoBind::Anonymous);
    Settings {
        start_tls: table.bool_or("start_tls", usual.start_tls),
        tls: trust(table),
        connections: table
            .u64_or("connections", usual.connections as u64, 1..=64)
            .try_into()
            .unwrap_or(usual.connections),
        connect_timeout: table.duration_or("connect_timeout", usual.connect_timeout, MILLISECOND..=MINUTE),
        operation_timeout: table.duration_or("operation_timeout", usual.operation_timeout, MILLISECOND..=MINUTE),
        max_age: table.duration_or("connection_max_age", usual.max_age, MINUTE..=DAY),
        max_operations: table.u64_or("connection_max_operations", usual.max_operations, 100..=10_000_000),
        probe_interval: table.duration_or("probe_interval", usual.probe_interval, 100 * MILLISECOND..=MINUTE),
        probe_timeout: table.duration_or("probe_timeout", usual.probe_timeout, MILLISECOND..=MINUTE),
        fail_back_after: table.duration_or("fail_back_after", usual.fail_back_after, Duration::ZERO..=DAY),
        ..usual
    }
}

fn trust(table: &mut Reader<'_>) -> TlsTrust {
    let ca_file = table.opt_path("ca_file");
    let (certificate, key) = (table.opt_path("client_certificate"), table.opt_path("client_key"));
    match (&certificate, &key) {
        (Some(_), None) => table.fault("client_key", None, "the key of `client_certificate`", None),
        (None, Some(_)) => table.fault("client_certificate", None, "the certificate of `client_key`", None),
        _ => {}
    }
    TlsTrust { ca_file, client_cert: certificate.zip(key) }
}

#[derive(Clone, Copy)]
enum Method {
    Anonymous,
    External,
    Simple,
}

fn bind(table: &mut Reader<'_>) -> Option<Bind> {
    if !table.has("bind") {
        let hint =
            "for example `bind = { dn = \"cn=bridge,dc=example,dc=com\", password = { file = \"ldap-password\" } }`";
        table.fault("bind", None, "who the bridge is to the directory", Some(hint));
        return None;
    }
    let mut table = table.table("bind")?;
    let methods = [("anonymous", Method::Anonymous), ("external", Method::External), ("simple", Method::Simple)];
    let method = if table.has("method") { table.one_of("method", &methods) } else { Some(Method::Simple) };
    let bind = match method {
        Some(Method::Anonymous) => Some(Bind::Anonymous),
        Some(Method::External) => Some(Bind::External),
        Some(Method::Simple) => {
            let dn = table.take_parse("dn", "a distinguished name", Dn::parse);
            let password = secret::take(&mut table, "password");
            dn.zip(password).map(|(dn, password)| Bind::Simple { dn, password })
        }
        None => {
            // Whether these belong here depends on the method, so nothing is said about them.
            table.value("dn");
            table.value("password");
            None
        }
    };
    table.finish();
    bind
}
