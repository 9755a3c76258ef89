//! Pipelines, and the loop that drives them: load, decide, commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use engine::input::{Start, Trigger};
use engine::{Effect, Input, decide};
use local::embedded::Embedded;
use model::ids::{ExecutionId, PipelineName};
use model::outcome::{Outcome, SourceRevision, StoredArtifact, Success};
use model::pipeline::Pipeline;
use model::status::TriggerType;
use model::time::Timestamp;
use serde_json::{Value, json};
use store::{Commit, Committed, LogKey, Store};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) embedded: Embedded,
    pub(crate) store: Store,
    pub(crate) now: AtomicI64,
    turns: AtomicU64,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(Embedded::in_memory().unwrap()).await
    }

    pub(crate) async fn over(embedded: Embedded) -> Self {
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let now = AtomicI64::new(1_790_000_000_000);
        Self { embedded, store, now, turns: AtomicU64::new(1 << 62) }
    }

    /// A process that remembers nothing, over the same table.
    pub(crate) fn newcomer(&self) -> Store {
        Store::new(self.embedded.client(), "towpath")
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }

    pub(crate) fn draw(&self) -> u64 {
        self.turns.fetch_add(0x9e37_79b9, Ordering::Relaxed)
    }

    pub(crate) async fn define(&self, log: &LogKey, json: &str) -> Committed {
        let pipeline = Arc::new(Pipeline::from_declaration_json(json).unwrap());
        let input = Input::Define {
            pipeline,
            secret: Uuid::from_u128(77 << 100),
            by: user(),
            expects: engine::input::Expects::Either,
        };
        self.turn_with(log, &input, Some(json)).await
    }

    pub(crate) async fn start(&self, log: &LogKey, number: u128) -> Committed {
        self.turn(log, &Input::Start(start(number))).await
    }

    pub(crate) async fn turn(&self, log: &LogKey, input: &Input) -> Committed {
        self.turn_with(log, input, None).await
    }

    async fn turn_with(&self, log: &LogKey, input: &Input, definition: Option<&str>) -> Committed {
        self.now.fetch_add(1_234, Ordering::Relaxed);
        let head = self.store.load(log).await.unwrap();
        let plans = self.store.plans(&head).await.unwrap();
        let decision = decide(&head.state, &plans, input, self.now()).unwrap();
        let commit = self.store.commit(&head, input, decision, definition, self.draw()).await;
        match commit.unwrap() {
            Commit::Applied(committed) => committed,
            Commit::Conflict(winner) => panic!("nobody else is here, but {winner:?} won"),
        }
    }

    /// Reports every requested action as done, until nothing is requested any more. Hands every
    /// committed turn to `seen`.
    pub(crate) async fn finish(
        &self,
        log: &LogKey,
        first: Committed,
        outcome: fn(&str) -> Success,
        mut seen: impl FnMut(&Committed),
    ) {
        seen(&first);
        let mut effects: Vec<_> = first.effects();
        while let Some(effect) = effects.pop() {
            let Effect::RequestAction(run) = effect else { continue };
            let outcome = Outcome::Succeeded(outcome(run.action.as_str()));
            let committed = self.turn(log, &Input::Report { run, outcome }).await;
            seen(&committed);
            effects.extend(committed.effects());
        }
    }
}

pub(crate) fn user() -> String {
    "arn:aws:iam::123456789012:user/alice".to_owned()
}

pub(crate) fn log(name: &str) -> LogKey {
    LogKey::Pipeline(PipelineName::new(name))
}

/// An id as they are drawn: newer ones are greater.
pub(crate) fn execution(number: u128) -> ExecutionId {
    ExecutionId::new(Uuid::from_u128(0x0199_f3a4_5b6c_7000_8000_0000_0000_0000 + (number << 8)))
}

pub(crate) fn start(number: u128) -> Start {
    Start {
        execution: execution(number),
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: user() },
        variables: BTreeMap::new(),
        revisions: vec![],
        absent_until: 0,
    }
}

/// What an action that does nothing leaves behind.
pub(crate) fn nothing(_action: &str) -> Success {
    Success::default()
}

/// What a run for the benchmark leaves behind: its id and its artifact.
pub(crate) fn ordinary(action: &str) -> Success {
    let artifact = StoredArtifact {
        name: format!("{action}Output"),
        bucket: "codepipeline-eu-central-1-481216".to_owned(),
        key: format!("web-shop/{action}Out/Yq3kV9x"),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        size_bytes: 1_482_113,
    };
    let revision = SourceRevision {
        id: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d".to_owned(),
        summary: Some("Show the basket's total before the delivery costs".to_owned()),
        url: None,
    };
    Success {
        external_id: Some("web-shop-build:6f2d1f1e-0f0a-4a3c-9d7e-1f7a3c2b9e55".to_owned()),
        artifacts: vec![artifact],
        revision: (action == "Checkout").then_some(revision),
        ..Success::default()
    }
}

/// Three stages and four actions, two of them side by side.
pub(crate) fn three_stages_four_actions(name: &str, mode: &str) -> String {
    declaration(name, mode, &[&["Checkout"], &["Compile", "UnitTest"], &["Deploy"]])
}

/// A pipeline of so many stages with so many actions each, with names as people give them.
pub(crate) fn grid(name: &str, stages: usize, actions: usize) -> String {
    const ACTIONS: [&str; 6] =
        ["Checkout", "Compile-Linux", "UnitTests", "IntegrationTests", "Deploy-eu", "SmokeTest"];
    let names: Vec<Vec<String>> = (0..stages)
        .map(|stage| (0..actions).map(|n| format!("{}-{n}", ACTIONS[(stage + n) % 6])).collect())
        .collect();
    let names: Vec<Vec<&str>> =
        names.iter().map(|stage| stage.iter().map(String::as_str).collect()).collect();
    let names: Vec<&[&str]> = names.iter().map(Vec::as_slice).collect();
    declaration(name, "SUPERSEDED", &names)
}

fn declaration(name: &str, mode: &str, stages: &[&[&str]]) -> String {
    const STAGES: [&str; 10] = [
        "Source",
        "Build",
        "Test",
        "Staging",
        "Integration",
        "Approval",
        "Canary",
        "Production-eu",
        "Production-us",
        "Cleanup",
    ];
    let action = |stage: usize, name: &&str| -> Value {
        let (category, provider) = match stage {
            0 => ("Source", "S3"),
            _ => ("Build", "CodeBuild"),
        };
        json!({
            "name": name,
            "actionTypeId": {
                "category": category, "owner": "AWS", "provider": provider, "version": "1"
            },
            "runOrder": 1,
            "configuration": { "ProjectName": "web-shop-build" },
            "outputArtifacts": [{ "name": format!("{name}Output") }],
        })
    };
    let stages: Vec<_> = stages
        .iter()
        .enumerate()
        .map(|(stage, actions)| {
            let actions: Vec<_> = actions.iter().map(|name| action(stage, name)).collect();
            json!({ "name": STAGES[stage], "actions": actions })
        })
        .collect();
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/web-shop-pipeline",
        "artifactStore": { "type": "S3", "location": "codepipeline-eu-central-1-481216" },
        "pipelineType": "V2",
        "executionMode": mode,
        "stages": stages,
    })
    .to_string()
}
