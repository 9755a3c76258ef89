//! Records with anything in them, from a seed.

use std::collections::BTreeMap;
use std::fmt::Debug;

use engine::change::Started;
use engine::input::{Revision, Trigger};
use engine::state::{
    Admission, Definition, Done, Ending, Execution, Inbound, Latest, Place, Run, Scope, Slot,
};
use engine::{Change, ExecutionChange, PipelineChange, State};
use model::ids::{ExecutionId, StageName};
use model::outcome::{Failure, SourceRevision, StoredArtifact, Success};
use model::status::{ExecutionMode, RetryMode, StageStatus, TriggerType};
use model::time::Timestamp;
use uuid::Uuid;

use crate::record::Record;

use super::{EXECUTION_KINDS, PIPELINE_KINDS};

/// A seeded source of choices: one seed, one record.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        // SplitMix64: every seed gives a good sequence.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    fn is(&mut self) -> bool {
        self.below(2) == 0
    }

    pub(super) fn of<T: Copy + Debug>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    fn small(&mut self) -> u32 {
        u32::try_from(self.below(4)).unwrap()
    }

    fn many<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    fn perhaps<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Option<T> {
        self.is().then(|| make(self))
    }

    fn words(&mut self) -> String {
        self.of(&["", "x", "Build", "a b*c@2/-", "Grüße \"zu\" \u{7}\n", "{}[],:"]).to_owned()
    }

    fn name(&mut self) -> StageName {
        self.of(&["Source", "Build", "Beta", "Straße", "a\"b"]).into()
    }

    fn moment(&mut self) -> Timestamp {
        let odd = [0, 1, -1, i64::MAX, i64::MIN];
        let usual = 1_790_000_000_000 + i64::try_from(self.below(1 << 40)).unwrap();
        Timestamp::from_millis(if self.below(8) == 0 { self.of(&odd) } else { usual })
    }

    fn record(&mut self) -> u64 {
        let usual = self.below(1000);
        if self.below(8) == 0 { self.roll() } else { usual }
    }

    pub(super) fn subject(&mut self) -> (ExecutionId, u64) {
        let which = self.below(6);
        // In one log, a number belongs to one id.
        (ExecutionId::new(Uuid::from_u128(u128::from(which) << 96 | 0xabcd)), which)
    }

    fn definition(&mut self) -> Definition {
        Definition {
            record: self.record(),
            version: self.small(),
            mode: self.of(ExecutionMode::ALL),
        }
    }

    fn execution(&mut self, number: u64) -> Execution {
        Execution {
            number,
            definition: self.definition(),
            attempt: self.small(),
            started_at: self.moment(),
            started_record: self.record(),
            announced: self.small(),
            retried_at: self.perhaps(Self::moment),
            place: self.of(&[Place::Arriving, Place::Waiting, Place::Inside]),
            stage: self.small() as usize,
            ending: self.of(&[
                Ending::No,
                Ending::Stopping,
                Ending::Abandoning,
                Ending::Cancelling,
            ]),
            runs: self.many(Self::run),
            results: self.many(|dice| dice.many(Self::done)),
        }
    }

    fn done(&mut self) -> Done {
        Done { attempt: self.small(), record: self.record() }
    }

    fn run(&mut self) -> Run {
        let attempt = self.small();
        match self.below(5) {
            0 => Run::Pending,
            1 => Run::InProgress { attempt, since: self.moment() },
            2 => Run::Succeeded(self.done()),
            3 => Run::Failed { attempt },
            _ => Run::Abandoned { attempt },
        }
    }

    fn slot(&mut self) -> Slot {
        let disabled = |dice: &mut Self| Inbound::Disabled {
            since: dice.moment(),
            by: dice.words(),
            reason: dice.words(),
        };
        Slot {
            occupant: self.perhaps(|dice| dice.subject().0),
            waiting: self.many(|dice| dice.subject().0),
            inbound: self.perhaps(disabled).unwrap_or(Inbound::Enabled),
            latest: self.perhaps(|dice| {
                let (execution, number) = dice.subject();
                Latest {
                    execution,
                    number,
                    attempt: dice.small(),
                    status: dice.of(StageStatus::ALL),
                    resume: dice.perhaps(|dice| Box::new(dice.execution(number))),
                }
            }),
        }
    }

    fn state(&mut self, sequence: u64, at: Timestamp) -> State {
        let admission = |dice: &mut Self| Admission {
            record: dice.record(),
            attempt: dice.small(),
            is_withdrawn: dice.is(),
        };
        let execution = |dice: &mut Self| {
            let (id, number) = dice.subject();
            (id, dice.execution(number))
        };
        State {
            scope: self.of(&[Scope::Pipeline, Scope::Execution]),
            sequence,
            at,
            definition: self.perhaps(Self::definition),
            secret: Uuid::from_u128(u128::from(self.roll()) << 64 | u128::from(self.roll())),
            last_number: self.below(9),
            last_execution: self.perhaps(|dice| dice.subject().0),
            stages: self.many(|dice| (dice.name(), dice.slot())).into_iter().collect(),
            executions: self.many(execution).into_iter().collect(),
            admitted: self.many(|dice| (dice.subject().0, admission(dice))).into_iter().collect(),
        }
    }

    fn started(&mut self) -> Started {
        let revision = |dice: &mut Self| Revision {
            action: dice.name().as_str().into(),
            kind: dice.words(),
            value: dice.words(),
        };
        Started {
            definition: self.definition(),
            trigger: self.trigger(),
            variables: self.map(),
            revisions: self.many(revision),
        }
    }

    fn trigger(&mut self) -> Trigger {
        Trigger { kind: self.of(TriggerType::ALL), detail: self.words() }
    }

    fn map(&mut self) -> BTreeMap<String, String> {
        self.many(|dice| (dice.words(), dice.words())).into_iter().collect()
    }

    fn success(&mut self) -> Success {
        let artifact = |dice: &mut Self| StoredArtifact {
            name: dice.words(),
            bucket: dice.words(),
            key: dice.words(),
            sha256: dice.words(),
            size_bytes: dice.record(),
        };
        let revision = |dice: &mut Self| SourceRevision {
            id: dice.words(),
            summary: dice.perhaps(Self::words),
            url: dice.perhaps(Self::words),
        };
        Success {
            external_id: self.perhaps(Self::words),
            external_url: self.perhaps(Self::words),
            summary: self.perhaps(Self::words),
            variables: self.map(),
            artifacts: self.many(artifact),
            revision: self.perhaps(revision),
        }
    }

    fn failure(&mut self) -> Failure {
        Failure {
            code: self.words(),
            message: self.words(),
            external_id: self.perhaps(Self::words),
            external_url: self.perhaps(Self::words),
        }
    }

    fn change(&mut self) -> Change {
        if self.below(4) == 0 {
            let kind = self.below(PIPELINE_KINDS);
            return Change::Pipeline(self.pipeline_change(kind));
        }
        let (id, number) = self.subject();
        let kind = self.below(EXECUTION_KINDS);
        let announced = self.small();
        Change::Execution { id, number, announced, change: self.execution_change(kind) }
    }

    pub(super) fn pipeline_change(&mut self, kind: u64) -> PipelineChange {
        let (execution, number) = self.subject();
        let (stage, by, reason) = (self.name(), self.words(), self.words());
        match kind {
            0 => PipelineChange::Defined {
                version: self.small(),
                mode: self.of(ExecutionMode::ALL),
                secret: Uuid::from_u128(u128::from(self.roll())),
                by,
            },
            1 => PipelineChange::Deleted { by },
            2 => PipelineChange::Disabled { stage, since: self.moment(), by, reason },
            3 => PipelineChange::Enabled { stage, by },
            4 => PipelineChange::Refused { execution, trigger: self.trigger(), reason },
            5 => PipelineChange::Admitted { execution, number, started: Box::new(self.started()) },
            6 => PipelineChange::Closed { execution },
            _ => PipelineChange::Reopened { execution, attempt: self.small() },
        }
    }

    pub(super) fn execution_change(&mut self, kind: u64) -> ExecutionChange {
        let (stage, reason, attempt) = (self.name(), self.words(), self.small());
        let action = self.name().as_str().into();
        match kind {
            0 => ExecutionChange::Started(Box::new(self.started())),
            1 => ExecutionChange::Waited { stage },
            2 => ExecutionChange::Entered { stage },
            3 => ExecutionChange::Superseded { stage, by: self.record() },
            4 => ExecutionChange::ActionSucceeded {
                stage,
                action,
                attempt,
                success: Box::new(self.success()),
                by: self.perhaps(Self::words),
            },
            5 => ExecutionChange::ActionFailed {
                stage,
                action,
                attempt,
                failure: Box::new(self.failure()),
                is_overdue: self.is(),
                by: self.perhaps(Self::words),
            },
            6 => ExecutionChange::ActionAbandoned { stage, action, attempt },
            7 => ExecutionChange::StageSucceeded { stage },
            8 => ExecutionChange::StageFailed { stage },
            9 => ExecutionChange::StageStopping { stage },
            10 => ExecutionChange::StageStopped { stage },
            11 => ExecutionChange::StageCancelled { stage },
            12 => ExecutionChange::StageResumed { stage, mode: self.of(RetryMode::ALL) },
            13 => ExecutionChange::Succeeded,
            14 => ExecutionChange::Failed,
            15 => {
                ExecutionChange::Stopping { abandon: self.is(), reason: self.perhaps(Self::words) }
            }
            16 => ExecutionChange::StopEscalated,
            17 => ExecutionChange::Stopped,
            18 => ExecutionChange::CancelRequested,
            19 => ExecutionChange::Cancelled { reason },
            20 => ExecutionChange::Resumed { by: reason },
            _ => ExecutionChange::ActionRequested { stage, action, attempt },
        }
    }

    pub(super) fn whole_record(&mut self) -> Record {
        let sequence = 1 + self.below(999_999_999_999);
        let at = self.moment();
        let mut changes = self.many(Self::change);
        changes.extend(self.requests());
        Record {
            sequence,
            at,
            turn: self.roll(),
            input: self.words(),
            changes,
            state: self.state(sequence, at),
            definition: self.perhaps(Self::words),
        }
    }

    /// Requests that follow one another, as they do when a group of actions begins.
    fn requests(&mut self) -> Vec<Change> {
        let (id, number) = self.subject();
        let (stage, attempt, first) = (self.name(), self.small(), self.small());
        (first..first + self.small())
            .map(|announced| {
                let (stage, action) = (stage.clone(), self.name().as_str().into());
                let change = ExecutionChange::ActionRequested { stage, action, attempt };
                Change::Execution { id, number, announced, change }
            })
            .collect()
    }
}
