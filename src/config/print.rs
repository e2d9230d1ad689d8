//! The effective configuration as TOML. Reading it back gives the same configuration.
//!
//! Secrets are not in it, only where they are, so that it may be shown to anyone.

use std::fmt::Write as _;
use std::path::Path;

use toml::Value;

use super::read::ID_FORMS;
use super::secret::{Secret, SecretSource};
use super::types::{Bind, Config, Directory, Endpoint, Groups};
use crate::fault::{show_duration, show_size};
use crate::ldap::Dn;
use crate::service::{Integrity, PatchResponse, Place, Protection, Unmapped, UnresolvedMembers};
use crate::vendor::{GENERIC, Lock, PasswordForm, Profile};

impl Config {
    /// The effective configuration as TOML.
    pub fn print(&self) -> String {
        let mut page = Page::default();
        server(&mut page, self);
        page.table("log");
        page.key("format", if self.log.json { "json" } else { "text" });
        page.key("filter", self.log.filter.as_str());
        page.table("audit");
        page.opt_path("file", self.audit_file.as_deref());
        self.directories.iter().for_each(|one| directory(&mut page, one));
        self.endpoints.iter().for_each(|one| endpoint(&mut page, one));
        page.0
    }
}

/// A TOML text that grows line by line.
#[derive(Default)]
struct Page(String);

impl Page {
    fn table(&mut self, name: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{gap}[{name}]");
    }

    fn key(&mut self, key: &str, value: impl Into<Value>) {
        let _ = writeln!(self.0, "{key} = {}", value.into());
    }

    fn count(&mut self, key: &str, value: impl TryInto<i64>) {
        self.key(key, value.try_into().unwrap_or(i64::MAX));
    }

    fn path(&mut self, key: &str, value: &Path) {
        self.key(key, value.display().to_string());
    }

    fn opt_path(&mut self, key: &str, value: Option<&Path>) {
        value.into_iter().for_each(|value| self.path(key, value));
    }
}

fn server(page: &mut Page, config: &Config) {
    let (http, limits) = (&config.http, &config.http.limits);
    page.table("server");
    page.key("listen", http.listen.to_string());
    page.opt_path("certificate", http.tls.as_ref().map(|tls| tls.certificate.as_path()));
    page.opt_path("private_key", http.tls.as_ref().map(|tls| tls.key.as_path()));
    if let Some(url) = &http.public_url {
        page.key("public_url", url.as_str());
    }
    page.path("tokens", &http.token_file);
    page.key("body_limit", show_size(limits.body as u64));
    page.key("header_limit", show_size(limits.header as u64));
    page.key("request_timeout", show_duration(limits.request_timeout));
    page.key("header_timeout", show_duration(limits.header_timeout));
    page.key("handshake_timeout", show_duration(limits.handshake_timeout));
    page.key("idle_timeout", show_duration(limits.idle_timeout));
    page.count("connection_limit", limits.connections);
    page.count("stream_limit", limits.streams);
    page.key("drain_timeout", show_duration(http.drain_timeout));
    page.key("danger_plain_http", http.danger_plain_http);
    page.table("admin");
    page.key("listen", http.admin_listen.to_string());
}

fn directory(page: &mut Page, directory: &Directory) {
    let settings = &directory.settings;
    page.table(&format!("directory.{}", settings.name));
    page.key("vendor", directory.vendor.name);
    page.key("servers", settings.servers.iter().map(|url| url.as_str().to_owned()).collect::<Vec<_>>());
    page.key("start_tls", settings.start_tls);
    page.opt_path("ca_file", settings.tls.ca_file.as_deref());
    if let Some((certificate, key)) = &settings.tls.client_cert {
        page.path("client_certificate", certificate);
        page.path("client_key", key);
    }
    page.count("connections", settings.connections);
    page.key("connect_timeout", show_duration(settings.connect_timeout));
    page.key("operation_timeout", show_duration(settings.operation_timeout));
    page.key("connection_max_age", show_duration(settings.max_age));
    page.count("connection_max_operations", settings.max_operations);
    page.key("probe_interval", show_duration(settings.probe_interval));
    page.key("probe_timeout", show_duration(settings.probe_timeout));
    page.key("fail_back_after", show_duration(settings.fail_back_after));
    page.key("referential_integrity", directory.integrity == Integrity::Directory);
    page.key("danger_plain_ldap", directory.danger_plain_ldap);
    if directory.vendor.name == GENERIC {
        page.table(&format!("directory.{}.profile", settings.name));
        profile(page, directory.vendor);
    }
    page.table(&format!("directory.{}.protect", settings.name));
    protection(page, &directory.protection);
    page.table(&format!("directory.{}.bind", settings.name));
    match &directory.bind {
        Bind::Anonymous => page.key("method", "anonymous"),
        Bind::External => page.key("method", "external"),
        Bind::Simple { dn, password } => {
            page.key("method", "simple");
            page.key("dn", dn.to_string());
            page.key("password", whereabouts(password));
        }
    }
}

