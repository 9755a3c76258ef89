//! The examples that AWS prints beside its command line: what it tells people to send is taken, and
//! what it shows as answers fits our shapes, or differs where a person saw why.
//!
//! The files are not part of the project; where they are absent, there is nothing to show.

use std::path::Path;

use protocol::{Operation, Wire, check_answer, decode, validate};

/// What an example meets: nothing, or these words.
type Verdict = Option<&'static str>;

const REQUESTS: &[(Operation, &str, Verdict)] = &[
    (Operation::CreateCustomActionType, "create-custom-action-type.block0", None),
    (Operation::CreatePipeline, "create-pipeline.block0", None),
    (Operation::UpdatePipeline, "get-pipeline.block0", None),
    (Operation::UpdatePipeline, "update-pipeline.block1", None),
    (Operation::DeleteCustomActionType, "delete-custom-action-type.block0", None),
    (Operation::PollForJobs, "poll-for-jobs.block0", None),
    (Operation::PutWebhook, "put-webhook.block0", None),
];

const ANSWERS: &[(Operation, &str, Verdict)] = &[
    (Operation::GetPipeline, "get-pipeline.block0", None),
    (Operation::GetPipelineState, "get-pipeline-state.block0", None),
    (Operation::ListPipelines, "list-pipelines.block0", None),
    (Operation::ListActionTypes, "list-action-types.block0", None),
    (Operation::ListPipelineExecutions, "list-pipeline-executions.block0", None),
    // The model's answer has no tags.
    (Operation::PutWebhook, "put-webhook.block1", Some("tags: `tags` is not a member")),
    (Operation::RetryStageExecution, "retry-stage-execution.block0", None),
    (Operation::StartPipelineExecution, "start-pipeline-execution.block0", None),
    // Another protocol's dump names the type of each structure inside of it.
    (Operation::GetJobDetails, "get-job-details.block0", Some("`__type` is not a member")),
    (Operation::PollForJobs, "poll-for-jobs.block1", Some("`__type` is not a member")),
    // The model has a list of keys and values.
    (Operation::ListTagsForResource, "list-tags-for-resource.block0", Some("write a list")),
];

#[test]
fn what_the_examples_send_is_taken() {
    for (operation, name, verdict) in REQUESTS {
        let Some(body) = example(name) else { return };
        let answer = decode(Wire::Json, *operation, &body)
            .and_then(|mut request| validate(*operation, &mut request))
            .map_err(|fault| fault.to_string());
        judge(name, answer, *verdict);
    }
}

#[test]
fn what_the_examples_show_fits_our_shapes() {
    for (operation, name, verdict) in ANSWERS {
        let Some(body) = example(name) else { return };
        let answer = serde_json::from_slice(&body).expect("the examples are JSON");
        judge(name, check_answer(*operation, &answer), *verdict);
    }
}

fn judge(name: &str, answer: Result<(), String>, verdict: Verdict) {
    match (answer, verdict) {
        (Ok(()), None) => {}
        (Err(found), Some(words)) => assert!(found.contains(words), "{name}: {found}"),
        (answer, verdict) => panic!("{name}: {answer:?}, and {verdict:?} was seen"),
    }
}

#[expect(clippy::print_stdout, reason = "a test that has nothing to show says why")]
fn example(name: &str) -> Option<Vec<u8>> {
    let examples =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/cli-examples");
    let path = examples.join(format!("{name}.json"));
    let body = std::fs::read(&path).ok();
    if body.is_none() {
        println!("{} is absent: nothing to read", path.display());
    }
    body
}
