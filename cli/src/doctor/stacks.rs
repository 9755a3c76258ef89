//! Whether the last deployment went well, and what it was told.

use crate::doctor::deployment::Deployment;
use crate::doctor::finding::Looked;

/// Looks at the stacks and the parameters of the main one.
pub(crate) fn look(deployment: &Deployment) -> Looked {
    let (stacks, resources) = (deployment.stacks.len(), deployment.resources.len());
    let mut looked = Looked::at(format!("{stacks} stacks with {resources} resources"));
    for stack in &deployment.stacks {
        let status = &stack.status;
        if status.ends_with("_IN_PROGRESS") {
            looked.advise(&stack.name, format!("is {status}"), "Ask again when it is done.");
        } else if status.contains("ROLLBACK") || status.contains("FAILED") {
            looked.wrong(
                &stack.name,
                format!("is {status}: the last deployment did not go through"),
                format!(
                    "See why: aws cloudformation describe-stack-events --stack-name {}\n\
                     Then deploy again.",
                    stack.name
                ),
            );
        }
    }
    if deployment.parameter("Principals").is_empty() {
        looked.wrong(
            "Principals",
            "is empty: nobody may call the API",
            "sam deploy --parameter-overrides Principals=Admin=arn:aws:iam::ACCOUNT:role/ROLE",
        );
    }
    if deployment.parameter("PublicConcurrencyMax") == "0" {
        looked.advise(
            "PublicConcurrencyMax",
            "is 0: a flood of requests from outside may take every concurrent execution of the account",
            "sam deploy --parameter-overrides PublicConcurrencyMax=20, if the account's quota is over 200.",
        );
    }
    looked
}
