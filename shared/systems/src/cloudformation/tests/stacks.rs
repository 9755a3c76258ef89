//! Creating, updating, replacing and deleting.

use model::outcome::Outcome;
use providers::job::OutputArtifact;
use providers::{Error, Progress, Provider as _};

use super::account::{Account, Form};
use super::{begin, failed, is_waiting, noted, poll, provider, stack_job, start, succeeded};

const CREATE_UPDATE: &[(&str, &str)] = &[("ActionMode", "CREATE_UPDATE")];

fn forms(wire: &crate::wire::Wire, action: &str) -> Vec<Form> {
    let asked = wire.asked().into_iter();
    let forms = asked.map(|it| url::form_urlencoded::parse(&it.bytes).into_owned().collect());
    forms.filter(|form: &Form| form.get("Action").is_some_and(|it| it == action)).collect()
}

#[tokio::test]
async fn a_stack_is_created_once_and_its_outputs_are_variables_and_a_file() {
    let account = Account::default();
    let (provider, wire) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    job.configuration.insert("OutputFileName".to_owned(), "outputs.json".to_owned());
    job.outputs = vec![OutputArtifact {
        name: "Outputs".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Outputs/1".to_owned(),
    }];
    assert_eq!(poll(&provider, &job).await, Progress::Unknown);

    // The answer is lost, and the start is made again: by its token it is the same (PR2).
    account.state().loses = Some("CreateStack");
    assert!(matches!(provider.start(&job).await, Err(Error::Unreachable(_))));
    let started = start(&provider, &job).await;
    noted(&mut job, &started);
    assert_eq!(start(&provider, &job).await, started);
    assert_eq!(account.state().stacks.len(), 1);
    assert_eq!(forms(&wire, "CreateStack")[0]["ClientRequestToken"], job.run_id);
    assert_eq!(poll(&provider, &job).await, started);

    account.stack(|stack| {
        stack.pass("Bucket", "CREATE_COMPLETE", "");
        stack.pass("web", "CREATE_COMPLETE", "");
        stack.outputs = vec![("Url", "https://example.com"), ("Name", "b")];
    });
    let success = succeeded(poll(&provider, &job).await);
    assert_eq!(success.external_id, job.external_id);
    assert_eq!(success.variables["Url"], "https://example.com");
    let page = success.external_url.unwrap();
    assert!(page.starts_with("https://us-east-1.console.aws.amazon.com/cloudformation/"), "{page}");
    let text = account.state().buckets.file(&success.artifacts[0], "outputs.json").unwrap();
    let outputs: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(outputs["Name"], "b");
}

