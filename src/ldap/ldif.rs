//! LDIF (RFC 2849): how changes and entries are shown to people. Secret values are left out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Change, Entry, Mod, PERMISSIVE_MODIFY, Value};

/// The longest line; longer ones go on in the next line after a space.
const WIDTH: usize = 76;

/// What LDIF has no words for.
const PASSWORD_MODIFY: &str = "# extended operation 1.3.6.1.4.1.4203.1.11.1: password modify (RFC 3062)\n";

/// What stands in place of a secret value.
const REDACTED: &str = "# redacted";

/// A change as a change record, with a line end after its last line.
pub fn change_record(change: &Change) -> String {
    let mut out = String::new();
    if let Change::SetPassword { .. } = change {
        out.push_str(PASSWORD_MODIFY);
    }
    line(&mut out, "dn", &Value::from(change.dn().to_string()));
    if let Change::Modify { permissive: true, .. } = change {
        line(&mut out, "control", &Value::from(format!("{PERMISSIVE_MODIFY} true")));
    }
    if !matches!(change, Change::SetPassword { .. }) {
        line(&mut out, "changetype", &Value::from(change.kind().label()));
    }
    match change {
        Change::Add { attrs, .. } => {
            for (attr, values) in attrs {
                values.iter().for_each(|value| line(&mut out, attr.as_str(), value));
            }
        }
        Change::Modify { mods, .. } => mods.iter().for_each(|m| modification(&mut out, m)),
        Change::ModifyDn { new_rdn, delete_old_rdn, new_superior, .. } => {
            line(&mut out, "newrdn", &Value::from(new_rdn.to_string()));
            line(&mut out, "deleteoldrdn", &Value::from(if *delete_old_rdn { "1" } else { "0" }));
            if let Some(superior) = new_superior {
                line(&mut out, "newsuperior", &Value::from(superior.to_string()));
            }
        }
        Change::Delete { .. } => {}
        Change::SetPassword { password, .. } => line(&mut out, "newpasswd", password),
    }
    out
}

/// An entry as a content record, with a line end after its last line.
pub fn entry(entry: &Entry) -> String {
    let mut out = String::new();
    line(&mut out, "dn", &Value::from(entry.dn.to_string()));
    for (attr, values) in entry.iter() {
        values.iter().for_each(|value| line(&mut out, attr.as_str(), value));
    }
    out
}

fn modification(out: &mut String, m: &Mod) {
    line(out, m.op.label(), &Value::from(m.attr.as_str()));
    m.values.iter().for_each(|value| line(out, m.attr.as_str(), value));
    out.push_str("-\n");
}

fn line(out: &mut String, name: &str, value: &Value) {
    let text = match value.as_str() {
        _ if value.is_secret() => format!("{name}: {REDACTED}"),
        Some("") => format!("{name}:"),
        Some(text) if is_safe(text) => format!("{name}: {text}"),
        _ => format!("{name}:: {}", STANDARD.encode(value.as_bytes())),
    };
    fold(out, &text);
}

/// Whether a value may stand as it is: printable ASCII, not starting like something else, without a space at its end.
fn is_safe(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~')) && !text.starts_with([' ', ':', '<']) && !text.ends_with(' ')
}

/// Folds a line of ASCII.
fn fold(out: &mut String, text: &str) {
    let mut rest = text;
    let mut width = WIDTH;
    while let Some((head, tail)) = rest.split_at_checked(width).filter(|(_, tail)| !tail.is_empty()) {
        out.push_str(head);
        out.push_str("\n ");
        rest = tail;
        width = WIDTH - 1;
    }
    out.push_str(rest);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ldap::{AttrType, Dn, ModOp, Rdn};

    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap()
    }

    #[test]
    fn an_add_shows_everything_but_secrets() {
        let attrs = vec![
            (AttrType::known("uid"), vec!["jo".into()]),
            (AttrType::known("sn"), vec!["Zoë".into(), " a".into(), "".into()]),
            (AttrType::known("userPassword"), vec![Value::secret("hunter2")]),
        ];
        let text = change_record(&Change::Add { dn: dn("uid=jo,dc=a"), attrs });
        let want =
            "dn: uid=jo,dc=a\nchangetype: add\nuid: jo\nsn:: Wm/Dqw==\nsn:: IGE=\nsn:\nuserPassword: # redacted\n";
        assert_eq!(text, want);
    }

    #[test]
    fn a_modify_separates_its_parts() {
        let title = || AttrType::known("title");
        let mods = vec![
            Mod::delete(title(), vec!["Engineer".into()]),
            Mod::replace(title(), vec![]),
            Mod { op: ModOp::Increment, attr: AttrType::known("uidNumber"), values: vec!["1".into()] },
        ];
        let text = change_record(&Change::modify(dn("uid=jo"), mods));
        let want = "dn: uid=jo\nchangetype: modify\ndelete: title\ntitle: Engineer\n-\nreplace: title\n-\n\
                    increment: uidNumber\nuidNumber: 1\n-\n";
        assert_eq!(text, want);
    }

    #[test]
    fn a_rename_and_a_delete() {
        let new_rdn = Rdn::new(AttrType::known("uid"), "a,b");
        let rename =
            Change::ModifyDn { dn: dn("uid=jo,dc=a"), new_rdn, delete_old_rdn: true, new_superior: Some(dn("dc=b")) };
        let want = "dn: uid=jo,dc=a\nchangetype: modrdn\nnewrdn: uid=a\\,b\ndeleteoldrdn: 1\nnewsuperior: dc=b\n";
        assert_eq!(change_record(&rename), want);
        assert_eq!(change_record(&Change::Delete { dn: dn("uid=jo") }), "dn: uid=jo\nchangetype: delete\n");
    }

    #[test]
    fn a_new_password_is_not_shown() {
        let text = change_record(&Change::SetPassword { dn: dn("uid=jo"), password: Value::secret("hunter2") });
        let want = "# extended operation 1.3.6.1.4.1.4203.1.11.1: password modify (RFC 3062)\ndn: uid=jo\n\
                    newpasswd: # redacted\n";
        assert_eq!(text, want);
    }

    #[test]
    fn an_entry_shows_its_values() {
        let shown = entry(&Entry::new(dn("uid=jo")).with(AttrType::known("uid"), ["jo".into()]));
        assert_eq!(shown, "dn: uid=jo\nuid: jo\n");
    }

    fn unfold(text: &str) -> Vec<u8> {
        let joined = text.replace("\n ", "");
        let line = joined.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'));
        match (line.strip_prefix("x:: "), line.strip_prefix("x: ")) {
            (Some(coded), _) => STANDARD.decode(coded).unwrap(),
            (_, Some(plain)) => plain.as_bytes().to_vec(),
            _ => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn any_value_stays_one_line_and_survives(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[ -~]{0,300}") {
            for value in [Value::from(bytes), Value::from(text)] {
                let mut out = String::new();
                line(&mut out, "x", &value);
                prop_assert!(out.lines().all(|l| l.len() <= WIDTH && l.bytes().all(|b| matches!(b, b' '..=b'~'))));
                prop_assert_eq!(unfold(&out), value.as_bytes());
            }
        }
    }
}
