//! Reads filters and paths, RFC 7644 figure 1: recursive descent whose depth is bounded, one pass, no copy of the text.
//!
//! Wider than the RFC in four ways, all seen from clients: operators and words in any case, `not` without a space,
//! `emails[type eq "work"].value eq "x"`, and values without quotes (Microsoft's documents print
//! `externalId eq jdoe`).

use serde_json::Value;

use super::super::{AttrName, Error, Path};
use super::fault::{Fault, shorten};
use super::{CompareOp, Filter, Literal};

/// The longest filter that is read, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// How deep brackets and `not` may nest.
pub const MAX_DEPTH: usize = 32;

/// Figure 1 has `name.part[filter]`, but the parts of an attribute are simple, RFC 7643 section 2.3.8.
pub(super) const SIMPLE_PART: &str = "a part of an attribute has no parts of its own to filter by";

impl Filter {
    /// Reads a whole text as one filter.
    pub fn parse(text: &str) -> Result<Filter, Error> {
        if text.len() > MAX_LENGTH {
            let detail = format!("a filter may have at most {MAX_LENGTH} bytes, this one has {}", text.len());
            return Err(Error::invalid_filter(detail));
        }
        let mut parser = Parser::new(text);
        parser.whole(Parser::filter).map_err(|fault| Error::invalid_filter(fault.describe("filter", text)))
    }
}

/// A place in a text that is being read.
pub(in crate::scim) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    in_path: bool,
}

impl<'a> Parser<'a> {
    /// Starts at the beginning of a text.
    pub(in crate::scim) fn new(text: &'a str) -> Parser<'a> {
        Parser { text, at: 0, depth: 0, in_path: false }
    }

    /// Reads one thing that must be all of the text.
    pub(in crate::scim) fn whole<T>(&mut self, read: fn(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.space();
        let thing = read(self)?;
        self.space();
        match self.peek() {
            None => Ok(thing),
            Some(_) => self.fail(format!("did not expect `{}` here", self.show())),
        }
    }

    /// Reads paths with commas between them; empty places are skipped.
    pub(in crate::scim) fn paths(&mut self) -> Result<Vec<Path>, Fault> {
        let mut paths = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => return Ok(paths),
                Some(',') => self.at += 1,
                Some(_) => {
                    paths.push(self.path()?);
                    self.space();
                    if !matches!(self.peek(), None | Some(',')) {
                        return self.fail(format!("expected a comma, found `{}`", self.show()));
                    }
                }
            }
        }
    }

    /// `or` binds weakest.
    pub(in crate::scim) fn filter(&mut self) -> Result<Filter, Fault> {
        let mut parts = vec![self.conjunction()?];
        while self.keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    /// `[urn:]attr`, then `[filter]`, then `.sub`.
    pub(in crate::scim) fn path(&mut self) -> Result<Path, Fault> {
        let (schema, attr) = self.qualified_name()?;
        let filter = if self.peek() == Some('[') { Some(Box::new(self.bracket()?)) } else { None };
        let sub = if self.take('.') { Some(self.attr_name()?) } else { None };
        if self.peek() == Some('[') {
            return self.fail(SIMPLE_PART.into());
        }
        Ok(Path { schema, attr, filter, sub })
    }

    fn conjunction(&mut self) -> Result<Filter, Fault> {
        let mut parts = vec![self.term()?];
        while self.keyword("and") {
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn term(&mut self) -> Result<Filter, Fault> {
        self.space();
        if self.take('(') {
            return self.group();
        }
        let start = self.at;
        if self.word().eq_ignore_ascii_case("not") {
            self.at += "not".len();
            self.space();
            if self.take('(') {
                return Ok(Filter::Not(Box::new(self.group()?)));
            }
            self.at = start;
        }
        self.expression()
    }

    /// What stands behind an opening bracket, and the closing one.
    fn group(&mut self) -> Result<Filter, Fault> {
        self.deeper(|parser| {
            let inner = parser.filter()?;
            parser.space();
            if parser.take(')') { Ok(inner) } else { parser.expected("`)`") }
        })
    }

    /// `[filter]` behind an attribute; these do not nest, RFC 7644 figure 1.
    fn bracket(&mut self) -> Result<Filter, Fault> {
        if self.in_path {
            return self.fail("a filter in square brackets cannot hold another one".into());
        }
        self.at += 1;
        self.in_path = true;
        let inner = self.deeper(Parser::filter)?;
        self.in_path = false;
        self.space();
        if self.take(']') { Ok(inner) } else { self.expected("`]`") }
    }

    /// `path op value`, `path pr`, or a path with a filter standing alone.
    fn expression(&mut self) -> Result<Filter, Fault> {
        let path = self.path()?;
        let start = self.at;
        self.space();
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            self.at += word.len();
            return Ok(Filter::Present { path });
        }
        if let Some(op) = CompareOp::from_word(word) {
            self.at += word.len();
            let value = self.literal()?;
            return Ok(Filter::Compare { path, op, value });
        }
        if path.filter.is_some() && path.sub.is_none() {
            self.at = start;
            return Ok(Filter::Has { path });
        }
        self.expected("an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`)")
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let before = self.at;
        self.space();
        if self.at == before {
            return self.expected("a space and a value");
        }
        if self.peek() == Some('"') { self.quoted() } else { self.bare() }
    }

    /// A JSON string, RFC 8259 section 7.
    fn quoted(&mut self) -> Result<Literal, Fault> {
        let rest = self.rest();
        let mut escaped = false;
        for (n, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    return match serde_json::from_str(&rest[..=n]) {
                        Ok(text) => {
                            self.at += n + 1;
                            Ok(Literal::String(text))
                        }
                        Err(_) => self.fail("the text in quotes is not a JSON string".into()),
                    };
                }
                _ => {}
            }
        }
        self.fail("the closing quote is missing".into())
    }

