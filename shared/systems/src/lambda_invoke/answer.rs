//! What a function answers that is waited for.
//!
//! | It … | Means |
//! |---|---|
//! | returns an object with `outputVariables` (an object of strings), or anything that is no object | success |
//! | returns an object with `executionDetails` | success; `externalExecutionId` and `summary` are shown |
//! | returns an object with `continuationToken` | not done yet: it is invoked again with this token |
//! | returns an object with `failureDetails` | failure, with its `type` and `message` |
//! | throws an error | failure |

use std::collections::BTreeMap;

use model::outcome::{Failure, Success};
use model::status::FailureType;
use providers::Invoked;
use serde::Deserialize;
use serde_json::Value;

use crate::fault::first_characters;

/// How long a token may be, in characters.
const TOKEN_CHARACTERS_MAX: usize = 2048;

/// How much of an error's words a message shows.
const WORDS_CHARACTERS_MAX: usize = 4000;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Returned {
    output_variables: BTreeMap<String, String>,
    execution_details: ExecutionDetails,
    continuation_token: Option<String>,
    failure_details: Option<FailureDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ExecutionDetails {
    external_execution_id: Option<String>,
    summary: Option<String>,
}

#[derive(Deserialize)]
struct FailureDetails {
    #[serde(rename = "type", default)]
    kind: String,
    message: String,
}

/// What the Lambda runtimes make of an error.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Thrown {
    error_message: String,
    error_type: String,
}

/// Reads what a function returned.
pub(super) fn returned(function: &str, payload: &[u8]) -> Invoked {
    let value = serde_json::from_slice::<Value>(payload).unwrap_or_default();
    if !value.is_object() {
        return Invoked::Succeeded(Success::default());
    }
    let Ok(Returned { output_variables, execution_details, continuation_token, failure_details }) =
        serde_json::from_value(value)
    else {
        return refused(format!(
            "the function {function} returned an object that is no answer: its outputVariables are an \
             object of strings, its continuationToken is a string, and its failureDetails have a type \
             and a message; correct what it returns"
        ));
    };
    if let Some(FailureDetails { kind, message }) = failure_details {
        let code = if kind.is_empty() { FailureType::JobFailed.as_str().to_owned() } else { kind };
        let message = first_characters(&message, WORDS_CHARACTERS_MAX);
        return Invoked::Failed(Failure { code, message, ..Failure::default() });
    }
    match continuation_token {
        Some(_) if !output_variables.is_empty() => refused(format!(
            "the function {function} returned outputVariables together with a continuationToken; let it \
             return them when it is done"
        )),
        Some(token) if token.is_empty() || token.chars().count() > TOKEN_CHARACTERS_MAX => {
            refused(format!(
                "the continuationToken of the function {function} must have 1 to {TOKEN_CHARACTERS_MAX} \
                 characters"
            ))
        }
        Some(token) => Invoked::Continues(token),
        None => Invoked::Succeeded(Success {
            variables: output_variables,
            external_id: execution_details.external_execution_id,
            summary: execution_details.summary,
            ..Success::default()
        }),
    }
}

/// Reads the error that a function threw.
pub(super) fn thrown(function: &str, payload: &[u8]) -> Failure {
    let Thrown { error_message, error_type } = serde_json::from_slice(payload).unwrap_or_default();
    let words = match (error_message.trim(), error_type.as_str()) {
        ("", "") => "the function failed without a word".to_owned(),
        ("", kind) => kind.to_owned(),
        (words, "") => words.to_owned(),
        (words, kind) => format!("{words} ({kind})"),
    };
    let words = first_characters(&words, WORDS_CHARACTERS_MAX);
    Failure::new(
        FailureType::JobFailed,
        format!("{words}: thrown by the function {function}; look at its log"),
    )
}

fn refused(message: String) -> Invoked {
    Invoked::Failed(Failure::new(FailureType::ConfigurationError, message))
}
