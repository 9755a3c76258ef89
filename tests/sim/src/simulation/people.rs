//! What people do: sensible things, doubled things, wrong things.

use std::collections::{BTreeMap, BTreeSet};

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::input::{Approve, Trigger};
use engine::state::RunKey;
use engine::{Input, Rejection};
use model::ids::{ApprovalToken, ExecutionId, PipelineName, StageName};
use model::status::{RetryMode, TriggerType};
use runtime::retry;
use runtime::start::{Answer, Request};
use runtime::turn::Outcome;
use store::{LogKey, Record};
use uuid::Uuid;

use super::act::{Act, Asked};
use super::{Event, Simulation};
use crate::books::{Books, Life, Where};
use crate::chance::Chance;
use crate::pipelines;
use crate::tally::Tally;

/// What people remember.
#[derive(Debug, Default)]
pub(super) struct People {
    acts: u32,
    /// How many declarations each pipeline got so far.
    pub(super) declared: BTreeMap<PipelineName, u32>,
    starts: Vec<(PipelineName, Request)>,
    approvals: Vec<(LogKey, StageName, RunKey, ApprovalToken)>,
    /// Executions that somebody was told exist.
    pub(super) acknowledged: BTreeSet<ExecutionId>,
    /// Which execution each token stands for, and the parameters it was used with.
    tokens: BTreeMap<(PipelineName, String), (String, ExecutionId)>,
    /// Whether the demonstration's pipeline is declared instead of a drawn one.
    pub(super) is_demonstrating: bool,
}

impl People {
    /// Creates a pipeline or replaces its declaration.
    pub(super) fn create(&mut self, name: &PipelineName, chance: &mut Chance) -> Act {
        let count = self.declared.entry(name.clone()).or_default();
        *count += 1;
        let marker = format!("m{count}");
        let declared = if self.is_demonstrating {
            pipelines::demonstration()
        } else {
            pipelines::draw(name.as_str(), &marker, chance)
        };
        let by = format!("person {}", self.acts + 1);
        let secret = Uuid::from_u128(chance.bits());
        let input = Input::Define {
            pipeline: declared.pipeline,
            secret,
            by,
            expects: engine::input::Expects::Either,
        };
        self.turn(LogKey::Pipeline(name.clone()), input, Some(declared.json))
    }

    pub(super) fn turn(&mut self, log: LogKey, input: Input, definition: Option<String>) -> Act {
        self.acts += 1;
        Act { number: self.acts, asked: Asked::Turn(log, Box::new(input), definition) }
    }

    pub(super) fn start(&mut self, name: &PipelineName, request: Request) -> Act {
        self.acts += 1;
        self.starts.push((name.clone(), request.clone()));
        Act { number: self.acts, asked: Asked::Start(name.clone(), Box::new(request)) }
    }
}

/// A start without a token under an id of the given moment.
pub(super) fn request(id: Option<ExecutionId>, kind: TriggerType, detail: &str) -> Request {
    Request {
        execution: id,
        trigger: Trigger { kind, detail: detail.to_owned() },
        variables: BTreeMap::new(),
        revisions: Vec::new(),
        client_request_token: None,
    }
}

