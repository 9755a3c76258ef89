//! Whether the functions can run, and whether their URLs can be called.

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationError;
use aws_sdk_lambda::operation::get_policy::GetPolicyError;
use aws_sdk_lambda::types::{LastUpdateStatus, State};
use serde_json::Value;

use crate::doctor::aws::Aws;
use crate::doctor::deployment::{Deployment, Resource};
use crate::doctor::finding::{Looked, Unasked, unasked};

/// The kind of functions.
const FUNCTION: &str = "AWS::Lambda::Function";

/// What a caller of a function URL needs, both of them since October 2025.
const TO_CALL: &[&str] = &["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"];

/// Looks at every function.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked = Looked::at(format!("{} functions", deployment.of(FUNCTION).count()));
    for function in deployment.of(FUNCTION) {
        state(aws, deployment, function, &mut looked).await?;
    }
    for url in deployment.of("AWS::Lambda::Url") {
        permissions(aws, deployment, url, &mut looked).await?;
    }
    Ok(looked)
}

async fn state(
    aws: &Aws,
    deployment: &Deployment,
    function: &Resource,
    looked: &mut Looked,
) -> Result<(), Unasked> {
    let name = &function.physical;
    let asked = aws.functions.get_function_configuration().function_name(name).send().await;
    let found = match asked {
        Ok(found) => found,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetFunctionConfigurationError::is_resource_not_found_exception) =>
        {
            looked.wrong(name, "is gone", deployment.deploy_again());
            return Ok(());
        }
        Err(error) => return Err(unasked("lambda:GetFunctionConfiguration")(error)),
    };
    // A function that nobody called for weeks is put to sleep, and wakes with the next call.
    let is_fine = |state: &&State| matches!(state, State::Active | State::Inactive);
    if let Some(state) = found.state().filter(|state| !is_fine(state)) {
        let reason = found.state_reason().unwrap_or_default();
        let wrong = format!("is {}: {reason}", state.as_str());
        looked.wrong(name, wrong, deployment.deploy_again());
    }
    if found.last_update_status() == Some(&LastUpdateStatus::Failed) {
        let reason = found.last_update_status_reason().unwrap_or_default();
        looked.wrong(name, format!("was not updated: {reason}"), deployment.deploy_again());
    }
    Ok(())
}

async fn permissions(
    aws: &Aws,
    deployment: &Deployment,
    url: &Resource,
    looked: &mut Looked,
) -> Result<(), Unasked> {
    let asked = aws.functions.get_policy().function_name(&url.physical).send().await;
    let policy = match asked {
        Ok(found) => found.policy().unwrap_or_default().to_owned(),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetPolicyError::is_resource_not_found_exception) =>
        {
            String::new()
        }
        Err(error) => return Err(unasked("lambda:GetPolicy")(error)),
    };
    let allowed = actions(&policy);
    for action in TO_CALL.iter().filter(|action| !allowed.iter().any(|found| found == *action)) {
        looked.wrong(
            &url.logical,
            format!("answers nobody: the function's policy does not allow {action}"),
            deployment.deploy_again(),
        );
    }
    Ok(())
}

/// Returns the actions that a policy allows.
fn actions(policy: &str) -> Vec<String> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let allowed = statements.iter().filter(|statement| statement["Effect"] == "Allow");
    let actions = allowed.flat_map(|statement| {
        let action = &statement["Action"];
        let one = action.as_str().map(str::to_owned);
        let several = action.as_array().into_iter().flatten();
        one.into_iter().chain(several.filter_map(Value::as_str).map(str::to_owned))
    });
    actions.collect()
}

#[cfg(test)]
mod tests {
    use super::actions;

    #[test]
    fn actions_are_read_from_one_and_from_several() {
        let policy = r#"{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Allow","Action":["b","c"]},
            {"Effect":"Deny","Action":"d"}]}"#;
        assert_eq!(actions(policy), ["a", "b", "c"]);
        assert!(actions("").is_empty());
    }
}