/// What a directory is like that is spelled out.
fn profile(page: &mut Page, profile: &Profile) {
    page.key("id", profile.id_attr);
    let form = ID_FORMS.iter().find(|(_, codec)| *codec == profile.id_codec);
    form.into_iter().for_each(|(name, _)| page.key("id_form", *name));
    page.key("created", profile.created);
    page.key("modified", profile.modified);
    page.key("dn", profile.dn_attr);
    page.key("operational", profile.operational.to_vec());
    page.key("no_equality", profile.no_equality.to_vec());
    page.key("uniqueness_texts", profile.uniqueness_texts.to_vec());
    page.key("read_only_texts", profile.read_only_texts.to_vec());
    page.key("member_required", profile.member_required.to_vec());
    page.key("permissive_modify", profile.permissive_modify);
    page.key("password_unlocks", profile.password_unlocks);
    page.key("needs_tls", profile.needs_tls);
    page.count("max_name_bytes", profile.max_rdn);
    profile.max_rdn_chars.into_iter().for_each(|max| page.count("max_name_characters", max));
    profile.page_size.into_iter().for_each(|size| page.count("page_size", size));
    let (form, attr) = match profile.password {
        PasswordForm::Attribute(attr) => ("attribute", Some(attr)),
        PasswordForm::ExtendedOperation(attr) => ("extended-operation", Some(attr)),
        PasswordForm::UnicodePwd => ("unicode-pwd", None),
    };
    page.key("password", form);
    attr.into_iter().for_each(|attr| page.key("password_attribute", attr));
    profile.lock.iter().for_each(|lock| page.key("lock", lock_table(lock)));
}

fn lock_table(lock: &Lock) -> toml::Table {
    let keys: Vec<(&str, Value)> = match *lock {
        Lock::Value { attr, value } => vec![("attr", attr.into()), ("value", value.into())],
        Lock::Bit { attr, bit, usual } => {
            vec![("attr", attr.into()), ("bit", i64::from(bit).into()), ("usual", i64::from(usual).into())]
        }
    };
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn protection(page: &mut Page, protection: &Protection) {
    let names = |dns: &[Dn]| dns.iter().map(ToString::to_string).collect::<Vec<_>>();
    page.key("subtrees", names(&protection.subtrees));
    page.key("groups", names(&protection.groups));
    let mut attributes = toml::Table::new();
    for (attr, value) in &protection.attributes {
        let values = attributes.entry(attr.to_string()).or_insert_with(|| Value::Array(Vec::new()));
        let text = value.as_str().map(|text| Value::String(text.to_owned()));
        values.as_array_mut().into_iter().for_each(|values| values.extend(text.clone()));
    }
    page.key("attributes", attributes);
}

/// Where a secret is.
fn whereabouts(secret: &Secret) -> toml::Table {
    let (key, value) = match &secret.source {
        SecretSource::File(path) => ("file", path.display().to_string()),
        SecretSource::Environment(name) => ("env", name.clone()),
        SecretSource::Credential(name) => ("credential", name.clone()),
    };
    toml::Table::from_iter([(key.to_owned(), Value::String(value))])
}

fn endpoint(page: &mut Page, endpoint: &Endpoint) {
    page.table(&format!("endpoint.{}", endpoint.name));
    page.key("path", endpoint.path.as_str());
    page.key("directory", endpoint.directory.as_str());
    page.path("mapping", &endpoint.mapping_file);
    let unmapped = match endpoint.unmapped {
        Unmapped::Ignore => "ignore",
        Unmapped::Reject => "reject",
    };
    page.key("unmapped", unmapped);
    page.table(&format!("endpoint.{}.users", endpoint.name));
    place(page, &endpoint.users);
    if let Some(all) = &endpoint.groups {
        page.table(&format!("endpoint.{}.groups", endpoint.name));
        groups(page, all);
    }
}

fn groups(page: &mut Page, groups: &Groups) {
    place(page, &groups.place);
    let unresolved = match groups.unresolved_members {
        UnresolvedMembers::Retry => "retry",
        UnresolvedMembers::Ignore => "ignore",
        UnresolvedMembers::Reject => "reject",
    };
    page.key("unresolved_members", unresolved);
    let response = match groups.patch_response {
        PatchResponse::None => "none",
        PatchResponse::Full => "full",
    };
    page.key("patch_response", response);
    page.key("default", groups.default.iter().map(ToString::to_string).collect::<Vec<_>>());
}

fn place(page: &mut Page, place: &Place) {
    page.key("base", place.base.to_string());
    page.key("scope", place.scope.label());
}
