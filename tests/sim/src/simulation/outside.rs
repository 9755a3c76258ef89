//! What the outside does when it is asked, with the checks that only the outside can make.

use engine::change::{Change, ExecutionChange};
use engine::state::RunKey;
use model::ids::{ActionName, ExecutionId, PipelineName, StageName};
use model::status::FailureType;
use providers::Job;
use runtime::Hint;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use store::{LogKey, Record};

use super::task::Purpose;
use super::{Event, Simulation};
use crate::books::RunStatus;
use crate::gate::{Answer, Request, TaskId, run_of};
use crate::sabotage::Sabotage;
use crate::work::value_of;

impl Simulation {
    /// Does what is asked, for a task or for nobody any more.
    pub(super) fn execute(&mut self, request: &Request, task: Option<TaskId>) -> Answer {
        match request {
            Request::Table { operation, body } => self.ask_table(operation, body, task),
            Request::Hint(hint) => {
                if !self.is_swallowed(task) {
                    self.send_hint(hint);
                }
                Answer::Done
            }
            Request::Start(job) => self.start_job(job, task),
            Request::Poll(job) => {
                let (now, sabotage) = (self.now(), self.settings.sabotage);
                if sabotage == Some(Sabotage::UnknownLooksRunning)
                    && self.work.task(&job.run_id).is_none()
                {
                    let progress = providers::Progress::Running {
                        external_id: None,
                        external_url: None,
                        ask_again_seconds: None,
                    };
                    return Answer::Progress(progress);
                }
                let answer = self.work.progress(&job.run_id, now);
                self.note_late(job, &answer);
                answer
            }
            Request::Cancel(job) => {
                let now = self.now();
                if self.settings.sabotage != Some(Sabotage::NoCancel) {
                    self.work.cancel(&job.run_id, now);
                }
                Answer::Done
            }
            Request::Emit(log, events) => {
                for event in events {
                    self.emit(log, event);
                }
                Answer::Done
            }
            Request::Advance(log, reached) => {
                let cursor = self.cursors.entry(log.clone()).or_default();
                *cursor = (*cursor).max(*reached);
                Answer::Done
            }
        }
    }

    fn is_swallowed(&self, task: Option<TaskId>) -> bool {
        let purpose = task.and_then(|id| self.tasks.get(&id));
        match self.settings.sabotage {
            Some(Sabotage::UnchangedIsSilent) => purpose
                .is_some_and(|task| task.appended == 0 && matches!(task.purpose, Purpose::Act(..))),
            Some(_) | None => false,
        }
    }

    /// Puts a hint on the queue, which loses, doubles and delays.
    pub(super) fn send_hint(&mut self, hint: &Hint) {
        let lost = self.faults_chance.happens(self.faults.hint_lost);
        let doubled = self.faults_chance.happens(self.faults.hint_doubled);
        if lost {
            self.tally.fault("hint lost");
            self.say(format_args!("lost: {hint}"));
            return;
        }
        for _ in 0..=usize::from(doubled) {
            let takes = 1 + self.latency_chance.time_millis(self.faults.hint_delay_millis);
            self.plan(takes, Event::Deliver(hint.clone(), 0));
        }
        if doubled {
            self.tally.fault("hint delivered twice");
        }
    }

    fn ask_table(&mut self, operation: &str, body: &Value, task: Option<TaskId>) -> Answer {
        let body = self.spoiled(body);
        let before = self.newest_of(&body, operation);
        let (mut reply, written) = self.with_table(|table| table.request(operation, &body));
        let is_content = body["ConsistentRead"] != Value::Bool(true) && written.is_none();
        if is_content && self.faults_chance.happens(self.faults.stale) && forget(&mut reply.body) {
            self.tally.fault("a replica without the newest row");
        }
        if let Some((partition, newest)) = before {
            self.reads(task, &partition, newest);
            if self.settings.sabotage == Some(Sabotage::StaleLoads) && newest > 1 {
                let sort = format!("LOG#{:012}", newest - 1);
                let stale = self.with_table(|table| table.row(&partition, &sort).cloned());
                reply.body["Items"] = serde_json::json!([stale]);
            }
        }
        if reply.status == 400
            && reply.body["Item"].is_object()
            && body["Item"]["turn"] == reply.body["Item"]["turn"]
        {
            self.tally.state("our own record found after a lost answer");
            if self.settings.sabotage == Some(Sabotage::OwnRecordUnknown) {
                reply.body["Item"]["turn"]["N"] = Value::from("1");
            }
        } else if reply.status == 400 && reply.body["Item"]["turn"].is_object() {
            self.tally.state("a lost race");
        }
        if self.settings.sabotage == Some(Sabotage::PlansUnpinned) && operation == "GetItem" {
            self.unpin(&body, &mut reply.body);
        }
        let Some(written) = written else { return Answer::Reply(reply) };
        if written.sort.starts_with("LOG#") {
            let (key, sort) = (format!("{}/{}", written.partition, written.sort), &written.sort);
            assert!(!written.replaced, "record {key} was replaced: two wrote it (D2, S1)");
            let sequence = sort.trim_start_matches("LOG#").parse().unwrap_or(0);
            if let Some(task) = task.and_then(|id| self.tasks.get_mut(&id)) {
                task.appended += 1;
            }
            self.reads(task, &written.partition, sequence);
            self.committed(&written.partition, sequence);
        }
        Answer::Reply(reply)
    }

