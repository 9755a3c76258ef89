use buildspec::{Build, Ended, FailureKind, PhaseStatus};
use std::path::PathBuf;

use crate::workplace::Workplace;

fn phases(ended: &Ended) -> Vec<(&str, PhaseStatus)> {
    ended.phases.iter().map(|phase| (phase.name.as_str(), phase.status)).collect()
}

use PhaseStatus::{Failed, Succeeded};

#[test]
fn what_follows_a_failed_phase_depends_on_the_phase_and_on_its_on_failure() {
    for (failing, on_failure, expected) in [
        ("install", "", &[("INSTALL", Failed)][..]),
        ("install", "ABORT", &[("INSTALL", Failed)]),
        ("pre_build", "", &[("INSTALL", Succeeded), ("PRE_BUILD", Failed)]),
        (
            "pre_build",
            "CONTINUE",
            &[
                ("INSTALL", Succeeded),
                ("PRE_BUILD", Failed),
                ("BUILD", Succeeded),
                ("POST_BUILD", Succeeded),
            ],
        ),
        (
            "build",
            "",
            &[
                ("INSTALL", Succeeded),
                ("PRE_BUILD", Succeeded),
                ("BUILD", Failed),
                ("POST_BUILD", Succeeded),
            ],
        ),
        ("build", "ABORT", &[("INSTALL", Succeeded), ("PRE_BUILD", Succeeded), ("BUILD", Failed)]),
        (
            "build",
            "RETRY-1",
            &[
                ("INSTALL", Succeeded),
                ("PRE_BUILD", Succeeded),
                ("BUILD", Failed),
                ("POST_BUILD", Succeeded),
            ],
        ),
    ] {
        let workplace = Workplace::new();
        let phase = |name: &str| {
            let on_failure = if name == failing && !on_failure.is_empty() {
                format!("on-failure: {on_failure}, ")
            } else {
                String::new()
            };
            let command = if name == failing { "(exit 3)" } else { "true" };
            format!(
                "  {name}: {{{on_failure}commands: ['{command}', echo {name} after], finally: [echo {name} finally]}}\n"
            )
        };
        let all: String = ["install", "pre_build", "build", "post_build"].map(phase).concat();
        let ended = workplace.run(&format!("version: 0.2\nphases:\n{all}"));
        assert_eq!(phases(&ended), expected, "{failing} {on_failure}");
        let failure = ended.outcome.unwrap_err();
        assert_eq!((failure.command.as_deref(), failure.exit_status), (Some("(exit 3)"), Some(3)));
        assert_eq!(failure.kind, FailureKind::Command);
        assert!(failure.phase.eq_ignore_ascii_case(failing));
        let printed = workplace.printed();
        assert!(!printed.contains(&format!("{failing} after")));
        assert!(printed.contains(&format!("{failing} finally")));
    }
}

#[test]
fn a_failing_finally_fails_its_phase_and_the_first_failure_is_reported() {
    let workplace = Workplace::new();
    let text = "version: 0.2\nphases:\n  install: {commands: ['true'], finally: [(exit 4), echo no]}\n  build: {commands: [echo no]}";
    let ended = workplace.run(text);
    assert_eq!(phases(&ended), [("INSTALL", Failed)]);
    assert_eq!(ended.outcome.unwrap_err().exit_status, Some(4));
    assert!(workplace.printed().is_empty());

    let both = "version: 0.2\nphases: {build: {commands: [(exit 5)], finally: [(exit 6)]}}";
    assert_eq!(Workplace::new().run(both).outcome.unwrap_err().exit_status, Some(5));
}

