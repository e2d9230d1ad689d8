//! Whose entries are, as a mapping file says it.

use crate::fault::Reader;
use crate::ldap::{AttrType, Value};
use crate::mapping::Owner;

/// Reads `[….owner]`.
pub(super) fn owner(table: &mut Reader<'_>) -> Option<Owner> {
    let mut table = table.table("owner")?;
    let attr = table.take_parse("ldap", "an LDAP attribute", AttrType::new);
    let value = table.take_str("value");
    if value.as_deref().is_some_and(|value| value.trim().is_empty()) {
        table.fault("value", Some(""), "a name for this endpoint's own entries", None);
    }
    let adopt = table.bool_or("adopt", false);
    table.finish();
    Some(Owner { attr: attr?, value: Value::from(value?), adopt })
}
