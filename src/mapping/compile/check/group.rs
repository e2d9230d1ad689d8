//! What a mapping must be so that groups and memberships work.

use crate::fault::Reader;
use crate::mapping::{MemberForm, Members, Place, Referee, ResourceMapping};

/// Notes what is wrong with groups, or with what users have to do with groups.
pub(super) fn check(table: &Reader<'_>, mapping: &ResourceMapping, has_group: bool) {
    if let Some(members) = &mapping.members {
        check_form(table, members);
        check_placeholder(table, mapping, members);
    }
    if !has_group {
        check_absent(table, mapping);
    }
    if mapping.resource_type.name == "User" {
        check_groups_of_users(table, mapping);
    }
}

/// Names are users' names, and stand for nobody else.
fn check_form(table: &Reader<'_>, members: &Members) {
    let MemberForm::Name(_) = members.form else { return };
    if let Some(placeholder) = &members.placeholder {
        let hint = "a group whose members are names may be empty";
        let expected = "nothing, since members are names and a placeholder is a DN";
        table.fault_below(&["members", "placeholder"], placeholder.as_str(), expected, Some(hint));
    }
    if members.nested {
        let expected = "`false`, since groups have no name among those of users";
        table.fault_below(&["members", "nested"], Some("true"), expected, None);
    }
}

/// Some object classes demand a member, and clients create groups without.
fn check_placeholder(table: &Reader<'_>, mapping: &ResourceMapping, members: &Members) {
    let demands = |class: &&&str| mapping.object_classes.iter().any(|own| own.eq_ignore_ascii_case(class));
    let Some(class) = mapping.profile.member_required.iter().find(demands) else { return };
    if let MemberForm::Name(name) = &members.form {
        let hint = "`posixGroup` holds names; without `name`, members are DNs";
        let expected = format!("no names, since `{class}` demands DNs");
        table.fault_below(&["members", "name"], Some(name.as_str()), expected, Some(hint));
    } else if members.placeholder.is_none() {
        let expected = format!("a DN that stands in every group, since `{class}` demands a member");
        let hint = "for example placeholder = \"cn=nobody,dc=example,dc=com\"; it need not exist";
        table.fault_below(&["members", "placeholder"], None, expected, Some(hint));
    }
}

/// What leads to groups needs groups.
fn check_absent(table: &Reader<'_>, mapping: &ResourceMapping) {
    let hint = Some("map groups in [group]");
    for rule in mapping.rules.iter().filter(|rule| rule.reference == Some(Referee::Group)) {
        let keys = ["attributes", &rule.key, "reference"];
        table.fault_below(&keys, Some("group"), "`user`, since this mapping has no groups", hint);
    }
    if let Some(attr) = &mapping.saved_memberships {
        let keys = ["active", "saved_memberships"];
        table.fault_below(&keys, Some(attr.as_str()), "nothing, since this mapping has no groups", hint);
    }
}

/// `groups` of a user is what the groups say (RFC 7643 section 4.1.2), so it is shown only.
fn check_groups_of_users(table: &Reader<'_>, mapping: &ResourceMapping) {
    for rule in mapping.rules.iter().filter(|rule| rule.is_on("groups")) {
        let is_value = matches!(&rule.slot.place, Place::Element { sub, .. } if sub == "value");
        if rule.writes() || (is_value && rule.reference != Some(Referee::Group)) {
            let expected = "`direction = \"to-scim\"` and `reference = \"group\"`, since memberships are changed through \
                the group";
            table.fault_below(&["attributes", &rule.key], Some(rule.attr.as_str()), expected, None);
        }
    }
}
