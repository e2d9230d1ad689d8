//! The source: users as a Microsoft Entra tenant holds them.

use indexmap::IndexMap;

/// A user of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The object id, a GUID.
    pub object_id: String,
    /// Text attributes by their Entra names, such as `userPrincipalName` and `jobTitle`; `""` is no value.
    attributes: IndexMap<String, String>,
    /// Whether the account is enabled and in scope: both arrive as `active`.
    pub enabled: bool,
    /// The manager's object id.
    pub manager: Option<String>,
}

impl User {
    /// An enabled user with a fresh object id.
    pub fn new(user_principal_name: &str) -> User {
        let attributes = IndexMap::from([("userPrincipalName".to_owned(), user_principal_name.to_owned())]);
        User { object_id: uuid::Uuid::new_v4().to_string(), attributes, enabled: true, manager: None }
    }

    /// The same user with one more attribute.
    pub fn with(mut self, attribute: &str, value: &str) -> User {
        self.set(attribute, value);
        self
    }

    /// Sets an attribute; `""` empties it.
    pub fn set(&mut self, attribute: &str, value: &str) {
        self.attributes.insert(attribute.to_owned(), value.to_owned());
    }

    /// An attribute's value, if it has one.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The users in scope of one enterprise application, and those that were purged since the last cycle.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    users: IndexMap<String, User>,
    purged: Vec<String>,
}

impl Tenant {
    /// A tenant with these users.
    pub fn new(users: impl IntoIterator<Item = User>) -> Tenant {
        let users = users.into_iter().map(|user| (user.object_id.clone(), user)).collect();
        Tenant { users, purged: Vec::new() }
    }

    /// The users, in the order in which they were added.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// A user by name.
    pub fn find(&self, user_principal_name: &str) -> Option<&User> {
        self.users().find(|user| user.get("userPrincipalName") == Some(user_principal_name))
    }

    /// Adds a user.
    pub fn add(&mut self, user: User) {
        self.users.insert(user.object_id.clone(), user);
    }

    /// Changes the user with this name; nothing happens when there is none.
    pub fn change(&mut self, user_principal_name: &str, change: impl FnOnce(&mut User)) {
        let id = self.find(user_principal_name).map(|user| user.object_id.clone());
        if let Some(user) = id.and_then(|id| self.users.get_mut(&id)) {
            change(user);
        }
    }

    /// Makes one user the manager of another.
    pub fn set_manager(&mut self, of: &str, manager: Option<&str>) {
        let id = manager.and_then(|name| self.find(name)).map(|user| user.object_id.clone());
        self.change(of, |user| user.manager = id);
    }

    /// Deletes a user for good, as 30 days after its soft delete.
    pub fn purge(&mut self, user_principal_name: &str) {
        if let Some(id) = self.find(user_principal_name).map(|user| user.object_id.clone()) {
            self.users.shift_remove(&id);
            self.purged.push(id);
        }
    }

    /// The object ids of users that were deleted for good.
    pub(super) fn purged(&self) -> &[String] {
        &self.purged
    }
}

/// Users that between them have every attribute of the default mapping, and spellings that go wrong easily.
pub fn sample(domain: &str) -> Tenant {
    let complete = User::new(&format!("jo.doe@{domain}"))
        .with("mailNickname", "jo.doe")
        .with("displayName", "Jo Doe")
        .with("givenName", "Jo")
        .with("surname", "Doe")
        .with("jobTitle", "Engineer")
        .with("mail", &format!("Jo.Doe@{domain}"))
        .with("preferredLanguage", "en-GB")
        .with("physicalDeliveryOfficeName", "Main st 1, room 7")
        .with("streetAddress", "Main st 1")
        .with("city", "Utrecht")
        .with("state", "Utrecht (province)")
        .with("postalCode", "3511 AA")
        .with("country", "the Netherlands")
        .with("telephoneNumber", "+31 30 123-4567")
        .with("mobile", "+31 6 1234 5678")
        .with("facsimileTelephoneNumber", "+31 30 765 4321")
        .with("employeeId", "000007")
        .with("department", "Research & Development");
    // a cloud-only account: no mail, no names
    let sparse = User::new(&format!("svc-scan@{domain}")).with("displayName", "svc-scan").with("mailNickname", "svc");
    let foreign = User::new(&format!("zoe.muller@{domain}"))
        .with("mailNickname", "zoë")
        .with("displayName", "Zoë Müller, 𝒟𝓇. “陳大文” ")
        .with("givenName", "Zoë")
        .with("surname", "O'Müller+Šmíd <x>; \"#\\=\"")
        .with("mail", &format!("zoe@{domain}"))
        .with("department", " leading and trailing ");
    Tenant::new([complete, sparse, foreign])
}
