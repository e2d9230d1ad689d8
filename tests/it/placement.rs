//! Users below different entries: made where they belong, moved when that changes, and left where people put them.

use crate::support::bed::{Bed, ENTERPRISE, is_error};
use crate::support::bridge::{MAPPING, Setup, mapping_of};
use crate::support::ldap::values;
use scim_ldap_bridge::lab::{Directory, Ds389, Overlay, Samba, Slapd};
use serde_json::{Value, json};

/// A unit for each department.
const PLACEMENT: &str = r#"[user.placement]
base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com"
create = ["organizationalUnit"]

[user.active]"#;

fn mapping() -> String {
    MAPPING.replace("[user.active]", PLACEMENT)
}

/// A directory whose bridge puts users where their departments are.
async fn bed(slapd: Slapd) -> Bed {
    Bed::with(slapd, |setup| setup.mapping(&mapping()).groups("")).await
}

fn user(name: &str, department: &str) -> Value {
    json!({"userName": name, (ENTERPRISE): {"department": department}})
}

fn department(name: &str) -> Value {
    json!([{"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": name}])
}

#[tokio::test]
async fn users_are_made_and_moved_where_they_belong() {
    for overlays in [true, false] {
        let slapd = Slapd::builder();
        let slapd = if overlays { slapd } else { slapd.without(Overlay::MemberOf).without(Overlay::RefInt) };
        let mut bed = bed(slapd.start().unwrap()).await;
        let people = bed.directory.people();
        let jo = bed.create(user("jo", "Sales")).await;
        let kim = bed.create(user("kim", "Sales")).await;
        let lee = bed.create(json!({"userName": "lee"})).await;
        assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,ou=Sales,{people}"));
        assert_eq!(bed.entry(&kim).await.dn, format!("uid=kim,ou=Sales,{people}"));
        assert_eq!(bed.entry(&lee).await.dn, format!("uid=lee,{people}"));
        let boss = json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": jo}]);
        bed.patch(&kim, boss).await;
        let team = bed.create_group(json!({"displayName": "team", "members": [{"value": jo}, {"value": kim}]})).await;

        let moved = bed.patch(&jo, department("R&D, \"x\"")).await;
        assert_eq!((&moved["id"], &moved[ENTERPRISE]["department"]), (&json!(jo), &json!("R&D, \"x\"")));
        let entry = bed.entry(&jo).await;
        assert!(entry.dn.starts_with("uid=jo,ou=R&D\\2C \\22x\\22,") && entry.dn.ends_with(&people), "{}", entry.dn);
        let mut both = vec![jo.clone(), kim.clone()];
        both.sort();
        assert_eq!(bed.members(&team).await, both);
        assert_eq!(bed.read(&kim).await[ENTERPRISE]["manager"]["value"], json!(jo));
        let members: Vec<String> = values(&bed.entry(&team).await, "member").into_iter().map(str::to_owned).collect();
        assert_eq!(members.iter().filter(|member| member.starts_with("uid=jo,")).count(), 1, "{members:?}");

        // moved and renamed at once, and again, which changes nothing
        let both = json!([department("Legal")[0], {"op": "Replace", "path": "userName", "value": "joan"}]);
        for _ in 0..2 {
            bed.patch(&jo, both.clone()).await;
            assert_eq!(bed.entry(&jo).await.dn, format!("uid=joan,ou=Legal,{people}"));
        }
        assert_eq!(bed.named("joan").await.len(), 1);
        assert_eq!(values(&bed.entry(&jo).await, "sn"), ["joan"], "what is made of the name has followed");
        bed.patch(&jo, json!([{"op": "Remove", "path": format!("{ENTERPRISE}:department")}])).await;
        assert_eq!(bed.entry(&jo).await.dn, format!("uid=joan,{people}"));
        let units = bed.ldap.search(&people, "(objectClass=organizationalUnit)").await;
        assert_eq!(units.len(), 4, "a unit that became empty stays: {units:?}");
    }
}

