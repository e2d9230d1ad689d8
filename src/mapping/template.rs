//! Templates: text made from a SCIM resource, in minijinja's language.
//!
//! A template sees the resource's attributes by their SCIM names (`userName`, `name.familyName`), and the enterprise
//! extension as `enterprise`. What is absent renders as nothing and an empty result means "no value" (RFC 4512 knows
//! no empty values). Fuel bounds the work, and the result's length is capped, since fuel does not bound output.

mod filters;

use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value as Json};

use super::slot::{Place, Slot};
use crate::ldap::escape_value;
use crate::scim::{self, Resource, name};

/// Steps of the template engine that one rendering may take.
const FUEL: u64 = 20_000;

/// The longest text, in bytes, that a template may give.
const MAX_OUTPUT: usize = 1024;

/// The name under which templates see the enterprise extension, whose URN is no identifier.
const ENTERPRISE_ALIAS: &str = "enterprise";

/// Why a template cannot be compiled or rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is not a template.
    #[error("template does not parse: {0}")]
    Syntax(String),
    /// The template names something that the resource cannot have.
    #[error("template uses `{0}`, which is no attribute of this mapping")]
    UnknownName(String),
    /// Rendering failed (out of fuel, a filter given the wrong type).
    #[error("template failed: {0}")]
    Render(String),
    /// A backslash would take the escape from what comes after it.
    #[error("a backslash before `{{{{`, which would change the meaning of what stands there")]
    Backslash,
    /// The result is longer than an attribute value may be.
    #[error("template gave {0} bytes, more than {MAX_OUTPUT}")]
    TooLong(usize),
}

/// A compiled template.
pub struct Template {
    source: String,
    env: Environment<'static>,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Template").field(&self.source).finish()
    }
}

impl Template {
    /// Compiles `source`. `known` tells whether a name without dots is an attribute that a resource may have.
    pub fn compile(source: &str, known: impl Fn(&str) -> bool) -> Result<Self, Error> {
        Self::compile_with(source, |name| name == NUMBER || known(name), str::to_owned)
    }

    /// Compiles a template that makes a distinguished name: whatever a value is, it stays within the RDN that it stands
    /// in (RFC 4514 section 2.4).
    pub fn compile_dn(source: &str, known: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let mut backslashes = source.match_indices('\\');
        if backslashes.any(|(at, _)| source[at + 1..].trim_start().starts_with('{')) {
            return Err(Error::Backslash);
        }
        Self::compile_with(source, known, |value| escape_value(value.trim()))
    }

    /// Compiles `source`; `form` makes of a value what stands in the text.
    fn compile_with(
        source: &str,
        known: impl Fn(&str) -> bool,
        form: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.set_fuel(Some(FUEL));
        filters::add_to(&mut env);
        env.set_formatter(move |out, _, value| {
            if value.is_undefined() || value.is_none() {
                return Ok(());
            }
            out.write_str(&form(&value.to_string())).map_err(minijinja::Error::from)
        });
        env.add_template_owned("t", source.to_owned()).map_err(|e| Error::Syntax(one_line(&e)))?;
        let template = Self { source: source.to_owned(), env };
        match template.names().into_iter().find(|n| n != ENTERPRISE_ALIAS && !known(n)) {
            Some(name) => Err(Error::UnknownName(name)),
            None => Ok(template),
        }
    }

    /// The text as the administrator wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the template reads what stands at `slot`, or something that holds it, such as all `emails`. Of elements,
    /// it does not matter which are read.
    pub fn uses(&self, slot: &Slot) -> bool {
        let (Some(name), Ok(template)) = (name_in_templates(slot), self.env.get_template("t")) else { return false };
        let holds = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        template.undeclared_variables(true).iter().any(|used| holds(used, &name) || holds(&name, used))
    }

    /// Whether the template uses `NUMBER`, so that it can give another name when one is taken.
    pub fn is_numbered(&self) -> bool {
        self.names().iter().any(|n| n == NUMBER)
    }

    /// The text for `resource`, without surrounding spaces; `None` when nothing is left.
    pub fn render(&self, resource: &Resource) -> Result<Option<String>, Error> {
        self.render_with(context(resource))
    }

    /// Like [`Template::render`], with `NUMBER` set: absent for the first candidate, then 2, 3, ….
    pub fn render_candidate(&self, resource: &Resource, number: u32) -> Result<Option<String>, Error> {
        let mut context = context(resource);
        if number > 1 {
            context.insert(NUMBER.to_owned(), Json::from(number));
        }
        self.render_with(context)
    }

