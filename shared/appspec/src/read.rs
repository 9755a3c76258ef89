//! From the text of an appspec to what it says, or to everything that is wrong with it.

mod document;
mod permissions;
mod server;
mod serverless;

use crate::{EcsSpec, LambdaSpec, Note, Refusal, ServerSpec};
use document::{Node, Reader};

/// The longest appspec that is read, in bytes; a guard of ours, AWS documents none.
pub const APPSPEC_BYTES_MAX: usize = 1024 * 1024;

/// An appspec, by the platform that it deploys to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appspec {
    /// EC2 and on premises.
    Server(ServerSpec),
    /// AWS Lambda.
    Lambda(LambdaSpec),
    /// Amazon ECS.
    Ecs(EcsSpec),
}

impl Appspec {
    /// Returns the remarks for its author.
    pub fn notes(&self) -> &[Note] {
        match self {
            Self::Server(spec) => &spec.notes,
            Self::Lambda(spec) => &spec.notes,
            Self::Ecs(spec) => &spec.notes,
        }
    }

    /// Says why the appspec cannot be deployed into a directory and what to do instead; `None` if
    /// it can.
    pub fn needs_endpoint(&self) -> Option<String> {
        let what = match self {
            Self::Server(_) => return None,
            Self::Lambda(spec) => format!(
                "shifts the alias {} of the Lambda function {} from version {} to {}",
                spec.alias, spec.name, spec.current_version, spec.target_version
            ),
            Self::Ecs(spec) => {
                format!("replaces the tasks of an Amazon ECS service by {}", spec.task_definition)
            }
        };
        Some(format!(
            "the appspec {what}; a directory cannot stand for that: point the action at an \
             AWS-compatible endpoint"
        ))
    }
}

/// Reads an appspec, YAML or JSON.
pub fn read(text: &str) -> Result<Appspec, Refusal> {
    let mut reader = Reader::default();
    let document = match document::parse(text) {
        Ok(document) => document,
        Err(problem) => return Err(Refusal { problems: vec![problem] }),
    };
    let root = Node::root(&document);
    let appspec = read_document(&mut reader, &root);
    match appspec {
        Some(appspec) if reader.problems.is_empty() => Ok(appspec),
        Some(_) | None => Err(Refusal { problems: reader.problems }),
    }
}

fn read_document(reader: &mut Reader, root: &Node<'_>) -> Option<Appspec> {
    reader.entries(root)?;
    let resources = root.child_in_any_case("Resources");
    if !resources.is_absent() {
        return serverless::read(reader, root, &resources);
    }
    let is_for_server = ["os", "files", "hooks", "permissions"].iter().any(|key| root.has_key(key));
    if is_for_server {
        return server::read(reader, root).map(Appspec::Server);
    }
    reader.refuse(
        "",
        "says neither what machine it is for nor what resource it deploys",
        "write `os: linux` and `files` for a server, or `Resources` for Lambda and ECS",
    );
    None
}

#[cfg(test)]
mod tests;
