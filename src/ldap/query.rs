//! A question to the directory.

use std::fmt;
use std::sync::Arc;

use super::{AttrType, Dn, Filter};

/// How far below its base a search looks (RFC 4511 §4.5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The base entry alone.
    Base,
    /// The entries directly below the base.
    One,
    /// The base and everything below it.
    Sub,
}

impl Scope {
    /// The scope's name as in LDAP URLs (RFC 4516 §2).
    pub fn label(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::One => "one",
            Self::Sub => "sub",
        }
    }
}

/// One search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// Where to look.
    pub base: Dn,
    /// How far.
    pub scope: Scope,
    /// For what.
    pub filter: Filter,
    /// Which attributes to bring; none at all when empty.
    pub attrs: Arc<[AttrType]>,
    /// How many entries are enough; the first that the server finds.
    pub limit: Option<u32>,
}

impl Query {
    /// Reads one entry by its name, if it matches the filter.
    pub fn entry(dn: Dn, filter: Filter, attrs: impl Into<Arc<[AttrType]>>) -> Self {
        Self { base: dn, scope: Scope::Base, filter, attrs: attrs.into(), limit: None }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attrs: Vec<&str> = self.attrs.iter().map(AttrType::as_str).collect();
        write!(f, "search `{}` {} {} for {}", self.base, self.scope.label(), self.filter, attrs.join(","))?;
        self.limit.iter().try_for_each(|limit| write!(f, " at most {limit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_prints_on_one_line() {
        let filter = Filter::eq(AttrType::known("uid"), "jo\n");
        let attrs = [AttrType::known("uid"), AttrType::known("cn")].into();
        let query = Query { base: Dn::parse("dc=a").unwrap(), scope: Scope::Sub, filter, attrs, limit: Some(2) };
        assert_eq!(query.to_string(), r"search `dc=a` sub (uid=jo\0a) for uid,cn at most 2");
    }
}
