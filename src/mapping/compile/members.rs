//! How groups keep their members, as a mapping file says it.

use super::dn;
use crate::fault::Reader;
use crate::ldap::{AttrType, Value};
use crate::mapping::{MemberForm, Members};

/// Reads `[group.members]`.
pub(super) fn members(table: &mut Reader<'_>) -> Option<Members> {
    if !table.has("members") {
        let hint = "for example members = { ldap = \"member\" }";
        table.fault("members", None, "a table that says how members are kept", Some(hint));
    }
    let mut table = table.table_or_shorthand("members", "ldap")?;
    let attr = table.take_parse("ldap", "an LDAP attribute", AttrType::new);
    let name = table.opt_parse("name", "an LDAP attribute of users", AttrType::new);
    let has_placeholder = table.has("placeholder");
    let placeholder = table.opt_parse("placeholder", "a distinguished name", dn);
    let nested = table.opt_bool("nested").unwrap_or(name.is_none());
    table.finish();
    if has_placeholder && placeholder.is_none() {
        return None;
    }
    let placeholder = placeholder.map(|dn| Value::from(dn.to_string()));
    Some(Members { attr: attr?, form: name.map_or(MemberForm::Dn, MemberForm::Name), placeholder, nested })
}
