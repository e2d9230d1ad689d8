//! The questions that plans ask.

use std::sync::Arc;

use super::{Error, Site};
use crate::ldap::{AttrType, Dn, Entry, Facts, Filter, Query, Scope, Value};

impl Site<'_> {
    /// The entry of the resource with this id; `None` when no id can have this form.
    pub(super) fn by_id(&self, id: &str) -> Option<Query> {
        let value = self.mapping.profile.id_codec.encode(id)?;
        let filter = Filter::eq(AttrType::known(self.mapping.profile.id_attr), value);
        Some(self.search(Filter::and([self.living(), filter])))
    }

    /// The same, also when it is deleted by mark.
    fn by_id_deleted_too(&self, id: &str) -> Option<Query> {
        let value = self.mapping.profile.id_codec.encode(id)?;
        let filter = Filter::eq(AttrType::known(self.mapping.profile.id_attr), value);
        Some(self.search(Filter::and([self.own(), filter])))
    }

    /// The entries whose unique name is `value`, whosever they are, those deleted by mark included.
    pub(super) fn by_name(&self, value: &Value) -> Query {
        let name = Filter::eq(self.mapping.name_rule().attr.clone(), value.clone());
        self.search(Filter::and([self.classes(), name]))
    }

    /// The entries that match `filter`.
    pub(super) fn matching(&self, filter: Filter) -> Query {
        self.search(Filter::and([self.living(), filter]))
    }

    /// Those of the entries that match `filter`, with these attributes.
    pub(super) fn matching_with(&self, filter: Filter, attrs: &Arc<[AttrType]>) -> Query {
        Query { attrs: Arc::clone(attrs), ..self.matching(filter) }
    }

    /// The entry at `dn`, if it is one of ours.
    pub(super) fn at(&self, dn: &Dn) -> Query {
        Query {
            base: dn.clone(),
            scope: Scope::Base,
            filter: self.classes(),
            attrs: self.mapping.attrs.clone(),
            limit: None,
        }
    }

    /// Whether a living resource of this site stands at `dn`: its id only.
    pub(super) fn exists(&self, dn: &Dn) -> Query {
        let attrs: Vec<AttrType> = vec![AttrType::known(self.mapping.profile.id_attr)];
        Query::entry(dn.clone(), self.living(), attrs)
    }

    /// Whatever stands at `dn`, ours or not: its id only.
    pub(super) fn anything_at(&self, dn: &Dn) -> Query {
        let filter = Filter::Present(AttrType::known("objectClass"));
        let attrs = [AttrType::known(self.mapping.profile.id_attr)].into();
        Query { base: dn.clone(), scope: Scope::Base, filter, attrs, limit: None }
    }

    /// Everything below the base that has one of these values, of whatever class; in the whole domain where it is unique
    /// there.
    pub(super) fn having(&self, attr: &AttrType, values: &[String]) -> Query {
        self.having_within(None, attr, values)
    }

    /// The same, below this entry if there is one.
    pub(super) fn having_within(&self, within: Option<&Dn>, attr: &AttrType, values: &[String]) -> Query {
        let filter = Filter::or(values.iter().map(|v| Filter::eq(attr.clone(), v.as_str())));
        let attrs = [attr.clone()].into();
        let in_domain = self.mapping.profile.is_unique_in_domain(attr);
        let domain = if in_domain { self.place.base.domain() } else { None };
        let base = within.cloned().or(domain).unwrap_or_else(|| self.place.base.clone());
        Query { base, scope: Scope::Sub, filter, attrs, limit: None }
    }

    /// Some resource, with the attributes by which resources are looked for: whoever finds nothing by one of them asks
    /// whether the directory shows it at all.
    pub(super) fn sample(&self) -> Query {
        let profile = self.mapping.profile;
        let attrs = [profile.id_attr, profile.dn_attr].map(AttrType::known).into();
        Query { attrs, limit: Some(1), ..self.search(self.living()) }
    }

    /// Whether `dn` lies where this site's resources are.
    pub(super) fn contains(&self, dn: &Dn) -> bool {
        self.place.contains(dn)
    }

    /// The entries that answer `query`, if it was asked, as far as they lie where this site's resources are: a search
    /// below the base finds the base itself too.
    pub(super) fn among<'f>(&self, facts: &'f Facts, query: &Query) -> Option<Vec<&'f Entry>> {
        let entries = facts.get(query)?;
        Some(entries.iter().filter(|entry| self.contains(&entry.dn)).collect())
    }

    fn search(&self, filter: Filter) -> Query {
        Query {
            base: self.place.base.clone(),
            scope: self.place.scope,
            filter,
            attrs: self.mapping.attrs.clone(),
            limit: None,
        }
    }

    /// Entries of the mapped object classes and of none that is excepted, whosever they are: no other entry can be seen or
    /// touched.
    pub(super) fn classes(&self) -> Filter {
        let is_of = |class: &String| Filter::eq(AttrType::known("objectClass"), class.as_str());
        let except = self.mapping.except_classes.iter().map(|class| Filter::negate(is_of(class)));
        Filter::and(self.mapping.match_classes.iter().map(is_of).chain(except))
    }

    /// The endpoint's own entries of the mapped object classes.
    pub(super) fn own(&self) -> Filter {
        Filter::and([self.classes(), self.mapping.owned()])
    }

    /// The endpoint's own entries that are not deleted by mark.
    pub(super) fn living(&self) -> Filter {
        match self.mapping.delete.mark() {
            Some(mark) => Filter::and([self.own(), Filter::negate(Filter::Present(mark.clone()))]),
            None => self.own(),
        }
    }
}

