//! Entry to resource.

use super::*;

#[test]
fn an_entry_reads_as_a_resource_and_its_filler_is_hidden() {
    let mapping = openldap();
    let reading = mapping.read(&jo());
    let boss = Dn::parse("uid=boss,ou=people,dc=example,dc=com").expect("a DN");
    assert_eq!(reading.references, [(Referee::User, boss.clone())]);
    let resource = mapping.complete(&reading.resource, &HashMap::from([(boss.key(), "42".to_owned())]));
    assert_eq!(get(&resource, "userName"), Some(&json!("jo")));
    assert_eq!(get(&resource, "name"), Some(&json!({"formatted": "Jo Doe"})), "`sn` holds the filler");
    let emails = json!([
        {"value": "jo@example.com", "type": "work", "primary": true},
        {"value": "jo.doe@example.com", "type": "work", "primary": false},
    ]);
    assert_eq!(get(&resource, "emails"), Some(&emails));
    let address = json!([{"locality": "Delft", "type": "work", "country": "Netherlands"}]);
    assert_eq!(get(&resource, "addresses"), Some(&address));
    let manager = resource.get(Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), "manager");
    assert_eq!(manager, Some(&json!({"value": "42"})));
    assert_eq!(get(&resource, "active"), Some(&json!(true)));
}

#[test]
fn a_reference_without_an_id_is_not_shown() {
    let mapping = openldap();
    let resource = mapping.complete(&mapping.read(&jo()).resource, &HashMap::new());
    assert!(!resource.as_map().keys().any(|key| key.contains("enterprise")), "{resource:?}");
}
