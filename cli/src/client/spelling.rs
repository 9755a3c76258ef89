//! The API's types as JSON and back, by the SDK's own codec, so that `--json` shows the API's shapes.

use aws_sdk_codepipeline::types::PipelineDeclaration;
use aws_smithy_json::codec::JsonCodec;
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::{SerializableStruct, ShapeSerializer};
use serde_json::Value;

/// Returns a value of the API as the API spells it.
pub(crate) fn json(value: &impl SerializableStruct) -> Value {
    let mut serializer = JsonCodec::default().create_serializer();
    // The codec writes to memory, and every type of the API has a JSON form.
    let is_written = serializer.write_struct(value.schema(), value).is_ok();
    let bytes = if is_written { serializer.finish() } else { Vec::new() };
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

/// Reads a declaration in the API's form into a request.
pub(crate) fn declaration(text: &str) -> Result<PipelineDeclaration, String> {
    let codec = JsonCodec::default();
    let mut deserializer = codec.create_deserializer(text.as_bytes());
    PipelineDeclaration::deserialize(&mut deserializer).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_comes_back_as_it_went() {
        let text = r#"{"name":"web","roleArn":"arn:aws:iam::000000000000:role/web",
            "artifactStore":{"type":"S3","location":"web-artifacts"},
            "stages":[{"name":"Source","actions":[{"name":"Commit","actionTypeId":{
                "category":"Source","owner":"AWS","provider":"CodeCommit","version":"1"},
                "configuration":{"RepositoryName":"app","BranchName":"main"},"runOrder":1,
                "outputArtifacts":[{"name":"Code","files":["a"]}],"commands":["true"],
                "environmentVariables":[{"name":"A","value":"b"}],"namespace":"Source"}],
                "onFailure":{"result":"RETRY","retryConfiguration":{"retryMode":"ALL_ACTIONS"}}}],
            "executionMode":"QUEUED","pipelineType":"V2",
            "variables":[{"name":"Target","defaultValue":""}],
            "triggers":[{"providerType":"CodeStarSourceConnection","gitConfiguration":{
                "sourceActionName":"Commit","push":[{"branches":{"includes":["main"]}}]}}]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(json(&declaration(text).unwrap()), value);
    }
}
