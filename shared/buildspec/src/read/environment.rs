//! The `env` section.

use super::reader::{Reader, is_variable_name};
use crate::specification::{Buildspec, Origin, Shell, Variable};
use crate::yaml::Node;

pub(super) fn read(reader: &mut Reader, node: &Node, buildspec: &mut Buildspec) {
    let mut exported = Vec::new();
    for (key, node) in reader.mapping("env", node) {
        let path = format!("env.{key}");
        match key.as_str() {
            "shell" => buildspec.shell = read_shell(reader, &path, node),
            "variables" | "parameter-store" | "secrets-manager" => {
                read_variables(reader, &path, node, key, &mut buildspec.variables);
            }
            "exported-variables" => exported = reader.list(&path, node),
            "git-credential-helper" => {
                if reader.yes(&path, node) {
                    reader.note(&path, "not set up here; git uses the machine's own credentials");
                }
            }
            _ => reader.unknown(&path),
        }
    }
    for (index, name) in exported.into_iter().enumerate() {
        let path = format!("env.exported-variables[{index}]");
        if let Some(name) = read_exported(reader, &path, name, &buildspec.variables) {
            buildspec.exported_variables.push(name);
        }
    }
}

fn read_shell(reader: &mut Reader, path: &str, node: &Node) -> Shell {
    let Some(name) = reader.scalar(path, node) else { return Shell::Sh };
    match name.as_str() {
        "sh" | "/bin/sh" => Shell::Sh,
        "bash" | "/bin/bash" => Shell::Bash,
        "powershell.exe" | "cmd.exe" => {
            let problem = format!("`{name}` is a shell of Windows, and this machine has none");
            reader.refuse(path, problem, "write `bash` or `/bin/sh`");
            Shell::Sh
        }
        _ => {
            let problem = format!("`{name}` is not a shell that a buildspec may choose");
            reader.refuse(path, problem, "write `bash` or `/bin/sh`");
            Shell::Sh
        }
    }
}

fn read_variables(
    reader: &mut Reader,
    path: &str,
    node: &Node,
    kind: &str,
    variables: &mut Vec<Variable>,
) {
    for (name, node) in reader.mapping(path, node) {
        let path = format!("{path}.{name}");
        if name.is_empty() || name.contains(['=', '\0']) {
            reader.refuse(&path, "a variable cannot have this name", "use letters, digits and `_`");
            continue;
        }
        // A variable with nothing behind its name is an empty one, as in a shell.
        let value = match node {
            Node::Null if kind == "variables" => Some(String::new()),
            Node::Null | Node::Scalar(_) | Node::Sequence(_) | Node::Mapping(_) => {
                reader.scalar(&path, node)
            }
        };
        let Some(value) = value else { continue };
        if name.starts_with("CODEBUILD_") {
            reader.note(
                &path,
                "names that start with CODEBUILD_ are reserved; ours wins if there is one",
            );
        }
        let origin = match kind {
            "parameter-store" => Origin::Parameter(value),
            "secrets-manager" => match value.parse() {
                Ok(reference) => Origin::Secret(reference),
                Err(problem) => {
                    let fix = "write `secret-id:json-key:version-stage:version-id`";
                    reader.refuse(&path, problem, fix);
                    continue;
                }
            },
            _ => Origin::Plain(value),
        };
        variables.retain(|variable| variable.name != *name);
        variables.push(Variable { name: name.clone(), origin });
    }
}

/// Returns the name, unless it is one that CodeBuild does not export.
fn read_exported(
    reader: &mut Reader,
    path: &str,
    name: String,
    variables: &[Variable],
) -> Option<String> {
    if !is_variable_name(&name) {
        let problem = format!("`{name}` cannot be the name of a variable in a shell");
        reader.refuse(path, problem, "use letters, digits and `_`, and no digit at the start");
        return None;
    }
    let origin = variables.iter().find(|variable| variable.name == name);
    match origin.map(|variable| &variable.origin) {
        Some(Origin::Parameter(_) | Origin::Secret(_)) => {
            reader.note(path, &format!("`{name}` is a secret, and secrets are not exported"));
            None
        }
        Some(Origin::Plain(_)) | None if name.starts_with("AWS_") => {
            let note = format!("`{name}` is not exported: names that start with AWS_ never are");
            reader.note(path, &note);
            None
        }
        Some(Origin::Plain(_)) | None => Some(name),
    }
}
