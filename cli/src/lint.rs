//! `towpath lint`: everything that is wrong with a pipeline, at once.

use std::collections::BTreeMap;
use std::path::Path;

use model::violation::{Severity, Violation};
use serde::Serialize;

use crate::arguments::Lint;
use crate::ending::Ending;
use crate::pipeline_file::{Declared, Parameters, find};
use crate::view::text::safe_lines;

/// Judges every file, and ends well only if none is refused.
#[expect(clippy::print_stdout, reason = "its findings are the command's result")]
pub(crate) fn lint(options: &Lint) -> Ending {
    let parameters: BTreeMap<_, _> = options.parameters.iter().cloned().collect();
    let mut refused = 0;
    for file in &options.files {
        match find(file, &parameters, Parameters::ForTemplates) {
            Err(message) => {
                refused += 1;
                println!("{}", safe_lines(&render_unreadable(file, &message, options.json)));
            }
            Ok(found) => {
                for declared in found {
                    let (violations, notes) = declared.lint();
                    refused += usize::from(violations.iter().any(Violation::is_error));
                    for line in render(file, &declared, &violations, &notes, options.json) {
                        println!("{}", safe_lines(&line));
                    }
                }
            }
        }
    }
    match refused {
        0 => Ending::Succeeded,
        1 => Ending::BadInput("one pipeline is refused".to_owned()),
        count => Ending::BadInput(format!("{count} pipelines are refused")),
    }
}

/// One finding, as `--json` prints it.
#[derive(Serialize)]
struct Finding<'a> {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    severity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

fn render_unreadable(file: &Path, message: &str, is_json: bool) -> String {
    if !is_json {
        return format!("✗ {message}");
    }
    json(&Finding {
        file: file.display().to_string(),
        resource: None,
        severity: "error",
        exception: None,
        path: None,
        message,
        rule: None,
        fix: None,
    })
}

fn json(finding: &Finding<'_>) -> String {
    // Plain data always has a JSON form.
    serde_json::to_string(finding).unwrap_or_default()
}

fn render(
    file: &Path,
    declared: &Declared,
    violations: &[Violation],
    notes: &[String],
    is_json: bool,
) -> Vec<String> {
    let resource = declared.resource.as_deref();
    if is_json {
        let found = violations.iter().map(|violation| {
            json(&Finding {
                file: file.display().to_string(),
                resource,
                severity: match violation.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                exception: Some(violation.class.to_string()),
                path: Some(&violation.path),
                message: &violation.message,
                rule: Some(violation.rule),
                fix: Some(&violation.fix),
            })
        });
        return found.collect();
    }
    let name = resource.map_or_else(String::new, |resource| format!(" {resource}"));
    let errors = violations.iter().filter(|violation| violation.is_error()).count();
    let verdict = match errors {
        0 => format!("✓ {}{name}", file.display()),
        count => format!("✗ {}{name}: {count} to mend", file.display()),
    };
    let mut lines = vec![verdict];
    for violation in violations {
        let mark = if violation.is_error() { "✗" } else { "!" };
        lines.push(format!("  {mark} {}", violation.path));
        lines.push(format!("      {}", violation.message));
        lines.push(format!("      rule: {} ({})", violation.rule, violation.class));
        lines.push(format!("      fix:  {}", violation.fix));
    }
    lines.extend(notes.iter().map(|note| format!("  · {note}")));
    lines
}
