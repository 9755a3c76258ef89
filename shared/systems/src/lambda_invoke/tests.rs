use std::time::Duration;

use model::outcome::{StoredArtifact, Success};
use providers::job::OutputArtifact;
use providers::{Error, Invocation, Invoke, Invoked, Job};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::LambdaInvoke;
use crate::wire::{Answer, Wire, job, object};

fn invoke_job(settings: &[(&str, &str)]) -> Job {
    let mut all = vec![("FunctionName", "check:live")];
    all.extend(settings);
    job("Invoke", "Lambda", &all)
}

fn waited_for() -> Job {
    invoke_job(&[("InvocationType", "RequestResponse")])
}

fn invocation() -> Invocation {
    Invocation {
        id: "11111111-abcd-8111-abcd-111111abcdef".to_owned(),
        account: "123456789012".to_owned(),
        continuation_token: None,
    }
}

/// A function that returns this.
fn returning(payload: &str) -> Wire {
    let payload = payload.to_owned();
    Wire::to(move |asked| {
        object(asked, &[("web-app/Out/2", b"made")])
            .unwrap_or_else(|| Answer::bytes(payload.clone().into_bytes()))
    })
}

async fn returned(payload: &str) -> Invoked {
    let wire = returning(payload);
    LambdaInvoke::new(wire.ground()).invoke(&waited_for(), &invocation()).await.unwrap()
}

async fn refused(answer: Answer) -> Result<Invoked, Error> {
    let wire = Wire::to(move |_| answer.clone());
    LambdaInvoke::new(wire.ground()).invoke(&invoke_job(&[]), &invocation()).await
}

fn output() -> OutputArtifact {
    OutputArtifact {
        name: "Out".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Out/2".to_owned(),
    }
}

#[tokio::test]
async fn a_function_is_handed_codepipelines_own_event() {
    let wire = Wire::to_roles(|asked| {
        if asked.bytes.starts_with(b"Action=AssumeRole") {
            let keys = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
                <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
                <SessionToken>token</SessionToken><Expiration>2027-01-15T09:00:00Z</Expiration>\
                </Credentials></AssumeRoleResult></AssumeRoleResponse>";
            return Answer::bytes(keys.into());
        }
        object(asked, &[("web-app/In/1", b"zip")]).unwrap_or_else(|| Answer::Said {
            status: 202,
            headers: Vec::new(),
            body: Vec::new(),
        })
    });
    let mut job = invoke_job(&[("UserParameters", "some-input")]);
    job.inputs = vec![StoredArtifact {
        name: "In".to_owned(),
        bucket: "artifacts".to_owned(),
        key: "web-app/In/1".to_owned(),
        sha256: hex::encode(Sha256::digest(b"zip")),
        size_bytes: 3,
    }];
    job.outputs = vec![output()];
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    job.encryption_key = Some(key.to_owned());
    let invocation = Invocation { continuation_token: Some("half".to_owned()), ..invocation() };
    let invoked = LambdaInvoke::new(wire.ground()).invoke(&job, &invocation).await.unwrap();
    assert_eq!(invoked, Invoked::HandedOver);

    let asked = wire.asked().into_iter().find(|it| it.uri.contains("/invocations")).unwrap();
    assert!(
        asked.uri.contains("check%3Alive") || asked.uri.contains("check:live"),
        "{}",
        asked.uri
    );
    assert_eq!(asked.headers["x-amz-invocation-type"], "Event");
    let place = |name: &str, key: &str| {
        json!({
            "name": name, "revision": null,
            "location": { "type": "S3", "s3Location": { "bucketName": "artifacts", "objectKey": key } },
        })
    };
    let expected = json!({ "CodePipeline.job": {
        "id": invocation.id,
        "accountId": "123456789012",
        "data": {
            "actionConfiguration": {
                "configuration": { "FunctionName": "check:live", "UserParameters": "some-input" },
            },
            "inputArtifacts": [place("In", "web-app/In/1")],
            "outputArtifacts": [place("Out", "web-app/Out/2")],
            "artifactCredentials": {
                "accessKeyId": "ASIA1", "secretAccessKey": "secret", "sessionToken": "token",
            },
            "continuationToken": "half",
            "encryptionKey": { "id": key, "type": "KMS" },
        },
    }});
    assert_eq!(asked.json(), expected);
}

#[tokio::test]
async fn the_keys_in_the_event_open_the_artifacts_of_the_job_and_nothing_else_j6() {
    let wire = Wire::to_roles(|asked| {
        let keys = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
            <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
            <SessionToken>token</SessionToken><Expiration>2027-01-15T09:00:00Z</Expiration>\
            </Credentials></AssumeRoleResult></AssumeRoleResponse>";
        object(asked, &[]).unwrap_or_else(|| Answer::bytes(keys.into()))
    });
    let mut job = invoke_job(&[]);
    let invoke = LambdaInvoke::new(wire.ground());
    invoke.invoke(&job, &invocation()).await.unwrap();
    job.outputs = vec![output()];
    invoke.invoke(&job, &invocation()).await.unwrap();
    let policies: Vec<Value> = wire
        .asked()
        .iter()
        .filter_map(|asked| {
            let mut fields = std::str::from_utf8(&asked.bytes).ok()?.split('&');
            let policy = fields.find_map(|field| field.strip_prefix("Policy="))?;
            let policy = percent_encoding::percent_decode_str(policy).decode_utf8().ok()?;
            serde_json::from_str(&policy).ok()
        })
        .collect();
    let with = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] });
    let nothing = with(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
    let writes = with(json!({
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": ["arn:aws:s3:::artifacts/web-app/Out/2"],
    }));
    assert_eq!(policies, [nothing, writes]);
}

