//! PATCH by example: what clients send, and what becomes of a resource.

mod entra;
mod hostile;
mod member;
mod rfc;

use serde_json::{Value, json};

use super::super::name::{ENTERPRISE_USER, PATCH_OP};
use super::super::{Error, Mutability, Patch, Resource, ResourceType, catalog, example};

/// What Entra's default mapping needs: one type of mail and address, three of telephone numbers.
fn users() -> ResourceType {
    let mut rt = catalog::user_type();
    for (name, types) in
        [("emails", &["work"][..]), ("addresses", &["work"][..]), ("phoneNumbers", &["work", "mobile", "fax"][..])]
    {
        let attr = rt.schema.attributes.iter_mut().find(|attr| attr.name == name).unwrap();
        let label = attr.sub_attributes.iter_mut().find(|sub| sub.name == "type").unwrap();
        label.canonical_values = types.iter().map(|&label| label.to_owned()).collect();
    }
    rt
}

fn set_mutability(rt: &mut ResourceType, name: &str, sub: Option<&str>, mutability: Mutability) {
    let attr = rt.schema.attributes.iter_mut().find(|attr| attr.name == name).unwrap();
    match sub {
        Some(sub) => {
            attr.sub_attributes.iter_mut().find(|part| part.name == sub).unwrap().mutability = mutability;
        }
        None => attr.mutability = mutability,
    }
}

fn resource(value: Value) -> Resource {
    match value {
        Value::Object(map) => Resource::from_map(map),
        _ => panic!("not an object"),
    }
}

fn message(operations: Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

fn parse(rt: &ResourceType, operations: Value) -> Result<Patch, Error> {
    Patch::parse(rt, message(operations))
}

fn patched(rt: &ResourceType, current: Value, operations: Value) -> Result<Value, Error> {
    let next = parse(rt, operations)?.apply(rt, &resource(current))?;
    Ok(Value::Object(next.into_map()))
}

/// Asserts what becomes of a user.
#[track_caller]
fn becomes(current: Value, operations: Value, expected: Value) {
    let next = patched(&users(), current, operations.clone());
    assert_eq!(next, Ok(expected), "{operations}");
}

/// Asserts the error that operations end in.
#[track_caller]
fn fails(current: Value, operations: Value, keyword: &str, detail: &str) {
    let error = patched(&users(), current, operations.clone()).expect_err(&operations.to_string());
    assert_eq!((error.status(), error.scim_type().map(|keyword| keyword.as_str())), (400, Some(keyword)), "{error}");
    assert!(error.detail().contains(detail), "{error}");
}

/// The operations as text, one `verb path value` each.
fn listed(patch: &Patch) -> Vec<String> {
    let text = |op: &super::Op| {
        let value = op.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        format!("{:?} {}{value}", op.verb, op.path)
    };
    patch.ops.iter().map(text).collect()
}
