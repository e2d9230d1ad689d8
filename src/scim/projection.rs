//! Which attributes an answer holds: `attributes` and `excludedAttributes` of RFC 7644 section 3.9, and `returned` of
//! the schema.

use serde_json::{Map, Value, json};

use super::filter::parse::Parser;
use super::{AttrName, Attribute, Error, Path, Resource, ResourceType, Returned};

/// What the client asked to see.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Projection {
    attributes: Option<Vec<Path>>,
    excluded: Vec<Path>,
}

impl Projection {
    /// Reads the two query parameters; an empty one counts as not given, and names that are not there do no harm.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Projection, Error> {
        let attributes = read_paths("attributes", attributes)?;
        let excluded = read_paths("excludedAttributes", excluded)?;
        Ok(Projection { attributes: Some(attributes).filter(|paths| !paths.is_empty()), excluded })
    }

    /// What of the resource is shown. Names that the resource type does not have are not.
    pub fn apply(&self, rt: &ResourceType, resource: Resource) -> Resource {
        let mut shown = Resource::new();
        for (name, value) in resource.into_map() {
            match (rt.extension(&name), value) {
                (Some(schema), Value::Object(inner)) => {
                    for (name, value) in inner {
                        self.show(rt, Some(&schema.id), &name, value, &mut shown);
                    }
                }
                (_, value) => self.show(rt, None, &name, value, &mut shown),
            }
        }
        shown
    }

    /// Whether an attribute would be shown if it had a value, so that what costs a query is only read when wanted.
    pub fn wants(&self, rt: &ResourceType, schema: Option<&str>, attr: &str) -> bool {
        let Some(attr) = lookup(rt, schema, attr) else {
            return false;
        };
        match (attr.returned, &self.attributes) {
            (Returned::Always, _) => true,
            (Returned::Never, _) => false,
            (Returned::Request, None) => false,
            (_, Some(paths)) if on(paths, rt, schema, attr).is_empty() => false,
            _ => !excludes_all(&on(&self.excluded, rt, schema, attr), attr),
        }
    }

    /// Tells by its id whether a member of a group is shown, where `members` are wanted at all.
    pub fn shows_member<'a>(&'a self, rt: &'a ResourceType) -> impl Fn(&str) -> bool + 'a {
        let attr = lookup(rt, None, "members");
        let on_members = |paths: &'a [Path]| attr.map(|attr| on(paths, rt, None, attr)).unwrap_or_default();
        let (named, excluded) =
            (on_members(self.attributes.as_deref().unwrap_or_default()), on_members(&self.excluded));
        let narrowed = !named.is_empty() && !named.iter().copied().any(is_whole);
        let chooses = named.iter().chain(&excluded).any(|path| path.filter.is_some());
        move |id| {
            let view = attr.map(|attr| View { attr, named: &named, narrowed, excluded: &excluded });
            let shown = || view?.element(json!({"value": id}));
            !chooses || shown().is_some_and(|element| element.get("value").is_some())
        }
    }

    fn show(&self, rt: &ResourceType, schema: Option<&str>, name: &str, value: Value, shown: &mut Resource) {
        if !self.wants(rt, schema, name) {
            return;
        }
        let Some(attr) = lookup(rt, schema, name) else {
            return;
        };
        let named = self.attributes.as_ref().map(|paths| on(paths, rt, schema, attr)).unwrap_or_default();
        let narrowed = attr.returned != Returned::Always && !named.is_empty() && !named.iter().copied().any(is_whole);
        let excluded =
            if attr.returned == Returned::Always { Vec::new() } else { on(&self.excluded, rt, schema, attr) };
        let view = View { attr, named: &named, narrowed, excluded: &excluded };
        if let Some(value) = view.value(value) {
            shown.set(schema, &attr.name, value);
        }
    }
}

/// How one attribute is shown.
struct View<'a> {
    attr: &'a Attribute,
    /// The paths of `attributes` that are on it.
    named: &'a [&'a Path],
    /// Whether only parts of it were asked for.
    narrowed: bool,
    /// The paths of `excludedAttributes` that are on it.
    excluded: &'a [&'a Path],
}

