//! What to say when a role cannot be had: which one, and what its trust policy must hold.

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use providers::Error;

use crate::fault::Fault;

/// Returns what to say of a job that names no role.
pub(super) fn no_role() -> String {
    "neither the pipeline nor the action names a role, and nothing is done in AWS without one; set \
     roleArn of the pipeline"
        .to_owned()
}

/// Turns STS's answer into an error that names the role and its trust policy. `before` is the role from
/// which it was to be assumed; none is our own.
pub(super) fn error(
    error: &SdkError<AssumeRoleError, HttpResponse>,
    role: &str,
    before: Option<&str>,
    external_id: &str,
) -> Error {
    let said = match Fault::of(error, "sts:AssumeRole", role) {
        Fault::Later(reason) => return Error::Unreachable(reason),
        Fault::Forbidden(said) => said,
        Fault::Refused { code, message } => {
            return Error::Refused(format!(
                "the role {role} cannot be assumed ({code}: {message}); correct roleArn"
            ));
        }
    };
    let said = error_message(error).unwrap_or(said);
    let (who, principal) = if let Some(before) = before {
        (format!("the pipeline's role {before}"), before.to_owned())
    } else {
        let function = "the role of Towpath's function that runs actions".to_owned();
        (function.clone(), caller(&said).unwrap_or(function))
    };
    Error::Refused(format!(
        "the role {role} cannot be assumed by {who} (AWS says: {said}). Its trust policy needs this \
         statement: {}; and {who} needs sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity on it",
        statement(&principal, external_id)
    ))
}

fn error_message(error: &SdkError<AssumeRoleError, HttpResponse>) -> Option<String> {
    error.message().map(str::to_owned)
}

/// Returns the trust policy's statement, as it has to be written.
fn statement(principal: &str, external_id: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":{}}},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{{"StringEquals":{{"sts:ExternalId":{}}}}}}}"#,
        serde_json::Value::from(principal),
        serde_json::Value::from(external_id),
    )
}

/// Reads from what STS says who asked, as a trust policy names it: the role, not its session.
fn caller(said: &str) -> Option<String> {
    let arn = said.split_once("User: ")?.1.split_whitespace().next()?;
    let (head, session) = arn.split_once(":assumed-role/")?;
    let role = session.split('/').next().filter(|role| !role.is_empty())?;
    Some(format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_named_as_a_trust_policy_names_it() {
        let said =
            "User: arn:aws:sts::111122223333:assumed-role/towpath-start/i-1 is not authorized";
        assert_eq!(caller(said).as_deref(), Some("arn:aws:iam::111122223333:role/towpath-start"));
        assert_eq!(caller("access denied"), None);
    }

    #[test]
    fn the_statement_is_json_whatever_the_names_hold() {
        let written = statement("a\"b", "deployment-7");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["Principal"]["AWS"], "a\"b");
        assert_eq!(read["Condition"]["StringEquals"]["sts:ExternalId"], "deployment-7");
    }
}
