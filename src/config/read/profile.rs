//! `[directory.<name>.profile]`: a directory of a kind that is not known here, spelled out.

use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::vendor::{GENERIC_DEFAULTS, IdCodec, Lock, PasswordForm, Profile};

/// The forms of identifiers.
pub(in crate::config) const ID_FORMS: &[(&str, IdCodec)] = &[
    ("uuid", IdCodec::Uuid),
    ("ns-unique-id", IdCodec::NsUniqueId),
    ("object-guid", IdCodec::ObjectGuid),
    ("text", IdCodec::Text),
];

/// Takes `profile`. A profile stands for as long as the process does, as those that are built in, so what is read here
/// is never freed: a configuration is loaded once.
pub(super) fn read(table: &mut Reader<'_>) -> &'static Profile {
    let mut table = table.table_or_empty("profile");
    let usual = GENERIC_DEFAULTS;
    let id_attr = attr(&mut table, "id", usual.id_attr);
    let created = attr(&mut table, "created", usual.created);
    let modified = attr(&mut table, "modified", usual.modified);
    let dn_attr = attr(&mut table, "dn", usual.dn_attr);
    let mut operational = attrs(&mut table, "operational", usual.operational).to_vec();
    for own in [id_attr, created, modified, dn_attr] {
        if !operational.iter().any(|name| name.eq_ignore_ascii_case(own)) {
            operational.push(own);
        }
    }
    let profile = Profile {
        id_attr,
        id_codec: table.one_of("id_form", ID_FORMS).unwrap_or(usual.id_codec),
        created,
        modified,
        operational: operational.leak(),
        uniqueness_texts: texts(&mut table, "uniqueness_texts"),
        read_only_texts: texts(&mut table, "read_only_texts"),
        no_equality: attrs(&mut table, "no_equality", usual.no_equality),
        lock: lock(&mut table),
        dn_attr,
        permissive_modify: table.bool_or("permissive_modify", usual.permissive_modify),
        member_required: strings(&mut table, "member_required", usual.member_required),
        max_rdn: number(&mut table, "max_name_bytes").unwrap_or(usual.max_rdn),
        max_rdn_chars: number(&mut table, "max_name_characters"),
        page_size: table.opt_u64("page_size", 1..=100_000).and_then(|size| size.try_into().ok()),
        password: password(&mut table),
        password_unlocks: table.bool_or("password_unlocks", usual.password_unlocks),
        needs_tls: table.bool_or("needs_tls", usual.needs_tls),
        ..usual
    };
    table.finish();
    Box::leak(Box::new(profile))
}

fn attr(table: &mut Reader<'_>, key: &str, usual: &'static str) -> &'static str {
    let attr = table.opt_parse(key, "an LDAP attribute", AttrType::new);
    attr.map_or(usual, |attr| attr.to_string().leak())
}

fn attrs(table: &mut Reader<'_>, key: &str, usual: &'static [&'static str]) -> &'static [&'static str] {
    let names = strings(table, key, usual);
    for (index, name) in names.iter().enumerate() {
        if let Err(error) = AttrType::new(name) {
            table.fault_item(key, index, name, format!("an LDAP attribute ({error})"));
        }
    }
    names
}

fn strings(table: &mut Reader<'_>, key: &str, usual: &'static [&'static str]) -> &'static [&'static str] {
    table.strings(key).map_or(usual, leaked)
}

/// Parts of diagnostic texts: compared in lower case, and an empty one would be part of any.
fn texts(table: &mut Reader<'_>, key: &str) -> &'static [&'static str] {
    let texts = table.strings(key).unwrap_or_default();
    for (index, text) in texts.iter().enumerate().filter(|(_, text)| text.trim().is_empty()) {
        table.fault_item(key, index, text, "a part of what the server says");
    }
    leaked(texts.iter().map(|text| text.to_lowercase()).collect())
}

fn leaked(texts: Vec<String>) -> &'static [&'static str] {
    let texts: Vec<&'static str> = texts.into_iter().map(|text| &*text.leak()).collect();
    texts.leak()
}

fn number(table: &mut Reader<'_>, key: &str) -> Option<usize> {
    table.opt_u64(key, 1..=65_535).and_then(|number| number.try_into().ok())
}

/// Takes `lock`: `{ attr, value }`, or `{ attr, bit, usual }`.
fn lock(table: &mut Reader<'_>) -> Option<Lock> {
    let mut table = table.table("lock")?;
    let attr = table.take_parse("attr", "an LDAP attribute", AttrType::new);
    let value = table.opt_str("value");
    let range = || 0..=u64::from(u32::MAX);
    let (bit, usual) = (table.opt_u64("bit", 1..=u64::from(u32::MAX)), table.opt_u64("usual", range()));
    if let Some(bit) = bit.filter(|bit| !bit.is_power_of_two()) {
        table.fault("bit", Some(&bit.to_string()), "one bit: 1, 2, 4, …", None);
    }
    match (&value, bit, usual) {
        (Some(value), None, None) if value.is_empty() => table.fault("value", Some(""), "a value", None),
        (Some(_), None, None) | (None, Some(_), Some(_)) => {}
        _ => table.fault("value", None, "`value`, or both `bit` and `usual`", None),
    }
    table.finish();
    let attr: &'static str = attr?.to_string().leak();
    match value {
        Some(value) => Some(Lock::Value { attr, value: value.leak() }),
        None => Some(Lock::Bit { attr, bit: bit?.try_into().ok()?, usual: usual?.try_into().ok()? }),
    }
}

/// Takes `password` and `password_attribute`.
fn password(table: &mut Reader<'_>) -> PasswordForm {
    #[derive(Clone, Copy)]
    enum Form {
        Attribute,
        ExtendedOperation,
        UnicodePwd,
    }
    let forms = [
        ("attribute", Form::Attribute),
        ("extended-operation", Form::ExtendedOperation),
        ("unicode-pwd", Form::UnicodePwd),
    ];
    let form = table.one_of("password", &forms).unwrap_or(Form::Attribute);
    let is_unicode = matches!(form, Form::UnicodePwd);
    if is_unicode && table.has("password_attribute") {
        table.value("password_attribute");
        table.fault_described("password_attribute", "an attribute", "nothing, since it is `unicodePwd`", None);
    }
    match form {
        Form::Attribute => PasswordForm::Attribute(attr(table, "password_attribute", "userPassword")),
        Form::ExtendedOperation => PasswordForm::ExtendedOperation(attr(table, "password_attribute", "userPassword")),
        Form::UnicodePwd => PasswordForm::UnicodePwd,
    }
}
