//! Dependencies from outside: a reason for each, one version, and a use.

use std::collections::BTreeSet;
use std::fs;

use crate::findings::Findings;
use crate::manifest::{Member, Need, members, workspace};
use crate::project::{File, root, rust_files};
use crate::source::code_of;

/// Dependencies that are there for what they switch on, not to be named in code.
const SWITCHES: &[(&str, &str)] = &[];

#[test]
fn every_dependency_of_the_workspace_has_its_own_line_of_reason() {
    let mut findings = Findings::default();
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest is read");
    check_reasons(&mut findings, &text);
    findings.conclude();
}

fn check_reasons(findings: &mut Findings, text: &str) {
    let mut is_inside = false;
    let mut above = "";
    for (line, text) in (1..).zip(text.lines()) {
        if text.starts_with('[') {
            is_inside = text == "[workspace.dependencies]";
        } else if is_inside && text.contains(" = ") && !text.starts_with(['#', ' ']) {
            let name = text.split(' ').next().unwrap_or_default();
            // Our own crates explain themselves, in their essays.
            let is_mute = !above.starts_with("# ") && !text.contains("path = ");
            let sentence = format!(
                "`{name}` needs a comment above it: what it does for us that we should not write"
            );
            findings.add_if(is_mute, format!("Cargo.toml:{line}"), sentence);
        }
        above = text;
    }
}

#[test]
fn versions_are_named_in_the_workspace_and_nowhere_else() {
    let mut findings = Findings::default();
    for member in members() {
        for (name, _, value) in member.dependencies() {
            let says = |key: &str| value.get(key).is_some();
            // A crate's tests may name the crate itself, to switch something on.
            let is_itself = name == member.name && says("path");
            let sentence =
                format!("must say `{name}.workspace = true`, and the root manifest the version");
            findings.add_if(!says("workspace") && !is_itself, member.path(), sentence);
        }
    }
    findings.conclude();
}

#[test]
fn every_dependency_of_the_workspace_is_used_by_a_crate() {
    let mut findings = Findings::default();
    let members = members();
    let used: BTreeSet<&str> =
        members.iter().flat_map(Member::dependencies).map(|(name, _, _)| name).collect();
    let workspace = workspace();
    let table = workspace.get("dependencies").and_then(toml::Value::as_table);
    for (name, value) in table.into_iter().flatten() {
        let is_ours = value.get("path").is_some();
        let sentence = format!("no crate uses `{name}`: take it out of [workspace.dependencies]");
        findings.add_if(!is_ours && !used.contains(name.as_str()), "Cargo.toml", sentence);
    }
    findings.conclude();
}

#[test]
fn every_dependency_of_a_crate_is_named_in_its_code() {
    let mut findings = Findings::default();
    let files = rust_files();
    for member in members() {
        let code = code_below(&files, &format!("{}/", member.directory));
        let product = code_below(&files, &format!("{}/src/", member.directory));
        for (name, need, _) in member.dependencies() {
            let code = match need {
                Need::Product => &product,
                Need::Tests => &code,
            };
            let is_used = names(code, &name.replace('-', "_")) || names(code, lib_name(name));
            let is_switch = SWITCHES.iter().any(|(switch, _)| *switch == name);
            let sentence = match need {
                Need::Product => format!(
                    "nothing in `src` names `{name}`: take it out, or to [dev-dependencies]"
                ),
                Need::Tests => format!("nothing names `{name}`: take it out"),
            };
            findings.add_if(!is_used && !is_switch, member.path(), sentence);
        }
    }
    findings.conclude();
}

/// The name of a package's library, where it is not the package's.
fn lib_name(package: &str) -> &str {
    match package {
        "dynoxide-rs" => "dynoxide",
        _ => package,
    }
}

/// Code below a directory, without the crates that have directories of their own further below.
fn code_below(files: &[File], directory: &str) -> String {
    let is_in_crate_below = |path: &str| {
        directory == "tests/"
            && (path.starts_with("tests/sim/") || path.starts_with("tests/bench/"))
    };
    let within = files.iter().filter(|file| file.path.starts_with(directory));
    within.filter(|file| !is_in_crate_below(&file.path)).map(|file| code_of(file.text())).collect()
}

fn names(code: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let text = "[workspace.dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n\n# Ours.\nc = { path = \"c\" }\n\
        d = { path = \"d\" }\n[workspace.lints]\ne = \"warn\"\n";
    let mut findings = Findings::default();
    check_reasons(&mut findings, text);
    assert_eq!(findings.count(), 1);
    assert!(findings.has("Cargo.toml:4: `b`"));
    assert!(names("use tokio::time", "tokio") && !names("my_tokio::time", "tokio"));
}