#[tokio::test]
async fn an_update_is_asked_with_what_files_and_overrides_say() {
    let account = Account::default().with_stack("UPDATE_ROLLBACK_COMPLETE");
    let (provider, wire) = provider(&account);
    let mut job = stack_job(
        &account,
        &[
            ("ActionMode", "CREATE_UPDATE"),
            ("TemplateConfiguration", "Source::production.json"),
            ("Capabilities", "CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND"),
            (
                "ParameterOverrides",
                r#"{"Size": 3, "Url": {"Fn::GetParam": ["Before", "out.json", "Url"]},
                    "Key": {"Fn::GetArtifactAtt": ["Source", "ObjectKey"]},
                    "Bucket": {"Fn::GetArtifactAtt": ["Source", "BucketName"]},
                    "Place": {"Fn::GetArtifactAtt": ["Source", "URL"]}}"#,
            ),
        ],
    );
    let configuration = r#"{"Parameters": {"Size": "1", "Stage": "production"},
        "Tags": {"team": "canal"}, "StackPolicy": {"Statement": []}}"#;
    job.inputs = vec![
        account.input(
            "Source",
            &[("template.yaml", "Resources: {}"), ("production.json", configuration)],
        ),
        account.input("Before", &[("out.json", r#"{"Url": "https://a"}"#)]),
    ];
    begin(&provider, &mut job).await;
    let form = &forms(&wire, "UpdateStack")[0];
    let parameters: Vec<_> = (1..=6)
        .map(|number| {
            let member = format!("Parameters.member.{number}");
            let key = &form[&format!("{member}.ParameterKey")];
            format!("{key}={}", form[&format!("{member}.ParameterValue")])
        })
        .collect();
    assert_eq!(
        parameters,
        [
            "Bucket=artifacts",
            "Key=web-app/Source/0",
            "Place=https://s3.us-east-1.amazonaws.com/artifacts/web-app/Source/0",
            "Size=3",
            "Stage=production",
            "Url=https://a",
        ]
    );
    assert_eq!(form["TemplateBody"], "Resources: {}");
    assert_eq!(form["Tags.member.1.Key"], "team");
    assert_eq!(form["StackPolicyBody"], r#"{"Statement":[]}"#);
    assert_eq!(form["Capabilities.member.2"], "CAPABILITY_AUTO_EXPAND");
    assert_eq!(form["RoleARN"], "arn:aws:iam::123456789012:role/deploy");
}

#[tokio::test]
async fn a_template_too_long_for_a_request_is_named_by_its_address() {
    let account = Account::default();
    let (provider, wire) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    let long = format!("Resources: {{}} # {}", "x".repeat(51_200));
    job.inputs = vec![account.input("Source", &[("template.yaml", &long)])];
    start(&provider, &job).await;
    let form = &forms(&wire, "CreateStack")[0];
    assert!(!form.contains_key("TemplateBody"));
    let place = form["TemplateURL"].strip_prefix("https://s3.us-east-1.amazonaws.com/").unwrap();
    assert_eq!(account.state().buckets.objects[place].0, long.as_bytes());
}

#[tokio::test]
async fn an_update_without_changes_succeeds() {
    let account = Account::default();
    let (provider, _) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    start(&provider, &job).await;
    account.stack(|stack| stack.pass("web", "CREATE_COMPLETE", ""));
    job.run_id = "second-run".to_owned();
    let success = succeeded(start(&provider, &job).await);
    assert!(success.summary.unwrap().contains("NoChanges"));
}

#[tokio::test]
async fn a_failure_names_the_resource_that_failed_first() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    let (provider, _) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    begin(&provider, &mut job).await;
    account.stack(|stack| {
        // Events of one moment come in any order.
        stack.pass("Topic", "CREATE_FAILED", "Resource creation cancelled");
        stack.pass("Bucket", "UPDATE_FAILED", "bucket name is taken");
        stack.pass("Queue", "UPDATE_FAILED", "Resource update cancelled");
        stack.pass("web", "UPDATE_ROLLBACK_IN_PROGRESS", "");
        stack.pass("web", "UPDATE_ROLLBACK_COMPLETE", "");
    });
    let failure = failed(poll(&provider, &job).await);
    assert_eq!(failure.code, "JobFailed");
    assert_eq!(
        failure.message,
        "stack web was not updated (UPDATE_ROLLBACK_COMPLETE): resource Bucket (AWS::S3::Bucket) \
         failed: bucket name is taken; the stack is as it was before: correct Bucket and start again"
    );
}

#[tokio::test]
async fn a_role_that_may_not_read_events_is_told_so() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    account.state().refuses.insert("DescribeStackEvents", (403, "AccessDenied", "no"));
    let (provider, _) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    begin(&provider, &mut job).await;
    account.stack(|stack| stack.pass("web", "UPDATE_ROLLBACK_COMPLETE", ""));
    let message = failed(poll(&provider, &job).await).message;
    assert!(message.contains("cloudformation:DescribeStackEvents"), "{message}");
    assert!(message.contains("arn:aws:iam::123456789012:role/pipeline"), "{message}");
    account.stack(|stack| stack.pass("web", "UPDATE_COMPLETE", ""));
    succeeded(poll(&provider, &job).await);
}

#[tokio::test]
async fn somebody_elses_operation_is_waited_for_and_is_not_taken_for_ours() {
    let account = Account::default().with_stack("UPDATE_IN_PROGRESS");
    let (provider, wire) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    assert!(is_waiting(&start(&provider, &job).await));
    assert_eq!(poll(&provider, &job).await, Progress::Unknown);
    assert_eq!(forms(&wire, "UpdateStack"), []);

    account.stack(|stack| stack.pass("web", "UPDATE_COMPLETE", ""));
    begin(&provider, &mut job).await;
    account.stack(|stack| {
        stack.pass("web", "UPDATE_COMPLETE", "");
        stack.meddle("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED");
    });
    succeeded(poll(&provider, &job).await);
    job.run_id = "never-begun".to_owned();
    assert_eq!(poll(&provider, &job).await, Progress::Unknown);
}

#[tokio::test]
async fn a_stack_that_failed_is_replaced_only_where_that_is_asked_for() {
    let account = Account::default().with_stack("ROLLBACK_COMPLETE");
    let (provider, wire) = provider(&account);
    let job = stack_job(&account, CREATE_UPDATE);
    let message = failed(start(&provider, &job).await).message;
    assert!(message.contains("ROLLBACK_COMPLETE"), "{message}");
    assert!(message.contains("REPLACE_ON_FAILURE"), "{message}");

    let mut job = stack_job(&account, &[("ActionMode", "REPLACE_ON_FAILURE")]);
    assert!(is_waiting(&start(&provider, &job).await));
    assert!(is_waiting(&start(&provider, &job).await));
    assert_eq!(forms(&wire, "DeleteStack").len(), 1);
    assert_eq!(poll(&provider, &job).await, Progress::Unknown);
    account.stack(|stack| stack.pass("web", "DELETE_COMPLETE", ""));
    begin(&provider, &mut job).await;
    assert_eq!(account.state().stacks.len(), 2);
    account.stack(|stack| stack.pass("web", "CREATE_COMPLETE", ""));
    succeeded(poll(&provider, &job).await);
}

#[tokio::test]
async fn a_deletion_before_a_replacement_that_fails_fails_the_action() {
    let account = Account::default().with_stack("ROLLBACK_FAILED");
    let (provider, _) = provider(&account);
    let job = stack_job(&account, &[("ActionMode", "REPLACE_ON_FAILURE")]);
    assert!(is_waiting(&start(&provider, &job).await));
    account.stack(|stack| {
        stack.pass("Bucket", "DELETE_FAILED", "the bucket is not empty");
        stack.pass("web", "DELETE_FAILED", "");
    });
    let message = failed(start(&provider, &job).await).message;
    assert!(message.contains("was not deleted (DELETE_FAILED)"), "{message}");
    assert!(message.contains("Bucket (AWS::S3::Bucket) failed: the bucket is not empty"));
}

#[tokio::test]
async fn a_stack_is_deleted_and_one_that_is_not_there_is_deleted_already() {
    let account = Account::default();
    let (provider, wire) = provider(&account);
    let mut job = stack_job(&account, &[("ActionMode", "DELETE_ONLY")]);
    let success = succeeded(start(&provider, &job).await);
    assert_eq!(success.summary.as_deref(), Some("there was no such stack"));

    let account = account.with_stack("CREATE_COMPLETE");
    begin(&provider, &mut job).await;
    assert!(matches!(poll(&provider, &job).await, Progress::Running { .. }));
    account.stack(|stack| stack.pass("web", "DELETE_COMPLETE", ""));
    succeeded(poll(&provider, &job).await);
    assert_eq!(forms(&wire, "DeleteStack").len(), 1);
}

#[tokio::test]
async fn only_an_update_of_ours_is_stopped() {
    let account = Account::default().with_stack("UPDATE_IN_PROGRESS");
    let (provider, wire) = provider(&account);
    let mut job = stack_job(&account, CREATE_UPDATE);
    provider.cancel(&job).await.unwrap();
    assert_eq!(forms(&wire, "CancelUpdateStack"), []);

    account.stack(|stack| stack.pass("web", "UPDATE_COMPLETE", ""));
    begin(&provider, &mut job).await;
    provider.cancel(&job).await.unwrap();
    assert_eq!(forms(&wire, "CancelUpdateStack").len(), 1);
}

#[tokio::test]
async fn what_the_role_may_not_do_is_named() {
    let account = Account::default();
    account.state().refuses.insert("CreateStack", (403, "AccessDenied", "no"));
    let (provider, _) = provider(&account);
    let job = stack_job(&account, CREATE_UPDATE);
    let Err(Error::Refused(reason)) = provider.start(&job).await else { panic!("not refused") };
    assert!(reason.contains("cloudformation:CreateStack"), "{reason}");
}

#[tokio::test]
async fn a_wrong_setting_is_named_with_its_fix() {
    let account = Account::default();
    let (provider, _) = provider(&account);
    for (settings, said) in [
        (&[("ActionMode", "UPSERT")][..], "write one of CREATE_UPDATE, REPLACE_ON_FAILURE"),
        (
            &[("ActionMode", "CREATE_UPDATE"), ("TemplatePath", "template.yaml")],
            "write it as ARTIFACT::FILE",
        ),
        (
            &[("ActionMode", "CREATE_UPDATE"), ("TemplatePath", "Build::template.yaml")],
            "is no input of the action (it has: Source)",
        ),
        (
            &[("ActionMode", "CREATE_UPDATE"), ("TemplatePath", "Source::no.yaml")],
            "has no file \"no.yaml\"",
        ),
        (
            &[("ActionMode", "CREATE_UPDATE"), ("Capabilities", "CAPABILITY_ALL")],
            "it may have CAPABILITY_IAM",
        ),
        (
            &[("ActionMode", "CREATE_UPDATE"), ("ParameterOverrides", "Size=3")],
            "ParameterOverrides is not a JSON object",
        ),
        (
            &[
                ("ActionMode", "CREATE_UPDATE"),
                ("ParameterOverrides", r#"{"A": {"Fn::GetArtifactAtt": ["Source", "ETag"]}}"#),
            ],
            "use BucketName, ObjectKey or URL",
        ),
        (&[("ActionMode", "CHANGE_SET_EXECUTE")], "ChangeSetName is missing"),
    ] {
        let job = stack_job(&account, settings);
        let failure = failed(start(&provider, &job).await);
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    account.state().refuses.insert(
        "CreateStack",
        (400, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"),
    );
    let job = stack_job(&account, CREATE_UPDATE);
    let Progress::Done(Outcome::Failed(failure)) = start(&provider, &job).await else { panic!() };
    assert!(failure.message.contains("add what it requires to Capabilities"));
}
