//! PATCH, RFC 7644 section 3.5.2: `dialect` turns what clients send into plain operations, `apply` runs these on
//! a resource. The operations can also be looked at one by one, so that members of a group are added and removed
//! without reading the others.

pub(in crate::scim) mod apply;
pub(in crate::scim) mod dialect;
mod member;

use std::fmt;

use serde_json::{Map, Value};

use super::filter::fault::shorten;
use super::resource::{PASSWORD, Shown};
use super::{Error, Path, Resource, ResourceType, name};
use dialect::Dialect;
pub use member::MemberEdit;

/// How many operations one PATCH may hold, as the client counts them. One operation with a list of values counts once,
/// however many plain operations it becomes; how long such a list may be, only the limit on the body says.
pub const MAX_OPERATIONS: usize = 1000;

/// What an operation does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verb {
    /// Adds values to a list, gives a single attribute its value.
    Add,
    /// Gives an attribute, or the values chosen, this value instead.
    Replace,
    /// Takes away an attribute, or the values chosen.
    Remove,
}

/// One operation on one attribute, in canonical form.
///
/// | path | value |
/// |---|---|
/// | `title` | a scalar |
/// | `emails` (multi-valued) | a list of elements, never empty |
/// | `emails[type eq "work"]` | an object |
/// | `emails[type eq "work"].value`, `name.familyName`, `…:User:manager.value` | a scalar |
///
/// An operation on a single complex attribute is always one per sub-attribute, unless it removes the attribute.
/// `Remove` never has a value: `Remove` of a list of values becomes one operation per value, such as
/// `members[value eq "x"]`.
#[derive(Clone, PartialEq)]
pub struct Op {
    /// What is done.
    pub verb: Verb,
    /// To what: resolved, see [`ResourceType::resolve`]; names and literals of the filter are canonical too.
    pub path: Path,
    /// With what; none for [`Verb::Remove`].
    pub value: Option<Value>,
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.path.is_on(None, PASSWORD);
        let value = self.value.as_ref().map(|value| if secret { Shown::Redacted } else { Shown::Value(value) });
        f.debug_struct("Op").field("verb", &self.verb).field("path", &self.path).field("value", &value).finish()
    }
}

/// The operations of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// What is to be done, in this order.
    pub ops: Vec<Op>,
    /// Names the client sent that are unmapped, as it spelled them, each once.
    pub ignored: Vec<String>,
}

impl Patch {
    /// Reads a body in either of Entra's dialects, or in any mix of them.
    pub fn parse(rt: &ResourceType, body: Value) -> Result<Patch, Error> {
        let Value::Object(mut body) = body else {
            return Err(Error::invalid_syntax("the body of a PATCH must be a JSON object"));
        };
        check_schemas(take(&mut body, "schemas"))?;
        let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
            return Err(Error::invalid_syntax("the body of a PATCH must have a list `Operations`"));
        };
        if operations.len() > MAX_OPERATIONS {
            let detail =
                format!("a PATCH may hold at most {MAX_OPERATIONS} operations, this one holds {}", operations.len());
            return Err(Error::payload_too_large(detail));
        }
        let mut dialect = Dialect::strict(rt);
        for operation in operations {
            read_operation(&mut dialect, operation)?;
        }
        Ok(dialect.finish())
    }

    /// The resource after all operations, or the first error; what is given is not changed.
    pub fn apply(&self, rt: &ResourceType, current: &Resource) -> Result<Resource, Error> {
        let next = apply::run(rt, &self.ops, current)?;
        apply::check(rt, &self.ops, current, &next)?;
        Ok(next)
    }

    /// The operations on one attribute and on what is inside it; the schema is `None` for core attributes.
    pub fn ops_on<'a>(&'a self, schema: Option<&'a str>, attr: &'a str) -> impl Iterator<Item = &'a Op> {
        self.ops.iter().filter(move |op| op.path.is_on(schema, attr))
    }

    /// The same patch without the operations on one attribute.
    pub fn without(&self, schema: Option<&str>, attr: &str) -> Patch {
        let ops = self.ops.iter().filter(|op| !op.path.is_on(schema, attr)).cloned().collect();
        Patch { ops, ignored: self.ignored.clone() }
    }
}

/// Takes a member of an object by its name in any case.
fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    object.shift_remove(&key)
}

/// Refuses a message that says it is something else; one that lists no schema is taken as it is.
fn check_schemas(schemas: Option<Value>) -> Result<(), Error> {
    let Some(Value::Array(listed)) = schemas else {
        return Ok(());
    };
    let known = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(name::PATCH_OP));
    if listed.is_empty() || listed.iter().any(known) {
        return Ok(());
    }
    Err(Error::invalid_syntax(format!("`schemas` of a PATCH must list `{}`", name::PATCH_OP)))
}

fn read_operation(dialect: &mut Dialect<'_>, operation: Value) -> Result<(), Error> {
    let Value::Object(mut operation) = operation else {
        return Err(Error::invalid_syntax("each of `Operations` must be a JSON object"));
    };
    let verb = read_verb(take(&mut operation, "op"))?;
    let value = take(&mut operation, "value");
    match take(&mut operation, "path") {
        None | Some(Value::Null) => dialect.without_path(verb, value),
        Some(Value::String(path)) if path.trim().is_empty() => dialect.without_path(verb, value),
        Some(Value::String(path)) => dialect.with_path(verb, path.trim(), value),
        Some(other) => {
            let found = shorten(&other.to_string(), 40);
            Err(Error::invalid_path(format!("the `path` of an operation must be text, found `{found}`")))
        }
    }
}

/// RFC 7644 has the words in lower case; Entra's default dialect has `Add`, `Replace`, `Remove`.
fn read_verb(op: Option<Value>) -> Result<Verb, Error> {
    let word = op.as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase);
    match word.as_deref() {
        Some("add") => Ok(Verb::Add),
        Some("replace") => Ok(Verb::Replace),
        Some("remove") => Ok(Verb::Remove),
        Some(other) => {
            let other = shorten(other, 40);
            Err(Error::invalid_syntax(format!("`op` must be `add`, `replace` or `remove`, found `{other}`")))
        }
        None => Err(Error::invalid_syntax("each of `Operations` must have an `op`: `add`, `replace` or `remove`")),
    }
}

#[cfg(test)]
mod tests;
