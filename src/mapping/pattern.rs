//! Patterns: which values of an LDAP attribute a rule owns, when several rules share the attribute.

/// A stored form with one place for the SCIM value, written `smtp:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    prefix: String,
    suffix: String,
}

impl Pattern {
    /// Reads `text`, which holds exactly one `*`; `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, suffix) = text.split_once('*')?;
        let nothing_around = prefix.is_empty() && suffix.is_empty();
        let valid = !suffix.contains('*') && !nothing_around;
        valid.then(|| Self { prefix: prefix.to_owned(), suffix: suffix.to_owned() })
    }

    /// The SCIM value inside a stored one; `None` when the stored value is not of this form.
    pub fn strip<'a>(&self, stored: &'a str) -> Option<&'a str> {
        stored.strip_prefix(self.prefix.as_str())?.strip_suffix(self.suffix.as_str())
    }

    /// The stored form of a SCIM value.
    pub fn wrap(&self, value: &str) -> String {
        format!("{}{value}{}", self.prefix, self.suffix)
    }

    /// Whether some stored value could be of both forms.
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefixes = self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix);
        let suffixes = self.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&self.suffix);
        prefixes && suffixes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_and_put_back() {
        let pattern = Pattern::parse("smtp:*").expect("a pattern");
        assert_eq!(pattern.strip("smtp:a@b"), Some("a@b"));
        assert_eq!(pattern.strip("SMTP:a@b"), None);
        assert_eq!(pattern.wrap("a@b"), "smtp:a@b");
        assert_eq!(Pattern::parse("no star"), None);
        assert_eq!(Pattern::parse("*"), None);
        assert_eq!(Pattern::parse("a*b*"), None);
    }

    #[test]
    fn forms_that_could_meet_overlap() {
        let pattern = |text| Pattern::parse(text).expect("a pattern");
        assert!(!pattern("smtp:*").overlaps(&pattern("SMTP:*")));
        assert!(pattern("smtp:*").overlaps(&pattern("smtp:x*")));
        assert!(pattern("a*").overlaps(&pattern("*b")));
        assert!(!pattern("*c").overlaps(&pattern("*b")));
    }
}