    /// Puts the newest declaration where another one was asked for.
    fn unpin(&self, asked: &Value, answer: &mut Value) {
        let Some(partition) = asked["Key"]["PK"]["S"].as_str() else { return };
        if answer["Item"]["definition"].is_null() {
            return;
        }
        let newest = self.with_table(|table| {
            let declared =
                table.rows(partition).filter(|(_, _, row)| row.contains_key("definition"));
            declared.last().map(|(_, _, row)| row["definition"].clone())
        });
        if let Some(newest) = newest {
            answer["Item"]["definition"] = newest;
        }
    }

    /// Breaks a request, if that is what this world is for.
    fn spoiled(&self, body: &Value) -> Value {
        let mut body = body.clone();
        let sort = body["Item"]["SK"]["S"].as_str().unwrap_or_default();
        let partition = body["Item"]["PK"]["S"].as_str().unwrap_or_default();
        let forget =
            |body: &mut Value| body.as_object_mut().map(|body| body.remove("ConditionExpression"));
        match self.settings.sabotage {
            Some(Sabotage::UnguardedAppend) if sort.starts_with("LOG#") => {
                forget(&mut body);
            }
            Some(Sabotage::TokenUnclaimed) if partition.starts_with("TOKEN#") => {
                forget(&mut body);
            }
            Some(Sabotage::SummaryForgotten) if sort.starts_with("EXECUTION#") => {
                body["Item"]["PK"]["S"] = Value::from("NOWHERE");
            }
            Some(Sabotage::NotWatched) if partition.starts_with("LIVE#") => {
                body["Item"]["PK"]["S"] = Value::from("NOWHERE");
            }
            // Only a look back reads many records, newest first.
            Some(Sabotage::NoLookBack)
                if body["ScanIndexForward"] == false && body["Limit"] == 100 =>
            {
                body["ExpressionAttributeValues"][":log"]["S"] = Value::from("NOWHERE");
            }
            Some(_) | None => {}
        }
        body
    }

    /// Returns the newest record of a log that is about to be loaded.
    fn newest_of(&self, body: &Value, operation: &str) -> Option<(String, u64)> {
        if operation != "Query" || body["Limit"] != 1 {
            return None;
        }
        let partition = body["ExpressionAttributeValues"][":log"]["S"].as_str()?.to_owned();
        let key = self.log_of(&partition)?;
        let newest = self.books.logs.get(&key).map_or(0, |log| log.sequence);
        Some((partition, newest))
    }

    fn reads(&mut self, task: Option<TaskId>, partition: &str, newest: u64) {
        let Some(task) = task.and_then(|id| self.tasks.get_mut(&id)) else { return };
        task.reads.insert(partition.to_owned(), newest);
        if self.settings.is_sole_writer {
            self.processes[task.process].seen.insert(partition.to_owned(), newest);
        }
    }

    fn log_of(&self, partition: &str) -> Option<LogKey> {
        if let Some(name) = partition.strip_prefix("PIPELINE#") {
            return Some(LogKey::Pipeline(PipelineName::new(name)));
        }
        let id = partition.strip_prefix("EXECUTION#")?.parse().ok()?;
        Some(self.books.lives.get(&id)?.log.clone())
    }

    /// Enters a record that was just committed, whoever wrote it.
    fn committed(&mut self, partition: &str, sequence: u64) {
        let key = self.log_of(partition).expect("only logs that were admitted are written");
        let record = now_or_never(self.observer.record(&key, sequence));
        let record = record.expect("what we write can be read").expect("it was just written");
        self.tally.records += 1;
        for change in &record.changes {
            self.say(format_args!("      {}", change.line(key.pipeline())));
            self.note(&key, &record, change);
        }
        self.books.enter(&key, &record);
        for change in &record.changes {
            if let Change::Execution { id, change, .. } = change {
                self.check_end(&key, *id, change);
            }
            self.check_watched(&key, change);
        }
        let takes = 1 + self.latency_chance.time_millis(20_000.0);
        self.plan_publishing(takes);
    }