impl View<'_> {
    fn value(&self, value: Value) -> Option<Value> {
        match value {
            Value::Array(elements) => {
                Some(Value::Array(elements.into_iter().filter_map(|element| self.element(element)).collect()))
            }
            one => self.element(one),
        }
    }

    /// One element, or the single value.
    fn element(&self, element: Value) -> Option<Value> {
        let chosen = |paths: &[&Path], sub: Option<&str>| {
            paths.iter().any(|path| {
                let same = path.sub.as_ref().is_none_or(|name| sub.is_some_and(|sub| *name == sub));
                let hit = path.filter.as_ref().is_none_or(|filter| filter.matches_element(self.attr, &element));
                same && hit
            })
        };
        if chosen(self.excluded, None) || (self.narrowed && element.as_object().is_none() && !chosen(self.named, None))
        {
            return None;
        }
        let keep = |name: &str| {
            let returned = self.attr.sub_attribute(name).map_or(Returned::Default, |sub| sub.returned);
            let by_name = self.named.iter().any(|path| path.sub.as_ref().is_some_and(|sub| *sub == name));
            match returned {
                Returned::Always => true,
                Returned::Never => false,
                Returned::Request if !by_name => false,
                _ => !chosen(self.excluded, Some(name)) && (!self.narrowed || chosen(self.named, Some(name))),
            }
        };
        match &element {
            Value::Object(parts) => {
                let kept: Map<String, Value> = parts
                    .iter()
                    .filter(|(name, _)| keep(name))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                Some(Value::Object(kept))
            }
            _ => Some(element),
        }
    }
}

fn read_paths(parameter: &str, text: Option<&str>) -> Result<Vec<Path>, Error> {
    let text = text.unwrap_or_default();
    if text.len() > super::filter::parse::MAX_LENGTH {
        return Err(Error::invalid_value(format!("`{parameter}` is too long")));
    }
    Parser::new(text).paths().map_err(|fault| Error::invalid_value(fault.describe(parameter, text)))
}

fn lookup<'a>(rt: &'a ResourceType, schema: Option<&str>, attr: &str) -> Option<&'a Attribute> {
    let schema = Some(schema.unwrap_or(&rt.schema.id).to_owned());
    rt.find(&Path { schema, attr: AttrName::known(attr), filter: None, sub: None }).map(|found| found.attr)
}

/// The paths that are on an attribute, or on the whole schema that it is in.
fn on<'p>(paths: &'p [Path], rt: &ResourceType, schema: Option<&str>, attr: &Attribute) -> Vec<&'p Path> {
    let leads_here = |path: &&Path| match rt.find(path) {
        Some(found) => {
            found.attr.name == attr.name && found.schema_key() == schema.filter(|urn| !super::name::is_core(urn))
        }
        None => schema.is_some_and(|urn| is_schema(path, urn)),
    };
    paths.iter().filter(leads_here).collect()
}

/// Whether a path, which was read as an attribute, is in truth the URN of a schema.
fn is_schema(path: &Path, urn: &str) -> bool {
    is_whole(path) && path.to_string().eq_ignore_ascii_case(urn)
}

/// Whether nothing is left of an attribute.
fn excludes_all(excluded: &[&Path], attr: &Attribute) -> bool {
    let is_out = |sub: &Attribute| {
        let named = |path: &&Path| path.filter.is_none() && path.sub.as_ref().is_some_and(|name| *name == *sub.name);
        sub.returned != Returned::Always && excluded.iter().any(named)
    };
    let mut parts = attr.sub_attributes.iter();
    excluded.iter().copied().any(is_whole) || (parts.len() > 0 && parts.all(is_out))
}

fn is_whole(path: &Path) -> bool {
    path.filter.is_none() && path.sub.is_none()
}

#[cfg(test)]
mod tests {
    use super::super::name::ENTERPRISE_USER;
    use super::super::{catalog, example};
    use super::*;

    fn jo() -> Resource {
        let body = json!({
            "id": "1", "userName": "jo", "title": "T", "password": "p", "name": {"givenName": "J", "familyName": "D"},
            "emails": [{"type": "work", "value": "w", "primary": true}, {"type": "home", "value": "h"}],
            "meta": {"resourceType": "User"}, "unknown": 1,
            ENTERPRISE_USER: {"department": "IT", "division": "X"},
        });
        match body {
            Value::Object(map) => Resource::from_map(map),
            _ => unreachable!(),
        }
    }

    fn shown(attributes: &str, excluded: &str) -> Value {
        let projection = Projection::parse(Some(attributes), Some(excluded)).unwrap();
        Value::Object(projection.apply(&catalog::user_type(), jo()).into_map())
    }

