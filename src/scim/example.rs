//! Resource types as mappings make them, for tests.

use super::{ResourceType, catalog};

/// Groups whose members have a `value` and nothing else.
pub(in crate::scim) fn groups() -> ResourceType {
    let mut rt = catalog::group_type();
    for attr in &mut rt.schema.attributes {
        attr.sub_attributes.retain(|sub| sub.name == "value");
    }
    rt
}
