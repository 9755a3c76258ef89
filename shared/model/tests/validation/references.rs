//! Namespaces and references to variables (VAR1–VAR4, VAR9).

use model::violation::ErrorClass::Action;
use serde_json::{Value, json};

use crate::{accepted, check_refused, check_warned};

const COMMANDS: &str = "/stages/1/actions/1/commands";
const COMMAND: &str = "pipeline.stages[1].actions[1].commands[0]";

#[test]
fn a_reference_is_to_something_that_runs_before() {
    for text in [
        "#{SourceVariables.CommitId}",
        "#{BuildVariables.Anything}",
        "#{variables.env}",
        "#{codepipeline.PipelineExecutionId}",
        "#{not a reference}",
        "#{SourceVariables.CommitId",
    ] {
        check_warned(&[(COMMANDS, json!([text]))], &[]);
    }
    for text in ["#{sourcevariables.CommitId}", "#{Nothing.here}"] {
        check_refused(&[(COMMANDS, json!([text]))], Action, &[COMMAND]);
    }
    // VAR3: later, and at the same time.
    check_refused(
        &[
            ("/stages/2/actions/1/namespace", json!("Deployed")),
            (COMMANDS, json!(["#{Deployed.Id}"])),
        ],
        Action,
        &[COMMAND],
    );
    check_refused(
        &[
            ("/stages/1/actions/1/namespace", json!("Own")),
            (COMMANDS, json!(["#{Own.Id} #{Own.Name}"])),
        ],
        Action,
        &[COMMAND, COMMAND],
    );
}

#[test]
fn references_count_in_settings_and_environments_too() {
    // VAR1.
    check_refused(
        &[
            ("/stages/2/actions/1/configuration/ApplicationName", json!("web-#{Nothing.here}")),
            (
                "/stages/2/actions/1/environmentVariables",
                json!([{"name": "A", "value": "#{Nothing.here}"}]),
            ),
        ],
        Action,
        &[
            "pipeline.stages[2].actions[1].configuration.ApplicationName",
            "pipeline.stages[2].actions[1].environmentVariables[0].value",
        ],
    );
}

#[test]
fn sources_know_no_variables() {
    // VAR4.
    let branch = "/stages/0/actions/0/configuration/BranchName";
    let path = "pipeline.stages[0].actions[0].configuration.BranchName";
    for text in ["#{variables.env}", "#{SourceVariables.BranchName}", "#{BuildVariables.Tag}"] {
        check_refused(&[(branch, json!(text))], Action, &[path]);
    }
    accepted(&[(branch, json!("#feature{x}"))]);
}

#[test]
fn pipeline_variables_are_declared() {
    check_warned(&[(COMMANDS, json!(["#{variables.Env}"]))], &[COMMAND]);
    check_refused(&[("/variables", Value::Null)], Action, &[COMMAND]);
    check_warned(&[(COMMANDS, json!(["#{codepipeline.Name}"]))], &[COMMAND]);
}

#[test]
fn namespaces_are_unique_and_not_reserved() {
    let namespace = "/stages/2/actions/1/namespace";
    let path = "pipeline.stages[2].actions[1].namespace";
    // VAR2, VAR9; and a namespace is not an artifact's name.
    for wrong in ["codepipeline", "variables", "SourceVariables", "Package"] {
        check_refused(&[(namespace, json!(wrong))], Action, &[path]);
    }
    accepted(&[(namespace, json!("Variables"))]);
}
