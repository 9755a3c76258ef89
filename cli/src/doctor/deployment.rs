//! What CloudFormation says the deployment consists of.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Stack as Described;

use crate::doctor::aws::Aws;
use crate::doctor::finding::said;

/// The kind of a nested stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// A deployment: its stack, and what is in it and in the stacks that it brought along.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployment {
    /// The name of its stack.
    pub(crate) name: String,
    /// The stack and those nested in it, as CloudFormation names them, with their status.
    pub(crate) stacks: Vec<Stack>,
    /// What is in them.
    pub(crate) resources: Vec<Resource>,
    /// What the stack puts out.
    pub(crate) outputs: BTreeMap<String, String>,
    /// What it was given.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// A stack.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) status: String,
}

/// Something in a stack.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its name in the template.
    pub(crate) logical: String,
    /// Its kind, `AWS::SQS::Queue`.
    pub(crate) kind: String,
    /// Its name in the account.
    pub(crate) physical: String,
}

impl Deployment {
    /// Finds the stack and everything below it.
    pub(crate) async fn find(aws: &Aws, name: &str) -> Result<Self, String> {
        let mut found = Self { name: name.to_owned(), ..Self::default() };
        let stack = describe(aws, name).await?;
        for output in stack.outputs() {
            if let (Some(key), Some(value)) = (output.output_key(), output.output_value()) {
                found.outputs.insert(key.to_owned(), value.to_owned());
            }
        }
        for parameter in stack.parameters() {
            if let (Some(key), Some(value)) =
                (parameter.parameter_key(), parameter.parameter_value())
            {
                found.parameters.insert(key.to_owned(), value.to_owned());
            }
        }
        if !found.outputs.contains_key("DeploymentId") {
            return Err(format!(
                "the stack {name} in {} is not one of Towpath: it puts out no DeploymentId\n  \
                 say with --stack which one `sam deploy` made",
                aws.region
            ));
        }
        found.add(aws, &stack).await?;
        Ok(found)
    }

    /// Adds a stack, and with it those nested in it.
    async fn add(&mut self, aws: &Aws, stack: &Described) -> Result<(), String> {
        let mut waiting = vec![stack.clone()];
        while let Some(stack) = waiting.pop() {
            let name = stack.stack_name().unwrap_or_default().to_owned();
            let resources = list(aws, &name).await?;
            for resource in resources.iter().filter(|resource| resource.kind == NESTED) {
                waiting.push(describe(aws, &resource.physical).await?);
            }
            let status = stack.stack_status().map_or("", |status| status.as_str()).to_owned();
            self.stacks.push(Stack { name, status });
            self.resources.extend(resources);
        }
        Ok(())
    }

    /// Returns everything of a kind.
    pub(crate) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Returns what the template calls by a name, if it is of the kind.
    pub(crate) fn named(&self, kind: &str, logical: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.kind == kind && resource.logical == logical)
    }

    /// Returns what the stack puts out under a name; nothing where it is an older one.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Returns what the stack was given under a name.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Returns the command that brings everything back to what the template says.
    pub(crate) fn deploy_again(&self) -> String {
        format!(
            "Deploy the same template again: sam build && sam deploy --stack-name {}",
            self.name
        )
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Described, String> {
    let answer = aws.stacks.describe_stacks().stack_name(name).send().await;
    let answer = answer.map_err(|error| {
        format!(
            "the stack {name} cannot be looked at in {}: {}\n  name another with --stack, or another \
             Region with --region",
            aws.region,
            said(&error)
        )
    })?;
    let stack = answer.stacks.unwrap_or_default().into_iter().next();
    stack.ok_or_else(|| format!("there is no stack {name} in {}", aws.region))
}

async fn list(aws: &Aws, stack: &str) -> Result<Vec<Resource>, String> {
    let mut pages = aws.stacks.list_stack_resources().stack_name(stack).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| {
            format!("what is in the stack {stack} cannot be listed: {}", said(&error))
        })?;
        for resource in page.stack_resource_summaries() {
            found.push(Resource {
                logical: resource.logical_resource_id().unwrap_or_default().to_owned(),
                kind: resource.resource_type().unwrap_or_default().to_owned(),
                physical: resource.physical_resource_id().unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(found)
}
