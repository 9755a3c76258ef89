//! Makes a job of an attempt: references resolved, artifacts located.

use std::collections::BTreeMap;

use engine::Plans;
use engine::change::{Change, ExecutionChange, Started};
use engine::state::{Done, Execution, Place, Run, RunKey};
use model::artifact_key::{artifact_bucket, artifact_key, artifact_store};
use model::ids::ApprovalToken;
use model::outcome::{Failure, StoredArtifact, Success};
use model::pipeline::{Action, Pipeline};
use model::status::{ActionCategory, FailureType};
use model::time::Timestamp;
use model::variables;
use providers::Job;
use providers::job::{ApprovalRequest, EnvironmentVariable, OutputArtifact, RevisionOverride};
use store::{Head, LogKey, Record};

use crate::App;
use crate::approval_link::{LinkToken, Target};

/// How many bytes the resolved configuration of an action may have (R32).
const RESOLVED_BYTES_MAX: usize = 100 * 1024;

/// What became of an attempt that was to be made a job.
#[derive(Debug)]
pub enum Prepared {
    /// Ready to be started.
    Job(Box<Job>),
    /// It waits for a person; whoever is to be told is told with this.
    Approval(Box<Job>),
    /// The attempt is not in progress any more.
    Stale,
    /// It cannot be started, and never will be.
    Failed(Failure),
}

/// Makes a job of an attempt that is in progress.
pub async fn prepare(
    app: &App,
    head: &Head,
    plans: &Plans,
    run: &RunKey,
) -> Result<Prepared, store::Error> {
    let Some((execution, action)) = in_progress(head, plans, run) else {
        return Ok(Prepared::Stale);
    };
    let pipeline = plans.get(execution.definition.record);
    let past = Past { app, log: &head.log, pipeline, execution };
    match past.job(action, run).await {
        Ok(mut job) if action.is_approval() => {
            job.approval = Some(approval_request(app, head, run));
            Ok(Prepared::Approval(Box::new(job)))
        }
        Ok(job) => Ok(Prepared::Job(Box::new(job))),
        Err(Trouble::Store(error)) => Err(error),
        Err(Trouble::Action(failure)) => Ok(Prepared::Failed(failure)),
    }
}

/// Returns what the people who are asked need to answer (R81).
fn approval_request(app: &App, head: &Head, run: &RunKey) -> ApprovalRequest {
    let secret = head.state.secret;
    let link = LinkToken::derive(secret, run.id());
    let target = Target { pipeline: head.log.pipeline().clone(), run: run.clone() };
    ApprovalRequest {
        token: ApprovalToken::derive(secret, run.id()).to_string(),
        review_url: app.world.public_url().map(|base| target.link(base, &link)),
        pipeline_url: None,
    }
}

/// Makes the job that an attempt was when it was asked for, for whoever looks back, also where a person
/// answered it; or says why none could be made. `then` is the head that the asking record made.
pub async fn recall(
    app: &App,
    then: &Head,
    pipeline: &Pipeline,
    run: &RunKey,
) -> Result<Option<Result<Job, Failure>>, store::Error> {
    let Some(execution) = then.state.executions.get(&run.execution) else { return Ok(None) };
    let stage = pipeline.stages.get(execution.stage).filter(|stage| stage.name == run.stage);
    let action = stage.and_then(|stage| Some(&stage.actions[stage.action_index(&run.action)?]));
    let Some(action) = action else { return Ok(None) };
    let past = Past { app, log: &then.log, pipeline, execution };
    match past.job(action, run).await {
        Ok(job) => Ok(Some(Ok(job))),
        Err(Trouble::Store(error)) => Err(error),
        Err(Trouble::Action(failure)) => Ok(Some(Err(failure))),
    }
}

/// Makes as much of a job as a provider needs to stop an attempt that no longer counts.
pub fn identify(app: &App, log: &LogKey, number: u64, action: &Action, run: &RunKey) -> Job {
    skeleton(app, log, number, 0, action, run)
}

