//! The source: users and groups as a Microsoft Entra tenant holds them.

use super::group::Group;
use super::user::User;
use indexmap::IndexMap;

/// The users and groups in scope of one enterprise application, and those that were deleted.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    users: IndexMap<String, User>,
    groups: IndexMap<String, Group>,
    deleted: Vec<String>,
}

impl Tenant {
    /// A tenant with these users.
    pub fn new(users: impl IntoIterator<Item = User>) -> Tenant {
        let users = users.into_iter().map(|user| (user.object_id.clone(), user)).collect();
        Tenant { users, ..Tenant::default() }
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
        self.deleted.retain(|id| *id != user.object_id);
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

    /// Deletes a user for good, as 30 days after its soft delete; no group has it as a member any more.
    pub fn purge(&mut self, user_principal_name: &str) {
        if let Some(id) = self.find(user_principal_name).map(|user| user.object_id.clone()) {
            self.users.shift_remove(&id);
            self.delete(id);
        }
    }

    /// The groups, in the order in which they were added.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// A group by name.
    pub fn find_group(&self, display_name: &str) -> Option<&Group> {
        self.groups().find(|group| group.display_name == display_name)
    }

    /// Adds a group, or takes one up again that was deleted.
    pub fn add_group(&mut self, group: Group) {
        self.deleted.retain(|id| *id != group.object_id);
        self.groups.insert(group.object_id.clone(), group);
    }

    /// Changes the group with this name; nothing happens when there is none.
    pub fn change_group(&mut self, display_name: &str, change: impl FnOnce(&mut Group)) {
        let id = self.find_group(display_name).map(|group| group.object_id.clone());
        if let Some(group) = id.and_then(|id| self.groups.get_mut(&id)) {
            change(group);
        }
    }

    /// Makes a user or a group, by name, a member of a group.
    pub fn add_member(&mut self, group: &str, member: &str) {
        if let Some(id) = self.object_id(member) {
            self.change_group(group, |group| {
                group.members.insert(id);
            });
        }
    }

    /// Takes a user or a group, by name, out of a group.
    pub fn remove_member(&mut self, group: &str, member: &str) {
        if let Some(id) = self.object_id(member) {
            self.change_group(group, |group| {
                group.members.shift_remove(&id);
            });
        }
    }

    /// Deletes or unassigns a group; no other group has it as a member any more.
    pub fn delete_group(&mut self, display_name: &str) {
        if let Some(id) = self.find_group(display_name).map(|group| group.object_id.clone()) {
            self.groups.shift_remove(&id);
            self.delete(id);
        }
    }

    /// The object ids of users and groups that were deleted.
    pub(super) fn deleted(&self) -> &[String] {
        &self.deleted
    }

    /// The object id of a user, else of a group, with this name.
    fn object_id(&self, name: &str) -> Option<String> {
        let user = self.find(name).map(|user| &user.object_id);
        user.or_else(|| self.find_group(name).map(|group| &group.object_id)).cloned()
    }

    /// Notes that an object is gone, and takes it out of every group.
    fn delete(&mut self, object_id: String) {
        for group in self.groups.values_mut() {
            group.members.shift_remove(&object_id);
        }
        self.deleted.push(object_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_leaves_its_groups_and_may_come_back() {
        let mut tenant = Tenant::new([User::new("jo@x"), User::new("zoe@x")]);
        tenant.add_group(Group::new("Team"));
        tenant.add_group(Group::new("All"));
        for (group, member) in [("Team", "jo@x"), ("Team", "zoe@x"), ("All", "Team"), ("All", "nobody")] {
            tenant.add_member(group, member);
        }
        let members = |tenant: &Tenant, group: &str| tenant.find_group(group).unwrap().members.len();
        assert_eq!((members(&tenant, "Team"), members(&tenant, "All")), (2, 1));
        tenant.remove_member("Team", "zoe@x");
        tenant.purge("jo@x");
        let team = tenant.find_group("Team").unwrap().clone();
        tenant.delete_group("Team");
        assert_eq!((team.members.len(), members(&tenant, "All"), tenant.deleted().len()), (0, 0, 2));
        tenant.add_group(team.clone());
        assert!(!tenant.deleted().contains(&team.object_id));
    }
}
