//! Attribute paths, RFC 7644 figure 1 and section 3.10: `userName`, `name.familyName`,
//! `emails[type eq "work"].value`, `urn:…:User:manager.value`.

use std::fmt;

use super::filter::parse::Parser;
use super::{AttrName, Error, Filter};

/// The longest path that is read, in bytes.
pub const MAX_LENGTH: usize = 1024;

/// One path to an attribute, to some of its values, or to a sub-attribute of either.
///
/// As parsed, `schema` is what the client wrote. As resolved by [`super::ResourceType::resolve`], names have the
/// spelling of the schema, and `schema` is `None` for core attributes and the URN for those of an extension: the
/// same convention as [`super::Resource::get`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Path {
    /// The schema's URN, where one was written.
    pub schema: Option<String>,
    /// The attribute.
    pub attr: AttrName,
    /// Which values of a multi-valued attribute.
    pub filter: Option<Box<Filter>>,
    /// The sub-attribute.
    pub sub: Option<AttrName>,
}

impl Path {
    /// Reads a whole text as one path.
    pub fn parse(text: &str) -> Result<Path, Error> {
        if text.len() > MAX_LENGTH {
            let detail = format!("a path may have at most {MAX_LENGTH} bytes, this one has {}", text.len());
            return Err(Error::invalid_path(detail));
        }
        let mut parser = Parser::new(text);
        parser.whole(Parser::path).map_err(|fault| Error::invalid_path(fault.describe("path", text)))
    }

    /// The attribute without filter and sub-attribute, such as `emails` of `emails[type eq "work"].value`.
    pub fn attribute(&self) -> Path {
        Path { schema: self.schema.clone(), attr: self.attr.clone(), filter: None, sub: None }
    }

    /// Whether this (resolved) path is to the given attribute or to something inside it.
    pub fn is_on(&self, schema: Option<&str>, attr: &str) -> bool {
        self.schema.as_deref() == schema.filter(|urn| !super::name::is_core(urn)) && self.attr == *attr
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        write!(f, "{}", self.attr)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_they_were_read() {
        for text in [
            "userName",
            "name.familyName",
            "members.$ref",
            "emails[type eq \"work\"]",
            "emails[type eq \"work\"].value",
            "emails[type eq \"a:b.c]\"].Value",
            "emails[type eq \"work\" and (primary eq true or not (display pr))].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
        ] {
            assert_eq!(Path::parse(text).map(|path| path.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn the_last_colon_ends_the_urn() {
        let path = Path::parse("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value").unwrap();
        assert_eq!(path.schema.as_deref(), Some(super::super::name::ENTERPRISE_USER));
        assert_eq!((path.attr.as_str(), path.sub.as_ref().map(AttrName::as_str)), ("manager", Some("value")));
    }

    #[test]
    fn spelling_is_free() {
        let path = Path::parse(" emails[ Type EQ \"work\" ].value ").unwrap();
        assert_eq!(path, Path::parse("Emails[type eq \"work\"].VALUE").unwrap());
    }

    #[test]
    fn what_is_no_path_is_refused_with_a_place() {
        for (text, at) in [
            ("", 1),
            (".", 1),
            ("a.", 3),
            ("a..b", 3),
            ("a.b.c", 4),
            ("1a", 1),
            ("a b", 3),
            ("emails[", 8),
            ("emails[]", 8),
            ("emails[type eq \"work\"", 22),
            ("emails[type eq \"work\"]x", 23),
            ("emails[type eq \"work\"].", 24),
            ("emails[type eq \"work\"][type eq \"x\"]", 23),
            ("emails[a[b eq 1] eq 2]", 9),
            ("emails[type eq \"work]", 16),
            ("emails]", 7),
            ("urn:x:", 7),
            (":a", 1),
            ("é", 1),
        ] {
            let error = Path::parse(text).expect_err(text);
            assert_eq!(error.scim_type(), Some(super::super::ScimType::InvalidPath));
            assert!(error.detail().contains(&format!("at character {at}:")), "{text}: {error}");
        }
        assert!(Path::parse(&"a".repeat(MAX_LENGTH + 1)).is_err());
        assert!(Path::parse(&format!("a{}", "[a".repeat(400))).is_err());
        assert!(Path::parse(&format!("a[{}", "(".repeat(900))).is_err());
    }
}
