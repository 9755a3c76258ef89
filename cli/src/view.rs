//! What is shown: a live view on a terminal, plain lines elsewhere, JSON lines when asked.

pub(crate) mod board;
mod closing;
mod json;
pub(crate) mod lines;
mod live;
mod logs;
mod plain;
pub(crate) mod screen;
pub(crate) mod terminal;
pub(crate) mod text;

#[cfg(test)]
mod tests;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange};
use engine::state::RunKey;
use local::world::Appended;
use model::pipeline::Pipeline;
use model::time::Timestamp;
use store::Record;

use crate::view::board::Board;
use crate::view::board::history::Failed;
use crate::view::logs::{LogLine, Logs};

/// How many columns the closing table has where nobody says how wide the output is.
const COLUMNS: usize = 100;

/// What somebody wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// JSON lines instead of a view for people.
    pub(crate) json: bool,
    /// What actions print, as they print it.
    pub(crate) logs: bool,
}

/// Shows what happens.
pub(crate) struct View {
    way: Way,
    runs: PathBuf,
    logs: Option<Logs>,
    /// What was typed of an answer, where the terminal itself shows it.
    typed: Vec<u8>,
    /// Whether failures are reported when their execution ends, because nobody knows when we will.
    pub(crate) reports_at_once: bool,
}

/// One way to show what happens.
enum Way {
    /// A drawing that stays in place.
    Live(Box<live::Live>),
    /// A line for each change.
    Plain(plain::Plain),
    /// A JSON object for each change.
    Json(json::Json),
}

impl View {
    /// Chooses the view for where the output goes. `NO_COLOR` takes the colours out.
    #[expect(
        clippy::disallowed_methods,
        reason = "what the terminal can do is said by its environment"
    )]
    pub(crate) fn new(wishes: Wishes, pipeline: Arc<Pipeline>, runs: PathBuf) -> Self {
        let is_set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let is_dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let way = if wishes.json {
            Way::Json(json::Json::new(pipeline))
        } else if std::io::stdout().is_terminal() && !is_dumb {
            let live = live::Live::new(pipeline, runs.clone(), !is_set("NO_COLOR"));
            Way::Live(Box::new(live))
        } else {
            Way::Plain(plain::Plain::new(pipeline))
        };
        let logs = wishes.logs.then(|| Logs::new(runs.clone()));
        Self { way, runs, logs, typed: Vec::new(), reports_at_once: false }
    }

    /// Takes in what an earlier process left unfinished.
    pub(crate) fn recall(&mut self, records: &[Arc<Record>]) {
        self.board().recall(records);
        if let Some(logs) = &mut self.logs {
            logs.recall(records);
        }
    }

    /// Shows a record that was appended.
    pub(crate) fn appended(&mut self, appended: &Appended) {
        let record = &appended.record;
        // What an action printed stands before how it ended.
        let lines = self.logs.as_mut().map(|logs| logs.take(record)).unwrap_or_default();
        self.log(&lines);
        match &mut self.way {
            Way::Live(live) => live.appended(record),
            Way::Plain(plain) => plain.appended(record),
            Way::Json(json) => json.appended(record),
        }
        let has_failed = record.changes.iter().any(|change| match change {
            Change::Pipeline(_) => false,
            Change::Execution { change, .. } => *change == ExecutionChange::Failed,
        });
        if self.reports_at_once && has_failed {
            self.report();
        }
    }

    /// Brings what is shown up to date.
    pub(crate) fn refresh(&mut self, now: Timestamp) {
        let lines = self.logs.as_mut().map(Logs::look).unwrap_or_default();
        self.log(&lines);
        match &mut self.way {
            Way::Live(live) => live.refresh(now),
            Way::Plain(_) | Way::Json(_) => {}
        }
    }

    /// Asks whoever sits at the terminal for an approval.
    pub(crate) fn ask(&mut self, number: u64, run: &RunKey) {
        let board = self.board();
        let question = board.facts.question(&board.pipeline, number, run);
        match &mut self.way {
            Way::Live(live) => live.ask(question),
            Way::Plain(_) => plain::ask(&question),
            Way::Json(_) => json::ask(&question),
        }
    }

    /// The question was answered, here or elsewhere.
    pub(crate) fn answered(&mut self) {
        match &mut self.way {
            Way::Live(live) => live.answered(),
            Way::Plain(_) | Way::Json(_) => {}
        }
    }

    /// Takes what was typed, and returns the answer once it is complete.
    pub(crate) fn typed(&mut self, bytes: &[u8]) -> Option<String> {
        match &mut self.way {
            Way::Live(live) => live.typed(bytes),
            Way::Plain(_) | Way::Json(_) => {
                self.typed.extend_from_slice(bytes);
                let end = self.typed.iter().position(|byte| *byte == b'\n')?;
                let rest = self.typed.split_off(end + 1);
                let line = std::mem::replace(&mut self.typed, rest);
                Some(String::from_utf8_lossy(&line).into_owned())
            }
        }
    }

    /// Says something that is not a change.
    pub(crate) fn say(&mut self, text: &str) {
        match &mut self.way {
            Way::Live(live) => live.say(&text.split('\n').map(str::to_owned).collect::<Vec<_>>()),
            Way::Plain(_) => plain::write(text),
            Way::Json(_) => json::say(text),
        }
    }

    /// Shows what is to be remembered: how long everything took, and failures last, with the end of
    /// their logs.
    pub(crate) fn finish(&mut self) {
        let lines = match &mut self.way {
            Way::Live(live) => {
                live.finish();
                closing::table(&live.board, COLUMNS)
            }
            Way::Plain(plain) => closing::table(&plain.board, COLUMNS),
            Way::Json(_) => Vec::new(),
        };
        for line in lines {
            plain::write(&line);
        }
        self.report();
    }

    /// Gives the terminal back while the process is stopped.
    pub(crate) fn suspend(&mut self) {
        match &mut self.way {
            Way::Live(live) => live.suspend(),
            Way::Plain(_) | Way::Json(_) => {}
        }
    }

    /// Takes the terminal again.
    pub(crate) fn resume(&mut self) {
        match &mut self.way {
            Way::Live(live) => live.resume(),
            Way::Plain(_) | Way::Json(_) => {}
        }
    }

    /// Reports every failure that was not reported yet.
    fn report(&mut self) {
        let failures: Vec<Failed> = std::mem::take(&mut self.board().history.failures);
        match &mut self.way {
            Way::Live(live) => live.say(&closing::failures(&failures, &self.runs)),
            Way::Plain(_) => {
                for line in closing::failures(&failures, &self.runs) {
                    plain::write(&line);
                }
            }
            Way::Json(_) => json::failures(&failures, &self.runs),
        }
    }

    fn log(&mut self, lines: &[LogLine]) {
        if lines.is_empty() {
            return;
        }
        match &mut self.way {
            Way::Live(live) => live.log(lines),
            Way::Plain(_) => {
                for line in lines {
                    plain::write(&line.render());
                }
            }
            Way::Json(_) => json::log(lines),
        }
    }

    fn board(&mut self) -> &mut Board {
        match &mut self.way {
            Way::Live(live) => &mut live.board,
            Way::Plain(plain) => &mut plain.board,
            Way::Json(json) => &mut json.board,
        }
    }
}
