//! Which permissions apply to which of the files and directories that are installed.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::Fault;
use crate::host::Host;
use crate::{ObjectType, Permission, ServerSpec};

/// What is changed about one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: String,
    pub(super) mode: Option<u32>,
    pub(super) owner: Option<String>,
    pub(super) group: Option<String>,
}

/// Matches as the agent does: an object that is a copied file is that file; an object that is a
/// directory is what was installed below it, not the directory itself.
pub(super) fn plan(
    host: &Host,
    spec: &ServerSpec,
    files: &BTreeMap<String, String>,
    directories: &BTreeSet<String>,
) -> Result<Vec<Change>, Fault> {
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for permission in &spec.permissions {
        let object = &permission.object;
        let mut paths = Vec::new();
        if files.contains_key(object) {
            if permission.types.contains(&ObjectType::File) {
                check_file(permission, object)?;
                paths.push(object.clone());
            }
        } else if directories.contains(object) || host.has_directory(object)? {
            if permission.types.contains(&ObjectType::File) {
                paths
                    .extend(files.keys().filter(|path| matches(permission, object, path)).cloned());
            }
            if permission.types.contains(&ObjectType::Directory) {
                paths.extend(
                    directories.iter().filter(|path| matches(permission, object, path)).cloned(),
                );
            }
        }
        for path in paths {
            if !seen.insert(path.clone()) {
                return Err(Fault::new(format!(
                    "the permissions of /{path} are given more than once; narrow the `pattern`, \
                     or add an `except`"
                )));
            }
            changes.push(Change {
                path,
                mode: permission.mode,
                owner: permission.owner.clone(),
                group: permission.group.clone(),
            });
        }
    }
    Ok(changes)
}

fn check_file(permission: &Permission, object: &str) -> Result<(), Fault> {
    if permission.pattern != "**" || !permission.except.is_empty() {
        return Err(Fault::new(format!(
            "the permission for /{object} has a `pattern` or an `except`, and the object is a \
             file; remove them, or name the directory"
        )));
    }
    Ok(())
}

fn matches(permission: &Permission, object: &str, path: &str) -> bool {
    let below = if object.is_empty() {
        Some(path)
    } else {
        path.strip_prefix(object).and_then(|rest| rest.strip_prefix('/'))
    };
    let Some(below) = below else { return false };
    let is_meant = permission.pattern == "**" || matches_name(below, &permission.pattern);
    is_meant && !permission.except.iter().any(|pattern| matches_name(below, pattern))
}

/// Whether a name right below the object fits the pattern, in which `*` stands for any characters.
fn matches_name(name: &str, pattern: &str) -> bool {
    if name.contains('/') {
        return false;
    }
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches_name;

    #[test]
    fn a_star_stands_for_any_characters_and_only_of_one_name() {
        let cases = [
            ("a.sh", "*.sh", true),
            ("a.sh", "*", true),
            ("a.sh", "a.sh", true),
            ("a.sh", "a", false),
            ("a.sh.bak", "*.sh", false),
            ("dir/a.sh", "*.sh", false),
            ("aba", "a*a", true),
            ("a", "a*a", false),
            ("my-folder-2", "*my-folder*", true),
            ("xayaz", "x*a*z", true),
            ("", "*", true),
        ];
        for (name, pattern, expected) in cases {
            assert_eq!(matches_name(name, pattern), expected, "{name} against {pattern}");
        }
    }
}