    fn render_with(&self, context: Map<String, Json>) -> Result<Option<String>, Error> {
        let template = self.env.get_template("t").map_err(|e| Error::Render(one_line(&e)))?;
        let text = template.render(minijinja::value::Serde(&context));
        let text = text.map_err(|e| Error::Render(one_line(&e)))?;
        let text = text.trim();
        if text.len() > MAX_OUTPUT {
            return Err(Error::TooLong(text.len()));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The top-level names that the template reads.
    fn names(&self) -> Vec<String> {
        let Ok(template) = self.env.get_template("t") else { return Vec::new() };
        let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        names.sort();
        names
    }
}

/// The variable that counts candidates for a name that must be unique: absent at first, then 2, 3, ….
pub(super) const NUMBER: &str = "number";

/// How templates write what stands at `slot`; `None` where they cannot.
fn name_in_templates(slot: &Slot) -> Option<String> {
    let attr = match slot.schema.as_deref() {
        None => slot.attr.clone(),
        Some(name::ENTERPRISE_USER) => format!("{ENTERPRISE_ALIAS}.{}", slot.attr),
        Some(_) => return None,
    };
    match &slot.place {
        Place::Value => Some(attr),
        Place::Sub(sub) | Place::Element { sub, .. } => Some(format!("{attr}.{sub}")),
    }
}

fn context(resource: &Resource) -> Map<String, Json> {
    let mut map = resource.as_map().clone();
    // no template can name it; should one ever see all there is, it is not among it
    map.remove(scim::PASSWORD);
    if let Some(extension) = map.get(name::ENTERPRISE_USER).cloned() {
        map.insert(ENTERPRISE_ALIAS.to_owned(), extension);
    }
    map
}

fn one_line(error: &minijinja::Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match (error.line(), detail.is_empty()) {
        (Some(line), false) => format!("{detail} (line {line} of the template)"),
        (Some(line), true) => format!("{} (line {line} of the template)", error.kind()),
        (None, false) => detail.to_owned(),
        (None, true) => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(body: Json) -> Resource {
        let mut resource = Resource::new();
        for (key, value) in body.as_object().expect("an object") {
            resource.set(None, key, value.clone());
        }
        resource
    }

    fn any(_: &str) -> bool {
        true
    }

    #[test]
    fn absent_names_render_as_nothing() {
        let template = Template::compile("{{ name.familyName | default(userName) }}", any).expect("compiles");
        let text = template.render(&resource(json!({"userName": "jo"}))).expect("renders");
        assert_eq!(text.as_deref(), Some("jo"));
        let text = template.render(&resource(json!({"userName": "jo", "name": {"familyName": "Doe"}})));
        assert_eq!(text.expect("renders").as_deref(), Some("Doe"));
        let template = Template::compile(" {{ nickName }} ", any).expect("compiles");
        assert_eq!(template.render(&resource(json!({"userName": "jo"}))).expect("renders"), None);
    }

    #[test]
    fn unknown_names_are_refused_when_compiled() {
        let error = Template::compile("{{ usrName }}", |n| n == "userName").expect_err("refused");
        assert_eq!(error.to_string(), "template uses `usrName`, which is no attribute of this mapping");
        assert!(Template::compile("{{ userName", any).is_err());
    }

    #[test]
    fn short_names_are_cut_and_numbered() {
        let source = r#"{{ userName | split("@") | first | account_name | lower | fit(20, number) }}"#;
        let template = Template::compile(source, any).expect("compiles");
        assert!(template.is_numbered());
        let long = resource(json!({"userName": "Johannes+Gutenberg.Senior@example.com"}));
        for (number, name) in [(1, "johannesgutenberg.se"), (2, "johannesgutenberg.s2"), (10, "johannesgutenberg10")] {
            assert_eq!(template.render_candidate(&long, number).expect("renders").as_deref(), Some(name));
        }
        let spaced = Template::compile(r#"{{ displayName | default(userName) | fit(64, " " ~ number) }}"#, any);
        let spaced = spaced.expect("compiles");
        assert!(spaced.is_numbered());
        for (number, name) in [(1, "Jo Doe"), (2, "Jo Doe 2")] {
            let jo = resource(json!({"userName": "jo", "displayName": "Jo Doe"}));
            assert_eq!(spaced.render_candidate(&jo, number).expect("renders").as_deref(), Some(name));
        }
    }

    #[test]
    fn output_and_work_are_bounded() {
        let wide = Template::compile("{{ userName * 5000 }}", any);
        if let Ok(template) = wide {
            assert!(template.render(&resource(json!({"userName": "ab"}))).is_err());
        }
        let long =
            Template::compile("{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}", any)
                .expect("compiles");
        assert!(long.render(&resource(json!({"userName": "ab"}))).is_err());
    }

    #[test]
    fn candidates_are_numbered() {
        let template = Template::compile("{{ userName }}{{ number }}", any).expect("compiles");
        assert!(template.is_numbered());
        let jo = resource(json!({"userName": "jo"}));
        assert_eq!(template.render_candidate(&jo, 1).expect("renders").as_deref(), Some("jo"));
        assert_eq!(template.render_candidate(&jo, 2).expect("renders").as_deref(), Some("jo2"));
    }

    #[test]
    fn what_holds_a_value_uses_it() {
        let slot = |schema: Option<&str>, attr: &str, place| Slot {
            schema: schema.map(str::to_owned),
            attr: attr.to_owned(),
            place,
        };
        let groups = slot(None, "groups", Place::Element { kind: None, sub: "value".to_owned() });
        let manager = slot(Some(name::ENTERPRISE_USER), "manager", Place::Sub("value".to_owned()));
        let uses = |source: &str| {
            let template = Template::compile(source, any).expect("compiles");
            (template.uses(&groups), template.uses(&manager))
        };
        assert_eq!(uses("{{ groups[0].value }}"), (true, false));
        assert_eq!(uses("{{ groups | length }}"), (true, false));
        assert_eq!(uses("{% for group in groups %}{{ group.value }}{% endfor %}"), (true, false));
        assert_eq!(uses("{{ enterprise.manager.value }}"), (false, true));
        assert_eq!(uses("{{ enterprise.manager }}"), (false, true));
        assert_eq!(uses("{{ enterprise.managerial }}{{ group }}{{ userName }}"), (false, false));
    }
}
