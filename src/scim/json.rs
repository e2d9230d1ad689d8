//! Reads a request body as JSON, RFC 8259, more strictly than a plain parser does: no name twice in one object, since
//! readers would differ on which one counts, and no deep nesting. Upper and lower case make no second name, RFC 7643
//! section 2.1.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Error;

/// How deep objects and arrays may nest.
pub const MAX_DEPTH: usize = 32;

/// Reads a whole body as one value.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        Error::invalid_syntax(format!("the body is not UTF-8: byte {} begins no character", fault.valid_up_to() + 1))
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let depth = Cell::new(0);
    let value = Strict(&depth).deserialize(&mut reader).map_err(broken)?;
    reader.end().map_err(broken)?;
    Ok(value)
}

fn broken(fault: serde_json::Error) -> Error {
    Error::invalid_syntax(format!("the body is not acceptable JSON: {fault}"))
}

/// Reads one value at a depth shared by all.
struct Strict<'a>(&'a Cell<usize>);

impl Strict<'_> {
    /// Reads what an object or array holds, one level down.
    fn inside<T, E: serde::de::Error>(&self, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if self.0.get() == MAX_DEPTH {
            return Err(E::custom(format!("nested more than {MAX_DEPTH} deep")));
        }
        self.0.set(self.0.get() + 1);
        let value = read();
        self.0.set(self.0.get() - 1);
        value
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.inside(|| {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element_seed(Strict(self.0))? {
                items.push(item);
            }
            Ok(Value::Array(items))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.inside(|| {
            let (mut object, mut seen) = (Map::new(), HashSet::new());
            while let Some(name) = map.next_key::<String>()? {
                if !seen.insert(name.to_ascii_lowercase()) {
                    let shown = super::filter::fault::shorten(&name, 80);
                    return Err(A::Error::custom(format!("the name `{shown}` stands twice in one object")));
                }
                let value = map.next_value_seed(Strict(self.0))?;
                object.insert(name, value);
            }
            Ok(Value::Object(object))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_read() {
        let body = "\u{feff}{\"a\": [1, -2, 2.5, \"x\\u00e9\", true, null], \"B\": {}}";
        assert_eq!(parse(body.as_bytes()), Ok(json!({"a": [1, -2, 2.5, "xé", true, null], "B": {}})));
    }

    #[test]
    fn the_message_has_a_place() {
        for (body, message) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("{\"a\":1,\n\"a\":2}", "the name `a` stands twice in one object at line 2 column"),
            ("{\"userName\":1,\"USERNAME\":2}", "the name `USERNAME` stands twice"),
            ("{\"a\":1} x", "trailing characters at line 1 column 9"),
            ("{'a':1}", "at line 1 column 2"),
            ("{\"a\":1e999}", "number out of range"),
            ("{\"a\":\"\\ud800\"}", "at line 1"),
            ("[NaN]", "at line 1"),
        ] {
            let error = parse(body.as_bytes()).expect_err(body);
            assert!(error.detail().contains(message), "{body}: {error}");
        }
        let error = parse(b"{\"a\":\"\xff\"}").unwrap_err();
        assert_eq!(error.detail(), "the body is not UTF-8: byte 7 begins no character");
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().detail().contains("nested more than 32 deep"));
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(parse("{\"a\":".repeat(100_000).as_bytes()).is_err());
    }
}
