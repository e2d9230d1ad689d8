//! Answers with many members, written as JSON text page by page. A tree of a hundred thousand members would take many
//! times the memory of the text, which is byte for byte what the tree would print.

use serde::Serialize;
use serde_json::{Map, Value};

use super::name;

/// One resource that is being written; `members` come last. Nothing may be done with the text before [`Self::end`].
#[must_use = "a resource that is not ended is no JSON"]
pub struct ResourceText<'a> {
    text: &'a mut Vec<u8>,
    /// Whether a member was written; without one there is no list, RFC 7643 section 2.5.
    listed: bool,
}

impl<'a> ResourceText<'a> {
    /// Writes all of a resource but its members behind what is in the text.
    pub fn begin(text: &'a mut Vec<u8>, resource: &Map<String, Value>) -> ResourceText<'a> {
        debug_assert!(!resource.contains_key("members"), "members are written apart");
        put(text, resource);
        reopen(text);
        ResourceText { text, listed: false }
    }

    /// Writes some members by their ids; may be called for each page of them.
    pub fn members<S: AsRef<str>>(&mut self, ids: &[S]) {
        for id in ids {
            if self.listed {
                self.text.push(b',');
            } else {
                separate(self.text);
                self.text.extend_from_slice(b"\"members\":[");
                self.listed = true;
            }
            self.text.extend_from_slice(b"{\"value\":");
            put(self.text, id.as_ref());
            self.text.push(b'}');
        }
    }

    /// Writes what closes the resource.
    pub fn end(self) {
        self.text.extend_from_slice(if self.listed { b"]}" } else { b"}" });
    }
}

/// One page of resources that is being written: what [`super::list_response`] makes, as text.
#[must_use = "a list that is not ended is no JSON"]
pub struct ListText {
    text: Vec<u8>,
    resources: u64,
    /// Where the number of resources belongs, which is known at the end.
    count_at: usize,
}

impl ListText {
    /// Writes what stands before the resources; how many there are on this page is counted.
    pub fn begin(total: u64, start_index: u64) -> ListText {
        let mut text = b"{\"schemas\":".to_vec();
        put(&mut text, &[name::LIST_RESPONSE]);
        text.extend_from_slice(b",\"totalResults\":");
        put(&mut text, &total);
        text.extend_from_slice(b",\"startIndex\":");
        put(&mut text, &start_index);
        text.extend_from_slice(b",\"itemsPerPage\":");
        let count_at = text.len();
        text.extend_from_slice(b",\"Resources\":[");
        ListText { text, resources: 0, count_at }
    }

    /// Writes one more resource; it must be ended before the next.
    pub fn resource(&mut self, resource: &Map<String, Value>) -> ResourceText<'_> {
        if self.resources > 0 {
            self.text.push(b',');
        }
        self.resources += 1;
        ResourceText::begin(&mut self.text, resource)
    }

    /// Closes the list and gives the text away.
    pub fn end(mut self) -> Vec<u8> {
        self.text.extend_from_slice(b"]}");
        let count = self.resources.to_string();
        self.text.splice(self.count_at..self.count_at, count.into_bytes());
        self.text
    }
}

/// Writes a value as serde_json prints it.
fn put<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    let written = serde_json::to_writer(text, value);
    debug_assert!(written.is_ok(), "memory takes any text, number or tree of JSON");
}

/// Takes the closing bracket of an object away.
fn reopen(text: &mut Vec<u8>) {
    let closing = text.pop();
    debug_assert_eq!(closing, Some(b'}'));
}

/// Puts a comma behind what an open object holds already.
fn separate(text: &mut Vec<u8>) {
    if text.last() != Some(&b'{') {
        text.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::list_response;
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => unreachable!(),
        }
    }

    /// The tree that the text stands for.
    fn tree(resource: &Map<String, Value>, ids: &[String]) -> Value {
        let mut whole = resource.clone();
        if !ids.is_empty() {
            whole.insert("members".into(), ids.iter().map(|id| json!({"value": id})).collect());
        }
        Value::Object(whole)
    }

    fn text(resource: &Map<String, Value>, ids: &[String], page: usize) -> String {
        let mut text = Vec::new();
        let mut open = ResourceText::begin(&mut text, resource);
        ids.chunks(page).for_each(|page| open.members(page));
        open.end();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_group_reads_as_it_is() {
        let group = object(json!({"schemas": [name::GROUP], "id": "g", "meta": {"resourceType": "Group"}}));
        let ids = ["a".to_owned(), "b\"\\\n\u{7f}é".to_owned()];
        assert_eq!(
            text(&group, &ids, 1),
            format!(
                "{{\"schemas\":[\"{}\"],\"id\":\"g\",\"meta\":{{\"resourceType\":\"Group\"}},\
                 \"members\":[{{\"value\":\"a\"}},{{\"value\":\"b\\\"\\\\\\n\u{7f}é\"}}]}}",
                name::GROUP
            )
        );
        assert_eq!(text(&group, &[], 1), Value::Object(group).to_string());
        assert_eq!(text(&Map::new(), &ids[..1], 1), "{\"members\":[{\"value\":\"a\"}]}");
        assert_eq!(text(&Map::new(), &[], 1), "{}");
    }

    #[test]
    fn a_list_without_resources_is_what_entra_probes_for() {
        let text = String::from_utf8(ListText::begin(0, 1).end()).unwrap();
        assert_eq!(text, list_response(0, 1, Vec::new()).to_string());
    }

    fn any_group() -> impl Strategy<Value = (Map<String, Value>, Vec<String>)> {
        let attributes = prop::collection::hash_map("[a-l]{1,3}", any::<String>().prop_map(Value::from), 0..3);
        let ids = prop::collection::vec(any::<String>(), 0..5);
        (attributes.prop_map(|map| map.into_iter().collect()), ids)
    }

    proptest! {
        /// The text is what the tree prints, whatever is in it and wherever pages end.
        #[test]
        fn the_text_is_what_the_tree_prints(
            groups in prop::collection::vec(any_group(), 0..12), page in 1..4_usize, total in any::<u64>(),
        ) {
            let mut list = ListText::begin(total, 7);
            for (group, ids) in &groups {
                prop_assert_eq!(text(group, ids, page), tree(group, ids).to_string());
                let mut open = list.resource(group);
                ids.chunks(page).for_each(|page| open.members(page));
                open.end();
            }
            let whole = list_response(total, 7, groups.iter().map(|(group, ids)| tree(group, ids)).collect());
            prop_assert_eq!(String::from_utf8(list.end()).unwrap(), whole.to_string());
        }
    }
}
