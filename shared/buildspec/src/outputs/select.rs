//! Which files go into an artifact.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::log::Log;
use crate::specification::{ArtifactSet, Paths, Symlinks};

/// Returns the files of an artifact, by their name in the archive.
///
/// A pattern that matches nothing is said in the log; only when none matches is there no artifact.
pub(super) fn select(
    set: &ArtifactSet,
    source_directory: &Path,
    log: &mut Log,
) -> Result<BTreeMap<String, PathBuf>, String> {
    let excluded = excluded(&set.exclude_paths)?;
    let mut files = BTreeMap::new();
    for base in base_directories(set.base_directory.as_deref(), source_directory)? {
        for pattern in &set.files {
            let found = matches(&base, pattern, set.symlinks, log)?;
            if found.is_empty() {
                log.line(&format!("Note: `{pattern}` matches no file{}", hint(&base, pattern)));
            }
            for (name, path) in found {
                if !excluded.is_match(&name) {
                    insert(&mut files, set.discard_paths, name, path, log)?;
                }
            }
        }
    }
    if files.is_empty() {
        let patterns: Vec<_> = set.files.iter().map(|pattern| format!("`{pattern}`")).collect();
        return Err(format!(
            "no matching artifact paths found: {} of the buildspec's `files` name no file, \
             or `exclude-paths` leaves none; check them against what the build has made",
            patterns.join(", ")
        ));
    }
    Ok(files)
}

fn insert(
    files: &mut BTreeMap<String, PathBuf>,
    paths: Paths,
    name: PathBuf,
    path: PathBuf,
    log: &mut Log,
) -> Result<(), String> {
    let name = match paths {
        Paths::Kept => name,
        Paths::Discarded => name.file_name().map(PathBuf::from).unwrap_or(name),
    };
    let name = name
        .to_str()
        .ok_or_else(|| format!("the name of {} is not Unicode; rename the file", path.display()))?;
    let is_other = files.get(name).is_some_and(|before| *before != path);
    if is_other {
        log.line(&format!("Note: two files are called {name}; the later one is packed"));
    }
    files.insert(name.to_owned(), path);
    Ok(())
}

/// Returns why a pattern may have matched nothing.
fn hint(base: &Path, pattern: &str) -> String {
    let plain = pattern.trim_end_matches('/');
    if base.join(plain).is_dir() {
        format!("; it is a directory, whose files are `{plain}/**/*`")
    } else {
        String::new()
    }
}

/// Returns the directories that patterns are relative to.
fn base_directories(pattern: Option<&str>, source: &Path) -> Result<Vec<PathBuf>, String> {
    let Some(pattern) = pattern.map(plain).filter(|pattern| !pattern.is_empty()) else {
        return Ok(vec![source.to_owned()]);
    };
    let whole = source.join(&pattern);
    if whole.is_dir() {
        return Ok(vec![whole]);
    }
    let mut found = Vec::new();
    if is_glob(&pattern) && !Path::new(&pattern).is_absolute() {
        let matcher = compile(&pattern)?;
        for entry in WalkDir::new(source).min_depth(1).follow_links(true).sort_by_file_name() {
            // What cannot be looked at is no directory to pack from.
            let Ok(entry) = entry else { continue };
            let relative = entry.path().strip_prefix(source).unwrap_or(entry.path());
            if entry.file_type().is_dir() && matcher.is_match(relative) {
                found.push(entry.into_path());
            }
        }
    }
    if found.is_empty() {
        return Err(format!(
            "no matching base directory path found for `{pattern}`; \
             `base-directory` must be a directory that the build has made"
        ));
    }
    Ok(found)
}

