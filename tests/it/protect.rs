//! What no request changes: parts of the directory, groups with all who are in them, entries with some values.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::bridge::{MAPPING, Setup};
use crate::support::http::Answer;
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Overlay, Samba, Slapd};
use serde_json::{Value, json};

const PROTECT: &str = r#"[directory.lab.protect]
subtrees = ["ou=admins,ou=people,dc=example,dc=com", "cn=frozen,ou=groups,dc=example,dc=com"]
groups = ["cn=root,ou=groups,dc=example,dc=com", "cn=operators,ou=services,dc=example,dc=com"]
attributes = { employeeType = ["vip", "board"] }
"#;

/// A unit for each department.
const PLACEMENT: &str = r#"[user.placement]
base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com"
create = ["organizationalUnit"]

[user.active]"#;

/// A directory without overlays, and entries in it that are protected.
async fn bed() -> Bed {
    let mapping = MAPPING.replace("[user.active]", PLACEMENT);
    let slapd = Slapd::builder().without(Overlay::MemberOf).without(Overlay::RefInt).start().unwrap();
    let mut bed = Bed::with(slapd, |setup| setup.mapping(&mapping).groups("").further(PROTECT)).await;
    let unit: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &["admins"])];
    assert_eq!(bed.ldap.add(&format!("ou=admins,{}", bed.directory.people()), &unit).await, 0);
    for name in ["jo", "kim", "lee", "max"] {
        assert_eq!(bed.ldap.add_person(&bed.directory, name, &[]).await, 0);
    }
    let boss: [(&str, &[&str]); 4] =
        [("objectClass", &["inetOrgPerson"]), ("uid", &["boss"]), ("cn", &["boss"]), ("sn", &["boss"])];
    assert_eq!(bed.ldap.add(&format!("uid=boss,ou=admins,{}", bed.directory.people()), &boss).await, 0);
    // lee is in helpdesk, which is in root; kim is an operator
    let [root, helpdesk] = ["root", "helpdesk"].map(|name| format!("cn={name},{}", bed.directory.groups()));
    group(&mut bed, &helpdesk, &["uid=LEE,  ou=people,dc=example,dc=com"]).await;
    group(&mut bed, &root, &[&helpdesk]).await;
    let (frozen, operators) =
        (format!("cn=frozen,{}", bed.directory.groups()), "cn=operators,ou=services,dc=example,dc=com");
    group(&mut bed, &frozen, &["uid=max,ou=people,dc=example,dc=com"]).await;
    group(&mut bed, operators, &["uid=kim,ou=people,dc=example,dc=com", "uid=ghost,ou=people,dc=example,dc=com"]).await;
    bed
}

async fn group(bed: &mut Bed, dn: &str, members: &[&str]) {
    let members = [members, &["cn=nobody,dc=example,dc=com"]].concat();
    assert_eq!(bed.ldap.add(dn, &[("objectClass", &["groupOfNames"]), ("member", &members)]).await, 0, "{dn}");
}

/// The id of an entry, past the bridge.
async fn id(bed: &mut Bed, filter: &str) -> String {
    let found = bed.ldap.search(bed.directory.suffix(), filter).await;
    assert_eq!(found.len(), 1, "{filter}");
    values(&found[0], "entryUUID")[0].to_owned()
}

/// Everything in the directory, so that it can be seen that nothing has changed.
async fn everything(bed: &mut Bed) -> Vec<String> {
    let entries = bed.ldap.search(bed.directory.suffix(), "(objectClass=*)").await;
    let mut all: Vec<String> = entries
        .into_iter()
        .map(|entry| format!("{} {:?} {:?}", entry.dn, values(&entry, "entryCSN"), values(&entry, "member")))
        .collect();
    all.sort();
    all
}

#[track_caller]
fn is_protected(answer: &Answer, why: &str) {
    is_error(answer, 400, Some("mutability"));
    assert!(answer.body["detail"].as_str().unwrap().contains(why), "{}", answer.body);
}

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "Replace", "path": path, "value": value.into()}])
}

/// Every way to change a user is refused.
async fn is_untouchable(bed: &mut Bed, name: &str, why: &str) {
    let before = everything(bed).await;
    let id = id(bed, &format!("(uid={name})")).await;
    let path = format!("/Users/{id}");
    let user = bed.read(&id).await;
    assert_eq!(user["userName"], name, "it is still shown");
    for operations in [
        set("title", "x"),
        set("active", "False"),
        set("userName", "other"),
        set(&format!("{ENTERPRISE}:department"), "Sales"),
        set(&format!("{ENTERPRISE}:manager"), id.as_str()),
    ] {
        is_protected(&bed.http.patch(&path, operations).await, why);
    }
    is_protected(&bed.http.put(&path, &json!({"userName": name, "title": "x"})).await, why);
    is_protected(&bed.http.delete(&path).await, why);
    assert_eq!(everything(bed).await, before);
    // nothing to change is nothing to refuse
    assert_eq!(bed.http.patch(&path, set("userName", name)).await.status, 200);
}

