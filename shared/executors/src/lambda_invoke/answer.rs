//! What a function answers.
//!
//! The answer is the last line that the command prints, if that is a JSON object:
//!
//! | Member | Means |
//! |---|---|
//! | `outputVariables` | success, with these variables (an object of strings) |
//! | `executionDetails` | success; `externalExecutionId` and `summary` are shown |
//! | `continuationToken` | not done yet: invoke me again with this token |
//! | `failureDetails` | failure, with its `type` and `message` |
//! | `errorMessage` | failure, as the Lambda runtimes word an error |
//!
//! Without such a line the exit status answers. A command that ends with another status than 0 has
//! failed, whatever it printed.

use std::collections::BTreeMap;
use std::process::ExitStatus;

use model::outcome::Failure;
use model::status::FailureType;
use serde::Deserialize;

use crate::fault;
use crate::process::{Kept, describe};

/// How long a token may be, in characters.
const TOKEN_CHARACTERS_MAX: usize = 2048;

/// How long a summary may be, in characters.
const SUMMARY_CHARACTERS_MAX: usize = 2048;

/// What a function answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The action has succeeded.
    Success {
        variables: BTreeMap<String, String>,
        external_id: Option<String>,
        summary: Option<String>,
    },
    /// The action goes on with another invocation.
    Continue(String),
    /// The action has failed.
    Failed(Failure),
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Line {
    output_variables: BTreeMap<String, String>,
    execution_details: ExecutionDetails,
    continuation_token: Option<String>,
    failure_details: Option<FailureDetails>,
    error_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ExecutionDetails {
    external_execution_id: Option<String>,
    summary: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FailureDetails {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

/// Reads the answer of a function that has ended.
pub(super) fn parse(name: &str, status: ExitStatus, output: &Kept) -> Answer {
    let line = last_line(&output.bytes);
    let is_object = line.starts_with(b"{");
    // The line may have begun before what was kept.
    let is_whole = !output.is_cut || line.len() < output.bytes.trim_ascii_end().len();
    if status.success() && !is_object && is_whole {
        return Answer::Success { variables: BTreeMap::new(), external_id: None, summary: None };
    }
    let parsed = if is_object && is_whole {
        serde_json::from_slice::<Line>(line)
    } else {
        Ok(Line::default())
    };
    if !status.success() {
        return failed_with_status(name, status, &parsed.unwrap_or_default());
    }
    if !is_whole {
        return refuse(format!(
            "the function {name} ended with a line that is too long to be an answer; print the \
             answer on a line of its own, of at most 512 KB"
        ));
    }
    match parsed {
        Ok(line) => read(name, &line),
        Err(error) => refuse(format!(
            "the function {name} answered with a line that begins like JSON and is not an answer \
             (column {}): its outputVariables are an object of strings, its continuationToken is a \
             string; correct what it prints last",
            error.column()
        )),
    }
}

fn read(name: &str, line: &Line) -> Answer {
    let Line { output_variables, execution_details, continuation_token, .. } = line;
    if let Some(failure) = failure_of(line) {
        return Answer::Failed(failure);
    }
    if let Some(token) = continuation_token {
        if token.is_empty() || token.chars().nth(TOKEN_CHARACTERS_MAX).is_some() {
            return refuse(format!(
                "the function {name} answered with a continuationToken that does not have 1 to \
                 {TOKEN_CHARACTERS_MAX} characters"
            ));
        }
        return Answer::Continue(token.clone());
    }
    let is_name = |it: char| it.is_ascii_alphanumeric() || "@-_".contains(it);
    if let Some(bad) = output_variables.keys().find(|it| it.is_empty() || !it.chars().all(is_name))
    {
        return refuse(format!(
            "the function {name} answered with a variable {bad:?}; name variables with letters, \
             digits, `@`, `-` and `_`"
        ));
    }
    let summary = execution_details.summary.as_deref();
    Answer::Success {
        variables: output_variables.clone(),
        external_id: execution_details.external_execution_id.clone(),
        summary: summary.map(|text| fault::first_characters(text, SUMMARY_CHARACTERS_MAX)),
    }
}

fn failed_with_status(name: &str, status: ExitStatus, line: &Line) -> Answer {
    let status = describe(status);
    Answer::Failed(failure_of(line).unwrap_or_else(|| {
        fault::job(format!("the function {name} ended with {status}; see the end of its log"))
    }))
}

fn failure_of(line: &Line) -> Option<Failure> {
    if let Some(FailureDetails { kind, message }) = &line.failure_details {
        let known = FailureType::ALL.iter().find(|known| known.as_str() == kind);
        let code = known.copied().unwrap_or(FailureType::JobFailed);
        return Some(Failure::new(code, fault::cut(message)));
    }
    line.error_message.as_ref().map(fault::job)
}

fn refuse(message: String) -> Answer {
    Answer::Failed(fault::job(message))
}

fn last_line(output: &[u8]) -> &[u8] {
    let output = output.trim_ascii_end();
    let start = output.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    output[start..].trim_ascii()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn answer(exit: i32, output: &str) -> Answer {
        let kept = Kept { bytes: output.as_bytes().to_vec(), is_cut: false };
        parse("fn", ExitStatus::from_raw(exit << 8), &kept)
    }

    fn refused(answer: Answer) -> String {
        match answer {
            Answer::Failed(failure) => failure.message,
            Answer::Success { .. } | Answer::Continue(_) => panic!("{answer:?}"),
        }
    }

    #[test]
    fn the_last_line_or_the_exit_status_answers() {
        let success = |variables: &[(&str, &str)]| Answer::Success {
            variables: variables.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            external_id: None,
            summary: None,
        };
        assert_eq!(answer(0, ""), success(&[]));
        assert_eq!(answer(0, "all is well\n"), success(&[]));
        assert_eq!(answer(0, "{}\n\n"), success(&[]));
        assert_eq!(answer(0, "x\n{\"outputVariables\":{\"A\":\"1\"}}\n"), success(&[("A", "1")]));
        assert_eq!(answer(0, "{\"continuationToken\":\"t\"}"), Answer::Continue("t".to_owned()));
        assert!(refused(answer(3, "{\"outputVariables\":{}}")).contains("exit status 3"));
    }

    #[test]
    fn a_function_may_say_why_it_failed() {
        let line = "{\"failureDetails\":{\"type\":\"PermissionError\",\"message\":\"not you\"}}";
        for exit in [0, 1] {
            let Answer::Failed(failure) = answer(exit, line) else { panic!() };
            assert_eq!(
                (failure.code.as_str(), failure.message.as_str()),
                ("PermissionError", "not you")
            );
        }
        assert_eq!(
            refused(answer(0, "{\"errorMessage\":\"boom\",\"errorType\":\"Error\"}")),
            "boom"
        );
    }

    #[test]
    fn what_only_looks_like_an_answer_fails_the_action() {
        for line in [
            "{\"outputVariables\":",
            "{\"outputVariables\":{\"A\":1}}",
            "{\"outputVariables\":[]}",
            "{\"continuationToken\":7}",
            "{nonsense",
        ] {
            assert!(refused(answer(0, line)).contains("begins like JSON"), "{line}");
        }
        assert!(refused(answer(0, "{\"outputVariables\":{\"a b\":\"1\"}}")).contains("\"a b\""));
        assert!(refused(answer(0, "{\"continuationToken\":\"\"}")).contains("continuationToken"));
    }

    #[test]
    fn the_end_of_an_endless_line_is_no_answer() {
        let kept = Kept { bytes: b"{\"outputVariables\":{}}".to_vec(), is_cut: true };
        let ended = parse("fn", ExitStatus::from_raw(0), &kept);
        assert!(refused(ended).contains("too long"));
        let kept = Kept { bytes: b"xx\n{\"outputVariables\":{}}\n".to_vec(), is_cut: true };
        let ended = parse("fn", ExitStatus::from_raw(0), &kept);
        assert!(matches!(ended, Answer::Success { .. }));
    }
}