#[test]
fn a_phase_is_retried_as_often_as_allowed_and_as_long_as_its_pattern_is_printed() {
    for (on_failure, fails_times, printed, attempts, succeeds) in [
        ("RETRY", 2, "anything", 3, true),
        ("RETRY", 9, "anything", 4, false),
        ("RETRY-1", 2, "anything", 2, false),
        ("RETRY-0", 1, "anything", 1, false),
        ("RETRY-time.?out", 2, "a timeout", 3, true),
        ("RETRY-time.?out", 2, "another failure", 1, false),
        ("RETRY-5-reset", 5, "connection reset", 6, true),
    ] {
        let workplace = Workplace::new();
        let text = format!(
            "version: 0.2\nphases:\n  install:\n    on-failure: {on_failure}\n    commands: ['n=$((${{n:-0}} + 1)); echo attempt $CODEBUILD_BUILD_SUCCEEDING', 'if [ $n -le {fails_times} ]; then x={printed}; x=\"{printed}\"; printf \"%s %s\\n\" \"$x\"; exit 1; fi']\n"
        )
        .replace(&format!("x={printed}; "), "");
        let ended = workplace.run(&text);
        assert_eq!(ended.outcome.is_ok(), succeeds, "{on_failure}: {}", workplace.log());
        let count = workplace.printed().iter().filter(|line| *line == "attempt 1").count();
        assert_eq!(count, attempts, "{on_failure}: {}", workplace.log());
    }
}

#[test]
fn the_build_knows_whether_it_is_succeeding() {
    let workplace = Workplace::new();
    let say = "echo $CODEBUILD_BUILD_SUCCEEDING; env | grep BUILD_SUCCEEDING";
    let text = format!(
        "version: 0.2\nphases:\n  install: {{commands: [{say}]}}\n  build: {{commands: ['false'], finally: [{say}]}}\n  post_build: {{commands: [{say}]}}"
    );
    assert!(workplace.run(&text).outcome.is_err());
    let variable = "CODEBUILD_BUILD_SUCCEEDING=";
    let expected = ["1", "0", "0"].map(|it| [it.to_owned(), format!("{variable}{it}")]).concat();
    assert_eq!(workplace.printed(), expected);
}

#[test]
fn unusual_ends_of_a_command_are_failures_with_their_status() {
    for (command, status) in [
        ("exit 7", 7),
        ("no-such-program", 127),
        ("if then", 2),
        ("kill -9 $$", 137),
        ("exec false", 1),
        ("return 5", 5),
        ("sh -c 'kill -15 $$'", 143),
    ] {
        let workplace = Workplace::new();
        let text = format!(
            "version: 0.2\nphases:\n  build: {{commands: [\"{command}\"]}}\n  post_build: {{commands: [echo after]}}"
        );
        let failure = workplace.run(&text).outcome.unwrap_err();
        assert_eq!(failure.exit_status, Some(status), "{command}: {}", workplace.log());
        assert!(failure.message.contains(command), "{}", failure.message);
        assert_eq!(workplace.printed().last().unwrap(), "after");
    }
}

#[test]
fn nothing_runs_when_something_is_missing_beforehand() {
    type Spoil = fn(&mut Build);
    let cases: [(Spoil, &str); 4] = [
        (
            |build| build.source_directory = PathBuf::from("/nowhere/source"),
            "/nowhere/source is not there",
        ),
        (|build| build.scratch = PathBuf::from("/nowhere/scratch"), "failed to make the directory"),
        (|build| build.log = PathBuf::from("/nowhere/log"), "failed to open the log"),
        (
            |build| {
                build.secondary_directories.insert("Other".to_owned(), PathBuf::from("/nowhere"));
            },
            "/nowhere is not there",
        ),
    ];
    for (spoil, said) in cases {
        let mut workplace = Workplace::new();
        let witness = workplace.source().join("witness");
        spoil(&mut workplace.build);
        let ended = workplace.run("version: 0.2\nphases: {build: {commands: [touch witness]}}");
        assert!(ended.phases.is_empty());
        let failure = ended.outcome.unwrap_err();
        assert_eq!(failure.phase, "PROVISIONING");
        assert!(failure.message.contains(said), "{}", failure.message);
        assert!(!witness.exists());
    }
}

#[test]
fn a_shell_that_is_not_there_is_named() {
    let mut workplace = Workplace::new();
    workplace.build.environment.push(buildspec::Variable::plain("PATH", "/nowhere"));
    let text = "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: [echo]}}";
    let failure = workplace.run(text).outcome.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Machine);
    assert!(failure.message.contains("bash"), "{}", failure.message);
}

#[test]
fn a_full_disk_under_the_log_fails_the_build() {
    let mut workplace = Workplace::new();
    workplace.build.log = PathBuf::from("/dev/full");
    let failure = workplace.run("version: 0.2\nphases: {build: {commands: ['true']}}").outcome;
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Machine);
    assert!(failure.message.contains("write the log"), "{}", failure.message);
}
