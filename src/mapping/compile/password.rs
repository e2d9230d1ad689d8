//! Where passwords come from, as a mapping file says it.

use super::rules::compile_template;
use crate::fault::Reader;
use crate::mapping::{AccountState, Password, Recipe};
use crate::scim::ResourceType;
use crate::vendor::{PasswordForm, Profile};

/// How long a random password may be.
const LENGTHS: std::ops::RangeInclusive<u64> = 8..=128;

/// Where a password comes from, by the words of mapping files.
#[derive(Clone, Copy)]
enum Source {
    None,
    Random,
    Scim,
    Template,
}

/// Reads `[….password]`, which groups have not. `picked` is what templates may use.
pub(super) fn password(
    table: &mut Reader<'_>,
    profile: &'static Profile,
    picked: &ResourceType,
    is_group: bool,
) -> Option<Password> {
    if is_group {
        if table.has("password") {
            table.value("password");
            table.fault_described("password", "a table", "nothing, since a group has no account", None);
        }
        return None;
    }
    let mut table = table.table("password")?;
    if !table.has("source") {
        table.fault("source", None, "`none`, `random`, `scim` or `template`", None);
    }
    let sources =
        [("none", Source::None), ("random", Source::Random), ("scim", Source::Scim), ("template", Source::Template)];
    let password = match table.one_of("source", &sources) {
        None | Some(Source::None) => None,
        Some(Source::Random) => Some(Password::Random(recipe(&mut table))),
        Some(Source::Scim) => Some(Password::Given),
        Some(Source::Template) => verbatim(&mut table, profile, picked).map(Box::new).map(Password::Verbatim),
    };
    table.finish();
    password
}

/// Refuses what cannot work: accounts that are to be enabled and have no password, where the directory wants one.
pub(super) fn check(
    table: &Reader<'_>,
    profile: &'static Profile,
    password: Option<&Password>,
    active: Option<&AccountState>,
) {
    if profile.password == PasswordForm::UnicodePwd && password.is_none() && active.is_some() {
        let expected = format!(
            "`random` or `scim`, since a directory of the kind `{}` enables no account without a password",
            profile.name
        );
        let hint = "with single sign-on nobody needs to know the password: take `random`";
        table.fault_below(&["password", "source"], Some("none"), expected, Some(hint));
    }
}

/// Reads how a random password is made.
pub(super) fn recipe(table: &mut Reader<'_>) -> Recipe {
    let usual = Recipe::default();
    let length = table.u64_or("length", usual.length as u64, LENGTHS);
    let classes = table.u64_or("classes", usual.classes as u64, 1..=usual.classes as u64);
    let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Recipe { length: small(length), classes: small(classes) }
}

fn verbatim(
    table: &mut Reader<'_>,
    profile: &'static Profile,
    picked: &ResourceType,
) -> Option<crate::mapping::Template> {
    let source = table.take_str("template")?;
    let template = compile_template(table, "template", &source, picked)?;
    if profile.password == PasswordForm::UnicodePwd {
        let expected = format!("`random` or `scim`, since a directory of the kind `{}` knows no schemes", profile.name);
        table.fault("source", Some("template"), expected, None);
    }
    if !begins_with_scheme(&source) {
        let hint = "the text is stored as it is; a password in the clear has no place in a mapping";
        table.fault("template", Some(&source), "a scheme first, such as `{SASL}{{ userName }}`", Some(hint));
    }
    Some(template)
}

/// Whether a text begins with a scheme (RFC 2307 section 5.3) that is the same for everybody.
fn begins_with_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    !scheme.is_empty()
        && scheme.chars().all(plain)
        && !["CLEAR", "CLEARTEXT"].iter().any(|clear| scheme.eq_ignore_ascii_case(clear))
        && !rest.is_empty()
}
