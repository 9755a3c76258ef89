//! The user that commands run as.

use std::fs;
use std::path::Path;

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: String,
}

/// Returns the user that a phase's `run-as` asks for, or why its commands cannot run as that user.
/// `None` is the user we are already.
pub(crate) fn run_as(name: &str) -> Result<Option<User>, String> {
    let table = fs::read_to_string(Path::new("/etc/passwd")).map_err(|error| {
        format!("`run-as: {name}` needs the list of users in /etc/passwd: {error}")
    })?;
    find(&table, name, rustix::process::geteuid().as_raw())
}

fn find(table: &str, name: &str, own: u32) -> Result<Option<User>, String> {
    let user = table.lines().find_map(|line| parse(line).filter(|user| user.name == name));
    match user {
        Some(user) if user.uid == own => Ok(None),
        Some(_) | None if own != 0 => Err(format!(
            "`run-as: {name}` needs root: only root can run commands as somebody else; \
             run as root, or take `run-as` out of the buildspec"
        )),
        Some(user) => Ok(Some(user)),
        None => Err(format!("`run-as: {name}` names no user of this machine; create that user")),
    }
}

fn parse(line: &str) -> Option<User> {
    let fields: Vec<_> = line.split(':').collect();
    let [name, _, uid, gid, _, home, ..] = fields[..] else { return None };
    let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
    Some(User { name: name.to_owned(), uid, gid, home: home.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1001::/home/ada:/bin/sh\nbad\n";

    #[test]
    fn only_root_may_run_as_somebody_else() {
        assert_eq!(find(TABLE, "root", 0), Ok(None));
        assert_eq!(find(TABLE, "ada", 1000), Ok(None));
        let ada = find(TABLE, "ada", 0).unwrap().unwrap();
        assert_eq!((ada.uid, ada.gid, ada.home.as_str()), (1000, 1001, "/home/ada"));
        assert!(find(TABLE, "root", 1000).unwrap_err().contains("needs root"));
        assert!(find(TABLE, "nobody", 1000).unwrap_err().contains("needs root"));
        assert!(find(TABLE, "nobody", 0).unwrap_err().contains("names no user"));
    }
}
