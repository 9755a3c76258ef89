//! What every crate's manifest says.

use toml::{Table, Value};

use crate::findings::Findings;
use crate::manifest::{members, workspace};
use crate::project::{files, root};

/// What a package takes from the workspace, so that it is said once.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// A toolchain file would make every machine fetch one more compiler; `rust-version` says enough.
const TOOLCHAIN_FILES: &[&str] = &["rust-toolchain", "rust-toolchain.toml"];

#[test]
fn every_crate_takes_its_lints_and_its_facts_from_the_workspace() {
    let mut findings = Findings::default();
    for member in members() {
        let says = |table: &str, key: &str| {
            let entry = member.table.get(table).and_then(|table| table.get(key));
            entry == Some(&Value::Boolean(true))
        };
        let sentence = "must say `[lints]` and `workspace = true`";
        findings.add_if(!says("lints", "workspace"), member.path(), sentence);
        for field in INHERITED {
            let value = member.table.get("package").and_then(|package| package.get(field));
            let is_inherited = value.and_then(|value| value.get("workspace")).is_some();
            let sentence = format!("must say `{field}.workspace = true`");
            findings.add_if(!is_inherited, member.path(), sentence);
        }
        let folder = member.directory.rsplit('/').next().unwrap_or_default();
        // The command is named after the project, and its folder after what it is. A function's folder says what
        // it does; what is built of it is named as one among other programs.
        let is_command = member.name == "towpath" && folder == "cli";
        let is_function = member.directory.contains("functions/")
            && member.name.strip_prefix("function-") == Some(folder);
        let sentence =
            format!("the folder `{folder}` and the crate `{}` have one name", member.name);
        let is_other = member.name != folder && !is_command && !is_function;
        findings.add_if(is_other, member.path(), sentence);
    }
    findings.conclude();
}

#[test]
fn the_compiler_is_named_once_and_nothing_is_published() {
    let mut findings = Findings::default();
    let workspace = workspace();
    let package = |field: &str| workspace.get("package").and_then(|package| package.get(field));
    let sentence = "[workspace.package] must name a `rust-version`";
    findings.add_if(package("rust-version").is_none(), "Cargo.toml", sentence);
    let sentence = "[workspace.package] must say `publish = false`";
    findings.add_if(package("publish") != Some(&Value::Boolean(false)), "Cargo.toml", sentence);
    for file in files() {
        let is_toolchain = TOOLCHAIN_FILES.contains(&file.name());
        findings.add_if(is_toolchain, &file.path, "must go: `rust-version` names the compiler");
        let is_lock_of_part = file.name() == "Cargo.lock" && file.path != "Cargo.lock";
        findings.add_if(is_lock_of_part, &file.path, "must go: the workspace has one lock file");
        let is_nested = file.name() == "clippy.toml" && file.path != "clippy.toml";
        let sentence =
            "replaces the root's rules instead of adding to them: use `#[expect]` in the code";
        findings.add_if(is_nested, &file.path, sentence);
    }
    findings.conclude();
}

/// A disallowed method without a reason teaches nobody what to do instead.
#[test]
fn every_disallowed_method_says_what_to_do_instead() {
    let mut findings = Findings::default();
    let text = std::fs::read_to_string(root().join("clippy.toml")).unwrap_or_default();
    for (line, text) in (1..).zip(text.lines()) {
        let is_mute = text.contains("path = ") && !text.contains("reason = ");
        findings.add_if(is_mute, format!("clippy.toml:{line}"), "needs a `reason`");
    }
    findings.conclude();
}

/// `sam build` cannot be told a profile. What it is told instead must be what functions are measured with.
#[test]
fn functions_are_built_for_aws_as_they_are_built_for_the_tests() {
    let mut findings = Findings::default();
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is read");
    check_build(&mut findings, &text);
    findings.conclude();
}

fn check_build(findings: &mut Findings, text: &str) {
    let manifest: Table = toml::from_str(text).expect("a manifest is TOML");
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(manifest.get(*first)?, |table, key| table.get(key)).cloned()
    };
    let told = at(&["workspace", "metadata", "lambda", "build", "config"]);
    let told = told.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    let told: Vec<Table> = told.filter_map(|setting| toml::from_str(setting).ok()).collect();
    let told = |key: &str| told.iter().find_map(|it| it.get("profile")?.get("release")?.get(key));
    let profile = at(&["profile", "function"]);
    for (key, value) in profile.iter().filter_map(Value::as_table).flatten() {
        let is_told = key == "inherits" || told(key) == Some(value);
        let sentence = format!(
            "[profile.function] has `{key}`: tell cargo-lambda the same `profile.release.{key}` in \
             [workspace.metadata.lambda.build]"
        );
        findings.add_if(!is_told, "Cargo.toml", sentence);
    }
    findings.add_if(profile.is_none(), "Cargo.toml", "needs [profile.function]");
}

#[test]
fn a_setting_that_cargo_lambda_is_not_told_is_found() {
    let mut findings = Findings::default();
    let told =
        "[workspace.metadata.lambda.build]\nconfig = ['profile.release.opt-level = \"z\"']\n";
    let profile =
        "[profile.function]\ninherits = \"release\"\nopt-level = \"z\"\npanic = \"abort\"\n";
    check_build(&mut findings, &[told, profile].concat());
    assert!(findings.has("the same `profile.release.panic`"));
    assert_eq!(findings.count(), 1);
    check_build(&mut findings, told);
    assert!(findings.has("needs [profile.function]"));
}