/// Refuses to take for absent what the directory hides: a search by an attribute that the account may not read finds
/// nothing, whatever is there.
pub fn check_shown(site: &Site<'_>, facts: &Facts) -> Result<(), Error> {
    for place in site.all() {
        let Some(entry) = place.among(facts, &place.sample()).and_then(|entries| entries.first().copied()) else {
            continue;
        };
        let profile = place.mapping.profile;
        let hidden = |attr: &&'static str| entry.get(&AttrType::known(attr)).is_empty();
        if let Some(attr) = [profile.id_attr, profile.dn_attr].into_iter().find(hidden) {
            return Err(Error::Hidden { attr, dn: entry.dn.clone() });
        }
    }
    Ok(())
}

/// The entry of the resource with this id, or the question for it.
pub(super) fn find_by_id<'f>(site: &Site<'_>, id: &str, facts: &'f Facts) -> Result<Result<&'f Entry, Query>, Error> {
    answer_of(site, site.by_id(id).ok_or(Error::NotFound)?, facts)
}

/// The entry of the resource with this id, also when it is deleted by mark, or the question for it.
pub(super) fn find_deleted_too<'f>(
    site: &Site<'_>,
    id: &str,
    facts: &'f Facts,
) -> Result<Result<&'f Entry, Query>, Error> {
    answer_of(site, site.by_id_deleted_too(id).ok_or(Error::NotFound)?, facts)
}

fn answer_of<'f>(site: &Site<'_>, query: Query, facts: &'f Facts) -> Result<Result<&'f Entry, Query>, Error> {
    match site.among(facts, &query) {
        None => Ok(Err(query)),
        Some(entries) => match entries.first() {
            Some(entry) => Ok(Ok(entry)),
            None if facts.get(&site.sample()).is_none() => Ok(Err(site.sample())),
            None => Err(Error::NotFound),
        },
    }
}

/// The same questions, each once.
pub(super) fn distinct(queries: impl IntoIterator<Item = Query>) -> Vec<Query> {
    let distinct: indexmap::IndexSet<Query> = queries.into_iter().collect();
    distinct.into_iter().collect()
}
