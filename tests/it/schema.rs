//! What the program believes about a directory, compared with what the directory says.

use crate::support::ldap::Ldap;
use scim_ldap_bridge::lab::Slapd;
use scim_ldap_bridge::ldap::AttrType;
use scim_ldap_bridge::vendor;
use std::collections::HashMap;

/// One attribute type of a subschema, as far as it matters here.
struct Type {
    names: Vec<String>,
    parent: Option<String>,
    equality: bool,
    operational: bool,
}

impl Type {
    /// Whether it belongs to `cn=config`, where no users are.
    fn is_configuration(&self) -> bool {
        self.names.iter().all(|name| name.starts_with("olc"))
    }
}

/// Reads one `AttributeTypeDescription` (RFC 4512 section 4.1.2); quoted texts other than names are skipped.
fn read(line: &str) -> Type {
    let mut kind = Type { names: Vec::new(), parent: None, equality: false, operational: false };
    let mut keyword = "";
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            if keyword == "NAME" {
                kind.names.push(part.to_lowercase());
            }
            continue;
        }
        for word in part.split_whitespace().filter(|word| *word != "(" && *word != ")") {
            match (keyword, word) {
                ("SUP", parent) => kind.parent = Some(parent.to_lowercase()),
                ("USAGE", usage) => kind.operational = usage != "userApplications",
                (_, "EQUALITY") => kind.equality = true,
                _ => {}
            }
            keyword = word;
        }
    }
    kind
}

/// Whether a type or one that it is made from has an equality rule.
fn has_equality(kind: &Type, by_name: &HashMap<String, &Type>) -> bool {
    kind.equality
        || kind.parent.as_ref().and_then(|parent| by_name.get(parent)).is_some_and(|p| has_equality(p, by_name))
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_without_an_equality_rule_are_those_that_slapd_says() {
    let slapd = Slapd::builder().start().unwrap();
    let lines = Ldap::admin(&slapd).await.schema("attributeTypes").await;
    let types: Vec<Type> = lines.iter().map(|line| read(line)).collect();
    let by_name: HashMap<String, &Type> =
        types.iter().flat_map(|kind| kind.names.iter().map(move |name| (name.clone(), kind))).collect();
    assert!(by_name.len() > 200 && by_name["sn"].parent.is_some(), "{} names", by_name.len());
    let profile = vendor::profile("openldap").expect("a profile");
    let mut wrong = Vec::new();
    for kind in types.iter().filter(|kind| !kind.operational && !kind.is_configuration()) {
        for name in &kind.names {
            let believed = profile.has_equality(&AttrType::new(name).expect("a name"));
            if believed != has_equality(kind, &by_name) {
                wrong.push(format!("{name}: believed {believed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for name in profile.no_equality {
        assert!(by_name.contains_key(&name.to_lowercase()), "`{name}` is in no schema of slapd");
    }
}
