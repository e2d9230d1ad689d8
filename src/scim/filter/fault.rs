//! How a text that cannot be read is reported.

/// Why and where a text could not be read.
#[derive(Debug)]
pub(in crate::scim) struct Fault {
    /// The place, in bytes.
    pub(super) at: usize,
    /// What was expected there.
    pub(super) what: String,
}

impl Fault {
    /// The fault as a sentence about the text, of which the beginning is shown.
    pub(in crate::scim) fn describe(&self, noun: &str, text: &str) -> String {
        let place = text.get(..self.at).map_or(0, |head| head.chars().count()) + 1;
        format!("cannot read {noun} `{}` at character {place}: {}", shorten(text, 120), self.what)
    }
}

/// At most so many characters of a text, with dots where it was cut.
pub(in crate::scim) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
