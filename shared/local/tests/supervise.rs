//! What the files of a run mean, whoever is killed when.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use executors::Site;
use local::supervise::run::{RunDirectory, Stage};
use local::supervise::{stop_unwanted, tidy, work};
use model::outcome::Outcome;
use providers::Job;

fn job(provider: &str) -> Job {
    let text = format!(
        r#"{{"run_id":"r","pipeline":"p","pipeline_version":1,"execution_id":"e","execution_number":1,
            "stage":"S","action":"A","attempt":1,"category":"Deploy","owner":"AWS",
            "provider":"{provider}","region":"us-east-1"}}"#
    );
    serde_json::from_str(&text).expect("a job has a JSON form")
}

fn prepared(runs: &Path) -> RunDirectory {
    let directory = RunDirectory::new(runs, "r");
    directory.prepare(&job("OpsWorks"), &Site::default()).expect("the directory can be written");
    directory
}

fn look(directory: &RunDirectory) -> Stage {
    directory.look().expect("the directory can be read")
}

/// Looks until nobody holds the lock, for at most ten seconds. A process that another test starts
/// holds every lock of ours for the moment between its birth and its first instruction.
fn settled(directory: &RunDirectory) -> Stage {
    let begun = std::time::Instant::now();
    loop {
        let stage = look(directory);
        if stage != Stage::Running || begun.elapsed().as_secs() >= 10 {
            return stage;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_run_that_was_never_asked_for_is_absent() {
    let runs = tempfile::tempdir().unwrap();
    assert_eq!(look(&RunDirectory::new(runs.path(), "r")), Stage::Absent);
}

#[test]
fn killed_before_it_began_it_may_be_started_again() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    assert_eq!(settled(&directory), Stage::Absent);
}

#[test]
fn killed_after_it_began_it_is_lost_and_not_run_again() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    let held = directory.lock().unwrap();
    assert!(directory.begin().unwrap(), "nobody had begun");
    assert_eq!(look(&directory), Stage::Running);
    drop(held);
    assert_eq!(settled(&directory), Stage::Lost);
    // A second process finds that it had begun, and leaves it alone.
    work(directory.path()).unwrap();
    assert_eq!(settled(&directory), Stage::Lost);
}

#[test]
fn it_is_begun_once_however_many_processes_try() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    let begun: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let _held = directory.lock().unwrap();
                    usize::from(directory.begin().unwrap())
                })
            })
            .collect();
        tries.into_iter().map(|attempt| attempt.join().unwrap()).sum()
    });
    assert_eq!(begun, 1);
}

#[test]
fn the_result_is_there_whole_and_survives_another_worker() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    work(directory.path()).unwrap();
    let Stage::Ended(Outcome::Failed(failure)) = settled(&directory) else {
        panic!("OpsWorks does not run on this machine")
    };
    assert!(failure.message.contains("OpsWorks"), "{}", failure.message);
    let before = fs::read(directory.file("result.json")).unwrap();
    work(directory.path()).unwrap();
    assert_eq!(fs::read(directory.file("result.json")).unwrap(), before);
    assert!(!directory.file("work").exists(), "the work's own directory is cleared away");
}

#[test]
fn a_draft_of_a_result_is_not_a_result() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    fs::write(directory.file("result.json.4711"), "{\"Succ").unwrap();
    assert_eq!(settled(&directory), Stage::Absent);
}

#[test]
fn stopped_before_it_began_it_never_does() {
    let runs = tempfile::tempdir().unwrap();
    let directory = prepared(runs.path());
    directory.stop().unwrap();
    work(directory.path()).unwrap();
    assert_eq!(settled(&directory), Stage::Lost, "it counts as given up, and nothing was done");
    assert!(!directory.file("result.json").exists());
}

#[test]
fn stopping_ends_the_whole_process_group() {
    a_group_is_ended_by(|directory| directory.stop().unwrap());
}

#[test]
fn what_nobody_asks_for_any_more_is_stopped() {
    a_group_is_ended_by(|directory| {
        let runs = directory.path().parent().unwrap();
        let wanted = BTreeSet::from(["r".to_owned()]);
        stop_unwanted(runs, &wanted).unwrap();
        assert_eq!(look(directory), Stage::Running, "it is asked for");
        stop_unwanted(runs, &BTreeSet::new()).unwrap();
    });
}

/// Starts a run with a grandchild, and expects both to be gone afterwards.
fn a_group_is_ended_by(end: impl FnOnce(&RunDirectory)) {
    let runs = tempfile::tempdir().expect("a directory can be made");
    let directory = prepared(runs.path());
    let lock = directory.file("lock").display().to_string();
    let children = directory.file("children");
    // A leader that holds the lock, and a grandchild that ignores the polite signal.
    let script = format!(
        "exec 9>{lock}; flock -x 9; echo $$ > {started}; \
         sh -c 'trap \"\" TERM; echo $$ > {children}; exec 9>&-; while :; do sleep 1; done' & \
         while :; do sleep 1; done",
        started = directory.file("started").display(),
        children = children.display(),
    );
    let mut leader = Command::new("sh")
        .args(["-c", &script])
        .process_group(0)
        .stdout(Stdio::null())
        .spawn()
        .expect("sh can be started");
    wait_for(&children);
    assert_eq!(look(&directory), Stage::Running);
    end(&directory);
    leader.wait().expect("it can be waited for");
    let grandchild = fs::read_to_string(&children).expect("it told its id");
    let process = Path::new("/proc").join(grandchild.trim());
    assert!(is_gone(&process), "{} still runs", process.display());
}

/// Waits until a file has content, for at most ten seconds.
fn wait_for(path: &Path) {
    let begun = std::time::Instant::now();
    while fs::read_to_string(path).map_or(true, |text| text.trim().is_empty()) {
        assert!(begun.elapsed().as_secs() < 10, "{} did not appear", path.display());
        std::thread::yield_now();
    }
}

/// Whether a process has ended, or only waits to be collected, within ten seconds.
fn is_gone(process: &Path) -> bool {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < 10 {
        let status = fs::read_to_string(process.join("status")).unwrap_or_default();
        if status.is_empty() || status.contains("State:\tZ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn the_oldest_directories_are_cleared_away_unless_somebody_wants_them() {
    let runs = tempfile::tempdir().unwrap();
    for name in ["1", "2", "3", "4"] {
        let path = runs.path().join(name);
        fs::create_dir(&path).unwrap();
        let age = std::time::Duration::from_secs(1_000 - name.parse::<u64>().unwrap());
        let past = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000) - age;
        fs::File::open(&path).unwrap().set_modified(past).unwrap();
    }
    tidy(runs.path(), 2, &|name| name == "1").unwrap();
    let left: Vec<_> = ["1", "2", "3", "4"].map(|name| runs.path().join(name).exists()).to_vec();
    assert_eq!(left, [true, false, true, true]);
    tidy(&runs.path().join("absent"), 0, &|_| false).unwrap();
}