    #[test]
    fn attributes_narrow_the_answer() {
        for (attributes, expected) in [
            ("title", json!({"title": "T"})),
            ("TITLE, foo ,name.familyname", json!({"title": "T", "name": {"familyName": "D"}})),
            ("emails.value", json!({"emails": [{"value": "w"}, {"value": "h"}]})),
            ("emails[type eq \"home\"]", json!({"emails": [{"type": "home", "value": "h"}]})),
            ("emails[type eq \"work\"].value", json!({"emails": [{"value": "w"}]})),
            ("emails[type eq \"a,b\"].value", json!({})),
            ("meta", json!({"meta": {"resourceType": "User"}})),
            ("department", json!({ENTERPRISE_USER: {"department": "IT"}})),
            (ENTERPRISE_USER, json!({ENTERPRISE_USER: {"department": "IT", "division": "X"}})),
            ("password", json!({})),
            ("nothing", json!({})),
        ] {
            let mut expected = expected;
            expected["id"] = json!("1");
            expected["userName"] = json!("jo");
            assert_eq!(shown(attributes, ""), expected, "{attributes}");
        }
    }

    #[test]
    fn excluded_attributes_are_left_out() {
        let full = shown("", "");
        assert_eq!(
            (full.get("password"), full.get("unknown"), full["meta"]["resourceType"].as_str()),
            (None, None, Some("User"))
        );
        for (excluded, pointer) in [
            ("title", "/title"),
            ("meta", "/meta"),
            ("name.givenName", "/name/givenName"),
            ("emails[type eq \"home\"]", "/emails/1"),
            ("emails[type eq \"work\"].primary", "/emails/0/primary"),
            (&format!("{ENTERPRISE_USER}:division"), &format!("/{ENTERPRISE_USER}/division")),
            (ENTERPRISE_USER, &format!("/{ENTERPRISE_USER}")),
        ] {
            assert!(full.pointer(pointer).is_some(), "{excluded}");
            assert_eq!(shown("", excluded).pointer(pointer), None, "{excluded}");
        }
        assert_eq!(shown("", "id,userName,foo"), full);
        assert_eq!(
            shown("title,name", "name.givenName,title"),
            json!({"id": "1", "userName": "jo", "name": {"familyName": "D"}})
        );
    }

    #[test]
    fn what_is_not_wanted_need_not_be_read() {
        let groups = catalog::group_type();
        let wants =
            |attributes, excluded| Projection::parse(attributes, excluded).unwrap().wants(&groups, None, "members");
        assert!(wants(None, None) && wants(Some("members"), None) && wants(Some("members.value"), None));
        assert!(wants(None, Some("members.display")));
        assert!(!wants(None, Some("members")) && !wants(None, Some("Members")) && !wants(Some("displayName"), None));
        assert!(!Projection::default().wants(&groups, None, "password"));
    }

    #[test]
    fn members_are_shown_by_their_ids() {
        let groups = example::groups();
        for (attributes, excluded, shown) in [
            ("", "", Some(["a", "b"].as_slice())),
            ("members", "", Some(&["a", "b"])),
            ("displayName,members.value", "members.display", Some(&["a", "b"])),
            ("members[value eq \"a\"]", "", Some(&["a"])),
            ("members[value eq \"a\"].value", "", Some(&["a"])),
            ("", "members[value eq \"a\"]", Some(&["b"])),
            ("members", "members[value eq \"a\"].value", Some(&["b"])),
            ("members[value eq \"a\"],members", "", Some(&["a", "b"])),
            ("members.display", "", None),
            ("", "members.value", None),
            ("", "MEMBERS", None),
        ] {
            let projection = Projection::parse(Some(attributes), Some(excluded)).unwrap();
            let shows = projection.shows_member(&groups);
            let kept = || -> Vec<&str> { ["a", "b"].into_iter().filter(|id| shows(id)).collect() };
            let kept = projection.wants(&groups, None, "members").then(kept);
            assert_eq!(kept.as_deref(), shown, "{attributes} {excluded}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["a b", "a,1", "a[", "a;b"] {
            assert!(Projection::parse(Some(text), None).is_err(), "{text}");
        }
        assert_eq!(Projection::parse(Some(" , "), Some("")), Ok(Projection::default()));
    }
}