/// Returns the action of an attempt that is in progress, and when it was asked for.
pub(crate) fn asked_at<'a>(
    head: &'a Head,
    plans: &'a Plans,
    run: &RunKey,
) -> Option<(Timestamp, &'a Action)> {
    let (execution, action) = in_progress(head, plans, run)?;
    let index = plans.stage_of(execution).action_index(&run.action)?;
    match execution.runs[index] {
        Run::InProgress { since, .. } => Some((since, action)),
        Run::Pending | Run::Succeeded(_) | Run::Failed { .. } | Run::Abandoned { .. } => None,
    }
}

/// Returns the execution and action of an attempt that is in progress.
pub(crate) fn in_progress<'a>(
    head: &'a Head,
    plans: &'a Plans,
    run: &RunKey,
) -> Option<(&'a Execution, &'a Action)> {
    let execution = head.state.executions.get(&run.execution)?;
    if execution.place != Place::Inside {
        return None;
    }
    let stage = plans.stage_of(execution);
    let index = stage.action_index(&run.action)?;
    let is_current = stage.name == run.stage
        && matches!(execution.runs[index], Run::InProgress { attempt, .. } if attempt == run.attempt);
    is_current.then(|| (execution, &stage.actions[index]))
}

enum Trouble {
    Store(store::Error),
    Action(Failure),
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// What an execution did before the attempt: where references and inputs are looked up.
struct Past<'a> {
    app: &'a App,
    log: &'a LogKey,
    pipeline: &'a Pipeline,
    execution: &'a Execution,
}

