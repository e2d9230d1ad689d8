//! From entries to the body of the answer: read, references resolved, projected, with its URL.

use serde_json::{Value as Json, json};

use super::run::answer;
use super::{Context, Error, Reply};
use crate::directory::Session;
use crate::ldap::{Entry, Facts};
use crate::mapping::Reading;
use crate::plan::{self, Site};
use crate::scim::{ListQuery, Projection, Resource, list_response};

/// The answer that shows one resource.
pub(super) async fn one(
    ctx: &Context,
    site: &Site<'_>,
    session: &Session,
    entry: &Entry,
    projection: &Projection,
    status: u16,
) -> Result<Reply, Error> {
    let reading = read(site, entry)?;
    let resource = complete(site, session, std::slice::from_ref(&reading)).await?.remove(0);
    let location = location(ctx, site, &resource);
    Ok(Reply { status, body: Some(show(ctx, site, resource, projection)), location: Some(location) })
}

/// The answer that shows those of `entries` that match the query's filter, one page of them.
pub(super) async fn many(
    ctx: &Context,
    site: &Site<'_>,
    session: &Session,
    entries: &[Entry],
    query: &ListQuery,
    most: u64,
) -> Result<Reply, Error> {
    let mut readings: Vec<Reading> = entries.iter().map(|entry| read(site, entry)).collect::<Result<_, _>>()?;
    readings.sort_by_cached_key(|reading| order(&reading.resource));
    if let Some(filter) = &query.filter {
        let resources = complete(site, session, &readings).await?;
        let hits = resources.iter().map(|r| filter.matches(&site.mapping.resource_type, r));
        let hits: Vec<bool> = hits.collect();
        let mut hits = hits.into_iter();
        readings.retain(|_| hits.next().unwrap_or(false));
    }
    let total = readings.len() as u64;
    let skip = usize::try_from(query.start_index.saturating_sub(1)).unwrap_or(usize::MAX);
    let count = usize::try_from(query.count.unwrap_or(most).min(most)).unwrap_or(usize::MAX);
    let page: Vec<Reading> = readings.into_iter().skip(skip).take(count).collect();
    let resources = complete(site, session, &page).await?;
    let shown = resources.into_iter().map(|r| show(ctx, site, r, &query.projection)).collect();
    Ok(Reply { status: 200, body: Some(list_response(total, query.start_index, shown)), location: None })
}

/// Reads an entry. One without an id must not look like one that is gone: the client would make it again.
fn read(site: &Site<'_>, entry: &Entry) -> Result<Reading, Error> {
    let reading = site.mapping.read(entry);
    match reading.resource.id() {
        Some(_) => Ok(reading),
        None => Err(Error::Unidentified { attr: site.mapping.profile.id_attr, dn: entry.dn.clone() }),
    }
}

/// An answer without a resource.
pub(super) fn nothing() -> Reply {
    Reply { status: 204, body: None, location: None }
}

/// Puts ids in place of DNs; asks the directory for them, each once.
async fn complete(site: &Site<'_>, session: &Session, readings: &[Reading]) -> Result<Vec<Resource>, Error> {
    let mut facts = Facts::default();
    answer(session, &mut facts, plan::ask_for_ids(site, readings)).await?;
    let ids = plan::known_ids(site, readings, &facts);
    Ok(readings.iter().map(|reading| site.mapping.complete(&reading.resource, &ids)).collect())
}

fn show(ctx: &Context, site: &Site<'_>, mut resource: Resource, projection: &Projection) -> Json {
    let mut meta = resource.get(None, "meta").cloned().unwrap_or_else(|| json!({}));
    if let Json::Object(meta) = &mut meta {
        meta.insert("location".to_owned(), Json::String(location(ctx, site, &resource)));
    }
    resource.set(None, "meta", meta);
    Json::Object(projection.apply(&site.mapping.resource_type, resource).into_map())
}

fn location(ctx: &Context, site: &Site<'_>, resource: &Resource) -> String {
    format!("{}{}/{}", ctx.base_url, site.mapping.resource_type.endpoint, resource.id().unwrap_or_default())
}

/// The order of lists: by creation, then by id, so that pages fit together.
fn order(resource: &Resource) -> (String, String) {
    let created = resource.get(None, "meta").and_then(|meta| meta.get("created")).and_then(Json::as_str);
    (created.unwrap_or_default().to_owned(), resource.id().unwrap_or_default().to_owned())
}
