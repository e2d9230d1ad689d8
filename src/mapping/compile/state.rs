//! How `active` and deletion are kept, as a mapping file says it.

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
