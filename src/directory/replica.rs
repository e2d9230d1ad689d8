//! Whether one replica has what another one had: by contextCSN, where both offer it (OpenLDAP's syncrepl).

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::conn::Ask;
use super::server::Server;
use crate::ldap::{AttrType, Dn, Filter, Query, Value};

/// The newest change of each provider, by its server id.
type Vector = BTreeMap<String, String>;

/// Whether the server that is behind has every change that the one ahead has. Where one of them does not say, it is
/// taken to have.
pub(super) async fn has_caught_up(behind: &Arc<Server>, ahead: &Arc<Server>) -> bool {
    let Some(conn) = ahead.open_one() else {
        return true;
    };
    for context in conn.capabilities().naming_contexts() {
        let wanted = vector(ahead, &context).await;
        let present = vector(behind, &context).await;
        if let (Some(wanted), Some(present)) = (wanted, present)
            && !covers(&present, &wanted)
        {
            return false;
        }
    }
    true
}

/// What a server says about a naming context; nothing when it does not say.
async fn vector(server: &Arc<Server>, context: &Dn) -> Option<Vector> {
    let attr = AttrType::known("contextCSN");
    let query = Query::entry(context.clone(), Filter::Present(AttrType::known("objectClass")), vec![attr.clone()]);
    let conn = server.open_one()?;
    let deadline = Instant::now() + server.settings.probe_timeout;
    let found = conn.search(&Ask::new(&query, &server.settings), deadline).await.ok()?;
    let vector: Vector = found.entries.first()?.get(&attr).iter().filter_map(Value::as_str).filter_map(parse).collect();
    (!vector.is_empty()).then_some(vector)
}

/// The server id and the whole of `20261122101010.123456Z#000000#001#000000`.
fn parse(csn: &str) -> Option<(String, String)> {
    let mut parts = csn.split('#').skip(2);
    Some((parts.next()?.to_owned(), csn.to_owned()))
}

/// Whether no provider's newest change is missing. Those of one provider compare as text.
fn covers(present: &Vector, wanted: &Vector) -> bool {
    wanted.iter().all(|(provider, csn)| present.get(provider).is_some_and(|has| has >= csn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(csns: &[&str]) -> Vector {
        csns.iter().filter_map(|csn| parse(csn)).collect()
    }

    #[test]
    fn every_provider_counts() {
        let old = "20261122101010.000001Z#000000#001#000000";
        let new = "20261122101010.000002Z#000000#001#000000";
        let other = "20261122101009.000000Z#000000#002#000000";
        assert!(covers(&vector(&[new, other]), &vector(&[old, other])));
        assert!(!covers(&vector(&[old]), &vector(&[new])));
        assert!(!covers(&vector(&[new]), &vector(&[other])));
        assert!(covers(&vector(&[new]), &vector(&["nonsense"])));
    }
}