    /// `true`, `false`, `null`, a number, or any other word, which is text. A number that would not print as it was
    /// written (such as one with thirty digits) stays text, so that nothing is lost.
    fn bare(&mut self) -> Result<Literal, Fault> {
        let word = self.word();
        if word.is_empty() || word.contains(['"', '\'', '\\']) {
            return self.expected("a value such as `\"text\"`, `true` or `42`");
        }
        let literal = match serde_json::from_str::<Value>(word) {
            Ok(Value::Number(number)) if number.to_string() == word => Literal::Number(number),
            _ if word.eq_ignore_ascii_case("true") => Literal::Bool(true),
            _ if word.eq_ignore_ascii_case("false") => Literal::Bool(false),
            _ if word.eq_ignore_ascii_case("null") => Literal::Null,
            _ => Literal::String(word.to_owned()),
        };
        self.at += word.len();
        Ok(literal)
    }

    /// The attribute's name and what stands before its last colon. A URN may hold dots (`2.0`), a name may not.
    fn qualified_name(&mut self) -> Result<(Option<String>, AttrName), Fault> {
        let end = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | '"' | '\'' | ',' | '\\');
        let run = self.rest().split(end).next().unwrap_or_default();
        let Some(colon) = run.rfind(':') else {
            return Ok((None, self.attr_name()?));
        };
        let urn = &run[..colon];
        if urn.is_empty() || !urn.is_ascii() {
            return self.expected("an attribute name");
        }
        self.at += colon + 1;
        Ok((Some(urn.to_owned()), self.attr_name()?))
    }

    fn attr_name(&mut self) -> Result<AttrName, Fault> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$')));
        let name = &rest[..length.unwrap_or(rest.len())];
        if !AttrName::is_valid(name) {
            return self.expected("an attribute name");
        }
        self.at += name.len();
        Ok(AttrName::known(name))
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Filter, Fault>) -> Result<Filter, Fault> {
        if self.depth == MAX_DEPTH {
            return self.fail(format!("brackets may nest at most {MAX_DEPTH} deep"));
        }
        self.depth += 1;
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    /// Takes a word between parts of a filter, if it is the next one.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.at;
        self.space();
        let found = self.word().eq_ignore_ascii_case(keyword);
        self.at = if found { self.at + keyword.len() } else { start };
        found
    }

    /// The characters up to the next space or bracket, not taken.
    fn word(&self) -> &'a str {
        let end = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')');
        self.rest().split(end).next().unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn expected<T>(&self, what: &str) -> Result<T, Fault> {
        match self.peek() {
            None => self.fail(format!("expected {what}, found the end")),
            Some(_) => self.fail(format!("expected {what}, found `{}`", self.show())),
        }
    }

    /// The next word or character, for messages.
    fn show(&self) -> String {
        let word = self.word();
        if word.is_empty() { self.rest().chars().take(1).collect() } else { shorten(word, 40) }
    }

    fn fail<T>(&self, what: String) -> Result<T, Fault> {
        Err(Fault { at: self.at, what })
    }
}

/// The only part, or all parts under one node.
fn one_or(mut parts: Vec<Filter>, node: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            node(parts)
        }
        None => node(parts),
    }
}
