//! Account states.

use super::*;

#[test]
fn account_states_can_be_undone() {
    let saved = Strategy::Attribute {
        attr: AttrType::known("loginShell"),
        disabled: "/usr/sbin/nologin".to_owned(),
        enabled: None,
        saved_in: Some(AttrType::known("scimSavedValue")),
    };
    let dn = "uid=jo,ou=people,dc=example,dc=com";
    let enabled = entry(dn, &[("loginShell", &["/bin/zsh"]), ("scimSavedValue", &["other: kept"])]);
    assert!(saved.is_active(&enabled));
    let mods = saved.set(&enabled, false);
    assert_eq!(mods[1].values, [Value::from("other: kept"), Value::from("loginShell: /bin/zsh")]);
    let lines: &[&str] = &["other: kept", "loginShell: /bin/zsh"];
    let disabled = entry(dn, &[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", lines)]);
    assert!(!saved.is_active(&disabled));
    let mods = saved.set(&disabled, true);
    assert_eq!(mods[0].values, [Value::from("/bin/zsh")]);
    assert_eq!(mods[1].values, [Value::from("other: kept")]);

    let nothing = entry(dn, &[]);
    let mods = saved.set(&nothing, false);
    assert_eq!(mods[1].values, [Value::from("loginShell:")]);
    let back =
        saved.set(&entry(dn, &[("loginShell", &["/usr/sbin/nologin"]), ("scimSavedValue", &["loginShell:"])]), true);
    assert!(back[0].values.is_empty() && back[1].values.is_empty(), "{back:?}");
}

#[test]
fn an_intruder_lock_is_not_a_disabled_user() {
    let profile = vendor::profile("openldap").expect("a known vendor");
    let state = Strategy::Lock(profile.lock.expect("a lock"));
    let intruder = entry("uid=jo,dc=example,dc=com", &[("pwdAccountLockedTime", &["20261122010203Z"])]);
    assert!(state.is_active(&intruder));
    assert!(state.set(&intruder, true).is_empty());
    let locked = entry("uid=jo,dc=example,dc=com", &[("pwdAccountLockedTime", &["000001010000Z"])]);
    assert!(!state.is_active(&locked));
}