#[tokio::test]
async fn what_a_function_returns_that_is_waited_for_is_its_answer() {
    let done = Invoked::Succeeded(Success::default());
    for nothing in
        ["null", "", "\"ok\"", "{}", r#"{"outputVariables":{}}"#, r#"{"statusCode":200}"#]
    {
        assert_eq!(returned(nothing).await, done, "{nothing}");
    }
    let answer = r#"{"outputVariables":{"A":"1"},"executionDetails":{"externalExecutionId":"x","summary":"s"}}"#;
    let expected = Success {
        variables: [("A".to_owned(), "1".to_owned())].into(),
        external_id: Some("x".to_owned()),
        summary: Some("s".to_owned()),
        ..Success::default()
    };
    assert_eq!(returned(answer).await, Invoked::Succeeded(expected));
    let goes_on = returned(r#"{"continuationToken":"half"}"#).await;
    assert_eq!(goes_on, Invoked::Continues("half".to_owned()));
    let failed = r#"{"failureDetails":{"type":"ConfigurationError","message":"no table"}}"#;
    let Invoked::Failed(failure) = returned(failed).await else { panic!() };
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("ConfigurationError", "no table")
    );
    for wrong in [
        r#"{"outputVariables":{"A":1}}"#,
        r#"{"outputVariables":{"A":"1"},"continuationToken":"half"}"#,
        r#"{"continuationToken":""}"#,
    ] {
        let Invoked::Failed(failure) = returned(wrong).await else { panic!("{wrong}") };
        assert_eq!(failure.code, "ConfigurationError", "{wrong}");
    }
}

#[tokio::test]
async fn an_error_that_a_function_throws_comes_first_in_the_failure() {
    let wire = Wire::to(|_| {
        Answer::bytes(br#"{"errorMessage":"table is gone","errorType":"KeyError"}"#.to_vec())
            .with("x-amz-function-error", "Unhandled")
    });
    let invoked = LambdaInvoke::new(wire.ground()).invoke(&waited_for(), &invocation()).await;
    let Ok(Invoked::Failed(failure)) = invoked else { panic!("{invoked:?}") };
    assert!(failure.message.starts_with("table is gone (KeyError)"), "{}", failure.message);
    assert_eq!(failure.code, "JobFailed");
    let asked = &wire.asked()[0];
    assert_eq!(asked.headers["x-amz-invocation-type"], "RequestResponse");
}

#[tokio::test]
async fn a_function_that_returns_must_have_stored_its_output_artifacts_before() {
    let wire = returning("null");
    let mut job = waited_for();
    job.outputs = vec![output()];
    let invoke = LambdaInvoke::new(wire.ground());
    let Ok(Invoked::Succeeded(success)) = invoke.invoke(&job, &invocation()).await else {
        panic!()
    };
    assert_eq!(success.artifacts[0].sha256, hex::encode(Sha256::digest(b"made")));
    job.outputs[0].key = "web-app/Out/none".to_owned();
    let Ok(Invoked::Failed(failure)) = invoke.invoke(&job, &invocation()).await else { panic!() };
    assert!(failure.message.contains("output artifact Out is not at artifacts/web-app/Out/none"));
}

#[tokio::test]
async fn a_function_that_does_not_return_in_time_fails_and_the_way_out_is_named() {
    let wire = Wire::to(|_| Answer::Silence);
    let invoke =
        LambdaInvoke { patience: Duration::from_millis(10), ..LambdaInvoke::new(wire.ground()) };
    let Ok(Invoked::Failed(failure)) = invoke.invoke(&waited_for(), &invocation()).await else {
        panic!()
    };
    assert!(failure.message.contains("set InvocationType to Event"), "{}", failure.message);
    // One that reports by itself was perhaps not even handed the event.
    let lost = invoke.invoke(&invoke_job(&[]), &invocation()).await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
}

#[tokio::test]
async fn what_cannot_be_invoked_says_why() {
    let denied = refused(Answer::refusal("AccessDeniedException", "not authorized")).await;
    let Err(Error::Refused(reason)) = denied else { panic!("{denied:?}") };
    assert!(reason.contains("lambda:InvokeFunction on check:live"), "{reason}");
    let throttled = refused(Answer::refusal("TooManyRequestsException", "slow down")).await;
    assert!(matches!(throttled, Err(Error::Unreachable(_))), "{throttled:?}");
    let broken = refused(Answer::Broken).await;
    assert!(matches!(broken, Err(Error::Unreachable(_))), "{broken:?}");
    let absent = refused(Answer::refusal("ResourceNotFoundException", "Function not found")).await;
    let Ok(Invoked::Failed(failure)) = absent else { panic!("{absent:?}") };
    assert!(
        failure
            .message
            .starts_with("FunctionName is \"check:live\", and there is no such function")
    );

    let wire = returning("null");
    let invoke = LambdaInvoke::new(wire.ground());
    let mut job = invoke_job(&[("InvocationType", "DryRun")]);
    let Ok(Invoked::Failed(failure)) = invoke.invoke(&job, &invocation()).await else { panic!() };
    assert!(failure.message.starts_with("InvocationType is \"DryRun\"; write Event"));
    job.configuration.clear();
    let Ok(Invoked::Failed(failure)) = invoke.invoke(&job, &invocation()).await else { panic!() };
    assert!(failure.message.starts_with("the setting FunctionName is missing"));
    assert!(wire.asked().is_empty());
}
