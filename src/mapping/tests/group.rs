//! Groups: what a mapping file makes of them, and what is read and written.

use super::*;

/// Users and groups with everything that the language has for groups.
const WHOLE: &str = r#"
    [user]
    object_classes = ["inetOrgPerson"]
    auxiliary_classes = ["scimResource"]
    rdn = "uid"
    references = ["secretary", "MANAGER", "seeAlso"]
    [user.attributes]
    userName = "uid"
    "name.formatted" = { ldap = "cn", default = "{{ userName }}" }
    "name.familyName" = { ldap = "sn", default = "{{ userName }}" }
    "groups.value" = { ldap = "memberOf", direction = "to-scim", reference = "group" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value" = { ldap = "manager", reference = "user" }
    [user.numbers]
    uidNumber = { counter = "cn=uid,ou=counters,dc=example,dc=com", last = 59999 }
    [user.active]
    strategy = "lock"
    saved_memberships = "scimSavedMember"

    [group]
    object_classes = ["groupOfNames"]
    auxiliary_classes = ["scimResource"]
    rdn = "cn"
    references = ["owner"]
    [group.attributes]
    displayName = "cn"
    externalId = "scimExternalId"
    [group.derived]
    description = "{{ displayName }}"
    [group.members]
    ldap = "member"
    placeholder = "CN=nobody, dc=example,dc=com"
    [group.numbers]
    gidNumber = { counter = "cn=gid,ou=counters,dc=example,dc=com", attribute = "serialNumber", last = 4294967295 }
"#;

fn whole() -> Mapping {
    compiled(WHOLE).expect("a mapping")
}

fn names(attrs: &[AttrType]) -> Vec<&str> {
    attrs.iter().map(AttrType::as_str).collect()
}

#[test]
fn a_group_is_what_its_tables_say() {
    let mapping = whole();
    let group = mapping.group.expect("groups");
    let members = group.members.as_ref().expect("members");
    assert_eq!((members.attr.as_str(), &members.form, members.nested), ("member", &MemberForm::Dn, true));
    assert_eq!(members.placeholder, Some(Value::from("CN=nobody,dc=example,dc=com")));
    assert_eq!(names(&group.references), ["member", "owner"]);
    assert!(!group.attrs.contains(&members.attr), "{:?}", group.attrs);
    let number = &group.numbers[0];
    assert_eq!((number.attr.as_str(), number.last), ("gidNumber", 4_294_967_295));
    assert_eq!(number.counter.to_string(), "`serialNumber` of `cn=gid,ou=counters,dc=example,dc=com`");
    assert_eq!(group.match_classes, ["groupOfNames"]);

    let user = mapping.user;
    assert_eq!(names(&user.references), ["manager", "scimSavedMember", "secretary", "seeAlso"]);
    assert_eq!(user.saved_memberships, Some(AttrType::known("scimSavedMember")));
    assert_eq!(user.numbers[0].counter.to_string(), "`scimNextNumber` of `cn=uid,ou=counters,dc=example,dc=com`");
    for attr in ["scimSavedMember", "memberOf", "uidNumber"] {
        assert!(user.attrs.contains(&AttrType::known(attr)), "{attr}");
    }
}

#[test]
fn clients_are_told_of_members_with_a_value_and_nothing_else() {
    let mapping = whole();
    let group = mapping.group.expect("groups").resource_type;
    let attr = |name: &str| group.schema.attribute(name).expect("an attribute");
    assert!(attr("displayName").required, "also where the mapping does not say so");
    let members = attr("members");
    assert!(members.multi_valued && members.mutability == Mutability::ReadWrite && !members.required);
    assert_eq!(members.sub_attributes.iter().map(|sub| sub.name.as_str()).collect::<Vec<_>>(), ["value"]);
    let user = mapping.user.resource_type;
    let groups = user.schema.attribute("groups").expect("an attribute");
    assert_eq!(groups.mutability, Mutability::ReadOnly);
    assert_eq!(groups.sub_attributes.iter().map(|sub| sub.name.as_str()).collect::<Vec<_>>(), ["value"]);
    assert!(user.schema.attribute("userName").expect("an attribute").required);
}

#[test]
fn a_user_shows_the_ids_of_its_groups_and_leaves_out_those_without() {
    let mapping = whole().user;
    let groups: &[&str] = &["cn=a,dc=example,dc=com", "cn=foreign,dc=example,dc=com", "CN=b, dc=example,dc=com"];
    let attrs: &[(&'static str, &[&str])] =
        &[("uid", &["jo"]), ("memberOf", groups), ("manager", &["uid=boss,dc=example,dc=com"])];
    let reading = mapping.read(&entry("uid=jo,ou=people,dc=example,dc=com", attrs));
    let dn = |text: &str| Dn::parse(text).expect("a DN");
    let mut expected: Vec<(Referee, Dn)> = groups.iter().map(|group| (Referee::Group, dn(group))).collect();
    expected.push((Referee::User, dn("uid=boss,dc=example,dc=com")));
    assert_eq!(reading.references, expected);
    let ids =
        HashMap::from([(dn("cn=a,dc=example,dc=com").key(), "1".to_owned()), (dn(groups[2]).key(), "2".to_owned())]);
    let resource = mapping.complete(&reading.resource, &ids);
    assert_eq!(get(&resource, "groups"), Some(&json!([{"value": "1"}, {"value": "2"}])));
    assert_eq!(get(&resource, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), None);
    let resource = mapping.complete(&reading.resource, &HashMap::new());
    assert_eq!(get(&resource, "groups"), None);
}

fn team() -> Entry {
    let attrs: &[(&'static str, &[&str])] = &[
        ("entryUUID", &["6f1c1f6e-0000-4000-8000-000000000007"]),
        ("objectClass", &["groupOfNames"]),
        ("cn", &["Team", "team alias"]),
        ("description", &["Team"]),
        ("member", &["cn=nobody,dc=example,dc=com", "uid=jo,ou=people,dc=example,dc=com"]),
    ];
    entry("cn=Team,ou=groups,dc=example,dc=com", attrs)
}

#[test]
fn a_new_group_has_no_members_and_no_number_yet() {
    let group = whole().group.expect("groups");
    let members = json!([{"value": "42"}]);
    let team = resource(json!({"displayName": "Team", "externalId": "x", "members": members}));
    let attrs = group.create(&team, &Lookup::default()).expect("an entry");
    let names: Vec<&str> = attrs.iter().map(|(attr, _)| attr.as_str()).collect();
    assert_eq!(names, ["objectClass", "cn", "scimExternalId", "description"]);
    assert_eq!(group.name(&attrs).expect("a name").to_string(), "cn=Team");
    assert!(group.referenced_ids(&team, None).is_empty());
    assert_eq!(group.missing(&resource(json!({"externalId": "x"}))), ["displayName"]);
}

#[test]
fn members_have_no_part_in_what_differs() {
    let group = whole().group.expect("groups");
    let reading = group.read(&team());
    assert!(reading.references.is_empty());
    let before = reading.resource;
    assert_eq!(get(&before, "displayName"), Some(&json!("Team")), "the value in the name");
    assert_eq!(get(&before, "members"), None);
    let mut after = before.clone();
    after.set(None, "members", json!([{"value": "42"}]));
    let difference = group.difference(&team(), &before, &after, &Lookup::default()).expect("a difference");
    assert_eq!(difference, Difference::default());
    after.set(None, "displayName", json!("Crew"));
    let difference = group.difference(&team(), &before, &after, &Lookup::default()).expect("a difference");
    assert_eq!(difference.rdn.map(|rdn| rdn.to_string()).as_deref(), Some("cn=Crew"));
    let changed: Vec<&str> = difference.mods.iter().map(|m| m.attr.as_str()).collect();
    assert_eq!(changed, ["objectClass", "description", "description"]);
}

#[test]
fn what_a_user_is_in_is_not_written() {
    let user = whole().user;
    let jo = entry(
        "uid=jo,dc=example,dc=com",
        &[("uid", &["jo"]), ("cn", &["jo"]), ("sn", &["jo"]), ("memberOf", &["cn=a,dc=example,dc=com"])],
    );
    let before = user.read(&jo).resource;
    let mut after = before.clone();
    after.set(None, "groups", json!([{"value": "42"}]));
    assert!(user.referenced_ids(&after, Some(&before)).is_empty());
    let difference = user.difference(&jo, &before, &after, &Lookup::default()).expect("a difference");
    assert_eq!(difference, Difference::default());
    let attrs = user.create(&after, &Lookup::default()).expect("an entry");
    assert!(attrs.iter().all(|(attr, _)| *attr != AttrType::known("memberOf")), "{attrs:?}");
}

#[test]
fn members_of_posix_groups_are_names() {
    let group = posix().group.expect("groups");
    let members = group.members.as_ref().expect("members");
    assert_eq!(members.form, MemberForm::Name(AttrType::known("uid")));
    assert!(!members.nested && members.placeholder.is_none());
    assert!(group.references.is_empty(), "names are no DNs: {:?}", group.references);
    assert_eq!(group.numbers[0].last, 59_999);
}

#[test]
fn servers_and_administrators_are_told_of_members_by_name() {
    let group = whole().group.expect("groups");
    let member = AttrType::known("MEMBER");
    assert_eq!((group.scim_name(&member).as_str(), group.short_name(&member).as_str()), ("members", "members"));
    let text = "member: value #0 invalid per syntax";
    assert_eq!(group.named_in(text).as_deref(), Some("members"));
    assert_eq!(whole().user.named_in(text), None);
}
