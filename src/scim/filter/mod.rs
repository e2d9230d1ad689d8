//! Filters, RFC 7644 section 3.4.2.2: one tree, read by [`parse`], checked against a schema by [`check`] and
//! evaluated by [`eval`]. Turning one into an LDAP filter is the mapping's affair.

pub mod check;
pub mod eval;
pub(in crate::scim) mod fault;
mod member;
pub mod parse;

use std::fmt;

use serde_json::{Number, Value};

use super::Path;

/// A filter, as read. `And` and `Or` hold two or more parts; brackets that change nothing are gone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Filter {
    /// All parts match.
    And(Vec<Filter>),
    /// Some part matches.
    Or(Vec<Filter>),
    /// The part does not match.
    Not(Box<Filter>),
    /// Some value at the path compares with the literal.
    Compare {
        /// Which values.
        path: Path,
        /// How they compare.
        op: CompareOp,
        /// With what.
        value: Literal,
    },
    /// The path holds a value (`pr`).
    Present {
        /// Which values.
        path: Path,
    },
    /// Some element of a multi-valued attribute matches the filter of the path: `emails[type eq "work"]`.
    Has {
        /// The attribute with its filter, without a sub-attribute.
        path: Path,
    },
}

/// The comparison operators of RFC 7644 table 3.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal; also true of an absent attribute.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl CompareOp {
    /// All operators, in the order of the RFC's table.
    pub const ALL: [CompareOp; 9] = [
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Co,
        CompareOp::Sw,
        CompareOp::Ew,
        CompareOp::Gt,
        CompareOp::Ge,
        CompareOp::Lt,
        CompareOp::Le,
    ];

    /// The operator as written in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            CompareOp::Eq => "eq",
            CompareOp::Ne => "ne",
            CompareOp::Co => "co",
            CompareOp::Sw => "sw",
            CompareOp::Ew => "ew",
            CompareOp::Gt => "gt",
            CompareOp::Ge => "ge",
            CompareOp::Lt => "lt",
            CompareOp::Le => "le",
        }
    }

    /// Reads an operator; Entra's documents write some in upper case.
    pub fn from_word(word: &str) -> Option<CompareOp> {
        CompareOp::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(word))
    }
}

/// What a value is compared with.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Literal {
    /// Quoted text, or a bare word.
    String(String),
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number.
    Number(Number),
    /// `null`: an absent value.
    Null,
}

impl Literal {
    /// The literal as a JSON value.
    pub fn to_value(&self) -> Value {
        match self {
            Literal::String(text) => Value::String(text.clone()),
            Literal::Bool(flag) => Value::Bool(*flag),
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::Null => Value::Null,
        }
    }

    /// The literal of a JSON value; `None` for arrays and objects.
    pub fn from_value(value: &Value) -> Option<Literal> {
        match value {
            Value::String(text) => Some(Literal::String(text.clone())),
            Value::Bool(flag) => Some(Literal::Bool(*flag)),
            Value::Number(number) => Some(Literal::Number(number.clone())),
            Value::Null => Some(Literal::Null),
            Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_value())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) => join(f, parts, " and ", |part| matches!(part, Filter::And(_) | Filter::Or(_))),
            Filter::Or(parts) => join(f, parts, " or ", |part| matches!(part, Filter::Or(_))),
            Filter::Not(part) => write!(f, "not ({part})"),
            Filter::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Filter::Present { path } => write!(f, "{path} pr"),
            Filter::Has { path } => write!(f, "{path}"),
        }
    }
}

/// Prints parts with a word between them, and brackets round those that would else be read differently.
fn join(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str, bracket: fn(&Filter) -> bool) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(word)?;
        }
        if bracket(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