/// Makes an id of a moment.
pub(super) fn id_at(millis: i64, chance: &mut Chance) -> ExecutionId {
    let bytes = chance.bits().to_be_bytes();
    let mut random = [0; 10];
    random.copy_from_slice(&bytes[..10]);
    let millis = u64::try_from(millis).unwrap_or(0);
    ExecutionId::new(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

impl Simulation {
    /// A person thinks of something to ask, unless everybody has asked enough.
    pub(super) fn think(&mut self) {
        if self.acts_left == 0 {
            self.plan(
                self.people_chance.clone().time_millis(3.0 * self.settings.act_delay_millis),
                Event::Calm,
            );
            return;
        }
        self.acts_left -= 1;
        if let Some(act) = self.draw_act() {
            let asked_again = self.people_chance.happens(self.faults.asked_again);
            if asked_again {
                let delay = self.people_chance.time_millis(60_000.0);
                self.tally.fault("asked again though answered");
                self.plan(delay, Event::Act(Box::new(act.clone()), 0));
            }
            self.plan(0, Event::Act(Box::new(act), 0));
        }
        let delay = self.people_chance.time_millis(self.settings.act_delay_millis);
        self.plan(delay, Event::Think);
    }

    /// Three pushes, the second and third while the first waits for its approval; two approvals.
    pub(super) fn plan_demonstration(&mut self) {
        const MINUTE: i64 = 60_000;
        let name = PipelineName::new("web");
        for (number, minutes) in [(1_i64, 0), (2, 20), (3, 25)] {
            let id = id_at(self.now() + number, &mut self.people_chance);
            let event = request(Some(id), TriggerType::WebhookV2, "push");
            let act = self.people.start(&name, event);
            self.plan(minutes * MINUTE, Event::Act(Box::new(act), 0));
        }
        for minutes in [40, 60] {
            self.plan(minutes * MINUTE, Event::Approve);
        }
        self.plan(80 * MINUTE, Event::Calm);
    }

    /// Answers every open approval, rightly.
    pub(super) fn approve_all(&mut self) {
        let lives: Vec<_> = self.books.live().map(|(id, life)| (*id, life.clone())).collect();
        for (id, life) in lives {
            for (log, stage, run, token) in open_approvals(&self.books, id, &life) {
                let by = format!("approver with token {}", run.id());
                let (action, summary) = (run.action, String::new());
                let approve = Approve { stage, action, token, is_approved: true, summary, by };
                let act = self.people.turn(log, Input::Approve(approve), None);
                self.plan(0, Event::Act(Box::new(act), 0));
            }
        }
    }

    fn draw_act(&mut self) -> Option<Act> {
        let names: Vec<PipelineName> = self.people.declared.keys().cloned().collect();
        let name = names[self.people_chance.place(names.len())].clone();
        let log = LogKey::Pipeline(name.clone());
        let exists = self.books.logs.get(&log).is_some_and(|log| log.definition.is_some());
        if !exists {
            return Some(self.people.create(&name, &mut self.people_chance));
        }
        match self.people_chance.between(0, 99) {
            0..=39 => Some(self.draw_start(&name)),
            40..=64 => self.draw_approval().or_else(|| Some(self.draw_start(&name))),
            65..=75 => self.draw_stop(),
            76..=83 => self.draw_retry().or_else(|| Some(self.draw_start(&name))),
            84..=92 => Some(self.draw_transition(&name)),
            93..=96 => Some(self.people.create(&name, &mut self.people_chance)),
            97 => {
                let by = "somebody".to_owned();
                Some(self.people.turn(log, Input::Delete { by }, None))
            }
            _ => Some(self.people.turn(log, Input::Tick, None)),
        }
    }

    fn draw_start(&mut self, name: &PipelineName) -> Act {
        let now = self.now();
        let chance = &mut self.people_chance;
        let kind = chance.between(0, 99);
        let former = (!self.people.starts.is_empty())
            .then(|| self.people.starts[chance.place(self.people.starts.len())].clone());
        match (kind, former) {
            // The same event or request once more, perhaps long after.
            (0..=14, Some((name, request))) => {
                self.tally.state("a start asked for twice");
                self.people.start(&name, request)
            }
            // A token that was used, with the same parameters or with others.
            (15..=24, Some((name, former))) if former.client_request_token.is_some() => {
                let mut again = former;
                again.execution = None;
                if kind < 19 {
                    again.variables.insert("Other".to_owned(), "x".to_owned());
                }
                self.people.start(&name, again)
            }
            (25..=49, _) => {
                let mut fresh = request(None, TriggerType::StartPipelineExecution, "ann");
                fresh.client_request_token = Some(format!("token-{}", self.people.acts));
                self.people.start(name, fresh)
            }
            // An event that was under way for a while: its id is older than others.
            _ => {
                let age = if chance.happens(0.3) { chance.time_millis(120_000.0) } else { 0 };
                let id = id_at(now - age, chance);
                let event = request(Some(id), TriggerType::WebhookV2, "push");
                self.people.start(name, event)
            }
        }
    }

    /// Answers an open approval with its token, an older token, or a made up one.
    fn draw_approval(&mut self) -> Option<Act> {
        let open: Vec<(LogKey, StageName, RunKey, ApprovalToken)> = self
            .books
            .live()
            .flat_map(|(id, life)| open_approvals(&self.books, *id, life))
            .collect();
        let chance = &mut self.people_chance;
        let kind = chance.between(0, 9);
        let known = &self.people.approvals;
        let (log, stage, run, token) = if kind < 2 && !known.is_empty() {
            known[chance.place(known.len())].clone()
        } else if open.is_empty() {
            return None;
        } else {
            open[chance.place(open.len())].clone()
        };
        let is_approved = chance.happens(0.8);
        let wrong = ApprovalToken::new(Uuid::from_u128(chance.bits()));
        let (token, by) = if kind == 2 {
            (wrong, "stranger with token".to_owned())
        } else {
            (token, format!("approver with token {}", run.id()))
        };
        self.people.approvals.push((log.clone(), stage.clone(), run.clone(), token));
        let action = run.action;
        let approve = Approve { stage, action, token, is_approved, summary: String::new(), by };
        Some(self.people.turn(log, Input::Approve(approve), None))
    }

    fn draw_stop(&mut self) -> Option<Act> {
        let (id, log) = self.draw_life(Life::is_begun)?;
        let abandon = self.people_chance.happens(0.5);
        let by = "somebody".to_owned();
        let input = Input::Stop { execution: id, abandon, reason: None, by };
        Some(self.people.turn(log, input, None))
    }

    fn draw_retry(&mut self) -> Option<Act> {
        let is_retryable = |life: &Life| matches!(life.place, Where::Over(Some(_)));
        let (id, log) = self.draw_life(is_retryable)?;
        let Where::Over(Some(stage)) = self.books.lives[&id].place.clone() else { return None };
        let all = self.people_chance.happens(0.5);
        let mode = if all { RetryMode::AllActions } else { RetryMode::FailedActions };
        let request = retry::Request { execution: id, stage, mode, by: "somebody".to_owned() };
        self.people.acts += 1;
        let asked = Asked::Retry(log.pipeline().clone(), Box::new(request));
        Some(Act { number: self.people.acts, asked })
    }

    /// Chooses an execution, live or over.
    fn draw_life(&mut self, is_it: impl Fn(&Life) -> bool) -> Option<(ExecutionId, LogKey)> {
        let fitting = self.books.lives.iter().filter(|(_, life)| is_it(life));
        let fitting: Vec<_> = fitting.map(|(id, life)| (*id, life.log.clone())).collect();
        if fitting.is_empty() {
            return None;
        }
        Some(fitting[self.people_chance.place(fitting.len())].clone())
    }

    fn draw_transition(&mut self, name: &PipelineName) -> Act {
        let log = LogKey::Pipeline(name.clone());
        let known = &self.books.logs[&log];
        let record = known.definition.expect("the pipeline exists");
        let stages = &self.books.plans[&(name.clone(), record)].stages;
        let closed: Vec<StageName> = known.closed.iter().cloned().collect();
        let by = "somebody".to_owned();
        let opens = self.people_chance.happens(0.6);
        let input = if !closed.is_empty() && opens {
            let stage = closed[self.people_chance.place(closed.len())].clone();
            Input::Enable { stage, by }
        } else {
            let stage = stages[self.people_chance.place(stages.len())].name.clone();
            Input::Disable { stage, reason: "freeze".to_owned(), by }
        };
        self.people.turn(log, input, None)
    }

    /// A person heard what became of a turn.
    pub(super) fn answered(&mut self, act: &Act, outcome: Option<&Outcome>) {
        let Asked::Turn(_, input, _) = &act.asked else { return };
        let refused = Outcome::Refused(Rejection::InvalidApprovalToken);
        if let (Input::Approve(_), true) = (input.as_ref(), outcome == Some(&refused)) {
            self.tally.state("an approval with a wrong token refused");
        }
    }

    /// A person heard what became of a start (S20).
    pub(super) fn learned(&mut self, act: &Act, answer: &Answer, appended: u32) {
        let Asked::Start(pipeline, request) = &act.asked else { return };
        let parameters = format!("{:?} {:?}", request.variables, request.revisions);
        let key = request.client_request_token.clone().map(|token| (pipeline.clone(), token));
        match answer {
            Answer::Started(id) => {
                self.people.acknowledged.insert(*id);
                let is_known = self.books.lives.contains_key(id);
                assert!(is_known, "{id} was said to exist, and does not (S20)");
                if let Some(own) = request.execution.filter(|_| key.is_none()) {
                    assert_eq!(own, *id, "another execution was started (S21)");
                }
                let Some(key) = key else { return };
                let known = self.people.tokens.insert(key, (parameters.clone(), *id));
                if let Some((used_with, former)) = known {
                    self.tally.state("a token used again");
                    assert_eq!(former, *id, "one token started two executions (S20)");
                    assert_eq!(used_with, parameters, "one token, two requests (S20)");
                }
            }
            Answer::TokenMismatch => {
                self.tally.state("a token used with other parameters");
                assert_eq!(appended, 0, "a mismatched token started something (S20)");
            }
            Answer::Refused(_) => assert_eq!(appended, 0, "refused, and done (S20)"),
        }
    }
}

/// Returns the approvals that an execution waits for, with their tokens.
pub(super) fn open_approvals(
    books: &Books,
    id: ExecutionId,
    life: &Life,
) -> Vec<(LogKey, StageName, RunKey, ApprovalToken)> {
    let (Where::Inside(stage), Some(log)) = (&life.place, books.logs.get(&life.log)) else {
        return Vec::new();
    };
    let declared = &books.plan(life).stages[life.stage];
    let running = life.in_progress().filter(|((_, action, _), _)| {
        declared.action_index(action).is_some_and(|at| declared.actions[at].is_approval())
    });
    running
        .map(|((_, action, attempt), _)| {
            let (action, attempt) = (action.clone(), *attempt);
            let run = RunKey { execution: id, stage: stage.clone(), action, attempt };
            let token = ApprovalToken::derive(log.state.secret, run.id());
            (life.log.clone(), stage.clone(), run, token)
        })
        .collect()
}

/// Counts what is interesting about a change, given the books before it.
pub(super) fn note(
    tally: &mut Tally,
    books: &Books,
    key: &LogKey,
    record: &Record,
    change: &Change,
) {
    let log = books.logs.get(key);
    let is_inside = log.is_some_and(|log| !log.inside.is_empty());
    match change {
        Change::Pipeline(change) => match change {
            PipelineChange::Disabled { stage, .. } => {
                let line = log.and_then(|log| log.before.get(stage));
                if line.is_some_and(|line| !line.is_empty()) {
                    tally.state("a transition disabled with somebody waiting");
                }
            }
            PipelineChange::Defined { .. } if is_inside => {
                tally.state("an update with executions inside");
            }
            PipelineChange::Deleted { .. } if is_inside => {
                tally.state("a pipeline deleted with executions inside");
            }
            PipelineChange::Closed { .. } => tally.state("a PARALLEL execution closed"),
            PipelineChange::Defined { .. }
            | PipelineChange::Deleted { .. }
            | PipelineChange::Enabled { .. }
            | PipelineChange::Refused { .. }
            | PipelineChange::Admitted { .. }
            | PipelineChange::Reopened { .. } => {}
        },
        Change::Execution { id, change, .. } => {
            if let ExecutionChange::Started(_) = change {
                let newest = log.and_then(|log| log.state.last_execution);
                if newest.is_some_and(|newest| newest > *id) {
                    tally.state("a start with an id older than the newest");
                }
            }
            note_execution(tally, books, record, change);
        }
    }
}

fn note_execution(tally: &mut Tally, books: &Books, record: &Record, change: &ExecutionChange) {
    let name = match change {
        ExecutionChange::Succeeded => "execution succeeded",
        ExecutionChange::Failed => "execution failed",
        ExecutionChange::Stopped => "execution stopped",
        ExecutionChange::Cancelled { .. } => "execution cancelled",
        ExecutionChange::Resumed { .. } => "execution resumed after a failure",
        ExecutionChange::ActionAbandoned { .. } => "an attempt abandoned",
        ExecutionChange::ActionFailed { is_overdue: true, .. } => "an attempt overdue",
        ExecutionChange::Superseded { .. } => {
            let is_open = books.live().any(|(id, life)| {
                record.state.executions.contains_key(id)
                    && !open_approvals(books, *id, life).is_empty()
            });
            if is_open {
                tally.state("superseded while an approval was open");
            }
            "execution superseded"
        }
        ExecutionChange::Started(_)
        | ExecutionChange::Waited { .. }
        | ExecutionChange::Entered { .. }
        | ExecutionChange::ActionRequested { .. }
        | ExecutionChange::ActionSucceeded { .. }
        | ExecutionChange::ActionFailed { is_overdue: false, .. }
        | ExecutionChange::StageSucceeded { .. }
        | ExecutionChange::StageFailed { .. }
        | ExecutionChange::StageStopping { .. }
        | ExecutionChange::StageStopped { .. }
        | ExecutionChange::StageCancelled { .. }
        | ExecutionChange::StageResumed { .. }
        | ExecutionChange::Stopping { .. }
        | ExecutionChange::StopEscalated
        | ExecutionChange::CancelRequested => return,
    };
    tally.state(name);
}
