//! The `phases` section.

use super::reader::Reader;
use crate::specification::{OnFailure, Phase, PhaseName};
use crate::yaml::Node;

/// `RETRY` without a number, as documented.
const RETRIES_DEFAULT: u32 = 3;
/// The highest documented number of retries.
const RETRIES_MAX: u32 = 100;

pub(super) fn read(
    reader: &mut Reader,
    node: Option<&Node>,
    run_as: Option<&String>,
) -> Vec<Phase> {
    let Some(node) = node else { return Vec::new() };
    let mut phases = Vec::new();
    for (key, node) in reader.mapping("phases", node) {
        let path = format!("phases.{key}");
        match PhaseName::ALL.into_iter().find(|name| name.key() == key) {
            Some(name) => phases.push(read_phase(reader, &path, node, name, run_as)),
            None => reader.note(
                &path,
                "not a phase, so its commands do not run; phases are install, pre_build, build and post_build",
            ),
        }
    }
    phases.sort_by_key(|phase| phase.name);
    phases
}

fn read_phase(
    reader: &mut Reader,
    path: &str,
    node: &Node,
    name: PhaseName,
    run_as: Option<&String>,
) -> Phase {
    let mut phase = Phase {
        name,
        run_as: run_as.cloned(),
        on_failure: None,
        commands: Vec::new(),
        finally: Vec::new(),
    };
    for (key, node) in reader.mapping(path, node) {
        let path = format!("{path}.{key}");
        match key.as_str() {
            "commands" => phase.commands = read_commands(reader, &path, node),
            "finally" => phase.finally = read_commands(reader, &path, node),
            "on-failure" => phase.on_failure = read_on_failure(reader, &path, node),
            "run-as" => phase.run_as = reader.scalar(&path, node),
            "runtime-versions" if name == PhaseName::Install => {
                let runtimes: Vec<_> = reader
                    .mapping(&path, node)
                    .iter()
                    .map(|(runtime, _)| runtime.as_str())
                    .collect();
                let runtimes = runtimes.join(", ");
                reader.note(
                    &path,
                    &format!("nothing is installed here; the machine's own are used ({runtimes})"),
                );
            }
            _ => reader.unknown(&path),
        }
    }
    phase
}

fn read_commands(reader: &mut Reader, path: &str, node: &Node) -> Vec<String> {
    let items = match node {
        Node::Sequence(items) => items,
        Node::Null => {
            reader.note(path, "it is empty, so nothing runs");
            return Vec::new();
        }
        Node::Scalar(_) | Node::Mapping(_) => {
            reader.refuse(path, "it is not a list", "start each command with `- `");
            return Vec::new();
        }
    };
    let mut commands = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match item {
            Node::Null => reader.note(&path, "an empty command, which is left out"),
            Node::Mapping(_) => reader.refuse(
                &path,
                "the command was read as a mapping, because it holds `: `",
                "put the whole command in quotes, or below `- |`",
            ),
            Node::Sequence(_) => {
                reader.refuse(
                    &path,
                    "a list stands where a command is expected",
                    "write one command",
                );
            }
            Node::Scalar(_) => commands.extend(reader.scalar(&path, item)),
        }
    }
    commands
}

fn read_on_failure(reader: &mut Reader, path: &str, node: &Node) -> Option<OnFailure> {
    let text = reader.scalar(path, node)?;
    let parsed = parse_on_failure(&text);
    if let Err(problem) = &parsed {
        let fix = "write ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex";
        reader.refuse(path, problem.clone(), fix);
    }
    parsed.ok()
}

fn parse_on_failure(text: &str) -> Result<OnFailure, String> {
    let rest = match text {
        "ABORT" => return Ok(OnFailure::Abort),
        "CONTINUE" => return Ok(OnFailure::Continue),
        "RETRY" => return Ok(OnFailure::Retry { retries_max: RETRIES_DEFAULT, pattern: None }),
        _ => text.strip_prefix("RETRY-").filter(|rest| !rest.is_empty()),
    };
    let rest = rest.ok_or_else(|| format!("`{text}` is not a thing to do on failure"))?;
    let (first, after) = rest.split_once('-').map_or((rest, None), |(a, b)| (a, Some(b)));
    let is_count = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    let (retries_max, pattern) = if is_count {
        let count = first.parse().ok().filter(|count| *count <= RETRIES_MAX);
        let count =
            count.ok_or_else(|| format!("`{first}` retries are more than {RETRIES_MAX}"))?;
        (count, after)
    } else {
        (RETRIES_DEFAULT, Some(rest))
    };
    if let Some(Err(error)) = pattern.map(regex::bytes::Regex::new) {
        return Err(format!("the regular expression cannot be used: {error}"));
    }
    Ok(OnFailure::Retry { retries_max, pattern: pattern.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(retries_max: u32, pattern: Option<&str>) -> OnFailure {
        OnFailure::Retry { retries_max, pattern: pattern.map(str::to_owned) }
    }

    #[test]
    fn every_documented_form_of_on_failure_is_understood() {
        for (text, expected) in [
            ("ABORT", OnFailure::Abort),
            ("CONTINUE", OnFailure::Continue),
            ("RETRY", retry(3, None)),
            ("RETRY-0", retry(0, None)),
            ("RETRY-100", retry(100, None)),
            ("RETRY-.*timed out.*", retry(3, Some(".*timed out.*"))),
            ("RETRY-5-time-out", retry(5, Some("time-out"))),
            ("RETRY-404 Not Found", retry(3, Some("404 Not Found"))),
            ("RETRY-a-b", retry(3, Some("a-b"))),
        ] {
            assert_eq!(parse_on_failure(text), Ok(expected), "{text}");
        }
        for text in ["abort", "ABORT | CONTINUE", "", "RETRY-", "RETRY-101", "RETRY-3-(", "RETRYx"]
        {
            assert!(parse_on_failure(text).is_err(), "{text}");
        }
    }
}
