//! From the text of a buildspec to a [`Buildspec`], naming every problem at once.
//!
//! What CodeBuild would refuse is refused here, with the place and the fix. What it would do and we
//! do not, and what nobody understands, becomes a note, so that it is seen and never mistaken for
//! done. The format: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>.

mod artifacts;
mod environment;
mod phases;
mod reader;

pub(crate) use reader::is_variable_name;

use reader::Reader;

use crate::refusal::{Problem, Refusal};
use crate::specification::{Buildspec, PhaseName, Shell, Version};
use crate::yaml::{self, Node};

/// Reads a buildspec.
pub fn read(text: &str) -> Result<Buildspec, Refusal> {
    let root = yaml::parse(text).map_err(|problem| Refusal { problems: vec![problem] })?;
    let mut reader = Reader::default();
    let buildspec = read_root(&mut reader, &root);
    if reader.problems.is_empty() {
        Ok(Buildspec { notes: reader.notes, ..buildspec })
    } else {
        Err(Refusal { problems: reader.problems })
    }
}

const KEYS: [&str; 9] =
    ["version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"];

fn read_root(reader: &mut Reader, root: &Node) -> Buildspec {
    let mut buildspec = Buildspec {
        version: Version::OneShell,
        shell: Shell::Sh,
        variables: Vec::new(),
        exported_variables: Vec::new(),
        phases: Vec::new(),
        artifacts: None,
        secondary_artifacts: std::collections::BTreeMap::new(),
        notes: Vec::new(),
    };
    let entries = match root {
        Node::Mapping(entries) => entries.as_slice(),
        Node::Null | Node::Scalar(_) | Node::Sequence(_) => {
            let problem = match root {
                Node::Null => "it is empty",
                Node::Scalar(_) | Node::Sequence(_) | Node::Mapping(_) => "it is not a mapping",
            };
            reader.refuse("the file", problem, "start it with `version: 0.2` and `phases:`");
            return buildspec;
        }
    };
    let find = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, node)| node);
    buildspec.version = read_version(reader, find("version"));
    let run_as = find("run-as").and_then(|node| reader.scalar("run-as", node));
    if let Some(node) = find("env") {
        environment::read(reader, node, &mut buildspec);
    }
    buildspec.phases = phases::read(reader, find("phases"), run_as.as_ref());
    if buildspec.phases.is_empty() {
        refuse_without_phases(reader, entries);
    }
    if let Some(node) = find("artifacts") {
        artifacts::read(reader, node, &mut buildspec);
    }
    note_what_is_not_done(reader, entries);
    buildspec
}

fn read_version(reader: &mut Reader, node: Option<&Node>) -> Version {
    let fix = "write `version: 0.2`";
    let Some(node) = node else {
        reader.refuse("version", "it is missing", fix);
        return Version::OneShell;
    };
    match reader.scalar("version", node).as_deref() {
        Some("0.2") | None => Version::OneShell,
        Some("0.1") => Version::SeparateShells,
        Some(other) => {
            let problem =
                format!("`{other}` is not a version of buildspecs, which are 0.1 and 0.2");
            reader.refuse("version", problem, fix);
            Version::OneShell
        }
    }
}

/// Says that nothing would run, and points at phases that stand in the wrong place.
fn refuse_without_phases(reader: &mut Reader, entries: &[(String, Node)]) {
    if reader.problems.iter().any(|problem: &Problem| problem.path.starts_with("phases")) {
        return;
    }
    let astray =
        PhaseName::ALL.iter().find(|phase| entries.iter().any(|(key, _)| key == phase.key()));
    match astray {
        Some(phase) => {
            let (key, problem) = (phase.key(), "it holds no phase");
            let fix = format!("indent `{key}`, which stands beside `phases`, so that it is inside");
            reader.refuse("phases", problem, fix);
        }
        None => reader.refuse(
            "phases",
            "there is no phase, so nothing would run",
            "add a phase such as `build` with a list of `commands`",
        ),
    }
}

fn note_what_is_not_done(reader: &mut Reader, entries: &[(String, Node)]) {
    for (key, node) in entries {
        let note = match key.as_str() {
            _ if *node == Node::Null => continue,
            "reports" => "reports: test reports are not collected here; read them in the artifact",
            "cache" => "cache: nothing is restored or saved here; the machine keeps its own files",
            "proxy" => "proxy: no proxy is set up here; commands see the machine's network",
            "batch" => "batch: the build runs once here, not as a batch",
            key if KEYS.contains(&key) => continue,
            key => {
                reader.notes.push(format!("{key}: unknown, and ignored"));
                continue;
            }
        };
        reader.notes.push(note.to_owned());
    }
}

#[cfg(test)]
mod tests;
