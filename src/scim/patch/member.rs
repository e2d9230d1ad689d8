//! What a PATCH does to the members of a group, told without the list of those it has: the change of one member costs
//! the same in a group of ten and of a hundred thousand.

use indexmap::IndexMap;
use serde_json::Value;

use super::super::filter::fault::shorten;
use super::super::{CompareOp, Error, Filter, Literal};
use super::{Op, Patch, Verb};

/// What a PATCH does to the members of a group. Ids are in the order of their first mention.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MemberEdit {
    /// These come and these go; all others stay. No id is in both.
    Change {
        /// Who shall be a member, whether or not it is one now.
        add: Vec<String>,
        /// Who shall be none, whether or not it is one now.
        remove: Vec<String>,
    },
    /// Exactly these are to be members.
    Replace(Vec<String>),
}

impl Patch {
    /// What the operations on `members` come to, in their order: of several on one id the last one counts. `None` when
    /// no operation is about members. `canonical` gives an id its one spelling, so that two spellings of one id meet.
    pub fn members(&self, canonical: &dyn Fn(&str) -> String) -> Result<Option<MemberEdit>, Error> {
        let mut fold = Fold { canonical, whole: false, wanted: IndexMap::new() };
        for op in self.ops_on(None, "members") {
            fold.run(op)?;
        }
        Ok(fold.finish())
    }
}

/// What is known after some of the operations.
struct Fold<'a> {
    canonical: &'a dyn Fn(&str) -> String,
    /// Whether those who are not named are no members.
    whole: bool,
    /// Who was named, and whether it shall be a member.
    wanted: IndexMap<String, bool>,
}

impl Fold<'_> {
    fn run(&mut self, op: &Op) -> Result<(), Error> {
        let of_value = op.path.sub.is_some();
        if op.path.sub.as_ref().is_some_and(|sub| *sub != "value") {
            return Ok(()); // follows from `value`
        }
        match (op.verb, op.path.filter.as_deref(), &op.value) {
            (Verb::Remove, None, _) => self.clear(),
            (Verb::Remove, Some(filter), _) => {
                for id in chosen(filter)? {
                    self.want(id, false);
                }
            }
            (_, Some(filter), Some(value)) => self.keep(filter, value)?,
            (_, None, Some(_)) if of_value => return Err(immutable()),
            (verb, None, Some(value)) => {
                if verb == Verb::Replace {
                    self.clear();
                }
                for id in listed(value) {
                    self.want(id, true);
                }
            }
            (_, _, None) => {}
        }
        Ok(())
    }

    /// Writes a member over itself, which makes it one; nothing else can be written, since `value` is immutable, RFC
    /// 7643 section 4.2.
    fn keep(&mut self, filter: &Filter, value: &Value) -> Result<(), Error> {
        let chosen = chosen(filter)?;
        let Some(id) = id_in(value) else {
            return Ok(());
        };
        let same = |other: &&str| (self.canonical)(other) == (self.canonical)(id);
        if !chosen.iter().all(same) {
            return Err(immutable());
        }
        self.want(id, true);
        Ok(())
    }

    fn clear(&mut self) {
        self.whole = true;
        self.wanted.clear();
    }

    fn want(&mut self, id: &str, member: bool) {
        if !id.is_empty() {
            self.wanted.insert((self.canonical)(id), member);
        }
    }

    fn finish(self) -> Option<MemberEdit> {
        if self.wanted.is_empty() && !self.whole {
            return None;
        }
        let (add, remove): (Vec<_>, Vec<_>) = self.wanted.into_iter().partition(|(_, member)| *member);
        let ids = |named: Vec<(String, bool)>| named.into_iter().map(|(id, _)| id).collect();
        Some(match self.whole {
            true => MemberEdit::Replace(ids(add)),
            false => MemberEdit::Change { add: ids(add), remove: ids(remove) },
        })
    }
}

/// The ids that a filter in the path chooses by `eq`; who else it might choose, only the list of members would tell.
fn chosen(filter: &Filter) -> Result<Vec<&str>, Error> {
    let mut ids = Vec::new();
    if choose(filter, &mut ids) {
        return Ok(ids);
    }
    let found = shorten(&filter.to_string(), 120);
    Err(Error::invalid_filter(format!(
        "`members` can be chosen by `value eq \"id\"`, or by several of these joined by `or`, not by `{found}`"
    )))
}

/// Gathers the ids; false where the filter is of another form.
fn choose<'f>(filter: &'f Filter, ids: &mut Vec<&'f str>) -> bool {
    match filter {
        Filter::Or(parts) => parts.iter().all(|part| choose(part, ids)),
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(id) } if path.attr == "value" => {
            ids.push(id);
            true
        }
        _ => false,
    }
}

/// The ids of the elements of a list.
fn listed(elements: &Value) -> impl Iterator<Item = &str> {
    elements.as_array().into_iter().flatten().filter_map(id_in)
}

/// The id that an element, or its `value` alone, says.
fn id_in(element: &Value) -> Option<&str> {
    element.get("value").unwrap_or(element).as_str()
}

fn immutable() -> Error {
    Error::mutability("the `value` of a member cannot be changed; remove the member and add the other")
}
