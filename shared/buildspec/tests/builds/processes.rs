//! What a build has started ends with it.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use buildspec::{FailureKind, PhaseStatus, ProcessGroup, Resolver};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::workplace::{Workplace, build_in};

/// A command whose children and grandchildren would outlive any test, and that writes them down.
const FAMILY: &str = "sleep 1000 & echo $! > pids; (sleep 1000 & echo $! >> pids; sh -c 'echo $$ >> pids; touch ready; sleep 1000; true')";

/// Long enough for the commands to get under way on a busy machine.
const DEADLINE: Duration = Duration::from_secs(3);

const WAIT_MAX: Duration = Duration::from_secs(20);

fn is_alive(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = status.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
    state.is_some_and(|state| !matches!(state, "Z" | "X"))
}

/// Waits, with a bound, until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < WAIT_MAX, "{what} did not happen");
        std::thread::yield_now();
    }
}

fn assert_that_all_are_gone(source: &Path) {
    let pids = fs::read_to_string(source.join("pids")).unwrap();
    assert_eq!(pids.lines().count(), 3);
    for process in pids.lines() {
        until("the end of a process", || !is_alive(process));
    }
}

#[test]
fn a_build_that_takes_too_long_is_killed_with_its_grandchildren() {
    for version in ["0.1", "0.2"] {
        let mut workplace = Workplace::new();
        workplace.build.deadline = Some(DEADLINE);
        let text = format!(
            "version: {version}\nenv: {{exported-variables: [A]}}\nphases:\n  build: {{commands: [\"{FAMILY}\"], finally: [echo no]}}\n  post_build: {{commands: [echo no]}}"
        );
        let started = Instant::now();
        let ended = workplace.run(&text);
        assert!(started.elapsed() < WAIT_MAX);
        assert_eq!(ended.phases.len(), 1);
        assert_eq!(ended.phases[0].status, PhaseStatus::TimedOut);
        let failure = ended.outcome.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TimedOut);
        assert_eq!(failure.exit_status, None);
        assert!(workplace.printed().is_empty());
        assert_that_all_are_gone(workplace.source());
        assert!(!workplace.build.scratch.exists());
    }
}

#[test]
fn a_trap_cannot_hold_up_the_end_for_ever() {
    let mut workplace = Workplace::new();
    workplace.build.deadline = Some(DEADLINE);
    let text = "version: 0.2\nphases: {build: {commands: [trap 'sleep 1000' EXIT]}}";
    let failure = workplace.run(text).outcome.unwrap_err();
    assert_eq!((failure.phase.as_str(), failure.kind), ("FINALIZING", FailureKind::TimedOut));
}

#[test]
fn what_runs_in_the_background_lives_to_the_end_of_the_build_and_no_longer() {
    let workplace = Workplace::new();
    let log = workplace.log_of(&[
        "sleep 1000 & echo $! > pids; exit 0",
        "kill -0 $(cat pids) && echo alive",
        "sh -c 'sleep 1000 & echo $! >> pids'; sleep 1000 & echo $! >> pids",
    ]);
    assert!(log.contains("\nalive\n"), "{log}");
    assert_that_all_are_gone(workplace.source());
}

/// Not a test of its own: the tests below run it in a process that leads a group.
#[test]
fn supervised() {
    let Some(directory) = std::env::var_os("SUPERVISED_BUILD_IN") else { return };
    let command = std::env::var_os("SUPERVISED_COMMAND").unwrap().into_string().unwrap();
    let directory = Path::new(&directory);
    let mut build = build_in(directory);
    build.group = ProcessGroup::Callers;
    build.deadline = std::env::var_os("SUPERVISED_DEADLINE").map(|_| DEADLINE);
    let spec = buildspec::commands(&[command], &[], &[]).unwrap();
    let ended = build.run(&spec, &Resolver::default());
    let message = ended.outcome.map_or_else(|failure| failure.message, |()| "none".to_owned());
    fs::write(directory.join("failure"), message).unwrap();
    fs::copy("/proc/self/status", directory.join("status")).unwrap();
}

fn supervisor(directory: &Path, command: &str) -> Command {
    let mut supervisor = Command::new(std::env::current_exe().unwrap());
    supervisor
        .args(["--exact", "processes::supervised"])
        .env("SUPERVISED_BUILD_IN", directory)
        .env("SUPERVISED_COMMAND", command)
        .stdout(Stdio::null())
        .process_group(0);
    supervisor
}

#[test]
fn one_signal_to_the_callers_group_ends_the_build_and_all_its_processes() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("source");
    let mut supervisor = supervisor(directory.path(), FAMILY).spawn().unwrap();
    until("the build", || source.join("ready").exists());
    kill_process_group(Pid::from_child(&supervisor), Signal::KILL).unwrap();
    assert!(!supervisor.wait().unwrap().success());
    assert_that_all_are_gone(&source);
}

#[test]
fn a_timeout_in_the_callers_group_spares_the_caller() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = supervisor(directory.path(), FAMILY);
    let status = command.env("SUPERVISED_DEADLINE", "").status().unwrap();
    assert!(status.success());
    let failure = fs::read_to_string(directory.path().join("failure")).unwrap();
    assert!(failure.contains("took longer than it may"), "{failure}");
    assert_that_all_are_gone(&directory.path().join("source"));
}

#[test]
fn a_shell_whose_caller_has_vanished_ends_after_its_command() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("source");
    let command = "mkfifo gate; echo $$ > pid; touch ready; read line < gate";
    let mut supervisor = supervisor(directory.path(), command).spawn().unwrap();
    until("the build", || source.join("ready").exists());
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    let shell = fs::read_to_string(source.join("pid")).unwrap();
    assert!(is_alive(shell.trim()));
    fs::write(source.join("gate"), "go\n").unwrap();
    until("the end of the shell", || !is_alive(shell.trim()));
}

#[test]
fn much_output_goes_to_the_log_in_little_memory() {
    const BYTES: u64 = 100_000_000;
    let directory = tempfile::tempdir().unwrap();
    let command = format!("head -c {BYTES} /dev/zero | tr '\\0' '\\033'");
    assert!(supervisor(directory.path(), &command).status().unwrap().success());
    assert_eq!(fs::read_to_string(directory.path().join("failure")).unwrap(), "none");
    assert!(fs::metadata(directory.path().join("log")).unwrap().len() > BYTES);
    let status = fs::read_to_string(directory.path().join("status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 50_000, "{kilobytes} kB at the peak");
}
