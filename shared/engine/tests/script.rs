//! The scenarios' language: one command per line, and under each what a reader of the log sees.
//!
//! | Command | |
//! |---|---|
//! | `pipeline MODE: Source(S) …` | creates the pipeline ([`crate::shape`]) |
//! | `update` / `update MODE: …` | declares the same again, or something else |
//! | `create MODE: …` / `replace MODE: …` | the same by somebody who expects no pipeline, or one |
//! | `delete` | |
//! | `start [by TRIGGER] [NAME=VALUE …] [revision ACTION KIND=VALUE]` | starts the next execution |
//! | `start again #1 [looked]` | starts under an old id; `looked` says that it is known to be new |
//! | `ok #1 Build/A [attempt 1]`, `fail #1 Build/A [attempt 1]` | reports |
//! | `approve #1 Prod/P [attempt 1] [wrongly]`, `reject …` | answers with that attempt's token |
//! | `disable Prod because …`, `enable Prod` | |
//! | `stop #1 [because …]`, `abandon #1` | |
//! | `retry #1 Build ALL_ACTIONS` | |
//! | `+30 minutes`, `-5 minutes`, `tick` | moves the clock; looks for what is overdue |
//! | `hold`, `release` | keeps messages between logs back, and delivers them |
//! | `open #1`, `relay #1`, `withdraw #1`, `close #1 1`, `reopen #1 2` | a message, now |
//! | `show` | who is where |
//! | `49 times start` | a command again and again, without its lines |
//!
//! Requests of actions are not printed: each `→ run` line is one, and a law says so.

mod command;
mod show;

use std::fmt::Write as _;
use std::sync::Arc;

use engine::{Decision, Effect, Input, Rejection};
use expect_test::Expect;
use model::ids::ExecutionId;
use model::pipeline::Pipeline;

use crate::moves::{execution_id, number_of};
use crate::world::{Log, World};

/// Runs a script, and compares its transcript.
pub(crate) fn check(script: &str, expect: &Expect) {
    expect.assert_eq(&run(script));
}

/// Runs a script, and returns its transcript.
pub(crate) fn run(script: &str) -> String {
    let mut play = Play::default();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let _ = writeln!(play.transcript, "> {line}");
        play.command(line);
    }
    play.transcript
}

/// A script being run.
struct Play {
    world: World,
    pipeline: Option<Arc<Pipeline>>,
    is_holding: bool,
    transcript: String,
}

impl Default for Play {
    fn default() -> Self {
        Self { world: World::new(), pipeline: None, is_holding: false, transcript: String::new() }
    }
}

impl Play {
    /// Gives an input to a log, prints what comes of it, and delivers the messages it caused.
    fn give(&mut self, log: Log, input: &Input) {
        self.give_quietly(log, input);
        while let Some(message) =
            (!self.is_holding).then(|| self.world.messages.pop_front()).flatten()
        {
            self.deliver(&message);
        }
    }

    fn deliver(&mut self, message: &Effect) {
        if let Some((log, input)) = self.world.message(message) {
            self.give_quietly(log, &input);
        }
    }

    fn give_quietly(&mut self, log: Log, input: &Input) {
        match self.world.take(log, input) {
            Ok(decision) => self.print(&decision),
            Err(rejection) => self.print_refusal(&rejection),
        }
    }

    fn print(&mut self, decision: &Decision) {
        let name = "web".into();
        for change in &decision.changes {
            let line = change.line(&name).to_string();
            self.line(&line);
        }
        for effect in decision.effects() {
            if !matches!(effect, Effect::RequestAction(_)) {
                self.line(&format!("  effect {effect}"));
            }
        }
    }

    fn print_refusal(&mut self, rejection: &Rejection) {
        self.line(&format!("  refused: {rejection}"));
    }

    /// How many ids were ever given to an execution.
    fn known(&self) -> u64 {
        self.world.pipeline.last_execution.map_or(0, number_of)
    }

    /// Prints a line with executions called by their numbers.
    fn line(&mut self, text: &str) {
        let mut text = text.to_owned();
        for number in (1..=self.known()).rev() {
            text = text.replace(&execution_id(number).to_string(), &format!("#{number}"));
        }
        self.transcript.push_str(text.trim_end());
        self.transcript.push('\n');
    }
}

/// Reads `#3`.
fn number(word: &str) -> ExecutionId {
    execution_id(word.trim_start_matches('#').parse().expect("an execution's number"))
}
