//! Converts rule patterns that were written for CodePipeline (E1).

use serde_json::{Map, Value};

use crate::origin::SOURCE;

/// The source of CodePipeline's own events.
const AWS_SOURCE: &str = "aws.codepipeline";

/// Why a pattern was not converted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not JSON.
    #[error("failed to read the event pattern as JSON")]
    Syntax(#[source] serde_json::Error),
    /// It is JSON, but not a pattern.
    #[error(
        "failed to read the event pattern: it must be a JSON object such as \
         {{\"source\":[\"aws.codepipeline\"]}}"
    )]
    NotAnObject,
    /// Nothing in it names CodePipeline's source, so there is nothing to convert.
    #[error(
        "failed to find \"aws.codepipeline\" in \"source\" of the event pattern; \
         add \"source\":[\"towpath\"] by hand if the rule shall match"
    )]
    SourceAbsent,
}

/// Returns the pattern with `aws.codepipeline` replaced by `towpath` wherever `source` is matched,
/// also inside of matchers such as `anything-but` and of `$or`. Everything else means the same as
/// before; the members are sorted by name.
pub fn rewrite_source(pattern_json: &str) -> Result<String, Error> {
    let mut pattern: Value = serde_json::from_str(pattern_json).map_err(Error::Syntax)?;
    let Value::Object(members) = &mut pattern else { return Err(Error::NotAnObject) };
    if rewrite_members(members) == 0 {
        return Err(Error::SourceAbsent);
    }
    Ok(format!("{pattern:#}"))
}

/// Rewrites a pattern's `source`, and that of its alternatives; returns how many values changed.
fn rewrite_members(members: &mut Map<String, Value>) -> usize {
    let own = members.get_mut("source").map_or(0, rewrite_values);
    let alternatives = members.get_mut("$or").and_then(Value::as_array_mut).into_iter().flatten();
    own + alternatives.filter_map(Value::as_object_mut).map(rewrite_members).sum::<usize>()
}

/// Rewrites every value that is CodePipeline's source; returns how many there were.
fn rewrite_values(value: &mut Value) -> usize {
    match value {
        Value::String(text) if text == AWS_SOURCE => {
            SOURCE.clone_into(text);
            1
        }
        Value::Array(values) => values.iter_mut().map(rewrite_values).sum(),
        Value::Object(matcher) => matcher.values_mut().map(rewrite_values).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(pattern: &str) -> Value {
        let rewritten = rewrite_source(pattern).expect("the pattern names the source");
        serde_json::from_str(&rewritten).expect("it stays JSON")
    }

    #[test]
    fn only_the_source_changes() {
        // E1.
        for (pattern, expected) in [
            (r#"{"source":["aws.codepipeline"]}"#, r#"{"source":["towpath"]}"#),
            (
                r#"{"source":["aws.s3","aws.codepipeline"],"detail":{"pipeline":["aws.codepipeline"]}}"#,
                r#"{"detail":{"pipeline":["aws.codepipeline"]},"source":["aws.s3","towpath"]}"#,
            ),
            (
                r#"{"source":[{"anything-but":["aws.codepipeline"]}]}"#,
                r#"{"source":[{"anything-but":["towpath"]}]}"#,
            ),
            (
                r#"{"source":[{"prefix":"aws.codepipeline"}]}"#,
                r#"{"source":[{"prefix":"towpath"}]}"#,
            ),
            (
                r#"{"$or":[{"source":["aws.codepipeline"]},{"account":["1"]}]}"#,
                r#"{"$or":[{"source":["towpath"]},{"account":["1"]}]}"#,
            ),
        ] {
            let expected: Value = serde_json::from_str(expected).expect("it is JSON");
            assert_eq!(rewritten(pattern), expected);
        }
    }

    #[test]
    fn what_cannot_be_converted_is_refused_with_the_reason() {
        for (pattern, reason) in [
            ("", "as JSON"),
            ("{", "as JSON"),
            ("[]", "must be a JSON object"),
            ("\"aws.codepipeline\"", "must be a JSON object"),
            ("{}", "add \"source\":[\"towpath\"] by hand"),
            (r#"{"source":["aws.codebuild"]}"#, "failed to find \"aws.codepipeline\""),
            (r#"{"detail":{"source":["aws.codepipeline"]}}"#, "in \"source\""),
        ] {
            let error = rewrite_source(pattern).expect_err("it cannot be converted").to_string();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }
}
