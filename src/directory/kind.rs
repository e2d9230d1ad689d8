//! Whether a server is of the kind that the settings say: the bridge must not write to one whose ways it mistakes.

use super::failure::{Failure, Reason};
use super::{Capabilities, Settings};
use crate::ldap::Sign;

/// What a server says of itself, where it says so.
const SELF: [&str; 3] = ["vendorName", "vendorVersion", "objectClass"];

/// Refuses a server that has none of the signs; without any signs, none.
pub(super) fn check(settings: &Settings, offers: &Capabilities) -> Result<(), Failure> {
    if settings.signs.is_empty() || offers.show(settings.signs) {
        return Ok(());
    }
    let wanted = settings.signs.iter().map(named).collect::<Vec<_>>().join(" or ");
    let text = if offers.are_shown() {
        format!("its root DSE has no {wanted}, which servers of this `vendor` have; {}", seems(settings, offers))
    } else {
        format!(
            "it shows the bridge's account nothing of its root DSE, where servers of this `vendor` have {wanted}; \
             hint: let the account read the root DSE"
        )
    };
    Err(Failure::new(Reason::WrongKind, text))
}

/// What the server says of itself, and what to do about it.
fn seems(settings: &Settings, offers: &Capabilities) -> String {
    let said = SELF.iter().flat_map(|attr| offers.texts(attr).map(move |text| format!("{attr} `{text}`")));
    let said = said.collect::<Vec<_>>().join(", ");
    let kind = settings.kinds.iter().find(|kind| offers.show(kind.signs));
    let hint = match kind {
        Some(kind) => format!("it seems to be `{0}`: write `vendor = \"{0}\"` in bridge.toml", kind.name),
        None => "check `vendor` and `servers` in bridge.toml".to_owned(),
    };
    if said.is_empty() { format!("hint: {hint}") } else { format!("it says {said}; hint: {hint}") }
}

fn named(sign: &Sign) -> String {
    sign.value.map_or_else(|| format!("`{}`", sign.attr), |value| format!("{} `{value}`", sign.attr))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Bind, Kind};
    use crate::ldap::{AttrType, Dn, Entry};

    const ONE: &[Sign] = &[
        Sign { attr: "vendorName", value: Some("One Project") },
        Sign { attr: "supportedCapabilities", value: Some("1.2.3") },
    ];
    const TWO: &[Sign] = &[Sign { attr: "isTwo", value: None }];

    fn of(root: Entry) -> Result<(), String> {
        let kinds = vec![Kind { name: "one", signs: ONE }, Kind { name: "two", signs: TWO }];
        let settings = Settings { signs: ONE, kinds, ..Settings::new("test", vec![], Bind::Anonymous) };
        check(&settings, &Capabilities::new(root)).map_err(|failure| failure.to_string())
    }

    fn root(attr: &'static str, value: &str) -> Entry {
        Entry::new(Dn::root()).with(AttrType::known(attr), [value.into()])
    }

    #[test]
    fn one_sign_is_enough_whatever_its_case() {
        assert_eq!(of(root("vendorname", "ONE project")), Ok(()));
        assert_eq!(of(root("supportedCapabilities", "1.2.3")), Ok(()));
        let unchecked = Settings::new("test", vec![], Bind::Anonymous);
        assert!(check(&unchecked, &Capabilities::new(Entry::new(Dn::root()))).is_ok());
    }

    #[test]
    fn another_kind_is_told_with_what_to_write() {
        let two = of(root("isTwo", "any").with(AttrType::known("vendorName"), ["Two Inc.".into()])).unwrap_err();
        assert_eq!(
            two,
            "its root DSE has no vendorName `One Project` or supportedCapabilities `1.2.3`, which servers of this \
             `vendor` have; it says vendorName `Two Inc.`; hint: it seems to be `two`: write `vendor = \"two\"` in \
             bridge.toml"
        );
        let other = of(root("namingContexts", "dc=a")).unwrap_err();
        assert!(other.ends_with("hint: check `vendor` and `servers` in bridge.toml"), "{other}");
        let hidden = of(Entry::new(Dn::root())).unwrap_err();
        assert!(hidden.ends_with("hint: let the account read the root DSE"), "{hidden}");
    }
}
