//! What is no mapping, and what is said about it.

use super::*;

#[test]
fn all_faults_of_a_mapping_are_reported_at_once() {
    let faults = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "cn"
        [user.attributes]
        userName = { ldap = "uid", requird = true }
        password = { ldap = "userPassword", direction = "to-ldap" }
        displayName = "uid"
        nickname2 = "x"
        "name.familyName" = { ldap = "sn", default = "{{ usrName }}" }
        emails = "mail"
        'phoneNumbers[value eq "1"].value' = "mobile"
        [user.active]
        strategy = "attribute"
        ldap = "employeeType"
        disabled = "no"
        "#,
    )
    .expect_err("faults");
    let expected = [
        "requird",
        "did you mean `required`",
        "nickname2",
        "usrName",
        "no password",
        "emails.value",
        "[type eq",
        "saved_in",
    ];
    for text in expected {
        assert!(faults.contains(text), "{text} in:\n{faults}");
    }
}

#[test]
fn what_cannot_work_or_is_not_the_clients_is_no_mapping() {
    let faults = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "uid"
        [user.attributes]
        userName = "uid"
        id = "title"
        userType = "objectClass"
        nickName = "modifyTimestamp"
        locale = { ldap = "createTimestamp", direction = "to-scim" }
        'emails[type eq "work"].value' = "mail"
        'emails[type eq "home"].value' = "carLicense"
        'emails.value' = "description"
        [user.active]
        strategy = "attribute"
        ldap = "employeeType"
        disabled = "no"
        enabled = "NO"
        saved_in = "employeeType"
        "#,
    );
    let faults = faults.expect_err("faults");
    for key in ["id", "userType", "nickName", "\"emails.value\"", "enabled", "saved_in"] {
        assert!(faults.contains(&format!("{key}`: found")), "{key}: {faults}");
    }
    assert_eq!(faults.matches("`: found").count(), 6, "{faults}");
}

#[test]
fn only_what_is_unique_is_looked_for_elsewhere() {
    let faults = compiled(
        r#"
        [user]
        object_classes = ["inetOrgPerson"]
        rdn = "uid"
        [user.attributes]
        userName = { ldap = "uid", within = "dc=example,dc=com" }
        title = { ldap = "title", within = "dc=example,dc=com" }
        [user.derived]
        gecos = { template = "{{ userName }}", within = "dc=example,dc=com" }
        homeDirectory = { template = "/home/{{ userName }}", unique = true, within = "example" }
        "#,
    )
    .expect_err("faults");
    for key in ["attributes.title.within", "derived.gecos.within", "derived.homeDirectory.within"] {
        assert!(faults.contains(&format!("{key}`: found")), "{key}: {faults}");
    }
    assert_eq!(faults.matches("`: found").count(), 3, "{faults}");
}
