//! Queries and their answers, RFC 7644 section 3.4.2 and 3.4.3.

use serde_json::{Value, json};

use super::filter::fault::shorten;
use super::{Error, Filter, Path, Projection, name};

/// What a client asks of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListQuery {
    /// Which resources; all, if there is none.
    pub filter: Option<Filter>,
    /// The first one wanted, from 1.
    pub start_index: u64,
    /// How many at most; 0 asks for their number only.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
    /// By what they shall be sorted.
    pub sort_by: Option<Path>,
    /// Whether the last comes first.
    pub descending: bool,
}

impl Default for ListQuery {
    fn default() -> ListQuery {
        ListQuery {
            filter: None,
            start_index: 1,
            count: None,
            projection: Projection::default(),
            sort_by: None,
            descending: false,
        }
    }
}

impl ListQuery {
    /// Reads the parameters of a URL. Those nobody knows are ignored, such as Entra's `aadOptscim062020`.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<ListQuery, Error> {
        let mut query = ListQuery::default();
        let (mut attributes, mut excluded) = (None, None);
        for (key, value) in pairs {
            let value = Some(value).filter(|value| !value.trim().is_empty());
            match (key.to_ascii_lowercase().as_str(), value) {
                ("filter", Some(value)) => query.filter = Some(Filter::parse(&value)?),
                ("startindex", Some(value)) => query.start_index = whole_number("startIndex", &value)?.max(1),
                ("count", Some(value)) => query.count = Some(whole_number("count", &value)?),
                ("attributes", value) => attributes = value,
                ("excludedattributes", value) => excluded = value,
                ("sortby", Some(value)) => query.sort_by = Some(Path::parse(&value)?),
                ("sortorder", Some(value)) => query.descending = value.trim().eq_ignore_ascii_case("descending"),
                _ => {}
            }
        }
        query.projection = Projection::parse(attributes.as_deref(), excluded.as_deref())?;
        Ok(query)
    }

    /// Reads the body of `/.search`, which holds the same parameters.
    pub fn from_body(body: Value) -> Result<ListQuery, Error> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax("the body of a search must be a JSON object"));
        };
        let mut pairs = Vec::with_capacity(body.len());
        for (key, value) in body {
            match value {
                Value::Null => {}
                Value::String(text) => pairs.push((key, text)),
                Value::Array(items) if items.iter().all(Value::is_string) => {
                    let names: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    pairs.push((key, names.join(",")));
                }
                other => pairs.push((key, other.to_string())),
            }
        }
        ListQuery::parse(pairs)
    }
}

/// One page of resources, RFC 7644 section 3.4.2; `Resources` is there even if empty, since Entra wants it.
pub fn list_response(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": [name::LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// A number; negative ones count as 0, RFC 7644 section 3.4.2.4.
fn whole_number(parameter: &str, text: &str) -> Result<u64, Error> {
    match text.trim().parse::<i64>() {
        Ok(number) => Ok(number.max(0).unsigned_abs()),
        Err(_) => {
            let found = shorten(text, 40);
            Err(Error::invalid_value(format!("`{parameter}` must be a whole number, found `{found}`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<ListQuery, Error> {
        ListQuery::parse(pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())))
    }

    #[test]
    fn entras_queries_are_read() {
        let query = parse(&[
            ("aadOptscim062020", ""),
            ("excludedAttributes", "members"),
            ("filter", "displayName eq \"Team\""),
        ])
        .unwrap();
        assert_eq!(query.filter, Some(Filter::parse("displayName eq \"Team\"").unwrap()));
        assert_eq!(query.projection, Projection::parse(None, Some("members")).unwrap());
        assert_eq!((query.start_index, query.count), (1, None));
    }

    #[test]
    fn numbers_are_brought_into_range() {
        for (start, count, expected) in
            [("6", "5", (6, 5)), ("0", "0", (1, 0)), ("-3", "-1", (1, 0)), ("", "1", (1, 1))]
        {
            let query = parse(&[("startIndex", start), ("COUNT", count)]).unwrap();
            assert_eq!((query.start_index, query.count), (expected.0, Some(expected.1)));
        }
        for bad in ["x", "1.5", "99999999999999999999", "1;2"] {
            let error = parse(&[("count", bad)]).expect_err(bad);
            assert_eq!(error.detail(), format!("`count` must be a whole number, found `{bad}`"));
        }
    }

    #[test]
    fn a_search_body_says_the_same() {
        let body = json!({
            "schemas": [name::SEARCH_REQUEST], "attributes": ["userName", "emails.value"], "filter": "title pr",
            "startIndex": 3, "count": 10, "sortBy": "userName", "sortOrder": "descending", "excludedAttributes": null,
        });
        let query = ListQuery::from_body(body).unwrap();
        let same = parse(&[
            ("attributes", "userName,emails.value"),
            ("filter", "title pr"),
            ("startIndex", "3"),
            ("count", "10"),
            ("sortBy", "userName"),
            ("sortOrder", "Descending"),
        ]);
        assert_eq!(Ok(query), same);
        assert!(ListQuery::from_body(json!({"count": {}})).is_err() && ListQuery::from_body(json!([])).is_err());
    }

    #[test]
    fn an_empty_page_is_what_entra_probes_for() {
        assert_eq!(
            list_response(0, 1, Vec::new()),
            json!({"schemas": [name::LIST_RESPONSE], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})
        );
    }
}
