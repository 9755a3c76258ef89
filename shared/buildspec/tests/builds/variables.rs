use buildspec::{FailureKind, Origin, Variable};

use crate::workplace::{Workplace, printed};

#[test]
fn a_build_is_told_about_itself_and_its_inputs() {
    let mut workplace = Workplace::new();
    let other = workplace.source().with_file_name("other");
    std::fs::create_dir(&other).unwrap();
    workplace.build.secondary_directories.insert("Other".to_owned(), other.clone());
    let log = workplace.log_of(&["env | grep -E '^(CODEBUILD|AWS|TERM)' | sort"]);
    let (source, log_path) = (workplace.source().display(), workplace.build.log.display());
    let other = other.display();
    let expected = format!(
        "AWS_DEFAULT_REGION=eu-west-1\nAWS_REGION=eu-west-1\n\
         CODEBUILD_BUILD_ARN=arn:aws:codebuild:eu-west-1:000000000000:build/web:8f2d\n\
         CODEBUILD_BUILD_ID=web:8f2d\nCODEBUILD_BUILD_IMAGE=local\nCODEBUILD_BUILD_NUMBER=7\n\
         CODEBUILD_BUILD_SUCCEEDING=1\nCODEBUILD_CI=true\nCODEBUILD_INITIATOR=codepipeline/web\n\
         CODEBUILD_LOG_PATH={log_path}\nCODEBUILD_PROJECT_NAME=web\n\
         CODEBUILD_RESOLVED_SOURCE_VERSION=c0ffee\nCODEBUILD_SOURCE_REPO_URL=\n\
         CODEBUILD_SRC_DIR={source}\nCODEBUILD_SRC_DIR_Other={other}\n\
         CODEBUILD_START_TIME=1700000000123\nTERM=dumb"
    );
    assert_eq!(printed(&log).join("\n"), expected);
}

#[test]
fn the_environment_of_the_caller_stays_outside() {
    let log = Workplace::new().log_of(&["env | cut -d= -f1 | grep -c ^CARGO || true"]);
    assert_eq!(printed(&log), ["0"]);
}

#[test]
fn the_project_wins_over_the_buildspec_and_nobody_over_what_is_reserved() {
    let mut workplace = Workplace::new();
    workplace.build.environment = vec![
        Variable::plain("A", "project"),
        Variable::plain("A", "action"),
        Variable::plain("CODEBUILD_BUILD_ID", "forged"),
        // A secret that the project overrides need not be known.
        Variable::plain("S", "given"),
    ];
    let text = "version: 0.2\nenv:\n  variables: {A: spec, B: spec, N: 0755, T: yes}\n  parameter-store: {S: /unknown}\nphases: {build: {commands: ['echo $A $B $S $N $T $CODEBUILD_BUILD_ID']}}";
    assert_eq!(workplace.run(text).outcome, Ok(()), "{}", workplace.log());
    assert_eq!(workplace.printed(), ["action spec given 0755 yes web:8f2d"]);
}

#[test]
fn a_value_is_taken_literally() {
    let text = "version: 0.2\nenv: {variables: {A: '$HOME `id` \"q\"'}}\nphases: {build: {commands: ['echo \"$A\"']}}";
    let workplace = Workplace::new();
    assert_eq!(workplace.run(text).outcome, Ok(()));
    assert_eq!(workplace.printed(), ["$HOME `id` \"q\""]);
}

