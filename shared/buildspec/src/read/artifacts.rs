//! The `artifacts` section.

use super::reader::Reader;
use crate::specification::{ArtifactSet, Buildspec, Paths, Symlinks};
use crate::yaml::Node;

pub(super) fn read(reader: &mut Reader, node: &Node, buildspec: &mut Buildspec) {
    let set = read_set(reader, "artifacts", node);
    for (key, node) in reader.mapping("artifacts", node) {
        if key != "secondary-artifacts" {
            continue;
        }
        for (name, node) in reader.mapping("artifacts.secondary-artifacts", node) {
            let path = format!("artifacts.secondary-artifacts.{name}");
            if let Some(set) = read_set(reader, &path, node) {
                buildspec.secondary_artifacts.insert(name.clone(), set);
            } else {
                reader.refuse(format!("{path}.files"), "it is missing", "list the files to pack");
            }
        }
    }
    // CodeBuild takes a primary section without files when there are secondary ones.
    if set.is_none() && buildspec.secondary_artifacts.is_empty() && *node != Node::Null {
        reader.refuse("artifacts.files", "it is missing", "list the files to pack");
    }
    buildspec.artifacts = set;
}

/// Reads one definition of an artifact; without `files` there is none.
fn read_set(reader: &mut Reader, path: &str, node: &Node) -> Option<ArtifactSet> {
    let mut set = ArtifactSet::default();
    let mut has_files = false;
    for (key, node) in reader.mapping(path, node) {
        let path = format!("{path}.{key}");
        match key.as_str() {
            "files" => {
                set.files = reader.list(&path, node);
                has_files = true;
            }
            "base-directory" => set.base_directory = reader.scalar(&path, node),
            "exclude-paths" => set.exclude_paths = reader.list(&path, node),
            "discard-paths" if reader.yes(&path, node) => set.discard_paths = Paths::Discarded,
            "enable-symlinks" if reader.yes(&path, node) => set.symlinks = Symlinks::Preserved,
            "discard-paths" | "enable-symlinks" => {}
            "name" | "s3-prefix" => {
                reader.note(&path, "ignored: the pipeline decides where an artifact is kept");
            }
            "secondary-artifacts" if path == "artifacts.secondary-artifacts" => {}
            _ => reader.unknown(&path),
        }
    }
    has_files.then_some(set)
}
