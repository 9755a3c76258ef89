//! The users and groups of this machine, as `/etc/passwd` and `/etc/group` list them.

use std::fs;

use rustix::process::geteuid;

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) group_id: u32,
    pub(crate) home: String,
}

/// What the two files said when they were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    users: Vec<User>,
    groups: Vec<(String, u32)>,
}

impl Accounts {
    /// Reads both files. One that cannot be read lists nobody.
    pub(crate) fn load() -> Self {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let groups = fs::read_to_string("/etc/group").unwrap_or_default();
        Self::parse(&users, &groups)
    }

    fn parse(users: &str, groups: &str) -> Self {
        Self {
            users: users.lines().filter_map(parse_user).collect(),
            groups: groups.lines().filter_map(parse_group).collect(),
        }
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub(crate) fn group_id(&self, name: &str) -> Option<u32> {
        self.groups.iter().find_map(|(group, id)| (group == name).then_some(*id))
    }

    /// Returns the user that this process runs as.
    pub(crate) fn own(&self) -> Option<&User> {
        let own = geteuid().as_raw();
        self.users.iter().find(|user| user.id == own)
    }
}

/// Whether this process may act for other users.
pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

fn parse_user(line: &str) -> Option<User> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let id = fields.nth(1)?.parse().ok()?;
    let group_id = fields.next()?.parse().ok()?;
    let home = fields.nth(1)?.to_owned();
    Some(User { name, id, group_id, home })
}

fn parse_group(line: &str) -> Option<(String, u32)> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    Some((name, fields.nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Accounts, User};

    #[test]
    fn users_and_groups_are_found_by_name_and_broken_lines_are_passed_over() {
        let accounts = Accounts::parse(
            "root:x:0:0:root:/root:/bin/sh\nbroken\nweb:x:33:34:w:/var/www:/bin/false\n",
            "root:x:0:\nadm:x:4:web\nbroken",
        );
        let web =
            User { name: "web".to_owned(), id: 33, group_id: 34, home: "/var/www".to_owned() };
        assert_eq!(accounts.user("web"), Some(&web));
        assert_eq!(accounts.user("broken"), None);
        assert_eq!(accounts.group_id("adm"), Some(4));
        assert_eq!(accounts.group_id("nobody"), None);
    }
}
