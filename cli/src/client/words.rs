//! How what the API answers is said: short ids, moments, marks, revisions.

use aws_sdk_codepipeline::primitives::DateTime;
use aws_sdk_codepipeline::types::{
    ActionExecutionStatus, PipelineExecutionStatus, StageExecutionStatus,
};
use model::time::Timestamp;
use serde_json::Value;

use crate::view::board::lane::Mark;

/// How many characters of an execution's id are shown.
const SHORT: usize = 8;

/// How many characters of a revision are shown.
const REVISION_SHORT: usize = 7;

/// How many characters of somebody else's line are shown.
const LINE_CHARACTERS_MAX: usize = 160;

/// Returns the end of an execution's id: its beginning is the time, which executions of the same
/// minute share.
pub(crate) fn short(id: &str) -> &str {
    id.char_indices().rev().nth(SHORT - 1).map_or(id, |(index, _)| &id[index..])
}

/// Whether what somebody typed means an execution: its id, or the beginning or the end of it.
pub(crate) fn means(typed: &str, id: &str) -> bool {
    let typed = typed.to_lowercase();
    !typed.is_empty() && (id.starts_with(&typed) || id.ends_with(&typed))
}

/// Returns a moment of the API as one of ours.
pub(crate) fn moment(time: Option<&DateTime>) -> Option<Timestamp> {
    let millis = time.and_then(|time| time.to_millis().ok())?;
    Some(Timestamp::from_millis(millis))
}

/// Returns how an execution is doing.
pub(crate) fn execution_mark(status: Option<&PipelineExecutionStatus>) -> Mark {
    match status.map(PipelineExecutionStatus::as_str) {
        Some("Succeeded") => Mark::Succeeded,
        Some("Failed") => Mark::Failed,
        Some("Stopped" | "Superseded" | "Cancelled") => Mark::Stopped,
        Some("InProgress" | "Stopping") => Mark::Running,
        Some(_) | None => Mark::Untouched,
    }
}

/// Returns how a stage is doing.
pub(crate) fn stage_mark(status: Option<&StageExecutionStatus>) -> Mark {
    match status.map(StageExecutionStatus::as_str) {
        Some("Succeeded") => Mark::Succeeded,
        Some("Failed") => Mark::Failed,
        Some("Stopped" | "Cancelled" | "Skipped") => Mark::Stopped,
        Some("InProgress" | "Stopping") => Mark::Running,
        Some(_) | None => Mark::Untouched,
    }
}

/// Returns how an action is doing.
pub(crate) fn action_mark(status: Option<&ActionExecutionStatus>) -> Mark {
    match status.map(ActionExecutionStatus::as_str) {
        Some("Succeeded") => Mark::Succeeded,
        Some("Failed") => Mark::Failed,
        Some("Abandoned") => Mark::Stopped,
        Some("InProgress") => Mark::Running,
        Some(_) | None => Mark::Untouched,
    }
}

/// Says a status as a word of a sentence: `InProgress` is `in progress`.
pub(crate) fn word(status: &str) -> String {
    let mut word = String::new();
    for (index, letter) in status.chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            word.push(' ');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

/// Returns the first line of what is said about a revision. Connections wrap it in JSON, as AWS does.
pub(crate) fn message(summary: &str) -> String {
    let wrapped: Option<Value> = serde_json::from_str(summary).ok();
    let message = wrapped.as_ref().and_then(|value| value.get("CommitMessage")?.as_str());
    first_line(message.unwrap_or(summary))
}

/// Says a revision: its short id and the first line about it.
pub(crate) fn revision(id: &str, summary: Option<&str>) -> String {
    let is_commit = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id: String =
        if is_commit { id.chars().take(REVISION_SHORT).collect() } else { id.to_owned() };
    let line = message(summary.unwrap_or_default());
    if line.is_empty() { id } else { format!("{id} {line}") }
}

/// Returns the first line of a text, without what could break ours.
pub(crate) fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|letter| !letter.is_control()).take(LINE_CHARACTERS_MAX).collect()
}

/// Returns the name of whoever an ARN or a name stands for.
pub(crate) fn person(name: &str) -> &str {
    name.rsplit(['/', ':']).next().filter(|end| !end.is_empty()).unwrap_or(name)
}

/// Joins what was found into a list for a sentence.
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_named_by_the_beginning_or_the_end_of_its_id() {
        let id = "01997f3e-8d2b-7c11-9a55-0242ac3f9a12";
        assert_eq!(short(id), "ac3f9a12");
        assert_eq!(short("one"), "one");
        assert!(means("AC3F9A12", id) && means("01997f3e", id) && means(id, id));
        assert!(!means("", id) && !means("7c11", id));
    }

    #[test]
    fn a_revision_is_its_short_id_and_one_line() {
        let id = "9049085e5c1cf3da8a5b7cb9bba5a1bb67de65ac";
        assert_eq!(revision(id, Some("Open the canal\n\nLong text")), "9049085 Open the canal");
        let wrapped = r#"{"ProviderType":"GitHub","CommitMessage":"Open it"}"#;
        assert_eq!(revision(id, Some(wrapped)), "9049085 Open it");
        assert_eq!(revision("version 1", None), "version 1");
        assert_eq!(revision(id, Some("a\u{1b}[2Jb")), "9049085 a[2Jb");
    }

    #[test]
    fn words_read_as_in_a_sentence() {
        assert_eq!(word("InProgress"), "in progress");
        assert_eq!(word("Succeeded"), "succeeded");
        assert_eq!(person("arn:aws:iam::000000000000:user/local"), "local");
        assert_eq!(person("local"), "local");
    }
}
