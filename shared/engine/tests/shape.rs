//! Pipelines in one line: `SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P=30, D@3)`.
//!
//! Actions of a stage stand between `|` or `,`; `@2` is the runOrder, `=` the provider (or, after
//! `approve`, the minutes that it may take). `variables Branch=main Target` declares variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::pipeline::{Action, ActionTypeId, Pipeline, Stage, Variable};
use model::status::{ActionCategory, ActionOwner, ExecutionMode, PipelineType};

/// Reads a pipeline from its line.
pub(crate) fn pipeline(line: &str) -> Arc<Pipeline> {
    let (mode, rest) = line.split_once(": ").expect("MODE: stages");
    let (stages, variables) = rest.split_once(" variables ").unwrap_or((rest, ""));
    Arc::new(Pipeline {
        name: "web".into(),
        role_arn: "arn:aws:iam::123456789012:role/pipeline".to_owned(),
        pipeline_type: PipelineType::V2,
        execution_mode: ExecutionMode::parse(mode).expect("a mode"),
        artifact_stores: BTreeMap::new(),
        stages: stages.trim().split_inclusive(')').enumerate().map(stage).collect(),
        variables: variables.split_whitespace().map(variable).collect(),
    })
}

fn variable(text: &str) -> Variable {
    let (name, default) = text.split_once('=').map_or((text, None), |(n, d)| (n, Some(d)));
    Variable { name: name.to_owned(), default: default.map(str::to_owned) }
}

fn stage((index, text): (usize, &str)) -> Stage {
    let (name, rest) = text.trim().split_once('(').expect("Stage(actions)");
    let actions = rest.trim_end_matches(')').split(['|', ',']);
    Stage { name: name.into(), actions: actions.map(|text| action(index, text.trim())).collect() }
}

fn action(stage_index: usize, text: &str) -> Action {
    let (text, run_order) = text.split_once('@').unwrap_or((text, "1"));
    let (text, is_approval) =
        text.strip_prefix("approve ").map_or((text, false), |name| (name, true));
    let (name, detail) = text.split_once('=').unwrap_or((text, ""));
    let provider = match (is_approval, stage_index, detail) {
        (true, ..) => "Manual",
        (false, 0, "") => "CodeCommit",
        (false, _, "") => "CodeBuild",
        (false, _, named) => named,
    };
    Action {
        name: name.into(),
        type_id: ActionTypeId {
            category: category(stage_index, provider),
            owner: ActionOwner::Aws,
            provider: provider.to_owned(),
            version: "1".to_owned(),
        },
        run_order: run_order.parse().expect("a runOrder"),
        configuration: BTreeMap::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        namespace: None,
        role_arn: None,
        region: None,
        timeout_minutes: is_approval.then(|| detail.parse().ok()).flatten(),
        commands: Vec::new(),
        output_variables: Vec::new(),
        environment_variables: Vec::new(),
    }
}

fn category(stage_index: usize, provider: &str) -> ActionCategory {
    match provider {
        "Manual" => ActionCategory::Approval,
        "CodeBuild" => ActionCategory::Build,
        "DeviceFarm" => ActionCategory::Test,
        "Lambda" | "StepFunctions" => ActionCategory::Invoke,
        "Commands" => ActionCategory::Compute,
        _ if stage_index == 0 => ActionCategory::Source,
        _ => ActionCategory::Deploy,
    }
}
