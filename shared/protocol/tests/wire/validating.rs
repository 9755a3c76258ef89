//! What is told of a request that does not fit (contract §1.7), in AWS's words.

use protocol::{Fault, Operation, validate};
use serde_json::{Value, json};

fn refused(operation: Operation, mut request: Value) -> Fault {
    validate(operation, &mut request).expect_err("it does not fit")
}

#[test]
fn everything_that_does_not_fit_is_told_at_once() {
    let fault = refused(
        Operation::DisableStageTransition,
        json!({"pipelineName": "we b", "stageName": "x".repeat(101), "transitionType": "inbound"}),
    );
    assert_eq!(fault.code, "ValidationException");
    let long = "x".repeat(80);
    assert_eq!(
        fault.message,
        format!(
            "4 validation errors detected: Value 'we b' at 'pipelineName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; Value \
             '{long}…' at 'stageName' failed to satisfy constraint: Member must have length less \
             than or equal to 100; Value 'inbound' at 'transitionType' failed to satisfy \
             constraint: Member must satisfy enum value set: [Inbound, Outbound]; Value null at \
             'reason' failed to satisfy constraint: Member must not be null"
        )
    );
}

#[test]
fn a_pipeline_is_refused_with_the_path_as_aws_counts() {
    let action = json!({
        "name": "Build",
        "actionTypeId":
            {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
        "configuration": {"ProjectName": ""},
    });
    let pipeline = json!({
        "name": "web", "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "stages": [{"name": "Source", "actions": []}, {"name": "Build", "actions": [action]}],
    });
    for operation in [Operation::CreatePipeline, Operation::UpdatePipeline] {
        let fault = refused(operation, json!({"pipeline": pipeline}));
        assert_eq!(
            fault.message,
            "1 validation error detected: Value at \
             'pipeline.stages.2.member.actions.1.member.configuration' failed to satisfy \
             constraint: Map value must satisfy constraint: [Member must have length less than or \
             equal to 1000, Member must have length greater than or equal to 1]"
        );
    }
}

#[test]
fn what_has_the_wrong_type_is_named_before_all_else() {
    for (request, message) in [
        (json!({"name": 1}), "name should be a string, but a number stands here"),
        (json!({"name": ["p"]}), "name should be a string, but a list stands here"),
        (json!({"name": "", "version": "1"}), "version should be a whole number, but a string"),
        (json!({"name": "p", "version": 1.5}), "version should be a whole number, but a number"),
        (json!({"name": "p", "version": 1e30}), "version should be a whole number, but a number"),
        (json!({"version": true}), "version should be a whole number, but true or false stands"),
    ] {
        let fault = refused(Operation::GetPipeline, request);
        assert_eq!(fault.code, "SerializationException");
        assert!(fault.message.starts_with(message), "{fault}");
    }
    for (operation, request, message) in [
        (
            Operation::CreatePipeline,
            json!({"pipeline": {"stages": [{"actions": {}}]}}),
            "pipeline.stages[0].actions should be a list, but an object stands here",
        ),
        (
            Operation::StopPipelineExecution,
            json!({"abandon": "true"}),
            "abandon should be true or false, but a string stands here",
        ),
        (
            Operation::PutActionRevision,
            json!({"actionRevision": {"created": "2023-11-14T22:13:20Z"}}),
            "actionRevision.created should be a moment in seconds since 1970, but a string",
        ),
        (
            Operation::PutActionRevision,
            json!({"actionRevision": {"created": 1_700_000_000_123_i64}}),
            "actionRevision.created should be a moment in seconds since 1970, but a number",
        ),
    ] {
        let fault = refused(operation, request);
        assert_eq!(fault.code, "SerializationException");
        assert!(fault.message.starts_with(message), "{fault}");
    }
}

#[test]
fn unknown_and_null_members_are_taken_out() {
    let mut request = json!({
        "name": "p", "version": null, "unknown": {"deep": [1]},
    });
    assert_eq!(validate(Operation::GetPipeline, &mut request), Ok(()));
    assert_eq!(request, json!({"name": "p"}));

    let fault = refused(Operation::GetPipeline, json!({"name": null}));
    assert_eq!(
        fault.message,
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member \
         must not be null"
    );
    let fault = refused(
        Operation::UntagResource,
        json!({"resourceArn": "arn:aws:codepipeline:us-east-1:111122223333:web", "tagKeys": [null]}),
    );
    assert!(fault.message.contains("Value null at 'tagKeys.1.member'"), "{fault}");
}

#[test]
fn moments_are_kept_to_the_millisecond() {
    for (sent, kept) in [
        (json!(1_700_000_000.123), json!(1_700_000_000.123)),
        // The Rust SDK was seen to send a little less than it was given.
        (json!(1_700_000_000.122_6), json!(1_700_000_000.123)),
        (json!(1_700_000_000), json!(1_700_000_000)),
        (json!(1_700_000_000.0), json!(1_700_000_000)),
        (json!(1_699_999_999.999_9), json!(1_700_000_000)),
        (json!(-0.0), json!(0)),
        (json!(-1.5), json!(-1.5)),
        (json!(253_402_300_799.999), json!(253_402_300_799.999)),
    ] {
        let mut request = json!({
            "pipelineName": "p", "stageName": "s", "actionName": "a",
            "actionRevision": {"revisionId": "1", "revisionChangeId": "2", "created": sent},
        });
        assert_eq!(validate(Operation::PutActionRevision, &mut request), Ok(()), "{sent}");
        assert_eq!(request["actionRevision"]["created"], kept, "{sent}");
    }
}

#[test]
fn secrets_are_not_repeated() {
    let secret = "hunter2\n";
    let id = "01234567-89ab-cdef-0123-456789abcdef";
    let cases = [
        (
            Operation::PutWebhook,
            json!({"webhook": {
                "name": "w", "targetPipeline": "p", "targetAction": "a", "filters": [],
                "authentication": "GITHUB_HMAC",
                "authenticationConfiguration": {"SecretToken": secret.repeat(20)},
            }}),
        ),
        (
            Operation::PutApprovalResult,
            json!({
                "pipelineName": "p", "stageName": "s", "actionName": "a", "token": secret,
                "result": {"summary": "", "status": "Approved"},
            }),
        ),
        (Operation::AcknowledgeJob, json!({"jobId": id, "nonce": secret.repeat(10)})),
        (
            Operation::GetThirdPartyJobDetails,
            json!({"jobId": "j", "clientToken": secret.repeat(99)}),
        ),
        (Operation::ListPipelines, json!({"nextToken": secret.repeat(999)})),
        (
            Operation::PutJobSuccessResult,
            json!({"jobId": id, "continuationToken": secret.repeat(999)}),
        ),
        (
            Operation::PollForJobs,
            json!({
                "actionTypeId":
                    {"category": "Build", "owner": "Custom", "provider": "p", "version": "1"},
                "queryParam": {"key": secret},
            }),
        ),
    ];
    for (operation, request) in cases {
        let fault = refused(operation, request);
        assert_eq!(fault.code, "ValidationException", "{fault}");
        assert!(!fault.message.contains("hunter2"), "{fault}");
    }
}

#[test]
fn a_request_that_is_wrong_all_over_is_told_so_briefly() {
    let keys = vec![json!(""); 100_000];
    let arn = "arn:aws:codepipeline:us-east-1:111122223333:web";
    let fault = refused(Operation::UntagResource, json!({"resourceArn": arn, "tagKeys": keys}));
    assert!(fault.message.starts_with("100 validation errors detected: "), "{}", fault.code);
    let region = "x".repeat(500_000);
    let store = json!({"type": "S3", "location": "no"});
    let fault = refused(
        Operation::CreatePipeline,
        json!({"pipeline": {"artifactStores": {region: store}}}),
    );
    assert!(fault.message.len() < 2000, "{}", fault.message.len());
}
