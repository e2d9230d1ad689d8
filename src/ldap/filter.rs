//! Search filters as a tree. Their only way to text is `Display` (RFC 4515), which is the one place that escapes.

use std::fmt;

use super::{AttrType, Value};

/// A search filter (RFC 4511 §4.5.1.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of these; of none, always true (RFC 4526).
    And(Vec<Filter>),
    /// Any of these; of none, always false (RFC 4526).
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A value equal by the attribute's equality rule.
    Eq(AttrType, Value),
    /// A value that is not smaller by the attribute's ordering rule.
    Ge(AttrType, Value),
    /// A value that is not greater by the attribute's ordering rule.
    Le(AttrType, Value),
    /// Any value at all.
    Present(AttrType),
    /// A value made of these parts, in this order. Empty parts are left out; without any part this is presence.
    Substring {
        /// The attribute.
        attr: AttrType,
        /// What the value starts with.
        initial: Option<Value>,
        /// What comes between.
        any: Vec<Value>,
        /// What the value ends with.
        finale: Option<Value>,
    },
    /// A value that matches by a named rule.
    Extensible {
        /// The attribute; all attributes of the rule's syntax when absent.
        attr: Option<AttrType>,
        /// The rule's name or OID; the attribute's equality rule when absent.
        rule: Option<AttrType>,
        /// Whether the attributes of the entry's DN count too.
        dn: bool,
        /// The asserted value.
        value: Value,
    },
}

impl Filter {
    /// All of these, with nested conjunctions flattened; a single one stands for itself.
    pub fn and(filters: impl IntoIterator<Item = Filter>) -> Self {
        let mut flat = Vec::new();
        for filter in filters {
            match filter {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            last => {
                flat.extend(last);
                Self::And(flat)
            }
        }
    }

    /// Any of these, with nested disjunctions flattened; a single one stands for itself.
    pub fn or(filters: impl IntoIterator<Item = Filter>) -> Self {
        let mut flat = Vec::new();
        for filter in filters {
            match filter {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            last => {
                flat.extend(last);
                Self::Or(flat)
            }
        }
    }

    /// The opposite of a filter.
    pub fn negate(filter: Filter) -> Self {
        Self::Not(Box::new(filter))
    }

    /// An attribute with a value.
    pub fn eq(attr: AttrType, value: impl Into<Value>) -> Self {
        Self::Eq(attr, value.into())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(filters) => list(f, '&', filters),
            Self::Or(filters) => list(f, '|', filters),
            Self::Not(filter) => write!(f, "(!{filter})"),
            Self::Eq(attr, value) => write!(f, "({attr}={})", Escaped(value)),
            Self::Ge(attr, value) => write!(f, "({attr}>={})", Escaped(value)),
            Self::Le(attr, value) => write!(f, "({attr}<={})", Escaped(value)),
            Self::Present(attr) => write!(f, "({attr}=*)"),
            Self::Substring { attr, initial, any, finale } => {
                write!(f, "({attr}=")?;
                initial.iter().try_for_each(|part| write!(f, "{}", Escaped(part)))?;
                f.write_str("*")?;
                any.iter().filter(|part| !part.is_empty()).try_for_each(|part| write!(f, "{}*", Escaped(part)))?;
                finale.iter().try_for_each(|part| write!(f, "{}", Escaped(part)))?;
                f.write_str(")")
            }
            Self::Extensible { attr, rule, dn, value } => {
                f.write_str("(")?;
                attr.iter().try_for_each(|attr| write!(f, "{attr}"))?;
                f.write_str(if *dn { ":dn" } else { "" })?;
                rule.iter().try_for_each(|rule| write!(f, ":{rule}"))?;
                write!(f, ":={})", Escaped(value))
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, sign: char, filters: &[Filter]) -> fmt::Result {
    write!(f, "({sign}")?;
    filters.iter().try_for_each(|filter| write!(f, "{filter}"))?;
    f.write_str(")")
}

/// A value with everything escaped that is not printable ASCII, or that has a meaning in filters (RFC 4515 §3).
struct Escaped<'a>(&'a Value);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_bytes().iter().try_for_each(|byte| match byte {
            b'\\' | b'*' | b'(' | b')' => write!(f, "\\{byte:02x}"),
            b' '..=b'~' => write!(f, "{}", char::from(*byte)),
            _ => write!(f, "\\{byte:02x}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(value: &str) -> Filter {
        Filter::eq(AttrType::known("uid"), value)
    }

    #[test]
    fn hostile_values_stay_values() {
        assert_eq!(uid("*)(uid=*").to_string(), r"(uid=\2a\29\28uid=\2a)");
        assert_eq!(uid("a\0\\é").to_string(), r"(uid=a\00\5c\c3\a9)");
        assert_eq!(Filter::eq(AttrType::known("x"), vec![0xff, b'a']).to_string(), r"(x=\ffa)");
    }

    #[test]
    fn every_kind_prints() {
        let attr = || AttrType::known("cn");
        let substring = Filter::Substring {
            attr: attr(),
            initial: Some("a".into()),
            any: vec!["".into(), "*".into()],
            finale: Some("z".into()),
        };
        let rule = Filter::Extensible {
            attr: Some(attr()),
            rule: Some(AttrType::known("2.5.13.5")),
            dn: true,
            value: "v".into(),
        };
        let all =
            [Filter::Ge(attr(), "1".into()), Filter::Le(attr(), "2".into()), Filter::Present(attr()), substring, rule];
        assert_eq!(
            Filter::negate(Filter::or(all)).to_string(),
            r"(!(|(cn>=1)(cn<=2)(cn=*)(cn=a*\2a*z)(cn:dn:2.5.13.5:=v)))"
        );
    }

    #[test]
    fn lists_are_flat_and_never_of_one() {
        assert_eq!(Filter::and([uid("a")]).to_string(), "(uid=a)");
        assert_eq!(
            Filter::and([Filter::And(vec![uid("a"), uid("b")]), uid("c")]).to_string(),
            "(&(uid=a)(uid=b)(uid=c))"
        );
        assert_eq!(Filter::and([]).to_string(), "(&)");
        assert_eq!(Filter::or([]).to_string(), "(|)");
    }
}