#[test]
fn parameters_and_secrets_are_resolved_and_stay_out_of_our_lines() {
    let mut workplace = Workplace::new();
    let resolver = &mut workplace.resolver;
    resolver.parameters.insert("/web/password".to_owned(), "hunter2".to_owned());
    resolver.secrets.insert("db".to_owned(), r#"{"user":"swordfish"}"#.to_owned());
    workplace.build.environment =
        vec![Variable { name: "Q".to_owned(), origin: Origin::Secret("db:user".parse().unwrap()) }];
    let text = "version: 0.2\nenv:\n  parameter-store: {P: /web/password}\n  secrets-manager: {S: 'db:user'}\n  exported-variables: [P, A]\nphases: {build: {commands: ['A=1; test \"$P$S$Q\" = hunter2swordfishswordfish', 'test -z \"$P\"']}}";
    let ended = workplace.run(text);
    assert_eq!(ended.outcome.unwrap_err().exit_status, Some(1));
    assert_eq!(ended.exported_variables, [("A".to_owned(), "1".to_owned())].into());
    let ours: String = workplace
        .log()
        .lines()
        .filter(|line| line.starts_with("[build ") && !line.contains("Running command"))
        .collect();
    assert!(!ours.contains("hunter2") && !ours.contains("swordfish"), "{ours}");
    assert!(!workplace.build.scratch.exists());
}

/// A value is as long in asterisks as it was, and what is no secret stays, also right beside one.
#[test]
fn what_commands_print_of_secrets_and_parameters_is_overwritten_in_the_log() {
    let mut workplace = Workplace::new();
    let resolver = &mut workplace.resolver;
    resolver.parameters.insert("/web/password".to_owned(), "hunter2".to_owned());
    resolver.parameters.insert("/web/short".to_owned(), "abc".to_owned());
    resolver.secrets.insert("db".to_owned(), "sword\nfish-über".to_owned());
    let text = "version: 0.2
env:
  variables: {PLAIN: hunter}
  parameter-store: {P: /web/password, X: /web/short}
  secrets-manager: {S: db}
phases:
  build:
    commands:
      - echo \"<$P$P>$PLAIN<$X>\"
      - printf '%s' \"${P%??}\"; printf '%s\\n' \"${P#?????}\"
      - echo \"$S\"; echo $S
      - (until [ -e go ]; do :; done; echo late $P) &
      - echo \"$P\" >&2; touch go; wait
      - exit 3
";
    assert_eq!(workplace.run(text).outcome.unwrap_err().exit_status, Some(3));
    let expected = [
        "<**************>hunter<abc>",
        "*******",
        "*****",
        "**********",
        "***** **********",
        "*******",
        "late *******",
    ];
    assert_eq!(workplace.printed(), expected, "{}", workplace.log());
}

/// What is searched at once is smaller than this log: a value that lies across the seam is found.
#[test]
fn a_secret_anywhere_in_a_long_log_is_overwritten() {
    let mut workplace = Workplace::new();
    workplace.resolver.secrets.insert("s".to_owned(), "swordfish".to_owned());
    let text = "version: 0.2\nenv: {secrets-manager: {S: s}}\nphases: {build: {commands: ['i=0; while [ $i -lt 60000 ]; do echo \"$i $S\"; i=$((i + 1)); done']}}";
    assert_eq!(workplace.run(text).outcome, Ok(()));
    let log = workplace.log();
    assert!(log.len() > 900_000 && !log.contains("swordfish"));
    assert_eq!(log.matches("*********").count(), 60_000);
}

#[test]
fn all_that_is_missing_is_said_at_once_with_the_way_to_provide_it() {
    let mut workplace = Workplace::new();
    workplace.build.environment = vec![
        Variable { name: "X".to_owned(), origin: Origin::Parameter("/x".to_owned()) },
        Variable::plain("A=B", "bad name"),
    ];
    let text = "version: 0.2\nenv:\n  parameter-store: {P: /web/password}\n  secrets-manager: {S: 'db:user'}\nphases: {build: {commands: [touch witness]}}";
    let failure = workplace.run(text).outcome.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Configuration);
    for said in
        ["--parameter /web/password=VALUE", "--secret db=JSON", "--parameter /x=VALUE", "\"A=B\""]
    {
        assert!(failure.message.contains(said), "{said}: {}", failure.message);
        assert!(workplace.log().contains(said));
    }
    assert!(!workplace.source().join("witness").exists());
}

#[test]
fn exported_variables_may_hold_anything_and_come_from_the_end_of_the_build() {
    for shell in ["sh", "bash"] {
        for ending in ["true", "exit 0", "set -e; false"] {
            let workplace = Workplace::new();
            let text = format!(
                "version: 0.2\nenv:\n  shell: {shell}\n  variables: {{FIXED: fixed}}\n  exported-variables: [LINES, WORDS, QUOTES, FIXED, EMPTY, UNSET, PLAIN]\nphases:\n  build:\n    commands:\n      - export WORDS=early\n      - |\n        export LINES=\"$(printf 'one\\n\\ntwo\\tü')\n        \"\n        export WORDS='größe 漢字 🚀' EMPTY= QUOTES='a\"b'\"'\"'c\\d$e`f'\n        PLAIN=not-exported\n      - {ending}\n"
            );
            let ended = workplace.run(&text);
            assert_eq!(ended.outcome.is_ok(), ending != "set -e; false", "{}", workplace.log());
            let expected = [
                ("LINES", "one\n\ntwo\tü\n"),
                ("WORDS", "größe 漢字 🚀"),
                ("QUOTES", "a\"b'c\\d$e`f"),
                ("FIXED", "fixed"),
                ("EMPTY", ""),
                ("PLAIN", "not-exported"),
            ];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(ended.exported_variables, expected.into(), "{shell}, {ending}");
            let is_said = workplace.log().contains("UNSET was never set");
            assert_eq!(is_said, ending != "set -e; false");
        }
    }
}

#[test]
fn version_0_1_exports_what_was_set_from_outside() {
    let workplace = Workplace::new();
    let text = "version: 0.1\nenv:\n  variables: {A: outside}\n  exported-variables: [A]\nphases: {build: {commands: [export A=inside]}}";
    assert_eq!(workplace.run(text).exported_variables["A"], "outside");
}

#[test]
fn run_as_runs_as_that_user_when_root_asks_and_is_refused_otherwise() {
    let workplace = Workplace::new();
    let text = "version: 0.2\nenv: {exported-variables: [A]}\nphases:\n  install: {run-as: nobody, commands: [id -un, export A=1]}\n  build: {commands: ['echo $A $(id -u)']}";
    let ended = workplace.run(text);
    if rustix::process::geteuid().is_root() {
        assert_eq!(ended.outcome, Ok(()), "{}", workplace.log());
        assert_eq!(workplace.printed(), ["nobody", "1 0"]);
        assert_eq!(ended.exported_variables["A"], "1");
    } else {
        let ended = workplace.run(&text.replace("nobody", "root"));
        let failure = ended.outcome.unwrap_err();
        assert!(failure.message.contains("needs root"), "{}", failure.message);
        assert!(ended.phases.is_empty());
    }
    let text = text.replace("nobody", "no-such-user-here");
    assert_eq!(workplace.run(&text).outcome.unwrap_err().kind, FailureKind::Configuration);
}
