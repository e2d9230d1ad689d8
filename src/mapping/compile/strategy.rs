//! The ways in which `active` is kept, as a mapping file says them.

use super::dn;
use crate::fault::Reader;
use crate::ldap::{AttrType, Dn, Value};
use crate::mapping::{AccountState, PlaceOfDisabled, StateGroup, Strategy};
use crate::vendor::Profile;

/// The strategies by name.
#[derive(Clone, Copy)]
enum Kind {
    Attribute,
    Group,
    Lock,
    LoginShell,
    Move,
    ShadowExpire,
}

const KINDS: &[(&str, Kind)] = &[
    ("attribute", Kind::Attribute),
    ("group", Kind::Group),
    ("lock", Kind::Lock),
    ("login-shell", Kind::LoginShell),
    ("move", Kind::Move),
    ("shadow-expire", Kind::ShadowExpire),
];

/// What a strategy that sets an attribute takes for granted.
#[derive(Default)]
struct Preset {
    ldap: Option<&'static str>,
    disabled: Option<&'static str>,
}

/// Reads `[user.active]` and the strategies in `also`.
pub(super) fn account_state(table: &mut Reader<'_>, profile: &'static Profile) -> Option<AccountState> {
    let further = table.table("also");
    let mut strategies: Vec<Strategy> = strategy(table, profile, &[]).into_iter().collect();
    let mut complete = !strategies.is_empty();
    if let Some(mut further) = further {
        for name in further.keys() {
            let read = further.table(&name).and_then(|mut table| strategy(&mut table, profile, &strategies));
            complete &= read.is_some();
            strategies.extend(read);
        }
    }
    complete.then_some(AccountState { strategies })
}

/// Reads one strategy, which must not get in the way of those before it.
fn strategy(table: &mut Reader<'_>, profile: &'static Profile, before: &[Strategy]) -> Option<Strategy> {
    if !table.has("strategy") {
        let names = KINDS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        table.fault("strategy", None, format!("one of {names}"), None);
    }
    let strategy = match table.one_of("strategy", KINDS)? {
        Kind::Attribute => attribute(table, &Preset::default()),
        Kind::Group => group(table),
        Kind::Lock => lock(table, profile),
        Kind::LoginShell => attribute(table, &Preset { ldap: Some("loginShell"), disabled: Some("/usr/sbin/nologin") }),
        Kind::Move => place_of_disabled(table),
        Kind::ShadowExpire => attribute(table, &Preset { ldap: Some("shadowExpire"), disabled: Some("1") }),
    };
    table.finish();
    let strategy = strategy?;
    check_apart(table, &strategy, before);
    Some(strategy)
}

/// Each attribute and each group says one thing.
fn check_apart(table: &Reader<'_>, strategy: &Strategy, before: &[Strategy]) {
    let (key, own) = said_by(strategy);
    let saved_in = strategy.saved_in().map(AttrType::to_string);
    let says = |text: &String| before.iter().any(|other| said_by(other).1.eq_ignore_ascii_case(text));
    let saves =
        |text: &String| before.iter().filter_map(Strategy::saved_in).any(|a| a.as_str().eq_ignore_ascii_case(text));
    if says(&own) || saves(&own) {
        table.fault(key, Some(&own), "something that no other strategy uses", None);
    }
    if let Some(saved_in) = saved_in.filter(says) {
        table.fault("saved_in", Some(&saved_in), "an attribute by which no strategy says who is disabled", None);
    }
}

/// By what a strategy says who is disabled, and the key that names it.
fn said_by(strategy: &Strategy) -> (&'static str, String) {
    match strategy {
        Strategy::Attribute { attr, .. } => ("ldap", attr.to_string()),
        Strategy::Group(group) => ("strategy", group.dn.to_string()),
        Strategy::Lock(lock) => ("strategy", lock.attr().to_owned()),
        Strategy::Move(_) => ("strategy", "move".to_owned()),
    }
}

fn lock(table: &Reader<'_>, profile: &'static Profile) -> Option<Strategy> {
    if profile.lock.is_none() {
        let expected =
            format!("another strategy, since a directory of the kind `{}` has no lock of its own", profile.name);
        table.fault("strategy", Some("lock"), expected, None);
    }
    profile.lock.map(Strategy::Lock)
}

/// `to`, and what keeps the way back.
fn place_of_disabled(table: &mut Reader<'_>) -> Option<Strategy> {
    let to = table.take_parse("to", "the distinguished name of the entry below which the disabled are", dn);
    let saved_in = table.opt_parse("saved_in", "an LDAP attribute", AttrType::new);
    Some(Strategy::Move(PlaceOfDisabled { to: to?, saved_in }))
}

/// `add_to` or `remove_from`, and how membership is read and written.
fn group(table: &mut Reader<'_>) -> Option<Strategy> {
    let [add_to, remove_from] = ["add_to", "remove_from"].map(|key| {
        let has = table.has(key);
        (has, table.opt_parse(key, "a distinguished name", dn))
    });
    if add_to.0 == remove_from.0 {
        let hint = "`add_to` is a group of those who are disabled, `remove_from` one of those who are enabled";
        table.fault("add_to", None, "either `add_to` or `remove_from`", Some(hint));
    }
    let read = table.opt_parse("read", "an LDAP attribute of users", AttrType::new);
    let member = table.opt_parse("member", "an LDAP attribute of groups", AttrType::new);
    let placeholder: Option<Dn> = table.opt_parse("placeholder", "a distinguished name", dn);
    let holds_enabled = remove_from.0;
    Some(Strategy::Group(StateGroup {
        dn: add_to.1.or(remove_from.1)?,
        holds_enabled,
        read: read.unwrap_or_else(|| AttrType::known("memberOf")),
        member: member.unwrap_or_else(|| AttrType::known("member")),
        placeholder: placeholder.map(|dn| Value::from(dn.to_string())),
    }))
}

fn attribute(table: &mut Reader<'_>, preset: &Preset) -> Option<Strategy> {
    let attr = match (table.has("ldap"), preset.ldap) {
        (false, Some(ldap)) => Some(AttrType::known(ldap)),
        _ => table.take_parse("ldap", "an LDAP attribute", AttrType::new),
    };
    let disabled = match (table.has("disabled"), preset.disabled) {
        (false, Some(disabled)) => Some(disabled.to_owned()),
        _ => table.take_str("disabled"),
    };
    let enabled = table.opt_str("enabled");
    let saved_in = table.opt_parse("saved_in", "an LDAP attribute", AttrType::new);
    if enabled.is_none() && saved_in.is_none() {
        let hint = "`saved_in` names an attribute that keeps the earlier value while the user is disabled";
        table.fault("saved_in", None, "`saved_in` or `enabled`, so that nothing is lost by disabling", Some(hint));
    }
    if disabled.as_deref().is_some_and(str::is_empty) {
        table.fault("disabled", Some(""), "a value that is not empty", None);
    }
    if let (Some(disabled), Some(enabled)) = (&disabled, &enabled)
        && disabled.eq_ignore_ascii_case(enabled)
    {
        table.fault("enabled", Some(enabled), "another value than that of `disabled`; case does not count", None);
    }
    if let (Some(attr), Some(saved_in)) = (&attr, &saved_in)
        && attr == saved_in
    {
        let expected = "another attribute than `ldap`, which it is to bring back";
        table.fault("saved_in", Some(saved_in.as_str()), expected, None);
    }
    Some(Strategy::Attribute { attr: attr?, disabled: disabled?, enabled, saved_in })
}