#[tokio::test]
async fn who_was_moved_by_hand_stays_until_the_placement_changes() {
    let mut bed = bed(Slapd::builder().start().unwrap()).await;
    let people = bed.directory.people();
    let jo = bed.create(user("jo", "Sales")).await;
    let unit: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &["by hand"])];
    assert_eq!(bed.ldap.add(&format!("ou=by hand,{people}"), &unit).await, 0);
    let to = format!("ou=by hand,{people}");
    assert_eq!(bed.ldap.move_below(&format!("uid=jo,ou=Sales,{people}"), "uid=jo", &to).await, 0);
    bed.patch(&jo, json!([{"op": "Replace", "path": "title", "value": "Lead"}])).await;
    bed.patch(&jo, department("sales")).await;
    bed.patch(&jo, json!([{"op": "Replace", "path": "userName", "value": "joan"}])).await;
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=joan,{to}"));
    bed.patch(&jo, department("Legal")).await;
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=joan,ou=Legal,{people}"));
}

#[tokio::test]
async fn a_name_is_taken_wherever_it_stands() {
    let mut bed = bed(Slapd::builder().without(Overlay::Unique).start().unwrap()).await;
    let people = bed.directory.people();
    let jo = bed.create(user("jo", "Sales")).await;
    is_error(&bed.http.post("/Users", &user("jo", "Legal")).await, 409, Some("uniqueness"));
    // an entry that is no user stands where the user is to go
    assert_eq!(bed.create(user("al", "Legal")).await.len(), 36);
    let device: [(&str, &[&str]); 3] = [("objectClass", &["account"]), ("uid", &["jo"]), ("description", &["x"])];
    assert_eq!(bed.ldap.add(&format!("uid=jo,ou=Legal,{people}"), &device).await, 0);
    is_error(&bed.try_patch(&jo, department("Legal")).await, 409, Some("uniqueness"));
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,ou=Sales,{people}"));
    assert_eq!(bed.read(&jo).await[ENTERPRISE]["department"], "Sales");
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_creates_share_one_new_unit() {
    let mut bed = bed(Slapd::builder().start().unwrap()).await;
    let names: Vec<String> = (0..12).map(|n| format!("user{n}")).collect();
    let tasks: Vec<_> = names
        .iter()
        .map(|name| {
            let (http, user) = (bed.bridge.http(), user(name, "Brand New"));
            tokio::spawn(async move { http.post("/Users", &user).await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 201);
    }
    let below = format!("ou=Brand New,{}", bed.directory.people());
    assert_eq!(bed.ldap.search_one_level(&below, "(objectClass=inetOrgPerson)").await.len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_in_two_places_end_as_one() {
    let mut bed = bed(Slapd::builder().without(Overlay::Unique).start().unwrap()).await;
    for round in 0..5 {
        let name = format!("twin{round}");
        let tasks: Vec<_> = ["Sales", "Legal", "Research"]
            .map(|department| {
                let (http, user) = (bed.bridge.http(), user(&name, department));
                tokio::spawn(async move { http.post("/Users", &user).await.status })
            })
            .into_iter()
            .collect();
        let mut made = 0;
        for task in tasks {
            let status = task.await.unwrap();
            assert!(status == 201 || status == 409, "{status}");
            made += usize::from(status == 201);
        }
        assert_eq!(made, 1, "one of them is told that it was made");
        assert_eq!(bed.ldap.search(&bed.directory.people(), &format!("(uid={name})")).await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_missing_above_is_said() {
    let text = mapping().replace("create = [\"organizationalUnit\"]\n", "");
    let mut bed = Bed::with(Slapd::builder().start().unwrap(), |setup| setup.mapping(&text)).await;
    let people = bed.directory.people();
    let refused = bed.http.post("/Users", &user("jo", "R&D")).await;
    is_error(&refused, 400, Some("invalidValue"));
    assert!(refused.body["detail"].as_str().unwrap().contains("`ou=R&D`, below which"), "{}", refused.body);
    let unit: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &["R&D"])];
    assert_eq!(bed.ldap.add(&format!("ou=R&D,{people}"), &unit).await, 0);
    let jo = bed.create(user("jo", "R&D")).await;
    is_error(&bed.try_patch(&jo, department("Sales")).await, 400, Some("invalidValue"));
    assert_eq!(bed.entry(&jo).await.dn, format!("uid=jo,ou=R&D,{people}"));
    is_error(&bed.try_patch(&jo, department(&"x".repeat(300))).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn a_move_that_cannot_be_completed_is_taken_back() {
    // nobody may change titles, and the server finds out after the move
    let locked = "access to dn.subtree=\"ou=people,dc=example,dc=com\" attrs=title by * read";
    let slapd = Slapd::builder().line(locked).start().unwrap();
    let mut bed = bed(slapd).await;
    let people = bed.directory.people();
    let jo = bed.create(user("jo", "Sales")).await;
    bed.create(user("kim", "Legal")).await;
    let operations = json!([department("Legal")[0], {"op": "Replace", "path": "title", "value": "Lead"}]);
    is_error(&bed.try_patch(&jo, operations).await, 500, None);
    let entry = bed.entry(&jo).await;
    assert_eq!(entry.dn, format!("uid=jo,ou=Sales,{people}"));
    assert_eq!(values(&entry, "departmentNumber"), ["Sales"]);
}

#[test]
fn check_names_places_outside_the_base() {
    let slapd = Slapd::builder().start().unwrap();
    let faults = |mapping: &str, base: &str| Setup::new(&slapd).mapping(mapping).base(base).fails("check");
    let (said, code) = faults(&mapping(), "ou=staff,dc=example,dc=com");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("`user.placement.base` is `ou=staff,dc=example,dc=com`"), "{said}");
}

/// A user is made, moved, put away and brought back, with a group that follows, before a directory of another kind.
async fn moves_before<D: Directory>(directory: D) {
    let people = directory.people();
    let text = mapping_of(directory.kind());
    let places = format!(
        "[user.placement]\nrules = [{{ when = '{ENTERPRISE}:department eq \"Sales\"', base = \"ou=sales,{people}\" }}]\n\n\
         [user.active.also.place]\nstrategy = \"move\"\nto = \"ou=disabled,{people}\"\n\n[user.attributes]"
    );
    let mapping = text.replace("[user.attributes]", &places);
    let mut bed = Bed::with(directory, |setup| setup.mapping(&mapping).groups("")).await;
    for unit in ["sales", "disabled"] {
        let attrs: [(&str, &[&str]); 2] = [("objectClass", &["organizationalUnit"]), ("ou", &[unit])];
        assert_eq!(bed.ldap.add(&format!("ou={unit},{people}"), &attrs).await, 0);
    }
    let name = "jo@example.com";
    let jo = bed.create(json!({"userName": name, "displayName": "Jo", (ENTERPRISE): {"department": "Sales"}})).await;
    let team = bed.create_group(json!({"displayName": "team", "members": [{ "value": jo }]})).await;
    let is_below = |dn: &str, unit: &str| dn.to_lowercase().ends_with(&format!(",{unit}{people}").to_lowercase());
    let steps = [
        (department("Sales"), "ou=sales,"),
        (department("Legal"), ""),
        (json!([{"op": "Replace", "path": "active", "value": "False"}]), "ou=disabled,"),
        (department("Sales"), "ou=disabled,"),
        (json!([{"op": "Replace", "path": "active", "value": "True"}]), "ou=sales,"),
    ];
    for (operations, unit) in steps {
        for _ in 0..2 {
            bed.patch(&jo, operations.clone()).await;
            let entry = bed.entry(&jo).await;
            assert!(is_below(&entry.dn, unit), "{operations}: {}", entry.dn);
            assert_eq!(bed.members(&team).await, [jo.as_str()], "{operations}");
        }
    }
    assert_eq!(bed.http.delete(&format!("/Users/{jo}")).await.status, 204);
}

#[tokio::test]
async fn users_move_before_389_directory_server() {
    moves_before(Ds389::builder().start().unwrap()).await;
}

#[tokio::test]
async fn users_move_before_active_directory() {
    moves_before(Samba::builder().start().unwrap()).await;
}
