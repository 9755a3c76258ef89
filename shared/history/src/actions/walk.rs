//! Goes back through logs and picks up where attempts were asked for.

use std::sync::Arc;

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::RunKey;
use model::ids::{ActionRunId, ExecutionId};
use runtime::App;
use runtime::conclude::newest;
use store::{Error, LogKey, Record};

use super::Position;
use crate::Look;
use crate::back::Back;
use crate::board::Progress;
use crate::execution::Found;

/// How many records one request looks through. Beyond it the page ends, and the next one goes on there.
const RECORDS_MAX: usize = 1_000;

/// Where an attempt was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) log: LogKey,
    pub(super) record: Arc<Record>,
    pub(super) run: RunKey,
    pub(super) position: Position,
}

/// A walk that stops when it has found enough, or read enough.
pub(super) struct Walk<'a> {
    app: &'a App,
    look: &'a Look,
    after: Option<Position>,
    wanted: usize,
    found: Vec<Asked>,
    read: usize,
    stopped_at: Option<Position>,
    only: Option<ActionRunId>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        app: &'a App,
        look: &'a Look,
        after: Option<Position>,
        wanted: usize,
    ) -> Self {
        Self { app, look, after, wanted, found: Vec::new(), read: 0, stopped_at: None, only: None }
    }

    /// Passes over every attempt but one.
    pub(super) fn only(&mut self, id: ActionRunId) {
        self.only = Some(id);
    }

    /// Returns what was found, and where the walk stopped because it had read enough.
    pub(super) fn into_found(self) -> (Vec<Asked>, Option<Position>) {
        (self.found, self.stopped_at)
    }

    /// Goes through the pipeline's log, and through the own logs of PARALLEL executions where each was
    /// admitted.
    pub(super) async fn whole_log(&mut self) -> Result<(), Error> {
        let log = &self.look.head.log;
        let newest = self.look.head.state.sequence;
        let high = self.after.map_or(newest, |after| after.sequence.min(newest));
        let low = self.look.life.created_record;
        let mut back = Back::new(self.app, log.clone(), (low, high));
        while let Some(record) = back.next().await? {
            self.read += 1;
            self.in_record(log, &record).await?;
            let position = Position { sequence: record.sequence, change: 0, own: None };
            if self.is_over(position) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn in_record(&mut self, log: &LogKey, record: &Arc<Record>) -> Result<(), Error> {
        for (index, change) in record.changes.iter().enumerate().rev() {
            let after = self.after.filter(|after| after.sequence == record.sequence);
            let own = match after {
                Some(after) if index > after.change => continue,
                Some(after) if index == after.change && after.own.is_none() => continue,
                Some(after) if index == after.change => after.own,
                Some(_) | None => None,
            };
            match change {
                Change::Execution { id, change, .. } => {
                    let position = Position { sequence: record.sequence, change: index, own: None };
                    self.pick(log, record, *id, change, position);
                }
                Change::Pipeline(PipelineChange::Admitted { execution, .. }) => {
                    let outer = Position { sequence: record.sequence, change: index, own: None };
                    self.own_log(*execution, outer, own).await?;
                }
                Change::Pipeline(_) => {}
            }
            if self.found.len() >= self.wanted || self.stopped_at.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes through the own log of a PARALLEL execution.
    async fn own_log(
        &mut self,
        id: ExecutionId,
        outer: Position,
        after: Option<(ExecutionId, u64, usize)>,
    ) -> Result<(), Error> {
        let log = LogKey::Execution(self.look.head.log.pipeline().clone(), id);
        let last = newest(self.app, &log).await?.state.sequence;
        let high = after.map_or(last, |(_, sequence, _)| sequence.min(last));
        let mut back = Back::new(self.app, log.clone(), (1, high));
        while let Some(record) = back.next().await? {
            self.read += 1;
            for (index, change) in record.changes.iter().enumerate().rev() {
                let is_past = after.is_some_and(|(_, sequence, change)| {
                    record.sequence == sequence && index >= change
                });
                if is_past {
                    continue;
                }
                if let Change::Execution { id, change, .. } = change {
                    let own = Some((*id, record.sequence, index));
                    self.pick(&log, &record, *id, change, Position { own, ..outer });
                }
            }
            let own = Some((id, record.sequence, 0));
            if self.is_over(Position { own, ..outer }) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes through the records of one execution, and takes those that `is_wanted`.
    pub(super) async fn one_execution(
        &mut self,
        found: &Found,
        mut is_wanted: impl FnMut(&Asked) -> bool + Send,
    ) -> Result<(), Error> {
        let (low, last) = found.records;
        let high = self.after.map_or(last, |after| after.sequence.min(last));
        let mut back = Back::new(self.app, found.log.clone(), (low, high));
        while let Some(record) = back.next().await? {
            self.read += 1;
            for (index, change) in record.changes.iter().enumerate().rev() {
                let is_past = self.after.is_some_and(|after| {
                    record.sequence == after.sequence && index >= after.change
                });
                let Change::Execution { id, change, .. } = change else { continue };
                if is_past || *id != found.summary.execution {
                    continue;
                }
                let position = Position { sequence: record.sequence, change: index, own: None };
                if self.pick(&found.log, &record, *id, change, position)
                    && self.found.last().is_some_and(|asked| !is_wanted(asked))
                {
                    self.found.pop();
                }
            }
            let position = Position { sequence: record.sequence, change: 0, own: None };
            if self.is_over(position) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes an attempt up where a change asks for one.
    fn pick(
        &mut self,
        log: &LogKey,
        record: &Arc<Record>,
        id: ExecutionId,
        change: &ExecutionChange,
        position: Position,
    ) -> bool {
        let Some((run, Progress::InProgress, _)) = Progress::after(id, change) else {
            return false;
        };
        if self.only.is_some_and(|only| only != run.id()) {
            return false;
        }
        self.found.push(Asked { log: log.clone(), record: record.clone(), run, position });
        true
    }

    /// Whether enough was found, or enough was read; then the next page goes on after `position`.
    fn is_over(&mut self, position: Position) -> bool {
        if self.found.len() >= self.wanted {
            return true;
        }
        if self.read >= RECORDS_MAX {
            self.stopped_at = self.stopped_at.or(Some(position));
        }
        self.stopped_at.is_some()
    }
}
