//! Where entries are put: which rule decides, and that no value leaves the RDN that it is written into.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const SALES: &str = "ou=sales,ou=people,dc=example,dc=com";

/// A mapping with this placement.
fn with(placement: &str) -> Result<ResourceMapping, String> {
    let text = include_str!("../../../config/mappings/openldap.toml");
    compiled(&text.replace("[user.active]", &format!("[user.placement]\n{placement}\n[user.active]"))).map(|m| m.user)
}

/// Mappings that put the department into one RDN, the first of them as it is.
static MADE: LazyLock<Vec<ResourceMapping>> = LazyLock::new(|| {
    let names = [
        "{{ enterprise.department }}",
        "a {{ enterprise.department }} b{{ enterprise.department }}",
        "\"{{ enterprise.department }}\"",
        "\\2C{{ enterprise.department | upper }}",
        "{% if enterprise.department %}{{ enterprise.department }}{{ userName }}{% endif %}",
        "{% set x %}{{ enterprise.department }}{% endset %}{{ x }}",
    ];
    let mapping = |name: &str| with(&format!("base = 'ou={name},ou=people,dc=example,dc=com'")).expect("a mapping");
    names.into_iter().map(mapping).collect()
});

fn user(department: &str) -> Resource {
    let mut user = Resource::new();
    user.set(None, "userName", json!("jo"));
    user.set(Some(crate::scim::name::ENTERPRISE_USER), "department", json!(department));
    user
}

#[test]
fn the_first_rule_that_can_decides() {
    let mapping = with(
        r#"rules = [
            { when = 'userType eq "Guest"', base = "ou={{ title }},ou=guests,ou=people,dc=example,dc=com" },
            { when = 'userType eq "guest" or urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "s"',
              base = "ou=sales,ou=people,dc=example,dc=com" },
        ]
        base = "ou={{ enterprise.department }},ou=people,dc=example,dc=com""#,
    )
    .expect("a mapping");
    let at = |user: &Resource| mapping.superior(user).expect("a place").map(|dn| dn.to_string());
    assert_eq!(at(&user("Sales")).as_deref(), Some(SALES));
    assert_eq!(at(&user("Legal")).as_deref(), Some("ou=Legal,ou=people,dc=example,dc=com"));
    assert_eq!(at(&user("")), None);
    assert_eq!(at(&user(" \t ")), None);
    let mut guest = user("Legal");
    guest.set(None, "userType", json!("GUEST"));
    assert_eq!(at(&guest).as_deref(), Some(SALES), "without a title the next rule counts");
    guest.set(None, "title", json!("VIP"));
    assert_eq!(at(&guest).as_deref(), Some("ou=VIP,ou=guests,ou=people,dc=example,dc=com"));
}

#[test]
fn what_names_no_place_is_refused() {
    let people = "ou=people,dc=example,dc=com";
    for (placement, said) in [
        (format!(r"base = 'ou=\{{{{ title }}}},{people}'"), "a backslash before `{{`"),
        (format!(r"base = 'ou=\ {{{{- title }}}},{people}'"), "a backslash before `{{`"),
        (format!("base = 'ou={{{{ titel }}}},{people}'"), "template uses `titel`"),
        (format!("base = 'ou={{{{ number }}}},{people}'"), "template uses `number`"),
        (format!("base = 'ou={{{{ enterprise.manager.value }}}},{people}'"), "which is a reference"),
        ("base = '{{ title }}ou'".to_owned(), "no `=` at byte 2"),
        ("base = 'people'".to_owned(), "no `=` at byte 6"),
        ("base = ''".to_owned(), "it is empty"),
        (format!("rules = [{{ base = '{people}' }}]"), "`user.placement.rules[0].when` is missing"),
        ("rules = [{ when = 'userName pr' }]".to_owned(), "`user.placement.rules[0].base` is missing"),
        (format!("rules = [{{ when = 'userName', base = '{people}' }}]"), "a SCIM filter of mapped attributes"),
        (format!("rules = [{{ when = 'nickName pr', base = '{people}' }}]"), "does not have here"),
        (format!("rules = [{{ when = 'manager.value pr', base = '{people}' }}]"), "`manager.value` is a reference"),
        ("create = ['inetOrgPerson']".to_owned(), "one of them `container`"),
        ("creates = true".to_owned(), "did you mean `create`"),
    ] {
        let faults = with(&placement).map(|_| ()).expect_err(&placement);
        assert!(faults.contains(said), "{placement}: {faults}");
    }
}

proptest! {
    #[test]
    fn whatever_a_value_is_it_makes_one_rdn(
        department in r#"[ ,+"\\<>;=#a-f0-9\x00\n😀]{0,12}"#,
        further in any::<String>(),
    ) {
        for mapping in &*MADE {
            for value in [&department, &further] {
                // refused, nothing to go by, or one more RDN than there is without
                let Ok(Some(dn)) = mapping.superior(&user(value)) else { continue };
                prop_assert_eq!(dn.rdns().len(), 4, "{}", &dn);
                prop_assert_eq!(dn.rdns()[0].avas().len(), 1, "{}", &dn);
                prop_assert!(dn.is_below(&Dn::parse("ou=people,dc=example,dc=com").expect("a DN")), "{}", &dn);
            }
        }
        for value in [&department, &further] {
            let dn = MADE[0].superior(&user(value)).expect("a plain template gives a name");
            let kept = dn.map(|dn| dn.rdns()[0].avas()[0].value.clone());
            let trimmed = value.trim();
            prop_assert_eq!(kept, (!trimmed.is_empty()).then(|| Value::from(trimmed)));
        }
    }
}
