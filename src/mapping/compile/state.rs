//! How `active` and deletion are kept, as a mapping file says it.

use super::dn;
use super::strategy::account_state;
use crate::fault::Reader;
use crate::ldap::AttrType;
use crate::mapping::{AccountState, DeletePolicy};
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
    let disables = active.is_some();
    let read = |mut table: Reader<'_>| delete_policy(&mut table, is_group, disables);
    let delete = table.table("delete").map_or(DeletePolicy::Remove, read);
    State { active, saved_memberships, delete }
}

fn refuse_account(table: &mut Reader<'_>) {
    if table.has("active") {
        table.value("active");
        let hint = "to take access away, take the members out or delete the group";
        table.fault_described("active", "a table", "nothing, since a group has no account", Some(hint));
    }
}

/// What becomes of a deleted entry, by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Disable,
    Graveyard,
    Mark,
    Remove,
}

const POLICIES: &[(&str, Policy)] = &[
    ("disable", Policy::Disable),
    ("graveyard", Policy::Graveyard),
    ("mark", Policy::Mark),
    ("remove", Policy::Remove),
];

fn delete_policy(table: &mut Reader<'_>, is_group: bool, disables: bool) -> DeletePolicy {
    let mut policy = table.one_of("policy", POLICIES).unwrap_or(Policy::Remove);
    let name = POLICIES.iter().find(|(_, known)| *known == policy).map(|(name, _)| *name);
    if policy != Policy::Remove && is_group {
        ["mark", "to", "purge_after_days"].into_iter().for_each(|key| drop(table.value(key)));
        let expected = format!("`remove`, since a {} group would go on giving access", of_group(policy));
        let hint = "applications that look at the directory do not know the mark";
        table.fault("policy", name, expected, Some(hint));
        policy = Policy::Remove;
    }
    if policy == Policy::Disable && !disables {
        let expected = "another policy, since no `user.active` says how a user is disabled";
        table.fault("policy", name, expected, None);
    }
    let marked = matches!(policy, Policy::Mark | Policy::Graveyard);
    let mark = marked.then(|| table.take_parse("mark", "an LDAP attribute for the time", AttrType::new)).flatten();
    let to = (policy == Policy::Graveyard).then(|| table.take_parse("to", "a distinguished name", dn)).flatten();
    let days = if marked { table.opt_u64("purge_after_days", 1..=36500) } else { None };
    table.finish();
    match (policy, mark) {
        (Policy::Disable, _) => DeletePolicy::Disable,
        (_, Some(attr)) => {
            let purge_after_days = days.and_then(|days| u32::try_from(days).ok());
            DeletePolicy::Mark { attr, graveyard: to, purge_after_days }
        }
        (_, None) => DeletePolicy::Remove,
    }
}

/// What a group would be under a policy.
fn of_group(policy: Policy) -> &'static str {
    match policy {
        Policy::Disable => "disabled",
        Policy::Graveyard => "moved",
        Policy::Mark | Policy::Remove => "marked",
    }
}