/// Returns the files below `base` that a pattern matches: their names relative to it, and their paths.
fn matches(
    base: &Path,
    pattern: &str,
    symlinks: Symlinks,
    log: &mut Log,
) -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let pattern = plain(pattern);
    if Path::new(&pattern).components().any(|part| part == Component::ParentDir) {
        return Err(format!(
            "`{pattern}` leaves the base directory; set `base-directory` to where the files are"
        ));
    }
    // An absolute path below the base is meant relative to it; any other keeps its directories.
    let relative = Path::new(&pattern).strip_prefix(base).ok().and_then(Path::to_str);
    let (base, pattern) = match (relative, pattern.strip_prefix('/')) {
        (Some(relative), _) => (base, relative),
        (None, Some(below_root)) => (Path::new("/"), below_root),
        (None, None) => (base, pattern.as_str()),
    };
    if pattern.is_empty() {
        return Ok(Vec::new());
    }
    // A name such as `[id].js` is first of all a name.
    if let Some(path) = file(&base.join(pattern), symlinks)? {
        return Ok(vec![(PathBuf::from(pattern), path)]);
    }
    if is_glob(pattern) { walk(base, pattern, symlinks, log) } else { Ok(Vec::new()) }
}

fn walk(
    base: &Path,
    pattern: &str,
    symlinks: Symlinks,
    log: &mut Log,
) -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let matcher = compile(pattern)?;
    let start = base.join(literal_start(pattern));
    if !start.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let follows = symlinks == Symlinks::Followed;
    for entry in WalkDir::new(&start).follow_links(follows).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_dead_link(&error) => {
                log.line(&format!("Note: left out of the artifact: {error}"));
                continue;
            }
            Err(error) => return Err(format!("failed to list the files: {error}")),
        };
        let name = entry.path().strip_prefix(base).unwrap_or(entry.path());
        if !matcher.is_match(name) {
            continue;
        }
        if let Some(path) = file(entry.path(), symlinks)? {
            found.push((name.to_owned(), path));
        }
    }
    Ok(found)
}

/// Returns whether a link leads nowhere or in a circle, which no artifact can hold as a file.
fn is_dead_link(error: &walkdir::Error) -> bool {
    let is_link =
        error.path().is_some_and(|path| path.symlink_metadata().is_ok_and(|it| it.is_symlink()));
    is_link || error.loop_ancestor().is_some()
}

/// Returns what to pack for a path, if it is a file or a link.
fn file(path: &Path, symlinks: Symlinks) -> Result<Option<PathBuf>, String> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(None) };
    if metadata.is_file() {
        return Ok(Some(path.to_owned()));
    }
    if !metadata.is_symlink() {
        return Ok(None);
    }
    match symlinks {
        Symlinks::Preserved => Ok(Some(path.to_owned())),
        Symlinks::Followed if path.is_file() => fs::canonicalize(path)
            .map(Some)
            .map_err(|error| format!("failed to follow the link {}: {error}", path.display())),
        Symlinks::Followed => Ok(None),
    }
}

/// Returns a pattern without `./` in front and `/` behind.
fn plain(pattern: &str) -> String {
    let mut rest = pattern.trim();
    while let Some(after) = rest.strip_prefix("./") {
        rest = after.trim_start_matches('/');
    }
    let rest = if rest == "." { "" } else { rest };
    if rest.len() > 1 { rest.trim_end_matches('/').to_owned() } else { rest.to_owned() }
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
}

/// Returns the directories that a pattern starts with, before its first wildcard.
fn literal_start(pattern: &str) -> PathBuf {
    let parts: Vec<_> = pattern.split('/').collect();
    let literal = parts.iter().take_while(|part| !is_glob(part)).count();
    parts[..literal.min(parts.len() - 1)].iter().collect()
}

fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    glob(pattern).map(|glob| glob.compile_matcher())
}

fn glob(pattern: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| format!("the pattern `{pattern}` cannot be used: {}", error.kind()))
}

fn excluded(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(glob(&plain(pattern))?);
    }
    set.build().map_err(|error| format!("`exclude-paths` cannot be used: {}", error.kind()))
}

#[cfg(test)]
mod tests;
