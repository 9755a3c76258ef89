//! Copies of revisions, and the copying of files in general.

use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::fs::{Dir, MetadataExt, OpenOptions, Permissions, PermissionsExt};

use super::record::sync;
use crate::fault::{Doing, Fault};

/// Copies the revision to `name`. It appears there complete or not at all.
pub(super) fn keep(revisions: &Dir, name: &str, bundle: &Dir) -> Result<(), Fault> {
    if revisions.symlink_metadata(name).is_ok() {
        // A deployment id belongs to one revision for ever, so this is a run that was cut short.
        return Ok(());
    }
    // No id is encoded to a name with `%p` in it.
    let part = format!("%part.{name}");
    let doing = || "keep a copy of the revision".to_owned();
    if revisions.symlink_metadata(&part).is_ok() {
        revisions.remove_dir_all(&part).doing(doing)?;
    }
    revisions.create_dir(&part).doing(doing)?;
    let target = revisions.open_dir(&part).doing(doing)?;
    copy_directory(bundle, &target, Path::new(""))?;
    revisions.rename(&part, revisions, name).doing(doing)?;
    sync(revisions).doing(doing)
}

fn copy_directory(bundle: &Dir, target: &Dir, inside: &Path) -> Result<(), Fault> {
    let doing = || format!("read the revision's directory /{}", inside.display());
    let here = if inside.as_os_str().is_empty() { Path::new(".") } else { inside };
    for entry in bundle.read_dir(here).doing(doing)? {
        let entry = entry.doing(doing)?;
        let path = inside.join(entry.file_name());
        if path.to_str().is_none() {
            let message = format!(
                "the revision's file {} has a name that is not UTF-8; rename it",
                path.display()
            );
            return Err(Fault::new(message));
        }
        if entry.file_type().doing(doing)?.is_dir() {
            let doing = || format!("copy the revision's directory {}", path.display());
            target.create_dir(&path).doing(doing)?;
            copy_directory(bundle, target, &path)?;
        } else {
            let copy = copy_file(bundle, &path, target, &path)?;
            if let Some(copy) = copy {
                copy.sync_all().doing(|| format!("write the copy of {}", path.display()))?;
            }
        }
    }
    sync(&target.open_dir(here).doing(doing)?).doing(doing)
}

/// Copies a file with its mode and time, or a link as a link; `None` for a link.
pub(crate) fn copy_file(
    from: &Dir,
    source: &Path,
    to: &Dir,
    target: &Path,
) -> Result<Option<cap_std::fs::File>, Fault> {
    let doing = || format!("copy {} to {}", source.display(), target.display());
    let metadata = from.symlink_metadata(source).doing(doing)?;
    if metadata.is_symlink() {
        let content = from.read_link_contents(source).doing(doing)?;
        check_link(from, source, &content, "the revision")?;
        to.symlink_contents(content, target).doing(doing)?;
        return Ok(None);
    }
    if !metadata.is_file() {
        let message = format!(
            "{} in the revision is neither a file, a directory nor a link; remove it",
            source.display()
        );
        return Err(Fault::new(message));
    }
    let mut reader = from.open(source).doing(doing)?.into_std();
    let mut options = OpenOptions::new();
    // A new file, so that nothing is ever written through a link that somebody left there.
    options.write(true).create_new(true);
    let mut writer = to.open_with(target, &options).doing(doing)?.into_std();
    io::copy(&mut reader, &mut writer).doing(doing)?;
    let times = std::fs::FileTimes::new();
    if let Ok(modified) = reader.metadata().and_then(|metadata| metadata.modified()) {
        writer.set_times(times.set_modified(modified)).doing(doing)?;
    }
    let writer = cap_std::fs::File::from_std(writer);
    writer.set_permissions(Permissions::from_mode(metadata.mode() & 0o7777)).doing(doing)?;
    Ok(Some(writer))
}

/// Refuses a link that leads out of the tree, by its words or by what it leads through.
pub(crate) fn check_link(
    tree: &Dir,
    link: &Path,
    content: &Path,
    name_of_tree: &str,
) -> Result<(), Fault> {
    let escapes_in_words = climbs_out(link, content);
    let escapes_in_fact =
        tree.metadata(link).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
    if escapes_in_words || escapes_in_fact {
        let message = format!(
            "the symbolic link {} leads to {}, out of {name_of_tree}; make it relative and keep \
             it inside",
            link.display(),
            content.display()
        );
        return Err(Fault::new(message));
    }
    Ok(())
}

fn climbs_out(link: &Path, content: &Path) -> bool {
    let mut place: PathBuf = link.parent().unwrap_or(Path::new("")).to_owned();
    for component in content.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => return true,
            Component::CurDir => {}
            Component::ParentDir => {
                if !place.pop() {
                    return true;
                }
            }
            Component::Normal(name) => place.push(name),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::climbs_out;
    use std::path::Path;

    #[test]
    fn a_link_may_climb_to_the_root_and_no_further() {
        let cases = [
            ("link", "file", false),
            ("link", "../file", true),
            ("a/link", "../file", false),
            ("a/link", "../../file", true),
            ("a/b/link", "../../c/./d", false),
            ("link", "a/../../file", true),
            ("link", "/etc/passwd", true),
        ];
        for (link, content, expected) in cases {
            assert_eq!(climbs_out(Path::new(link), Path::new(content)), expected, "{link}");
        }
    }
}
