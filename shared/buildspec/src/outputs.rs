//! The archives that a build makes.

mod expand;
mod select;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use artifacts::archive::{self, Entry};

use crate::build::OutputRequest;
use crate::log::Log;
use crate::specification::{ArtifactSet, Buildspec};

/// An archive to make, and what goes in.
pub(crate) type Archive<'a> = (&'a OutputRequest, &'a ArtifactSet);

/// Decides which section of the buildspec makes which output.
///
/// One output is the primary artifact. Several outputs are secondary artifacts of the same names
/// (PR8); so is a single one of a buildspec that has no primary artifact.
pub(crate) fn plan<'a>(
    buildspec: &'a Buildspec,
    outputs: &'a [OutputRequest],
) -> Result<Vec<Archive<'a>>, String> {
    if let ([output], Some(primary)) = (outputs, &buildspec.artifacts) {
        return Ok(vec![(output, primary)]);
    }
    let mut archives = Vec::with_capacity(outputs.len());
    let mut missing = Vec::new();
    for output in outputs {
        match buildspec.secondary_artifacts.get(&output.name) {
            Some(set) => archives.push((output, set)),
            None => missing.push(format!("`{}`", output.name)),
        }
    }
    if missing.is_empty() {
        return Ok(archives);
    }
    let names = missing.join(", ");
    Err(if outputs.len() == 1 {
        format!(
            "the action has the output artifact {names}, and nothing says which files go in; \
             list them under `artifacts: files:` of the buildspec (for Commands: `files` of the \
             output artifact), or take the output artifact out of the pipeline"
        )
    } else {
        format!(
            "the action has {} output artifacts, and the buildspec says nothing of {names}; \
             with more than one, list each under `artifacts: secondary-artifacts:` by its name",
            outputs.len()
        )
    })
}

/// Returns the variables that the sections refer to.
pub(crate) fn references(sets: &[&ArtifactSet]) -> BTreeSet<String> {
    sets.iter().flat_map(|set| texts(set)).flat_map(|text| expand::references(text)).collect()
}

fn texts(set: &ArtifactSet) -> impl Iterator<Item = &String> {
    set.files.iter().chain(&set.exclude_paths).chain(&set.base_directory)
}

/// Packs all archives. `values` are the variables at the end of the build.
pub(crate) fn pack(
    archives: &[Archive],
    source_directory: &Path,
    values: &BTreeMap<String, String>,
    log: &mut Log,
) -> Result<(), String> {
    for (output, set) in archives {
        let expand = |text: &String| expand::expand(text, values);
        let set = ArtifactSet {
            files: set.files.iter().map(expand).collect(),
            exclude_paths: set.exclude_paths.iter().map(expand).collect(),
            base_directory: set.base_directory.as_ref().map(expand),
            ..**set
        };
        let name = &output.name;
        let files = select::select(&set, source_directory, log)
            .map_err(|problem| format!("artifact `{name}`: {problem}"))?;
        let entries: Vec<_> =
            files.into_iter().map(|(name, source)| Entry { name, source }).collect();
        archive::pack(&entries, &output.archive)
            .map_err(|error| format!("artifact `{name}`: failed to {}", with_causes(&error)))?;
        log.line(&format!("Packed {} files into the artifact {name}", entries.len()));
    }
    Ok(())
}

/// Returns an error's message followed by those of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |message, cause| format!("{message}: {cause}"))
}