    /// What an attempt's end says must be what its provider said (D1).
    fn check_end(&mut self, log: &LogKey, id: ExecutionId, change: &ExecutionChange) {
        let key = |stage: &StageName, action: &ActionName, attempt: u32| RunKey {
            execution: id,
            stage: stage.clone(),
            action: action.clone(),
            attempt,
        };
        let ended =
            if let ExecutionChange::ActionSucceeded { stage, action, attempt, by, .. } = change {
                Some((key(stage, action, *attempt), true, by))
            } else if let ExecutionChange::ActionFailed {
                stage,
                action,
                attempt,
                by,
                failure,
                is_overdue: false,
            } = change
            {
                // What may not be done was never begun.
                let is_refused = failure.code == FailureType::PermissionError.as_str();
                (!is_refused).then(|| (key(stage, action, *attempt), false, by))
            } else {
                None
            };
        let Some((run, is_success, by)) = ended else { return };
        if let Some(by) = by {
            let token_of = by.rsplit(' ').next().unwrap_or_default();
            let expected = run.id().to_string();
            assert_eq!(token_of, expected, "{log}: answered with another token (S18)");
            self.tally.state("an approval answered");
            return;
        }
        let told = self.work.task(&run.id().to_string()).map(|task| task.told.clone());
        let is_true = told.as_ref().is_some_and(|told| told.contains(&is_success));
        assert!(is_true, "{log}: {run:?} ended {is_success}, and its provider said {told:?} (S16)");
    }

    /// Every execution is watched from its start to its end.
    fn check_watched(&self, log: &LogKey, change: &Change) {
        let id = match change {
            Change::Execution { id, change: ExecutionChange::Started(_), .. } => id,
            Change::Execution { .. } | Change::Pipeline(_) => return,
        };
        let is_watched = self.is_watched(log, *id);
        let is_late = self.books.lives.get(id).is_some_and(|life| !life.is_live());
        assert!(is_watched || is_late, "{log}: {id} starts, and nobody watches it (L1)");
    }

    /// Whether the sweep would look at an execution.
    pub(super) fn is_watched(&self, log: &LogKey, id: ExecutionId) -> bool {
        let prefix = format!("{}#{id}#", log.pipeline());
        self.with_table(|table| table.rows("LIVE#").any(|(_, row, _)| row.starts_with(&prefix)))
    }

    fn start_job(&mut self, job: &Job, task: Option<TaskId>) -> Answer {
        let run = run_of(job);
        let key = self
            .books
            .run(&run)
            .map(|(life, known)| (life.log.clone(), known.status, known.ended_by));
        let (log, status, ended_by) =
            key.unwrap_or_else(|| panic!("{run:?} is started, and nobody asked for it (S2)"));
        let is_known = self.work.task(&job.run_id).is_some();
        if status == RunStatus::InProgress {
            self.check_job(job, &run);
        } else if let (Some(ended_by), Some(task), false) = (ended_by, task, is_known) {
            let partition = match &log {
                LogKey::Pipeline(name) => format!("PIPELINE#{name}"),
                LogKey::Execution(_, id) => format!("EXECUTION#{id}"),
            };
            let reads = self.tasks.get(&task).and_then(|task| task.reads.get(&partition).copied());
            let is_excused = reads.is_some_and(|read| read < ended_by);
            assert!(is_excused, "{run:?} is started, though it was over when we looked (S14, S16)");
            self.tally.state("a start in flight while its attempt was given up");
        }
        let is_forgetful = self.settings.sabotage == Some(Sabotage::StartedAgain);
        let now = self.now();
        let chance = &mut self.work_chance;
        let begun = self.work.start(job, now, &self.settings, &self.faults, chance, is_forgetful);
        let Some(ends_at) = begun.began else { return begun.answer };
        let starts = self.work.task(&job.run_id).map_or(0, |task| task.starts);
        assert_eq!(starts, 1, "{run:?} was really started {starts} times (S2, S4)");
        if status != RunStatus::InProgress {
            self.work.orphan(&job.run_id);
        }
        self.note_start(task, &begun.answer);
        match ends_at {
            Some(ends) => {
                let hint = Hint::AskProvider(log, run);
                if self.work_chance.happens(self.faults.told_early) {
                    self.tally.fault("job reported before its end");
                    self.plan((ends - now) / 2, Event::Ended(hint.clone()));
                }
                self.plan(ends - now, Event::Ended(hint));
            }
            None => self.tally.state("a job that its provider never ended"),
        }
        begun.answer
    }