#[tokio::test]
async fn protected_users_are_shown_and_not_changed() {
    let mut bed = bed().await;
    is_untouchable(&mut bed, "boss", "a protected part of the directory").await;
    is_untouchable(&mut bed, "lee", "in a protected group").await;
    is_untouchable(&mut bed, "kim", "in a protected group").await;
    assert_eq!(bed.ldap.replace("uid=jo,ou=people,dc=example,dc=com", "employeeType", &["VIP"]).await, 0);
    is_untouchable(&mut bed, "jo", "`employeeType`").await;
    assert_eq!(bed.ldap.replace("uid=jo,ou=people,dc=example,dc=com", "employeeType", &["staff"]).await, 0);
    let jo = id(&mut bed, "(uid=jo)").await;
    bed.patch(&jo, set("title", "Lead")).await;
    let (_, metrics) = bed.bridge.admin("/metrics").await;
    assert!(metrics.contains("scim_ldap_bridge_service_protected_total{endpoint=\"lab\"} 28"), "{metrics}");
    assert!(bed.bridge.log().contains("refused to change a protected entry"), "{}", bed.bridge.log());
    let audit = bed.bridge.audit();
    let refused =
        audit.iter().filter(|line| line["error"].as_str().is_some_and(|e| e.contains("is protected"))).count();
    assert_eq!(refused, 28);
}

#[tokio::test]
async fn nobody_joins_or_leaves_a_protected_group() {
    let mut bed = bed().await;
    let [jo, lee] = [id(&mut bed, "(uid=jo)").await, id(&mut bed, "(uid=lee)").await];
    let before = everything(&mut bed).await;
    for (name, why) in
        [("root", "is a protected group"), ("helpdesk", "in a protected group"), ("frozen", "protected part")]
    {
        let group = id(&mut bed, &format!("(cn={name})")).await;
        let path = format!("/Groups/{group}");
        assert_eq!(bed.http.get(&path).await.status, 200);
        let members = |op: &str, id: &str| json!([{"op": op, "path": "members", "value": [{"value": id}]}]);
        for operations in [
            members("Add", &jo),
            members("Remove", &lee),
            members("Replace", &jo),
            json!([{"op": "Remove", "path": "members"}]),
            set("displayName", "other"),
            json!([{"op": "Add", "path": "externalId", "value": "x"}]),
        ] {
            // the last member but one of a group that has none of ours: nothing to do
            let answer = bed.http.patch(&path, operations.clone()).await;
            let is_idle = name == "root" && operations == json!([{"op": "Remove", "path": "members"}]);
            if answer.status != 204 || !is_idle {
                is_protected(&answer, why);
            }
        }
        is_protected(&bed.http.put(&path, &json!({"displayName": name, "members": [{"value": jo}]})).await, why);
        is_protected(&bed.http.delete(&path).await, why);
    }
    // a member of a group that must not be changed cannot be taken out of it by a delete or a rename
    let max = id(&mut bed, "(uid=max)").await;
    is_protected(&bed.http.delete(&format!("/Users/{max}")).await, "`cn=frozen`, which would change with it");
    is_protected(&bed.try_patch(&max, set("userName", "maxim")).await, "`cn=frozen`, which would change with it");
    // a name that a protected group has already
    is_protected(&bed.http.post("/Users", &json!({"userName": "ghost"})).await, "in a protected group");
    is_protected(&bed.try_patch(&jo, set("userName", "GHOST")).await, "in a protected group");
    assert_eq!(everything(&mut bed).await, before);
    // whoever is protected may be in an ordinary group
    let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": lee }]})).await;
    assert_eq!(bed.members(&team).await, [lee.as_str()]);
    bed.patch_group(&team, json!([{"op": "Remove", "path": "members"}])).await;
}

#[tokio::test]
async fn nobody_gets_into_a_protected_part() {
    let mut bed = bed().await;
    let jo = id(&mut bed, "(uid=jo)").await;
    let before = everything(&mut bed).await;
    // the directory takes the last for the first, letter by letter
    for department in ["admins", " ADMINS ", "\u{ff21}dmins"] {
        let user = json!({"userName": "new", (ENTERPRISE): {"department": department}});
        is_protected(&bed.http.post("/Users", &user).await, "a protected part of the directory");
        let moved = bed.try_patch(&jo, set(&format!("{ENTERPRISE}:department"), department)).await;
        is_protected(&moved, "a protected part of the directory");
    }
    assert_eq!(everything(&mut bed).await, before);
}

