//! Where entries are put, as a mapping file says it.

use super::dn;
use crate::fault::Reader;
use crate::mapping::placement::CONTAINERS;
use crate::mapping::slot::{Place, Slot};
use crate::mapping::{Placement, PlacementRule, Rule, Superior, Template};
use crate::scim::{Filter, Path, ResourceType};

/// What names and filters of a placement may use.
struct Known<'a> {
    resource_type: &'a ResourceType,
    rules: &'a [Rule],
}

/// Reads `[….placement]`.
pub(super) fn placement(table: &mut Reader<'_>, resource_type: &ResourceType, rules: &[Rule]) -> Option<Placement> {
    let known = Known { resource_type, rules };
    let mut table = table.table("placement")?;
    let rules = table.table_list("rules").iter_mut().filter_map(|table| rule(table, &known)).collect();
    let base = if table.has("base") { superior(&mut table, &known) } else { None };
    let create = table.strings("create").unwrap_or_default();
    check_classes(&table, &create);
    table.finish();
    Some(Placement { rules, base, create })
}

fn rule(table: &mut Reader<'_>, known: &Known<'_>) -> Option<PlacementRule> {
    let parse = |text: &str| {
        let filter = Filter::parse(text).map_err(|error| error.detail().to_owned())?;
        filter.check(known.resource_type).map_err(|error| error.detail().to_owned())?;
        match known.refused_in(&filter) {
            Some(name) => Err(format!("`{name}` is a reference")),
            None => Ok(filter),
        }
    };
    let when = table.take_parse("when", "a SCIM filter of mapped attributes", parse);
    let base = superior(table, known);
    table.finish();
    Some(PlacementRule { when: when?, base: base? })
}

/// Takes `base`: a name, or a template that makes one.
fn superior(table: &mut Reader<'_>, known: &Known<'_>) -> Option<Superior> {
    let parse = |text: &str| match text.contains('{') {
        true => known.template(text).map(Box::new).map(Superior::Made),
        false => dn(text).map(Superior::Constant),
    };
    table.take_parse("base", "a distinguished name or a template of one", parse)
}

/// Entries that hold others are named as their class wants it.
fn check_classes(table: &Reader<'_>, create: &[String]) {
    let is_known = |class: &String| CONTAINERS.iter().any(|(name, _)| name.eq_ignore_ascii_case(class));
    if !create.is_empty() && !create.iter().any(is_known) {
        let names: Vec<String> = CONTAINERS.iter().map(|(name, _)| format!("`{name}`")).collect();
        let expected = format!("the classes of an entry that holds others, one of them {}", names.join(", "));
        table.fault("create", Some(&create.join(", ")), expected, None);
    }
}

impl Known<'_> {
    fn template(&self, source: &str) -> Result<Template, String> {
        let is_known = |name: &str| self.resource_type.schema.attribute(name).is_some();
        let template = Template::compile_dn(source, is_known).map_err(|error| error.to_string())?;
        let password = Slot { schema: None, attr: "password".to_owned(), place: Place::Value };
        let references = self.rules.iter().filter(|rule| rule.reference.is_some()).map(|rule| &rule.slot);
        if let Some(slot) = references.chain([&password]).find(|slot| template.uses(slot)) {
            return Err(format!("it uses `{slot}`, which is a reference or a secret"));
        }
        let outline = template.render(&crate::scim::Resource::new()).ok().flatten();
        match outline.map(|text| dn(&text)) {
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Ok(template),
        }
    }

    /// The first name in `filter` that stands for a reference: these are resolved after entries are placed.
    fn refused_in(&self, filter: &Filter) -> Option<String> {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().find_map(|part| self.refused_in(part)),
            Filter::Not(part) => self.refused_in(part),
            Filter::Compare { path, .. } | Filter::Present { path } | Filter::Has { path } => self.refused(path),
        }
    }

    fn refused(&self, path: &Path) -> Option<String> {
        let found = self.resource_type.find(path)?;
        let is_meant =
            |rule: &&Rule| rule.slot.attr == found.attr.name && rule.slot.schema.as_deref() == found.schema_key();
        let refused = self.rules.iter().filter(is_meant).any(|rule| rule.reference.is_some());
        refused.then(|| path.to_string())
    }
}
