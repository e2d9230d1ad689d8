//! Where entries are put: the entry above, chosen by what the resource says.

use super::{ResourceMapping, Template, template};
use crate::ldap::{AttrType, Dn, Rdn, Value};
use crate::scim::{Filter, Resource};

/// Where the entries of one resource type are put.
#[derive(Debug)]
pub struct Placement {
    /// The first rule decides whose filter matches and whose name comes about.
    pub rules: Vec<PlacementRule>,
    /// What counts when no rule decides; the endpoint's base without it.
    pub base: Option<Superior>,
    /// The object classes of entries above that are made when they are missing; none are made without.
    pub create: Vec<String>,
}

/// One rule of a placement.
#[derive(Debug)]
pub struct PlacementRule {
    /// The resources that it is about.
    pub when: Filter,
    /// Where they are put.
    pub base: Superior,
}

/// The name of the entry above.
#[derive(Debug)]
pub enum Superior {
    /// This one.
    Constant(Dn),
    /// Made from the resource.
    Made(Box<Template>),
}

/// Why the name of the entry above cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template failed.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// The template gave something that is no name.
    #[error("the template gives no distinguished name")]
    NoName,
}

/// Object classes of entries that hold others, with the attribute that names them.
pub(super) const CONTAINERS: &[(&str, &str)] = &[
    ("container", "cn"),
    ("locality", "l"),
    ("nsContainer", "cn"),
    ("organization", "o"),
    ("organizationalUnit", "ou"),
];

impl Placement {
    /// Every place that the mapping names, with the keys below `placement` that name it.
    pub fn places(&self) -> impl Iterator<Item = (String, &Superior)> {
        let rules = self.rules.iter().enumerate().map(|(at, rule)| (format!("rules[{at}].base"), &rule.base));
        rules.chain(self.base.iter().map(|base| ("base".to_owned(), base)))
    }

    /// The attributes of a missing entry of this name; `None` when its classes want another naming attribute, or none
    /// are made at all.
    pub fn container(&self, rdn: &Rdn) -> Option<Vec<(AttrType, Vec<Value>)>> {
        let [ava] = rdn.avas() else { return None };
        let known = |class: &String| CONTAINERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(class));
        let (_, attr) = self.create.iter().find_map(known)?;
        let attr = AttrType::known(attr);
        let classes = self.create.iter().map(|class| Value::from(class.as_str())).collect();
        rdn.value(&attr)?;
        Some(vec![(AttrType::known("objectClass"), classes), (attr, vec![ava.value.clone()])])
    }
}

impl Superior {
    /// The name for `resource`; `None` when a value that it is made from is missing.
    pub fn name(&self, resource: &Resource) -> Result<Option<Dn>, Error> {
        let template = match self {
            Self::Constant(dn) => return Ok(Some(dn.clone())),
            Self::Made(template) => template,
        };
        let Some(text) = template.render(resource)? else { return Ok(None) };
        let dn = Dn::parse(&text).map_err(|_| Error::NoName)?;
        let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        let lacks = dn.rdns().iter().flat_map(Rdn::avas).any(|ava| is_blank(&ava.value));
        Ok((!lacks).then_some(dn))
    }

    /// Where names that are made from nothing would lie: what of the name does not depend on the resource.
    pub fn outline(&self) -> Option<Dn> {
        match self {
            Self::Constant(dn) => Some(dn.clone()),
            Self::Made(template) => Dn::parse(&template.render(&Resource::new()).ok()??).ok(),
        }
    }
}

impl ResourceMapping {
    /// The entry below which `resource` belongs; `None` when that is for the endpoint to say.
    pub fn superior(&self, resource: &Resource) -> Result<Option<Dn>, super::Error> {
        let Some(placement) = &self.placement else { return Ok(None) };
        let matching = placement.rules.iter().filter(|rule| rule.when.matches(&self.resource_type, resource));
        for superior in matching.map(|rule| &rule.base).chain(&placement.base) {
            if let Some(dn) = superior.name(resource).map_err(super::Error::Placement)? {
                return Ok(Some(dn));
            }
        }
        Ok(None)
    }
}
