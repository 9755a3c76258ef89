//! From a declaration that somebody sends to one that is in force, and back to one that may be shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use access::authorize::{PassRole, Resource};
use engine::input::Expects;
use model::catalog::DeclaredTypes;
use model::declaration::{ActionDeclaration, Declaration, StageDeclaration};
use model::ids::PipelineName;
use model::pipeline::Pipeline;
use model::validation::validate_with;
use model::violation::{Refusal, Violation};
use protocol::Fault;
use runtime::Outcome;
use runtime::define::{Definition, define};
use store::LogKey;

use crate::call::Call;
use crate::faults::{contended, failed};
use crate::secrets::{MASK, is_mask};

/// A declaration that is in force.
pub(crate) struct Defined {
    pub(crate) declaration: Declaration,
    pub(crate) version: u32,
}

/// Puts a declaration in force, if it is in order and its author may pass every role in it.
pub(crate) async fn declare<O>(
    call: &Call<'_, O>,
    declaration: Declaration,
    expects: Expects,
) -> Result<Defined, Fault> {
    let region = &call.api.app.place.region;
    let types = call.api.types_in(&declaration).await?;
    let plan = validate_with(&declaration, Some(region), &types);
    let plan = plan.map_err(|refusal| refused(&refusal))?;
    for role in roles(&declaration) {
        call.also::<PassRole>(Resource::Role(role))?;
    }
    let name = plan.name.clone();
    let plan: Arc<Pipeline> = Arc::new(plan);
    let text = serde_json::to_string(&Declaration { version: None, ..declaration.clone() })
        .expect("a declaration is made of plain values");
    let by = call.by();
    let definition = Definition { pipeline: &plan, declaration: &text, by: &by, expects };
    let outcome = define(&call.api.app, &definition).await.map_err(|error| contended(&error))?;
    match outcome {
        Outcome::Changed(decision) => {
            let version = decision.state.definition.map_or(1, |definition| definition.version);
            Ok(Defined { declaration, version })
        }
        Outcome::Unchanged => unreachable!("to define is always a change"),
        Outcome::Refused(rejection) => Err(call.api.refused(name.as_str(), &rejection)),
    }
}

/// Returns the declaration as its readers may see it: complete, its secrets masked.
pub(crate) async fn shown<O>(call: &Call<'_, O>, defined: Defined) -> Result<Declaration, Fault> {
    let Defined { mut declaration, version } = defined;
    declaration.version = Some(i64::from(version));
    declaration.pipeline_type.get_or_insert_with(|| "V1".to_owned());
    declaration.execution_mode.get_or_insert_with(|| "SUPERSEDED".to_owned());
    let types = call.api.types_in(&declaration).await?;
    mask(&mut declaration, &types);
    Ok(declaration)
}

/// Masks every secret setting.
fn mask(declaration: &mut Declaration, types: &DeclaredTypes) {
    for action in declaration.stages.iter_mut().flat_map(|stage| &mut stage.actions) {
        let ActionDeclaration { action_type_id, configuration, .. } = action;
        for (key, value) in configuration.iter_mut().flatten() {
            if types.is_secret(action_type_id, key) {
                MASK.clone_into(value);
            }
        }
    }
}

/// Puts the stored secret where an update carries the mask (contract §1.4).
pub(crate) async fn keep_masked<O>(
    call: &Call<'_, O>,
    name: &PipelineName,
    mut declaration: Declaration,
) -> Result<Declaration, Fault> {
    let stored = stored(call, name).await?;
    let types = call.api.types_in(&declaration).await?;
    for stage in &mut declaration.stages {
        for action in &mut stage.actions {
            let former = former(&stored, &stage.name, action);
            let ActionDeclaration { name, action_type_id, configuration, .. } = action;
            for (key, value) in configuration.iter_mut().flatten() {
                if !types.is_secret(action_type_id, key) || !is_mask(value) {
                    continue;
                }
                let secret = former.as_ref().and_then(|former| former.setting(key));
                let Some(secret) = secret else {
                    return Err(Fault::new(
                        "InvalidActionDeclarationException",
                        format!(
                            "{key} of action '{name}' in stage '{}' is masked, and no secret is stored \
                             under that stage, action and type; give its value",
                            stage.name
                        ),
                    ));
                };
                secret.clone_into(value);
            }
        }
    }
    Ok(declaration)
}

fn former(
    stored: &Declaration,
    stage: &str,
    action: &ActionDeclaration,
) -> Option<ActionDeclaration> {
    let stage: &StageDeclaration = stored.stages.iter().find(|former| former.name == stage)?;
    let same = |former: &&ActionDeclaration| {
        former.name == action.name && former.action_type_id == action.action_type_id
    };
    stage.actions.iter().find(same).cloned()
}

/// Returns the declaration in force, secrets and all.
pub(crate) async fn stored<O>(
    call: &Call<'_, O>,
    name: &PipelineName,
) -> Result<Declaration, Fault> {
    let head = call.api.head(name).await?;
    let record = head.state.definition.map_or(0, |definition| definition.record);
    let log = LogKey::Pipeline(name.clone());
    let record = call.api.app.store.record(&log, record).await.map_err(|error| failed(&error))?;
    let text = record.as_ref().and_then(|record| record.definition.as_deref());
    text.and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| Fault::internal("the stored declaration cannot be read"))
}

/// Returns every role that a pipeline is to use.
fn roles(declaration: &Declaration) -> BTreeSet<String> {
    let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    let rules = declaration.stages.iter().flat_map(StageDeclaration::rules);
    let of_actions = actions.filter_map(|action| action.role_arn.clone());
    let of_rules = rules.filter_map(|rule| rule.role_arn.clone());
    of_actions.chain(of_rules).chain([declaration.role_arn.clone()]).collect()
}

/// Says what is wrong with a declaration, and how to put it right.
fn refused(refusal: &Refusal) -> Fault {
    let code = refusal.error.exception();
    if refusal.violations.iter().any(|violation| violation.constraint.is_some()) {
        return Fault::new(code, refusal.to_string());
    }
    let sentence = |violation: &Violation| {
        let Violation { path, message, fix, .. } = violation;
        format!("{path} {message}; {fix}")
    };
    let sentences: Vec<_> = refusal.violations.iter().map(sentence).collect();
    Fault::new(code, sentences.join(". "))
}
