//! Endpoints that have a graveyard together.

use super::*;

/// The smallest example with a second endpoint, each with this base, and with a graveyard and these lines of its mapping.
fn two(bases: [&str; 2], owners: [&str; 2]) -> Result<Config, Faults> {
    let site = Site::new();
    let mapping = fs::read_to_string(source("mappings").join("openldap.toml")).unwrap();
    let graveyard = "policy = \"graveyard\"\nmark = \"scimDeletedAt\"\nto = \"ou=deleted,dc=example,dc=com\"\n";
    for (name, owner) in ["one", "two"].iter().zip(owners) {
        let text = mapping.replacen("policy = \"remove\"\n", graveyard, 1);
        assert_ne!(text, mapping);
        site.write(
            &format!("mappings/{name}.toml"),
            &text.replacen("[user.delete]", &format!("{owner}\n[user.delete]"), 1),
        );
    }
    let first = example("minimal.toml").replace("openldap.toml", "one.toml");
    let first = first.split("\n[endpoint.hr.groups]").next().unwrap().replace("ou=people,dc=example,dc=com", bases[0]);
    let second = format!(
        "[endpoint.lab]\npath = \"/lab\"\ndirectory = \"corp\"\nmapping = \"mappings/two.toml\"\nusers = {{ base = \"{}\" }}",
        bases[1]
    );
    site.load(&format!("{first}\n{second}\n"))
}

fn owner(value: &str) -> String {
    format!("[user.owner]\nldap = \"scimOwner\"\nvalue = \"{value}\"\n")
}

#[test]
fn endpoints_of_different_users_share_no_graveyard() {
    let bases = ["ou=people,dc=a", "ou=lab,dc=a"];
    let same = owner("x");
    for owners in [["", ""], [same.as_str(), ""], [&same, &same]] {
        let faults = two(bases, owners).unwrap_err().to_string();
        assert!(faults.contains("`endpoint.lab.mapping`"), "{faults}");
        assert!(faults.contains("where the deleted users of endpoint `hr` are"), "{faults}");
    }
}

#[test]
fn those_of_one_base_or_of_two_owners_do() {
    two(["ou=people,dc=a", "OU=People, dc=a"], ["", ""]).unwrap();
    two(["ou=people,dc=a", "ou=lab,dc=a"], [&owner("x"), &owner("y")]).unwrap();
}