impl Past<'_> {
    async fn job(&self, action: &Action, run: &RunKey) -> Result<Job, Trouble> {
        let started = if asks_for_start(action) { Some(self.started(run).await?) } else { None };
        let values = self.values(started.as_ref(), run, action).await?;
        let resolve = |text: &str, place: &str| {
            let lookup = |namespace: &str, key: &str| {
                values.get(namespace).and_then(|keys| keys.get(key)).cloned()
            };
            variables::resolve(text, &lookup).map_err(|unresolved| {
                configuration(format!(
                    "{place} refers to {}, which has no value",
                    unresolved.reference
                ))
            })
        };
        let number = self.execution.number;
        let version = self.execution.definition.version;
        let mut job = skeleton(self.app, self.log, number, version, action, run);
        if let Some(since) = self.asked_at(action, run) {
            let deadline = since.plus_minutes(i64::from(action.timeout_minutes()));
            job.requested_at_millis = since.millis();
            job.deadline_millis = Some(deadline.millis());
        }
        for (key, value) in &action.configuration {
            job.configuration.insert(key.clone(), resolve(value, key)?);
        }
        for command in &action.commands {
            job.commands.push(resolve(command, "commands")?);
        }
        for variable in &action.environment_variables {
            job.environment_variables.push(EnvironmentVariable {
                name: variable.name.clone(),
                value: resolve(&variable.value, &variable.name)?,
                is_secret: variable.is_secret,
            });
        }
        job.pipeline_role_arn =
            Some(self.pipeline.role_arn.clone()).filter(|role| !role.is_empty());
        check_size(&job)?;
        for input in &action.inputs {
            job.inputs.push(self.input(input).await?);
        }
        job.outputs = outputs(self.pipeline, action, run, &job.region)?;
        let store = artifact_store(self.pipeline, &job.region);
        job.encryption_key = store.and_then(|store| store.encryption_key.clone());
        job.artifact_bucket = store.map(|store| store.location.clone());
        job.revisions = started.map_or_else(Vec::new, |started| revisions(&started, action));
        Ok(job)
    }

    /// Returns when the attempt was asked for, while it is in progress.
    fn asked_at(&self, action: &Action, run: &RunKey) -> Option<Timestamp> {
        let stage = self.pipeline.stages.get(self.execution.stage)?;
        match self.execution.runs.get(stage.action_index(&action.name)?)? {
            Run::InProgress { attempt, since } if *attempt == run.attempt => Some(*since),
            Run::InProgress { .. }
            | Run::Pending
            | Run::Succeeded(_)
            | Run::Failed { .. }
            | Run::Abandoned { .. } => None,
        }
    }

    /// Returns how the execution was started.
    async fn started(&self, run: &RunKey) -> Result<Started, Trouble> {
        let record = self.record(self.execution.started_record).await?;
        let started = record.changes.iter().find_map(|change| match change {
            Change::Execution { id, change: ExecutionChange::Started(started), .. }
                if *id == run.execution =>
            {
                Some(started.as_ref().clone())
            }
            Change::Execution { .. } | Change::Pipeline(_) => None,
        });
        Ok(started.unwrap_or_else(|| panic!("{} holds no start of {}", self.log, run.execution)))
    }

    async fn record(&self, sequence: u64) -> Result<std::sync::Arc<Record>, Trouble> {
        let record = self.app.store.record(self.log, sequence).await?;
        Ok(record
            .unwrap_or_else(|| panic!("{} points to record {sequence}, which is gone", self.log)))
    }

    /// Returns every action that succeeded so far, and where its outcome lies.
    fn done(&self) -> impl Iterator<Item = (&model::pipeline::Stage, &Action, Done)> {
        let stages = self.pipeline.stages.iter();
        let former = stages.clone().zip(&self.execution.results).flat_map(|(stage, results)| {
            stage.actions.iter().zip(results).map(move |(action, done)| (stage, action, *done))
        });
        let current = self.pipeline.stages.get(self.execution.stage).into_iter();
        let current = current.flat_map(|stage| {
            let runs = stage.actions.iter().zip(&self.execution.runs);
            runs.filter_map(move |(action, run)| match run {
                Run::Succeeded(done) => Some((stage, action, *done)),
                Run::Pending
                | Run::InProgress { .. }
                | Run::Failed { .. }
                | Run::Abandoned { .. } => None,
            })
        });
        former.chain(current)
    }

    /// Returns what a successful action left behind.
    async fn success(&self, action: &Action, done: Done) -> Result<Success, Trouble> {
        let record = self.record(done.record).await?;
        let success = record.changes.iter().find_map(|change| match change {
            Change::Execution {
                change: ExecutionChange::ActionSucceeded { action: name, success, .. },
                ..
            } if *name == action.name => Some(success.as_ref().clone()),
            Change::Execution { .. } | Change::Pipeline(_) => None,
        });
        Ok(success.unwrap_or_else(|| {
            panic!("record {} holds no success of {}", done.record, action.name)
        }))
    }

    /// Returns every namespace with its values (VAR2), reading only those that the action refers to.
    async fn values(
        &self,
        started: Option<&Started>,
        run: &RunKey,
        wanted: &Action,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, Trouble> {
        let id = ("PipelineExecutionId".to_owned(), run.execution.to_string());
        let mut values = BTreeMap::from([
            ("codepipeline".to_owned(), BTreeMap::from([id])),
            (
                "variables".to_owned(),
                started.map_or_else(BTreeMap::new, |started| started.variables.clone()),
            ),
        ]);
        let referring = texts(wanted);
        let producers: Vec<_> = self
            .done()
            .filter_map(|(_, action, done)| Some((action.namespace.clone()?, action, done)))
            .filter(|(namespace, ..)| {
                let opening = format!("#{{{namespace}.");
                referring.iter().any(|text| text.contains(&opening))
            })
            .collect();
        for (namespace, action, done) in producers {
            values.insert(namespace, self.success(action, done).await?.variables);
        }
        Ok(values)
    }

    /// Returns where an input artifact lies: the newest success that made it (R55).
    async fn input(&self, name: &model::ids::ArtifactName) -> Result<StoredArtifact, Trouble> {
        let producer = self
            .done()
            .find(|(_, action, _)| action.outputs.iter().any(|output| output.name == *name));
        let Some((_, action, done)) = producer else {
            return Err(Trouble::Action(configuration(format!(
                "input artifact {name} was not made by any action before this one"
            ))));
        };
        let success = self.success(action, done).await?;
        let artifact =
            success.artifacts.into_iter().find(|artifact| artifact.name == name.as_str());
        artifact.ok_or_else(|| {
            let message = format!("action {} did not leave artifact {name} behind", action.name);
            Trouble::Action(Failure::new(FailureType::RevisionUnavailable, message))
        })
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Action(failure)
    }
}