#[tokio::test]
async fn a_reference_of_a_protected_entry_is_left() {
    let mut bed = bed().await;
    let (boss, jo) = (format!("uid=boss,ou=admins,{}", bed.directory.people()), id(&mut bed, "(uid=jo)").await);
    assert_eq!(bed.ldap.replace(&boss, "manager", &["uid=jo,ou=people,dc=example,dc=com"]).await, 0);
    bed.patch(&jo, set("userName", "joan")).await;
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
    let boss = bed.ldap.person(&bed.directory, "(uid=boss)").await;
    assert_eq!(values(&boss, "manager"), ["uid=jo,ou=people,dc=example,dc=com"]);
}

#[tokio::test]
async fn a_protected_group_that_cannot_be_read_stops_everything() {
    let mut bed = bed().await;
    let jo = id(&mut bed, "(uid=jo)").await;
    assert_eq!(bed.ldap.delete("cn=operators,ou=services,dc=example,dc=com").await, 0);
    is_error(&bed.try_patch(&jo, set("title", "x")).await, 500, None);
    assert_eq!(bed.read(&jo).await["userName"], "jo");
}

#[test]
fn check_names_what_could_never_be_changed() {
    let slapd = Slapd::builder().start().unwrap();
    let protect = "[directory.lab.protect]\nsubtrees = ['ou=people,dc=example,dc=com', 'x']\n\
                   groups = ['cn=all,ou=groups,dc=example,dc=com']\nattributes = { 'a b' = '1' }\n";
    let groups = "default = ['cn=all,ou=groups,dc=example,dc=com']";
    let (said, code) = Setup::new(&slapd).groups(groups).further(protect).fails("check");
    assert_eq!(code, 1, "{said}");
    for text in [
        "`endpoint.lab.users.base`: found `ou=people,dc=example,dc=com`, expected an entry that `directory.lab.protect` leaves open",
        "`endpoint.lab.groups.default[0]`",
        "`directory.lab.protect.subtrees[1]`: found `x`",
        "`directory.lab.protect.attributes.\"a b\"`",
    ] {
        assert!(said.contains(text), "{text}: {said}");
    }
}

#[tokio::test]
async fn administrators_of_active_directory_are_protected() {
    let samba = Samba::builder().start().unwrap();
    let admins = format!("CN=Domain Admins,CN=Users,{}", samba.suffix());
    let protect = format!("[directory.lab.protect]\ngroups = ['{admins}']\n");
    let mut bed = Bed::with(samba, |setup| setup.groups("").further(&protect)).await;
    let [jo, kim, lee] = bed.create_users(["jo@example.com", "kim@example.com", "lee@example.com"]).await;
    let outer = bed.create_group(json!({"displayName": "outer"})).await;
    let inner = bed.create_group(json!({"displayName": "inner", "members": [{ "value": jo }]})).await;
    let members = |op: &str, id: &str| json!([{"op": op, "path": "members", "value": [{"value": id}]}]);
    bed.patch_group(&outer, members("Add", &inner)).await;
    bed.patch(&jo, set("title", "Lead")).await;
    // jo is in inner, which is in outer, which is in the administrators
    let outer_dn = bed.entry(&outer).await.dn;
    assert_eq!(bed.ldap.add_value(&admins, "member", &outer_dn).await, 0);
    for operations in [set("title", "x"), set("active", "False"), set("displayName", "Joan")] {
        is_protected(&bed.try_patch(&jo, operations).await, "in a protected group");
    }
    is_protected(&bed.http.delete(&format!("/Users/{jo}")).await, "in a protected group");
    for group in [&inner, &outer] {
        let path = format!("/Groups/{group}");
        is_protected(&bed.http.patch(&path, members("Add", &kim)).await, "in a protected group");
        is_protected(&bed.http.delete(&path).await, "in a protected group");
    }
    // the directory's own sign counts without being named
    let dn = bed.entry(&lee).await.dn;
    assert_eq!(bed.ldap.replace(&dn, "adminCount", &["1"]).await, 0);
    is_protected(&bed.try_patch(&lee, set("title", "x")).await, "`adminCount`");
    bed.patch(&kim, set("title", "Lead")).await;
    assert_eq!(bed.read(&jo).await["title"], "Lead");
}
