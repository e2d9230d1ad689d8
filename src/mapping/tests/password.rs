//! Where passwords come from.

use super::*;

const SEED: Seed = Seed::new([1; 32]);

/// A small mapping with these lines at its end, for a directory of this kind; the faults if it has any.
fn with(vendor: &str, lines: &str) -> Result<ResourceMapping, String> {
    let text = format!(
        "[user]\nobject_classes = ['inetOrgPerson']\nrdn = 'uid'\n[user.attributes]\nuserName = 'uid'\n\
         externalId = 'employeeNumber'\n{lines}\n"
    );
    let document = Document::parse(Path::new("mapping.toml"), &text).expect("TOML");
    let mapping = compile(&mut document.reader(), vendor::profile(vendor).expect("a known vendor"));
    let faults = document.into_faults();
    if faults.is_empty() { Ok(mapping.expect("a mapping").user) } else { Err(faults.to_string()) }
}

fn password(vendor: &str, lines: &str) -> Result<ResourceMapping, String> {
    with(vendor, &format!("[user.password]\n{lines}"))
}

#[test]
fn each_source_gives_its_password() {
    let sent = resource(json!({"userName": "jo", "password": "Geheim-1"}));
    let silent = resource(json!({"userName": "jo"}));
    let text = |value: Option<Value>| value.map(|value| value.as_str().expect("text").to_owned());
    let none = password("openldap", "source = 'none'").expect("a mapping");
    assert_eq!((none.new_password(&sent, &SEED), none.password_attr()), (None, None));
    let scim = password("openldap", "source = 'scim'").expect("a mapping");
    assert_eq!(text(scim.new_password(&sent, &SEED)), Some("Geheim-1".to_owned()));
    assert_eq!(text(scim.changed_password(&sent)), Some("Geheim-1".to_owned()));
    assert_eq!((scim.new_password(&silent, &SEED), scim.changed_password(&silent)), (None, None));
    let random = password("openldap", "source = 'random'\nlength = 30\nclasses = 2").expect("a mapping");
    let made = text(random.new_password(&silent, &SEED)).expect("a password");
    assert!(made.len() == 30 && made.chars().all(char::is_alphabetic), "{made}");
    assert_eq!(random.changed_password(&sent), None);
    let template = password("openldap", "source = 'template'\ntemplate = '{SASL}{{ userName }}'").expect("a mapping");
    assert_eq!(text(template.verbatim_password(&silent).expect("a text")), Some("{SASL}jo".to_owned()));
    assert!(template.verbatim_password(&silent).expect("a text").is_some_and(|value| value.is_secret()));
    assert_eq!(template.new_password(&sent, &SEED), None);
}

#[test]
fn only_clients_that_may_send_one_are_told_of_it() {
    let scim = password("openldap", "source = 'scim'").expect("a mapping");
    let attr = scim.resource_type.schema.attribute("password").expect("an attribute");
    assert_eq!((attr.mutability, attr.returned), (Mutability::WriteOnly, crate::scim::Returned::Never));
    for source in ["source = 'none'", "source = 'random'", "source = 'template'\ntemplate = '{SASL}{{ userName }}'"] {
        let mapping = password("openldap", source).expect("a mapping");
        assert!(mapping.resource_type.schema.attribute("password").is_none(), "{source}");
    }
    assert!(scim.resource_type.read(json!({"password": "Geheim-1"})).expect("a body").ignored.is_empty());
}

#[test]
fn what_is_no_source_is_a_fault() {
    for (vendor, lines, reason) in [
        ("openldap", "", "`user.password.source`"),
        ("openldap", "source = 'vault'", "found `vault`"),
        ("openldap", "source = 'random'\nlength = 7", "`user.password.length`"),
        ("openldap", "source = 'random'\nlength = 129", "`user.password.length`"),
        ("openldap", "source = 'random'\nclasses = 5", "`user.password.classes`"),
        ("openldap", "source = 'scim'\nlength = 24", "`user.password.length`"),
        ("openldap", "source = 'template'", "`user.password.template`"),
        ("openldap", "source = 'template'\ntemplate = '{{ userName }}'", "a scheme first"),
        ("openldap", "source = 'template'\ntemplate = '{cleartext}{{ userName }}'", "a scheme first"),
        ("openldap", "source = 'template'\ntemplate = '{SASL}{{ password }}'", "template uses `password`"),
        ("active-directory", "source = 'template'\ntemplate = '{SASL}{{ userName }}'", "knows no schemes"),
        ("active-directory", "source = 'none'\n[user.active]\nstrategy = 'lock'", "enables no account without"),
    ] {
        let faults = password(vendor, lines).expect_err(lines);
        assert!(faults.contains(reason), "{lines}: {faults}");
    }
    let group = "[group]\nobject_classes = ['groupOfNames']\nrdn = 'cn'\npassword.source = 'random'\n\
        [group.attributes]\ndisplayName = 'cn'\n[group.members]\nldap = 'member'\nplaceholder = 'cn=nobody'";
    assert!(with("openldap", group).expect_err("a fault").contains("a group has no account"));
}

#[test]
fn no_rule_and_no_template_sees_a_password() {
    for template in ["{{ password }}", "{{ debug() }}"] {
        let faults = password("openldap", &format!("source = 'scim'\n[user.derived]\ndescription = '{template}'"));
        assert!(faults.expect_err(template).contains("template uses"), "{template}");
    }
    for line in ["password = 'description'", "title = 'userPassword'"] {
        let faults = with("openldap", &format!("{line}\n[user.password]\nsource = 'scim'")).expect_err(line);
        assert!(faults.contains("an attribute that holds no password"), "{line}: {faults}");
    }
    let mapping = password("openldap", "source = 'scim'\n[user.derived]\ndescription = '{{ userName }} {{ self }}'");
    let mapping = mapping.expect("a mapping");
    let sent = resource(json!({"userName": "jo", "password": "Geheim-1"}));
    let attrs = mapping.create(&sent, &Lookup::default()).expect("attributes");
    assert!(format!("{attrs:?}").contains("jo") && !format!("{attrs:?} {sent:?}").contains("Geheim"), "{attrs:?}");
}
