//! How `active` and deletion are kept, as a mapping file says it.

use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::mapping::{AccountState, DeletePolicy, Strategy as Kept};
use crate::vendor::Profile;

/// What becomes of an entry that is disabled or deleted.
pub(super) struct State {
    pub(super) active: Option<AccountState>,
    pub(super) saved_memberships: Option<AttrType>,
    pub(super) delete: DeletePolicy,
}

/// Reads `active` and `delete`, which groups have not and hardly have.
pub(super) fn state(table: &mut Reader<'_>, profile: &'static Profile, is_group: bool) -> State {
    let mut saved_memberships = None;
    let mut active = None;
    if is_group {
        refuse_account(table);
    } else if let Some(mut table) = table.table("active") {
        saved_memberships = table.opt_parse("saved_memberships", "an LDAP attribute", AttrType::new);
        active = account_state(&mut table, profile);
    }
    let delete = table.table("delete").map_or(DeletePolicy::Remove, |mut table| delete_policy(&mut table, is_group));
    State { active, saved_memberships, delete }
}

fn refuse_account(table: &mut Reader<'_>) {
    if table.has("active") {
        table.value("active");
        let hint = "to take access away, take the members out or delete the group";
        table.fault_described("active", "a table", "nothing, since a group has no account", Some(hint));
    }
}

fn account_state(table: &mut Reader<'_>, profile: &'static Profile) -> Option<AccountState> {
    #[derive(Clone, Copy)]
    enum Strategy {
        Attribute,
        Lock,
    }
    if !table.has("strategy") {
        table.fault("strategy", None, "`attribute` or `lock`", None);
    }
    let strategy = table.one_of("strategy", &[("attribute", Strategy::Attribute), ("lock", Strategy::Lock)]);
    let state = match strategy? {
        Strategy::Lock => directory_lock(table, profile),
        Strategy::Attribute => attribute_state(table),
    };
    table.finish();
    Some(AccountState { strategies: vec![state?] })
}

fn directory_lock(table: &Reader<'_>, profile: &'static Profile) -> Option<Kept> {
    if profile.lock.is_none() {
        let expected = format!("`attribute`, since a directory of the kind `{}` has no lock of its own", profile.name);
        table.fault("strategy", Some("lock"), expected, None);
    }
    profile.lock.map(Kept::Lock)
}

fn attribute_state(table: &mut Reader<'_>) -> Option<Kept> {
    let attr = table.take_parse("ldap", "an LDAP attribute", AttrType::new);
    let disabled = table.take_str("disabled");
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
        table.fault(
            "saved_in",
            Some(saved_in.as_str()),
            "another attribute than `ldap`, which it is to bring back",
            None,
        );
    }
    Some(Kept::Attribute { attr: attr?, disabled: disabled?, enabled, saved_in })
}

fn delete_policy(table: &mut Reader<'_>, is_group: bool) -> DeletePolicy {
    let marks = table.one_of("policy", &[("mark", true), ("remove", false)]).unwrap_or(false);
    if marks && is_group {
        table.value("mark");
        let hint = "applications that look at the directory do not know the mark";
        table.fault("policy", Some("mark"), "`remove`, since a marked group would go on giving access", Some(hint));
    }
    let mark = if marks && !is_group {
        table.take_parse("mark", "an LDAP attribute for the time", AttrType::new)
    } else {
        None
    };
    table.finish();
    mark.map_or(DeletePolicy::Remove, |attr| DeletePolicy::Mark { attr, graveyard: None })
}
