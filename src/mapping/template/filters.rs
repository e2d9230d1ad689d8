//! Filters of our own, for names that directories keep short.

use minijinja::{Environment, Error, ErrorKind, Value};

/// What Windows refuses in account names (MS-SAMR section 3.1.1.6), and `@`, which separates a name from its domain.
const FORBIDDEN: &str = "\"/\\[]:;|=,+*?<>@";

/// Makes the filters known.
pub(super) fn add_to(env: &mut Environment<'_>) {
    env.add_filter("account_name", account_name);
    env.add_filter("fit", fit);
}

/// `text` without the characters that account names of Windows must not have, and without dots and spaces at its end.
/// Nothing is put in their place.
fn account_name(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() && !FORBIDDEN.contains(*c);
    let kept: String = text.chars().filter(allowed).collect();
    kept.trim_start().trim_end_matches(is_trailing).to_owned()
}

fn is_trailing(c: char) -> bool {
    c == '.' || c.is_whitespace()
}

/// `text`, cut so that it has `max` characters together with `suffix`, which follows it unless there is no text. Characters are counted as
/// Windows does, in units of UTF-16.
fn fit(text: &str, max: usize, suffix: Option<Value>) -> Result<String, Error> {
    if text.is_empty() {
        // a number alone is no name
        return Ok(String::new());
    }
    let suffix = suffix.filter(|suffix| !suffix.is_undefined() && !suffix.is_none());
    let suffix = suffix.map(|suffix| suffix.to_string()).filter(|suffix| !suffix.trim().is_empty()).unwrap_or_default();
    let Some(room) = max.checked_sub(units(&suffix)) else {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("`fit` has no room for `{suffix}`")));
    };
    if units(text) <= room {
        return Ok(format!("{text}{suffix}"));
    }
    let mut end = 0;
    let mut left = room;
    for (at, c) in text.char_indices() {
        let Some(rest) = left.checked_sub(c.len_utf16()) else { break };
        (left, end) = (rest, at + c.len_utf8());
    }
    let cut = text.get(..end).unwrap_or_default();
    Ok(format!("{}{suffix}", cut.trim_end_matches(is_trailing)))
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_names_lose_what_they_must_not_have() {
        for (text, name) in [
            ("Jo.Doe", "Jo.Doe"),
            ("a\"/\\[]:;|=,+*?<>@b", "ab"),
            (" Jo Doe.. ", "Jo Doe"),
            ("jö\u{7}", "jö"),
            ("...", ""),
        ] {
            assert_eq!(account_name(text), name);
        }
    }

    #[test]
    fn text_is_cut_before_its_suffix() {
        let number = |number: u32| Some(Value::from(number));
        for (text, max, suffix, fits) in [
            ("short", 20, None, "short"),
            ("short", 5, Some(Value::UNDEFINED), "short"),
            ("johannes.gutenberg.senior", 20, None, "johannes.gutenberg.s"),
            ("johannes.gutenberg.senior", 20, number(12), "johannes.gutenberg12"),
            ("Jo Doe", 4, Some(Value::from(" 2")), "Jo 2"),
            ("Jo Doe", 20, Some(Value::from(" ")), "Jo Doe"),
            ("a𝄞b", 3, None, "a𝄞"),
            ("a𝄞b", 2, None, "a"),
        ] {
            assert_eq!(fit(text, max, suffix).unwrap(), fits, "{text} {max}");
        }
        assert!(fit("jo", 1, number(12)).is_err());
    }
}
