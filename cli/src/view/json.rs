//! One JSON object a line, for programs. Members and kinds are only ever added.

mod changes;

use std::path::Path;
use std::sync::Arc;

use engine::change::Change;
use model::pipeline::Pipeline;
use serde::Serialize;
use store::Record;

use crate::view::board::Board;
use crate::view::board::facts::Question;
use crate::view::board::history::Failed;
use crate::view::closing::log_of;
use crate::view::json::changes::Named;
use crate::view::logs::{LogLine, tail};
use crate::view::plain::write;

/// Writes JSON lines.
pub(crate) struct Json {
    pub(crate) board: Board,
}

/// One line.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    /// Something changed.
    Change {
        time: String,
        pipeline: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        execution: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
        /// The change's number among the announced ones of its execution.
        #[serde(skip_serializing_if = "Option::is_none")]
        sequence: Option<u32>,
        change: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        stage: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        action: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
        /// The same for people.
        line: String,
    },
    /// An action printed a line (`--logs`).
    Log { execution: String, number: u64, stage: &'a str, action: &'a str, line: &'a str },
    /// Somebody is asked for an approval.
    Question {
        execution: String,
        number: u64,
        stage: &'a str,
        action: &'a str,
        about: &'a [String],
    },
    /// An action failed; these are the last lines of its log. Comes last.
    Failure {
        execution: String,
        number: u64,
        stage: &'a str,
        action: &'a str,
        message: &'a str,
        log: Vec<String>,
    },
    /// Something else is to be known.
    Note { text: &'a str },
}

impl Json {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        Self { board: Board::new(pipeline) }
    }

    pub(crate) fn appended(&mut self, record: &Record) {
        self.board.take(record);
        let name = &self.board.pipeline.name;
        for change in &record.changes {
            let (execution, number, sequence) = match change {
                Change::Pipeline(_) => (None, None, None),
                Change::Execution { id, number, announced, .. } => {
                    (Some(id.to_string()), Some(*number), (*announced > 0).then_some(*announced))
                }
            };
            let Named { change: named, stage, action, attempt } = Named::new(change);
            write_line(&Line::Change {
                time: record.at.to_string(),
                pipeline: name.as_str(),
                execution,
                number,
                sequence,
                change: named,
                stage,
                action,
                attempt,
                line: change.line(name).to_string(),
            });
        }
    }
}

/// Asks somebody for an approval.
pub(crate) fn ask(question: &Question) {
    write_line(&Line::Question {
        execution: question.run.execution.to_string(),
        number: question.number,
        stage: question.run.stage.as_str(),
        action: question.run.action.as_str(),
        about: &question.about,
    });
}

/// Passes on what actions printed.
pub(crate) fn log(lines: &[LogLine]) {
    for line in lines {
        write_line(&Line::Log {
            execution: line.run.execution.to_string(),
            number: line.number,
            stage: line.run.stage.as_str(),
            action: line.run.action.as_str(),
            line: &line.text,
        });
    }
}

/// Reports what failed, each with the end of its log.
pub(crate) fn failures(failures: &[Failed], runs: &Path) {
    for failed in failures {
        write_line(&Line::Failure {
            execution: failed.run.execution.to_string(),
            number: failed.number,
            stage: failed.run.stage.as_str(),
            action: failed.run.action.as_str(),
            message: &failed.message,
            log: tail(&log_of(failed, runs)),
        });
    }
}

/// Says something that is not a change.
pub(crate) fn say(text: &str) {
    write_line(&Line::Note { text });
}

fn write_line(line: &Line<'_>) {
    // Plain data always has a JSON form.
    write(&serde_json::to_string(line).unwrap_or_default());
}
