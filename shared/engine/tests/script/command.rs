//! Reads one command and gives it to the world.

use std::collections::BTreeMap;

use engine::input::{Approve, Expects, Revision, Start, Trigger};
use engine::state::RunKey;
use engine::{Effect, Input};
use model::ids::{ApprovalToken, ExecutionId};
use model::status::{RetryMode, TriggerType};
use uuid::Uuid;

use super::{Play, number};
use crate::moves::{define_expecting, execution_id, report};
use crate::shape;
use crate::world::Log;

const BY: &str = "ann";

impl Play {
    /// Runs one line of a script.
    pub(super) fn command(&mut self, line: &str) {
        let (line, reason) = line.split_once(" because ").unwrap_or((line, ""));
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            times if words.get(1) == Some(&"times") => self.repeat(times, &words[2..].join(" ")),
            "pipeline" | "update" => self.declare(line, Expects::Either),
            "create" => self.declare(line, Expects::Absent),
            "replace" => self.declare(line, Expects::Present),
            "delete" => self.give(Log::Pipeline, &Input::Delete { by: BY.to_owned() }),
            "start" => self.start(&words[1..]),
            "ok" | "fail" => self.report(words[0] == "ok", &words[1..]),
            "approve" | "reject" => self.answer(words[0] == "approve", &words[1..]),
            "disable" | "enable" => self.transition(words[0] == "disable", words[1], reason),
            "stop" | "abandon" => self.stop(number(words[1]), words[0] == "abandon", reason),
            "retry" => self.retry(number(words[1]), words[2], words[3]),
            "tick" => self.tick(),
            "hold" => self.is_holding = true,
            "release" => self.release(),
            "open" => self.deliver(&Effect::Open(number(words[1]))),
            "relay" => self.deliver(&Effect::Relay(number(words[1]))),
            "withdraw" => self.deliver(&Effect::Withdraw(number(words[1]))),
            "close" => self.deliver(&Effect::Close(number(words[1]), attempt(words[2]))),
            "reopen" => self.deliver(&Effect::Reopen(number(words[1]), attempt(words[2]))),
            "show" => self.show(),
            moment => self.move_clock(moment, words[1]),
        }
    }

    /// Runs a command many times, and prints nothing of it.
    fn repeat(&mut self, times: &str, command: &str) {
        let length = self.transcript.len();
        for _ in 0..times.parse().expect("how many times") {
            self.command(command);
        }
        self.transcript.truncate(length);
    }

    fn declare(&mut self, line: &str, expects: Expects) {
        if let Some((_, shape)) = line.split_once(' ') {
            self.pipeline = Some(shape::pipeline(shape));
        }
        let pipeline = self.pipeline.as_ref().expect("a pipeline to update");
        let input = define_expecting(pipeline, expects);
        self.give(Log::Pipeline, &input);
    }

    fn start(&mut self, words: &[&str]) {
        if let ["again", which, rest @ ..] = words {
            let absent_until = if rest.is_empty() { 0 } else { self.world.pipeline.sequence };
            let input = start(number(which), absent_until);
            return self.give(Log::Pipeline, &Input::Start(input));
        }
        let mut input = start(execution_id(self.known() + 1), 0);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (*word, word.split_once('=')) {
                ("by", _) => {
                    let kind = words.next().and_then(|word| TriggerType::parse(word));
                    input.trigger.kind = kind.expect("a trigger type");
                }
                ("revision", _) => {
                    let action = words.next().expect("an action");
                    let (kind, value) =
                        words.next().and_then(|word| word.split_once('=')).expect("KIND=VALUE");
                    let (kind, value) = (kind.to_owned(), value.to_owned());
                    input.revisions.push(Revision { action: (*action).into(), kind, value });
                }
                (_, Some((name, value))) => {
                    input.variables.insert(name.to_owned(), value.to_owned());
                }
                (other, None) => panic!("a start has no {other}"),
            }
        }
        self.give(Log::Pipeline, &Input::Start(input));
    }

    /// Reads `#1 Build/A [attempt 2]`; without a word it is the execution's newest attempt.
    fn run(&self, words: &[&str]) -> RunKey {
        let execution = number(words[0]);
        let (stage, action) = words[1].split_once('/').expect("Stage/action");
        let state = self.world.state(self.world.log_of(execution));
        let newest = state.executions.get(&execution).map_or(1, |known| known.attempt);
        let attempt = match words.get(2) {
            Some(&"attempt") => attempt(words[3]),
            _ => newest,
        };
        RunKey { execution, stage: stage.into(), action: action.into(), attempt }
    }

    fn report(&mut self, is_success: bool, words: &[&str]) {
        let run = self.run(words);
        let log = self.world.log_of(run.execution);
        self.give(log, &report(run, is_success));
    }

    fn answer(&mut self, is_approved: bool, words: &[&str]) {
        let run = self.run(words);
        let log = self.world.log_of(run.execution);
        let token = if words.last() == Some(&"wrongly") {
            ApprovalToken::new(Uuid::nil())
        } else {
            ApprovalToken::derive(self.world.state(log).secret, run.id())
        };
        let RunKey { stage, action, .. } = run;
        let (summary, by) = (String::new(), "bob".to_owned());
        let answer = Approve { stage, action, token, is_approved, summary, by };
        self.give(log, &Input::Approve(answer));
    }

    fn transition(&mut self, is_closing: bool, stage: &str, reason: &str) {
        let (stage, by) = (stage.into(), BY.to_owned());
        let input = if is_closing {
            Input::Disable { stage, reason: reason.to_owned(), by }
        } else {
            Input::Enable { stage, by }
        };
        self.give(Log::Pipeline, &input);
    }

    fn stop(&mut self, execution: ExecutionId, abandon: bool, reason: &str) {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let input = Input::Stop { execution, abandon, reason, by: BY.to_owned() };
        self.give(self.world.log_of(execution), &input);
    }

    fn retry(&mut self, execution: ExecutionId, stage: &str, mode: &str) {
        let mode = RetryMode::parse(mode).expect("a retry mode");
        let input = Input::Retry { execution, stage: stage.into(), mode, by: BY.to_owned() };
        self.give(self.world.log_of(execution), &input);
    }

    /// Looks for what is overdue in every log.
    fn tick(&mut self) {
        self.give(Log::Pipeline, &Input::Tick);
        let logs: Vec<ExecutionId> = self.world.executions.keys().copied().collect();
        for id in logs {
            self.give(Log::Execution(id), &Input::Tick);
        }
    }

    fn release(&mut self) {
        self.is_holding = false;
        while let Some(message) = self.world.messages.pop_front() {
            self.deliver(&message);
        }
    }

    fn move_clock(&mut self, amount: &str, unit: &str) {
        let amount: i64 = amount.parse().expect("a command");
        let minutes = match unit.trim_end_matches('s') {
            "minute" => 1,
            "hour" => 60,
            "day" => 24 * 60,
            other => panic!("no unit of time: {other}"),
        };
        self.world.now = self.world.now.plus_minutes(amount * minutes);
    }
}

fn start(execution: ExecutionId, absent_until: u64) -> Start {
    Start {
        execution,
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: BY.to_owned() },
        variables: BTreeMap::new(),
        revisions: Vec::new(),
        absent_until,
    }
}

fn attempt(word: &str) -> u32 {
    word.parse().expect("an attempt's number")
}
