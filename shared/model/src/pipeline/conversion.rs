//! From a declaration to a pipeline, with every default filled in (contract §1.9).

use std::collections::BTreeMap;

use super::{
    Action, ActionTypeId, ArtifactStore, EnvironmentVariable, OutputArtifact, Pipeline, Stage,
    Variable,
};
use crate::declaration::{
    ActionDeclaration, ArtifactStoreDeclaration, Declaration, StageDeclaration,
};
use crate::ids::ArtifactName;
use crate::status::{ActionCategory, ActionOwner, ExecutionMode, PipelineType};
use crate::validation;
use crate::violation::{ErrorClass, Place, Refusal, Violation};

impl TryFrom<&Declaration> for Pipeline {
    type Error = Refusal;

    /// Validates the declaration and makes a pipeline of it.
    fn try_from(declaration: &Declaration) -> Result<Self, Refusal> {
        validation::validate(declaration)
    }
}

impl Pipeline {
    /// Makes a pipeline of a declaration's JSON that was validated when it was stored.
    ///
    /// The rules are not asked again: a row that was right when it was written must stay readable
    /// when a later version of ours has stricter rules.
    pub fn from_declaration_json(json: &str) -> Result<Self, Refusal> {
        let declaration: Declaration = serde_json::from_str(json).map_err(|error| Refusal {
            error: ErrorClass::Syntax,
            violations: vec![Violation::error(
                ErrorClass::Syntax,
                &Place::pipeline(),
                "a stored declaration is JSON of ours",
                format!("cannot be read: {error}"),
                "restore the row, or store the pipeline again",
            )],
        })?;
        convert(&declaration)
    }
}

/// Makes a pipeline of a declaration without asking the rules; fails only on words that mean
/// nothing to us.
pub(crate) fn convert(declaration: &Declaration) -> Result<Pipeline, Refusal> {
    let place = Place::pipeline();
    let pipeline_type = word(
        declaration.pipeline_type.as_deref().unwrap_or("V1"),
        PipelineType::parse,
        &place.member("pipelineType"),
    )?;
    let execution_mode = word(
        declaration.execution_mode.as_deref().unwrap_or("SUPERSEDED"),
        ExecutionMode::parse,
        &place.member("executionMode"),
    )?;
    let stages = declaration
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| convert_stage(stage, &place.member("stages").item(index)))
        .collect::<Result<_, _>>()?;
    let variables = declaration.variables.iter().flatten().map(|variable| Variable {
        name: variable.name.clone(),
        default: variable.default_value.clone(),
    });
    Ok(Pipeline {
        name: declaration.name.as_str().into(),
        role_arn: declaration.role_arn.clone(),
        pipeline_type,
        execution_mode,
        artifact_stores: convert_stores(declaration),
        stages,
        variables: variables.collect(),
    })
}

fn convert_stores(declaration: &Declaration) -> BTreeMap<String, ArtifactStore> {
    let convert = |store: &ArtifactStoreDeclaration| ArtifactStore {
        location: store.location.clone(),
        encryption_key: store.encryption_key.as_ref().map(|key| key.id.clone()),
    };
    let singular = declaration.artifact_store.iter().map(|store| (String::new(), convert(store)));
    let by_region = declaration.artifact_stores.iter().flatten();
    singular.chain(by_region.map(|(region, store)| (region.clone(), convert(store)))).collect()
}

fn convert_stage(stage: &StageDeclaration, place: &Place) -> Result<Stage, Refusal> {
    let actions = stage
        .actions
        .iter()
        .enumerate()
        .map(|(index, action)| convert_action(action, &place.member("actions").item(index)))
        .collect::<Result<_, _>>()?;
    Ok(Stage { name: stage.name.as_str().into(), actions })
}

fn convert_action(action: &ActionDeclaration, place: &Place) -> Result<Action, Refusal> {
    let outputs = action.outputs().iter().map(|output| OutputArtifact {
        name: ArtifactName::new(&output.name),
        files: output.files.clone().unwrap_or_default(),
    });
    let environment = action.environment_variables.iter().flatten();
    let type_id = &action.action_type_id;
    let type_place = place.member("actionTypeId");
    Ok(Action {
        name: action.name.as_str().into(),
        type_id: ActionTypeId {
            category: word(
                &type_id.category,
                ActionCategory::parse,
                &type_place.member("category"),
            )?,
            owner: word(&type_id.owner, ActionOwner::parse, &type_place.member("owner"))?,
            provider: type_id.provider.clone(),
            version: type_id.version.clone(),
        },
        run_order: count(action.run_order(), &place.member("runOrder"))?,
        configuration: action.configuration.clone().unwrap_or_default(),
        inputs: action.inputs().iter().map(|input| ArtifactName::new(&input.name)).collect(),
        outputs: outputs.collect(),
        namespace: action.namespace.clone(),
        role_arn: action.role_arn.clone(),
        region: action.region.clone(),
        timeout_minutes: action
            .timeout_in_minutes
            .map(|minutes| count(minutes, &place.member("timeoutInMinutes")))
            .transpose()?,
        commands: action.commands.clone().unwrap_or_default(),
        output_variables: action.output_variables.clone().unwrap_or_default(),
        environment_variables: environment
            .map(|variable| EnvironmentVariable {
                name: variable.name.clone(),
                value: variable.value.clone(),
                is_secret: variable.variable_type.as_deref() == Some("SECRETS_MANAGER"),
            })
            .collect(),
    })
}

fn word<T>(text: &str, parse: fn(&str) -> Option<T>, place: &Place) -> Result<T, Refusal> {
    parse(text).ok_or_else(|| meaningless(text, place))
}

fn count(number: i64, place: &Place) -> Result<u32, Refusal> {
    u32::try_from(number).map_err(|_| meaningless(&number.to_string(), place))
}

fn meaningless(text: &str, place: &Place) -> Refusal {
    Refusal {
        error: ErrorClass::Shape,
        violations: vec![Violation::error(
            ErrorClass::Shape,
            place,
            "contract §1.8: enums and ranges",
            format!("'{text}' means nothing here"),
            "compare it with AWS's API model",
        )],
    }
}