fn configuration(message: String) -> Failure {
    Failure::new(FailureType::ConfigurationError, message)
}

/// Whether the job of an action holds anything that the start of its execution says: a source's revision, or a
/// variable of the pipeline. For all others that record need not be read.
fn asks_for_start(action: &Action) -> bool {
    action.type_id.category == ActionCategory::Source
        || texts(action).iter().any(|text| text.contains("#{variables."))
}

/// Returns every text of an action that may hold references.
fn texts(action: &Action) -> Vec<&str> {
    let configured = action.configuration.values();
    let environment = action.environment_variables.iter().map(|variable| &variable.value);
    configured.chain(&action.commands).chain(environment).map(String::as_str).collect()
}

fn check_size(job: &Job) -> Result<(), Failure> {
    let configured = job.configuration.iter().map(|(key, value)| key.len() + value.len());
    let commands = job.commands.iter().map(String::len);
    let bytes: usize = configured.chain(commands).sum();
    if bytes > RESOLVED_BYTES_MAX {
        return Err(configuration(format!(
            "the configuration has {bytes} bytes after references were replaced; \
             {RESOLVED_BYTES_MAX} are allowed"
        )));
    }
    Ok(())
}

fn skeleton(
    app: &App,
    log: &LogKey,
    number: u64,
    version: u32,
    action: &Action,
    run: &RunKey,
) -> Job {
    Job {
        run_id: run.id().to_string(),
        pipeline: log.pipeline().to_string(),
        pipeline_version: version,
        execution_id: run.execution.to_string(),
        has_own_log: matches!(log, LogKey::Execution(..)),
        execution_number: number,
        stage: run.stage.to_string(),
        action: run.action.to_string(),
        attempt: run.attempt,
        category: action.type_id.category.to_string(),
        owner: action.type_id.owner.to_string(),
        provider: action.type_id.provider.clone(),
        version: action.type_id.version.clone(),
        region: action.region.clone().unwrap_or_else(|| app.place.region.clone()),
        role_arn: action.role_arn.clone(),
        configuration: BTreeMap::new(),
        commands: Vec::new(),
        output_variables: action.output_variables.clone(),
        environment_variables: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        encryption_key: None,
        artifact_bucket: None,
        revisions: Vec::new(),
        pipeline_role_arn: None,
        requested_at_millis: 0,
        deadline_millis: None,
        external_id: None,
        begun_at_millis: None,
        approval: None,
    }
}

fn outputs(
    pipeline: &Pipeline,
    action: &Action,
    run: &RunKey,
    region: &str,
) -> Result<Vec<OutputArtifact>, Failure> {
    let bucket = artifact_bucket(pipeline, region);
    let outputs = action.outputs.iter().map(|output| {
        let bucket = bucket.ok_or_else(|| {
            configuration(format!("the pipeline has no artifact store for Region {region}"))
        })?;
        Ok(OutputArtifact {
            name: output.name.to_string(),
            files: output.files.clone(),
            bucket: bucket.to_owned(),
            key: artifact_key(&pipeline.name, &output.name, run.id()),
        })
    });
    outputs.collect()
}

/// Returns the revisions that the start asked of this source action (R7, R8).
fn revisions(started: &Started, action: &Action) -> Vec<RevisionOverride> {
    if action.type_id.category != ActionCategory::Source {
        return Vec::new();
    }
    let own = started.revisions.iter().filter(|revision| revision.action == action.name);
    own.map(|revision| RevisionOverride {
        revision_type: revision.kind.clone(),
        value: revision.value.clone(),
    })
    .collect()
}
