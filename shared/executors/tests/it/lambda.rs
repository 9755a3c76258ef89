//! Commands that stand for functions (contract §5.4).

use model::outcome::Outcome;

use crate::scratch::{Machine, read, with_inputs, with_outputs};

fn machine(command: &str) -> Machine {
    let mut machine = Machine::new();
    machine.site.functions.insert("fn".to_owned(), command.to_owned());
    machine
}

#[test]
fn a_function_reads_its_inputs_makes_its_outputs_and_answers() {
    let machine = machine(
        r#"mkdir "$TOWPATH_OUTPUT_Made_too" && cp "$TOWPATH_INPUT_Code/a" "$TOWPATH_OUTPUT_Made_too/b"
           echo hello; echo oops >&2
           printf '{"outputVariables":{"Size":"1"},"executionDetails":{"summary":"done"}}'"#,
    );
    let code = machine.artifact("Code", &[("a", "text")]);
    let job = machine.job("Invoke", "Lambda", &[("FunctionName", "fn")]);
    let job = with_outputs(with_inputs(job, &[&code]), &["Made-too"]);
    let (outcome, log) = machine.perform(&job);
    let Outcome::Succeeded(success) = outcome else { panic!("{outcome:?}\n{log}") };
    assert_eq!(success.variables["Size"], "1");
    assert_eq!(success.summary.as_deref(), Some("done"));
    assert_eq!(read(&machine.unpack(&success.artifacts[0]).join("b")), "text");
    assert!(log.contains("hello") && log.contains("oops"), "{log}");
}

#[test]
fn a_function_may_be_named_by_its_arn() {
    let machine = machine("true");
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:fn:live";
    machine.succeed(&machine.job("Invoke", "Lambda", &[("FunctionName", arn)]));
}

#[test]
fn a_function_that_fails_says_why() {
    for (command, said) in [
        ("exit 4", "exit status 4"),
        ("kill -9 $$", "signal 9"),
        ("echo '{\"outputVariables\":[]}'", "begins like JSON"),
        ("echo '{\"errorMessage\":\"no way\"}'", "no way"),
        ("head -c 3000000 /dev/zero | tr '\\0' x", "too long"),
    ] {
        let machine = machine(command);
        let failure = machine.fail(&machine.job("Invoke", "Lambda", &[("FunctionName", "fn")]));
        assert_eq!(failure.code, "JobFailed", "{failure:?}");
        assert!(failure.message.contains(said), "{command}: {failure:?}");
    }
}

#[test]
fn much_output_is_logged_and_the_answer_still_found() {
    let machine =
        machine("yes | head -c 3000000; echo; echo '{\"outputVariables\":{\"A\":\"1\"}}'");
    let (outcome, log) =
        machine.perform(&machine.job("Invoke", "Lambda", &[("FunctionName", "fn")]));
    let Outcome::Succeeded(success) = outcome else { panic!("{outcome:?}") };
    assert_eq!(success.variables["A"], "1");
    assert!(log.len() > 3_000_000);
}

#[test]
fn an_unknown_function_and_a_missing_output_are_named() {
    let machine = machine("true");
    let failure = machine.fail(&machine.job("Invoke", "Lambda", &[("FunctionName", "other")]));
    assert_eq!(failure.code, "ConfigurationError");
    assert!(failure.message.contains("--function other=COMMAND"), "{failure:?}");
    let job = machine.job("Invoke", "Lambda", &[("FunctionName", "fn")]);
    let failure = machine.fail(&with_outputs(job, &["Made"]));
    assert!(failure.message.contains("TOWPATH_OUTPUT_Made"), "{failure:?}");
}
