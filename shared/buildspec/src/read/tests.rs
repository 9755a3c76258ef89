use super::*;
use crate::specification::{Origin, Variable};

fn problems(text: &str) -> Vec<String> {
    read(text).unwrap_err().problems.iter().map(ToString::to_string).collect()
}

const WHOLE: &str = r#"
version: 0.2
run-as: ada
env:
  shell: bash
  variables: {A: 1.10, B: yes, C: "x y", D: }
  parameter-store: {P: /web/password}
  secrets-manager: {S: "web:key:AWSCURRENT"}
  exported-variables: [A, P, AWS_REGION, LATER]
  git-credential-helper: yes
proxy: {logs: yes}
batch: {fast-fail: true}
phases:
  post_build: {commands: [echo post]}
  install:
    run-as: root
    on-failure: RETRY-2-time
    runtime-versions: {nodejs: 18, python: 3.x}
    commands: ["npm ci", "true"]
    finally: [echo done]
reports: {unit: {files: ["**/*"]}}
artifacts:
  files: out.zip
  name: x-$(date)
  base-directory: out
  exclude-paths: ["**/.*"]
  discard-paths: yes
  enable-symlinks: no
  secondary-artifacts:
    other: {files: [a, b], enable-symlinks: yes, name: o}
cache: {paths: [x]}
eb_codebuild_settings: {Image: x}
"#;

#[test]
fn a_whole_buildspec_is_read_and_what_is_not_done_is_noted() {
    let whole = read(WHOLE).unwrap();
    assert_eq!((whole.version, whole.shell), (Version::OneShell, Shell::Bash));
    let values: Vec<_> = whole.variables.iter().map(|it| (&*it.name, &it.origin)).collect();
    let plain = |value: &str| Origin::Plain(value.to_owned());
    assert_eq!(
        values[..4],
        [("A", &plain("1.10")), ("B", &plain("yes")), ("C", &plain("x y")), ("D", &plain(""))]
    );
    assert_eq!(values[4], ("P", &Origin::Parameter("/web/password".to_owned())));
    assert_eq!(values[5], ("S", &Origin::Secret("web:key:AWSCURRENT".parse().unwrap())));
    assert_eq!(whole.exported_variables, ["A", "LATER"]);
    let names: Vec<_> = whole.phases.iter().map(|phase| phase.name).collect();
    assert_eq!(names, [PhaseName::Install, PhaseName::PostBuild]);
    assert_eq!(whole.phases[0].run_as.as_deref(), Some("root"));
    assert_eq!(whole.phases[1].run_as.as_deref(), Some("ada"));
    assert_eq!(whole.phases[0].finally, ["echo done"]);
    let artifacts = whole.artifacts.unwrap();
    assert_eq!(artifacts.files, ["out.zip"]);
    assert_eq!(artifacts.discard_paths, crate::specification::Paths::Discarded);
    assert_eq!(whole.secondary_artifacts["other"].files, ["a", "b"]);
    let noted: Vec<_> =
        whole.notes.iter().map(|note| note.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(
        noted,
        [
            "env.git-credential-helper",
            "env.exported-variables[1]",
            "env.exported-variables[2]",
            "phases.install.runtime-versions",
            "artifacts.files",
            "artifacts.name",
            "artifacts.secondary-artifacts.other.name",
            "proxy",
            "batch",
            "reports",
            "cache",
            "eb_codebuild_settings",
        ]
    );
}

#[test]
fn every_problem_is_named_with_its_place_and_its_fix() {
    let text = "version: 1\nenv: {shell: zsh, secrets-manager: {S: ':k'}, exported-variables: [a-b]}\nphases:\n  build:\n    on-failure: abort\n    commands:\n      - echo a: b\n      - [x]\n      -\n    finally: echo\nartifacts: {discard-paths: perhaps}\n";
    let paths: Vec<_> =
        read(text).unwrap_err().problems.into_iter().map(|problem| problem.path).collect();
    assert_eq!(
        paths,
        [
            "version",
            "env.shell",
            "env.secrets-manager.S",
            "env.exported-variables[0]",
            "phases.build.on-failure",
            "phases.build.commands[0]",
            "phases.build.commands[1]",
            "phases.build.finally",
            "artifacts.discard-paths",
            "artifacts.files",
        ]
    );
}

#[test]
fn what_cannot_run_is_refused_for_its_own_reason() {
    for (text, said) in [
        ("", "the file: it is empty"),
        ("- a", "the file: it is not a mapping"),
        ("phases: {build: {commands: [x]}}", "version: it is missing"),
        ("version: 0.3\nphases: {build: {commands: [x]}}", "`0.3` is not a version"),
        ("version: 0.2", "phases: there is no phase"),
        ("version: 0.2\nphases:\nbuild: {commands: [x]}", "indent `build`"),
        ("version: 0.2\nphases: [build]", "phases: it is not a mapping"),
        ("version: 0.2\nenv: {shell: cmd.exe}\nphases: {build: {}}", "a shell of Windows"),
        ("version: 0.2\nenv: {variables: {A: [1]}}\nphases: {build: {}}", "env.variables.A"),
        ("version: 0.2\nenv: {variables: {A: \"\\0\"}}\nphases: {build: {}}", "NUL"),
        ("version: 0.2\nphases: {build: {commands: [\"\\0\"]}}", "NUL"),
        ("version: 0.2\nphases: {build: {}}\nartifacts: {name: x}", "artifacts.files"),
    ] {
        assert!(problems(text).join("\n").contains(said), "{text}: {:?}", problems(text));
    }
}

#[test]
fn what_nobody_understands_is_noted_and_not_refused() {
    let text = "version: '0.1'\nphases: {build: {commands: , steps: x}, deploy: {commands: [x]}}\nenv: {CODEBUILD: x, variables: {CODEBUILD_X: y}}";
    let read = read(text).unwrap();
    assert_eq!(read.version, Version::SeparateShells);
    assert_eq!(read.variables, [Variable::plain("CODEBUILD_X", "y")]);
    let notes = read.notes.join("\n");
    for path in [
        "phases.build.commands",
        "phases.build.steps",
        "phases.deploy",
        "env.CODEBUILD",
        "env.variables.CODEBUILD_X",
    ] {
        assert!(notes.contains(path), "{path}: {notes}");
    }
}
