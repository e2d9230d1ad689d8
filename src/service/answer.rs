//! From entries to the body of the answer: read, references resolved, projected, with its URL.

use serde_json::{Value as Json, json};

use super::run::answer;
use super::{Body, Context, Endpoint, Error, Reply};
use crate::directory::Session;
use crate::ldap::{Dn, Entry, Facts};
use crate::mapping::{Reading, Referee};
use crate::plan::{self, Hits, Site};
use crate::scim::{ListQuery, ListText, Projection, Resource, ResourceText, list_response};

/// The attribute of groups whose values are not read with the entry.
const MEMBERS: &str = "members";

/// What an answer is made in.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    /// The endpoint that answers.
    pub(super) endpoint: &'a Endpoint,
    /// Who asked.
    pub(super) ctx: &'a Context,
    /// The resources.
    pub(super) site: Site<'a>,
}

impl Page<'_> {
    /// The answer that shows one resource.
    pub(super) async fn one(
        &self,
        session: &Session,
        entry: &Entry,
        projection: &Projection,
        status: u16,
    ) -> Result<Reply, Error> {
        let reading = self.read(entry)?;
        let resource = self.complete(session, std::slice::from_ref(&reading)).await?.remove(0);
        let location = Some(self.location(&resource));
        let shown = self.show(resource, projection);
        if !self.wants_members(projection) {
            return Ok(Reply { status, body: Some(Body::Tree(Json::Object(shown.into_map()))), location });
        }
        let list = self.endpoint.member_list(session, &self.site, &entry.dn).await?;
        let mut text = Vec::new();
        let mut writing = ResourceText::begin(&mut text, shown.as_map());
        let shows = projection.shows_member(&self.site.mapping.resource_type);
        list.ids(session, &self.site, &shows, |ids| writing.members(ids)).await?;
        writing.end();
        Ok(Reply { status, body: Some(Body::Text(text)), location })
    }

    /// The answer that shows those of `hits` that match the query's filter, one page of them.
    pub(super) async fn many(
        &self,
        session: &Session,
        hits: &Hits,
        query: &ListQuery,
        most: u64,
    ) -> Result<Reply, Error> {
        let mut found: Vec<(Reading, &Dn)> =
            hits.entries.iter().map(|entry| Ok((self.read(entry)?, &entry.dn))).collect::<Result<_, Error>>()?;
        found.sort_by_cached_key(|(reading, _)| order(&reading.resource));
        if query.filter.is_some() {
            found = self.matching(session, found, hits, query).await?;
        }
        let total = found.len() as u64;
        let skip = usize::try_from(query.start_index.saturating_sub(1)).unwrap_or(usize::MAX);
        let count = usize::try_from(query.count.unwrap_or(most).min(most)).unwrap_or(usize::MAX);
        let (page, dns): (Vec<Reading>, Vec<&Dn>) = found.into_iter().skip(skip).take(count).unzip();
        let resources = self.complete(session, &page).await?;
        let shown: Vec<Resource> = resources.into_iter().map(|r| self.show(r, &query.projection)).collect();
        let body = match self.wants_members(&query.projection) {
            false => {
                let shown = shown.into_iter().map(|resource| Json::Object(resource.into_map())).collect();
                Body::Tree(list_response(total, query.start_index, shown))
            }
            true => {
                let mut text = ListText::begin(total, query.start_index);
                let shows = query.projection.shows_member(&self.site.mapping.resource_type);
                for (resource, dn) in shown.iter().zip(dns) {
                    let list = self.endpoint.member_list(session, &self.site, dn).await?;
                    let mut writing = text.resource(resource.as_map());
                    list.ids(session, &self.site, &shows, |ids| writing.members(ids)).await?;
                    writing.end();
                }
                Body::Text(text.end())
            }
        };
        Ok(Reply { status: 200, body: Some(body), location: None })
    }

    /// Those that match the filter by SCIM's rules.
    async fn matching<'d>(
        &self,
        session: &Session,
        found: Vec<(Reading, &'d Dn)>,
        hits: &Hits,
        query: &ListQuery,
    ) -> Result<Vec<(Reading, &'d Dn)>, Error> {
        let Some(filter) = &query.filter else { return Ok(found) };
        let (readings, dns): (Vec<Reading>, Vec<&Dn>) = found.into_iter().unzip();
        let resources = self.complete(session, &readings).await?.into_iter().zip(&dns);
        let matches = |(mut resource, dn): (Resource, &&Dn)| {
            if let Some(members) = hits.members.get(&dn.key()) {
                let members: Vec<Json> = members.iter().map(|id| json!({ "value": id })).collect();
                resource.set(None, MEMBERS, Json::Array(members));
            }
            filter.matches(&self.site.mapping.resource_type, &resource)
        };
        let matching: Vec<bool> = resources.map(matches).collect();
        let found = readings.into_iter().zip(dns).zip(matching);
        Ok(found.filter(|(_, matches)| *matches).map(|(found, _)| found).collect())
    }

    /// Whether the answer shows members: only then are they read.
    fn wants_members(&self, projection: &Projection) -> bool {
        let mapping = self.site.mapping;
        mapping.members.is_some() && projection.wants(&mapping.resource_type, None, MEMBERS)
    }

    /// Reads an entry. One without an id must not look like one that is gone: the client would make it again.
    fn read(&self, entry: &Entry) -> Result<Reading, Error> {
        let reading = self.site.mapping.read(entry);
        match reading.resource.id() {
            Some(_) => Ok(reading),
            None => Err(Error::Unidentified { attr: self.site.mapping.profile.id_attr, dn: entry.dn.clone() }),
        }
    }

    /// Puts ids in place of DNs; asks the directory for them, each once.
    async fn complete(&self, session: &Session, readings: &[Reading]) -> Result<Vec<Resource>, Error> {
        let references: Vec<(Referee, Dn)> = readings.iter().flat_map(|reading| reading.references.clone()).collect();
        let mut facts = Facts::default();
        answer(session, &mut facts, plan::ask_for_ids(&self.site, &references)).await?;
        let ids = plan::known_ids(&self.site, &references, &facts);
        Ok(readings.iter().map(|reading| self.site.mapping.complete(&reading.resource, &ids)).collect())
    }

    /// What of the resource is shown, with its URL.
    fn show(&self, mut resource: Resource, projection: &Projection) -> Resource {
        let mut meta = resource.get(None, "meta").cloned().unwrap_or_else(|| json!({}));
        if let Json::Object(meta) = &mut meta {
            meta.insert("location".to_owned(), Json::String(self.location(&resource)));
        }
        resource.set(None, "meta", meta);
        projection.apply(&self.site.mapping.resource_type, resource)
    }

    fn location(&self, resource: &Resource) -> String {
        let endpoint = &self.site.mapping.resource_type.endpoint;
        format!("{}{endpoint}/{}", self.ctx.base_url, resource.id().unwrap_or_default())
    }
}

/// An answer without a resource.
pub(super) fn nothing() -> Reply {
    Reply { status: 204, body: None, location: None }
}

/// The order of lists: by creation, then by id, so that pages fit together.
fn order(resource: &Resource) -> (String, String) {
    let created = resource.get(None, "meta").and_then(|meta| meta.get("created")).and_then(Json::as_str);
    (created.unwrap_or_default().to_owned(), resource.id().unwrap_or_default().to_owned())
}
