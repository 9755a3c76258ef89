//! People, things, and questions about them.

use std::collections::BTreeMap;

use access::authorize::{Denied, Question, Resource};
use access::{Authorizer, Identity};

pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCOUNT: &str = "000000000000";

/// The six personas are the six ready roles: each is a way in which somebody really works with us, and
/// together they are every ready policy. Nobody, who has no role, may nothing, and gets a test of that.
pub(crate) const PERSONAS: [&str; 6] =
    ["Viewer", "Operator", "Approver", "Editor", "JobWorker", "Admin"];

/// What is asked beside the operations.
pub(crate) const BESIDE: [&str; 3] = ["passRole", "approve", "readLogs"];

pub(crate) fn actions() -> Vec<&'static str> {
    let operations = protocol::Operation::ALL.iter().map(|operation| operation.as_str());
    operations.chain(BESIDE).collect()
}

pub(crate) fn person(name: &str, roles: &[&str]) -> Identity {
    Identity {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        account: ACCOUNT.into(),
        name: name.into(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

/// Returns what each action is asked about.
pub(crate) fn usual(action: &str) -> Resource {
    let [pipeline, stage, name] = ["my-app", "Deploy", "Release"].map(str::to_owned);
    match action {
        "passRole" => Resource::Role(format!("arn:aws:iam::{ACCOUNT}:role/web-app")),
        "approve" | "PutApprovalResult" | "PutActionRevision" => {
            Resource::Action(pipeline, stage, name)
        }
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            Resource::Arn(format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:my-app"))
        }
        _ if action.contains("Stage") && action != "GetPipelineState" => {
            Resource::Stage(pipeline, stage)
        }
        _ if action.contains("Webhook") && action != "ListWebhooks" => {
            Resource::Webhook("push".into())
        }
        "ListActionTypes" | "ListPipelines" | "ListRuleTypes" | "ListWebhooks" => Resource::Account,
        _ if action.contains("ActionType") || action.starts_with("Poll") => {
            Resource::ActionType("Custom/Build/Jenkins/1".into())
        }
        _ if action.contains("Job") => Resource::Account,
        _ => Resource::Pipeline(pipeline),
    }
}

/// Asks about somebody, on what the action is usually asked about, when a stranger started it.
pub(crate) fn ask(
    authorizer: &Authorizer,
    who: &Identity,
    action: &str,
) -> Result<Vec<String>, Denied> {
    ask_of(authorizer, who, action, usual(action))
}

pub(crate) fn ask_of(
    authorizer: &Authorizer,
    who: &Identity,
    action: &str,
    resource: Resource,
) -> Result<Vec<String>, Denied> {
    let mut context = BTreeMap::new();
    if action == "approve" {
        context.insert("starters".into(), vec![person("stranger", &[]).arn]);
    }
    authorizer.ask(action, &Question { who, resource, context })
}

pub(crate) fn authorizer(more: &[(&str, &str)]) -> Authorizer {
    refusal(more).unwrap_or_else(|sentence| panic!("{sentence}"))
}

pub(crate) fn refusal(more: &[(&str, &str)]) -> Result<Authorizer, String> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    let more: Vec<(String, String)> = more.iter().map(owned).collect();
    Authorizer::new(REGION, ACCOUNT, &more)
}
