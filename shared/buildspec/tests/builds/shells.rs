use crate::workplace::{Workplace, printed};

fn spec(version: &str, shell: &str, commands: &[&str]) -> String {
    let commands: Vec<_> = commands.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
    let list = commands.join(", ");
    format!(
        "version: {version}\nenv: {{shell: {shell}}}\nphases: {{build: {{commands: [{list}]}}}}"
    )
}

#[test]
fn version_0_2_carries_everything_from_command_to_command_and_from_phase_to_phase() {
    for shell in ["sh", "bash"] {
        let workplace = Workplace::new();
        let text = format!(
            "version: 0.2\nenv: {{shell: {shell}}}\nphases:\n  install:\n    commands:\n      - mkdir sub && cd sub\n      - PLAIN=one; export PLAIN2=two\n      - greet() {{ echo \"hello $1\"; }}\n  build:\n    commands: [pwd, 'echo $PLAIN $PLAIN2', greet ada, sleep 0 & wait $!]\n"
        );
        assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
        let sub = workplace.source().join("sub").display().to_string();
        assert_eq!(workplace.printed(), [&sub, "one two", "hello ada"], "{shell}");
    }
}

#[test]
fn version_0_1_gives_every_command_a_shell_of_its_own() {
    for shell in ["/bin/sh", "bash"] {
        let workplace = Workplace::new();
        let text = spec("0.1", shell, &["mkdir sub && cd sub && export A=1", "pwd; echo \"A=$A\""]);
        assert_eq!(workplace.run(&text).outcome, Ok(()));
        assert_eq!(workplace.printed(), [&workplace.source().display().to_string(), "A="]);
    }
}

#[test]
fn a_command_that_ends_the_shell_takes_nothing_but_itself_with_it() {
    for shell in ["sh", "bash"] {
        for ending in
            ["exit 0", "set -e; true; exit 0", "exec true", "trap 'echo bye' EXIT; exit 0"]
        {
            let workplace = Workplace::new();
            let before = "A=\"it's $(printf 'a\\nb')\"; export B='ü \"q\" $x'; mkdir d; cd d";
            let text = spec("0.2", shell, &[before, ending, "echo \"$A|$B\"; basename \"$PWD\""]);
            assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
            let printed: Vec<_> =
                workplace.printed().into_iter().filter(|line| line != "bye").collect();
            assert_eq!(printed, ["it's a", "b|ü \"q\" $x", "d"], "{shell}, {ending}");
        }
    }
}

#[test]
fn what_a_command_sets_before_it_exits_is_kept() {
    let workplace = Workplace::new();
    assert_eq!(printed(&workplace.log_of(&["A=1; exit 0", "echo \"A=$A\""])), ["A=1"]);
}

#[test]
fn functions_outlive_an_exit_in_bash() {
    let workplace = Workplace::new();
    let text =
        spec("0.2", "bash", &["f() { echo f; }", "arr=(x 'y z'); exit 0", "f; echo \"${arr[1]}\""]);
    assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
    assert_eq!(workplace.printed(), ["f", "y z"]);
}

#[test]
fn options_of_the_shell_do_not_confuse_us() {
    for shell in ["sh", "bash"] {
        let workplace = Workplace::new();
        let options = "set -eufC; IFS=abcdefghijklmnopqrstuvwxyz0123456789; PATH=/nowhere";
        let text = spec("0.2", shell, &[options, "echo one", "echo two"])
            .replace("shell:", "exported-variables: [IFS, NONE], shell:");
        let ended = workplace.run(&text);
        assert_eq!(ended.outcome, Ok(()), "{shell}: {}", workplace.log());
        assert_eq!(workplace.printed(), ["one", "two"]);
        assert_eq!(ended.exported_variables["IFS"], "abcdefghijklmnopqrstuvwxyz0123456789");
        assert!(!ended.exported_variables.contains_key("NONE"));
    }
}

#[test]
fn errexit_ends_a_command_of_many_lines_at_its_first_failure() {
    let workplace = Workplace::new();
    let ended = workplace.run(&spec("0.2", "sh", &["set -e", "false\necho not here"]));
    assert_eq!(ended.outcome.unwrap_err().exit_status, Some(1));
    assert!(workplace.printed().is_empty());
}

#[test]
fn commands_read_nothing_and_may_have_here_documents_and_comments() {
    let workplace = Workplace::new();
    let text = "version: 0.2\nphases:\n  build:\n    commands:\n      - cat\n      - read line || echo none\n      - |\n        cat <<EOF\n        in the document\n        EOF\n      - 'echo last # comment'\n      - '# nothing'\n";
    assert_eq!(workplace.run(text).outcome, Ok(()), "{}", workplace.log());
    assert_eq!(workplace.printed(), ["none", "in the document", "last"]);
}

#[test]
fn the_bash_that_is_asked_for_runs() {
    let workplace = Workplace::new();
    let text = spec("0.2", "bash", &["[[ -n $BASH_VERSION ]] && echo ${BASH_VERSION:+bash}"]);
    assert_eq!(workplace.run(&text).outcome, Ok(()));
    assert_eq!(workplace.printed(), ["bash"]);
}

#[test]
fn traps_of_the_shell_run_at_the_end() {
    let workplace = Workplace::new();
    assert_eq!(
        printed(&workplace.log_of(&["trap 'echo bye' EXIT", "echo hello"])),
        ["hello", "bye"]
    );
}

#[test]
fn the_log_says_what_runs_and_keeps_what_is_printed_as_bytes() {
    let workplace = Workplace::new();
    let commands = ["printf '\\033[31m\\001\\377\\n'".to_owned()];
    let buildspec = buildspec::commands(&commands, &[], &[]).unwrap();
    assert_eq!(workplace.build.run(&buildspec, &workplace.resolver).outcome, Ok(()));
    let log = std::fs::read(&workplace.build.log).unwrap();
    assert!(log.windows(8).any(|window| window == b"\x1b[31m\x01\xff\n"));
    let log = String::from_utf8_lossy(&log);
    for said in [
        "Phase BUILD begins",
        "Running command: printf",
        "Phase BUILD ends: succeeded",
        "Build succeeded",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
}
