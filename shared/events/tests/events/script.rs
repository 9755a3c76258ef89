//! A log that decides and announces: the engine, with a publisher behind it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use engine::input::{Approve, Begin, Input, Start, Trigger};
use engine::state::{RunKey, Scope};
use engine::{Change, ExecutionChange, Plans, State, decide};
use events::detail::Detail;
use events::{Announced, Event, GitTrigger, Origin, announce};
use model::artifact_key::{artifact_bucket, artifact_key};
use model::ids::{ApprovalToken, ExecutionId};
use model::outcome::{Failure, Outcome, SourceRevision, StoredArtifact, Success};
use model::pipeline::Pipeline;
use model::status::{RetryMode, TriggerType};
use model::time::Timestamp;
use uuid::Uuid;

const SECRET: Uuid = Uuid::from_u128(0x5ec2);

pub(crate) struct Script {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) state: State,
    pub(crate) plans: Plans,
    pub(crate) origin: Origin,
    pub(crate) events: Vec<Event>,
    pub(crate) commits: BTreeMap<ExecutionId, GitTrigger>,
    now: Timestamp,
}

/// Four stages; two actions beside each other in Build, one in another Region in Deploy.
const WEB: &str = r#"{
  "name": "web-with-a-quite-long-name", "roleArn": "arn:aws:iam::123456789012:role/pipe",
  "pipelineType": "V2", "executionMode": "MODE", "version": 1,
  "artifactStores": {
    "us-east-1": {"type": "S3", "location": "store-east"},
    "us-west-2": {"type": "S3", "location": "store-west"}},
  "stages": [
    {"name": "Source", "actions": [{"name": "Fetch", "runOrder": 1, "region": "us-east-1",
      "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
      "configuration": {"RepositoryName": "web", "BranchName": "main"},
      "outputArtifacts": [{"name": "SourceArtifact"}]}]},
    {"name": "Build", "actions": [
      {"name": "Compile", "runOrder": 1, "configuration": {"ProjectName": "web"},
       "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
       "inputArtifacts": [{"name": "SourceArtifact"}], "outputArtifacts": [{"name": "Built"}]},
      {"name": "Check", "runOrder": 1, "configuration": {"ProjectName": "web-test"},
       "actionTypeId": {"category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
       "inputArtifacts": [{"name": "SourceArtifact"}]}]},
    {"name": "Approve", "actions": [{"name": "Ask", "runOrder": 1,
      "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]},
    {"name": "Deploy", "actions": [{"name": "Ship", "runOrder": 1, "region": "us-west-2",
      "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "CodeDeploy", "version": "1"},
      "configuration": {"ApplicationName": "web", "DeploymentGroupName": "hosts"},
      "inputArtifacts": [{"name": "Built"}]}]}]}"#;

/// Returns the id of the execution that a number stands for.
pub(crate) fn execution(number: u128) -> ExecutionId {
    ExecutionId::new(Uuid::from_u128(number))
}

impl Script {
    /// A SUPERSEDED pipeline that was created at 09:00.
    pub(crate) fn new() -> Self {
        let mut script = Self::with_mode("SUPERSEDED", Scope::Pipeline);
        script.define();
        script
    }

    /// The own log of execution 1 of a PARALLEL pipeline, begun at 09:01.
    pub(crate) fn parallel() -> Self {
        let mut pipeline = Self::with_mode("PARALLEL", Scope::Pipeline);
        pipeline.define();
        let definition = pipeline.state.definition.expect("it was defined");
        let mut script = Self::with_mode("PARALLEL", Scope::Execution);
        script.now = pipeline.now;
        script.plans = pipeline.plans;
        script.take(&Input::Begin(Begin {
            execution: execution(1),
            number: 1,
            definition,
            secret: SECRET,
            trigger: person(),
            variables: BTreeMap::new(),
            revisions: vec![],
            disabled: BTreeMap::new(),
        }));
        script
    }

    fn with_mode(mode: &str, scope: Scope) -> Self {
        let json = WEB.replace("MODE", mode);
        let pipeline = Pipeline::from_declaration_json(&json).expect("the declaration is right");
        Self {
            pipeline: Arc::new(pipeline),
            state: State::new(scope),
            plans: Plans::default(),
            origin: Origin::new("123456789012", "us-east-1"),
            events: vec![],
            commits: BTreeMap::new(),
            now: Timestamp::from_millis(1_769_245_200_208),
        }
    }

    /// Takes one turn a minute after the last one, and announces its record.
    pub(crate) fn take(&mut self, input: &Input) {
        self.now = self.now.plus_minutes(1);
        let decision = decide(&self.state, &self.plans, input, self.now).expect("it is granted");
        let sequence = decision.state.sequence;
        if let Input::Define { pipeline, .. } = input {
            self.plans.insert(sequence, pipeline.clone());
        }
        let commits = &self.commits;
        let record = Announced { sequence, at: decision.at, changes: &decision.changes, commits };
        let events = announce(&self.state, &self.plans, &record, &self.origin);
        let again = announce(&self.state, &self.plans, &record, &self.origin);
        assert_eq!(events, again, "announcing again says the same");
        assert_eq!(events.len(), announced(&decision.changes), "one event for each change");
        self.events.extend(events);
        self.state = decision.state;
    }

    pub(crate) fn define(&mut self) {
        let (pipeline, by) = (self.pipeline.clone(), "ann".to_owned());
        self.take(&Input::Define {
            pipeline,
            secret: SECRET,
            by,
            expects: engine::input::Expects::Either,
        });
    }

    pub(crate) fn start(&mut self, number: u128) {
        self.take(&Input::Start(Start {
            execution: execution(number),
            trigger: person(),
            variables: BTreeMap::new(),
            revisions: vec![],
            absent_until: 0,
        }));
    }

    fn run(&self, number: u128, place: &str) -> RunKey {
        let (stage, action) = place.split_once('/').expect("a place is stage/action");
        let id = execution(number);
        let attempt = self.state.executions[&id].attempt;
        RunKey { execution: id, stage: stage.into(), action: action.into(), attempt }
    }

    pub(crate) fn report(&mut self, number: u128, place: &str, outcome: Outcome) {
        let run = self.run(number, place);
        self.take(&Input::Report { run, outcome });
    }

    /// The provider of each action in turn reports a success.
    pub(crate) fn succeed(&mut self, number: u128, places: &[&str]) {
        for place in places {
            let success = self.success(number, place);
            self.report(number, place, Outcome::Succeeded(success));
        }
    }

    pub(crate) fn fail(&mut self, number: u128, place: &str) {
        let failure = Failure {
            code: "JobFailed".to_owned(),
            message: "it broke".to_owned(),
            external_id: Some("job-1".to_owned()),
            external_url: Some("https://example.com/job-1".to_owned()),
        };
        self.report(number, place, Outcome::Failed(failure));
    }

    /// What a provider that keeps to the artifacts' places says.
    pub(crate) fn success(&self, number: u128, place: &str) -> Success {
        let run = self.run(number, place);
        let stage = self.pipeline.stage_index(&run.stage).expect("the stage is declared");
        let stage = &self.pipeline.stages[stage];
        let action = &stage.actions[stage.action_index(&run.action).expect("so is the action")];
        let region = action.region.as_deref().unwrap_or("us-east-1");
        let bucket = artifact_bucket(&self.pipeline, region).expect("the Region has a store");
        let artifacts = action.outputs.iter().map(|output| StoredArtifact {
            name: output.name.as_str().to_owned(),
            bucket: bucket.to_owned(),
            key: artifact_key(&self.pipeline.name, &output.name, run.id()),
            sha256: "00".repeat(32),
            size_bytes: 1,
        });
        let artifacts = artifacts.collect();
        if run.stage.as_str() == "Source" {
            let revision = SourceRevision {
                id: "8cf40f2".to_owned(),
                summary: Some("Add a licence".to_owned()),
                url: Some("https://example.com/8cf40f2".to_owned()),
            };
            return Success { artifacts, revision: Some(revision), ..Success::default() };
        }
        let external_id = Some(format!("{}-1", run.action));
        Success { artifacts, external_id, ..Success::default() }
    }

    pub(crate) fn approve(&mut self, number: u128, is_approved: bool) {
        let run = self.run(number, "Approve/Ask");
        self.take(&Input::Approve(Approve {
            token: ApprovalToken::derive(SECRET, run.id()),
            stage: run.stage,
            action: run.action,
            is_approved,
            summary: "looks fine".to_owned(),
            by: "ann".to_owned(),
        }));
    }

    pub(crate) fn stop(&mut self, number: u128, abandon: bool, reason: Option<&str>) {
        let reason = reason.map(ToOwned::to_owned);
        let (execution, by) = (execution(number), "ann".to_owned());
        self.take(&Input::Stop { execution, abandon, reason, by });
    }

    pub(crate) fn retry(&mut self, number: u128, stage: &str, mode: RetryMode) {
        let (execution, by) = (execution(number), "ann".to_owned());
        self.take(&Input::Retry { execution, stage: stage.into(), mode, by });
    }

    /// Runs an execution from its start to before the answer to its approval.
    pub(crate) fn run_to_approval(&mut self, number: u128) {
        self.start(number);
        self.succeed(number, &["Source/Fetch", "Build/Compile", "Build/Check"]);
    }

    /// Returns one execution's events as lines of number, level, state and place, asserting that the
    /// numbers leave no gap.
    pub(crate) fn transcript(&self, number: u128) -> String {
        let mut transcript = String::new();
        let own = self.events.iter().filter(|event| event.execution == execution(number));
        for (index, event) in own.enumerate() {
            assert_eq!(event.sequence as usize, index + 1, "numbers leave no gap");
            let (level, place) = match &event.detail {
                Detail::Pipeline(_) => ("P", String::new()),
                Detail::Stage(stage) => ("S", stage.stage.clone()),
                Detail::Action(action) => ("A", format!("{}/{}", action.stage, action.action)),
            };
            let line = format!("{:<2} {level} {:<9} {place}", event.sequence, event.detail.state());
            writeln!(transcript, "{}", line.trim_end()).expect("writing to a text cannot fail");
        }
        transcript
    }
}

/// How many of the changes AWS has an event for.
fn announced(changes: &[Change]) -> usize {
    let level = |change: &&Change| match change {
        Change::Pipeline(_) => false,
        Change::Execution { change, .. } => ExecutionChange::level(change).is_some(),
    };
    changes.iter().filter(level).count()
}

fn person() -> Trigger {
    let detail = "arn:aws:sts::123456789012:assumed-role/Admin/ann".to_owned();
    Trigger { kind: TriggerType::StartPipelineExecution, detail }
}
