//! A place below which users are disabled, and the one that each goes back to.

use super::saved::{self, Lines};
use crate::ldap::{AttrType, Dn, Entry, Mod, Value};

/// The place below which users are disabled.
#[derive(Clone, Debug)]
pub struct PlaceOfDisabled {
    /// The entry below which they are.
    pub to: Dn,
    /// Where the place that each goes back to is kept.
    pub saved_in: Option<AttrType>,
}

/// What a place is kept under, among values of attributes.
const PARENT: &str = "parent";

/// What is kept of the way back: nothing for who is enabled; `home`, or what is there already, for who is not.
pub(super) fn lines(place: Option<&PlaceOfDisabled>, active: bool, home: Option<&Dn>) -> Option<Lines> {
    let saved_in = place?.saved_in.as_ref()?;
    let parent = AttrType::known(PARENT);
    match (active, home) {
        (true, _) => Some(saved::forget(&parent, saved_in)),
        (false, Some(home)) => Some(saved::keep(&parent, &[Value::from(home.to_string())], saved_in)),
        (false, None) => None,
    }
}

/// Whether a change is about nothing but what is kept of the way back.
pub(super) fn is_about(place: &PlaceOfDisabled, change: &Mod) -> bool {
    let is_line = |value: &Value| value.as_str().is_some_and(|line| line.starts_with(&format!("{PARENT}:")));
    place.saved_in.as_ref() == Some(&change.attr) && change.values.iter().all(is_line)
}

/// The place that `entry` goes back to, if one was kept.
pub(super) fn read(place: &PlaceOfDisabled, entry: &Entry) -> Option<Dn> {
    let values = saved::values(entry, &AttrType::known(PARENT), place.saved_in.as_ref()?)?;
    Dn::parse(values.first()?.as_str()?).ok()
}
