//! Account states.

use super::*;
use crate::ldap::Mod;

const DN: &str = "uid=jo,ou=people,dc=example,dc=com";

/// A mapping with these lines about `active`, for a directory of this kind.
fn mapping(vendor: &str, active: &str) -> ResourceMapping {
    let text = format!(
        "[user]\nobject_classes = [\"inetOrgPerson\"]\nrdn = \"uid\"\n[user.attributes]\nuserName = \"uid\"\n\
         [user.active]\n{active}\n"
    );
    let document = Document::parse(Path::new("mapping.toml"), &text).expect("TOML");
    let mapping = compile(&mut document.reader(), vendor::profile(vendor).expect("a known vendor"));
    let faults = document.into_faults();
    assert!(faults.is_empty(), "{faults}");
    mapping.expect("a mapping").user
}

/// `entry` after these changes.
fn after(entry: &Entry, mods: &[Mod]) -> Entry {
    let mut changed = entry.clone();
    for change in mods {
        let old = changed.take(&change.attr);
        let new: Vec<Value> = match change.op {
            ModOp::Add => {
                assert!(!change.values.iter().any(|value| old.contains(value)), "added twice: {change:?}");
                old.into_iter().chain(change.values.iter().cloned()).collect()
            }
            ModOp::Delete if change.values.is_empty() => Vec::new(),
            ModOp::Delete => {
                assert!(change.values.iter().all(|value| old.contains(value)), "not there: {change:?}");
                old.into_iter().filter(|value| !change.values.contains(value)).collect()
            }
            ModOp::Replace => change.values.clone(),
            ModOp::Increment => panic!("no state counts"),
        };
        if !new.is_empty() {
            changed.insert(change.attr.clone(), new);
        }
    }
    changed
}

/// The values of an attribute, sorted.
fn texts(entry: &Entry, attr: &'static str) -> Vec<String> {
    let mut texts: Vec<String> =
        entry.get(&AttrType::known(attr)).iter().map(|v| v.as_str().expect("text").to_owned()).collect();
    texts.sort();
    texts
}

const SHELL: &str = "strategy = \"login-shell\"\nsaved_in = \"scimSavedValue\"";

#[test]
fn account_states_can_be_undone() {
    let mapping = mapping("openldap", SHELL);
    let lines: &[&str] = &["other: kept"];
    for shells in [&["/bin/zsh"][..], &[], &["/bin/sh", "/usr/sbin/nologin"]] {
        let enabled = entry(DN, &[("loginShell", shells), ("scimSavedValue", lines)]);
        assert!(mapping.set_active(&enabled, true).is_empty());
        let disabled = after(&enabled, &mapping.set_active(&enabled, false));
        assert_eq!(texts(&disabled, "loginShell"), ["/usr/sbin/nologin"]);
        assert_eq!(texts(&disabled, "scimSavedValue").len(), 1 + shells.len().max(1), "{disabled:?}");
        assert!(mapping.set_active(&disabled, false).is_empty(), "twice is once");
        let back = after(&disabled, &mapping.set_active(&disabled, true));
        assert_eq!(texts(&back, "loginShell"), shells);
        assert_eq!(texts(&back, "scimSavedValue"), lines);
    }
}