    /// S12, S13, S24: a job is made of its own execution's declaration, artifacts and variables.
    fn check_job(&self, job: &Job, run: &RunKey) {
        let (life, _) = self.books.run(run).expect("it was just found");
        let plan = self.books.plan(life);
        let stage = &plan.stages[life.stage];
        let action = &stage.actions[stage.action_index(&run.action).expect("declared")];
        for key in ["BranchName", "ProjectName", "DeploymentGroupName"] {
            let (ours, theirs) = (action.configuration.get(key), job.configuration.get(key));
            assert_eq!(ours, theirs, "{run:?} runs by another declaration (S24)");
        }
        let success = |is_it: &dyn Fn(&model::pipeline::Action) -> bool| {
            plan.stages.iter().find_map(|stage| {
                let action = stage.actions.iter().find(|action| is_it(action))?;
                let (_, run) = life.newest(&stage.name, &action.name)?;
                run.success.as_deref()
            })
        };
        for input in &job.inputs {
            let made = success(&|action| {
                action.outputs.iter().any(|output| output.name.as_str() == input.name)
            });
            let ours = made.and_then(|made| made.artifacts.iter().find(|a| a.name == input.name));
            assert_eq!(ours, Some(input), "{run:?} reads another artifact (S12)");
        }
        for (namespace, key) in [("Made", "ApplicationName"), ("Source", "EnvironmentVariables")] {
            let Some(text) = job.configuration.get(key) else { continue };
            let made = success(&|action| action.namespace.as_deref() == Some(namespace));
            let id = made.and_then(|made| made.external_id.as_deref()).unwrap_or_default();
            let value = value_of(id.trim_start_matches("job-"));
            assert!(text.contains(&value), "{run:?} has another's variables: {text} (S13)");
        }
    }

    fn emit(&mut self, log: &LogKey, event: &events::Event) {
        let (id, number) = (event.execution, event.sequence);
        let mut hasher = DefaultHasher::new();
        event.to_json_line().hash(&mut hasher);
        let text = hasher.finish();
        if let Some(former) = self.event_texts.insert((id, number), text) {
            assert_eq!(former, text, "{log}: event {number} of {id} says two things (S23)");
            self.tally.state("an event published twice");
            return;
        }
        let published = self.published.entry(id).or_default();
        let expected = published.last().copied().unwrap_or(0) + 1;
        assert_eq!(number, expected, "{log}: events of {id} out of order (S22, S23)");
        published.push(number);
        let known = self.books.lives.get(&id).map_or(0, |life| life.announced);
        assert!(number <= known, "{log}: event {number} of {id} is not true yet (D4)");
    }

    /// Counts what is interesting about a change that is about to be entered.
    fn note(&mut self, log: &LogKey, record: &Record, change: &Change) {
        super::people::note(&mut self.tally, &self.books, log, record, change);
    }

    fn note_late(&mut self, job: &Job, answer: &Answer) {
        let Answer::Progress(providers::Progress::Done(_)) = answer else { return };
        let status = self.books.run(&run_of(job)).map(|(_, run)| run.status);
        if let Some(RunStatus::Abandoned | RunStatus::Overdue) = status {
            self.tally.state("an answer to an attempt that was given up");
        }
    }

    fn note_start(&mut self, task: Option<TaskId>, answer: &Answer) {
        let by = task.and_then(|id| self.tasks.get(&id)).map(|task| task.purpose.clone());
        if let Some(Purpose::Sweep) = by {
            self.tally.state("a start after a lost hint, by the sweep");
        }
        if let Answer::None = answer {
            self.tally.fault("job started, error answered");
            self.tally.state("a start that was made and answered with an error");
        }
    }
}

/// Runs a future that waits for nothing.
pub(super) fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the observer's table answers at once"),
    }
}

/// Takes the newest row out of an answer, as a replica gives it that did not hear of it yet. Rows are answered
/// with the newest first, or in no order that matters.
fn forget(answer: &mut Value) -> bool {
    if let Some(items) = answer["Items"].as_array_mut().filter(|items| !items.is_empty()) {
        items.remove(0);
        return true;
    }
    answer.as_object_mut().is_some_and(|answer| answer.remove("Item").is_some())
}
