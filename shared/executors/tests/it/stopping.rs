//! A job in a process that leads its group, as it is run for real: one signal to the group ends
//! everything that the job has started.
//!
//! The programs hold the writing end of a pipe with a name. Whoever reads it to its end knows that
//! all of them are gone, without waiting for a time.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use providers::Job;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::scratch::{Machine, with_inputs};

/// Names the directory of the pipe to the process that does the work.
const PLACE: &str = "EXECUTORS_TEST_PLACE";

/// Names the job.
const KIND: &str = "EXECUTORS_TEST_KIND";

/// Not a test of its own: does a job, in the process that the tests below start.
#[test]
fn worker() {
    let (Some(place), Some(kind)) = (std::env::var_os(PLACE), std::env::var_os(KIND)) else {
        return;
    };
    let (machine, job) = machine(Path::new(&place), kind.to_str().unwrap());
    machine.perform_alone(&job);
}

/// A machine, and a job whose programs open the pipe and then stay or leave.
fn machine(place: &Path, kind: &str) -> (Machine, Job) {
    let mut machine = Machine::new();
    let fifo = place.join("fifo").display().to_string();
    let (provider, stays) = kind.split_once(' ').unwrap();
    let script = if stays == "stays" {
        format!("exec 9>{fifo}; echo begun >&9; sleep 600")
    } else {
        format!("(exec 9>{fifo}; echo begun >&9; sleep 600) & read -r line < {fifo}.go")
    };
    let job = if provider == "Lambda" {
        machine.site.functions.insert("fn".to_owned(), script);
        machine.job("Invoke", "Lambda", &[("FunctionName", "fn")])
    } else {
        let code = machine.artifact("Code", &[("a", "a")]);
        let mut job = with_inputs(machine.job("Compute", "Commands", &[]), &[&code]);
        job.commands = vec![script];
        job
    };
    (machine, job)
}

/// Starts the job of a kind, and returns once its program holds the pipe.
fn start(place: &Path, kind: &str) -> (Child, File) {
    let fifo = place.join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).arg(place.join("fifo.go")).status().unwrap();
    assert!(made.success());
    let worker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stopping::worker"])
        .env(PLACE, place)
        .env(KIND, kind)
        .process_group(0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = File::open(&fifo).unwrap();
    let mut begun = [0; 6];
    pipe.read_exact(&mut begun).unwrap();
    (worker, pipe)
}

#[test]
fn a_signal_to_the_group_ends_a_job_with_all_its_programs() {
    for kind in ["Lambda stays", "Commands stays"] {
        let place = tempfile::tempdir().unwrap();
        let (mut worker, mut pipe) = start(place.path(), kind);
        kill_process_group(Pid::from_child(&worker), Signal::KILL).unwrap();
        worker.wait().unwrap();
        assert_eq!(pipe.read(&mut [0; 10]).unwrap(), 0, "{kind}");
    }
}

#[test]
fn what_a_program_leaves_running_ends_with_its_job() {
    for kind in ["Lambda leaves", "Commands leaves"] {
        let place = tempfile::tempdir().unwrap();
        let (mut worker, mut pipe) = start(place.path(), kind);
        // Now the program may end, while what it has started holds the pipe.
        std::fs::write(place.path().join("fifo.go"), "\n").unwrap();
        assert!(worker.wait().unwrap().success());
        assert_eq!(pipe.read(&mut [0; 10]).unwrap(), 0, "{kind}");
    }
}