#[test]
fn several_strategies_share_what_they_save_and_are_each_brought_along() {
    let all = format!(
        "{SHELL}\n[user.active.also.lock]\nstrategy = \"lock\"\n\
         [user.active.also.expiry]\nstrategy = \"shadow-expire\"\nsaved_in = \"scimSavedValue\""
    );
    let mapping = mapping("openldap", &all);
    let state = mapping.active.clone().expect("a state");
    let enabled = entry(DN, &[("loginShell", &["/bin/zsh"]), ("shadowExpire", &["20000"])]);
    let mods = mapping.set_active(&enabled, false);
    let saving: Vec<&Mod> = mods.iter().filter(|m| m.attr == AttrType::known("scimSavedValue")).collect();
    assert_eq!(saving.len(), 1, "one change keeps both: {mods:?}");
    let disabled = after(&enabled, &mods);
    assert_eq!(texts(&disabled, "scimSavedValue"), ["loginShell: /bin/zsh", "shadowExpire: 20000"]);
    assert_eq!(texts(&disabled, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert!(!state.is_active(&disabled) && mapping.set_active(&disabled, false).is_empty());
    let back = after(&disabled, &mapping.set_active(&disabled, true));
    assert!(state.is_active(&back) && texts(&back, "scimSavedValue").is_empty());
    assert_eq!(
        (texts(&back, "loginShell"), texts(&back, "shadowExpire")),
        (vec!["/bin/zsh".into()], vec!["20000".into()])
    );
    // somebody else has set one of them: the others follow, and what was there before is not lost
    let by_hand = entry(DN, &[("loginShell", &["/usr/sbin/nologin"]), ("shadowExpire", &["20000"])]);
    assert!(!state.is_active(&by_hand));
    let disabled = after(&by_hand, &mapping.set_active(&by_hand, false));
    assert_eq!(texts(&disabled, "scimSavedValue"), ["shadowExpire: 20000"]);
    let back = after(&disabled, &mapping.set_active(&disabled, true));
    assert!(state.is_active(&back) && texts(&back, "loginShell").is_empty(), "{back:?}");
}

#[test]
fn a_saved_value_that_disables_does_not_come_back() {
    let mapping = mapping("openldap", &format!("{SHELL}\nenabled = \"/bin/sh\""));
    let lines = &["loginShell: /usr/sbin/nologin"];
    let odd = entry(DN, &[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", lines)]);
    let back = after(&odd, &mapping.set_active(&odd, true));
    assert_eq!(texts(&back, "loginShell"), ["/bin/sh"]);
    assert!(texts(&back, "scimSavedValue").is_empty());
}

#[test]
fn what_is_kept_is_replaced_as_a_whole_where_values_cannot_be_told_apart() {
    let line = SHELL.replace("scimSavedValue", "facsimileTelephoneNumber");
    let mapping = mapping("openldap", &line);
    let enabled = entry(DN, &[("loginShell", &["/bin/zsh"]), ("facsimileTelephoneNumber", &["+31 1"])]);
    let mods = mapping.set_active(&enabled, false);
    assert!(mods.iter().all(|m| m.op == ModOp::Replace), "{mods:?}");
    let disabled = after(&enabled, &mods);
    assert_eq!(texts(&disabled, "facsimileTelephoneNumber"), ["+31 1", "loginShell: /bin/zsh"]);
}

#[test]
fn a_group_says_who_is_enabled() {
    let group = "cn=Disabled, ou=state,dc=example,dc=com";
    let disabled_by = mapping("openldap", &format!("strategy = \"group\"\nadd_to = \"{group}\""));
    let enabled_by =
        mapping("openldap", &format!("strategy = \"group\"\nremove_from = \"{group}\"\nread = \"isMemberOf\""));
    let state = |mapping: &ResourceMapping, attr: &'static str, dns: &[&str]| {
        mapping.active.as_ref().expect("a state").is_active(&entry(DN, &[(attr, dns)]))
    };
    let there = &["cn=other,dc=example,dc=com", "CN=disabled,ou=State,dc=example,dc=com"][..];
    assert!(!state(&disabled_by, "memberOf", there) && state(&disabled_by, "memberOf", &there[..1]));
    assert!(state(&enabled_by, "isMemberOf", there) && !state(&enabled_by, "isMemberOf", &[]));
    let member = entry(DN, &[("memberOf", there)]);
    assert!(disabled_by.set_active(&member, true).is_empty(), "it is the group that changes");
}

#[test]
fn an_intruder_lock_is_not_a_disabled_user() {
    let mapping = mapping("openldap", "strategy = \"lock\"");
    let state = mapping.active.clone().expect("a state");
    let intruder = entry(DN, &[("pwdAccountLockedTime", &["20261122010203Z"])]);
    assert!(state.is_active(&intruder));
    assert!(mapping.set_active(&intruder, true).is_empty());
    let locked = entry(DN, &[("pwdAccountLockedTime", &["000001010000Z"])]);
    assert!(!state.is_active(&locked));
}

#[test]
fn a_lock_of_any_spelling_is_opened() {
    let mapping = mapping("389ds", "strategy = \"lock\"");
    for spelled in ["true", "TRUE", "True"] {
        let locked = entry(DN, &[("nsAccountLock", &[spelled])]);
        assert!(!mapping.active.as_ref().expect("a state").is_active(&locked));
        let open = after(&locked, &mapping.set_active(&locked, true));
        assert!(texts(&open, "nsAccountLock").is_empty(), "{open:?}");
    }
    let open = entry(DN, &[("nsAccountLock", &["false"])]);
    assert_eq!(texts(&after(&open, &mapping.set_active(&open, false)), "nsAccountLock"), ["true"]);
}

#[test]
fn a_lock_is_one_bit_and_the_others_stay() {
    let mapping = mapping("active-directory", "strategy = \"lock\"\n[user.password]\nsource = \"random\"");
    let is_active = |entry: &Entry| mapping.active.as_ref().expect("a state").is_active(entry);
    // NORMAL_ACCOUNT and DONT_EXPIRE_PASSWORD; with the sign that a number of 32 bits may have
    for (open, locked) in [("66048", "66050"), ("-2147483136", "-2147483134")] {
        let account = entry(DN, &[("userAccountControl", &[open])]);
        let disabled = after(&account, &mapping.set_active(&account, false));
        assert_eq!(texts(&disabled, "userAccountControl"), [locked]);
        assert!(is_active(&account) && !is_active(&disabled));
        let back = after(&disabled, &mapping.set_active(&disabled, true));
        assert!(is_active(&back), "{back:?}");
    }
}
