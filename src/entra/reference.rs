//! The reference pass: managers, after both ends exist.

use super::check;
use super::job::Job;
use super::report::Report;
use super::target::ENTERPRISE;
use super::user::User;
use serde_json::Value;

impl Job {
    /// Sends a user's manager when it differs; a manager that is not linked is not sent.
    pub(super) async fn refer(&self, user: &User, report: &mut Report) {
        let Some(id) = self.link(user).map(str::to_owned).filter(|_| self.mapping.manager) else { return };
        let before = self.done.get(&user.object_id).and_then(|user| user.manager.as_ref());
        let wanted = user.manager.as_ref().and_then(|manager| self.link_of(manager)).map(str::to_owned);
        if wanted.is_none() && (before.is_none() || user.manager.is_some()) {
            return;
        }
        let Some(resource) = self.last_read(&id, report) else { return };
        let has = resource[ENTERPRISE]["manager"]["value"].as_str();
        if has == wanted.as_deref() {
            return;
        }
        let body = match &wanted {
            Some(manager) => self.dialect.set_manager(self.manager_shape, manager, self.client.base(), has.is_some()),
            None => self.dialect.remove_manager(self.manager_removal),
        };
        self.send_manager(user, &id, body, wanted.as_deref(), report).await;
    }

    /// Sends one PATCH of a manager, and checks what is read back.
    async fn send_manager(&self, user: &User, id: &str, body: Value, wanted: Option<&str>, report: &mut Report) {
        let name = user.get("userPrincipalName").unwrap_or_default();
        let why = format!("manager of {name}");
        let read = self.patch(user, id, self.dialect, body, &why, report).await;
        if let (Some(read), Some(exchange)) = (read, report.exchanges.last_mut()) {
            check::manager(exchange, &read, wanted);
        }
    }

    /// The resource as this cycle read it last.
    fn last_read(&self, id: &str, report: &Report) -> Option<Value> {
        report.exchanges.iter().rev().find_map(|exchange| {
            let body = exchange.body();
            let listed = body["Resources"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found = if exchange.id() == Some(id) { Some(body) } else { Job::pick(listed, id) };
            found.cloned()
        })
    }
}
