//! Changes, told in a few words.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange, PipelineChange, Started};
use engine::input::Trigger;
use engine::state::{Definition, RunKey};
use model::ids::ExecutionId;
use model::outcome::{Failure, SourceRevision, Success};
use model::pipeline::Pipeline;
use model::status::{FailureType, TriggerType};
use model::time::Timestamp;
use serde_json::json;

use crate::view::board::Board;

/// A board, and what happened on it.
pub(super) struct Story {
    pub(super) board: Board,
}

impl Story {
    pub(super) fn new(mode: &str) -> Self {
        let action = |name: &str, category: &str, provider: &str| {
            json!({
                "name": name,
                "actionTypeId": {
                    "category": category, "owner": "AWS", "provider": provider, "version": "1",
                },
            })
        };
        let mut commit = action("Commit", "Source", "CodeCommit");
        commit["configuration"] = json!({ "RepositoryName": "app", "BranchName": "main" });
        commit["outputArtifacts"] = json!([{ "name": "Code" }]);
        commit["namespace"] = json!("Source");
        let mut compile = action("Compile", "Build", "CodeBuild");
        let mut lint = action("Lint", "Test", "CodeBuild");
        for build in [&mut compile, &mut lint] {
            build["configuration"] = json!({ "ProjectName": "app" });
            build["inputArtifacts"] = json!([{ "name": "Code" }]);
        }
        lint["runOrder"] = json!(2);
        let mut release = action("Release", "Approval", "Manual");
        release["configuration"] = json!({
            "CustomData": "Release #{Source.CommitId}?\nThink twice.",
            "ExternalEntityLink": "https://example.com/changes",
        });
        let declaration = json!({
            "name": "web-app",
            "roleArn": "arn:aws:iam::000000000000:role/web",
            "pipelineType": "V2",
            "executionMode": mode,
            "artifactStore": { "type": "S3", "location": "web-artifacts" },
            "stages": [
                { "name": "Source", "actions": [commit] },
                { "name": "Build", "actions": [compile, lint] },
                { "name": "Approve", "actions": [release] },
            ],
        });
        let pipeline = Pipeline::from_declaration_json(&declaration.to_string()).unwrap();
        Self { board: Board::new(Arc::new(pipeline)) }
    }

    /// Starts an execution and brings it into a stage, a second for each step.
    pub(super) fn travel(&mut self, number: u64, at: i64, into: &str) {
        let mode = self.board.pipeline.execution_mode;
        self.tell(
            at,
            number,
            ExecutionChange::Started(Box::new(Started {
                definition: Definition { record: 1, version: 1, mode },
                trigger: Trigger {
                    kind: TriggerType::StartPipelineExecution,
                    detail: String::new(),
                },
                variables: BTreeMap::new(),
                revisions: Vec::new(),
            })),
        );
        self.enter(at, number, "Source");
        self.request(at, number, "Source", "Commit");
        let id = format!("{number:07}abcdef");
        let revision = SourceRevision {
            id: id.clone(),
            summary: Some(format!("Change number {number}\n\nAt length.")),
            url: None,
        };
        let success = Success {
            revision: Some(revision),
            variables: BTreeMap::from([("CommitId".to_owned(), id)]),
            ..Success::default()
        };
        self.succeed(at + 1, number, "Source", "Commit", success);
        self.tell(at + 1, number, ExecutionChange::StageSucceeded { stage: "Source".into() });
        self.enter(at + 1, number, "Build");
        if into == "Approve" {
            self.build(at + 4, number);
            self.enter(at + 4, number, "Approve");
        }
    }

    /// Does the whole build.
    pub(super) fn build(&mut self, at: i64, number: u64) {
        for action in ["Compile", "Lint"] {
            self.request(at - 2, number, "Build", action);
            self.succeed(at, number, "Build", action, Success::default());
        }
        self.tell(at, number, ExecutionChange::StageSucceeded { stage: "Build".into() });
    }

    pub(super) fn enter(&mut self, at: i64, number: u64, stage: &str) {
        self.tell(at, number, ExecutionChange::Entered { stage: stage.into() });
    }

    pub(super) fn waits(&mut self, at: i64, number: u64, stage: &str) {
        self.tell(at, number, ExecutionChange::Waited { stage: stage.into() });
    }

    pub(super) fn request(&mut self, at: i64, number: u64, stage: &str, action: &str) {
        let (stage, action) = (stage.into(), action.into());
        self.tell(at, number, ExecutionChange::ActionRequested { stage, action, attempt: 1 });
    }

    fn succeed(&mut self, at: i64, number: u64, stage: &str, action: &str, success: Success) {
        let (stage, action, success) = (stage.into(), action.into(), Box::new(success));
        let change =
            ExecutionChange::ActionSucceeded { stage, action, attempt: 1, success, by: None };
        self.tell(at, number, change);
    }

    pub(super) fn fail(&mut self, at: i64, number: u64, stage: &str, action: &str, why: &str) {
        let failure = Box::new(Failure::new(FailureType::JobFailed, why));
        self.tell(
            at,
            number,
            ExecutionChange::ActionFailed {
                stage: stage.into(),
                action: action.into(),
                attempt: 1,
                failure,
                is_overdue: false,
                by: None,
            },
        );
        self.tell(at, number, ExecutionChange::StageFailed { stage: stage.into() });
        self.tell(at, number, ExecutionChange::Failed);
    }

    pub(super) fn tell(&mut self, at: i64, number: u64, change: ExecutionChange) {
        let id = self.run(number, "", "").execution;
        let change = Change::Execution { id, number, announced: 0, change };
        self.board.take_changes(Timestamp::from_millis(at * 1_000), &[change]);
    }

    pub(super) fn tell_pipeline(&mut self, at: i64, change: PipelineChange) {
        let at = Timestamp::from_millis(at * 1_000);
        self.board.take_changes(at, &[Change::Pipeline(change)]);
    }

    #[expect(clippy::unused_self, reason = "it reads like the other words of a story")]
    pub(super) fn run(&self, number: u64, stage: &str, action: &str) -> RunKey {
        let id = format!("00000000-0000-7000-8000-{number:012}");
        let execution: ExecutionId = id.parse().unwrap();
        RunKey { execution, stage: stage.into(), action: action.into(), attempt: 1 }
    }
}
